"""Bulk runs are killed, cut off and lied to; in the end every file is indexed, and exactly once.

The runs are processes of their own. ``SURVIVAL_KILLS=200 pytest tests/test_survival.py`` kills more often.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from attrs import define
from bulk_run import UPLOADS_AT_ONCE

from twelvelabs_async import TwelveLabs, read_journal
from twelvelabs_async.testing import Emulator

from conftest import MODELS

pytestmark = [pytest.mark.any_python, pytest.mark.timeout(1200)]

KILLS = int(os.environ.get("SURVIVAL_KILLS", "4"))
FILES = 60
PARTS_AT_ONCE = UPLOADS_AT_ONCE * 5
TESTS = Path(__file__).parent


@define
class Library:
    """Files to index, an index, a journal, and the emulator that counts what it is asked to do."""

    emulator: Emulator
    client: TwelveLabs
    index_id: str
    folder: Path
    journal: Path
    random: random.Random

    def start(self, url: str | None = None) -> subprocess.Popen[str]:
        """Start a run; returns at its first event."""
        settings = {"TWELVELABS_API_KEY": self.emulator.api_key, "TWELVELABS_BASE_URL": url or self.emulator.url}
        return start("bulk_run.py", self.index_id, self.folder, self.journal, **settings)

    def finish(self, run: subprocess.Popen[str]) -> None:
        """Wait for the end of a run, which has told of every file that it is ready."""
        events, _ = run.communicate()
        assert run.returncode == 0
        kinds = Counter(line.split()[0] for line in events.splitlines())
        assert (kinds["ready"], kinds["failed"]) == (FILES, 0), events

    def check(self, kills: int) -> None:
        """Every file has become one asset, which is indexed once; few parts were sent again; the journal is sound."""
        names = Counter(asset.filename for asset in self.emulator.assets.values())
        assert names == Counter(path.name for path in self.folder.iterdir())
        indexed = list(self.client.indexes.indexed_assets.list(self.index_id, page_limit=50, status="ready"))
        assert len({item.id for item in indexed}) == FILES == len({item.asset_id for item in indexed})
        parts = Counter(r.path for r in self.emulator.requests if r.method == "PUT" and r.status == 200)
        assert parts.total() - len(parts) <= kills * PARTS_AT_ONCE
        with closing(sqlite3.connect(self.journal)) as journal:
            assert journal.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert read_journal(self.journal).counts == {"ready": FILES}


def start(script: str, *arguments: object, **settings: str) -> subprocess.Popen[str]:
    """Start a process; returns when it prints something."""
    command = [sys.executable, str(TESTS / script), *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **settings})
    assert process.stdout is not None
    assert process.stdout.readline()
    return process


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Sixty files with contents of their own, half of them so large that they go in parts."""
    chance = random.Random(1)
    folder = tmp_path / "videos"
    folder.mkdir()
    for number in range(FILES):
        size = chance.randrange(30_000, 90_000) if number % 2 else chance.randrange(100, 15_000)
        (folder / f"{number:02}.mp4").write_bytes(chance.randbytes(size))
    with (
        Emulator(speed=20, processing_time=4, indexing_time=6, chunk_size=10_000) as emulator,
        TwelveLabs(api_key=emulator.api_key, base_url=emulator.url) as client,
    ):
        index = client.indexes.ensure("library", models=MODELS[:1])
        yield Library(emulator, client, index.id, folder, tmp_path / "run.db", chance)


def trouble(library: Library) -> None:
    """Reset every tenth connection, half of them after the request was carried out, and refuse requests in bursts."""
    emulator, chance = library.emulator, library.random
    for number in range(2000):
        if chance.random() < 0.1:
            emulator.drop("*", "*", skip=number, acted=chance.random() < 0.5)
        if chance.random() < 0.01:
            emulator.fail("*", "*", status=429, headers={"Retry-After": "0"}, skip=number, times=10)


@pytest.mark.parametrize("weather", ["fair", "bad"])
def test_run_killed(library: Library, weather: str) -> None:
    """A run that is killed at any moment goes on by the same call."""
    if weather == "bad":
        trouble(library)
    for _ in range(KILLS):
        run = library.start()
        time.sleep(library.random.uniform(0, 0.5))
        kill(run)
    library.finish(library.start())
    library.check(KILLS)


def test_server_killed(library: Library) -> None:
    """A run outlives a server that dies and comes back."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    target = library.emulator.url.split(":")[2].split("/")[0]
    server = start("forwarder.py", port, target)
    run = library.start(f"http://127.0.0.1:{port}/v1.3")
    for _ in range(KILLS):
        time.sleep(library.random.uniform(0, 0.5))
        kill(server)
        time.sleep(library.random.uniform(0, 0.2))
        server = start("forwarder.py", port, target)
    library.finish(run)
    kill(server)
    library.check(KILLS)


def test_two_processes(library: Library) -> None:
    """Processes share a journal and the work; if one dies, the other takes over what it had."""
    one, other = library.start(), library.start()
    assert len(read_journal(library.journal).running) == 2
    time.sleep(library.random.uniform(0, 0.5))
    kill(one)
    library.finish(other)
    library.check(1)
