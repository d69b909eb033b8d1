"""Answers as instances of one's own classes: a JSON schema made of a class, and an instance made of JSON."""

from __future__ import annotations

import dataclasses
import inspect
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from enum import Enum
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import attrs
from cattrs import Converter, transform_error
from cattrs.cols import list_structure_factory
from cattrs.gen import make_dict_structure_fn, override

from .errors import APIResponseError
from .options import OMIT

if TYPE_CHECKING:
    from typing_extensions import TypeVar as TypeVarWithDefault

    from .models.analyze import NonStreamAnalyzeResponse
    from .models.analyze_async import AnalyzeTaskResponse
    from .models.responses import ResponseObject

    # What methods with `into` return: an instance of it, or this without it. `typing` knows no defaults before 3.13.
    Analysis = TypeVarWithDefault("Analysis", default=NonStreamAnalyzeResponse)
    TaskAnalysis = TypeVarWithDefault("TaskAnalysis", default=AnalyzeTaskResponse)
    Response = TypeVarWithDefault("Response", default=ResponseObject)
else:
    Analysis, TaskAnalysis, Response = map(TypeVar, ("Analysis", "TaskAnalysis", "Response"))

__all__ = ["from_json", "json_schema"]

T = TypeVar("T")
Json = dict[str, Any]
Hook = Callable[[Any, Any], Any]

TYPES: Final = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}


def json_schema(cls: type) -> dict[str, Any]:
    """Make the JSON schema of an attrs class or a dataclass, of the keywords that the API supports.

    Fields may be strings, numbers, booleans, enums and literals of these, other such classes, lists, dicts by strings,
    and unions of all that, None included. A field with a default may be missing in what analyses answer. Docstrings
    become descriptions. The API cannot be told what is to be in a dict: say it in the prompt, or use a list of a class.

    Raises:
        TypeError: There is something else in the class.

    Example:
        ::

            @attrs.define
            class Recipe:
                title: str
                minutes: int | None
                steps: list[str]

            json_format = {"type": "json_schema", "json_schema": json_schema(Recipe)}
            async for event in client.analyze_stream(video=video, prompt="…", response_format=json_format): ...
    """
    if not _is_class(cls):
        raise TypeError(f"An answer can be made into an attrs class or a dataclass, not into {cls!r}.")
    parts: dict[type, Json] = {}
    schema = _object(cls, parts)
    named = {part.__name__: parts[part] for part in parts}
    if len(named) < len(parts):
        raise TypeError(f"Two classes in {cls.__name__} have the same name: {[*parts]}")
    return {**schema, "$defs": named} if named else schema


def from_json(text: str, cls: type[T]) -> T:
    """Make an instance of a class of the JSON that an answer consists of.

    Raises:
        APIResponseError: It is no JSON, or does not fit the class exactly; the text is in ``body``.

    Example:
        >>> from_json('{"title": "Cake", "minutes": null, "steps": ["Bake."]}', Recipe)
        Recipe(title='Cake', minutes=None, steps=['Bake.'])
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = f"is not JSON ({error})"
    else:
        try:
            return strict.structure(data, cls)
        except Exception as error:  # the class, too, may raise anything
            reason = f"does not fit {cls.__name__}: {'; '.join(transform_error(error))}"
    raise APIResponseError(f"The answer {reason}: {text[:100]!r}", body=text)


def format_for(into: type | None, given: Any) -> Any:
    """The ``response_format`` that makes an answer fit *into*; what was given if that is None."""
    if into is None:
        return given
    if given is not OMIT:
        raise ValueError("into makes the response_format: give one of the two.")
    return {"type": "json_schema", "json_schema": json_schema(into)}


def from_analysis(text: str | None, finish_reason: str | None, into: type[T]) -> T:
    """Make an instance of *into* of what an analysis answered, if that is all of it."""
    if finish_reason == "length":
        raise APIResponseError("The answer was cut at max_tokens: raise max_tokens, or ask for less.", body=text)
    return from_json(text or "", into)


def _is_class(kind: Any) -> bool:
    return isinstance(kind, type) and (attrs.has(kind) or dataclasses.is_dataclass(kind))


def _object(cls: type, parts: dict[type, Json]) -> Json:
    fields = [*_fields(cls)]
    schema: Json = {
        "type": "object",
        "properties": {name: _schema(kind, f"{cls.__name__}.{name}", parts) for name, kind, _ in fields},
        "required": [name for name, _, required in fields if required],
    }
    made_up = f"{cls.__name__}("  # begins the docstring that a dataclass without one gets
    if cls.__doc__ and not cls.__doc__.startswith(made_up):
        schema["description"] = inspect.cleandoc(cls.__doc__)
    return schema


def _fields(cls: Any) -> Iterator[tuple[str, Any, bool]]:
    """The fields of a class: name, type, and whether there has to be a value."""
    try:
        hints = get_type_hints(cls)
    except NameError as error:
        raise TypeError(f"{cls.__name__}: {error} outside of functions, where types are sought by name.") from None
    if attrs.has(cls):
        for field in attrs.fields(cls):
            if field.init:
                yield field.name, hints[field.name], field.default is attrs.NOTHING
    else:
        for field in dataclasses.fields(cls):
            if field.init:
                required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
                yield field.name, hints[field.name], required


def _schema(kind: Any, place: str, parts: dict[type, Json]) -> Json:
    """The schema of a type; classes in it are added to *parts*."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind in TYPES:
        return {"type": TYPES[kind]}
    if origin in (Union, UnionType):
        return {"anyOf": [_schema(member, place, parts) for member in inner]}
    if origin is list:
        return {"type": "array", "items": _schema(inner[0], place, parts)}
    if origin is dict and inner[0] is str and _schema(inner[1], place, parts):
        return {"type": "object"}  # the API refuses additionalProperties
    if _is_class(kind):
        if kind not in parts:
            parts[kind] = {}  # for now: it may be in itself
            parts[kind] = _object(kind, parts)
        return {"$ref": f"#/$defs/{kind.__name__}"}
    choices: list[Any] = [*inner] if origin is Literal else []
    if isinstance(kind, type) and issubclass(kind, Enum):
        choices = [member.value for member in kind]
    if choices and all(type(choice) in TYPES for choice in choices):
        return {"enum": choices}
    raise TypeError(f"{place}: the API knows no type for {kind!r}.")


def _is(*origins: Any) -> Callable[[Any], bool]:
    return lambda kind: get_origin(kind) in origins


def _instance(cls: type) -> Hook:
    def structured_as(kind: Any) -> Hook:
        return lambda value, _: strict.structure(value, kind)

    # The types as `_fields` has them: cattrs does not look up names inside of others, as in `list["Step"]`.
    hooks: dict[str, Any] = {name: override(struct_hook=structured_as(kind)) for name, kind, _ in _fields(cls)}
    return cast("Hook", make_dict_structure_fn(cls, strict, **hooks))


def _only(kinds: tuple[type, ...], build: Hook) -> Hook:
    def checked(value: Any, kind: Any) -> Any:
        if type(value) not in kinds:
            raise TypeError(f"it is a {type(value).__name__}")
        return build(value, kind)

    return checked


def _first_fit(union: Any) -> Hook:
    *others, last = sorted(get_args(union), key=lambda member: member is not NoneType)

    def structure(value: Any, _: Any) -> Any:
        for member in others:
            with suppress(Exception):
                return strict.structure(value, member)
        return strict.structure(value, last)

    return structure


def _literal(kind: Any) -> Hook:
    choices: list[tuple[type, Any]] = [(type(choice), choice) for choice in get_args(kind)]

    def structure(value: Any, _: Any) -> Any:
        if (type(value), value) not in choices:
            raise ValueError(f"{value!r} is another word")
        return value

    return structure


# Each type as JSON has it: cattrs by itself makes a number of a text, and a list, too.
strict: Final = Converter(forbid_extra_keys=True)
_PRIMITIVES: Final[dict[type, tuple[type, ...]]] = {str: (str,), int: (int,), float: (int, float), bool: (bool,)}
_FACTORIES: Final[list[tuple[Callable[[Any], bool], Callable[[Any], Hook]]]] = [
    (_is_class, lambda kind: _only((dict,), _instance(kind))),
    (_is(list), lambda kind: _only((list,), list_structure_factory(kind, strict))),
    (_is(Union, UnionType), _first_fit),
    (_is(Literal), _literal),
]
for _kind, _found in _PRIMITIVES.items():
    strict.register_structure_hook(_kind, _only(_found, lambda value, kind: kind(value)))
strict.register_structure_hook(NoneType, _only((NoneType,), lambda value, _: value))
for _applies, _factory in _FACTORIES:
    strict.register_structure_hook_factory(_applies, _factory)
