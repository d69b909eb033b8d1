"""Indexes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import attrs

from ..converter import Moment
from ..parameters import EPOCH, SortedPage, within
from ..problem import Json, Problem, invalid
from ..refusals import INDEX_MODEL, INDEX_WITHOUT_MARENGO
from ..state import Index, IndexedAsset, State
from .operation import Context, operation
from .tables import attributes, find, ordered, page

ModelName = Literal["marengo3.0", "marengo3.5", "pegasus1.2", "pegasus1.5", "pegasus1.6"]


@attrs.frozen(kw_only=True)
class IndexModel:
    model_name: ModelName
    model_options: list[Literal["visual", "audio"]] = attrs.field(validator=within(1, 2))


@attrs.frozen(kw_only=True)
class CreateIndex:
    index_name: str
    models: list[IndexModel] = attrs.field(validator=within(1, 6))
    addons: list[Literal["thumbnail"]] = attrs.field(factory=list[Literal["thumbnail"]], validator=within(0, 1))

    def __attrs_post_init__(self) -> None:
        if self.addons and not any(model.model_name.startswith("marengo") for model in self.models):
            raise invalid("addons", "must be empty for an index without a Marengo model")


@attrs.frozen(kw_only=True)
class ListIndexes(SortedPage):
    index_name: str | None = None
    model_family: Literal["marengo", "pegasus"] | None = None
    model_options: str = ""
    created_at: Moment = EPOCH
    updated_at: Moment = EPOCH


@attrs.frozen(kw_only=True)
class UpdateIndex:
    index_name: str


def index_json(found: Index, now: float) -> Json:
    ready = found.ready(now)
    return {
        "_id": found.id,
        "index_name": found.name,
        "models": [{"model_name": name, "model_options": options} for name, options in found.models],
        "video_count": len(ready),
        "total_duration": total_duration(ready),
        **attributes(found, "addons", "created_at", "updated_at", "expires_at", now=now),
    }


def total_duration(items: Sequence[IndexedAsset]) -> float:
    return round(sum(item.asset.media.duration or 0.0 for item in items), 3)


def find_index(state: State, identifier: str, status: int = 400) -> Index:
    return find(state.indexes, identifier, "index", status)


def find_open_index(context: Context, identifier: str, status: int = 400) -> Index:
    """Return an index that takes videos: one with a Marengo model."""
    index = find_index(context.state, identifier, status)
    if not index.model("marengo"):
        context.refuse(
            INDEX_WITHOUT_MARENGO,
            f"The index {index.id} has only {', '.join(name for name, _ in index.models)}, and takes no more videos. "
            "Create an index with marengo3.0. To analyze a video, pass its asset to POST /analyze.",
        )
    return index


def _require_unused(state: State, name: str) -> None:
    if any(index.name == name for index in state.indexes.values()):
        raise Problem(400, "index_name_already_exists", f"The index name {name} already exists. Use another name.")


@operation("POST", "/indexes", status=201)
def create(context: Context, request: CreateIndex) -> Json:
    _require_unused(context.state, request.index_name)
    for model in request.models:
        if model.model_name != "marengo3.0":
            context.refuse(
                INDEX_MODEL,
                f"The model {model.model_name} is not available for new indexes. Use marengo3.0. "
                "Pegasus models need no index: pass an asset to POST /analyze.",
            )
    models = [(str(model.model_name), [*map(str, model.model_options)]) for model in request.models]
    return {"_id": context.state.add_index(request.index_name, models, [*request.addons]).id}


@operation("GET", "/indexes")
def list_(context: Context, request: ListIndexes) -> Json:
    options, now = {*request.model_options.split(",")} - {""}, context.now()
    found = [
        index
        for index in context.state.indexes.values()
        if request.index_name in (None, index.name)
        and index.model(request.model_family or "")
        and any(options <= {*own} for _, own in index.models)
        and index.created_at >= request.created_at
        and index.edited_at >= request.updated_at
    ]
    return page(request, ordered(request, found, now), lambda index: index_json(index, now))


@operation("GET", "/indexes/{index_id}")
def retrieve(context: Context, index_id: str) -> Json:
    return index_json(find_index(context.state, index_id), context.now())


@operation("PUT", "/indexes/{index_id}", status=204)
def update(context: Context, request: UpdateIndex, index_id: str) -> None:
    index = find_index(context.state, index_id)
    if request.index_name != index.name:
        _require_unused(context.state, request.index_name)
    index.name, index.edited_at = request.index_name, context.now()


@operation("DELETE", "/indexes/{index_id}", status=204)
def delete(context: Context, index_id: str) -> None:
    del context.state.indexes[find_index(context.state, index_id).id]
