"""What every resource needs to read a request and to write an answer."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar
from uuid import uuid4

import attrs
from aiohttp import BodyPartReader, content_disposition_filename, parse_content_disposition, web

from ._input import MAX_INTEGER, Json, Refused, an_object, find, integer, invalid, text
from ._platform import PLATFORM

T = TypeVar("T")
S = TypeVar("S", str, bytes)


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


async def read_json(request: web.Request) -> Json:
    """The request's body, which has to be a JSON object."""
    try:
        body = json.loads(await request.read())
    except ValueError as error:
        raise Refused(400, "parameter_invalid", f"The request body is not valid JSON: {error}.") from None
    request[RECEIVED].json = body
    return an_object(body, "body")


class Shown(Protocol):
    """What shows itself as JSON."""

    @property
    def id(self) -> str: ...

    def show(self, now: float) -> Json: ...


class Aging(Protocol):
    """What lists can be sorted by."""

    @property
    def created_at(self) -> float: ...

    def updated_at(self, now: float) -> float: ...


O = TypeVar("O", bound=Shown)  # noqa: E741 - an object
A = TypeVar("A", bound=Aging)


def answer(request: web.Request, item: Shown, *, status: int = 200) -> web.Response:
    return web.json_response(item.show(request.app[PLATFORM].now()), status=status)


def serve(
    routes: web.RouteTableDef,
    path: str,
    kind: str,
    table: Callable[[web.Request], dict[str, O]],
    *,
    status: int = 400,
    check: Callable[[O, float], None] = lambda _, now: None,
) -> Callable[[web.Request], O]:
    """Serve retrieval and deletion at a path that ends with an id; return what finds the one a request is about.

    `status` answers for an unknown id, and `check` refuses to delete one that is needed.
    """
    key = path.rpartition("{")[2].removesuffix("}")

    def one(request: web.Request) -> O:
        return find(table(request), request.match_info[key], kind, status=status)

    @routes.get(path)
    async def retrieve(request: web.Request) -> web.Response:  # pyright: ignore[reportUnusedFunction]
        return answer(request, one(request))

    @routes.delete(path)
    async def delete(request: web.Request) -> web.Response:  # pyright: ignore[reportUnusedFunction]
        item = one(request)
        check(item, request.app[PLATFORM].now())
        del table(request)[item.id]
        return web.Response(status=204)

    return one


def page(
    request: web.Request,
    items: Sequence[T],
    show: Callable[[T, float], Json],
    *,
    field: str = "data",
    also: Mapping[str, Any] | None = None,
) -> web.Response:
    """One page of a list, as the query's `page` and `page_limit` ask for; only its items are rendered."""
    now = request.app[PLATFORM].now()
    wanted = integer(request.query.get("page", 1), "page", 1, MAX_INTEGER)
    limit = integer(request.query.get("page_limit", 10), "page_limit", 1, 50)
    pages = math.ceil(len(items) / limit)
    first = (wanted - 1) * limit
    info = {"limit_per_page": limit, "page": wanted, "total_page": pages, "total_results": len(items)}
    shown = [show(item, now) for item in items[first : first + limit]]
    return web.json_response({**(also or {}), field: shown, "page_info": info})


def order(request: web.Request, items: Iterable[A], *others: str) -> list[A]:
    """Sort a list, given oldest first, by the query's `sort_by` and `sort_option`; `others` names more sort keys."""
    now = request.app[PLATFORM].now()
    by = text({"sort_by": "created_at", **request.query}, "sort_by", ["created_at", "updated_at", *others])
    direction = text({"sort_option": "desc", **request.query}, "sort_option", ["asc", "desc"])
    ordered = sorted(items, key=lambda item: item.updated_at(now) if by == "updated_at" else getattr(item, by))
    return ordered if direction == "asc" else ordered[::-1]


def pieces(whole: S, size: int) -> list[S]:
    return [whole[start : start + size] for start in range(0, len(whole), size)]


async def send_pieces(request: web.Request, content_type: str, parts: Iterable[str | bytes]) -> web.StreamResponse:
    """Answer in parts, each sent by itself."""
    response = web.StreamResponse(headers={"Content-Type": content_type})
    await response.prepare(request)
    for part in parts:
        await response.write(part.encode() if isinstance(part, str) else part)
    return response


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
    content_type, _, _ = request.headers.get("Content-Type", "").lower().partition(";")
    if content_type.strip() != "multipart/form-data":
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
        _, parameters = parse_content_disposition(part.headers.get("Content-Disposition"))
        name = content_disposition_filename(parameters, "name") or ""
        filename = content_disposition_filename(parameters)
        if filename is None:
            form.pairs.append((name, await part.text()))
            continue
        path = request.app[PLATFORM].folder / uuid4().hex
        with path.open("wb") as file:
            while chunk := await part.read_chunk(1 << 18):
                file.write(chunk)
                if file.tell() > max_file_size:
                    raise invalid(name, f"the file is larger than {max_file_size} bytes")
            size = file.tell()
        content_type = part.headers.get("Content-Type", "application/octet-stream")
        form.files.append(FormFile(name, filename, content_type, path, size))
    request[RECEIVED].form = [*form.pairs, *((file.field, file.name) for file in form.files)]
    return form
