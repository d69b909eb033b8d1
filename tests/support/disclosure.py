"""All text by which an exception can disclose a secret."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

DEPTH = 6


def disclosed_text(error: BaseException, *, variables: bool = False) -> str:
    """Return the messages, attributes, causes and tracebacks of *error*, as a logger may write them.

    Args:
        error: The exception.
        variables: Include the local variables of each frame, as error trackers do: their reprs, and those of what
            they contain, as rich and Sentry show them. Contexts that ``from None`` hides are included.
    """
    texts = traceback.TracebackException.from_exception(error, capture_locals=variables).format()
    return "\n".join([*texts, *_texts(error, DEPTH if variables else 0, set())])


def _texts(value: Any, depth: int, seen: set[int]) -> Iterator[str]:
    if id(value) in seen:
        return
    seen.add(id(value))
    yield repr(value)
    if isinstance(value, BaseException):
        yield str(value)
        yield repr(vars(value))
        for other in (value.__cause__, value.__context__, *getattr(value, "exceptions", ()), *_exceptions_in(value)):
            yield from _texts(other, depth, seen)
        for frame, _ in traceback.walk_tb(value.__traceback__ if depth else None):
            for name, variable in list(frame.f_locals.items()):
                yield name
                yield from _texts(variable, depth, seen)
    elif depth:
        for part in _parts(value):
            yield from _texts(part, depth - 1, seen)


def _exceptions_in(error: BaseException) -> list[BaseException]:
    return [value for value in vars(error).values() if isinstance(value, BaseException)]


def _parts(value: Any) -> list[Any]:
    """Return what rich and Sentry show of a variable besides its repr."""
    if isinstance(value, Mapping):
        mapping: Mapping[Any, Any] = value
        return [*mapping.keys(), *mapping.values()]
    if isinstance(value, list | tuple | set | frozenset):
        items: Iterable[Any] = value
        return list(items)
    cls: type[Any] = type(value)
    if attrs.has(cls):
        return [getattr(value, field.name, None) for field in attrs.fields(cls) if field.repr]
    if type(value).__module__.startswith("twelvelabs_async"):
        return list(getattr(value, "__dict__", {}).values())
    return []
