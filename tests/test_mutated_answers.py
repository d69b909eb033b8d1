"""Responses with any JSON: whatever the server sends, only documented errors are raised, and nothing hangs.

``MUTATION_ROUNDS=10000 pytest tests/test_mutated_answers.py`` makes more calls than usual.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing, suppress
from functools import partial
from inspect import isasyncgen, isawaitable, signature
from io import BytesIO
from operator import attrgetter
from typing import Any

import attrs
import pytest

from twelvelabs_async import (
    AssetDetail,
    AsyncPager,
    AsyncTwelveLabs,
    Model,
    Moment,
    MomentVideo,
    TwelveLabs,
    TwelveLabsError,
    tabulate,
    unstructure,
)
from twelvelabs_async.models.tables import EmbeddingTable, Table
from twelvelabs_async.testing import Emulator

from support.clients import Connect, method_names
from support.mutations import Mutator
from support.samples import MEDIA, MODELS, video

ROUNDS = int(os.environ.get("MUTATION_ROUNDS", "150"))
DEADLINE = 5 * 3600.0
"""Seconds of the turned clock; waits have an hour."""
MAX_PAGES = 5
SPEECH = b"spoken" * 1000
VIDEO_URL = "https://example.com/talk.mp4"


@attrs.define
class Answer:
    """An answer of any content."""

    text: str | None = None


class Facts:
    """Ids of what exists, and arguments that many calls have."""

    index: str
    asset: str
    item: str
    upload: str
    task: str
    analysis: str
    batch: str
    embedding: str
    embedding_task: str
    store: str
    store_item: str
    collection: str
    people: str
    entity: str
    connection: str
    import_: str
    video: Any
    source: Any
    question: Any
    waiting: Any


async def prepare(client: AsyncTwelveLabs, emulator: Emulator) -> Facts:
    """Create one object of each kind."""
    made = Facts()
    made.index = (await client.indexes.ensure("talks", models=MODELS)).id
    made.asset = (await client.assets.create_and_wait(VIDEO_URL)).id
    made.video = {"type": "asset_id", "asset_id": made.asset}
    made.source = {"media_source": {"asset_id": made.asset}}
    made.waiting = {"timeout": 20.0, "interval": 5.0}
    made.item = (await client.indexes.indexed_assets.create_and_wait(made.index, asset_id=made.asset)).id
    made.upload = (
        await client.multipart_upload.create(filename="a.mp4", type="video", total_size=len(SPEECH))
    ).upload_id
    made.task = (await client.tasks.create(index_id=made.index, video_url=VIDEO_URL)).id
    made.analysis = (await client.analyze_async.tasks.create(video=made.video, prompt="?")).task_id
    requests: Any = [{"video": made.video, "prompt": {"input_text": "?"}}]
    batches = client.analyze_async.batches
    made.batch = (
        await batches.create_and_wait(model_name="pegasus1.5", analysis_mode="general", requests=requests)
    ).batch_id
    made.embedding = (await client.embed.tasks.create(model_name="marengo3.0", video_url=VIDEO_URL)).id
    v2 = client.embed.v_2.tasks
    made.embedding_task = (await v2.create(input_type="video", model_name="marengo3.0", video=made.source)).id
    made.store = (await client.knowledge_stores.create(name="talks")).id
    made.store_item = (await client.knowledge_store_items.create(made.store, asset_id=made.asset)).id
    made.collection = (await client.knowledge_store_item_collections.create(made.store, name="best")).id
    made.people = (await client.entity_collections.create(name="people")).id
    picture = await client.assets.create_and_wait("https://example.com/ada.png")
    entities = client.entity_collections.entities
    made.entity = (await entities.create(made.people, name="Ada", asset_ids=[picture.id])).id
    made.question = [{"type": "message", "role": "user", "content": "Who?"}]
    emulator.advance(100)
    return made


Call = Callable[[AsyncTwelveLabs, Facts], Any]

CALLS: dict[str, Call] = {
    "analyze": lambda client, the: client.analyze(video=the.video, prompt="?"),
    "analyze into": lambda client, the: client.analyze(video=the.video, prompt="?", into=Answer),
    "analyze_stream": lambda client, the: client.analyze_stream(video=the.video, prompt="?"),
    "analyze_async.batches.create": lambda client, the: client.analyze_async.batches.create(
        model_name="pegasus1.5", analysis_mode="general", requests=[{"video": the.video}]
    ),
    "analyze_async.batches.list": lambda client, _: client.analyze_async.batches.list(page_limit=1),
    "analyze_async.batches.results": lambda client, the: client.analyze_async.batches.results(the.batch),
    "analyze_async.batches.retrieve": lambda client, the: client.analyze_async.batches.retrieve(the.batch),
    "analyze_async.batches.wait_until_ready": lambda client, the: client.analyze_async.batches.wait_until_ready(
        the.batch, **the.waiting
    ),
    "analyze_async.tasks.create_and_wait": lambda client, the: client.analyze_async.tasks.create_and_wait(
        video=the.video, prompt="?", **the.waiting
    ),
    "analyze_async.tasks.create_and_wait into": lambda client, the: client.analyze_async.tasks.create_and_wait(
        video=the.video, prompt="?", into=Answer, **the.waiting
    ),
    "analyze_async.tasks.list": lambda client, _: client.analyze_async.tasks.list(page_limit=1),
    "analyze_async.tasks.wait_until_ready": lambda client, the: client.analyze_async.tasks.wait_until_ready(
        the.analysis, **the.waiting
    ),
    "assets.create": lambda client, _: client.assets.create(method="url", url=VIDEO_URL),
    "assets.create_and_wait": lambda client, the: client.assets.create_and_wait(video(), **the.waiting),
    "assets.list": lambda client, _: client.assets.list(page_limit=1),
    "assets.retrieve": lambda client, the: client.assets.retrieve(the.asset),
    "assets.retrieve_transcription": lambda client, the: client.assets.retrieve_transcription(the.asset),
    "assets.update_user_metadata": lambda client, the: client.assets.update_user_metadata(the.asset, user_metadata={}),
    "assets.upload": lambda client, _: client.assets.upload(SPEECH, multipart_threshold=3),
    "assets.upload again": lambda client, the: client.assets.upload(
        SPEECH, multipart_threshold=3, upload_id=the.upload
    ),
    "assets.wait_for_transcription": lambda client, the: client.assets.wait_for_transcription(the.asset, **the.waiting),
    "assets.wait_until_ready": lambda client, the: client.assets.wait_until_ready(the.asset, **the.waiting),
    "data_connectors.authorize_connection": lambda client, _: client.data_connectors.authorize_connection(
        provider="google_drive", redirect_uri="https://app.example.com/done"
    ),
    "data_connectors.create_redirect_uri": lambda client, _: client.data_connectors.create_redirect_uri(
        redirect_uri="https://app.example.com/done"
    ),
    "data_connectors.list_connections": lambda client, _: client.data_connectors.list_connections(),
    "data_connectors.list_redirect_uris": lambda client, _: client.data_connectors.list_redirect_uris(),
    "embed.create": lambda client, _: client.embed.create(model_name="marengo3.0", text="a rocket"),
    "embed.tasks.create_bulk": lambda client, _: client.embed.tasks.create_bulk(
        model_name="marengo3.0", videos=[{"video_url": VIDEO_URL}]
    ),
    "embed.tasks.create_and_wait": lambda client, the: client.embed.tasks.create_and_wait(
        model_name="marengo3.0", video_url=VIDEO_URL, **the.waiting
    ),
    "embed.tasks.list": lambda client, _: client.embed.tasks.list(page_limit=1),
    "embed.tasks.retrieve": lambda client, the: client.embed.tasks.retrieve(the.embedding),
    "embed.tasks.status": lambda client, the: client.embed.tasks.status(the.embedding),
    "embed.tasks.wait_for_done": lambda client, the: client.embed.tasks.wait_for_done(
        the.embedding, sleep_interval=600
    ),
    "embed.v_2.create": lambda client, _: client.embed.v_2.create(
        input_type="text", model_name="marengo3.0", text={"input_text": "a rocket"}
    ),
    "embed.v_2.tasks.create_and_wait": lambda client, the: client.embed.v_2.tasks.create_and_wait(
        input_type="video", model_name="marengo3.0", video=the.source, **the.waiting
    ),
    "embed.v_2.tasks.list": lambda client, _: client.embed.v_2.tasks.list(page_limit=1),
    "embed.v_2.tasks.retrieve": lambda client, the: client.embed.v_2.tasks.retrieve(the.embedding_task),
    "embed.v_2.tasks.wait_until_ready": lambda client, the: client.embed.v_2.tasks.wait_until_ready(
        the.embedding_task, **the.waiting
    ),
    "entity_collections.create": lambda client, _: client.entity_collections.create(name="people"),
    "entity_collections.list": lambda client, _: client.entity_collections.list(page_limit=1),
    "entity_collections.retrieve": lambda client, the: client.entity_collections.retrieve(the.people),
    "entity_collections.update": lambda client, the: client.entity_collections.update(the.people, name="persons"),
    "entity_collections.entities.create_bulk": lambda client, the: client.entity_collections.entities.create_bulk(
        the.people, entities=[{"name": "Bob", "asset_ids": [the.asset]}]
    ),
    "entity_collections.entities.list": lambda client, the: client.entity_collections.entities.list(the.people),
    "entity_collections.entities.retrieve": lambda client, the: client.entity_collections.entities.retrieve(
        the.people, the.entity
    ),
    "indexes.create": lambda client, _: client.indexes.create(index_name=f"{random.random()}", models=MODELS),
    "indexes.ensure": lambda client, _: client.indexes.ensure(f"talks {random.randrange(3)}", models=MODELS),
    "indexes.indexed_assets.create_and_wait": lambda client, the: client.indexes.indexed_assets.create_and_wait(
        the.index, asset_id=the.asset, **the.waiting
    ),
    "indexes.indexed_assets.list": lambda client, the: client.indexes.indexed_assets.list(the.index, page_limit=1),
    "indexes.indexed_assets.list_by_asset": lambda client, the: client.indexes.indexed_assets.list_by_asset(the.asset),
    "indexes.indexed_assets.retrieve": lambda client, the: client.indexes.indexed_assets.retrieve(
        the.index, the.item, embedding_option=["visual"], transcription=True
    ),
    "indexes.indexed_assets.wait_until_ready": lambda client, the: client.indexes.indexed_assets.wait_until_ready(
        the.index, the.item, **the.waiting
    ),
    "indexes.list": lambda client, _: client.indexes.list(page_limit=1).prefetch(3),
    "indexes.retrieve": lambda client, the: client.indexes.retrieve(the.index),
    "indexes.update": lambda client, the: client.indexes.update(the.index, index_name="speeches"),
    "indexes.videos.list": lambda client, the: client.indexes.videos.list(the.index, page_limit=1),
    "knowledge_store_item_collections.list": lambda client, the: client.knowledge_store_item_collections.list(
        the.store
    ),
    "knowledge_store_item_collections.list_items": lambda client, the: (
        client.knowledge_store_item_collections.list_items(the.store, the.collection)
    ),
    "knowledge_store_item_collections.add_items": lambda client, the: client.knowledge_store_item_collections.add_items(
        the.store, the.collection, item_ids=[the.store_item]
    ),
    "knowledge_store_items.list": lambda client, the: client.knowledge_store_items.list(the.store),
    "knowledge_store_items.wait_until_ready": lambda client, the: client.knowledge_store_items.wait_until_ready(
        the.store, the.store_item, **the.waiting
    ),
    "knowledge_stores.list": lambda client, _: client.knowledge_stores.list(),
    "knowledge_stores.search": lambda client, the: client.knowledge_stores.search(the.store, query={"text": "a"}),
    "knowledge_stores.search_all": lambda client, the: client.knowledge_stores.search_all(
        the.store, query={"text": "a"}, page_size=1
    ),
    "multipart_upload.create": lambda client, _: client.multipart_upload.create(
        filename="a.mp4", type="video", total_size=5
    ),
    "multipart_upload.get_status": lambda client, the: client.multipart_upload.get_status(the.upload),
    "multipart_upload.list_incomplete_uploads": lambda client, _: client.multipart_upload.list_incomplete_uploads(),
    "multipart_upload.upload_file": lambda client, _: client.multipart_upload.upload_file(
        MEDIA / "bouncing_ball.mp4", retry_delay=0
    ),
    "multipart_upload.wait_for_upload_completion": lambda client, the: (
        client.multipart_upload.wait_for_upload_completion(the.upload, max_wait_time=20)
    ),
    "request": lambda client, the: client.request("GET", f"/assets/{the.asset}"),
    "request into": lambda client, the: client.request("GET", f"/assets/{the.asset}", into=AssetDetail),
    "responses.create": lambda client, the: client.responses.create(knowledge_store_id=the.store, input=the.question),
    "responses.create into": lambda client, the: client.responses.create(
        knowledge_store_id=the.store, input=the.question, into=Answer
    ),
    "responses.create_stream": lambda client, the: client.responses.create_stream(
        knowledge_store_id=the.store, input=the.question
    ),
    "search.create": lambda client, the: client.search.create(
        index_id=the.index, search_options=["visual"], query_text="a", group_by=random.choice(["clip", "video"])
    ),
    "search.query": lambda client, the: client.search.query(
        index_id=the.index, search_options=["visual"], query_text="a", page_limit=1
    ),
    "indexes.list to_polars": lambda client, _: client.indexes.list().to_polars(),
    "search.query to_arrow": lambda client, the: client.search.query(
        index_id=the.index, search_options=["visual"], query_text="a", page_limit=1
    ).to_arrow(),
    "tasks.create_and_wait": lambda client, the: client.tasks.create_and_wait(
        index_id=the.index, video_url=VIDEO_URL, **the.waiting
    ),
    "tasks.create_bulk": lambda client, the: client.tasks.create_bulk(index_id=the.index, video_urls=[VIDEO_URL]),
    "tasks.list": lambda client, _: client.tasks.list(page_limit=1),
    "tasks.wait_for_done": lambda client, the: client.tasks.wait_for_done(the.task, sleep_interval=600),
    "bulk.embed": lambda client, _: finish(
        client.bulk.embed([VIDEO_URL], model_name="marengo3.0", interval=5, timeout=20)
    ),
    "bulk.index": lambda client, the: finish(client.bulk.index(the.index, [VIDEO_URL], interval=5, timeout=20)),
}


NOTHING = "0" * 24
"""An id that does not exist, for calls that delete: the other calls need what exists."""
ARGUMENTS: dict[str, Callable[[Facts], Any]] = {
    "analysis_mode": lambda _: "general",
    "asset_id": lambda the: the.asset,
    "asset_ids": lambda the: [the.asset],
    "batch_id": lambda the: the.batch,
    "collection_id": lambda the: the.collection,
    "completed_chunks": lambda _: [{"chunk_index": 1, "proof": "p", "proof_type": "etag", "chunk_size": 5}],
    "connection_id": lambda _: "c",
    "count": lambda _: 2,
    "entity_collection_id": lambda the: the.people,
    "entity_id": lambda the: the.entity,
    "import_id": lambda _: "i",
    "index_id": lambda the: the.index,
    "indexed_asset_id": lambda the: the.item,
    "item_id": lambda the: the.store_item,
    "item_ids": lambda the: [the.store_item],
    "items": lambda _: [{"id": "f"}],
    "knowledge_store_id": lambda the: the.store,
    "model_name": lambda _: "pegasus1.5",
    "name": lambda _: "Ada",
    "page_token": lambda _: "t",
    "redirect_uri_id": lambda _: "r",
    "item_metadata": lambda _: {"a": "b"},
    "requests": lambda the: [{"video": the.video}],
    "sources": lambda _: [VIDEO_URL],
    "start": lambda _: 1,
    "file": lambda _: BytesIO(),
    "moments": lambda the: [Moment(start=0.0, video=MomentVideo(id=the.item, index_id=the.index))],
    "upload_id": lambda the: the.upload,
    "user_metadata": lambda _: {"a": "b"},
    "video_id": lambda the: the.item,
}
"""Arguments of the calls of all other methods, by the names of their required parameters."""
TASKS = {"analyze_async": "analysis", "embed.v_2": "embedding_task", "embed": "embedding", "": "task"}
MORE: dict[str, dict[str, Callable[[Facts], Any]]] = {
    "analyze_async.tasks.create": {"video": lambda the: the.video, "prompt": lambda _: "?"},
    "bulk.analyze": {"prompt": lambda _: "?"},
    "embed.tasks.create": {"model_name": lambda _: "marengo3.0", "video_url": lambda _: VIDEO_URL},
    "embed.v_2.tasks.create": {
        "input_type": lambda _: "video",
        "model_name": lambda _: "marengo3.0",
        "video": lambda the: the.source,
    },
    "tasks.create": {"video_url": lambda _: VIDEO_URL},
}


def call_of(name: str) -> Call:
    """Return a call of a method with its required arguments."""

    def call(client: AsyncTwelveLabs, the: Facts) -> Any:
        function = attrgetter(name)(client)
        given = {**ARGUMENTS, "task_id": lambda the: getattr(the, task_of(name)), **MORE.get(name, {})}
        required = [
            parameter.name
            for parameter in signature(function).parameters.values()
            if parameter.default is parameter.empty or parameter.name in MORE.get(name, {})
        ]
        arguments = {parameter: given[parameter](the) for parameter in required}
        if name.split(".")[-1].startswith(("cancel", "delete", "remove")):
            arguments |= {parameter: NOTHING for parameter in required if parameter.endswith("_id")}
            arguments |= {parameter: [NOTHING] for parameter in required if parameter.endswith("_ids")}
        if "wait" in name:
            arguments |= the.waiting
        result = function(**arguments)
        return finish(result) if name in ("bulk.analyze", "bulk.delete", "bulk.upload") else result

    return call


def task_of(name: str) -> str:
    """Return the name of the fact with the task of a method."""
    return next(fact for prefix, fact in TASKS.items() if name.startswith(prefix))


METHODS = {*method_names(AsyncTwelveLabs(api_key="key"))} - {"close", "with_options"}
"""All that send requests."""
OTHERS = {
    name for name in METHODS - {name.split(" ")[0] for name in CALLS} if not name.startswith("media.")
}  # of files
CALLS |= {name: call_of(name) for name in sorted(OTHERS)}


async def finish(run: Any) -> list[Any]:
    """Return the results and errors of a bulk run."""
    return [outcome.error or outcome.result async for outcome in run]


async def use(result: Any) -> None:
    """Do with a result what programs do."""
    if isinstance(result, AsyncPager):
        page: Any = await result
        for _ in range(MAX_PAGES):
            repr(page)
            await use(page.items)
            await use_table(tabulate(page.items or ()))
            page = await page.next_page()
            if page is None:
                break
        async with aclosing(result.iter_pages()) as pages:
            await anext(pages)
            await anext(pages, None)
    elif isasyncgen(result):
        async with aclosing(result):
            async for event in result:
                await use(event)
    elif isawaitable(result):
        await use(await result)
    elif isinstance(result, list):
        for item in result:
            await use(item)
    elif isinstance(result, Model):
        repr(result)
        result._repr_html_()
        unstructure(result)
        assert result == result
        _ = getattr(result, "output_text", None)
    if isinstance(result, Exception):
        raise result
    if isinstance(result, Table) and isinstance(result, Model):
        await use_table(result)


async def use_table(table: Any) -> None:
    table.to_dicts()
    table._repr_html_()
    conversions = [table.to_arrow, table.to_pandas, partial(table.to_csv, BytesIO())]
    for convert in (*conversions, *([table.to_numpy] if isinstance(table, EmbeddingTable) else [])):
        with suppress(TwelveLabsError):
            convert()


@pytest.fixture
async def mutator(emulator: Emulator) -> AsyncIterator[Mutator]:
    with Mutator(emulator.url, emulator.api_key) as mutator:
        yield mutator


@pytest.mark.any_python
@pytest.mark.usefixtures("autojump_clock")
@pytest.mark.emulator(chunk_size=2_000)
async def test_any_json_is_a_result_or_a_documented_error(
    emulator: Emulator, mutator: Mutator, connect: Connect
) -> None:
    """Each round makes one call, with its own seed, which the failure states."""
    problems = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
    async with connect(emulator) as client:
        facts = await prepare(client, emulator)
    async with connect(mutator, max_retries=1) as client:
        for round_ in range(ROUNDS):
            chance = random.Random(round_)
            random.seed(round_)
            name = list(CALLS)[round_ % len(CALLS)]
            mutator.chance = chance
            try:
                async with asyncio.timeout(DEADLINE):
                    await use(CALLS[name](client, facts))
            except TwelveLabsError:
                pass
            except Exception as error:
                if not (name in ("indexes.ensure", "assets.upload again") and type(error) is ValueError):
                    error.add_note(f"in round {round_}: {name}")
                    raise
            mutator.requests.clear()
    assert not problems


@pytest.mark.any_python
@pytest.mark.usefixtures("autojump_clock")
async def test_any_json_is_a_result_or_a_documented_error_of_the_blocking_client(
    emulator: Emulator, mutator: Mutator, connect: Connect
) -> None:
    """A sample, without waits."""
    async with connect(emulator) as client:
        facts = await prepare(client, emulator)
    names = [name for name in CALLS if "list" in name or name.endswith((".retrieve", ".create", "_stream", ".query"))]

    def call_all() -> None:
        with TwelveLabs(api_key=mutator.api_key, base_url=mutator.url, max_retries=0) as client:
            for round_, name in enumerate(names):
                mutator.chance = random.Random(round_)
                try:
                    result = CALLS[name](client, facts)  # type: ignore[arg-type]
                    for item in itertools.islice(result, 3) if isinstance(result, Iterable) else [result]:
                        repr(item)
                        unstructure(item)
                except TwelveLabsError:
                    pass
                except Exception as error:
                    error.add_note(f"in round {round_}: {name}")
                    raise

    await asyncio.to_thread(call_all)
