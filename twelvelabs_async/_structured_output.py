"""Structured output: instances of a user's classes from answers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, get_args

from cattrs import Converter, transform_error
from cattrs.cols import list_structure_factory
from cattrs.gen import make_dict_structure_fn, override

from ._class_fields import class_fields, has_fields
from ._json_schemas import UNIONS, json_schema
from ._response_values import shown
from .errors import APIResponseError, InvalidArgumentError
from .models._answer_moments import without_fence
from .models._wire import loads, with_origin
from .options import OMIT

if TYPE_CHECKING:
    from typing_extensions import TypeVar as TypeVarWithDefault

    from .models.analyze import NonStreamAnalyzeResponse
    from .models.analyze_async import AnalyzeTaskResponse
    from .models.responses import ResponseObject

    # Return types of methods that accept `into`; without it the defaults apply, which `typing` has from Python 3.13 on.
    Analysis = TypeVarWithDefault("Analysis", default=NonStreamAnalyzeResponse)
    TaskAnalysis = TypeVarWithDefault("TaskAnalysis", default=AnalyzeTaskResponse)
    Response = TypeVarWithDefault("Response", default=ResponseObject)
    Content = TypeVarWithDefault("Content", default=Any)
else:
    Analysis, TaskAnalysis, Response, Content = map(TypeVar, ("Analysis", "TaskAnalysis", "Response", "Content"))

__all__ = ["from_json"]

T = TypeVar("T")
Hook = Callable[[Any, Any], Any]


def from_json(text: str, cls: type[T]) -> T:
    """Make an instance of a class from an answer in JSON, alone or in a fenced block of Markdown.

    Raises:
        APIResponseError: The text, kept in ``body``, is not JSON or does not fit the class exactly.

    Example:
        >>> from_json('{"title": "Cake", "minutes": null, "steps": ["Bake."]}', Recipe)
        Recipe(title='Cake', minutes=None, steps=['Bake.'])
    """
    try:
        data = loads(without_fence(text).encode(errors="surrogatepass"))
    except (ValueError, RecursionError, TypeError) as error:
        reason = f"is not JSON ({error})"
    else:
        try:
            return strict.structure(data, cls)
        except Exception as error:  # validators of the class may raise any exception
            reason = f"does not fit {cls.__name__}: {'; '.join(transform_error(error))}"
    raise APIResponseError(f"The answer {reason}: {shown(text)}", body=text)


def format_for(into: type | None, response_format: Any) -> Any:
    """Return the ``response_format`` of a request: the schema of *into*, or the caller's if *into* is ``None``."""
    if into is None:
        return response_format
    if response_format is not OMIT:
        raise InvalidArgumentError("Both into and response_format are given. Leave out response_format: into sets it.")
    return {"type": "json_schema", "json_schema": json_schema(into)}


def from_analysis(text: str | None, finish_reason: str | None, into: type[T]) -> T:
    """Make an instance of *into* from the answer of an analysis.

    Raises:
        APIResponseError: The answer was cut off, or does not fit.
    """
    if finish_reason == "length":
        raise APIResponseError("The answer was cut off at max_tokens. Raise max_tokens, or ask for less.", body=text)
    return from_json(text or "", into)


# Instances. A converter of its own, because it has to be strict where the one for responses is lenient: the stock hooks
# of cattrs would convert numbers and lists to strings.
strict: Final = Converter(forbid_extra_keys=True)


def _only(types: tuple[type, ...], hook: Hook) -> Hook:
    """Return a hook that accepts values of exactly these *types* and passes them to *hook*."""

    def structure(value: Any, kind: Any) -> Any:
        if type(value) not in types:
            raise TypeError(f"Expected {' or '.join(each.__name__ for each in types)}; got {type(value).__name__}.")
        return hook(value, kind)

    return structure


@strict.register_structure_hook_factory(has_fields)
def _instance_hook(cls: Any) -> Hook:
    def structure_as(kind: Any) -> Hook:
        return lambda value, _: strict.structure(value, kind)

    # cattrs does not resolve names inside of other types, such as ``list["Step"]``.
    hooks: dict[str, Any] = {field.name: override(struct_hook=structure_as(field.kind)) for field in class_fields(cls)}
    return _only((dict,), make_dict_structure_fn(cls, strict, **hooks))


@strict.register_structure_hook_factory(with_origin(list))
def _list_hook(kind: Any) -> Hook:
    return _only((list,), list_structure_factory(kind, strict))


@strict.register_structure_hook_factory(with_origin(*UNIONS))
def _union_hook(union: Any) -> Hook:
    """Return a hook that tries the members in their order, and reports the error of the last one that is not None."""
    *others, last = sorted(get_args(union), key=lambda member: member is not NoneType)

    def structure(value: Any, _: Any) -> Any:
        for member in others:
            with suppress(Exception):
                return strict.structure(value, member)
        return strict.structure(value, last)

    return structure


@strict.register_structure_hook_factory(with_origin(Literal))
def _literal_hook(kind: Any) -> Hook:
    choices: list[tuple[type, Any]] = [(type(choice), choice) for choice in get_args(kind)]

    def structure(value: Any, _: Any) -> Any:
        if (type(value), value) not in choices:  # a literal 1 is not True
            raise ValueError(f"Expected one of {get_args(kind)}; got {value!r}.")
        return value

    return structure


for _kind, _types in ((str, (str,)), (int, (int,)), (float, (int, float)), (bool, (bool,))):
    strict.register_structure_hook(_kind, _only(_types, lambda value, kind: kind(value)))
strict.register_structure_hook(NoneType, _only((NoneType,), lambda value, _: value))
