"""Bulk runs in processes that are killed or lose their connections: every file is indexed exactly once.

``SURVIVAL_KILLS=200 pytest tests/test_survival.py`` kills more processes than usual, and ``SURVIVAL_STOPS=30`` suspends
more.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import wave
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from hashlib import sha256
from pathlib import Path

import pytest
from attrs import define, field
from yarl import URL

from twelvelabs_async import TwelveLabs, read_journal
from twelvelabs_async.bulk.options import PARTS_PER_UPLOAD
from twelvelabs_async.testing import Emulator
from twelvelabs_async.testing.state.assets import Asset

from support.bulk_run import UPLOADS
from support.samples import MODELS

KILLS = int(os.environ.get("SURVIVAL_KILLS", "3"))
STOPS = int(os.environ.get("SURVIVAL_STOPS", "1"))
LEASE_SECONDS = 2.0
FILES, LARGE_FILES = 60, 20
PARTS_IN_FLIGHT = UPLOADS * PARTS_PER_UPLOAD
TESTS = Path(__file__).parent

pytestmark = [pytest.mark.any_python, pytest.mark.timeout(60 + 10 * KILLS)]


@define
class Library:
    """Recordings to index, an index, a journal, and the emulator that records the requests.

    Attributes:
        journal: The journal, or ``None`` if each run is on a machine of its own.
        unreported: Number of kills after which a part had been sent but not reported.
    """

    emulator: Emulator
    url: str
    index_id: str
    folder: Path
    journal: Path | None
    unreported: Counter[str] = field(factory=Counter)

    def start(self, **settings: str) -> subprocess.Popen[str]:
        """Start a run by the same command as every other, and return after its first request."""
        before = len(self.emulator.requests)
        settings |= {"TWELVELABS_API_KEY": self.emulator.api_key, "TWELVELABS_BASE_URL": self.url}
        arguments = [self.index_id, self.folder, *([self.journal] if self.journal else [])]
        run = start("support/bulk_run.py", *arguments, **settings)
        while len(self.emulator.requests) == before and run.poll() is None:
            time.sleep(0.001)
        return run

    def kill(self, run: subprocess.Popen[str]) -> bool:
        """Kill a run, and return whether it was still in progress."""
        kill(run)
        time.sleep(0.05)  # its last requests are in flight
        reported = {
            f"/storage/{upload.id}/{chunk}"
            for upload in self.emulator.state.uploads.values()
            for chunk in upload.reported
        }
        self.unreported.update(self.parts().keys() - reported)
        return run.returncode != 0

    def finish(self, run: subprocess.Popen[str]) -> Counter[str]:
        """Wait for the end of a run, and return the number of files that are ready, and the outcomes of all others."""
        outcomes, _ = run.communicate()
        assert run.returncode == 0
        return Counter("ready" if line.startswith("ready ") else line for line in outcomes.splitlines())

    def parts(self) -> Counter[str]:
        """Return how often each part was sent."""
        return Counter(request.path for request in self.emulator.requests if request.method == "PUT")

    def uploaded(self) -> list[Asset]:
        """Return the assets that have bytes."""
        return [asset for asset in self.emulator.assets.values() if asset.size]

    def contents(self) -> dict[str, str]:
        """Return the digest of each file by its name."""
        return {path.name: sha256(path.read_bytes()).hexdigest() for path in self.folder.iterdir()}

    def check(self) -> None:
        """Assert that every file is one asset, which is indexed once, and that the journal is intact.

        Sessions that were killed before they were recorded are left to expire, without bytes.
        """
        assets = {asset.id: asset.sha256 for asset in self.uploaded()}
        assert sorted(assets.values()) == sorted(self.contents().values())
        assert sum(bool(upload.etags) for upload in self.emulator.state.uploads.values()) == LARGE_FILES
        assert sorted(item.asset.id for item in self.emulator.indexed_assets.values()) == sorted(assets)
        if self.journal is None:
            return
        with closing(sqlite3.connect(self.journal)) as journal:
            assert journal.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        status = read_journal(self.journal)
        assert (status.counts, status.failures, status.running) == ({"ready": FILES}, [], [])


def start(script: str, *arguments: object, **settings: str) -> subprocess.Popen[str]:
    """Start a module of `support` as a process."""
    command = [sys.executable, str(TESTS / script), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **settings})


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def libraries(place: Path, *, has_journal: bool = True) -> Iterator[Library]:
    """Yield new libraries. A third of the files are uploaded in parts: without a journal all, which have one size."""
    random.seed(1)
    for name in map(str, itertools.count()):
        folder = place / name
        folder.mkdir()
        for number in range(FILES if has_journal else LARGE_FILES):
            size = random.randrange(60_000, 150_000) if number % 3 == 0 else random.randrange(4_000, 40_000)
            size = size if has_journal else 100_000
            with wave.open(str(folder / f"{number:02}.wav"), "wb") as file:
                file.setparams((1, 1, 1000, 0, "NONE", ""))
                file.writeframes(random.randbytes(size))
        with (
            Emulator(speed=100, processing_time=3, indexing_time=5, chunk_size=20_000, latency=0.002) as emulator,
            TwelveLabs(api_key=emulator.api_key, base_url=emulator.url) as client,
        ):
            index = client.indexes.ensure("library", models=MODELS[:1])
            yield Library(emulator, emulator.url, str(index.id), folder, place / f"{name}.db" if has_journal else None)


def inject_faults(emulator: Emulator) -> None:
    """Reset every tenth connection, half of them after the request was processed, and refuse requests in bursts."""
    for number in range(1000):
        if random.random() < 0.1:
            emulator.drop("*", "*", skip=number, acted=random.random() < 0.5)
        if random.random() < 0.01:
            emulator.fail("*", "*", status=429, headers={"Retry-After": "0"}, skip=number, times=10)


@pytest.mark.parametrize("has_faults", [False, True])
def test_a_killed_run_is_resumed_and_sends_no_reported_part_again(tmp_path: Path, has_faults: bool) -> None:
    kills = 0
    for library in libraries(tmp_path):
        if has_faults:
            inject_faults(library.emulator)
        while kills < KILLS:
            run = library.start()
            time.sleep(random.uniform(0, 0.5))
            if not library.kill(run):
                break
            kills += 1
        run = library.start()
        while library.finish(run) != {"ready": FILES}:
            assert has_faults  # after too many of them a source fails, and the next run resumes it
            run = library.start()
        library.check()
        parts = library.parts()
        assert library.unreported.total() <= kills * PARTS_IN_FLIGHT
        assert has_faults or parts - Counter(set(parts)) <= library.unreported
        if kills == KILLS:
            break


def test_a_run_survives_a_server_that_is_killed_and_restarted(tmp_path: Path) -> None:
    kills = 0
    for library in libraries(tmp_path):
        targets = [URL(library.url), URL(library.emulator.storage_url)]
        with ExitStack() as stack:
            free = [stack.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1] for _ in targets]
        library.url, library.emulator.storage_url = (
            str(target.with_port(port)) for target, port in zip(targets, free, strict=True)
        )
        ports = [port for port, target in zip(free, targets, strict=True) for port in (port, target.port)]
        server = start("support/tcp_forwarder.py", *ports)
        run = library.start()
        while kills < KILLS and run.poll() is None:
            time.sleep(random.uniform(0, 0.5))
            kill(server)
            time.sleep(random.uniform(0, 0.2))
            server = start("support/tcp_forwarder.py", *ports)
            kills += 1
        while library.finish(run) != {"ready": FILES}:  # sources that failed while there was no server
            run = library.start()
        kill(server)
        library.check()
        if kills == KILLS:
            break


def test_a_process_takes_over_the_sources_of_another_one_that_was_killed(tmp_path: Path) -> None:
    kills = 0
    for library in libraries(tmp_path):
        runs = [library.start() for _ in range(2)]
        while kills < KILLS:
            time.sleep(random.uniform(0, 0.5))
            if not library.kill(runs.pop(0)):
                break
            kills += 1
            runs.append(library.start())
        for run in runs:
            assert library.finish(run) == {"ready": FILES}
        library.check()
        if kills == KILLS:
            break


@pytest.mark.parametrize("machines", [1, 2])
def test_machines_without_a_common_journal_never_mix_files_of_one_size(tmp_path: Path, machines: int) -> None:
    """Each is killed and replaced. Only machines that begin a file at the same moment create two assets of it."""
    kills = 0
    for library in libraries(tmp_path, has_journal=False):
        runs = [library.start() for _ in range(machines)]
        while kills < KILLS // 3:
            enough = library.parts().total() + random.randrange(1, 60)
            while library.parts().total() < enough and runs[0].poll() is None:
                time.sleep(0.005)
            if not library.kill(runs.pop(0)):
                break
            kills += 1
            runs.append(library.start())
        for run in runs:
            assert library.finish(run) == {"ready": LARGE_FILES}
        assets = library.uploaded()
        found = {(asset.user_metadata["bulk_token"], asset.sha256) for asset in assets}
        assert found == set(library.contents().items())
        assert library.finish(library.start()) == {"ready": LARGE_FILES}
        assert library.uploaded() == assets
        if machines == 1:
            library.check()
        if kills == KILLS // 3:
            break


@pytest.mark.timeout(60 + 20 * STOPS)
def test_processes_that_are_suspended_for_longer_than_their_lease_create_nothing_twice(tmp_path: Path) -> None:
    """At any moment: inside a transaction, the other process waits for the lock."""
    stops = 0
    for library in libraries(tmp_path):
        runs = [library.start(LEASE_SECONDS=str(LEASE_SECONDS)) for _ in range(2)]
        while stops < STOPS and all(run.poll() is None for run in runs):
            time.sleep(random.uniform(0, 0.7))
            suspended = random.choice(runs)
            suspended.send_signal(signal.SIGSTOP)
            time.sleep(LEASE_SECONDS * random.uniform(1.0, 2.5))
            suspended.send_signal(signal.SIGCONT)
            stops += 1
        for run in runs:
            assert library.finish(run) == {"ready": FILES}
        library.check()
        if stops == STOPS:
            break
