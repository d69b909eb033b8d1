"""Bulk runs with unusable answers: each one concerns its source, and the next run mends what it left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import APIResponseError, AsyncTwelveLabs, TwelveLabsError, UploadError
from twelvelabs_async.bulk import AsyncBulk
from twelvelabs_async.options import MAX_DIRECT_UPLOAD
from twelvelabs_async.testing import Emulator

from support.bulk import finish, statuses, url
from support.clients import Connect
from support.mutations import OddAnswers, Raw
from support.samples import MODELS, video

pytestmark = [
    pytest.mark.any_python,
    pytest.mark.usefixtures("autojump_clock"),
    pytest.mark.emulator(chunk_size=20),
]

Change = Callable[[Any], Any]

SOURCES = 12
IDS: list[Any] = [["x"], 2**70, Raw('"\\ud800"'), None]


def put(name: str, *values: Any) -> list[Change]:
    """Return changes that put each of *values* into a field."""
    return [lambda body, value=value: {**body, name: value} for value in values]  # type: ignore[misc]


def instead(*values: Any) -> list[Change]:
    """Return changes of a whole body to each of *values*."""
    return [lambda _, value=value: value for value in values]  # type: ignore[misc]


def spoil(body: Any) -> Any:
    """Return a page of a list with odd values in some of its items, and others that are no items."""
    changes: list[dict[str, Any]] = [
        {"status": ["ready"]},
        {"_id": ["x"], "updated_at": 5},
        {"_id": Raw('"\\ud800"'), "updated_at": []},
    ]
    items = [{**item, **(changes.pop() if changes else {})} for item in body["data"]]
    return {"data": [None, *items, 5, []], "page_info": {"page": [], "total_page": "1"}}


def spoil_items(body: Any) -> Any:
    """Return a new batch without its first task, and without the id of its second."""
    _, second, *others = body["items"]
    return {**body, "items": [None, {**second, "task_id": []}, *others]}


SESSION = "POST /assets/multipart-uploads"
ANSWERS: dict[str, tuple[str, list[Change]]] = {
    "creation": ("POST /assets", [*put("_id", *IDS), *instead([], Raw("{"))]),
    "session": (SESSION, [*put("upload_id", *IDS[:3]), *put("asset_id", *IDS[1:])]),
    "part size": (SESSION, put("chunk_size", -5, 0, "20", 1.5, None, True)),
    "part URLs": (
        SESSION,
        [
            *put("upload_urls", 5, [1], [{"chunk_index": [1], "url": "x"}]),
            *put("upload_headers", ["a"], {"a": 5}, {"a": "b\r\nc: d"}),
        ],
    ),
    "report": (f"{SESSION}/[^/]*", [*put("asset_id", *IDS), *instead(5, [])]),
    "asset of an upload": ("GET /assets/[^/]*(?#multipart)", [*put("_id", *IDS), *instead(5, [])]),
    "assets": ("GET /assets", [spoil, *put("data", 5)]),
    "indexing": ("POST /indexes/.*/indexed-assets", [*put("_id", *IDS), *instead([], Raw("{"))]),
    "indexed assets": ("GET /indexes/.*/indexed-assets", [spoil, *put("data", 5)]),
}


@pytest.fixture
def proxy(emulator: Emulator) -> Iterator[OddAnswers]:
    with OddAnswers(emulator.url, emulator.api_key) as proxy:
        yield proxy


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "videos"
    folder.mkdir()
    for number in range(SOURCES):
        (folder / f"{number}.mp4").write_bytes(video(f"of number {number:2}, twice as long as a part"))
    return folder


@pytest.mark.parametrize("name", ANSWERS)
async def test_an_unusable_answer_concerns_its_source_alone_until_the_next_run(
    emulator: Emulator, proxy: OddAnswers, connect: Connect, folder: Path, journal: Path, name: str
) -> None:
    """A run may mend it by itself, because it looks up what it may have created."""
    pattern, changes = ANSWERS[name]
    connect(emulator)
    async with connect(proxy) as client:
        index = await client.indexes.ensure("talks", models=MODELS)
        proxy.pattern, proxy.changes = pattern, [*changes]
        bulk = AsyncBulk(client, multipart_threshold=10 if "multipart" in pattern else MAX_DIRECT_UPLOAD)
        for _ in range(2):
            outcomes = await finish(bulk.index(index.id, folder, journal=journal, interval=1, timeout=600))
            assert len(proxy.changes) < len(changes)
            errors = [outcome.error for outcome in outcomes.values() if outcome.error is not None]
            assert all(isinstance(error, TwelveLabsError) for error in errors), errors
            assert len(outcomes) == SOURCES
            assert len(errors) <= len(changes) - len(proxy.changes)
            proxy.changes = []
        assert statuses(outcomes) == {"ready": SOURCES}
        assert len(emulator.indexed_assets) == SOURCES


@pytest.mark.parametrize("has_journal", [True, False], ids=["journal", "no journal"])
@pytest.mark.parametrize("invalid_id", [["x"], "\ud800"])
async def test_an_unusable_id_that_cannot_be_looked_up_fails_one_source_of_ten(
    emulator: Emulator, client: AsyncTwelveLabs, journal: Path, invalid_id: Any, has_journal: bool
) -> None:
    """The API cannot find embedding tasks, so that the caller decides about the second request."""
    emulator.fail("POST", "/embed-v2/tasks", status=202, body={"_id": invalid_id}, skip=4, acted=True)
    embed = partial(
        client.bulk.embed, [*map(url, range(10))], model_name="marengo3.0", journal=journal if has_journal else None
    )
    outcomes = await finish(embed())
    assert statuses(outcomes) == {"ready": 9, "failed": 1}
    [error] = [outcome.error for outcome in outcomes.values() if outcome.error is not None]
    assert type(error) is TwelveLabsError
    assert "The outcome of the request for an embedding task is unknown" in str(error)
    if has_journal:
        assert statuses(await finish(embed(retry_failed=True))) == {"ready": 10}


async def test_an_unusable_task_of_a_batch_concerns_its_source_alone(
    emulator: Emulator, proxy: OddAnswers, connect: Connect, journal: Path
) -> None:
    """The task is found by its token, as after a lost response."""
    connect(emulator)
    async with connect(proxy) as client:
        analyze = partial(
            client.bulk.analyze, [*map(url, range(10))], prompt="?", batch=True, journal=journal, interval=1
        )
        proxy.pattern = "POST /analyze/batches"
        proxy.changes = [
            lambda body: {**body, "items": [None, {**body["items"][1], "task_id": []}, *body["items"][2:]]}
        ]
        outcomes = await finish(analyze())
        assert not proxy.changes
        assert statuses(outcomes) == {"ready": 10}
        assert len(emulator.state.analyze_tasks) == 10


STORED: list[dict[str, Any]] = [
    {"status": 200, "body": "<Error><Code>InternalError</Code></Error>"},
    {"status": 200, "headers": {"ETag": '""'}},
    {"status": 307, "headers": {"Location": "https://elsewhere.invalid/a"}},
    {"status": 307, "headers": {"Location": "http://[bad"}},
    {"status": 403, "headers": {"Content-Type": "text/plain; charset=rot13"}, "body": "no"},
    {"status": 503, "headers": {"Retry-After": "99999999999999"}},
]


async def test_an_unusable_response_of_the_storage_concerns_its_source_alone(
    emulator: Emulator, client: AsyncTwelveLabs, folder: Path, journal: Path
) -> None:
    index = await client.indexes.ensure("talks", models=MODELS)
    for response in STORED:
        emulator.fail("PUT", "/storage/*", skip=2, **response)
    bulk = AsyncBulk(client, multipart_threshold=10)
    first = await finish(bulk.index(index.id, folder, journal=journal, interval=1))
    errors = [outcome.error for outcome in first.values() if outcome.error is not None]
    assert len(errors) <= len(STORED)
    assert {type(error) for error in errors} <= {UploadError}
    second = await finish(bulk.index(index.id, folder, journal=journal, interval=1))
    assert statuses(second) == {"ready": SOURCES}
    assert len(emulator.assets) == len(emulator.indexed_assets) == SOURCES


@pytest.mark.parametrize("status", [401, 413, 418])
async def test_a_refusal_of_the_storage_concerns_its_source_alone_until_the_next_run(
    emulator: Emulator, client: AsyncTwelveLabs, folder: Path, journal: Path, status: int
) -> None:
    """The storage does not know the API key, and does not judge content."""
    index = await client.indexes.ensure("talks", models=MODELS)
    emulator.fail("PUT", "/storage/*", status=status, skip=2, times=6)
    bulk = AsyncBulk(client, multipart_threshold=10)
    first = await finish(bulk.index(index.id, folder, journal=journal, interval=1))
    assert {type(outcome.error) for outcome in first.values()} <= {UploadError, type(None)}
    assert statuses(first).keys() <= {"ready", "failed"}
    second = await finish(bulk.index(index.id, folder, journal=journal, interval=1))
    assert statuses(second) == {"ready": SOURCES}
    assert len(emulator.assets) == len(emulator.indexed_assets) == SOURCES


@pytest.mark.parametrize("models", [5, [None], ["pegasus1.5"], [{"model_name": []}]])
async def test_odd_models_of_the_index_end_a_run_with_a_documented_error_or_not_at_all(
    emulator: Emulator, client: AsyncTwelveLabs, models: Any
) -> None:
    """They are only needed for the limits of files."""
    index = await client.indexes.ensure("talks", models=MODELS)
    emulator.fail("GET", f"/indexes/{index.id}", status=200, body={"_id": index.id, "models": models})
    run = client.bulk.index(index.id, [url(1)])
    if models == 5:
        with pytest.raises(APIResponseError, match="expected a list as 'models' of the response; got 5"):
            await finish(run)
    else:
        assert statuses(await finish(run)) == {"ready": 1}
