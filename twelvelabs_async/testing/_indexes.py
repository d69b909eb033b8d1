"""Indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from aiohttp import web

from ._clock import rfc3339
from ._http import order, page, read_json, serve
from ._input import Json, Refused, a_list, an_object, find, invalid, moment, required, text
from ._platform import PLATFORM

if TYPE_CHECKING:
    from ._indexed_assets import IndexedAsset

routes = web.RouteTableDef()

# docs: Retrieve an index. The Free plan keeps an index for 90 days.
_LIFETIME = 90 * 24 * 3600.0
_MODELS = ("marengo2.7", "marengo3.0", "marengo3.5", "pegasus1.2", "pegasus1.5", "pegasus1.6")
_OPTIONS = ("visual", "audio")


@attrs.define(eq=False)
class Index:
    """An index and the assets in it."""

    id: str
    name: str
    models: list[Json]
    addons: list[str]
    created_at: float
    edited_at: float
    indexed_assets: dict[str, IndexedAsset] = attrs.field(factory=dict[str, "IndexedAsset"])
    changes: int = 0

    @property
    def expires_at(self) -> float:
        return self.created_at + _LIFETIME

    def updated_at(self, now: float) -> float:
        return self.edited_at

    def model(self, family: str) -> str | None:
        """The name of the index's model of a family: `marengo` or `pegasus`."""
        names = (str(model["model_name"]) for model in self.models)
        return next((name for name in names if name.startswith(family)), None)

    def ready(self, now: float) -> list[IndexedAsset]:
        return [item for item in self.indexed_assets.values() if item.status(now) == "ready"]

    def volume(self, now: float) -> tuple[int, float]:
        """How many assets are ready, and their seconds."""
        ready = self.ready(now)
        return len(ready), round(sum(item.asset.media.duration or 0.0 for item in ready), 3)

    def show(self, now: float) -> Json:
        count, duration = self.volume(now)
        return {
            "_id": self.id,
            "index_name": self.name,
            "models": self.models,
            "addons": self.addons,
            "video_count": count,
            "total_duration": duration,
            "created_at": rfc3339(self.created_at),
            "updated_at": rfc3339(self.edited_at),
            "expires_at": rfc3339(self.expires_at),
        }


INDEXES = web.AppKey("indexes", dict[str, Index])
tables = (INDEXES,)


def live_indexes(request: web.Request) -> dict[str, Index]:
    """All indexes that have not expired."""
    now = request.app[PLATFORM].now()
    table = request.app[INDEXES]
    for index in [index for index in table.values() if index.expires_at <= now]:
        del table[index.id]
    return table


def find_index(request: web.Request, identifier: str, *, status: int = 400) -> Index:
    return find(live_indexes(request), identifier, "index", status=status)


def indexed_assets(request: web.Request) -> dict[str, IndexedAsset]:
    """What is in all indexes, oldest indexes first."""
    return {item.id: item for index in live_indexes(request).values() for item in index.indexed_assets.values()}


def _unused_name(request: web.Request, body: Json) -> str:
    name = text(body, "index_name")
    if any(index.name == name for index in live_indexes(request).values()):
        raise Refused(400, "index_name_already_exists", f"The index name {name} already exists. Use another name.")
    return name


def _models(body: Json) -> list[Json]:
    models: list[Json] = []
    for model in a_list(required(body, "models"), "models", 1, len(_MODELS)):
        given = an_object(model, "models")
        name = text(given, "model_name", _MODELS)
        options = a_list(required(given, "model_options"), "model_options", 1, len(_OPTIONS))
        if not {*options} <= {*_OPTIONS}:
            raise invalid("model_options", f"it has to list some of {', '.join(_OPTIONS)}")
        models.append({"model_name": name, "model_options": options})
    return models


@routes.post("/indexes")
async def create(request: web.Request) -> web.Response:
    body = await read_json(request)
    name, models = _unused_name(request, body), _models(body)
    addons = a_list(body.get("addons") or list[str](), "addons", 0, 1)
    platform = request.app[PLATFORM]
    index = Index(platform.new_id(), name, models, addons, platform.now(), platform.now())
    if addons not in ([], ["thumbnail"]):
        raise invalid("addons", "the only add-on is thumbnail")
    if addons and not index.model("marengo"):
        raise invalid("addons", "add-ons need a Marengo model")
    request.app[INDEXES][index.id] = index
    return web.json_response({"_id": index.id}, status=201)


@routes.get("/indexes")
async def list_(request: web.Request) -> web.Response:
    query = request.query
    name, options = query.get("index_name"), {*query.get("model_options", "").split(",")} - {""}
    family = text(query, "model_family", ["marengo", "pegasus"]) if "model_family" in query else ""
    created, edited = moment(query, "created_at"), moment(query, "updated_at")
    found = [
        index
        for index in live_indexes(request).values()
        if name in (None, index.name)
        and index.model(family)
        and any(options <= {*model["model_options"]} for model in index.models)
        and index.created_at >= created
        and index.edited_at >= edited
    ]
    return page(request, order(request, found), Index.show)


_index = serve(routes, "/indexes/{index_id}", "index", live_indexes)


@routes.put("/indexes/{index_id}")
async def update(request: web.Request) -> web.Response:
    index = _index(request)
    body = await read_json(request)
    if body.get("index_name") != index.name:
        index.name = _unused_name(request, body)
    index.edited_at = request.app[PLATFORM].now()
    return web.Response(status=204)
