"""Ray Data: every row of a list of URLs comes back, and nothing is created twice, though workers die."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
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

pytestmark = pytest.mark.filterwarnings("ignore:::ray")  # of which Ray gives many about itself

ROOT = Path(__file__).parent.parent
NO_RAY = "ray is not installed: it takes 500 MB, see `tox run -e ray`"
SETTINGS = {"interval": 0.05}
URLS = [f"https://example.com/{number}/video.mp4" for number in range(600)]


@contextmanager
def platform() -> Iterator[Emulator]:
    """An emulator that workers find, whose jobs take hundredths of a second."""
    with Emulator(speed=100, processing_time=1, indexing_time=4) as emulator, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWELVELABS_API_KEY", emulator.api_key)
        patch.setenv("TWELVELABS_BASE_URL", emulator.url)
        yield emulator


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """A fresh one."""
    with platform() as emulator:
        yield emulator


@pytest.fixture
async def worker(emulator: Emulator, index: IndexSchema) -> AsyncIterator[IndexUrls]:
    """What runs in a worker."""
    worker = IndexUrls(index.id, **SETTINGS)
    yield worker
    await worker._client.close()


def batch(*urls: str | None, **columns: list[Any]) -> dict[str, Any]:
    return {name: numpy.array(column, dtype=object) for name, column in {"url": list(urls), **columns}.items()}


def shown(batch: dict[str, Any]) -> list[dict[str, Any]]:
    return pyarrow.table(batch).to_pylist()


async def test_rows(emulator: Emulator, worker: IndexUrls) -> None:
    """A row that fails says why in its own columns, and the others go on."""
    emulator.understand("*broken.mp4", fail="no picture", at="processing")
    good, broken, nothing = shown(
        await worker(batch(URLS[0], "https://example.com/broken.mp4", None, number=[1, 2, 3]))
    )
    assert good == {
        "url": URLS[0],
        "number": 1,
        "asset_id": next(iter(emulator.assets)),
        "indexed_asset_id": good["indexed_asset_id"],
        "status": "ready",
        "error": None,
    }
    assert (broken["number"], broken["status"], broken["indexed_asset_id"]) == (2, "failed", None)
    assert "no picture" in broken["error"]
    assert (nothing["url"], nothing["status"], nothing["asset_id"]) == (None, "failed", None)


async def test_rows_again(emulator: Emulator, worker: IndexUrls) -> None:
    """A row that is run again, or is there twice, gets what was created for it; a key may stand for the URL."""
    rows = shown(await worker(batch(*URLS[:3], URLS[0])))
    assert rows[0] == rows[3]
    assert shown(await worker(batch(*URLS[:3], URLS[0]))) == rows
    worker._key = "key"
    rows = shown(await worker(batch(URLS[0], key=["a"])))
    assert shown(await worker(batch(URLS[1], key=["a"])))[0]["asset_id"] == rows[0]["asset_id"]
    assert len(emulator.assets) == 4


async def test_refused(emulator: Emulator, worker: IndexUrls) -> None:
    """What is no row's fault ends the run."""
    emulator.fail("POST", "/assets", status=401)
    with pytest.raises(UnauthorizedError):
        await worker(batch(*URLS[:3]))


@pytest.mark.timeout(300)
def test_the_example_runs(tmp_path: Path) -> None:
    """The example runs without a key, and shows a row for each URL."""
    pytest.importorskip("ray", reason=NO_RAY)
    environment = {name: value for name, value in os.environ.items() if "TWELVE" not in name}
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "ray_urls.py", tmp_path / "urls.parquet"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"^https://example.com/\d+.mp4 ready", done.stdout, re.MULTILINE)) == 60
    assert "nowhere failed None nowhere: there is no such file" in done.stdout


@pytest.fixture(scope="module")
def cluster() -> Iterator[Emulator]:
    """Ray on this machine alone, whose workers know of an emulator, which runs here."""
    ray = pytest.importorskip("ray", reason=NO_RAY)
    with platform() as emulator:
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error")
        yield emulator
        ray.shutdown()


@pytest.mark.timeout(300)
def test_a_worker_dies(cluster: Emulator, tmp_path: Path) -> None:
    """Two workers index 600 URLs, and one is killed midway: all rows are there, and nothing was created twice."""
    import ray

    with TwelveLabs() as client:
        index = client.indexes.ensure("tests", models=MODELS)
    workers = tmp_path / "workers"
    workers.mkdir()

    class Known(IndexUrls):
        def __init__(self, *args: Any, **settings: Any) -> None:
            super().__init__(*args, **settings)
            (workers / f"{os.getpid()}").touch()

    pyarrow.parquet.write_table(pyarrow.table({"url": URLS}), tmp_path / "urls.parquet")
    urls = ray.data.read_parquet(str(tmp_path / "urls.parquet")).repartition(24)
    indexed = urls.map_batches(
        Known,
        fn_constructor_kwargs={"index_id": index.id, "limiter": SharedLimiter({"assets": 6000}), **SETTINGS},
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
    looks = [request for request in cluster.requests if request.path == "/assets" and "filename" in dict(request.query)]
    assert len(looks) > 600  # some rows were run again


@pytest.mark.timeout(300)
async def test_shared_limiter(cluster: Emulator) -> None:
    """Limiters of one name share a rate; what they have no rate for goes at once."""
    limiters = [SharedLimiter({"assets": 1200, "indexing": 60}) for _ in range(2)]
    began = time.monotonic()
    await asyncio.gather(*(limiter("assets") for limiter in limiters * 5), *(limiter("other") for limiter in limiters))
    assert time.monotonic() - began >= 9 * 0.05
