"""What a request holds, checked, and how it is refused."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeGuard, TypeVar

from aiohttp import web

from ._clock import parse_rfc3339

T = TypeVar("T")
Json = dict[str, Any]

# Integers beyond this lose digits in JSON readers that know doubles only, so the API takes them as strings.
MAX_INTEGER = 2**53 - 1
# Where errors are nested in `error`; everywhere else they are flat.
_NESTED = ("/embed-v2", "/analyze/tasks", "/analyze/batches")
_FLAT = (("GET", "/embed-v2/tasks"), ("GET", "/analyze/tasks"))


class Refused(Exception):
    """The request cannot be served: the answer is an error (docs: Error codes)."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code

    def answer(self, method: str, path: str) -> web.Response:
        error = {"code": self.code, "message": str(self)}
        nested = path.startswith(_NESTED) and (method, path) not in _FLAT
        return web.json_response({"error": error} if nested else error, status=self.status)


def invalid(parameter: str, why: str) -> Refused:
    return Refused(400, "parameter_invalid", f"The {parameter} parameter is invalid: {why}.")


def missing(parameter: str) -> Refused:
    return Refused(400, "parameter_not_provided", f"The {parameter} parameter is required but was not provided.")


def find(table: dict[str, T], identifier: str, kind: str, *, status: int = 400) -> T:
    """Look up a resource by its id; `status` is what this operation's page gives for an unknown one."""
    if identifier not in table:
        raise Refused(status, "resource_not_exist", f"The {kind} with the id {identifier} does not exist.")
    return table[identifier]


def _is_object(value: object) -> TypeGuard[Json]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def an_object(value: Any, name: str) -> Json:
    if not _is_object(value):
        raise invalid(name, "it has to be an object")
    return value


def a_list(value: Any, name: str, low: int, high: int) -> list[Any]:
    """A list of so many items."""
    if not _is_list(value) or not low <= len(value) <= high:
        raise invalid(name, f"it has to be a list of {low} to {high} items")
    return value


def ids(body: Mapping[str, Any], name: str, most: int) -> list[str]:
    """A required list of ids, each once."""
    given = a_list(required(body, name), name, 1, most)
    if not all(isinstance(identifier, str) for identifier in given):
        raise invalid(name, "it has to be a list of strings")
    return list(dict.fromkeys(given))


def required(body: Mapping[str, Any], name: str) -> Any:
    """A value that must be there."""
    value = body.get(name)
    if value is None or value == "":
        raise missing(name)
    return value


def text(body: Mapping[str, Any], name: str, choices: Sequence[str] = ()) -> str:
    """A required string of a body or form."""
    value = required(body, name)
    if not isinstance(value, str):
        raise invalid(name, "it has to be a string")
    if choices and value not in choices:
        raise invalid(name, f"{value!r} is none of {', '.join(choices)}")
    return value


def texts(values: Iterable[Any], name: str, choices: Sequence[str]) -> list[str]:
    """The values of a list, or of a parameter that may be repeated, each one of some choices."""
    return [text({name: value}, name, choices) for value in values]


def number(value: Any, name: str, low: float = -math.inf, high: float = math.inf) -> float:
    """A number, or its text as found in a query or form, between two limits."""
    try:
        result = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        result = math.nan
    if not low <= result <= high:
        raise invalid(name, f"it has to be a number from {low:g} to {high:g}")
    return result


def integer(value: Any, name: str, low: int, high: int) -> int:
    result = number(value, name, low, high)
    if not result.is_integer():
        raise invalid(name, "it has to be an integer")
    return int(result)


def boolean(body: Mapping[str, Any], name: str, default: bool = False) -> bool:
    """A boolean, or `true` or `false` as found in a query or form."""
    value = body.get(name)
    if value is None:
        return default
    if value in (True, "true"):
        return True
    if value in (False, "false"):
        return False
    raise invalid(name, "it has to be true or false")


def moment(query: Mapping[str, str], name: str, otherwise: float = -math.inf) -> float:
    """A time in a query."""
    try:
        return parse_rfc3339(query[name]) if name in query else otherwise
    except ValueError:
        raise invalid(name, "it has to be a date and time in the RFC 3339 format") from None


def known(facts: Json) -> Json:
    """Those of some facts that are known."""
    return {name: value for name, value in facts.items() if value is not None}


def pick(shown: Json, *names: str) -> Json:
    """The fields with these names, in their order, as far as there are such fields."""
    return {name: shown[name] for name in names if name in shown}
