"""Runs into sinks that are killed and lose responses: the table is that of an undisturbed run, row for row.

All columns are compared but the ids of tasks and assets, which two platforms make differently.

``SINK_KILLS=200 pytest tests/test_sink_survival.py`` kills more processes than usual.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from attrs import define

from twelvelabs_async import AsyncTwelveLabs
from twelvelabs_async.testing import Emulator

from support.sink_run import SOURCES, run

KILLS = int(os.environ.get("SINK_KILLS", "1"))
RUNS = [("embed", "parquet"), ("analyze", "lance")]
if KILLS > 1:
    RUNS += [("embed", "lance"), ("analyze", "parquet")]
DAY = 24 * 3600.0
TESTS = Path(__file__).parent
UNKNOWN, EXPIRED = "outcome of the request for an embedding task is unknown", "have expired"
OF_A_PLATFORM = ("task_id", "asset_id")
"""Columns in which two runs on two platforms differ."""

parquet = pytest.importorskip("pyarrow.parquet", reason="sinks need the extra data")
pytestmark = [pytest.mark.any_python, pytest.mark.timeout(120 + 20 * KILLS)]


@define
class Table:
    """A table that processes write to one after another, from one emulator."""

    emulator: Emulator
    operation: str
    kind: str
    folder: Path

    def kill(self) -> bool:
        """Kill a process at a random moment, and return whether it was still in progress."""
        before = len(self.emulator.requests)
        process = subprocess.Popen(
            [sys.executable, TESTS / "support/sink_run.py", self.operation, self.kind, self.folder],
            env={**os.environ, "TWELVELABS_API_KEY": self.emulator.api_key, "TWELVELABS_BASE_URL": self.emulator.url},
        )
        while len(self.emulator.requests) == before and process.poll() is None:
            time.sleep(0.001)
        time.sleep(random.uniform(0, 1.0))
        process.kill()
        return process.wait() != 0

    def finish(self, *options: str) -> Counter[str]:
        """Run to the end, and return the number of ready sources and of the reasons of failures."""
        return Counter(
            "ready" if line.startswith("ready") else next((text for text in (UNKNOWN, EXPIRED) if text in line), line)
            for line in asyncio.run(self._finish(*options))
        )

    async def _finish(self, *options: str) -> list[str]:
        async with AsyncTwelveLabs(api_key=self.emulator.api_key, base_url=self.emulator.url) as client:
            return await run(client, self.operation, self.kind, self.folder, *options)

    def rows(self) -> list[dict[str, Any]]:
        if self.kind == "parquet":
            table = parquet.read_table(self.folder)
        else:
            import lance

            table = lance.dataset(self.folder / "clips.lance").to_table()
        rows = ({name: value for name, value in row.items() if name not in OF_A_PLATFORM} for row in table.to_pylist())
        return sorted(rows, key=lambda row: (row["source"], row["row"]))

    def created(self) -> int:
        """Return the number of embedding tasks or analyses."""
        state = self.emulator.state
        return len(state.embedding_tasks if self.operation == "embed" else state.analyze_tasks)


def new_emulator() -> Emulator:
    return Emulator(speed=100, processing_time=3, embedding_time=5, analysis_time=5, latency=0.002)


def undisturbed_rows(operation: str, kind: str, folder: Path) -> list[dict[str, Any]]:
    with new_emulator() as emulator:
        table = Table(emulator, operation, kind, folder)
        assert table.finish() == {"ready": SOURCES}
        return table.rows()


def inject_faults(emulator: Emulator) -> None:
    """Reset every tenth connection, half of them after the request was processed."""
    for number in range(2000):
        if random.random() < 0.1:
            emulator.drop("*", "*", skip=number, acted=random.random() < 0.5)


@pytest.mark.parametrize(("operation", "kind"), RUNS)
def test_a_killed_run_leaves_the_table_of_an_undisturbed_one(tmp_path: Path, operation: str, kind: str) -> None:
    """The first platform and every second one after it reset connections as well."""
    if kind == "lance":
        pytest.importorskip("lance", reason="needs the extra lance")
    random.seed(f"{operation} {kind}")
    expected = undisturbed_rows(operation, kind, tmp_path / "undisturbed")
    kills = requested_twice = 0
    for number in itertools.count():
        with new_emulator() as emulator:
            if number % 2 == 0:
                inject_faults(emulator)
            table, unknown = Table(emulator, operation, kind, tmp_path / str(number)), 0
            while kills < KILLS and table.kill():
                kills += 1
            while (found := table.finish()) != {"ready": SOURCES}:  # which says as well what killed runs do not know
                assert found.keys() <= {"ready", UNKNOWN}
                unknown += found[UNKNOWN]
                table.finish("retry_failed")
            assert table.rows() == expected
            assert SOURCES <= table.created() <= SOURCES + unknown
            requested_twice += table.created() - SOURCES
        if kills == KILLS:
            break
    print(f"{operation} into {kind}: {kills} kills, {requested_twice} requested twice, all after an unknown outcome")


def test_embeddings_that_expire_in_the_middle_are_made_again_only_when_asked(tmp_path: Path) -> None:
    random.seed(1)
    with new_emulator() as emulator:
        table = Table(emulator, "embed", "parquet", tmp_path / "table")
        table.kill()
        emulator.advance(8 * DAY)
        kept = table.created()
        found = table.finish("retry_failed")
        assert found.keys() <= {"ready", EXPIRED}
        assert found.total() == SOURCES
        assert table.created() - kept <= SOURCES - found[EXPIRED]
        created = table.created()
        assert table.finish("again") == {"ready": SOURCES}
        assert table.created() == created + found[EXPIRED]
        assert table.rows() == undisturbed_rows("embed", "parquet", tmp_path / "undisturbed")
