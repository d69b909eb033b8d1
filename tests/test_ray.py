"""Ray Data: every row has an outcome, and nothing is created twice."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
from typing import Any

import attrs
import pyarrow
import pyarrow.parquet
import pytest

from twelvelabs_async import AsyncTwelveLabs, IndexSchema, ParquetSink, UnauthorizedError
from twelvelabs_async.ray import BulkWorker, Operation, SharedLimiter
from twelvelabs_async.testing import Emulator

pytestmark = [
    pytest.mark.filterwarnings("ignore:::ray"),  # Ray emits many warnings about itself
    pytest.mark.emulator(processing_time=0, indexing_time=0, embedding_time=0, analysis_time=0),
]

ROOT = Path(__file__).parent.parent
NO_RAY = "ray is not installed: it takes 500 MB, see `tox run -e ray`"
ROWS = int(os.environ.get("RAY_ROWS", "100"))
LIMIT = (max(20, ROWS // 10), 5.0)
TIMEOUT = 300 + ROWS
PRIORITY = {"RAY_worker_niceness": "0"}
"""Without this variable, Ray's workers hardly start on a busy machine."""
EMBED: dict[str, Any] = {"model_name": "marengo3.0"}
OPERATIONS: dict[Operation, dict[str, Any]] = {
    "index": {"index_id": ""},
    "upload": {},
    "embed": EMBED,
    "analyze": {"prompt": "What happens?"},
}


@attrs.frozen
class Scene:
    """What no answer of the emulator fits."""

    title: str = attrs.field(validator=attrs.validators.max_len(3))


def urls(count: int) -> list[str]:
    return [f"https://example.com/{number}/video.mp4" for number in range(count)]


@contextmanager
def environment_of(emulator: Emulator) -> Iterator[None]:
    """Direct clients in this process and in new workers to an emulator."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWELVELABS_API_KEY", emulator.api_key)
        patch.setenv("TWELVELABS_BASE_URL", emulator.url)
        yield


@pytest.fixture
def make_worker(emulator: Emulator, index: IndexSchema) -> Iterator[Callable[..., BulkWorker]]:
    """A function that makes the object that runs in a worker."""

    def make_worker(operation: Operation, **arguments: Any) -> BulkWorker:
        index_id = {"index_id": index.id} if operation == "index" else {}
        return BulkWorker(operation, interval=0.01, **{**OPERATIONS[operation], **index_id, **arguments})

    with environment_of(emulator):
        yield make_worker


async def process(worker: BulkWorker, *values: str | None, **columns: list[Any]) -> list[dict[str, Any]]:
    """Process a batch of URLs and other columns as Ray does, and return the rows."""
    table = await worker(pyarrow.table({"url": pyarrow.array(values, pyarrow.string()), **columns}))
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


async def test_a_row_that_fails_has_its_error_and_the_others_are_ready(
    emulator: Emulator, make_worker: Callable[..., BulkWorker]
) -> None:
    """Errors are values of the column ``error``. The columns of the caller are kept."""
    emulator.understand("*broken.mp4", fail="no picture", at="processing")
    given = [urls(1)[0], "https://example.com/broken.mp4", None, "videos/local.mp4"]
    ready, *failed = await process(make_worker("index"), *given, number=[1, 2, 3, 4])
    [asset_id] = [asset_id for asset_id, asset in emulator.assets.items() if asset.filename.endswith("video.mp4")]
    [indexed_asset_id] = emulator.indexed_assets
    assert ready["duration"] > 0
    assert (
        ready.items()
        >= {
            "url": given[0],
            "number": 1,
            "asset_id": asset_id,
            "indexed_asset_id": indexed_asset_id,
            "status": "ready",
            "error": None,
            "reused": False,
        }.items()
    )
    assert [row["number"] for row in failed] == [2, 3, 4]
    assert {(row["status"], row["indexed_asset_id"]) for row in failed} == {("failed", None)}
    for row, reason in zip(failed, ["no picture", "no key or no URL", "expected a public http"], strict=True):
        assert reason in row["error"]


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_rows_that_are_run_again_use_what_was_created(
    emulator: Emulator, make_worker: Callable[..., BulkWorker], operation: Operation
) -> None:
    """Another worker returns the same rows, for URLs that repeat as well."""
    given = [*urls(3), urls(1)[0]]
    rows = await process(make_worker(operation), *given)
    assert {row["status"] for row in rows} == {"ready"}
    assert {row["url"]: row["asset_id"] for row in rows}.keys() == {*urls(3)}
    again = await process(make_worker(operation), *given)
    assert {row["reused"] for row in again} == {True}
    assert [{**row, "reused": False} for row in again] == rows
    state = emulator.state
    created = (len(emulator.indexed_assets), len(state.embedding_tasks), len(state.analyze_tasks))
    assert created == tuple(3 * (operation == name) for name in ("index", "embed", "analyze"))
    assert len(emulator.assets) == 3


async def test_another_column_can_be_the_key(emulator: Emulator, make_worker: Callable[..., BulkWorker]) -> None:
    """Rows with the same key share what was created, whatever their URLs."""
    worker, given = make_worker("upload", key="name"), urls(3)
    first, same, other = await process(worker, given[0], given[1], given[0], name=["a", "a", "b"])
    assert first["asset_id"] == same["asset_id"] != other["asset_id"]
    [again] = await process(worker, given[2], name=["a"])
    assert again["asset_id"] == first["asset_id"]
    assert len(emulator.assets) == 2


async def test_urls_of_objects_are_made_when_rows_are_processed(
    emulator: Emulator, make_worker: Callable[..., BulkWorker], caplog: pytest.LogCaptureFixture
) -> None:
    """The signatures are new in each run, and only the requests that create assets have them."""
    caplog.set_level(logging.DEBUG, "twelvelabs_async")
    emulator.understand("*broken.mp4", fail="no picture", at="processing")
    made: list[tuple[str, int]] = []

    def presign(key: str) -> str:
        made.append((key, len(emulator.assets)))
        if key == "forbidden.mp4":
            raise PermissionError("No access: https://example.com/?X-Amz-Signature=5ec8e7")
        return f"https://example.com/{key}?X-Amz-Date={len(made)}&X-Amz-Signature=5ec8e7{len(made)}"

    keys = [*(f"{number}.mp4" for number in range(6)), "broken.mp4", "forbidden.mp4"]
    objects = pyarrow.table({"object": keys})
    for _ in range(2):
        worker = make_worker("index", key="object", presign=presign, concurrency=1, upload_concurrency=1)
        table = await worker(objects)
        assert table["object"].to_pylist() == keys
        assert table["status"].to_pylist() == ["ready"] * 6 + ["failed"] * 2
        assert "5ec8e7" not in str(table.to_pylist())
    assert [key for key, _ in made] == keys * 2
    assert made[5][1] >= 2  # three tasks of a run are in progress
    assert len(emulator.indexed_assets) == 6
    stored = [(asset.filename, asset.user_metadata) for asset in emulator.assets.values()]
    assert "5ec8e7" not in f"{stored} {caplog.text}"
    signed = [request for request in emulator.requests if "5ec8e7" in f"{request.query} {request.form} {request.json}"]
    assert [(request.method, request.path) for request in signed] == [("POST", "/assets")] * len(signed)
    assert len(signed) == 8  # the broken asset is uploaded again


async def test_there_is_a_row_for_each_vector(emulator: Emulator, make_worker: Callable[..., BulkWorker]) -> None:
    """A row that failed is one row without a vector. All batches have the same schema."""
    emulator.understand("*broken.mp4", fail="no picture", at="embedding")
    worker = make_worker("embed")
    broken = {"url": ["https://example.com/broken.mp4"], "number": [1]}
    table = await worker(pyarrow.table({"url": [*urls(1), *broken["url"]], "number": [0, 1]}))
    failed, empty = await worker(pyarrow.table(broken)), await worker(pyarrow.table(broken).slice(1))
    assert table.schema == failed.schema == empty.schema
    assert table.schema.field("vector").type == pyarrow.list_(pyarrow.float32(), 512)
    *ready, last = table.to_pylist()
    assert (last["number"], last["status"], last["vector"]) == (1, "failed", None)
    async with AsyncTwelveLabs() as client:
        task = await client.embed.v_2.tasks.retrieve(ready[0]["task_id"])
    expected = task.to_arrow().select(["start_sec", "end_sec", "embedding_option", "embedding"]).to_pylist()
    assert [[row[name] for name in ("start", "end", "option", "vector")] for row in ready] == [
        list(row.values()) for row in expected
    ]
    assert {(row["number"], row["status"]) for row in ready} == {(0, "ready")}


async def test_answers_become_columns_and_those_that_do_not_fit_have_an_error(
    make_worker: Callable[..., BulkWorker],
) -> None:
    """A row that failed has its own error. A column of the caller with the same name is replaced."""
    [row] = await process(make_worker("analyze"), *urls(1), text=["of the caller"])
    assert "What happens?" in row["text"]
    worker = make_worker("analyze", prompt="Which title?", into=Scene)
    answered, failed = await process(worker, *urls(1), "nowhere")
    assert (answered["status"], answered["title"], failed["status"]) == ("ready", None, "failed")
    assert "title" in answered["error"]
    assert "public http" in failed["error"]


async def test_the_results_can_go_to_a_sink(make_worker: Callable[..., BulkWorker], tmp_path: Path) -> None:
    """Rows then have the ids, and remain one each."""
    rows = await process(make_worker("embed", sink=ParquetSink(tmp_path)), *urls(3))
    assert [row["url"] for row in rows] == urls(3)
    assert rows[0].keys() == {"url", "asset_id", "task_id", "status", "error", "reused"}
    stored = pyarrow.parquet.read_table(tmp_path)
    assert {*stored["task_id"].to_pylist()} == {row["task_id"] for row in rows}


def test_an_unknown_operation_is_refused() -> None:
    with pytest.raises(
        ValueError, match="operation must be one of 'index', 'upload', 'embed', 'analyze'; got 'delete'"
    ):
        BulkWorker("delete")  # type: ignore[arg-type]


async def test_a_refused_key_ends_the_run(emulator: Emulator, make_worker: Callable[..., BulkWorker]) -> None:
    """An error that is not about a row is raised."""
    emulator.fail("POST", "/assets", status=401)
    with pytest.raises(UnauthorizedError):
        await process(make_worker("index"), *urls(3))


@pytest.mark.timeout(TIMEOUT)
@pytest.mark.parametrize(
    ("example", "counts"),
    [
        ("ray_urls.py", {r"^https://example.com/\d+.mp4 ready": 60, "^nowhere failed None .*public http": 1}),
        ("ray_objects.py", {"^20 objects, .* vectors of the type fixed_size_list<.*float>.512": 1}),
    ],
)
def test_the_examples_run(example: str, counts: dict[str, int]) -> None:
    """The examples run without a key, and print these lines so many times."""
    pytest.importorskip("ray", reason=NO_RAY)
    environment = {name: value for name, value in os.environ.items() if "TWELVE" not in name} | PRIORITY
    result = subprocess.run(
        [sys.executable, ROOT / "examples" / example], env=environment, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    for pattern, count in counts.items():
        assert len(re.findall(pattern, result.stdout, re.MULTILINE)) == count


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of Ray on this machine."""
    ray = pytest.importorskip("ray", reason=NO_RAY)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in PRIORITY.items():
            patch.setenv(name, value)
        context = ray.init(
            num_cpus=2,
            object_store_memory=100 * 1024 * 1024,
            include_dashboard=False,
            log_to_driver=False,
            logging_level="error",
        )
        yield str(context.address_info["gcs_address"])
        ray.shutdown()


def wait_for(condition: Callable[[], bool], driver: subprocess.Popen[bytes]) -> None:
    """Wait for a condition while a driver runs."""
    while not condition():
        assert driver.poll() is None
        time.sleep(0.02)


def wait_for_silence(emulator: Emulator) -> None:
    """Wait until no request has arrived for two seconds."""
    count = -1
    while count != len(emulator.requests):
        count = len(emulator.requests)
        time.sleep(2)


@pytest.mark.timeout(TIMEOUT)
@pytest.mark.emulator(speed=1, processing_time=0.2, embedding_time=0.2, rate_limits={"assets": LIMIT, "embed": LIMIT})
def test_every_row_is_in_the_table_once_after_a_worker_and_the_driver_were_killed(
    emulator: Emulator, cluster: str, tmp_path: Path
) -> None:
    """All workers together keep to the limits that the first responses report, and nothing is created twice.

    One of three workers is killed after a quarter of the rows, the driver after a half. Then the driver runs again.
    Embedding tasks whose ids the killed processes had not recorded are created again, since the API cannot find them.
    """
    lance = pytest.importorskip("lance", reason="pylance is not installed")
    listing, table, folder = tmp_path / "listing.parquet", tmp_path / "vectors.lance", tmp_path / "workers"
    folder.mkdir()
    keys = [f"talks/{number}.mp4" for number in range(ROWS)]
    pyarrow.parquet.write_table(pyarrow.table({"object": keys, "number": range(ROWS)}), listing)
    command = [sys.executable, ROOT / "tests" / "support" / "ray_run.py", listing, table, folder]
    tasks = emulator.state.embedding_tasks

    with environment_of(emulator):
        environment = {**os.environ, "RAY_ADDRESS": cluster}
        with subprocess.Popen(command, env=environment) as driver:
            try:
                wait_for(lambda: len(tasks) >= ROWS // 4, driver)
                os.kill(int(next(folder.iterdir()).name), signal.SIGKILL)
                wait_for(lambda: len(tasks) >= ROWS // 2, driver)
            finally:
                driver.kill()
        wait_for_silence(emulator)
        assert not table.exists()
        before = set(tasks)
        with subprocess.Popen(command, env=environment) as driver:
            assert driver.wait() == 0

    recorded = {
        value
        for asset in emulator.assets.values()
        for name, value in (asset.user_metadata or {}).items()
        if name.startswith("bulk_embed_")
    }
    assert len(emulator.assets) == len(recorded) == ROWS
    lost = tasks.keys() - recorded
    assert lost <= before

    rows = lance.dataset(str(table)).to_table()
    assert rows.schema.field("vector").type == pyarrow.list_(pyarrow.float32(), 512)
    assert sorted(rows["object"].to_pylist()) == sorted(keys)
    assert {*rows["task_id"].to_pylist()} == recorded
    assert rows["vector"].null_count == 0
    assert "5ec8e7" not in str(rows.drop_columns("vector").to_pylist())

    print(f"{len(lost)} tasks lost, {len(emulator.requests)} requests")
    for path in ("/assets", "/embed-v2/tasks"):
        statuses = [request.status for request in emulator.requests if (request.method, request.path) == ("POST", path)]
        last_refusal = max((number for number, status in enumerate(statuses) if status == 429), default=0)
        print(f"{path}: {len(statuses)} requests, {statuses.count(429)} refused, the last is number {last_refusal}")
        assert last_refusal - statuses[:last_refusal].count(429) <= LIMIT[0]


@pytest.mark.timeout(TIMEOUT)
@pytest.mark.usefixtures("cluster")
async def test_limiters_with_one_name_share_a_rate() -> None:
    """Two limiters keep the rate together. Categories without a rate have no limit."""
    limiters = [SharedLimiter({"assets": 1200, "indexing": 60}) for _ in range(2)]
    start = time.monotonic()
    await asyncio.gather(*(limiter("assets") for limiter in limiters * 5), *(limiter("other") for limiter in limiters))
    assert time.monotonic() - start >= 9 * 0.05


@pytest.mark.timeout(TIMEOUT)
@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize(
    "headers",
    [
        {"x-ratelimit-request-limit": "50", "x-ratelimit-request-remaining": "0", "x-ratelimit-request-reset": "3"},
        {"x-ratelimit-duration-remaining": "0", "x-ratelimit-duration-reset": "3"},
        {"X-Ratelimit-Dimensions": "TPM", "Retry-After": "3"},
    ],
    ids=["requests", "minutes", "tokens"],
)
async def test_what_one_worker_learns_of_a_limit_holds_for_all(headers: dict[str, str]) -> None:
    one, other = (SharedLimiter(name=f"account {headers}") for _ in range(2))
    report = await one("embed")
    start = time.monotonic()
    report({"Date": formatdate(usegmt=True), **headers})
    await asyncio.sleep(0.5)
    await other("assets")
    assert time.monotonic() - start < 2.5
    await other("embed")
    assert time.monotonic() - start >= 2.5
