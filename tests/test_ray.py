"""Ray Data: every row has an outcome, and nothing is created twice."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy
import pyarrow
import pyarrow.parquet
import pytest

from twelvelabs_async import IndexSchema, TwelveLabs, UnauthorizedError
from twelvelabs_async.ray import IndexUrls, SharedLimiter
from twelvelabs_async.testing import Emulator

from support.samples import MODELS

pytestmark = [
    pytest.mark.filterwarnings("ignore:::ray"),  # Ray emits many warnings about itself
    pytest.mark.emulator(processing_time=0, indexing_time=0),
]

ROOT = Path(__file__).parent.parent
NO_RAY = "ray is not installed: it takes 500 MB, see `tox run -e ray`"
URLS = [f"https://example.com/{number}/video.mp4" for number in range(600)]


@contextmanager
def environment_of(emulator: Emulator) -> Iterator[None]:
    """Direct clients in this process and in new workers to an emulator."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWELVELABS_API_KEY", emulator.api_key)
        patch.setenv("TWELVELABS_BASE_URL", emulator.url)
        yield


@pytest.fixture
def worker(emulator: Emulator, index: IndexSchema) -> Iterator[IndexUrls]:
    """The object that runs in a worker."""
    with environment_of(emulator):
        yield IndexUrls(index.id, interval=0.01)


async def process(worker: IndexUrls, *urls: str | None, **columns: list[Any]) -> list[dict[str, Any]]:
    """Process a batch of rows as Ray does, and return the rows."""
    batch = {name: numpy.array(column, dtype=object) for name, column in {"url": list(urls), **columns}.items()}
    table = {name: column.tolist() for name, column in (await worker(batch)).items()}
    return [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]


async def test_a_row_that_fails_has_its_error_and_the_others_are_ready(emulator: Emulator, worker: IndexUrls) -> None:
    """Errors are values of the column ``error``. The columns of the caller are kept."""
    emulator.understand("*broken.mp4", fail="no picture", at="processing")
    ready, broken, empty = await process(worker, URLS[0], "https://example.com/broken.mp4", None, number=[1, 2, 3])
    [asset_id] = [asset_id for asset_id, asset in emulator.assets.items() if asset.filename.endswith("video.mp4")]
    assert ready == {
        "url": URLS[0],
        "number": 1,
        "asset_id": asset_id,
        "indexed_asset_id": ready["indexed_asset_id"],
        "status": "ready",
        "error": None,
    }
    assert (broken["number"], broken["status"], broken["indexed_asset_id"]) == (2, "failed", None)
    assert "no picture" in broken["error"]
    assert (empty["url"], empty["status"], empty["asset_id"]) == (None, "failed", None)


async def test_rows_with_the_same_key_share_what_was_created(
    emulator: Emulator, index: IndexSchema, worker: IndexUrls
) -> None:
    """The key is the URL, or another column."""
    rows = await process(worker, *URLS[:3], URLS[0])
    assert rows[0] == rows[3]
    assert await process(worker, *URLS[:3], URLS[0]) == rows

    keyed = IndexUrls(index.id, key="key", interval=0.01)
    [first] = await process(keyed, URLS[0], key=["a"])
    [second] = await process(keyed, URLS[1], key=["a"])
    assert first["asset_id"] == second["asset_id"]
    assert len(emulator.assets) == 4


async def test_a_refused_key_ends_the_run(emulator: Emulator, worker: IndexUrls) -> None:
    """An error that is not about a row is raised."""
    emulator.fail("POST", "/assets", status=401)
    with pytest.raises(UnauthorizedError):
        await process(worker, *URLS[:3])


@pytest.mark.timeout(300)
def test_the_example_runs(tmp_path: Path) -> None:
    """The example runs without a key and prints a row for each URL."""
    pytest.importorskip("ray", reason=NO_RAY)
    environment = {name: value for name, value in os.environ.items() if "TWELVE" not in name}
    result = subprocess.run(
        [sys.executable, ROOT / "examples" / "ray_urls.py", tmp_path / "urls.parquet"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    assert len(re.findall(r"^https://example.com/\d+.mp4 ready", result.stdout, re.MULTILINE)) == 60
    assert "nowhere failed None nowhere: " in result.stdout


@pytest.fixture(scope="module")
def cluster() -> Iterator[Emulator]:
    """An emulator, and Ray on this machine, whose workers use the emulator."""
    ray = pytest.importorskip("ray", reason=NO_RAY)
    with Emulator(speed=100, processing_time=1, indexing_time=4) as emulator, environment_of(emulator):
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error")
        yield emulator
        ray.shutdown()


@pytest.mark.timeout(300)
def test_all_rows_are_ready_and_created_once_after_a_worker_was_killed(cluster: Emulator, tmp_path: Path) -> None:
    """Two workers index 600 URLs. One of them is killed while 200 rows are ready."""
    import ray

    with TwelveLabs() as client:
        index = client.indexes.ensure("tests", models=MODELS)
    workers = tmp_path / "workers"
    workers.mkdir()

    class ListedIndexUrls(IndexUrls):
        def __init__(self, *args: Any, **settings: Any) -> None:
            super().__init__(*args, **settings)
            (workers / f"{os.getpid()}").touch()

    pyarrow.parquet.write_table(pyarrow.table({"url": URLS}), tmp_path / "urls.parquet")
    urls = ray.data.read_parquet(str(tmp_path / "urls.parquet")).repartition(24)
    limiter = SharedLimiter({"assets": 6000})
    indexed = urls.map_batches(
        ListedIndexUrls,
        fn_constructor_kwargs={"index_id": index.id, "limiter": limiter, "interval": 0.05},
        compute=ray.data.ActorPoolStrategy(size=2),
        batch_size=25,
        num_cpus=0.5,
    )
    rows = []
    for row in indexed.iter_rows():
        rows.append(row)
        if len(rows) == 200:
            assert len(cluster.assets) < 500
            os.kill(int(next(workers.iterdir()).name), signal.SIGKILL)
    assert len(list(workers.iterdir())) == 3
    assert sorted(row["url"] for row in rows) == sorted(URLS)
    assert {row["status"] for row in rows} == {"ready"}
    assert {row["asset_id"] for row in rows} == set(cluster.assets)
    assert len(cluster.assets) == 600
    assert {row["indexed_asset_id"] for row in rows} == set(cluster.indexed_assets)
    assert len(cluster.indexed_assets) == 600
    lookups = [
        request for request in cluster.requests if request.path == "/assets" and "filename" in dict(request.query)
    ]
    assert len(lookups) > 600  # so some rows were run again


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("cluster")
async def test_limiters_with_one_name_share_a_rate() -> None:
    """Two limiters keep the rate together. Categories without a rate have no limit."""
    limiters = [SharedLimiter({"assets": 1200, "indexing": 60}) for _ in range(2)]
    start = time.monotonic()
    await asyncio.gather(*(limiter("assets") for limiter in limiters * 5), *(limiter("other") for limiter in limiters))
    assert time.monotonic() - start >= 9 * 0.05
