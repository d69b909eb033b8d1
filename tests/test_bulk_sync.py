"""Bulk runs of the blocking client."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest

from twelvelabs_async import AnalyzeSource, ParquetSink, TwelveLabs
from twelvelabs_async.testing import Emulator

from support.bulk import created, statuses, url
from support.samples import MODELS
from support.until import until

INTERVAL = 0.02

pytestmark = pytest.mark.emulator(speed=100, processing_time=1, indexing_time=4, analysis_time=1, embedding_time=1)


@pytest.fixture
def index_id(sync_client: TwelveLabs) -> str:
    """Id of an index."""
    return str(sync_client.indexes.ensure("tests", models=MODELS).id)


def test_a_run_yields_outcomes_and_calls_back(sync_client: TwelveLabs, index_id: str, folder: Path) -> None:
    kinds: list[str] = []
    run = sync_client.bulk.index(index_id, folder, interval=INTERVAL, on_event=lambda event: kinds.append(event.kind))
    assert statuses(run) == {"ready": 4}
    assert kinds.count("ready") == 4


def test_a_run_writes_to_a_sink(sync_client: TwelveLabs, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="sinks need the extra data")
    sink = ParquetSink(tmp_path / "vectors")
    run = sync_client.bulk.embed([url(1), url(2)], model_name="marengo3.0", sink=sink, interval=INTERVAL)
    sources = {outcome.source for outcome in run}
    assert {*parquet.read_table(tmp_path / "vectors")["source"].to_pylist()} == sources == {url(1), url(2)}


def test_sources_may_have_questions_of_their_own(emulator: Emulator, sync_client: TwelveLabs) -> None:
    sources = [AnalyzeSource(url(1), prompt="Who scores?"), AnalyzeSource(url(1), end_time=5)]
    run = sync_client.bulk.analyze(sources, prompt="Who wins?", interval=INTERVAL)
    found = {outcome.task_id: outcome.parameters for outcome in run}
    assert sorted(map(str, found.values())) == ["{'end_time': 5}", "{'prompt': 'Who scores?'}"]
    assert len(emulator.assets) == 1


def test_sources_may_come_from_a_list_of_the_same_client(emulator: Emulator, sync_client: TwelveLabs) -> None:
    assert statuses(sync_client.bulk.upload([url(1), url(2)], interval=INTERVAL)) == {"ready": 2}
    assert statuses(sync_client.bulk.delete(asset.id for asset in sync_client.assets.list())) == {"ready": 2}
    assert not emulator.assets


def test_leaving_the_iteration_ends_the_run(emulator: Emulator, sync_client: TwelveLabs, index_id: str) -> None:
    for outcome in sync_client.bulk.index(index_id, map(url, itertools.count()), interval=INTERVAL):
        assert outcome.status == "ready"
        break

    def is_quiet() -> bool:
        before = len(emulator.requests)
        for _ in range(5):
            sync_client.indexes.list()
        return len(emulator.requests) == before + 5

    asyncio.run(until(is_quiet))


def test_a_run_can_be_paused_resumed_closed_and_continued(
    emulator: Emulator, sync_client: TwelveLabs, index_id: str, folder: Path, tmp_path: Path
) -> None:
    run = sync_client.bulk.index(index_id, folder, journal=tmp_path / "run.db", interval=INTERVAL)
    run.pause()
    run.resume()
    assert next(run).status == "ready"
    run.close()
    second = sync_client.bulk.index(index_id, folder, journal=tmp_path / "run.db", interval=INTERVAL)
    assert statuses(second) == {"ready": 4}
    assert created(emulator) == (4, 4)


def test_the_other_operations_run_too(sync_client: TwelveLabs, folder: Path) -> None:
    videos = [url(name) for name in "ab"]
    analyses = list(sync_client.bulk.analyze(videos, prompt="What happens?", interval=INTERVAL))
    assert all(outcome.result is not None and outcome.result.data for outcome in analyses)
    embeddings = list(sync_client.bulk.embed(videos, model_name="marengo3.5", interval=INTERVAL))
    assert all(outcome.result is not None and outcome.result.data for outcome in embeddings)
    assert sync_client.bulk.plan(str(sync_client.indexes.ensure("tests", models=MODELS).id), folder).files == 4
