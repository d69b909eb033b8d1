"""Compatibility with the official SDK: the same names of methods, parameters, models and fields."""

from __future__ import annotations

import importlib
import inspect
from functools import cache
from inspect import Parameter, signature
from typing import Any

import attrs
import pytest
import twelvelabs

import twelvelabs_async
from twelvelabs_async import AsyncTwelveLabs, TwelveLabs

from support import official
from support.clients import method_names

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
    "indexes.to_html",
    "knowledge_store_items.create_and_wait",
    "knowledge_store_items.replace_item_metadata",
    "knowledge_store_items.update_item_metadata",
    "knowledge_store_items.wait_until_ready",
    "knowledge_stores.search_all",
    "media.contact_sheet",
    "media.save",
    "media.split",
    "media.supercut",
    "multipart_upload.retrieve",
    "multipart_upload.wait_until_ready",
    "name_videos",
    "request",
    "tasks.create_and_wait",
    "tasks.wait_until_ready",
    "with_options",
}
# Parameters that the official SDK does not have. They are optional and keyword-only.
MORE_PARAMETERS = {
    "analyze": ["into"],
    "knowledge_store_items.create": ["item_metadata"],
    "multipart_upload.upload_file": ["progress", "enable_hls", "enable_thumbnail", "user_metadata", "upload_id"],
    "responses.create": ["into"],
}


@cache
def clients() -> dict[str, tuple[Any, Any]]:
    """Return the official client and ours, by kind."""
    return {
        "sync": (official.sync_client(), TwelveLabs(api_key="key")),
        "async": (twelvelabs.AsyncTwelveLabs(api_key="key"), AsyncTwelveLabs(api_key="key")),
    }


both = pytest.mark.parametrize("kind", ["sync", "async"])
each_method = pytest.mark.parametrize("name", METHODS)


def test_the_methods_of_the_official_sdk_are_found() -> None:
    """The other tests would pass without methods."""
    assert len(METHODS) >= 31
    assert {"analyze", "search.query", "indexes.indexed_assets.list", "multipart_upload.upload_file"} <= set(METHODS)
    assert official.method_names(twelvelabs.AsyncTwelveLabs) == METHODS


@both
@each_method
def test_every_method_has_the_official_parameters(kind: str, name: str) -> None:
    """They have the same order and kind, and the same are required."""
    theirs, ours = (signature(official.find(client, name)).parameters for client in clients()[kind])
    assert [form(ours[parameter]) for parameter in ours if parameter in theirs] == list(map(form, theirs.values()))
    # `removed` takes keywords that the official SDK had, and refuses them with a hint.
    more = [ours[parameter] for parameter in ours if parameter not in {*theirs, "removed"}]
    assert [parameter.name for parameter in more] == MORE_PARAMETERS.get(name, [])
    assert all(parameter.kind is Parameter.KEYWORD_ONLY for parameter in more)
    assert all(parameter.default is not Parameter.empty for parameter in more)


def form(parameter: Parameter) -> tuple[str, object, bool]:
    return parameter.name, parameter.kind, parameter.default is Parameter.empty


@each_method
def test_every_method_is_awaited_or_iterated_as_in_the_official_sdk(name: str) -> None:
    """Lists are pagers, also those of which the official SDK returns one page."""
    theirs, ours = (official.find(client, name) for client in clients()["async"])
    if inspect.isasyncgenfunction(theirs):
        assert inspect.isasyncgenfunction(ours)
    elif not inspect.iscoroutinefunction(ours):
        assert signature(ours).return_annotation.startswith(("AsyncPager", "AsyncSearchPager"))
        assert "AsyncPager" in str(signature(theirs).return_annotation) or name in official.SINGLE_PAGES
    assert not inspect.iscoroutinefunction(official.find(clients()["sync"][1], name))


def test_both_clients_have_the_same_additional_methods() -> None:
    """They are listed above."""
    for _, ours in clients().values():
        assert set(method_names(ours)) - set(METHODS) == MORE_METHODS


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
def test_names_of_the_official_packages_can_be_imported(package: str) -> None:
    """They are imported from ``twelvelabs_async``."""
    module = importlib.import_module(f"twelvelabs.{package}")
    exported = {official.our_name(name, getattr(module, name)) for name in dir(module) if name[0].isupper()}
    assert exported <= set(twelvelabs_async.__all__)


MODELS = sorted({model for name in METHODS for model in official.models(name)}, key=lambda model: model.__name__)


@pytest.mark.parametrize("theirs", MODELS, ids=lambda model: model.__name__)
def test_every_model_has_the_official_fields(theirs: type) -> None:
    """Besides ids, its constructor requires no further field."""
    ours = official.our_model(theirs)
    fields = official.fields(theirs)
    assert fields.keys() <= {field.name for field in attrs.fields(ours)}
    required = {field.name for field in attrs.fields(ours) if field.default is attrs.NOTHING}
    assert required <= {name for name, (_, _, required) in fields.items() if required} | {"id", "asset_id", "upload_id"}
