"""First programs, as quickstarts show them: on a default emulator, with the official SDK and with this one."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

import twelvelabs_async
from twelvelabs_async.testing import Emulator, sample_clip

from support.plain_http import error
from support.samples import MODELS, video

URL = "https://example.com/videos/red_balloon.mp4?download=1"
SCHEMA = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "keywords": {"type": "array", "items": {"type": "string"}}},
}


@pytest.fixture(params=["official", "ours"])
def client(request: pytest.FixtureRequest, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A blocking client. Programs that sleep between two polls advance the emulator."""
    monkeypatch.setattr(time, "sleep", emulator.advance)
    return request.getfixturevalue("sdk" if request.param == "official" else "sync_client")


@pytest.fixture
def names(client: Any) -> Any:
    """The package of the client."""
    import twelvelabs

    return twelvelabs if isinstance(client, twelvelabs.TwelveLabs) else twelvelabs_async


def poll(retrieve: Callable[[], Any]) -> Any:
    """Poll a job as quickstarts do."""
    while (job := retrieve()).status not in ("ready", "failed"):
        time.sleep(5)
    assert job.status == "ready"
    return job


@pytest.fixture
def asset(client: Any) -> Any:
    """A ready asset of a public URL, of which nothing is downloaded."""
    created = client.assets.create(method="url", url=URL)
    return poll(lambda: client.assets.retrieve(created.id))


@pytest.fixture
def index(client: Any) -> Any:
    """An index as the README of the official SDK creates it, without the model that new indexes cannot have."""
    return client.indexes.create(index_name="videos", models=MODELS)


def search(client: Any, index: Any, query: str) -> list[tuple[int, float, float]]:
    hits = client.search.query(index_id=index.id, query_text=query, search_options=["visual", "audio"])
    return [(hit.rank, hit.start, hit.end) for hit in hits]


def test_search(client: Any, index: Any, asset: Any) -> None:
    """A URL is indexed and searched by text, by image, and by both."""
    created = client.indexes.indexed_assets.create(index_id=index.id, asset_id=asset.id)
    poll(lambda: client.indexes.indexed_assets.retrieve(index_id=index.id, indexed_asset_id=created.id))
    assert (0, 6) in [(start, end) for _, start, end in search(client, index, "a red balloon")]
    image: dict[str, Any] = {"query_media_type": "image", "query_media_url": "https://example.com/balloon.png"}
    for text in ({}, {"query_text": "red"}):
        hits = list(client.search.query(index_id=index.id, search_options=["visual"], **image, **text))
        assert hits[0].video_id == created.id


def test_analyze(client: Any, names: Any, asset: Any) -> None:
    """An analysis is streamed, whole, and structured."""
    video = names.VideoContext_AssetId(asset_id=asset.id)
    events = client.analyze_stream(video=video, prompt="Summarize this video")
    streamed = "".join(event.text for event in events if event.event_type == "text_generation")
    whole = client.analyze(video=video, prompt="Summarize this video")
    assert "red balloon" in streamed
    assert (whole.data, whole.finish_reason) == (streamed, "stop")
    shape = names.SyncResponseFormat(type="json_schema", json_schema=SCHEMA)
    assert '"title"' in client.analyze(video=video, prompt="Describe it", response_format=shape).data


def test_analyze_a_url_at_once(client: Any, names: Any) -> None:
    """A URL is analyzed without an asset."""
    answer = client.analyze(video=names.VideoContext_Url(url=URL), prompt="What happens?")
    assert "red balloon" in answer.data


def test_segments(client: Any, names: Any, asset: Any) -> None:
    """A video is cut into segments by a task."""
    title = {"name": "title", "type": "string", "description": "A title"}
    shots = {"id": "shot", "description": "What is seen", "fields": [title]}
    created = client.analyze_async.tasks.create(
        model_name="pegasus1.5",
        analysis_mode="time_based_metadata",
        video=names.VideoContext_AssetId(asset_id=asset.id),
        response_format={"type": "segment_definitions", "segment_definitions": [shots]},
    )
    task = poll(lambda: client.analyze_async.tasks.retrieve(created.task_id))
    assert "shot" in task.result.data


def test_embeddings(client: Any, names: Any, asset: Any) -> None:
    """A video is embedded by a task, a text at once."""
    created = client.embed.v_2.tasks.create(
        input_type="video",
        model_name="marengo3.0",
        video=names.VideoInputRequest(media_source=names.MediaSource(asset_id=asset.id)),
    )
    task = poll(lambda: client.embed.v_2.tasks.retrieve(task_id=created.id))
    assert {(one.embedding_option, len(one.embedding)) for one in task.data} >= {("visual", 512), ("audio", 512)}
    text = names.TextInputRequest(input_text="a red balloon")
    assert len(client.embed.v_2.create(input_type="text", model_name="marengo3.0", text=text).data[0].embedding) == 512


def test_embeddings_of_version_1(client: Any, emulator: Emulator) -> None:
    """A file is embedded by a task, which the helper of the SDK waits for."""
    with sample_clip().open("rb") as file:
        created = client.embed.tasks.create(model_name="marengo3.0", video_file=file)
    done = client.embed.tasks.wait_for_done(created.id, sleep_interval=0.01, callback=lambda _: emulator.advance(1))
    assert done.status == "ready"
    [first, *_] = client.embed.tasks.retrieve(created.id, embedding_option=["visual"]).video_embedding.segments
    assert len(first.float_) == 512


def test_entity_search(client: Any, index: Any, asset: Any) -> None:
    """An entity of a few images is searched by its id."""
    images = [client.assets.create(method="url", url=f"https://example.com/{number}.jpg").id for number in range(3)]
    collection = client.entity_collections.create(name="Things")
    entity = client.entity_collections.entities.create(
        entity_collection_id=collection.id, name="Balloon", asset_ids=images
    )
    created = client.indexes.indexed_assets.create(index_id=index.id, asset_id=asset.id)
    poll(lambda: client.indexes.indexed_assets.retrieve(index_id=index.id, indexed_asset_id=created.id))
    assert search(client, index, f"<@{entity.id}>") == search(client, index, "Balloon")


def test_knowledge_stores(client: Any, names: Any, asset: Any) -> None:
    """A store with an enrichment is filled, and asked in a session, with a structured answer, and as a stream."""
    enrichment = names.EnrichmentConfig_Description(description="Extract the main subject.")
    store = client.knowledge_stores.create(
        name="balloons", ingestion_config=names.IngestionConfig(enrichment_config=enrichment)
    )
    created = client.knowledge_store_items.create(store.id, asset_id=asset.id, asset_type="video")
    poll(lambda: client.knowledge_store_items.retrieve(store.id, created.id))
    question = [names.ResponseInputItem(type="message", role="user", content="What is the subject?")]
    answer = client.responses.create(knowledge_store_id=store.id, input=question)
    assert "red balloon" in answer.output[0].content[0].text
    schema = {**SCHEMA, "additionalProperties": False}
    structured = client.responses.create(
        knowledge_store_id=store.id,
        session_id=answer.session_id,
        input=question,
        text=names.TextParam(format=names.TextParamFormat_JsonSchema(name="summary", schema_=schema)),
    )
    assert '"title"' in structured.output[0].content[0].text
    *_, last = client.responses.create_stream(knowledge_store_id=store.id, input=question)
    assert last.type == "response.completed"


def test_tasks(client: Any, index: Any, emulator: Emulator) -> None:
    """A file and a URL are uploaded and indexed by tasks, which the helper of the SDK waits for."""
    with sample_clip().open("rb") as file:
        first = client.tasks.create(index_id=index.id, video_file=file)
    second = client.tasks.create(index_id=index.id, video_url=URL)
    for created in (first, second):
        task = client.tasks.wait_for_done(created.id, sleep_interval=0.01, callback=lambda _: emulator.advance(5))
        assert (task.status, task.video_id) == ("ready", created.video_id)
    assert len(list(client.indexes.videos.list(index.id))) == 2


def test_multipart_upload(client: Any, emulator: Emulator, tmp_path: Path) -> None:
    """A file is uploaded by the helper of the SDK, which reports its progress."""
    path = tmp_path / "talk.mp4"
    path.write_bytes(video(size=6 * 1024 * 1024))
    seen: list[float] = []
    result = client.multipart_upload.upload_file(str(path), progress_callback=lambda now: seen.append(now.percentage))
    assert (seen[-1], poll(lambda: client.assets.retrieve(result.asset_id)).size) == (100, 6 * 1024 * 1024)
    [upload_id] = emulator.state.uploads
    assert client.multipart_upload.wait_for_upload_completion(upload_id).completed_chunks == 2


class TestMessages:
    """What does not get through is answered with what to do."""

    def test_an_asset_that_is_not_ready(self, client: Any, names: Any, index: Any) -> None:
        """The program has to wait, or the emulator not to let it wait."""
        created = client.assets.create(method="url", url=URL)
        with pytest.raises(names.BadRequestError) as refused:
            client.indexes.indexed_assets.create(index_id=index.id, asset_id=created.id)
        assert refused.value.body["message"] == (
            f"The asset {created.id} is processing. Retrieve it until its status is ready, then try again. "
            "An emulator with processing_time=0 needs no such wait."
        )

    def test_an_asset_that_has_failed(self, client: Any, names: Any, index: Any, emulator: Emulator) -> None:
        """To wait is of no use."""
        emulator.understand("*", fail="It has no frames.", at="processing")
        created = client.assets.create(method="url", url=URL)
        emulator.advance(60)
        with pytest.raises(names.BadRequestError) as refused:
            client.indexes.indexed_assets.create(index_id=index.id, asset_id=created.id)
        assert refused.value.body["message"] == f"The asset {created.id} is failed. Its error says why."

    @pytest.mark.emulator(processing_time=0)
    def test_an_emulator_without_processing_time_accepts_an_asset_at_once(self, client: Any, index: Any) -> None:
        """Quickstarts for short videos do not wait for an asset."""
        created = client.assets.create(method="url", url=URL)
        assert client.indexes.indexed_assets.create(index_id=index.id, asset_id=created.id).id

    @pytest.mark.parametrize(
        ("model", "replacement"), [("marengo2.7", "marengo3.0"), ("Marengo-retrieval-2.7", "marengo3.0")]
    )
    def test_retired_models(self, client: Any, names: Any, model: str, replacement: str) -> None:
        """An index, and embeddings of both versions, name the model to use."""
        models: Any = [{"model_name": model, "model_options": ["visual"]}]
        text = names.TextInputRequest(input_text="a")
        for call in (
            lambda: client.indexes.create(index_name="old", models=models),
            lambda: client.embed.create(model_name=model, text="a"),
            lambda: client.embed.v_2.create(input_type="text", model_name=model, text=text),
        ):
            with pytest.raises(names.BadRequestError, match=f"is retired. Use {replacement}."):
                call()


def test_a_schema_with_an_unsupported_keyword(api: httpx.Client) -> None:
    """An analysis refuses keywords, nested ones too, that a response of a knowledge store accepts."""
    for schema in ({**SCHEMA, "additionalProperties": False}, {"type": "array", "items": {**SCHEMA, "maxItems": 1}}):
        shape = {"type": "json_schema", "json_schema": schema}
        refused = api.post(
            "/analyze", json={"video": {"type": "url", "url": URL}, "prompt": "Describe it", "response_format": shape}
        )
        assert error(refused) == (422, "parameter_invalid")
        assert refused.json()["message"].endswith(" is not supported. Remove it from the schema.")


@pytest.mark.parametrize(("path", "advice"), [("/gist", "Use POST /analyze with a prompt."), ("/engines", "Name the")])
def test_retired_endpoints(api: httpx.Client, path: str, advice: str) -> None:
    """The endpoint that replaces one is named."""
    refused = api.post(path, json={"video_id": "1"})
    assert error(refused) == (410, "resource_not_exist")
    assert refused.json()["message"].startswith(f"POST /v1.3{path} is retired. {advice}")


def test_a_base_url_without_the_version(emulator: Emulator, api: httpx.Client) -> None:
    """A base URL ends with the version of the API."""
    refused = api.get(emulator.url.removesuffix("/v1.3") + "/indexes")
    assert error(refused) == (404, "resource_not_exist")
    assert refused.json()["message"] == f"GET /indexes is unknown: Not Found. URLs begin with {emulator.url}."


def test_another_key(emulator: Emulator) -> None:
    """The key of an account is not the emulator's."""
    refused = httpx.get(f"{emulator.url}/indexes", headers={"x-api-key": "tlk_of_an_account"})
    assert refused.json()["message"] == "The API key is missing or invalid. Pass the api_key of the emulator."
