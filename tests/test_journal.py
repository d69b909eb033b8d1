"""Bulk runs that resume an earlier one: nothing is lost, and nothing is done twice."""

from __future__ import annotations

import asyncio
import hashlib
import os
import resource
import sqlite3
import stat
from collections import Counter
from contextlib import aclosing, closing
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import (
    APIResponseError,
    AsyncTwelveLabs,
    BadRequestError,
    IndexedAsset,
    IndexSchema,
    JobFailedError,
    JournalError,
    RejectedError,
    UnauthorizedError,
    UploadError,
    read_journal,
)
from twelvelabs_async.bulk import AsyncBulk, Event, Outcome
from twelvelabs_async.bulk.journal import JournalTimings
from twelvelabs_async.testing import Emulator

from support.bulk import count_requests, created, finish, statuses, url
from support.clock import Clock
from support.open_files import open_files
from support.samples import MODELS, random_video, video
from support.until import until

pytestmark = [
    pytest.mark.usefixtures("autojump_clock"),
    pytest.mark.emulator(processing_time=2, indexing_time=5, chunk_size=20_000),
]
CHUNK = THRESHOLD = 20_000
on_each_creation = pytest.mark.parametrize("path", ["/assets", "/indexes/*/indexed-assets"])


@pytest.fixture
def large_file(tmp_path: Path) -> Path:
    """A file that `AsyncBulk` uploads in 21 parts, if its threshold is `THRESHOLD`."""
    path = tmp_path / "large.mp4"
    path.write_bytes(random_video(21 * CHUNK))
    return path


async def run(
    client: AsyncTwelveLabs, index: IndexSchema, sources: Any, journal: Path, **options: Any
) -> list[Outcome[IndexedAsset]]:
    """Index *sources* and return the outcomes."""
    bulk = AsyncBulk(client, multipart_threshold=THRESHOLD)
    return [outcome async for outcome in bulk.index(index.id, sources, journal=journal, **options)]


class TestResuming:
    async def test_a_second_run_reports_what_is_ready_and_reads_only_the_index(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        first = await run(client, index, folder, journal)
        emulator.requests.clear()
        second = await run(client, index, folder, journal)
        path = f"/indexes/{index.id}"
        assert [(request.method, request.path) for request in emulator.requests] == [
            ("GET", path),
            ("GET", f"{path}/indexed-assets"),
        ]
        assert {(o.source, o.status, o.asset_id, o.indexed_asset_id) for o in second} == {
            (o.source, "ready", o.asset_id, o.indexed_asset_id) for o in first
        }
        assert read_journal(journal).counts == {"ready": 4}

    @pytest.mark.parametrize("done", [0, 1, 2, 3])
    async def test_a_run_that_was_left_resumes_and_creates_nothing_twice(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path, done: int
    ) -> None:
        async with aclosing(client.bulk.index(index.id, folder, journal=journal)) as first:
            for _ in range(done):
                await anext(first)
        assert statuses(await run(client, index, folder, journal)) == {"ready": 4}
        assert created(emulator) == (4, 4)

    async def test_a_run_that_is_cancelled_while_it_opens_its_journal_closes_it(
        self, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        for steps in range(15):
            running = asyncio.create_task(run(client, index, folder, journal))
            await until(journal.exists)
            for _ in range(steps):
                await asyncio.sleep(0)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await until(lambda: not any(file.startswith(str(journal)) for file in open_files()))
            os.unlink(journal)

    async def test_a_run_that_is_cancelled_twice_releases_its_sources(
        self, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        for steps in range(20):
            begun = asyncio.Event()
            running = asyncio.create_task(run(client, index, folder, journal, on_event=lambda _, b=begun: b.set()))
            await begun.wait()
            running.cancel()
            for _ in range(steps):
                await asyncio.sleep(0)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await until(lambda: asyncio.all_tasks() == {asyncio.current_task()})
            assert not read_journal(journal).running

    async def test_a_changed_file_is_uploaded_again_and_a_touched_one_is_not(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        first = await finish(client.bulk.index(index.id, folder, journal=journal))
        (folder / "a.mp4").write_bytes(video("new content"))
        os.utime(folder / "b.mp4", (1, 1))
        second = await finish(client.bulk.index(index.id, folder, journal=journal))
        assert statuses(second) == {"ready": 4}
        assert emulator.assets[str(second["a.mp4"].asset_id)].sha256 == hashlib.sha256(video("new content")).hexdigest()
        assert {name for name in first if first[name].asset_id != second[name].asset_id} == {"a.mp4"}
        assert created(emulator) == (5, 5)

    async def test_a_file_that_changes_during_its_upload_is_uploaded_again(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        """Another file with the former content does not take over the asset."""
        source, copy = folder / "a.mp4", folder / "copy.mp4"
        copy.write_bytes(source.read_bytes())

        def change(event: Event) -> None:
            if event.kind == "uploading":
                source.write_bytes(video("new content"))

        (first,) = await run(client, index, source, journal, on_event=change)
        assert "was changed during its upload" in str(first.error)
        outcomes = await finish(client.bulk.index(index.id, [copy, source], journal=journal))
        assert {name: emulator.assets[str(outcome.asset_id)].sha256 for name, outcome in outcomes.items()} == {
            "copy.mp4": hashlib.sha256(video("a.mp4")).hexdigest(),
            "a.mp4": hashlib.sha256(video("new content")).hexdigest(),
        }


class TestSameContent:
    async def test_files_with_the_same_content_are_uploaded_and_indexed_once(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        for number in range(5):
            (folder / f"copy{number}.mp4").write_bytes(video("a.mp4"))
        outcomes = await run(client, index, folder, journal)
        assert statuses(outcomes) == {"ready": 9}
        assert created(emulator) == (4, 4)
        assert len({outcome.indexed_asset_id for outcome in outcomes}) == 4
        assert read_journal(journal).counts == {"ready": 9}

    @pytest.mark.parametrize("content", [b"copy", b""])
    async def test_identical_files_that_fail_are_not_attempted_one_after_the_other(
        self,
        emulator: Emulator,
        client: AsyncTwelveLabs,
        index: IndexSchema,
        folder: Path,
        journal: Path,
        autojump_clock: Clock,
        content: bytes,
    ) -> None:
        """On a busy machine, some of them are hashed only when another one has failed already."""
        emulator.understand("copy*.mp4", fail="no picture", at="processing")
        copies = [folder / f"copy{number}.mp4" for number in range(120)]
        for copy in copies:
            copy.write_bytes(content)
        started_at = autojump_clock.offset
        assert statuses(await run(client, index, copies, journal, interval=60)) == {"failed": 120}
        assert autojump_clock.offset - started_at < 120 / 2 * 60
        assert len(emulator.assets) < 10
        assert read_journal(journal).counts == {"failed": 120}

    async def test_a_heartbeat_at_the_end_of_a_run_leaves_its_records_alone(
        self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path, journal: Path
    ) -> None:
        """It releases the sources of runs that have ended, in the transaction with the last records."""
        emulator.understand("copy*.mp4", fail="no picture", at="processing")
        copies = [folder / f"copy{number}.mp4" for number in range(10)]
        for copy in copies:
            copy.write_bytes(video("copy"))
        bulk = AsyncBulk(client, timings=JournalTimings(heartbeat=1e-6))
        assert statuses(await finish(bulk.upload(copies, journal=journal))) == {"failed": 10}
        assert read_journal(journal).counts == {"failed": 10}

    async def test_files_with_the_same_content_that_were_begun_do_not_wait_for_each_other(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        copies = [folder / "a.mp4", folder / "copy.mp4"]
        copies[1].write_bytes(video("a.mp4"))
        emulator.fail("POST", "/assets", status=403)
        assert statuses(await run(client, index, copies, journal)) == {"failed": 2}
        assert statuses(await run(client, index, copies, journal)) == {"ready": 2}
        assert len(emulator.assets) == 1

    async def test_an_asset_whose_response_was_lost_is_found_for_another_file_with_the_same_content(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        (folder / "copy.mp4").write_bytes(video("a.mp4"))
        emulator.drop("POST", "/assets", acted=True)
        emulator.fail("GET", "/assets", status=403, times=6)
        assert statuses(await run(client, index, folder / "a.mp4", journal, existing="again")) == {"failed": 1}
        assert statuses(await run(client, index, folder / "copy.mp4", journal)) == {"ready": 1}
        assert created(emulator) == (1, 1)

    async def test_a_source_that_is_given_twice_has_two_outcomes_and_is_processed_once(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        sources = [folder / "a.mp4", folder / "a.mp4", url("x")] * 2
        assert statuses(await run(client, index, sources, journal)) == {"ready": 6}
        assert created(emulator) == (2, 2)


class TestFailures:
    async def test_a_file_that_failed_is_sent_again_when_it_changes_or_on_demand(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        emulator.understand("a.mp4", fail="no picture", at="processing")
        emulator.understand("b.mp4", fail="no sense", at="indexing")
        first = await finish(client.bulk.index(index.id, folder, journal=journal))
        assert isinstance(first["a.mp4"].error, JobFailedError)
        assert isinstance(first["b.mp4"].error, JobFailedError)
        assert created(emulator) == (4, 3)
        second = await finish(client.bulk.index(index.id, folder, journal=journal))
        assert created(emulator) == (4, 3)
        assert isinstance(second["a.mp4"].error, RejectedError)
        assert "no picture" in str(second["a.mp4"].error)
        assert statuses(second) == {"ready": 2, "failed": 2}
        assert {source for source, _ in read_journal(journal).failures} == {str(folder / n) for n in ("a.mp4", "b.mp4")}
        third = await finish(client.bulk.index(index.id, folder, journal=journal, retry_failed=True))
        assert created(emulator) == (5, 4)
        assert third["b.mp4"].asset_id == first["b.mp4"].asset_id  # the asset is good
        (folder / "a.mp4").write_bytes(video("another"))
        await run(client, index, folder, journal)
        assert created(emulator) == (6, 4)

    async def test_after_a_refused_upload_nothing_is_waited_for(
        self,
        emulator: Emulator,
        client: AsyncTwelveLabs,
        index: IndexSchema,
        folder: Path,
        journal: Path,
        clock: Clock,
    ) -> None:
        """The API cannot have created an asset that it refused."""
        emulator.fail("POST", "/assets", status=400)
        (first,) = await run(client, index, folder / "a.mp4", journal)
        assert isinstance(first.error, BadRequestError)
        emulator.requests.clear()
        clock.autojump = False
        uploaded = asyncio.Event()
        options: dict[str, Any] = {
            "retry_failed": True,
            "interval": 60,
            "on_event": lambda event: uploaded.set() if event.kind == "uploaded" else None,
        }
        running = asyncio.create_task(run(client, index, folder / "a.mp4", journal, **options))
        async with asyncio.timeout(50):
            await uploaded.wait()
        assert count_requests(emulator, "GET", "/assets") == 1
        assert count_requests(emulator, "POST", "/assets") == 1
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    async def test_an_asset_whose_indexing_was_refused_is_kept(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        emulator.fail("POST", "/indexes/*/indexed-assets", status=400, times=4)
        first = await run(client, index, folder, journal)
        assert statuses(first) == {"failed": 4}
        second = await run(client, index, folder, journal, retry_failed=True)
        assert statuses(second) == {"ready": 4}
        assert {outcome.asset_id for outcome in second} == {outcome.asset_id for outcome in first}
        assert created(emulator) == (4, 4)

    async def test_a_failed_asset_is_not_taken_for_the_one_with_the_callers_token(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        source = (folder / "a.mp4", {"bulk_token": "mine"})
        emulator.understand("mine-a.mp4", fail="no picture", at="processing")
        outcomes = [
            *await run(client, index, source, journal),
            *await run(client, index, source, journal, retry_failed=True),
        ]
        assert [type(outcome.error) for outcome in outcomes] == [JobFailedError] * 2
        assert {outcome.asset_id for outcome in outcomes} == emulator.assets.keys()
        assert len(emulator.assets) == 2

    @on_each_creation
    @pytest.mark.parametrize("times", [1, 4])
    async def test_after_a_lost_response_the_object_is_looked_up(
        self,
        emulator: Emulator,
        client: AsyncTwelveLabs,
        index: IndexSchema,
        folder: Path,
        journal: Path,
        path: str,
        times: int,
    ) -> None:
        emulator.drop("POST", path, times=times, acted=True)
        assert statuses(await run(client, index, folder, journal)) == {"ready": 4}
        assert created(emulator) == (4, 4)

    @on_each_creation
    @pytest.mark.parametrize("invalid_id", [["a"], {"a": 1}, 2**70, "\ud800", None, ""])
    async def test_an_invalid_id_concerns_one_source_whose_object_is_then_looked_up(
        self,
        emulator: Emulator,
        client: AsyncTwelveLabs,
        index: IndexSchema,
        folder: Path,
        journal: Path,
        path: str,
        invalid_id: Any,
    ) -> None:
        emulator.fail("POST", path, status=201, body={"_id": invalid_id}, skip=2, acted=True)
        assert statuses(await run(client, index, folder, journal)) == {"ready": 4}
        assert created(emulator) == (4, 4)

    async def test_an_id_that_is_never_valid_fails_one_source(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, journal: Path
    ) -> None:
        emulator.fail("POST", "/assets", status=201, body={"_id": 5}, times=99)
        (outcome,) = await run(client, index, url(1), journal)
        assert isinstance(outcome.error, APIResponseError)
        assert "expected an id as '_id' of the response; got 5" in str(outcome.error)

    @pytest.mark.parametrize("kind", ["asset", "indexed asset"])
    async def test_what_is_deleted_between_two_runs_is_created_again(
        self,
        emulator: Emulator,
        client: AsyncTwelveLabs,
        index: IndexSchema,
        folder: Path,
        journal: Path,
        kind: str,
    ) -> None:
        method, path = ("POST", "indexed-assets") if kind == "asset" else ("GET", "indexed-assets/*")
        emulator.fail(method, f"/indexes/*/{path}", status=403)
        source = folder / "a.mp4"
        (outcome,) = await run(client, index, source, journal)
        if outcome.indexed_asset_id is None:
            await client.assets.delete(str(outcome.asset_id))
        else:
            await client.indexes.indexed_assets.delete(index.id, outcome.indexed_asset_id)
        errors = [(await run(client, index, source, journal))[0].error for _ in range(2)]
        assert errors == [None, None]
        assert created(emulator) == (1, 1)

    async def test_a_refusal_that_is_not_the_fault_of_the_file_is_retried_by_the_next_run(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        emulator.fail("POST", "/assets", status=401)
        with pytest.raises(UnauthorizedError):
            await run(client, index, folder, journal, concurrency=1, upload_concurrency=1)
        assert statuses(await run(client, index, folder, journal)) == {"ready": 4}
        assert len(emulator.assets) == 4

    async def test_text_that_is_not_unicode_concerns_one_source(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        """In a name or in a response. A modification time in the far future concerns none."""
        (folder / os.fsdecode(b"\xff.mp4")).write_bytes(video("odd"))
        emulator.fail("POST", "/assets", status=400, body={"message": "\ud800"})
        outcomes = await run(client, index, folder, journal)
        assert Counter(type(outcome.error) for outcome in outcomes) == {
            type(None): 3,
            BadRequestError: 1,
            ValueError: 1,
        }
        os.utime(folder / "a.mp4", (2**34, 2**34))
        assert statuses(await run(client, index, folder / "a.mp4", journal)) == {"ready": 1}


class TestParts:
    async def test_an_upload_resumes_with_the_parts_that_are_missing(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, large_file: Path, journal: Path
    ) -> None:
        sent = asyncio.Event()

        def on_event(event: Event) -> None:
            if event.progress is not None and event.progress.completed_chunks >= 2:
                sent.set()

        running = asyncio.create_task(run(client, index, large_file, journal, on_event=on_event))
        await sent.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert statuses(await run(client, index, large_file, journal)) == {"ready": 1}
        assert created(emulator) == (1, 1)
        sent_parts = Counter(request.path for request in emulator.requests if request.method == "PUT")
        assert set(sent_parts.values()) <= {1, 2}

    async def test_an_upload_that_failed_resumes_with_the_parts_that_are_missing(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, large_file: Path, journal: Path
    ) -> None:
        emulator.fail("POST", "/assets/multipart-uploads/*", status=400)
        (first,) = await run(client, index, large_file, journal)
        assert isinstance(first.error, UploadError)
        assert statuses(await run(client, index, large_file, journal, retry_failed=True)) == {"ready": 1}
        assert created(emulator) == (1, 1)

    async def test_a_session_whose_response_was_lost_is_left_to_expire(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, large_file: Path, journal: Path
    ) -> None:
        """Nothing says which of the account's sessions it is."""
        emulator.drop("POST", "/assets/multipart-uploads", acted=True)
        assert statuses(await run(client, index, large_file, journal)) == {"ready": 1}
        assert created(emulator) == (2, 1)
        assert [asset.size for asset in emulator.assets.values()] == [0, 21 * CHUNK]


class TestSharing:
    async def test_two_runs_that_create_the_same_journal_share_the_work(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        for number in range(20):
            (folder / f"{number}.mp4").write_bytes(video(number))
        runs = [run(client, index, folder, journal, concurrency=3, upload_concurrency=2) for _ in range(2)]
        assert [statuses(outcomes) for outcomes in await asyncio.gather(*runs)] == [{"ready": 24}] * 2
        assert created(emulator) == (24, 24)

    async def test_a_source_that_another_run_processes_occupies_no_worker(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, journal: Path
    ) -> None:
        held = [url(f"held-{number}") for number in range(30)]
        first = client.bulk.index(index.id, held, journal=journal)
        await anext(first)
        first.pause()
        second = client.bulk.index(index.id, [*held, url("free")], journal=journal, concurrency=1, upload_concurrency=1)
        sources = set[str]()
        async for outcome in second:
            sources.add(outcome.source)
            if outcome.source == url("free"):
                first.resume()
                rest = asyncio.create_task(finish(first))
        assert sources == {*held, url("free")}
        await rest
        assert created(emulator) == (31, 31)

    async def test_the_status_names_the_process_of_a_run(
        self, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        seen = list[list[int]]()
        await run(client, index, folder, journal, on_event=lambda _: seen.append(read_journal(journal).running))
        assert {tuple(pids) for pids in seen} == {(os.getpid(),)}
        status = read_journal(journal)
        assert (status.job, status.running) == (f"index {index.id}", [])


class TestFile:
    async def test_a_journal_belongs_to_one_job(
        self, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        await run(client, index, folder, journal)
        other = await client.indexes.ensure("other", models=MODELS)
        with pytest.raises(ValueError, match="belongs to another job"):
            await run(client, other, folder, journal)

    async def test_only_the_owner_can_read_a_journal(
        self, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        await run(client, index, folder, journal)
        assert stat.S_IMODE(os.stat(journal).st_mode) == 0o600

    async def test_a_file_that_is_not_a_journal_is_left_alone(
        self, client: AsyncTwelveLabs, index: IndexSchema, folder: Path
    ) -> None:
        with pytest.raises(JournalError, match="cannot be opened"):
            await run(client, index, folder, folder)
        text = folder / "a.mp4"
        with pytest.raises(JournalError, match="cannot be opened"):
            await run(client, index, folder, text)
        assert text.read_bytes() == video("a.mp4")
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

    async def test_a_journal_of_an_earlier_format_is_refused_with_advice(
        self, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        with closing(sqlite3.connect(journal)) as earlier:
            earlier.executescript(f"CREATE TABLE job (name TEXT); PRAGMA user_version = {0x544C_0001};")
        with pytest.raises(JournalError, match="Finish its job with that version, or pass the path of a new file"):
            await run(client, index, folder, journal)
        with pytest.raises(JournalError, match="Finish its job with that version"):
            read_journal(journal)

    @pytest.mark.parametrize(
        "statement",
        [
            "CREATE TRIGGER t AFTER UPDATE ON entries BEGIN INSERT INTO entries (source) VALUES (randomblob(16)); END",
            "CREATE VIEW v AS SELECT * FROM entries",
            "CREATE INDEX i ON entries (abs(length(source)))",
            "ALTER TABLE entries ADD COLUMN hostile TEXT AS (hex(zeroblob(1000000000)))",
            "DROP TABLE runs",
            "CREATE TABLE mine (name)",
        ],
    )
    async def test_a_journal_with_an_edited_schema_is_refused_before_it_has_an_effect(
        self,
        emulator: Emulator,
        client: AsyncTwelveLabs,
        index: IndexSchema,
        folder: Path,
        journal: Path,
        statement: str,
    ) -> None:
        await run(client, index, folder / "a.mp4", journal)
        with closing(sqlite3.connect(journal)) as edited:
            edited.execute(statement)
        with pytest.raises(JournalError, match="is not a journal of this version"):
            await run(client, index, folder, journal)
        with pytest.raises(JournalError, match="is not a journal of this version"):
            read_journal(journal)
        assert created(emulator) == (1, 1)

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE entries SET state = 'done', size = -1",
            "UPDATE entries SET state = 'uploaded', asset_id = NULL, modified = 1",
            "UPDATE entries SET state = 'uploading', upload_id = NULL, modified = 1",
            "UPDATE entries SET asset_id = x'00', modified = 1",
            "UPDATE entries SET size = 'large'",
        ],
    )
    async def test_an_edited_entry_concerns_its_source_alone(
        self, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path, statement: str
    ) -> None:
        await run(client, index, folder, journal)
        with closing(sqlite3.connect(journal, isolation_level=None)) as edited:
            edited.execute(f"{statement} WHERE source LIKE '%a.mp4'")
        outcomes = await finish(client.bulk.index(index.id, folder, journal=journal))
        assert statuses(outcomes) == {"ready": 3, "failed": 1}
        assert "was edited" in str(outcomes["a.mp4"].error)

    async def test_runs_and_leases_that_nobody_has_are_removed(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        hosts = set[str]()

        def read_host(_: Event) -> None:
            with closing(sqlite3.connect(journal)) as other:
                hosts.update(host for (host,) in other.execute("SELECT host FROM runs"))

        await run(client, index, folder / "a.mp4", journal, on_event=read_host)
        leases = {"b": "no run", "c": "a", "d": "b"}
        with closing(sqlite3.connect(journal, isolation_level=None)) as edited:
            for run_id, pid in (("a", 2**40), ("b", "text"), ("c", b"\0")):
                edited.execute("INSERT INTO runs VALUES (?, ?, ?, 'now')", (run_id, *hosts, pid))
            for name, lease in leases.items():
                source = str(folder / f"{name}.mp4")
                edited.execute("INSERT INTO entries (source, lease) VALUES (?, ?)", (source, lease))
        assert statuses(await run(client, index, folder, journal)) == {"ready": 4}
        assert created(emulator) == (4, 4)

    async def test_an_unknown_state_is_not_reported_as_progress(
        self, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        await run(client, index, folder, journal)
        with closing(sqlite3.connect(journal, isolation_level=None)) as edited:
            edited.execute("UPDATE entries SET state = 'done'")
        with pytest.raises(JournalError, match="has the state 'done'"):
            read_journal(journal)

    async def test_a_full_disk_ends_the_run_and_the_next_one_resumes(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        for number in range(20):
            (folder / f"{number}.mp4").write_bytes(video(number))
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, limits[1]))
        try:
            with pytest.raises(JournalError, match="cannot be written"):
                await run(client, index, folder, journal)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert sum(created(emulator)) < 48
        assert statuses(await run(client, index, folder, journal)) == {"ready": 24}
        assert created(emulator) == (24, 24)

    async def test_a_failure_that_cannot_be_recorded_ends_the_run(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        def damage(event: Event) -> None:
            if event.kind == "uploading":
                with closing(sqlite3.connect(journal)) as other:
                    other.execute("DROP TABLE entries")

        emulator.fail("POST", "/assets", status=400)
        with pytest.raises(JournalError, match="cannot be written: no such table"):
            await run(client, index, folder / "a.mp4", journal, on_event=damage)

    @pytest.mark.emulator(speed=100)
    @pytest.mark.parametrize("is_new", [True, False])
    async def test_a_locked_journal_is_waited_for_and_logged(
        self,
        client: AsyncTwelveLabs,
        index: IndexSchema,
        folder: Path,
        journal: Path,
        clock: Clock,
        caplog: pytest.LogCaptureFixture,
        is_new: bool,
    ) -> None:
        """A new one is locked while another process creates it."""
        clock.autojump = False  # SQLite waits in real time
        if not is_new:
            await run(client, index, folder / "a.mp4", journal, interval=0.02)
        with closing(sqlite3.connect(journal, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            running = asyncio.create_task(run(client, index, folder, journal, interval=0.02))
            await until(lambda: "is locked by another process" in caplog.text)
            other.execute("ROLLBACK")
            assert statuses(await running) == {"ready": 4}

    @pytest.mark.parametrize("name", ["run.db", "run.db-wal"])
    @pytest.mark.parametrize("is_replaced", [False, True])
    async def test_a_journal_that_is_deleted_or_replaced_during_the_run_ends_it(
        self, client: AsyncTwelveLabs, index: IndexSchema, journal: Path, name: str, is_replaced: bool
    ) -> None:
        """Before the next source, and not at the next heartbeat."""
        run = client.bulk.index(index.id, map(url, range(10_000)), journal=journal)
        await anext(run)
        file = journal.with_name(name)
        content = file.read_bytes()
        os.unlink(file)
        if is_replaced:
            file.write_bytes(content)
        with pytest.raises(JournalError, match="deleted or replaced"):
            await finish(run)

    async def test_a_journal_that_is_deleted_at_the_end_of_the_run_is_noticed(
        self, client: AsyncTwelveLabs, index: IndexSchema, journal: Path
    ) -> None:
        run = client.bulk.index(index.id, url(1), journal=journal)
        assert (await anext(run)).status == "ready"
        os.unlink(journal)
        with pytest.raises(JournalError, match="deleted or replaced"):
            await anext(run)
