"""Everything the official SDK has is here under the same name, with the same parameters."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from functools import cache
from inspect import Parameter, signature
from typing import Any

import attrs
import pytest
import twelvelabs

import twelvelabs_async
from twelvelabs_async import AsyncTwelveLabs, TwelveLabs

from support import official

METHODS = official.method_names()

# Methods that the official SDK does not have.
MORE_METHODS = {
    "analyze_async.batches.create_and_wait",
    "analyze_async.batches.wait_until_ready",
    "analyze_async.tasks.create_and_wait",
    "analyze_async.tasks.wait_until_ready",
    "assets.create_and_wait",
    "assets.upload",
    "assets.wait_for_transcription",
    "assets.wait_until_ready",
    "bulk.analyze",
    "bulk.delete",
    "bulk.embed",
    "bulk.index",
    "bulk.plan",
    "bulk.upload",
    "close",
    "embed.tasks.create_and_wait",
    "embed.tasks.wait_until_ready",
    "embed.v_2.tasks.create_and_wait",
    "embed.v_2.tasks.wait_until_ready",
    "imports.import_files_and_wait",
    "imports.wait_until_ready",
    "indexes.ensure",
    "indexes.indexed_assets.create_and_wait",
    "indexes.indexed_assets.wait_until_ready",
    "knowledge_store_items.create_and_wait",
    "knowledge_store_items.wait_until_ready",
    "knowledge_stores.search_all",
    "multipart_upload.retrieve",
    "multipart_upload.wait_until_ready",
    "tasks.create_and_wait",
    "tasks.wait_until_ready",
    "with_options",
}
# Parameters that the official SDK does not have; each can be left out, and is given by name.
MORE_PARAMETERS = {
    "analyze": ["into"],
    "multipart_upload.upload_file": ["enable_hls", "enable_thumbnail", "user_metadata", "upload_id"],
    "responses.create": ["into"],
}
# Names that the official packages export for their own use: bodies of pages, whose items the pagers hand out.
NOT_EXPORTED = {
    "AssetsListResponse",
    "BatchesListResponse",
    "EntitiesListByAssetResponse",
    "EntitiesListResponse",
    "EntityCollectionsListResponse",
    "IndexedAssetsListByAssetResponse",
    "IndexedAssetsListResponse",
    "IndexesListResponse",
    "KnowledgeStoreItemCollectionsListItemsResponse",
    "KnowledgeStoreItemCollectionsListResponse",
    "KnowledgeStoreItemsListResponse",
    "KnowledgeStoresListResponse",
    "ListConnectionsResponse",
    "ListImportsResponse",
    "ListRedirectUrisResponse",
    "TasksListResponse",
    "TasksListResponsePageInfo",
    "VideosListResponse",
}


@cache
def clients() -> dict[str, tuple[Any, Any]]:
    """The official and our client, by kind."""
    return {
        "sync": (official.sync_client(), TwelveLabs(api_key="key")),
        "async": (twelvelabs.AsyncTwelveLabs(api_key="key"), AsyncTwelveLabs(api_key="key")),
    }


both = pytest.mark.parametrize("kind", ["sync", "async"])
each_method = pytest.mark.parametrize("name", METHODS)


def test_method_names() -> None:
    """The walk through the official SDK has found what it should."""
    assert len(METHODS) >= 31
    assert {"analyze", "search.query", "indexes.indexed_assets.list", "multipart_upload.upload_file"} <= set(METHODS)
    assert official.method_names(twelvelabs.AsyncTwelveLabs) == METHODS


@both
@each_method
def test_parameters(kind: str, name: str) -> None:
    """Every method takes the official parameters: in the same order, by position or name alike, required alike."""
    theirs, ours = (signature(official.find(client, name)).parameters for client in clients()[kind])
    assert [_form(ours[parameter]) for parameter in ours if parameter in theirs] == list(map(_form, theirs.values()))
    more = [ours[parameter] for parameter in ours if parameter not in theirs]
    assert [parameter.name for parameter in more] == MORE_PARAMETERS.get(name, [])
    assert all(parameter.kind is Parameter.KEYWORD_ONLY for parameter in more)
    assert all(parameter.default is not Parameter.empty for parameter in more)


def _form(parameter: Parameter) -> tuple[str, object, bool]:
    return parameter.name, parameter.kind, parameter.default is Parameter.empty


@each_method
def test_ways_to_call(name: str) -> None:
    """What is awaited or iterated in the official SDK is awaited or iterated here."""
    theirs, ours = (official.find(client, name) for client in clients()["async"])
    if inspect.isasyncgenfunction(theirs):
        assert inspect.isasyncgenfunction(ours)
    elif not inspect.iscoroutinefunction(ours):
        assert signature(ours).return_annotation.startswith(("AsyncPager", "AsyncSearchPager"))
        assert "AsyncPager" in str(signature(theirs).return_annotation) or name in official.SINGLE_PAGES
    assert not inspect.iscoroutinefunction(official.find(clients()["sync"][1], name))


def test_more_methods() -> None:
    """The methods beyond the official ones are these, on both clients."""
    for _, ours in clients().values():
        assert set(_our_methods(ours)) - set(METHODS) == MORE_METHODS


def _our_methods(client: Any, prefix: str = "") -> Iterator[str]:
    for name in dir(type(client)):
        if name.startswith("_") or name in ("aio", "runner", "limits"):
            continue
        value = getattr(client, name)
        if inspect.isfunction(value) or inspect.ismethod(value):
            yield prefix + name
        else:
            yield from _our_methods(value, f"{prefix}{name}.")


@pytest.mark.parametrize(
    "package",
    [
        "analyze_async",
        "assets",
        "data_connectors",
        "embed",
        "embed.v_2",
        "entity_collections",
        "entity_collections.entities",
        "errors",
        "imports",
        "indexes",
        "indexes.indexed_assets",
        "indexes.videos",
        "knowledge_store_item_collections",
        "knowledge_store_items",
        "knowledge_stores",
        "multipart_upload",
        "responses",
        "search",
        "tasks",
    ],
)
def test_exported_names(package: str) -> None:
    """The names that the official packages of these resources export can be imported from here."""
    module = importlib.import_module(f"twelvelabs.{package}")
    exported = {official.our_name(name, getattr(module, name)) for name in dir(module) if name[0].isupper()}
    assert exported - NOT_EXPORTED <= set(dir(twelvelabs_async))


MODELS = sorted({model for name in METHODS for model in official.models(name)}, key=lambda model: model.__name__)


@pytest.mark.parametrize("theirs", MODELS, ids=lambda model: model.__name__)
def test_models(theirs: type) -> None:
    """Every model has the official name and fields; besides the ids, its constructor requires nothing more."""
    ours = official.our_model(theirs)
    fields = official.fields(theirs)
    assert fields.keys() <= {field.name for field in attrs.fields(ours)}
    required = {field.name for field in attrs.fields(ours) if field.default is attrs.NOTHING}
    assert required <= {name for name, (_, _, required) in fields.items() if required} | {"id", "asset_id", "upload_id"}
