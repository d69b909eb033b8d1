"""Requests of the client and responses of the emulator, validated against the API's OpenAPI file."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

from twelvelabs_async import AsyncTwelveLabs, ResponseInputItem
from twelvelabs_async.testing import Emulator
from twelvelabs_async.testing.handlers import OPERATIONS

from support import openapi
from support.recorder import Proxy, RecordedResponse, Request
from support.samples import MEDIA, MODELS

pytestmark = [
    pytest.mark.any_python,
    pytest.mark.skipif(not openapi.FILE.exists(), reason=f"needs the OpenAPI file {openapi.FILE}"),
]

Exchange = tuple[Request, RecordedResponse]
Use = Callable[[AsyncTwelveLabs, Emulator], Awaitable[None]]

DYNAMIC: Any = {"strategy": "dynamic", "dynamic": {"min_duration_sec": 3}}
QUADRANTS = {"strategy": "quadrants"}
SENTENCES = {"strategy": "sentence", "max_sentences": 2, "overlap_sentences": 1}
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
    "negative_data_rejection,missing_required_header"
)

# Limits by the type of the value, and values beyond them.
LIMITS: dict[type, set[str]] = {
    str: {"minLength", "maxLength", "pattern"},
    int: {"minimum", "maximum", "exclusiveMinimum"},
    float: {"minimum", "maximum", "exclusiveMinimum"},
    bool: set(),
    type(None): set(),
}
BEYOND: dict[str, Callable[[Any], Any]] = {
    "minLength": lambda least: "a" * (least - 1),
    "maxLength": lambda most: "a" * (most + 1),
    "pattern": lambda _: "a!",
    "minimum": lambda least: least - 1,
    "maximum": lambda most: most + 1,
    "exclusiveMinimum": lambda bound: bound,
}


def shape(path: str) -> str:
    """Return a path template without the names of its parameters, which the file and the emulator name differently."""
    return re.sub(r"{[^}]*}", "{}", path)


@cache
def document() -> dict[str, Any]:
    """Return the corrected OpenAPI file, with the operations that the emulator has."""
    served = {(one.method.lower(), shape(one.path)) for one in OPERATIONS}
    found = openapi.load()
    for path, verb, _ in [*openapi.operations(found)]:
        if (verb, shape(path)) not in served:
            del found["paths"][path][verb]
    return found


def operation(request: Request) -> str:
    """Return the id of the operation that a request is for."""
    found = openapi.find(document(), request.method, request.path)
    assert found, f"{request.method} {request.path} is not in the OpenAPI file"
    return str(found[1]["operationId"])


async def use_everything(client: AsyncTwelveLabs, emulator: Emulator) -> None:
    """Call every method that has an operation of its own, except those that delete."""
    index = await client.indexes.ensure("talks", models=MODELS[:1])
    await client.indexes.retrieve(index.id)
    await client.indexes.update(index.id, index_name="speeches")
    await client.indexes.list(page_limit=1, sort_by="created_at", model_family="marengo", index_name="speeches")

    clip = MEDIA / "rocket_countdown.mp4"
    emulator.understand(clip.name, transcription=[(0, 4, "a rocket"), (7, 9, "a rocket")])
    asset = await client.assets.upload(clip, enable_hls=True, enable_thumbnail=True, user_metadata={"a": 1})
    await client.assets.list()
    await client.assets.create(method="url", url="https://example.com/talk.mp3")
    emulator.advance(60)
    await client.assets.retrieve(asset.id)
    await client.assets.list(asset_ids=[asset.id], asset_types=["video", "audio"], filename=clip.name)
    await client.assets.update_user_metadata(asset.id, user_metadata={"a": None, "b": "c"})
    await client.assets.replace_user_metadata(asset.id, user_metadata={"a": 0.5})
    await client.assets.delete_user_metadata(asset.id)
    await client.assets.retrieve_transcription(asset.id, include=["words", "sentences"])

    uploads = client.multipart_upload
    await uploads.upload_file(clip, enable_hls=True)
    session = await uploads.create(filename="a.mp4", type="video", total_size=10**6, user_metadata={"a": 1})
    await uploads.get_additional_presigned_urls(session.upload_id, start=1, count=2)
    await uploads.get_status(session.upload_id, page_limit=50)
    await uploads.list_incomplete_uploads()

    items = client.indexes.indexed_assets
    item = await items.create(index.id, asset_id=asset.id, enable_video_stream=True, user_metadata={"team": "red"})
    for _ in range(12):
        await items.list(index.id)
        await items.retrieve(index.id, item.id)
        emulator.advance(1)
    await items.list(
        index.id, status=["ready", "failed"], duration={"gte": 1, "lte": 20}, user_metadata={"team": "red"}
    )
    await items.retrieve(index.id, item.id, embedding_option=["visual", "audio"], transcription=True)
    await items.update(index.id, item.id, user_metadata={"team": "blue"})
    await items.list_by_asset(asset.id)

    for group in ("clip", "video"):
        found = client.search.query(
            index_id=index.id,
            search_options=["visual", "transcription"],
            query_text="a rocket",
            group_by=group,
            page_limit=1,
            include_user_metadata=True,
        )
        assert await found.to_dicts()
    await client.search.create(
        index_id=index.id, search_options=["visual"], query_media_type="image", query_media_file=b"image"
    )
    images = ["https://example.com/a.png", "https://example.com/b.png"]
    await client.search.query(
        index_id=index.id, search_options=["visual"], query_media_type="image", query_media_urls=images
    )
    await use_analyses(client, emulator, asset.id)
    await use_entities(client, asset.id)
    await use_knowledge_stores(client, emulator, asset.id)
    await use_tasks(client, emulator, index.id)
    await use_connections(client, emulator)
    await use_embeddings(client, emulator, asset.id)


async def use_analyses(client: AsyncTwelveLabs, emulator: Emulator, asset_id: str) -> None:
    """Call every method of analyses."""
    video: Any = {"type": "asset_id", "asset_id": asset_id}
    await client.analyze(video=video, prompt="?", temperature=0.5, max_tokens=1000)
    assert [event async for event in client.analyze_stream(video=video, prompt="?")]

    tasks, batches = client.analyze_async.tasks, client.analyze_async.batches
    scenes: Any = {
        "id": "scenes",
        "description": "A scene.",
        "fields": [{"name": "place", "type": "string", "description": "Where.", "enum": ["indoors"]}],
    }
    task = await tasks.create(video=video, prompt="What happens?", custom_id="first", max_tokens=1000)
    await tasks.create(
        video=video,
        model_name="pegasus1.5",
        analysis_mode="time_based_metadata",
        response_format={"type": "segment_definitions", "segment_definitions": [scenes]},
        min_segment_duration=2,
        max_segment_duration=60,
    )
    events: Any = {"type": "object", "fields": scenes["fields"]}
    goals: Any = {"name": "goals", "type": "time_array", "description": "Goals.", "items": events}
    cup: Any = {"name": "cup", "media_type": "image", "url": "https://example.com/cup.gif"}
    await tasks.create(
        video={"type": "url", "url": "https://example.com/match.m3u8"},
        model_name="pegasus1.6",
        analysis_mode="time_based_metadata",
        response_format={
            "type": "segment_definitions",
            "segment_definitions": [{**scenes, "fields": [goals], "media_sources": [cup]}],
            "segment_time_format": "hh:mm:ss.fff",
        },
        max_tokens="unlimited",
    )
    image: Any = [{"name": "logo", "url": "https://example.com/logo.webp"}]
    await tasks.create(image=image, model_name="pegasus1.6", prompt="Whose is <@logo>?")
    await client.analyze(image=image, model_name="pegasus1.6", prompt="?")
    await client.analyze(video=video, prompt_v_2={"input_text": "Is it <@cup>?", "media_sources": [cup]})
    batch = await batches.create(
        model_name="pegasus1.5",
        analysis_mode="general",
        defaults={"prompt": {"input_text": "What happens?"}},
        requests=[{"video": video, "custom_id": "first", "max_tokens": 1000}],
    )
    for _ in range(3):
        await tasks.list()
        await tasks.retrieve(task.task_id)
        await batches.list()
        await batches.retrieve(batch.batch_id)
        emulator.advance(30)
    await tasks.list(status="ready", asset_id=asset_id, analysis_mode="general", page_limit=1)
    await batches.list(status=["completed"], analysis_mode="general")
    assert [item async for item in batches.results(batch.batch_id)]
    await tasks.cancel((await tasks.create(video=video, prompt="?")).task_id)
    batch = await batches.create(
        model_name="pegasus1.5", analysis_mode="general", requests=[{"video": video, "prompt": {"input_text": "?"}}]
    )
    await batches.cancel(batch.batch_id)
    emulator.advance(60)


async def use_entities(client: AsyncTwelveLabs, asset_id: str) -> None:
    """Call every method of entities."""
    collections, entities = client.entity_collections, client.entity_collections.entities
    people = await collections.create(name="people", description="All of them")
    await collections.retrieve(people.id)
    await collections.update(people.id, name="persons")
    await collections.list(name="persons", sort_by="name")
    ada = await entities.create(people.id, name="Ada", asset_ids=[asset_id], description="A countess")
    await entities.create_bulk(people.id, entities=[{"name": name, "asset_ids": [asset_id]} for name in ("Bob", "Eve")])
    other = await client.assets.create(method="url", url="https://example.com/ada.png")
    await entities.create_assets(people.id, ada.id, asset_ids=[other.id])
    await entities.delete_assets(people.id, ada.id, asset_ids=[other.id])
    await entities.update(people.id, ada.id, name="Ada Lovelace")
    await entities.retrieve(people.id, ada.id)
    await entities.list(people.id, status="processing", sort_by="updated_at")
    await entities.list_by_asset(asset_id)


async def use_knowledge_stores(client: AsyncTwelveLabs, emulator: Emulator, asset_id: str) -> None:
    """Call every method of knowledge stores and responses."""
    stores, items, collections = (
        client.knowledge_stores,
        client.knowledge_store_items,
        client.knowledge_store_item_collections,
    )
    config: Any = {"enrichment_config": {"type": "description", "description": "Who speaks?"}}
    store = await stores.create(name="talks", ingestion_config=config, metadata={"team": "red"})
    await stores.retrieve(store.id)
    await stores.update(store.id, description="All of them")
    await stores.list(sort_by="updated_at")
    image = await client.assets.create(method="url", url="https://example.com/rocket.png")
    emulator.advance(60)
    added = [
        await items.create(store.id, asset_id=asset_id, item_metadata={"a": "b"}),
        await items.create(store.id, asset_id=image.id, metadata={"a": "b"}),
    ]
    await items.list(store.id, status=["queued", "pending"])
    emulator.advance(60)
    await items.retrieve(store.id, added[0].id)
    await items.update_item_metadata(store.id, added[0].id, item_metadata={"a": None, "b": ["c"]})
    await items.replace_item_metadata(store.id, added[0].id, item_metadata={"a": 0.5})
    found = stores.search_all(store.id, query={"text": "a rocket"}, page_size=1, include_metadata=True)
    assert {hit.asset_type async for hit in found} == {"video", "image"}
    await stores.search(store.id, query={"text": "a rocket"}, group_by="item", filter={"item_id": {"eq": added[0].id}})
    place: Any = {"latitude": 37.5, "longitude": 127.0, "radius_meters": 5000.0}
    await stores.search(store.id, query={"text": "a rocket"}, filter={"location": place})
    best = await collections.create(store.id, name="best", description="Few", metadata={"a": "b"})
    await collections.retrieve(store.id, best.id)
    await collections.update(store.id, best.id, name="good", description="Many")
    await collections.list(store.id)
    await collections.add_items(store.id, best.id, item_ids=[item.id for item in added])
    await collections.list_items(store.id, best.id)
    await collections.remove_items(store.id, best.id, item_ids=[added[0].id])
    chosen: Any = {"kind": "collection", "id": best.id}
    form: Any = {"format": {"type": "json_schema", "name": "x", "schema_": {"type": "object", "properties": {}}}}
    question = [ResponseInputItem(content="What is {{sel:0}}?")]
    first = await client.responses.create(knowledge_store_id=store.id, input=question, selections=[chosen])
    question = [ResponseInputItem(content="Sure?")]
    await client.responses.create(
        knowledge_store_id=store.id, input=question, session_id=first.session_id, instructions="Be brief.", text=form
    )
    stream = client.responses.create_stream(
        knowledge_store_id=store.id, input=question, include=["intermediate_outputs"]
    )
    assert [event async for event in stream][-1].type == "response.completed"


async def use_tasks(client: AsyncTwelveLabs, emulator: Emulator, index_id: str) -> None:
    """Call every method of video indexing tasks and videos."""
    clip = MEDIA / "bouncing_ball.mp4"
    task = await client.tasks.create(index_id=index_id, video_file=clip, user_metadata={"team": "red"})
    for _ in range(14):
        await client.tasks.list(index_id=index_id, status=["ready", "uploading"], sort_by="updated_at")
        await client.tasks.retrieve(task.id)
        emulator.advance(1)
    await client.tasks.create(index_id=index_id, video_url="https://example.com/b.mp4", enable_video_stream=False)
    videos, video_id = client.indexes.videos, str(task.video_id)
    await videos.list(index_id, fps={"gte": 1}, user_metadata={"team": "red"})
    await videos.retrieve(index_id, video_id, embedding_option=["visual"], transcription=True)
    await videos.update(index_id, video_id, user_metadata={"team": None})


async def use_connections(client: AsyncTwelveLabs, emulator: Emulator) -> None:
    """Call every method of data connectors and imports."""
    connectors, done = client.data_connectors, "https://app.example.com/done"
    await connectors.create_redirect_uri(redirect_uri=done)
    await connectors.list_redirect_uris()
    for label in ("me", "you"):
        started = await connectors.authorize_connection(provider="google_drive", redirect_uri=done, custom_id=label)
        await asyncio.to_thread(httpx.get, str(started.authorize_url))
    [connection, _] = (await connectors.list_connections()).data or []
    await connectors.retrieve_connection(connection.id)
    await connectors.create_connection_picker_token(connection.id)
    files: Any = [{"source_id": name} for name in ("a.mp4", "b.png", "c.pdf")]
    started_import = await client.imports.import_files(connection.id, items=files)
    emulator.advance(60)
    await client.imports.retrieve_import(connection.id, started_import.id)
    await client.imports.import_files(connection.id, items=files[:1])
    await client.imports.list_imports(connection.id)


async def use_embeddings(client: AsyncTwelveLabs, emulator: Emulator, asset_id: str) -> None:
    """Call every method of embeddings."""
    first, second = client.embed.tasks, client.embed.v_2.tasks
    await client.embed.create(model_name="marengo3.0", text="a rocket", image_file=b"image", audio_file=b"audio")
    task = await first.create(
        model_name="marengo3.0", video_file=MEDIA / "rocket_countdown.mp4", video_embedding_scope=["clip", "video"]
    )
    source: Any = {"media_source": {"asset_id": asset_id}}
    made = [
        await second.create(input_type="video", model_name="marengo3.0", video={**source, "segmentation": DYNAMIC}),
        await second.create(input_type="audio", model_name="marengo3.0", audio=source),
    ]
    fused: Any = {
        **source,
        "segmentation": {"temporal": {"strategy": "fixed", "fixed": {"duration_sec": 5}}},
        "embedding_scope": ["local"],
        "embedding_type": ["separate_embedding", "fused_embedding"],
        "time_based_metadata": [{"start": 0, "end": 2, "text": "a rocket"}],
    }
    made.append(
        await second.create(input_type="video", model_name="marengo3.5", video=fused, embedding_uncertainty=True)
    )
    pages: Any = {"media_source": {"url": "https://example.com/a.pdf"}, "segmentation": {"spatial": QUADRANTS}}
    made.append(await second.create(input_type="document", model_name="marengo3.5", document=pages))
    text: Any = {"media_source": {"url": "https://example.com/a.md"}, "segmentation": {"sequential": SENTENCES}}
    text["embedding_scope"] = ["local", "asset"]
    made.append(await second.create(input_type="document", model_name="marengo3.5", document=text))
    picture: Any = {"media_source": {"url": "https://example.com/a.png"}}
    made.append(
        await second.create(input_type="image", model_name="marengo3.5", image=picture, embedding_dimension=128)
    )
    await first.status(task.id)
    await second.retrieve(made[0].id)
    emulator.advance(60)
    for found in (task, *made):
        await (first if found is task else second).retrieve(found.id)
    await first.list(status="ready")
    await second.list(started_at="2020-01-01T00:00:00Z")
    embed, logo = client.embed.v_2.create, {"media_type": "image", "url": "https://example.com/a.png"}
    await embed(input_type="text", model_name="marengo3.0", text={"input_text": "a rocket"})
    await embed(
        input_type="image", model_name="marengo3.0", image={"media_source": {"url": "https://example.com/a.png"}}
    )
    await embed(input_type="text_image", model_name="marengo3.0", text_image={"input_text": "a rocket", **source})
    await embed(input_type="video", model_name="marengo3.0", video=source)
    await embed(input_type="multi_input", model_name="marengo3.0", multi_input={"media_sources": [logo]})
    await embed(
        input_type="multi_input",
        model_name="marengo3.5",
        multi_input={"input_text": "a rocket", "media_sources": [logo, {"media_type": "video", "asset_id": asset_id}]},
        embedding_dimension=256,
        auto_truncate=True,
    )


async def delete_everything(client: AsyncTwelveLabs, _: Emulator) -> None:
    """Call every method that deletes."""
    async for task in client.analyze_async.tasks.list():
        await client.analyze_async.tasks.delete(task.task_id)
    async for batch in client.analyze_async.batches.list():
        await client.analyze_async.batches.delete(batch.batch_id)
    async for index in client.indexes.list():
        async for video in client.indexes.videos.list(index.id, filename="bouncing_ball.mp4"):
            await client.indexes.videos.delete(index.id, video.id)
        async for item in client.indexes.indexed_assets.list(index.id):
            await client.indexes.indexed_assets.delete(index.id, item.id)
        await client.indexes.delete(index.id)
    async for people in client.entity_collections.list():
        async for entity in client.entity_collections.entities.list(people.id):
            await client.entity_collections.entities.delete(people.id, entity.id)
        await client.entity_collections.delete(people.id)
    async for store in client.knowledge_stores.list():
        async for collection in client.knowledge_store_item_collections.list(store.id):
            await client.knowledge_store_item_collections.delete(store.id, collection.id)
        async for added in client.knowledge_store_items.list(store.id):
            await client.knowledge_store_items.delete(store.id, added.id)
        await client.knowledge_stores.delete(store.id)
    async for task in client.tasks.list(status="ready"):
        await client.tasks.delete(task.id)
    async for redirect in client.data_connectors.list_redirect_uris():
        await client.data_connectors.delete_redirect_uri(redirect.id)
    async for connection in client.data_connectors.list_connections():
        await client.data_connectors.delete_connection(connection.id)
    async for asset in client.assets.list():
        await client.assets.delete(asset.id, force=True)


async def exchanges(emulator: Emulator, *uses: Use) -> list[Exchange]:
    """Return the requests of the client and the responses of the emulator."""
    with Proxy(emulator.url) as proxy:
        async with AsyncTwelveLabs(api_key=emulator.api_key, base_url=proxy.url) as client:
            for use in uses:
                await use(client, emulator)
        return proxy.exchanges


def violations(api: OpenAPI, request: Request, answer: RecordedResponse) -> Iterator[str]:
    """Yield the violations in a request and its response."""
    query: dict[str, list[str]] = {}
    for name, value in request.query:
        query.setdefault(name, []).append(value)
    validated_request = MockRequest(
        "https://api.twelvelabs.io",
        request.method,
        request.path,
        args=query,
        headers=dict(request.headers),
        data=request.body,
        content_type=request.headers.get("content-type", ""),
    )
    validated_response = MockResponse(answer.body, answer.status, content_type=answer.content_type)
    for check in (
        lambda: api.validate_request(validated_request),
        lambda: api.validate_response(validated_request, validated_response),
    ):
        try:
            check()
        except OpenAPIError as error:
            details = getattr(error.__cause__, "schema_errors", None) or [error]
            reasons = "; ".join(str(detail).partition("\n")[0] for detail in details)
            yield f"{operation(request)} ({answer.status}): {reasons}"


async def test_requests_and_responses_are_valid() -> None:
    """Every request of the client and every response of the emulator is valid, for every operation in the file."""
    with Emulator(speed=0, chunk_size=50_000) as emulator:
        exchanged = await exchanges(emulator, use_everything, delete_everything)
    config = Config(
        additional_properties_default_policy="forbid",  # fields that are not in the file are violations
        extra_media_type_deserializers={"application/octet-stream": lambda content, **_: content.decode("latin-1")},
        spec_validator_cls=None,  # slow
    )
    api = OpenAPI.from_dict(document(), config=config)
    if found := {one for request, answer in exchanged for one in violations(api, request, answer)}:
        pytest.fail("\n".join(sorted(found)))
    used = {operation(request) for request, answer in exchanged if answer.status < 300}
    assert used == {described["operationId"] for _, _, described in openapi.operations(document())}


def body_schema(request: Request) -> dict[str, Any]:
    """Return the schema of the JSON in the body of a request."""
    verb, _, path = operation(request).partition(" ")
    body = document()["paths"][path][verb]["requestBody"]
    return body["content"]["application/json"]["schema"]  # type: ignore[no-any-return]


def beyond_limits(schema: dict[str, Any], value: Any, *place: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield copies of a JSON value, each with one part beyond a limit, after the place of the part and the limit."""
    if "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for variant in schema.get("anyOf", ()):
        yield from beyond_limits(variant, value, *place)
    if isinstance(value, dict):
        for key in schema.get("properties", {}).keys() & value.keys():
            for beyond, wrong in beyond_limits(schema["properties"][key], value[key], *place, key):
                yield beyond, {**value, key: wrong}
    elif isinstance(value, list):
        for number, item in enumerate(value):
            for beyond, wrong in beyond_limits(schema.get("items", {}), item, *place):
                yield beyond, [*value[:number], wrong, *value[number + 1 :]]
    else:
        for limit in LIMITS[type(value)] & schema.keys():
            yield (*place, limit), BEYOND[limit](schema[limit])


async def test_values_beyond_a_limit_are_refused() -> None:
    """Each limit of a value in the body of a request is refused by an error that names the value."""
    with Emulator(speed=0, chunk_size=50_000) as emulator:
        cases = {
            (operation(request), *limit): (request, body)
            for request, answer in await exchanges(emulator, use_everything)
            if answer.status < 300 and request.content_type == "application/json"
            for limit, body in beyond_limits(body_schema(request), json.loads(request.body))
        }
        async with httpx.AsyncClient(headers={"x-api-key": emulator.api_key}, timeout=60) as client:
            for case, (request, body) in cases.items():
                answer = await client.request(request.method, emulator.url + request.path[len("/v1.3") :], json=body)
                assert (answer.status_code, case[-2] in answer.text) == (400, True), (case, answer.text)
    assert len(cases) > 50


@pytest.mark.timeout(900)
async def test_generated_requests_get_documented_responses(tmp_path: Path) -> None:
    """No generated request fails with 5xx, invalid ones are refused, and responses have the documented schema."""
    with Emulator(speed=0, chunk_size=50_000) as emulator:
        described = document()
        for request, answer in await exchanges(emulator, use_everything):
            if answer.status < 300:
                name_ids(described, request)
        file = tmp_path / "openapi.json"
        file.write_text(json.dumps(described))
        run = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", "import schemathesis.cli; schemathesis.cli.schemathesis()", "run", str(file)),
            *("--url", emulator.url, "--header", f"x-api-key: {emulator.api_key}", "--checks", CHECKS),
            *("--phases", "coverage", "--seed", "1", "--generation-database", "none"),
            *("--suppress-health-check", "all", "--continue-on-failure", "--warnings", "off", "--no-color"),
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        output, _ = await run.communicate()
    if run.returncode:
        pytest.fail(output.decode())


def name_ids(described: dict[str, Any], request: Request) -> None:
    """Restrict the ids of an operation to those of a request, so that generated requests name existing resources."""
    verb, _, template = operation(request).partition(" ")
    found = re.fullmatch(re.sub(r"{([^}]*)}", "([^/]+)", template), request.path.removeprefix("/v1.3"))
    ids = dict(zip(re.findall(r"{([^}]*)}", template), found.groups() if found else (), strict=True))
    for parameter in described["paths"][template][verb]["parameters"]:
        if parameter["name"] in ids and parameter["in"] == "path":
            parameter["schema"] = {"type": "string", "enum": [ids[parameter["name"]]]}
