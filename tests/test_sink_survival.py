"""Runs into sinks that are killed and lose responses: the table is that of an undisturbed run, row for row.

``SINK_KILLS=200 pytest tests/test_sink_survival.py`` kills more processes than usual.
"""

from __future__ import annotations

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

from twelvelabs_async.testing import Emulator

from support.sink_run import SOURCES

KILLS = int(os.environ.get("SINK_KILLS", "1"))
RUNS = [("embed", "parquet"), ("analyze", "lance")]
if KILLS > 1:
    RUNS += [("embed", "lance"), ("analyze", "parquet")]
DAY = 24 * 3600.0
TESTS = Path(__file__).parent
UNKNOWN, EXPIRED = "outcome of the request for an embedding task is unknown", "have expired"
OF_A_RUN = ("task_id", "asset_id")
"""Columns in which two runs on two platforms differ."""

parquet = pytest.importorskip("pyarrow.parquet", reason="sinks need the extra data")
pytestmark = [pytest.mark.any_python, pytest.mark.timeout(300 + 20 * KILLS)]


@define
class Table:
    """A table that processes write to one after another, from one emulator."""

    emulator: Emulator
    operation: str
    kind: str
    folder: Path

    def start(self, *options: str) -> subprocess.Popen[str]:
        command = [sys.executable, TESTS / "support/sink_run.py", self.operation, self.kind, self.folder]
        return subprocess.Popen(
            [*map(str, command), f"{self.folder}.db", *options],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "TWELVELABS_API_KEY": self.emulator.api_key, "TWELVELABS_BASE_URL": self.emulator.url},
        )

    def kill(self) -> bool:
        """Start a run, kill it at a random moment, and return whether it was still in progress."""
        before = len(self.emulator.requests)
        run = self.start()
        while len(self.emulator.requests) == before and run.poll() is None:
            time.sleep(0.001)
        time.sleep(random.uniform(0, 1.0))
        run.kill()
        run.communicate()
        return run.returncode != 0

    def finish(self, *options: str) -> Counter[str]:
        """Run to the end, and return the number of ready sources and of the reasons of failures."""
        output, _ = self.start(*options).communicate()
        return Counter(
            "ready" if line.startswith("ready") else next((text for text in (UNKNOWN, EXPIRED) if text in line), line)
            for line in output.splitlines()
        )

    def rows(self) -> list[dict[str, Any]]:
        if self.kind == "parquet":
            table = parquet.read_table(self.folder)
        else:
            import lance

            table = lance.dataset(self.folder / "clips.lance").to_table()
        rows = ({name: value for name, value in row.items() if name not in OF_A_RUN} for row in table.to_pylist())
        return sorted(rows, key=lambda row: (row["source"], row["row"]))

    def created(self) -> int:
        """Return the number of embedding tasks or analyses."""
        state = self.emulator.state
        return len(state.embedding_tasks if self.operation == "embed" else state.analyze_tasks)


def new_emulator() -> Emulator:
    return Emulator(speed=100, processing_time=3, embedding_time=5, analysis_time=5, latency=0.002)


def inject_faults(emulator: Emulator) -> None:
    """Reset every tenth connection, half of them after the request was processed."""
    for number in range(2000):
        if random.random() < 0.1:
            emulator.drop("*", "*", skip=number, acted=random.random() < 0.5)


@pytest.mark.parametrize(("operation", "kind"), RUNS)
def test_a_killed_run_leaves_the_table_of_an_undisturbed_one(tmp_path: Path, operation: str, kind: str) -> None:
    """Every second platform resets connections as well."""
    if kind == "lance":
        pytest.importorskip("lance", reason="needs the extra lance")
    random.seed(f"{operation} {kind}")
    with new_emulator() as emulator:
        undisturbed = Table(emulator, operation, kind, tmp_path / "undisturbed")
        assert undisturbed.finish() == {"ready": SOURCES}
    expected, kills, requested_twice = undisturbed.rows(), 0, 0
    for name in map(str, itertools.count()):
        with new_emulator() as emulator:
            if int(name) % 2:
                inject_faults(emulator)
            table, unknown = Table(emulator, operation, kind, tmp_path / name), 0
            while kills < KILLS and table.kill():
                kills += 1
            while (found := table.finish()) != {"ready": SOURCES}:
                if found.keys() == {"ready", UNKNOWN} or found.keys() == {UNKNOWN}:
                    unknown += found[UNKNOWN]
                    found = table.finish("retry_failed")
            assert table.rows() == expected
            assert SOURCES <= table.created() <= SOURCES + unknown
            requested_twice += table.created() - SOURCES
        if kills == KILLS:
            break
    print(f"{operation} into {kind}: {kills} kills, {requested_twice} requested twice, all after an unknown outcome")


def test_embeddings_that_expire_in_the_middle_are_made_again_only_when_asked(tmp_path: Path) -> None:
    random.seed(1)
    with new_emulator() as emulator:
        undisturbed = Table(emulator, "embed", "parquet", tmp_path / "undisturbed")
        assert undisturbed.finish() == {"ready": SOURCES}
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
        assert table.rows() == undisturbed.rows()
