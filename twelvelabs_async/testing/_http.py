"""What every resource needs to read a request and to write an answer."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any, TypeGuard, TypeVar

import attrs
from aiohttp import BodyPartReader, web

from ._clock import parse_rfc3339
from ._platform import PLATFORM

T = TypeVar("T")
Json = dict[str, Any]

# Integers beyond this lose digits in JSON readers that know doubles only, so the API takes them as strings.
_MAX_INTEGER = 2**53 - 1


@attrs.define(eq=False)
class Request:
    """A request the emulator received.

    Attributes:
        method: In upper case.
        path: Decoded, without the version prefix: `/indexes/…`; parts of a multipart upload go to `/storage/…`.
        query: Name and value pairs, decoded, in order.
        headers: The headers; look-up ignores case.
        json: The decoded body, when it is JSON.
        form: Name and value pairs of a form; a file counts with its name.
        size: Bytes of the body that were read.
        status: Of the answer; `None` until there is one, and for ever if the connection was cut instead.
    """

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    json: Any = None
    form: list[tuple[str, str]] | None = None
    size: int = 0
    status: int | None = None


RECEIVED = web.RequestKey("received", Request)


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


async def read_json(request: web.Request) -> Json:
    """The request's body, which has to be a JSON object."""
    try:
        body = json.loads(await request.read())
    except ValueError as error:
        raise Refused(400, "parameter_invalid", f"The request body is not valid JSON: {error}.") from None
    request[RECEIVED].json = body
    return an_object(body, "body")


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


def boolean(value: Any, name: str, default: bool = False) -> bool:
    """A boolean, or `true` or `false` as found in a query or form."""
    if value is None:
        return default
    if value in (True, "true"):
        return True
    if value in (False, "false"):
        return False
    raise invalid(name, "it has to be true or false")


def moment(value: str, name: str) -> float:
    try:
        return parse_rfc3339(value)
    except ValueError:
        raise invalid(name, "it has to be a date and time in the RFC 3339 format") from None


def metadata(value: Any, name: str = "user_metadata") -> Json:
    """User-defined metadata: an object, or its JSON as found in a form, of strings, numbers, booleans, string lists."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise invalid(name, "it has to be a JSON object") from None
    result = an_object(value, name)
    for key, item in result.items():
        if isinstance(item, int) and abs(item) > _MAX_INTEGER:
            raise invalid(name, f"the integer {key!r} is beyond ±(2^53-1); send it as a string")
        texts = a_list(item, name, 0, _MAX_INTEGER) if isinstance(item, list) else []
        if isinstance(item, dict) or not all(isinstance(text, str) for text in texts):
            raise invalid(name, f"{key!r} has to be a string, a number, a boolean, or a list of strings")
    return result


def new_metadata(value: Any) -> Json:
    """The metadata a resource starts with; empty values are left out."""
    return {key: item for key, item in metadata(value or {}).items() if item is not None and item not in ("", [])}


def merge_metadata(stored: MutableMapping[str, Any], changes: Json) -> None:
    """Apply a PATCH: keys are merged, `null` deletes one, an empty string changes nothing."""
    for key, item in changes.items():
        if item is None:
            stored.pop(key, None)
        elif item != "":
            stored[key] = item


def page(
    request: web.Request,
    items: Sequence[T],
    show: Callable[[T], Json],
    *,
    field: str = "data",
    also: Mapping[str, Any] | None = None,
) -> web.Response:
    """One page of a list, as the query's `page` and `page_limit` ask for; only its items are rendered."""
    wanted = integer(request.query.get("page", 1), "page", 1, _MAX_INTEGER)
    limit = integer(request.query.get("page_limit", 10), "page_limit", 1, 50)
    pages = math.ceil(len(items) / limit)
    if request.app[PLATFORM].clamp_pages:
        wanted = max(1, min(wanted, pages))
    first = (wanted - 1) * limit
    info = {"limit_per_page": limit, "page": wanted, "total_page": pages, "total_results": len(items)}
    return web.json_response(
        {**(also or {}), field: [show(item) for item in items[first : first + limit]], "page_info": info}
    )


def order(
    request: web.Request,
    items: Sequence[T],
    created_at: Callable[[T], float],
    updated_at: Callable[[T], float],
    **others: Callable[[T], Any],
) -> list[T]:
    """Sort a list, given oldest first, by the query's `sort_by` and `sort_option`."""
    keys: dict[str, Callable[[T], Any]] = {"created_at": created_at, "updated_at": updated_at, **others}
    by = text({"sort_by": "created_at", **request.query}, "sort_by", list(keys))
    direction = text({"sort_option": "desc", **request.query}, "sort_option", ["asc", "desc"])
    ordered = sorted(items, key=keys[by])
    return ordered if direction == "asc" else ordered[::-1]


@attrs.frozen
class FormFile:
    """A file received in a form, stored in the emulator's folder."""

    field: str
    name: str
    content_type: str
    path: Path
    size: int


@attrs.frozen
class Form:
    """A multipart form. `fields` holds the last value of each field, `values` all of one that may be repeated."""

    pairs: list[tuple[str, str]]
    files: list[FormFile]

    @property
    def fields(self) -> dict[str, str]:
        return dict(self.pairs)

    def values(self, name: str) -> list[str]:
        return [value for field, value in self.pairs if field == name]


async def read_form(request: web.Request, *, max_file_size: int) -> Form:
    """Read a multipart form; files go straight to disk."""
    if request.content_type != "multipart/form-data":
        raise Refused(400, "parameter_invalid", "The request body has to be multipart/form-data.")
    try:
        return await _read_parts(request, max_file_size)
    except (ValueError, LookupError) as error:
        raise Refused(400, "parameter_invalid", f"The request body is not a valid form: {error}.") from None


async def _read_parts(request: web.Request, max_file_size: int) -> Form:
    form = Form([], [])
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise Refused(400, "parameter_invalid", "The request body must not nest multipart parts.")
        name = part.name or ""
        if part.filename is None:
            form.pairs.append((name, await part.text()))
            continue
        with tempfile.NamedTemporaryFile(dir=request.app[PLATFORM].folder, delete=False) as file:
            while chunk := await part.read_chunk(1 << 18):
                file.write(chunk)
                if file.tell() > max_file_size:
                    raise invalid(name, f"the file is larger than {max_file_size} bytes")
            size = file.tell()
        content_type = part.headers.get("Content-Type", "application/octet-stream")
        form.files.append(FormFile(name, part.filename, content_type, Path(file.name), size))
    request[RECEIVED].form = [*form.pairs, *((file.field, file.name) for file in form.files)]
    return form
