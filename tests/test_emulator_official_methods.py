"""Every method of the official SDK succeeds against the emulator, with the exceptions that are listed here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from twelvelabs import TwelveLabs
from twelvelabs.core.pagination import SyncPager

import twelvelabs_async
from twelvelabs_async.testing import Emulator

from support import official
from support.samples import MEDIA

pytestmark = pytest.mark.any_python

Results = dict[str, Any]
Step = Callable[[Any, Results], Any]

FAILING = {
    "data_connectors.authorize_connection": "the official SDK takes connections:authorize for an absolute URL",
}
"""Methods that cannot succeed, with the reason."""

CLIP = MEDIA / "rocket_countdown.mp4"
DONE = "https://app.example.com/done"
MARENGO = {"model_name": "marengo3.0"}
MODELS = [{**MARENGO, "model_options": ["visual", "audio"]}]
QUESTION = [{"type": "message", "role": "user", "content": "Who speaks?"}]
TEXT = {"input_text": "a rocket"}
PNG = "https://example.com/rocket.png"
UNUSED = "https://example.com/{}.mp4"


def video(results: Results) -> dict[str, str]:
    return {"type": "asset_id", "asset_id": results["assets.create"].id}


def batch_of(results: Results) -> list[dict[str, Any]]:
    return [{"video": video(results), "prompt": {"input_text": "?"}}]


def part_of(results: Results) -> list[dict[str, Any]]:
    """Send the only part of an upload, and return the report of it."""
    [url] = results["multipart_upload.get_additional_presigned_urls"].upload_urls
    etag = httpx.put(url.url, content=bytes(10)).headers["ETag"].strip('"')
    return [{"chunk_index": 1, "proof": etag, "proof_type": "etag", "chunk_size": 10}]


def unfinished_task(results: Results) -> str:
    return str(results["sdk"].analyze_async.tasks.create(video=video(results), prompt="?").task_id)


def unfinished_batch(results: Results) -> str:
    requests = batch_of(results)
    batches = results["sdk"].analyze_async.batches
    return str(batches.create(model_name="pegasus1.5", analysis_mode="general", requests=requests).batch_id)


# Ids of what an earlier step has made.
def index(results: Results) -> str:
    return str(results["indexes.create"].id)


def asset(results: Results) -> str:
    return str(results["assets.create"].id)


def item(results: Results) -> tuple[str, str]:
    return index(results), results["indexes.indexed_assets.create"].id


def people(results: Results) -> str:
    return str(results["entity_collections.create"].id)


def person(results: Results) -> tuple[str, str]:
    return people(results), results["entity_collections.entities.create"].id


def store(results: Results) -> str:
    return str(results["knowledge_stores.create"].id)


def stored(results: Results) -> tuple[str, str]:
    return store(results), results["knowledge_store_items.create"].id


def best(results: Results) -> tuple[str, str]:
    return store(results), results["knowledge_store_item_collections.create"].id


def connection(results: Results) -> str:
    return str(results["connection"])


STEPS: list[tuple[str, Step]] = [
    ("assets.create", lambda call, _: call(method="direct", file=(CLIP.name, CLIP.read_bytes(), "video/mp4"))),
    ("assets.list", lambda call, _: call()),
    ("assets.retrieve", lambda call, done: call(asset(done))),
    ("assets.retrieve_transcription", lambda call, done: call(asset(done))),
    ("assets.update_user_metadata", lambda call, done: call(asset(done), user_metadata={"a": 1})),
    ("assets.replace_user_metadata", lambda call, done: call(asset(done), user_metadata={"b": ["c"]})),
    ("assets.delete_user_metadata", lambda call, done: call(asset(done))),
    ("multipart_upload.create", lambda call, _: call(filename="a.mp4", type="video", total_size=10)),
    ("multipart_upload.list_incomplete_uploads", lambda call, _: call()),
    (
        "multipart_upload.get_additional_presigned_urls",
        lambda call, done: call(done["multipart_upload.create"].upload_id, start=1, count=1),
    ),
    (
        "multipart_upload.report_chunk_batch",
        lambda call, done: call(done["multipart_upload.create"].upload_id, completed_chunks=part_of(done)),
    ),
    ("multipart_upload.get_status", lambda call, done: call(done["multipart_upload.create"].upload_id)),
    ("multipart_upload.upload_file", lambda call, done: call(str(done["file"]))),
    (
        "multipart_upload.wait_for_upload_completion",
        lambda call, done: call(done["multipart_upload.create"].upload_id, sleep_interval=0.001),
    ),
    ("indexes.create", lambda call, _: call(index_name="talks", models=MODELS)),
    ("indexes.list", lambda call, _: call()),
    ("indexes.retrieve", lambda call, done: call(index(done))),
    ("indexes.update", lambda call, done: call(index(done), index_name="speeches")),
    ("indexes.indexed_assets.create", lambda call, done: call(index(done), asset_id=asset(done))),
    ("indexes.indexed_assets.list", lambda call, done: call(index(done))),
    ("indexes.indexed_assets.list_by_asset", lambda call, done: call(asset(done))),
    ("indexes.indexed_assets.retrieve", lambda call, done: call(*item(done))),
    ("indexes.indexed_assets.update", lambda call, done: call(*item(done), user_metadata={"a": 1})),
    ("indexes.videos.list", lambda call, done: call(index(done))),
    ("indexes.videos.retrieve", lambda call, done: call(*item(done))),
    ("indexes.videos.update", lambda call, done: call(*item(done), user_metadata={"a": 1})),
    (
        "search.create",
        lambda call, done: call(index_id=index(done), search_options=["visual"], query_text="a rocket", page_limit=1),
    ),
    ("search.retrieve", lambda call, done: call(done["search.create"].page_info.next_page_token)),
    (
        "search.query",
        lambda call, done: call(index_id=index(done), search_options=["visual"], query_text="a rocket", page_limit=1),
    ),
    ("tasks.create", lambda call, done: call(index_id=index(done), video_url=UNUSED.format("a"))),
    ("tasks.list", lambda call, _: call()),
    ("tasks.retrieve", lambda call, done: call(done["tasks.create"].id)),
    ("tasks.wait_for_done", lambda call, done: call(done["tasks.create"].id, sleep_interval=0.001)),
    ("tasks.create_bulk", lambda call, done: call(index_id=index(done), video_urls=[UNUSED.format("b")])),
    ("analyze", lambda call, done: call(video=video(done), prompt="?")),
    ("analyze_stream", lambda call, done: call(video=video(done), prompt="?")),
    ("analyze_async.tasks.create", lambda call, done: call(video=video(done), prompt="?")),
    ("analyze_async.tasks.list", lambda call, _: call()),
    ("analyze_async.tasks.retrieve", lambda call, done: call(done["analyze_async.tasks.create"].task_id)),
    (
        "analyze_async.batches.create",
        lambda call, done: call(model_name="pegasus1.5", analysis_mode="general", requests=batch_of(done)),
    ),
    ("analyze_async.batches.list", lambda call, _: call()),
    ("analyze_async.batches.retrieve", lambda call, done: call(done["analyze_async.batches.create"].batch_id)),
    ("analyze_async.batches.results", lambda call, done: call(done["analyze_async.batches.create"].batch_id)),
    ("embed.create", lambda call, _: call(**MARENGO, text="a rocket")),
    ("embed.tasks.create", lambda call, _: call(**MARENGO, video_url=UNUSED.format("a"))),
    ("embed.tasks.create_bulk", lambda call, _: call(**MARENGO, videos=[{"video_url": UNUSED.format("a")}])),
    ("embed.tasks.list", lambda call, _: call()),
    ("embed.tasks.status", lambda call, done: call(done["embed.tasks.create"].id)),
    ("embed.tasks.retrieve", lambda call, done: call(done["embed.tasks.create"].id)),
    ("embed.tasks.wait_for_done", lambda call, done: call(done["embed.tasks.create"].id, sleep_interval=0.001)),
    ("embed.v_2.create", lambda call, _: call(**MARENGO, input_type="text", text=TEXT)),
    (
        "embed.v_2.tasks.create",
        lambda call, done: call(**MARENGO, input_type="video", video={"media_source": {"asset_id": asset(done)}}),
    ),
    ("embed.v_2.tasks.list", lambda call, _: call()),
    ("embed.v_2.tasks.retrieve", lambda call, done: call(done["embed.v_2.tasks.create"].id)),
    ("entity_collections.create", lambda call, _: call(name="people")),
    ("entity_collections.list", lambda call, _: call()),
    ("entity_collections.retrieve", lambda call, done: call(people(done))),
    ("entity_collections.update", lambda call, done: call(people(done), name="persons")),
    ("entity_collections.entities.create", lambda call, done: call(people(done), name="Ada", asset_ids=[asset(done)])),
    (
        "entity_collections.entities.create_bulk",
        lambda call, done: call(people(done), entities=[{"name": "Bob", "asset_ids": [asset(done)]}]),
    ),
    ("entity_collections.entities.list", lambda call, done: call(people(done))),
    ("entity_collections.entities.list_by_asset", lambda call, done: call(asset(done))),
    ("entity_collections.entities.retrieve", lambda call, done: call(*person(done))),
    ("entity_collections.entities.update", lambda call, done: call(*person(done), name="Ada Lovelace")),
    ("entity_collections.entities.create_assets", lambda call, done: call(*person(done), asset_ids=[done["picture"]])),
    ("entity_collections.entities.delete_assets", lambda call, done: call(*person(done), asset_ids=[done["picture"]])),
    ("knowledge_stores.create", lambda call, _: call(name="talks")),
    ("knowledge_stores.list", lambda call, _: call()),
    ("knowledge_stores.retrieve", lambda call, done: call(store(done))),
    ("knowledge_stores.update", lambda call, done: call(store(done), description="All of them")),
    ("knowledge_store_items.create", lambda call, done: call(store(done), asset_id=asset(done), metadata={"a": "b"})),
    ("knowledge_store_items.list", lambda call, done: call(store(done))),
    ("knowledge_store_items.retrieve", lambda call, done: call(*stored(done))),
    ("knowledge_stores.search", lambda call, done: call(store(done), query={"text": "a rocket"})),
    ("knowledge_store_item_collections.create", lambda call, done: call(store(done), name="best")),
    ("knowledge_store_item_collections.list", lambda call, done: call(store(done))),
    ("knowledge_store_item_collections.retrieve", lambda call, done: call(*best(done))),
    ("knowledge_store_item_collections.update", lambda call, done: call(*best(done), name="good")),
    (
        "knowledge_store_item_collections.add_items",
        lambda call, done: call(*best(done), item_ids=[stored(done)[1]]),
    ),
    ("knowledge_store_item_collections.list_items", lambda call, done: call(*best(done))),
    (
        "knowledge_store_item_collections.remove_items",
        lambda call, done: call(*best(done), item_ids=[stored(done)[1]]),
    ),
    ("responses.create", lambda call, done: call(knowledge_store_id=store(done), input=QUESTION)),
    ("responses.create_stream", lambda call, done: call(knowledge_store_id=store(done), input=QUESTION)),
    ("data_connectors.create_redirect_uri", lambda call, _: call(redirect_uri="https://app.example.com/other")),
    ("data_connectors.list_redirect_uris", lambda call, _: call()),
    ("data_connectors.list_connections", lambda call, _: call()),
    ("data_connectors.retrieve_connection", lambda call, done: call(connection(done))),
    ("data_connectors.create_connection_picker_token", lambda call, done: call(connection(done))),
    ("imports.import_files", lambda call, done: call(connection(done), items=[{"source_id": "a.mp4"}])),
    ("imports.list_imports", lambda call, done: call(connection(done))),
    ("imports.retrieve_import", lambda call, done: call(connection(done), done["imports.import_files"].id)),
    ("data_connectors.delete_connection", lambda call, done: call(connection(done))),
    (
        "data_connectors.delete_redirect_uri",
        lambda call, done: call(done["data_connectors.create_redirect_uri"].id),
    ),
    ("knowledge_store_item_collections.delete", lambda call, done: call(*best(done))),
    ("knowledge_store_items.delete", lambda call, done: call(*stored(done))),
    ("knowledge_stores.delete", lambda call, done: call(store(done))),
    ("entity_collections.entities.delete", lambda call, done: call(*person(done))),
    ("entity_collections.delete", lambda call, done: call(people(done))),
    ("analyze_async.tasks.delete", lambda call, done: call(done["analyze_async.tasks.create"].task_id)),
    ("analyze_async.batches.delete", lambda call, done: call(done["analyze_async.batches.create"].batch_id)),
    ("analyze_async.tasks.cancel", lambda call, done: call(unfinished_task(done))),
    ("analyze_async.batches.cancel", lambda call, done: call(unfinished_batch(done))),
    ("indexes.indexed_assets.delete", lambda call, done: call(*item(done))),
    ("indexes.videos.delete", lambda call, done: call(index(done), done["tasks.create"].video_id)),
    ("tasks.delete", lambda call, done: call(done["tasks.create"].id)),
    ("indexes.delete", lambda call, done: call(index(done))),
    ("assets.delete", lambda call, done: call(asset(done), force=True)),
]
"""Methods in the order of need, each with a call that gets the method and the results of earlier steps."""


@pytest.fixture
def results(sdk: TwelveLabs, sync_client: twelvelabs_async.TwelveLabs, emulator: Emulator, tmp_path: Any) -> Results:
    """The client, and objects that no step makes: a connection, a picture and a file."""
    sync_client.data_connectors.create_redirect_uri(redirect_uri=DONE)
    started = sync_client.data_connectors.authorize_connection(provider="google_drive", redirect_uri=DONE)
    location = httpx.get(str(started.authorize_url)).headers["location"]
    picture = sdk.assets.create(method="url", url=PNG)
    (tmp_path / CLIP.name).write_bytes(CLIP.read_bytes())
    emulator.advance(60)
    return {
        "sdk": sdk,
        "connection": dict(parse_qsl(urlsplit(location).query))["connection_id"],
        "picture": picture.id,
        "file": tmp_path / CLIP.name,
    }


def test_every_method_of_the_official_sdk_succeeds(sdk: TwelveLabs, emulator: Emulator, results: Results) -> None:
    """Each is called once; lists and streams are read to their end. Jobs finish between two steps."""
    assert {name for name, _ in STEPS} == set(official.method_names()) - FAILING.keys()
    for name, step in STEPS:
        returned = step(official.find(sdk, name), results)
        is_sequence = isinstance(returned, SyncPager | Iterator)
        results[name] = [*returned] if is_sequence else returned
        if isinstance(returned, SyncPager):
            assert results[name], name
        emulator.advance(60)


def test_the_meaning_of_metadata_has_changed(sdk: TwelveLabs, emulator: Emulator, results: Results) -> None:
    """The ``metadata`` of an item of a knowledge store becomes ``item_metadata``, which the official SDK lacks."""
    store_id = str(sdk.knowledge_stores.create(name="talks").id)
    added = sdk.knowledge_store_items.create(store_id, asset_id=results["picture"], metadata={"a": "b"})
    found = sdk.knowledge_store_items.retrieve(store_id, str(added.id))
    assert (found.metadata, found.model_dump()["item_metadata"]) == (None, {"a": "b"})
