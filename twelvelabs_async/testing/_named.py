"""What has a name, a description and metadata of the caller's own: collections, entities, knowledge stores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import attrs
from aiohttp import web

from ._clock import rfc3339
from ._http import Json, find, invalid, metadata, order, page, read_json, text
from ._platform import PLATFORM

T = TypeVar("T", bound="Named")

_LONGEST_KEY = 128


@attrs.define(eq=False, kw_only=True)
class Named:
    """Anything with a name; what it is beyond that, its class says."""

    id: str
    created_at: float
    edited_at: float = 0.0
    name: str = ""
    description: str | None = None
    metadata: Json = attrs.field(factory=dict[str, Any])

    def edit(self, body: Json, now: float) -> None:
        """Take the fields that are in a body; the others stay."""
        wanted = {"name": self.name, "description": self.description, "metadata": self.metadata, **body}
        name, own = text(wanted, "name"), own_metadata(wanted["metadata"] or {})
        self.description = text(wanted, "description") if wanted["description"] else None
        self.name, self.metadata, self.edited_at = name, own, now

    def updated_at(self, now: float) -> float:
        return self.edited_at

    def show(self, now: float) -> Json:
        shown: Json = {
            "_id": self.id,
            "name": self.name,
            "created_at": rfc3339(self.created_at),
            "updated_at": rfc3339(self.updated_at(now)),
        }
        more = {"description": self.description, "metadata": self.metadata}
        return shown | {name: value for name, value in more.items() if value}


def own_metadata(value: Any, pairs: int = 10, longest: int = 2_048) -> Json:
    """Metadata that is replaced as a whole, so that null means nothing in it (docs: Create a knowledge store)."""
    given = metadata(value, "metadata")
    texts = [text for text in given.values() if isinstance(text, str)]
    if len(given) > pairs or None in given.values() or any(len(text) > longest for text in texts):
        raise invalid("metadata", f"it has at most {pairs} pairs, no null, and no text beyond {longest} characters")
    if any(len(key) > _LONGEST_KEY for key in given):
        raise invalid("metadata", f"a key has at most {_LONGEST_KEY} characters")
    return given


def answer(request: web.Request, item: Named, *, status: int = 200) -> web.Response:
    return web.json_response(item.show(request.app[PLATFORM].now()), status=status)


def serve_named(
    routes: web.RouteTableDef,
    path: str,
    key: str,
    kind: str,
    table: Callable[[web.Request], dict[str, T]],
    states: Sequence[str] = (),
) -> Callable[[web.Request], T]:
    """Serve what is alike for all that is named: lists, retrieval, changes and deletion.

    Args:
        routes: Take the endpoints.
        path: Where the list is.
        key: The name of the id in the path.
        kind: What it is called.
        table: Finds the table that a request is about.
        states: The values of its status, if it has one, which lists are filtered by.

    Returns:
        What finds the one that a request is about.
    """

    def one(request: web.Request) -> T:
        return find(table(request), request.match_info[key], kind)

    @routes.get(path)
    async def list_(request: web.Request) -> web.Response:  # pyright: ignore[reportUnusedFunction]
        now, query = request.app[PLATFORM].now(), request.query
        wanted = {"name": query["name"]} if "name" in query else {}
        if states and "status" in query:
            wanted["status"] = text(query, "status", states)
        items = [item for item in table(request).values() if wanted.items() <= item.show(now).items()]
        ordered = order(
            request, items, lambda item: item.created_at, lambda item: item.updated_at(now), name=lambda item: item.name
        )
        return page(request, ordered, lambda item: item.show(now))

    @routes.get(f"{path}/{{{key}}}")
    async def retrieve(request: web.Request) -> web.Response:  # pyright: ignore[reportUnusedFunction]
        return answer(request, one(request))

    @routes.patch(f"{path}/{{{key}}}")
    async def update(request: web.Request) -> web.Response:  # pyright: ignore[reportUnusedFunction]
        item = one(request)
        item.edit(await read_json(request), request.app[PLATFORM].now())
        return answer(request, item)

    @routes.delete(f"{path}/{{{key}}}")
    async def delete(request: web.Request) -> web.Response:  # pyright: ignore[reportUnusedFunction]
        del table(request)[one(request).id]
        return web.Response(status=204)

    return one
