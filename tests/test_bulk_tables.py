"""Bulk runs, outcomes and journals as tables."""

from __future__ import annotations

import os
import pickle
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import polars
import pytest

from twelvelabs_async import (
    AsyncTwelveLabs,
    IndexSchema,
    JournalError,
    Outcome,
    TwelveLabs,
    UnauthorizedError,
    read_journal,
    tabulate,
)
from twelvelabs_async.testing import Emulator

pytestmark = [pytest.mark.usefixtures("autojump_clock")]

OUTCOME = ["source", "status", "asset_id", "indexed_asset_id", "task_id", "reused", "replaces", "parameters", "error"]


@attrs.define
class Answer:
    title: str
    text: str


@pytest.fixture
def sources(folder: Path) -> list[str]:
    """Four videos, and a file that does not exist."""
    return [*map(str, sorted(folder.iterdir())), str(folder / "missing.mp4")]


async def test_outcomes_have_the_moments_of_their_results(
    client: AsyncTwelveLabs, emulator: Emulator, folder: Path
) -> None:
    """Their video is the source. Outcomes without a result, and results without times have none."""
    emulator.understand("*", answers={"*": '[{"start": 1, "end": 3}]'})
    analyzed = [outcome async for outcome in client.bulk.analyze([folder / "a.mp4", "no.mp4"], prompt="Which scenes?")]
    assert [len(outcome.moments()) for outcome in sorted(analyzed, key=lambda outcome: outcome.status)] == [0, 1]
    [embedded] = [outcome async for outcome in client.bulk.embed(folder / "a.mp4", model_name="marengo3.0")]
    [uploaded] = [outcome async for outcome in client.bulk.upload(folder / "a.mp4")]
    assert not uploaded.moments()
    for outcome in (*analyzed, embedded):
        for moment in outcome.moments():
            assert moment.video is not None
            assert (moment.video.file, moment.video.filename) == (str(folder / "a.mp4"), "a.mp4")
            assert moment.video.asset_id == outcome.asset_id is not None
    assert {moment.origin for outcome in (*analyzed, embedded) for moment in outcome.moments()} == {
        "segment",
        "embedding",
    }


async def test_a_run_converts_to_a_frame_with_a_row_for_each_source(
    client: AsyncTwelveLabs, index: IndexSchema, sources: list[str]
) -> None:
    """Sources that fail are rows with their error."""
    frame = await client.bulk.index(index.id, sources).to_polars()
    assert frame.columns[: len(OUTCOME)] == OUTCOME
    assert sorted(frame["source"]) == sources
    failed = frame.filter(polars.col("status") == "failed")
    assert failed["source"].to_list() == sources[-1:]
    assert "no such file" in failed["error"][0]
    ready = frame.filter(polars.col("status") == "ready")
    assert ready["error"].null_count() == ready.height == 4
    assert sorted(ready["filename"]) == ["a.mp4", "b.mp4", "c.mp4", "d.mp4"]
    assert ready["duration"].min() > 0
    again = await client.bulk.index(index.id, sources[:4]).to_pandas()
    assert list(again.columns) == frame.columns
    assert list(again["reused"]) == [True] * 4


async def test_embeddings_of_a_run_are_rows_with_vectors(client: AsyncTwelveLabs, sources: list[str]) -> None:
    table = await client.bulk.embed(sources, model_name="marengo3.0").to_arrow()
    frame = polars.DataFrame(polars.from_arrow(table))
    assert frame["vector"].dtype == polars.Array(polars.Float32, 512)
    assert {*frame["source"]} == {*sources}
    assert frame.filter(status="failed")["vector"].to_list() == [None]
    ready = frame.filter(status="ready")
    assert ready.height > 8
    assert ready["vector"].null_count() == ready["start"].null_count() == 0


async def test_copies_of_a_file_have_the_same_rows(client: AsyncTwelveLabs, folder: Path) -> None:
    (folder / "copy.mp4").write_bytes((folder / "a.mp4").read_bytes())
    rows = await client.bulk.embed([folder / "a.mp4", folder / "copy.mp4"], model_name="marengo3.0").to_dicts()
    names = [os.path.basename(row["source"]) for row in rows]
    assert names.count("a.mp4") == names.count("copy.mp4") > 1
    assert all(row["vector"] for row in rows)


async def test_answers_of_a_run_have_the_fields_of_their_class(client: AsyncTwelveLabs, sources: list[str]) -> None:
    """A field whose name is taken has a prefix."""
    run = client.bulk.analyze(sources, prompt="What happens?", into=Answer)
    frame = await run.to_polars()
    ready = frame.filter(status="ready")
    assert ready.height == 4
    assert ready["title"].null_count() == ready["answer_text"].null_count() == ready["text"].null_count() == 0
    assert frame.schema["title"] == polars.String


async def test_outcomes_in_a_list_are_the_same_table(client: AsyncTwelveLabs, sources: list[str]) -> None:
    outcomes = [outcome async for outcome in client.bulk.embed(sources, model_name="marengo3.0")]
    rows = await client.bulk.embed(sources, model_name="marengo3.0").to_dicts()
    ours = tabulate(outcomes).to_dicts()
    assert [*ours[0]] == [*rows[0]]
    assert len(ours) == len(rows) == len(tabulate(outcomes).to_dicts())
    ready = next(outcome for outcome in outcomes if outcome.status == "ready")
    assert len(ready.to_dicts()) == len(ready.result.data) > 1
    moved = pickle.loads(pickle.dumps(ready))
    assert moved == ready
    assert moved.to_dicts() == [{name: ready.to_dicts()[0][name] for name in OUTCOME}]


def test_an_error_without_a_text_has_the_name_of_its_class() -> None:
    [row] = Outcome[Any]("a.mp4", error=TimeoutError()).to_dicts()
    assert (row["status"], row["error"]) == ("failed", "TimeoutError")


async def test_a_run_is_written_to_a_file_when_it_ends(
    client: AsyncTwelveLabs, sync_client: TwelveLabs, emulator: Emulator, sources: list[str], tmp_path: Path
) -> None:
    await client.bulk.upload(sources).to_csv(tmp_path / "a.csv")
    assert sorted(polars.read_csv(tmp_path / "a.csv")["source"]) == sources
    await client.bulk.embed(sources, model_name="marengo3.0").to_parquet(tmp_path / "a.parquet")
    assert {*polars.read_parquet(tmp_path / "a.parquet")["source"]} == {*sources}
    emulator.fail("*", "*", status=401, times=1000)
    run = client.bulk.upload(sources, existing="again")
    with pytest.raises(UnauthorizedError):
        await run.to_csv(tmp_path / "a.csv")
    assert sorted(os.listdir(tmp_path)) == ["a.csv", "a.parquet", "videos"]
    assert sorted(polars.read_csv(tmp_path / "a.csv")["source"]) == sources


@pytest.mark.emulator(speed=1000)
def test_a_blocking_run_has_the_same_methods(sync_client: TwelveLabs, sources: list[str], tmp_path: Path) -> None:
    rows = sync_client.bulk.upload(sources, interval=0.01).to_dicts()
    assert sorted(row["source"] for row in rows) == sources
    sync_client.bulk.upload(sources).to_jsonl(tmp_path / "a.jsonl")
    assert sorted(polars.read_ndjson(tmp_path / "a.jsonl")["source"]) == sources


async def test_a_run_that_cannot_be_converted_does_not_begin(
    client: AsyncTwelveLabs, emulator: Emulator, sources: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(ImportError, match="polars is not installed"):
        await client.bulk.upload(sources).to_polars()
    with pytest.raises(FileNotFoundError):
        await client.bulk.upload(sources).to_csv(tmp_path / "missing" / "a.csv")
    assert not emulator.requests


async def test_a_journal_is_a_table_of_its_sources(
    client: AsyncTwelveLabs, index: IndexSchema, sources: list[str], journal: Path, tmp_path: Path
) -> None:
    outcomes = {outcome.source: outcome async for outcome in client.bulk.index(index.id, sources, journal=journal)}
    status = read_journal(journal)
    assert status.counts == {"ready": 4}
    frame = status.to_polars()
    assert sorted(frame["source"]) == sources[:4]
    for row in status.to_dicts():
        found = outcomes[row["source"]]
        assert (row["status"], row["asset_id"]) == ("ready", found.asset_id)
        assert (row["indexed_asset_id"], row["task_id"]) == (found.indexed_asset_id, None)
        facts = os.stat(row["source"])
        assert row["size"] == facts.st_size
        assert row["modified_at"].timestamp() == pytest.approx(facts.st_mtime)
        assert len(row["sha256"]) == 64
    status.to_csv(tmp_path / "journal.csv")
    assert polars.read_csv(tmp_path / "journal.csv").columns == frame.columns
    assert "source" in read_journal(journal).to_pandas().columns


async def test_the_rows_of_a_journal_have_results_of_analyses(
    client: AsyncTwelveLabs, sources: list[str], journal: Path
) -> None:
    run = client.bulk.analyze(sources[:1], prompt="What happens?", journal=journal)
    [outcome] = [outcome async for outcome in run]
    [row] = read_journal(journal).to_dicts()
    assert row["task_id"] == outcome.task_id
    assert row["result"]["data"] == outcome.result.data


async def test_a_journal_that_was_edited_has_no_rows(
    client: AsyncTwelveLabs, sources: list[str], journal: Path
) -> None:
    await client.bulk.upload(sources[:1], journal=journal).to_dicts()
    with closing(sqlite3.connect(journal, isolation_level=None)) as database:
        database.execute("UPDATE entries SET asset_id = NULL")
    with pytest.raises(JournalError, match="was edited"):
        read_journal(journal).to_dicts()
