"""Indexes."""

from __future__ import annotations

from ..problem import Json, Problem
from ..requests import indexes as requests
from ..state import Index, State
from ..views import indexes as views
from ..views.page import page
from .operation import Context, operation
from .tables import find, ordered


def find_index(state: State, identifier: str, status: int = 400) -> Index:
    return find(state.indexes, identifier, "index", status)


def _require_unused(state: State, name: str) -> None:
    if any(index.name == name for index in state.indexes.values()):
        raise Problem(400, "index_name_already_exists", f"The index name {name} already exists. Use another name.")


@operation("POST", "/indexes", status=201)
def create(context: Context, request: requests.CreateIndex) -> Json:
    _require_unused(context.state, request.index_name)
    models = [(str(model.model_name), [*map(str, model.model_options)]) for model in request.models]
    return {"_id": context.state.add_index(request.index_name, models, [*request.addons]).id}


@operation("GET", "/indexes")
def list_(context: Context, request: requests.ListIndexes) -> Json:
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
    return page(request, ordered(request, found, now), lambda index: views.index(index, now))


@operation("GET", "/indexes/{index_id}")
def retrieve(context: Context, index_id: str) -> Json:
    return views.index(find_index(context.state, index_id), context.now())


@operation("PUT", "/indexes/{index_id}", status=204)
def update(context: Context, request: requests.UpdateIndex, index_id: str) -> None:
    index = find_index(context.state, index_id)
    if request.index_name != index.name:
        _require_unused(context.state, request.index_name)
    index.name, index.edited_at = request.index_name, context.now()


@operation("DELETE", "/indexes/{index_id}", status=204)
def delete(context: Context, index_id: str) -> None:
    del context.state.indexes[find_index(context.state, index_id).id]
