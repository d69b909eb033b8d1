"""What has a name, a description and metadata of the caller's own: collections, entities, knowledge stores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import attrs
from aiohttp import web

from ._clock import rfc3339
from ._http import answer, order, page, read_json, serve
from ._input import Json, pick, text, texts
from ._metadata import own_metadata
from ._platform import PLATFORM

T = TypeVar("T", bound="Named")


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


def begin(request: web.Request, kind: Callable[..., T], body: Json, *, prefix: str = "", **own: Any) -> T:
    """A new one, as a body describes it."""
    platform = request.app[PLATFORM]
    named = kind(id=f"{prefix}{platform.new_id()}", created_at=platform.now(), **own)
    named.edit(body, platform.now())
    return named


def serve_named(
    routes: web.RouteTableDef,
    path: str,
    kind: str,
    table: Callable[[web.Request], dict[str, T]],
    states: Sequence[str] = (),
) -> Callable[[web.Request], T]:
    """Serve lists and changes too, beyond what `serve` does; lists are filtered by `states`, if there are any."""
    one = serve(routes, path, kind, table)

    @routes.get(path.rpartition("/")[0])
    async def list_(request: web.Request) -> web.Response:  # pyright: ignore[reportUnusedFunction]
        now, query = request.app[PLATFORM].now(), request.query
        wanted = pick(dict(query), "name", *(["status"] if states else []))
        texts([wanted["status"]] if "status" in wanted else [], "status", states)
        items = [item for item in table(request).values() if wanted.items() <= item.show(now).items()]
        return page(request, order(request, items, "name"), lambda item, now: item.show(now))

    @routes.patch(path)
    async def update(request: web.Request) -> web.Response:  # pyright: ignore[reportUnusedFunction]
        item = one(request)
        item.edit(await read_json(request), request.app[PLATFORM].now())
        return answer(request, item)

    return one
