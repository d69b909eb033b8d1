"""Sinks: each row of a bulk run exactly once, in the table of the caller's choice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import AsyncTwelveLabs, ParquetSink
from twelvelabs_async.testing import Emulator

from support.bulk import finish, statuses, url

arrow = pytest.importorskip("pyarrow", reason="sinks need the extra data")
parquet = pytest.importorskip("pyarrow.parquet")

EMBED: dict[str, Any] = {"model_name": "marengo3.0"}

pytestmark = [
    pytest.mark.usefixtures("autojump_clock"),
    pytest.mark.emulator(processing_time=1, indexing_time=4, analysis_time=4, embedding_time=2),
]


def urls(count: int) -> list[str]:
    return [url(number) for number in range(count)]


async def test_embeddings_are_rows_with_fixed_size_vectors(
    emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path
) -> None:
    sources: Any = [(url(0), {"shelf": 7}), url(1)]
    outcomes = await finish(client.bulk.embed(sources, **EMBED, sink=ParquetSink(tmp_path / "vectors")))
    assert statuses(outcomes) == {"ready": 2}
    table = parquet.read_table(tmp_path / "vectors")
    assert table.schema.field("vector").type == arrow.list_(arrow.float32(), 512)
    for outcome in outcomes.values():
        rows = [row for row in table.to_pylist() if row["source"] == outcome.source]
        task = await client.embed.v_2.tasks.retrieve(str(outcome.task_id))
        assert [row["vector"] for row in rows] == task.to_arrow()["embedding"].to_pylist()
        assert [(row["start"], row["end"], row["option"], row["scope"]) for row in rows] == [
            (item.start_sec, item.end_sec, item.embedding_option, item.embedding_scope) for item in task.data or []
        ]
        assert {(row["asset_id"], row["task_id"], row["model"]) for row in rows} == {
            (outcome.asset_id, outcome.task_id, "marengo3.0")
        }
    assert {row["user_metadata"] for row in table.to_pylist()} == {'{"shelf": 7}', None}


async def test_what_a_sink_has_is_not_requested_again(
    emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path
) -> None:
    await finish(client.bulk.embed(urls(3), **EMBED, sink=ParquetSink(tmp_path)))
    before, requests = parquet.read_table(tmp_path), len(emulator.requests)
    outcomes = await finish(client.bulk.embed(urls(3), **EMBED, sink=ParquetSink(tmp_path)))
    assert statuses(outcomes) == {"ready": 3}
    assert all(outcome.reused for outcome in outcomes.values())
    assert len(emulator.requests) == requests
    assert parquet.read_table(tmp_path).equals(before)
