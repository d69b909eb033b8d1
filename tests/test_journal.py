"""Bulk runs that go on where an earlier one stopped: nothing is lost, nothing is done twice."""

from __future__ import annotations

import asyncio
import hashlib
import os
import resource
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import aclosing, closing
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import (
    AsyncTwelveLabs,
    BadRequestError,
    IndexedAsset,
    IndexSchema,
    JobFailedError,
    JournalError,
    NotFoundError,
    RejectedError,
    TwelveLabs,
    UnauthorizedError,
    UploadError,
    read_journal,
)
from twelvelabs_async.bulk import Event, Outcome
from twelvelabs_async.bulk.journal.database import create_tables, open_database
from twelvelabs_async.bulk.journal.leases import RunLease
from twelvelabs_async.bulk.options import JournalTimings
from twelvelabs_async.testing import Emulator

from support.open_files import open_files
from support.until import until

INTERVAL = 0.02


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator whose jobs take hundredths of a second, and whose parts are small."""
    with Emulator(speed=100, processing_time=1.0, indexing_time=4.0, chunk_size=50_000_000) as emulator:
        yield emulator


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four media files."""
    folder = tmp_path / "videos"
    folder.mkdir()
    for name in ("a.mp4", "b.mp4", "c.mp4", "d.mp4"):
        (folder / name).write_bytes(name.encode())
    return folder


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Where the journal is to be."""
    return tmp_path / "run.db"


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A file that is so large that it goes in parts."""
    film = tmp_path / "film.mp4"
    film.touch()
    os.truncate(film, 210_000_000)
    return film


def created(emulator: Emulator) -> tuple[int, int]:
    """How many assets and indexed assets there are."""
    return len(emulator.assets), len(emulator.indexed_assets)


async def run(
    client: AsyncTwelveLabs, index: IndexSchema, sources: Any, journal: Path, **settings: Any
) -> list[Outcome[IndexedAsset]]:
    """Index everything; the outcomes."""
    indexing = client.bulk.index(index.id, sources, journal=journal, interval=INTERVAL, **settings)
    return [outcome async for outcome in indexing]


class TestAgain:
    async def test_all_done(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        """A second run tells what is done, and asks for nothing but the index."""
        first = await run(client, index, folder, journal)
        emulator.requests.clear()
        second = await run(client, index, folder, journal)
        assert [request.method for request in emulator.requests] == ["GET"]
        assert {o.source: (o.status, o.asset_id, o.indexed_asset_id) for o in second} == {
            o.source: ("ready", o.asset_id, o.indexed_asset_id) for o in first
        }
        assert read_journal(journal).counts == {"ready": 4}

    @pytest.mark.parametrize("done", [0, 1, 2, 3])
    async def test_left_early(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path, done: int
    ) -> None:
        """A run that was left goes on, and nothing is created for a second time."""
        async with aclosing(client.bulk.index(index.id, folder, journal=journal, interval=INTERVAL)) as indexing:
            for _ in range(done):
                await anext(indexing)
            await asyncio.sleep(0.01)
        outcomes = await run(client, index, folder, journal)
        assert [outcome.status for outcome in outcomes] == ["ready"] * 4
        assert created(emulator) == (4, 4)

    async def test_left_at_once(self, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path) -> None:
        """A run that is left while it opens its journal closes it."""
        for rounds in range(15):
            running = asyncio.create_task(run(client, index, folder, journal))
            await until(journal.exists)
            for _ in range(rounds):
                await asyncio.sleep(0)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            assert not [file for file in open_files() if file.startswith(str(journal))]
            os.unlink(journal)

    async def test_left_twice(self, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path) -> None:
        """A run that is cancelled for a second time while it ends signs out of its journal all the same."""
        for rounds in range(25):
            begun = asyncio.Event()
            running = asyncio.create_task(run(client, index, folder, journal, on_event=lambda _, b=begun: b.set()))
            await begun.wait()
            running.cancel()
            for _ in range(rounds):
                await asyncio.sleep(0)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await until(lambda: asyncio.all_tasks() == {asyncio.current_task()})
            assert not read_journal(journal).running

    async def test_changed_file(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        """A file with new content is uploaded again; one that was only touched is not."""
        await run(client, index, folder, journal)
        (folder / "a.mp4").write_bytes(b"new content")
        os.utime(folder / "b.mp4")
        outcomes = await run(client, index, folder, journal)
        assert [outcome.status for outcome in outcomes] == ["ready"] * 4
        assert created(emulator) == (5, 5)

    async def test_changed_meanwhile(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        """A file that changes while it is uploaded is uploaded again, and not taken for a copy of what it was."""
        source, copy = folder / "a.mp4", folder / "copy.mp4"
        copy.write_bytes(source.read_bytes())

        def change(event: Event) -> None:
            if event.kind == "uploading":
                source.write_bytes(b"new content")

        (first,) = await run(client, index, source, journal, on_event=change)
        assert "was changed" in str(first.error)
        outcomes = await run(client, index, [copy, source], journal)
        assert {outcome.source: emulator.assets[str(outcome.asset_id)].sha256 for outcome in outcomes} == {
            str(copy): hashlib.sha256(b"a.mp4").hexdigest(),
            str(source): hashlib.sha256(b"new content").hexdigest(),
        }

    async def test_same_content(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        """The same content is uploaded and indexed once, whatever the names of its files."""
        for number in range(5):
            (folder / f"copy{number}.mp4").write_bytes(b"a.mp4")
        outcomes = await run(client, index, folder, journal)
        assert [outcome.status for outcome in outcomes] == ["ready"] * 9
        assert created(emulator) == (4, 4)
        assert len({outcome.indexed_asset_id for outcome in outcomes}) == 4

    async def test_same_content_again(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        """Files of the same content that were all begun do not wait for each other."""
        copies = [folder / "a.mp4", folder / "copy.mp4"]
        copies[1].write_bytes(b"a.mp4")
        emulator.fail("POST", "/assets", status=403)
        assert [outcome.status for outcome in await run(client, index, copies, journal)] == ["failed"] * 2
        outcomes = await run(client, index, copies, journal)
        assert [outcome.status for outcome in outcomes] == ["ready"] * 2
        assert len(emulator.assets) == 1

    async def test_same_content_unclear(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        """What was created for a file although no answer came is found for another one of the same content."""
        (folder / "copy.mp4").write_bytes(b"a.mp4")
        emulator.drop("POST", "/assets", acted=True)
        emulator.fail("GET", "/assets", status=403, times=6)
        assert [outcome.status for outcome in await run(client, index, folder / "a.mp4", journal)] == ["failed"]
        assert [outcome.status for outcome in await run(client, index, folder / "copy.mp4", journal)] == ["ready"]
        assert created(emulator) == (1, 1)

    async def test_same_source(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        """A source that is given twice has two outcomes, but is done once."""
        outcomes = await run(
            client, index, [folder / "a.mp4", folder / "a.mp4", "https://example.com/x.mp4"] * 2, journal
        )
        assert [outcome.status for outcome in outcomes] == ["ready"] * 6
        assert created(emulator) == (2, 2)


class TestFailures:
    async def test_remembered(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        """A file that fails is not sent again until it changes, or somebody wants it."""
        emulator.understand("a.mp4", fail="no picture", at="processing")
        emulator.understand("b.mp4", fail="no sense", at="indexing")
        first = {Path(o.source).name: o.error for o in await run(client, index, folder, journal)}
        assert isinstance(first["a.mp4"], JobFailedError)
        assert isinstance(first["b.mp4"], JobFailedError)
        assert created(emulator) == (4, 3)
        second = {Path(o.source).name: o.error for o in await run(client, index, folder, journal)}
        assert created(emulator) == (4, 3)
        assert isinstance(second["a.mp4"], RejectedError)
        assert "no picture" in str(second["a.mp4"])
        assert [error for error in second.values() if error is None] == [None, None]
        assert {source for source, _ in read_journal(journal).failures} == {str(folder / n) for n in ("a.mp4", "b.mp4")}
        await run(client, index, folder, journal, retry_failed=True)
        assert created(emulator) == (5, 4)
        (folder / "a.mp4").write_bytes(b"another")
        await run(client, index, folder, journal)
        assert created(emulator) == (6, 4)

    async def test_indexing_refused(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        """An asset whose indexing was refused is still good when that is tried again."""
        emulator.fail("POST", "/indexes/*/indexed-assets", status=400, times=4)
        first = await run(client, index, folder, journal)
        assert [outcome.status for outcome in first] == ["failed"] * 4
        outcomes = await run(client, index, folder, journal, retry_failed=True)
        assert [outcome.status for outcome in outcomes] == ["ready"] * 4
        assert {outcome.asset_id for outcome in outcomes} == {outcome.asset_id for outcome in first}
        assert created(emulator) == (4, 4)

    async def test_a_refused_asset_is_not_searched_for(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        """The API has created nothing after a 400, so retrying creates the asset without listing assets first."""
        emulator.fail("POST", "/assets", status=400, times=1)
        source = folder / "a.mp4"
        (outcome,) = await run(client, index, source, journal)
        assert isinstance(outcome.error, BadRequestError)
        emulator.requests.clear()
        (outcome,) = await run(client, index, source, journal, retry_failed=True)
        assert outcome.status == "ready"
        assert [request.method for request in emulator.requests if request.path == "/assets"] == ["POST"]

    async def test_own_token(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        """An asset that failed is not taken for what a token of the user's own stands for."""
        source = (folder / "a.mp4", {"bulk_token": "mine"})
        emulator.understand("mine-a.mp4", fail="no picture", at="processing")
        outcomes = [
            *await run(client, index, source, journal),
            *await run(client, index, source, journal, retry_failed=True),
        ]
        assert [type(outcome.error) for outcome in outcomes] == [JobFailedError] * 2
        assert {outcome.asset_id for outcome in outcomes} == emulator.assets.keys()
        assert len(emulator.assets) == 2

    @pytest.mark.parametrize("path", ["/assets", "/indexes/*/indexed-assets"])
    @pytest.mark.parametrize("times", [1, 4])
    async def test_lost_answer(
        self,
        emulator: Emulator,
        client: AsyncTwelveLabs,
        index: IndexSchema,
        folder: Path,
        journal: Path,
        path: str,
        times: int,
    ) -> None:
        """If the answer to a creating call is lost, the API is asked whether it was successful."""
        emulator.drop("POST", path, times=times, acted=True)
        outcomes = await run(client, index, folder, journal)
        assert [outcome.status for outcome in outcomes] == ["ready"] * 4
        assert created(emulator) == (4, 4)

    @pytest.mark.parametrize("what", ["asset", "indexed asset"])
    async def test_deleted(
        self,
        emulator: Emulator,
        client: AsyncTwelveLabs,
        index: IndexSchema,
        folder: Path,
        journal: Path,
        what: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """What somebody deletes between two runs is created anew, once it is found missing."""
        monkeypatch.setattr(
            "twelvelabs_async._failures.NOT_FOUND_GRACE_SECONDS", 0.1
        )  # else half a minute, as it may be just created
        path = "/indexes/*/indexed-assets" if what == "asset" else "/indexes/*/indexed-assets/*"
        emulator.fail("*", path, status=403)
        source = folder / "a.mp4"
        (outcome,) = await run(client, index, source, journal)
        if outcome.indexed_asset_id is None:
            await client.assets.delete(str(outcome.asset_id))
        else:
            await client.indexes.indexed_assets.delete(index.id, outcome.indexed_asset_id)
        errors = [(await run(client, index, source, journal))[0].error for _ in range(3)]
        assert isinstance(errors[0], NotFoundError)
        assert errors[1:] == [None, None]
        assert created(emulator) == (1, 1)

    async def test_refused(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        """What was not the file's fault is tried again by the next run."""
        emulator.fail("POST", "/assets", status=401)
        with pytest.raises(UnauthorizedError):
            await run(client, index, folder, journal, concurrency=1, upload_concurrency=1)
        outcomes = await run(client, index, folder, journal)
        assert [outcome.status for outcome in outcomes] == ["ready"] * 4
        assert len(emulator.assets) == 4

    async def test_odd_names(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        """Text that is no Unicode, in a name or an answer, spoils its own source at most; odd times spoil nothing."""
        (folder / os.fsdecode(b"\xff.mp4")).write_bytes(b"odd")
        emulator.fail("POST", "/assets", status=400, body={"message": "\ud800"})
        outcomes = await run(client, index, folder, journal)
        assert Counter(type(outcome.error) for outcome in outcomes) == {
            type(None): 3,
            BadRequestError: 1,
            UnicodeEncodeError: 1,
        }
        os.utime(folder / "a.mp4", (2**34, 2**34))
        (outcome,) = await run(client, index, [folder / "a.mp4"], journal)
        assert outcome.status == "ready"

    async def test_full_disk(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        """A run that cannot write its journal ends and says so; the next one goes on."""
        for number in range(20):
            (folder / f"{number}.mp4").write_bytes(str(number).encode())
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, before[1]))
        try:
            with pytest.raises(JournalError, match="cannot be written"):
                await run(client, index, folder, journal)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert sum(created(emulator)) < 48
        outcomes = await run(client, index, folder, journal)
        assert [outcome.status for outcome in outcomes] == ["ready"] * 24
        assert created(emulator) == (24, 24)


class TestParts:
    async def test_left_early(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, film: Path, journal: Path
    ) -> None:
        """An upload in parts goes on at the part it lacks."""
        sent = asyncio.Event()

        def watch(event: Event) -> None:
            if event.progress is not None and event.progress.completed_chunks >= 2:
                sent.set()

        running = asyncio.create_task(run(client, index, film, journal, on_event=watch))
        await sent.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        (outcome,) = await run(client, index, film, journal)
        assert outcome.status == "ready"
        assert created(emulator) == (1, 1)
        puts = Counter(r.path for r in emulator.requests if r.method == "PUT")
        assert set(puts.values()) <= {1, 2}

    async def test_refused(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, film: Path, journal: Path
    ) -> None:
        """An upload that failed goes on at the part it lacks, too, when it is tried again."""
        emulator.fail("POST", "/assets/multipart-uploads/*", status=400)
        (first,) = await run(client, index, film, journal)
        assert isinstance(first.error, UploadError)
        (outcome,) = await run(client, index, film, journal, retry_failed=True)
        assert outcome.status == "ready"
        assert created(emulator) == (1, 1)

    async def test_lost_beginning(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, film: Path, journal: Path
    ) -> None:
        """If the answer that begins an upload is lost, the upload is found."""
        emulator.drop("POST", "/assets/multipart-uploads", acted=True)
        (outcome,) = await run(client, index, film, journal)
        assert outcome.status == "ready"
        assert created(emulator) == (1, 1)


class TestShared:
    async def test_two_runs(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        """Two runs share the work; both tell of everything."""
        for number in range(20):
            (folder / f"{number}.mp4").write_bytes(str(number).encode())
        both = await asyncio.gather(
            *(run(client, index, folder, journal, concurrency=3, upload_concurrency=2) for _ in range(2))
        )
        assert [[outcome.status for outcome in outcomes] for outcomes in both] == [["ready"] * 24] * 2
        assert created(emulator) == (24, 24)

    def test_sleep(self, journal: Path) -> None:
        """When the machine wakes up, whoever is first does not take over what others have, but leaves them a moment."""
        now = 10_000.0
        with closing(open_database(journal)) as database:
            create_tables(database, journal, "job", None)
            lease = RunLease(journal, JournalTimings(clock=lambda: now))
            database.execute("INSERT INTO runs VALUES ('other', 'container', 1, ?)", (now,))
            now += 3600
            for running in ([1, os.getpid()], [os.getpid()]):
                lease.send_heartbeat(database)
                assert sorted(pid for (pid,) in database.execute("SELECT pid FROM runs")) == running

    async def test_another_job(self, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path) -> None:
        """A journal belongs to one index."""
        await run(client, index, folder, journal)
        other = await client.indexes.ensure("other", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}])
        with pytest.raises(ValueError, match="another job"):
            await run(client, other, folder, journal)

    async def test_no_journal(self, client: AsyncTwelveLabs, index: IndexSchema, folder: Path) -> None:
        """What is no journal is left alone."""
        with pytest.raises(JournalError, match="cannot be opened"):
            await run(client, index, folder, folder)
        text = folder / "a.mp4"
        with pytest.raises(JournalError, match="cannot be opened"):
            await run(client, index, folder, text)
        assert text.read_bytes() == b"a.mp4"
        with closing(sqlite3.connect(folder / "mine.db")) as mine:
            mine.execute("CREATE TABLE runs (mine)")
            before = (folder / "mine.db").read_bytes()
            with pytest.raises(JournalError, match="is not a journal"):
                await run(client, index, folder, folder / "mine.db")
            assert (folder / "mine.db").read_bytes() == before
        with pytest.raises(FileNotFoundError):
            read_journal(folder / "none.db")
        with pytest.raises(JournalError):
            read_journal(text)


def test_sync(emulator: Emulator, sync_client: TwelveLabs, folder: Path, journal: Path) -> None:
    """The blocking twin pauses, resumes, stops and goes on, too."""
    index = sync_client.indexes.create(
        index_name="tests", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}]
    )
    running = sync_client.bulk.index(str(index.id), folder, journal=journal, interval=INTERVAL)
    running.pause()
    running.resume()
    assert next(running).status == "ready"
    running.close()
    assert len(list(sync_client.bulk.index(str(index.id), folder, journal=journal, interval=INTERVAL))) == 4
    assert created(emulator) == (4, 4)
