# pyright: strict, reportUnnecessaryTypeIgnoreComment=true
"""What type checkers know of the public API. Never run: mypy and pyright read it.

A line with ``type: ignore`` is a mistake that both have to find: they complain if there is nothing to ignore.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, assert_type

import attrs

import twelvelabs_async
from twelvelabs_async import (
    OMIT,
    AnalyzeTaskResponse,
    AnalyzeTaskResult,
    APIStatusError,
    Asset,
    AssetDetail,
    AssetTranscriptionResponse,
    AsyncHttpResponse,
    AsyncPager,
    AsyncSearchPager,
    AsyncTwelveLabs,
    BaseHttpResponse,
    BatchResultItem,
    BulkCreateEntityResponse,
    ChunkInfo,
    Connection,
    CreateAnalyzeTaskResponse,
    CreatedTasks,
    EmbeddingMediaMetadata,
    EmbeddingTaskResponse,
    EmbedTasksCreateResponse,
    EmbedTasksRetrieveResponse,
    EnrichmentConfig_Description,
    Entity,
    HlsObject,
    HttpResponse,
    ImportDetail,
    IncompleteUploadSummary,
    IndexedAsset,
    IndexedAssetDetailed,
    IndexedAssetsCreateResponse,
    IndexesCreateRequestModelsItem,
    IndexesCreateResponse,
    IndexSchema,
    IngestionConfig,
    KnowledgeStore,
    KnowledgeStoreItem,
    MediaEmbeddingTask,
    NonStreamAnalyzeResponse,
    RateLimit,
    RequestOptions,
    ResponseInputItem,
    ResponseObject,
    ResponseStreamEvent,
    SearchItem,
    SearchKnowledgeStoreHit,
    SearchKnowledgeStoreResponse,
    StreamAnalyzeResponse,
    StreamAnalyzeResponse_StreamStart,
    StreamAnalyzeResponse_TextGeneration,
    SyncPager,
    SyncSearchPager,
    TasksCreateResponse,
    TasksRetrieveResponse,
    TasksStatusResponse,
    TwelveLabs,
    UploadResult,
    VideoContext_Url,
    VideoIndexingTask,
    VideoInputRequest,
    VideoVector,
    WebhookEvent,
    from_json,
    json_schema,
    read_journal,
    structure,
    tabulate,
    unstructure,
    webhooks,
)
from twelvelabs_async.bulk import AsyncRun, Outcome, Plan


@attrs.define
class Recipe:
    title: str


async def asynchronous(client: AsyncTwelveLabs) -> None:
    async with client as same:
        assert_type(same, AsyncTwelveLabs)
    assert_type(client.with_options(timeout=5), AsyncTwelveLabs)
    assert_type(client.limits["search"], RateLimit)

    model = IndexesCreateRequestModelsItem(model_name="marengo3.0", model_options=["visual"])
    assert_type(await client.indexes.create(index_name="talks", models=[model]), IndexesCreateResponse)
    plain = await client.indexes.create(
        index_name="talks", models=[{"model_name": "pegasus1.5", "model_options": ["visual", "audio"]}]
    )
    assert_type(plain.id, str)
    assert_type(await client.indexes.retrieve("i1"), IndexSchema)
    assert_type(await client.indexes.update("i1", index_name="more talks"), None)

    pager = client.indexes.indexed_assets.list("i1", status=["ready", "failed"], user_metadata={"team": "red"})
    assert_type(pager, AsyncPager[IndexedAsset])
    first = await pager
    assert_type(first, AsyncPager[IndexedAsset])
    assert_type(first.items, list[IndexedAsset] | None)
    assert_type(first.response, BaseHttpResponse | None)
    assert_type(first.get_next, Callable[[], Awaitable[AsyncPager[IndexedAsset] | None]] | None)
    assert_type(await first.next_page(), AsyncPager[IndexedAsset] | None)
    async for item in pager.prefetch(4):
        assert_type(item, IndexedAsset)
    async for page in pager.iter_pages():
        assert_type(page, AsyncPager[IndexedAsset])
    assert_type([asset async for asset in client.assets.list()], list[AssetDetail])

    assert_type(await client.request("GET", "/new", query={"a": 1}), Any)
    assert_type(await client.request("GET", "/new", into=IndexSchema), IndexSchema)
    requested = await client.with_raw_response.request("GET", "/new", into=IndexSchema)
    assert_type(requested, AsyncHttpResponse[IndexSchema])
    raw = await client.indexes.indexed_assets.with_raw_response.retrieve("i1", "x1", transcription=True)
    assert_type(raw, AsyncHttpResponse[IndexedAssetDetailed])
    assert_type(raw.elapsed, timedelta)
    assert_type(raw.request_id, str | None)
    assert_type(client.assets.with_raw_response.list(), AsyncPager[AssetDetail])
    assert_type(await client.with_raw_response.analyze(prompt="?"), AsyncHttpResponse[NonStreamAnalyzeResponse])
    assert_type(await client.with_raw_response.analyze(prompt="?", into=Recipe), AsyncHttpResponse[Recipe])
    async with client.with_raw_response.analyze_stream(prompt="?") as events:
        assert_type(events.data, AsyncIterator[StreamAnalyzeResponse])
    await client.assets.with_raw_response.retrieve(1)  # type: ignore[arg-type]

    made = await client.indexes.indexed_assets.create("i1", asset_id="a1", enable_video_stream=OMIT)
    assert_type(made, IndexedAssetsCreateResponse)
    options: RequestOptions = {"timeout_in_seconds": 5, "max_retries": 0}
    detailed = await client.indexes.indexed_assets.retrieve("i1", "x1", transcription=True, request_options=options)
    assert_type(detailed, IndexedAssetDetailed)
    assert_type(detailed.extra, Mapping[str, Any])

    assert_type(await client.assets.create(method="direct", file=("talk.mp4", b"...", "video/mp4")), Asset)
    assert_type(await client.assets.upload(Path("talk.mp4"), user_metadata={"year": 2024, "tags": ["a"]}), Asset)
    assert_type(await client.assets.wait_until_ready("a1", callback=see), AssetDetail)
    assert_type(await client.assets.retrieve_transcription("a1"), AssetTranscriptionResponse)
    assert_type(await client.multipart_upload.upload_file("talk.mp4"), UploadResult)
    assert_type(await client.multipart_upload.list_incomplete_uploads(), AsyncPager[IncompleteUploadSummary])
    assert_type(await client.multipart_upload.get_status("u1"), AsyncPager[ChunkInfo])

    task = await client.tasks.create(index_id="i1", video_file=Path("talk.mp4"), user_metadata={"year": 2024})
    assert_type(task, TasksCreateResponse)
    assert_type(
        await client.tasks.create_bulk(index_id="i1", video_urls=["https://example.com/talk.mp4"]),
        CreatedTasks[TasksCreateResponse],
    )
    assert_type(await client.tasks.wait_for_done("t1", callback=see_task), VideoIndexingTask)
    assert_type(
        client.indexes.videos.list("i1", fps={"gte": 24}, user_metadata={"year": 2024}), AsyncPager[VideoVector]
    )
    vectors = await client.embed.v_2.create(
        input_type="video",
        model_name="marengo3.0",
        video=VideoInputRequest(media_source={"asset_id": "a1"}, embedding_scope=["clip"]),
    )
    assert_type(vectors.data[0].embedding, list[float])
    text = await client.embed.v_2.create(input_type="text", model_name="marengo3.0", text={"input_text": "a goal"})
    assert_type(text.metadata, EmbeddingMediaMetadata | None)
    waited = client.embed.v_2.tasks.create_and_wait(
        input_type="audio", model_name="marengo3.5", audio={"media_source": {"url": "https://example.com/talk.mp3"}}
    )
    assert_type(await waited, EmbeddingTaskResponse)
    assert_type(
        await client.embed.tasks.create_bulk(
            model_name="marengo3.0", videos=[{"video_file": "talk.mp4"}, {"video_file": Path("talk.mp4")}]
        ),
        CreatedTasks[EmbedTasksCreateResponse],
    )
    assert_type(await client.embed.tasks.wait_for_done("t1"), TasksStatusResponse)
    assert_type(client.embed.tasks.list(status="ready"), AsyncPager[MediaEmbeddingTask])
    assert_type(await client.data_connectors.list_connections(), AsyncPager[Connection])
    done = await client.imports.import_files_and_wait("c1", items=[{"source_id": "f1"}])
    assert_type(done, ImportDetail)
    assert_type(done.status, str)

    search = client.search.query(index_id="i1", query_text="a goal", search_options=["visual"])
    assert_type(search.prefetch(2), AsyncSearchPager[SearchItem])
    assert_type((await search).items, list[SearchItem] | None)
    assert_type(await search.to_dicts(), list[dict[str, Any]])
    assert_type(await client.indexes.list().to_pandas(), Any)
    assert_type(await client.assets.list().to_csv("assets.csv"), None)
    assert_type(await client.indexes.to_html("i1", "index.html"), None)
    assert_type(await search.to_html("goals.html", title="Goals"), None)
    assert_type(await client.bulk.embed("videos/", model_name="marengo3.0").to_parquet(Path("a.parquet")), None)
    await client.assets.list().to_parquet()  # type: ignore[call-arg]
    video = VideoContext_Url(url="https://example.com/talk.mp4")
    assert_type(await client.analyze(video=video, prompt="What happens?"), NonStreamAnalyzeResponse)
    stream = client.analyze_stream(video={"type": "asset_id", "asset_id": "a1"}, prompt="What happens?")
    assert_type(stream, AsyncGenerator[StreamAnalyzeResponse, None])
    async for event in stream:
        if isinstance(event, StreamAnalyzeResponse_TextGeneration):
            assert_type(event.text, str | None)

    assert_type(await client.analyze(video=video, prompt="What happens?", into=Recipe), Recipe)
    tasks = client.analyze_async.tasks
    assert_type(await tasks.create_and_wait(video=video, prompt="What happens?"), AnalyzeTaskResponse)
    assert_type(await tasks.create_and_wait(video=video, prompt="What happens?", into=Recipe), Recipe)
    question = ResponseInputItem(content="What happens?")
    assert_type(await client.responses.create(knowledge_store_id="k1", input=[question]), ResponseObject)
    assert_type(await client.responses.create(knowledge_store_id="k1", input=[question], into=Recipe), Recipe)
    responses = client.responses.create_stream(knowledge_store_id="k1", input=[question])
    assert_type(responses, AsyncGenerator[ResponseStreamEvent, None])
    async for part in responses:
        if part.type == "response.output_text.delta":
            assert_type(part.delta, str | None)

    entities = client.entity_collections.entities
    assert_type(
        await entities.create_bulk("c1", entities=[{"name": "Ada", "asset_ids": ["a1"]}]), BulkCreateEntityResponse
    )
    assert_type(await entities.delete_assets("c1", "e1", asset_ids=["a1"]), Entity)
    config = IngestionConfig(enrichment_config=EnrichmentConfig_Description(description="Who speaks?"))
    assert_type(await client.knowledge_stores.create(name="k", ingestion_config=config), KnowledgeStore)
    hits = client.knowledge_stores.search_all("k1", query={"text": "a goal"}, filter={"item_id": {"in_": ["i1"]}})
    assert_type(hits, AsyncPager[SearchKnowledgeStoreHit])
    assert_type(await client.knowledge_stores.search("k1", query={"text": "x"}), SearchKnowledgeStoreResponse)
    assert_type(await client.knowledge_store_items.wait_until_ready("k1", "i1"), KnowledgeStoreItem)

    made_task = await client.analyze_async.tasks.create(video=video, prompt="?", max_tokens="unlimited")
    assert_type(made_task, CreateAnalyzeTaskResponse)
    analyzed = await client.analyze_async.tasks.wait_until_ready(made_task.task_id, callback=print)
    assert_type(analyzed, AnalyzeTaskResponse)
    assert_type(analyzed.created_at, datetime)
    assert_type(client.analyze_async.tasks.list(status="ready"), AsyncPager[AnalyzeTaskResponse])
    batch = await client.analyze_async.batches.create_and_wait(
        model_name="pegasus1.5",
        analysis_mode="time_based_metadata",
        defaults={
            "response_format": {
                "type": "segment_definitions",
                "segment_definitions": [
                    {
                        "id": "scenes",
                        "description": "A scene.",
                        "fields": [{"name": "goals", "type": "array", "description": "d", "items": {"type": "string"}}],
                        "time_ranges": [{"start_time": 0, "end_time": 5.5}],
                    }
                ],
            }
        },
        requests=[{"video": {"type": "asset_id", "asset_id": "a1"}, "custom_id": "one", "temperature": 0.5}],
    )
    assert_type(batch.ready_items, int)
    assert_type(client.analyze_async.batches.results(batch.batch_id), AsyncGenerator[BatchResultItem, None])
    assert_type(webhooks.unwrap(b"", {"TL-Signature": "t=1,v1=0"}, "secret"), WebhookEvent)

    async for outcome in client.bulk.index("i1", ["talk.mp4", Path("talks"), "https://example.com/talk.mp4"]):
        assert_type(outcome, Outcome[IndexedAsset])
        assert_type(outcome.error, Exception | None)
    answers = client.bulk.analyze("talks/", prompt="What happens?", batch=True)
    assert_type(answers, AsyncRun[AnalyzeTaskResult])
    embedded = client.bulk.embed("talks/", model_name="marengo3.0", video={"embedding_option": ["visual"]})
    assert_type(embedded, AsyncRun[EmbeddingTaskResponse])
    assert_type(client.bulk.delete(["a1"], force=True), AsyncRun[None])


def see_task(task: TasksRetrieveResponse) -> None:
    assert_type(task.hls, HlsObject | None)


async def see(asset: AssetDetail) -> None:
    assert_type(asset.created_at, datetime | None)


def blocking(client: TwelveLabs) -> None:
    with client as same:
        assert_type(same, TwelveLabs)
    assert_type(client.with_options(timeout=5), TwelveLabs)
    assert_type(client.indexes.retrieve("i1"), IndexSchema)
    assert_type(client.indexes.delete("i1"), None)

    pager = client.indexes.indexed_assets.list("i1", status="ready")
    assert_type(pager, SyncPager[IndexedAsset])
    assert_type(pager.items, list[IndexedAsset] | None)
    assert_type(pager.has_next, bool)
    assert_type(pager.get_next, Callable[[], SyncPager[IndexedAsset] | None] | None)
    assert_type(pager.response, BaseHttpResponse | None)
    assert_type(pager.next_page(), SyncPager[IndexedAsset] | None)
    assert_type(pager.iter_pages(), Iterator[SyncPager[IndexedAsset]])
    for item in pager:
        assert_type(item, IndexedAsset)

    assert_type(client.indexes.indexed_assets.retrieve("i1", "x1"), IndexedAssetDetailed)
    assert_type(client.assets.upload("talk.mp4"), Asset)
    assert_type(client.request("GET", "/new"), Any)
    assert_type(client.request("GET", "/new", into=Recipe), Recipe)
    assert_type(client.assets.with_raw_response.retrieve("a1"), HttpResponse[AssetDetail])
    assert_type(client.assets.with_raw_response.retrieve("a1").data, AssetDetail)
    assert_type(client.assets.with_raw_response.list(), SyncPager[AssetDetail])
    found = client.search.with_raw_response.query(index_id="i1", search_options=["visual"])
    assert_type(found, SyncSearchPager[SearchItem])
    assert_type(client.with_raw_response.analyze(prompt="?", into=Recipe), HttpResponse[Recipe])
    assert_type(client.with_raw_response.analyze(prompt="?"), HttpResponse[NonStreamAnalyzeResponse])
    with client.with_raw_response.analyze_stream(prompt="?") as events:
        assert_type(events.data, Iterator[StreamAnalyzeResponse])
    client.assets.with_raw_response.retrieve()  # type: ignore[call-arg]
    assert_type(client.embed.tasks.wait_until_ready("t1"), EmbedTasksRetrieveResponse)
    assert_type(client.embed.v_2.tasks.list(), SyncPager[MediaEmbeddingTask])
    search = client.search.query(index_id="i1", search_options=["visual"])
    assert_type(search.next_page(), SyncSearchPager[SearchItem] | None)
    assert_type(search.items, list[SearchItem] | None)
    assert_type(search.to_dicts(), list[dict[str, Any]])
    assert_type(client.indexes.list().to_polars(), Any)
    assert_type(client.assets.list().to_jsonl("assets.jsonl"), None)
    assert_type(client.bulk.upload("videos/").to_dicts(), list[dict[str, Any]])
    assert_type(read_journal("run.db").to_csv(Path("run.csv")), None)
    assert_type(tabulate(search.items or ()).to_dicts(), list[dict[str, Any]])
    stream = client.analyze_stream(video=VideoContext_Url(url="https://example.com/talk.mp4"), prompt="What happens?")
    assert_type(stream, Iterator[StreamAnalyzeResponse])
    video = VideoContext_Url(url="https://example.com/talk.mp4")
    assert_type(client.analyze(video=video, prompt="What happens?"), NonStreamAnalyzeResponse)
    assert_type(client.analyze(video=video, prompt="What happens?", into=Recipe), Recipe)
    tasks = client.analyze_async.tasks
    assert_type(tasks.create_and_wait(video=video, prompt="What happens?"), AnalyzeTaskResponse)
    assert_type(tasks.create_and_wait(video=video, prompt="What happens?", into=Recipe), Recipe)
    question = ResponseInputItem(content="What happens?")
    assert_type(client.responses.create(knowledge_store_id="k1", input=[question]), ResponseObject)
    assert_type(client.responses.create(knowledge_store_id="k1", input=[question], into=Recipe), Recipe)
    responses = client.responses.create_stream(knowledge_store_id="k1", input=[question])
    assert_type(responses, Iterator[ResponseStreamEvent])
    assert_type(client.analyze_async.tasks.retrieve("t1"), AnalyzeTaskResponse)
    assert_type(client.analyze_async.batches.results("b1"), Iterator[BatchResultItem])
    assert_type(client.bulk.plan("i1", "talks/", journal=Path("talks.db")), Plan)
    for outcome in client.bulk.index("i1", "talks/"):
        assert_type(outcome, Outcome[IndexedAsset])
    for answer in client.bulk.analyze("talks/", prompt="What happens?"):
        assert_type(answer.result, AnalyzeTaskResult | None)


def models(hit: SearchItem) -> None:
    """Make models of models, dicts and JSON, and the reverse."""
    assert_type(SearchItem.from_dict({"start": 1.0}), SearchItem)
    assert_type(SearchItem.from_json("{}"), SearchItem)
    assert_type(hit.copy(start=2.0), SearchItem)
    assert_type(hit.to_dict(mode="json", exclude={"clips": {0}}, exclude_none=True), dict[str, Any])
    assert_type(hit.to_json(indent=1, by_alias=True), str)
    assert_type(dict(hit), dict[str, Any])
    hit.to_dict(exclude_nulls=True)  # type: ignore[call-arg]
    SearchItem.from_dict(1)  # type: ignore[arg-type]


def helpers(error: APIStatusError) -> None:
    assert_type(structure({"_id": "i1"}, IndexSchema), IndexSchema)
    assert_type(from_json("{}", Recipe), Recipe)
    assert_type(json_schema(Recipe), dict[str, Any])
    assert_type(unstructure(VideoContext_Url(url="https://example.com/talk.mp4")), Any)
    assert_type(error.status_code, int | None)
    assert_type(error.request_id, str | None)
    assert_type(error.retry_after, float | None)


async def asynchronous_mistakes(client: AsyncTwelveLabs) -> None:
    AsyncTwelveLabs("key")  # type: ignore[call-arg]
    await client.indexes.retrieve()  # type: ignore[call-arg]
    await client.indexes.retrieve(1)  # type: ignore[arg-type]
    await client.embed.v_2.create(input_type="text", model_name="m", text="a goal")  # type: ignore[arg-type]
    await client.embed.v_2.create(input_type="text", model_name="m", text={"text": "a goal"})  # type: ignore[arg-type]
    await client.indexes.retrieve("i1", "x1")  # type: ignore[arg-type, call-arg]
    await client.indexes.retrieve("i1", indexed="x1")  # type: ignore[call-arg]
    await client.indexes.create(index_name="talks", models=["marengo3.0"])  # type: ignore[list-item]
    await client.assets.create(method="direct", file=5)  # type: ignore[arg-type]
    await client.assets.upload("talk.mp4", on_progress=print, request_options={"timeout": 5})  # type: ignore[arg-type]
    await client.search.query(index_id="i1", search_options="visual", threshhold=5)  # type: ignore[call-arg]
    client.indexes.list(page="1")  # type: ignore[arg-type]
    for _ in client.indexes.list():  # type: ignore[attr-defined]
        pass
    await client.analyze(prompt="?", into="Recipe")  # type: ignore[arg-type]
    (await client.analyze(prompt="?")).upper()  # type: ignore[attr-defined]
    twelvelabs_async.TwelveLabsAsync()  # type: ignore[attr-defined]
    StreamAnalyzeResponse_StreamStart(metadate=None)  # type: ignore[call-arg]


def blocking_mistakes(client: TwelveLabs) -> None:
    client.indexes.retrieve()  # type: ignore[call-arg]
    client.indexes.retrieve(1)  # type: ignore[arg-type]
    client.indexes.retrieve("i1", "x1")  # type: ignore[arg-type, call-arg]
    client.indexes.retrieve("i1", indexed="x1")  # type: ignore[call-arg]
    client.indexes.list(page="1")  # type: ignore[arg-type]
    client.indexes.list("name")  # type: ignore[arg-type, call-arg]
    client.analyze(prompt="?", into="Recipe")  # type: ignore[arg-type]
    client.analyze(prompt="?").upper()  # type: ignore[attr-defined]
    client.responses.create(input=[])  # type: ignore[call-arg]
    name: int = client.indexes.retrieve("i1")  # type: ignore[assignment]
    del name
    client.indexes.indexed_assets.create("i1")  # type: ignore[call-arg]
    client.assets.uplaod("talk.mp4")  # type: ignore[attr-defined]
    TwelveLabs(connector="socks5://localhost")  # type: ignore[arg-type]
