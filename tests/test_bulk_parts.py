"""Parts of bulk runs: transitions of states, entries of the journal, leases, group commit, attempts."""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import pytest

from twelvelabs_async import APIConnectionError, JournalError, TooManyRequestsError, UploadError
from twelvelabs_async._failures import cause_of, is_transient
from twelvelabs_async.bulk.journal import JournalEntry, JournalTimings, LeaseLostError, Stage, open_journal
from twelvelabs_async.bulk.journal.database import Job, create_tables, open_database
from twelvelabs_async.bulk.journal.leases import RunLease
from twelvelabs_async.bulk.retries import ATTEMPTS, run_with_retries
from twelvelabs_async.bulk.states import TRANSITIONS, State

from support.clock import Clock
from support.until import until

JOB = Job(name="job", activity=None)


class TestStates:
    def test_an_unknown_outcome_is_not_a_failure(self) -> None:
        for state in State:
            if state.is_requested:
                assert State.FAILED not in TRANSITIONS[state]

    def test_a_session_is_either_requested_or_found(self) -> None:
        assert {state for state in State if State.UPLOADING in TRANSITIONS[state]} == {
            State.QUEUED,  # another machine created the session
            State.UPLOAD_REQUESTED,
            State.FAILED,
        }

    def test_a_transition_that_the_table_lacks_is_refused(self) -> None:
        entry = JournalEntry(source="a")
        with pytest.raises(AssertionError, match="Invalid transition from queued to ready"):
            entry.state = State.READY
        entry.state = State.QUEUED  # no transition


class TestEntries:
    @pytest.mark.parametrize("value", [["a"], {"a": 1}, 2**70, "\ud800"])
    def test_a_value_that_sqlite_cannot_store_as_text_is_refused_when_it_is_set(self, value: Any) -> None:
        entry = JournalEntry(source="a")
        with pytest.raises((TypeError, ValueError)):
            entry.asset_id = value
        assert entry.asset_id is None

    def test_sizes_are_integers_of_64_bits(self) -> None:
        with pytest.raises(ValueError, match="size must be an integer"):
            JournalEntry(source="a", size=2**63)

    @pytest.mark.parametrize(
        ("stage", "upload_id", "state", "kept"),
        [
            (Stage.SOURCE, None, State.QUEUED, {"variant"}),
            (Stage.ASSET, None, State.QUEUED, {"variant", "size", "modified", "digest"}),
            (
                Stage.JOB,
                None,
                State.UPLOADED,
                {"variant", "size", "modified", "digest", "asset_token", "filename", "asset_id"},
            ),
            (
                Stage.JOB,
                "u",
                State.UPLOADING,
                {"variant", "size", "modified", "digest", "asset_token", "filename", "asset_id", "upload_id"},
            ),
        ],
    )
    def test_a_reset_clears_the_columns_of_a_stage_and_later_ones(
        self, stage: Stage, upload_id: str | None, state: State, kept: set[str]
    ) -> None:
        columns = {column.name for column in attrs.fields(JournalEntry)} - {"source", "state"}
        values: dict[str, Any] = dict.fromkeys(columns, "x") | {"size": 1, "modified": 1, "upload_id": upload_id}
        entry = JournalEntry(source="a", state=State.FAILED, **values)
        entry.reset(stage)
        assert entry.state is state
        assert {name for name in columns if getattr(entry, name) is not None} == kept

    def test_an_entry_takes_over_the_progress_of_another_one_but_not_its_file(self) -> None:
        other = JournalEntry(source="b", state=State.UPLOADED, size=2, modified=2, digest="d", asset_id="a", error="e")
        entry = JournalEntry(source="a", size=1, modified=1, digest="d").with_progress_of(other)
        assert entry == attrs.evolve(other, source="a", size=1, modified=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Path of a journal that does not exist yet."""
    return tmp_path / "run.db"


@pytest.fixture
def database(path: Path) -> Iterator[sqlite3.Connection]:
    """An empty journal."""
    with closing(open_database(path)) as database:
        create_tables(database, path, JOB)
        yield database


class TestLeases:
    def test_after_a_suspension_the_first_run_gives_the_others_time_for_a_heartbeat(
        self, path: Path, database: sqlite3.Connection
    ) -> None:
        now = 10_000.0
        lease = RunLease(JournalTimings(clock=lambda: now))
        database.execute("INSERT INTO runs VALUES ('other', 'container', 1, 0.0)")
        lease.send_heartbeat(database)
        for pause, running in ((3600, [1, os.getpid()]), *[(29, [1, os.getpid()])] * 2, (29, [os.getpid()])):
            now += pause
            lease.send_heartbeat(database)
            assert sorted(pid for (pid,) in database.execute("SELECT pid FROM runs")) == running

    def test_a_run_of_another_machine_with_the_same_name_is_not_judged_by_its_process_id(
        self, database: sqlite3.Connection
    ) -> None:
        """The names of containers and machines are not unique."""
        host = f"{socket.gethostname()} {os.readlink('/proc/self/ns/pid')}"
        database.execute("INSERT INTO runs VALUES ('other', ?, ?, ?)", (host, 2**22 + 1, time.time()))
        RunLease(JournalTimings()).send_heartbeat(database)
        assert database.execute("SELECT count(*) FROM runs").fetchone() == (2,)

    @pytest.mark.parametrize("shift", [-1e6, 1e6])
    def test_clocks_that_are_set_neither_end_nor_prolong_a_lease(
        self, database: sqlite3.Connection, shift: float
    ) -> None:
        now = 10_000.0
        lease = RunLease(JournalTimings(clock=lambda: now))
        database.execute("INSERT INTO runs VALUES ('other', 'container', 1, ?)", (time.time() + shift,))
        for pause, runs in ((0, 2), (29, 2), (29, 2), (29, 1)):
            now += pause
            lease.send_heartbeat(database)
            assert database.execute("SELECT count(*) FROM runs").fetchone() == (runs,)

    async def test_a_run_that_lost_its_lease_records_nothing_more(self, path: Path) -> None:
        now = 10_000.0
        timings = JournalTimings(clock=lambda: now)
        async with open_journal(path, JOB, timings) as journal, asyncio.TaskGroup() as group:
            commits = group.create_task(journal.commit_writes())
            entry, is_ours = await journal.claim("a", None, retry_failed=False)
            assert is_ours
            entry.state = State.UPLOAD_REQUESTED
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("UPDATE entries SET lease = 'other'")
            with pytest.raises(LeaseLostError):
                await journal.record_intent(entry)
            _, is_ours = await journal.claim("a", None, retry_failed=False)
            assert not is_ours
            commits.cancel()

    async def test_an_intent_after_a_long_suspension_renews_the_lease(self, path: Path) -> None:
        now = 10_000.0
        timings = JournalTimings(clock=lambda: now)
        async with open_journal(path, JOB, timings) as journal, asyncio.TaskGroup() as group:
            commits = group.create_task(journal.commit_writes())
            entry, _ = await journal.claim("a", None, retry_failed=False)
            now += 45
            entry.state = State.UPLOAD_REQUESTED
            with closing(sqlite3.connect(path)) as other:
                (before,) = other.execute("SELECT heartbeat FROM runs").fetchall()
                await journal.record_intent(entry)
                assert other.execute("SELECT heartbeat FROM runs").fetchall() > [before]
            commits.cancel()


class TestGroupCommit:
    async def test_facts_are_written_within_the_flush_delay_and_the_last_one_wins(
        self, path: Path, autojump_clock: Clock
    ) -> None:
        async with open_journal(path, JOB, JournalTimings()) as journal, asyncio.TaskGroup() as group:
            commits = group.create_task(journal.commit_writes())
            entry, _ = await journal.claim("a", None, retry_failed=False)
            for error in ("first", "second"):
                entry.error = error
                journal.record_later(entry)
            with closing(sqlite3.connect(path)) as other:
                assert other.execute("SELECT error FROM entries").fetchall() == [(None,)]
                await asyncio.sleep(2.5)
                assert other.execute("SELECT error FROM entries").fetchall() == [("second",)]
            commits.cancel()

    async def test_facts_are_written_at_the_end_although_the_file_is_locked_for_long(
        self, path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """For longer than a run that is cancelled waits."""
        monkeypatch.setattr("twelvelabs_async.bulk.journal.journal.CLOSE_SECONDS", 0.0)
        monkeypatch.setattr("twelvelabs_async.bulk.journal.database.LOCK_SECONDS", 0.01)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            async with open_journal(path, JOB, JournalTimings()) as journal, asyncio.TaskGroup() as group:
                commits = group.create_task(journal.commit_writes())
                entry, _ = await journal.claim("a", None, retry_failed=False)
                entry.error = "noted"
                other.execute("BEGIN IMMEDIATE")
                journal.record_later(entry)
                await until(lambda: "is locked by another process" in caplog.text)
                commits.cancel()
                asyncio.get_running_loop().call_later(0.3, other.execute, "ROLLBACK")
            assert other.execute("SELECT error FROM entries").fetchall() == [("noted",)]

    async def test_an_error_of_one_write_concerns_that_write_alone(self, path: Path) -> None:
        async with open_journal(path, JOB, JournalTimings()) as journal, asyncio.TaskGroup() as group:
            commits = group.create_task(journal.commit_writes())
            results = await asyncio.gather(
                *(journal.claim(source, None, retry_failed=False) for source in ("a", "\ud800", "b")),
                return_exceptions=True,
            )
            assert [isinstance(result, UnicodeEncodeError) for result in results] == [False, True, False]
            commits.cancel()

    async def test_a_damaged_file_fails_all_writes_of_a_transaction(self, path: Path) -> None:
        async def run() -> None:
            async with open_journal(path, JOB, JournalTimings()) as journal, asyncio.TaskGroup() as group:
                commits = group.create_task(journal.commit_writes())
                with closing(sqlite3.connect(path, isolation_level=None)) as other:
                    other.execute("DROP TABLE entries")
                with pytest.raises(JournalError, match="cannot be written: no such table: entries"):
                    await journal.claim("a", None, retry_failed=False)
                commits.cancel()

        with pytest.raises(JournalError, match="cannot be written: no such table: entries"):
            await run()  # at its end, it releases its sources


class TestAttempts:
    @pytest.mark.parametrize(("retry_after", "pauses"), [(None, [8, 16, 32, 64, 128]), (40, [40, 40, 40, 64, 128])])
    async def test_the_pauses_double_and_are_as_long_as_the_response_asks(
        self, autojump_clock: Clock, retry_after: float | None, pauses: list[int]
    ) -> None:
        times = list[float]()

        async def attempt() -> None:
            times.append(asyncio.get_running_loop().time())
            raise TooManyRequestsError("Busy.", status_code=429, retry_after=retry_after)

        with pytest.raises(TooManyRequestsError):
            await run_with_retries(attempt, may_retry=is_transient, interval=8, name="a")
        assert len(times) == ATTEMPTS
        assert [round(later - earlier) for earlier, later in itertools.pairwise(times)] == pauses

    async def test_a_failure_that_is_not_retried_is_raised_at_once(self) -> None:
        async def attempt() -> None:
            raise LookupError("mine")

        with pytest.raises(LookupError, match="mine"):
            await run_with_retries(attempt, may_retry=is_transient, interval=1e6, name="a")

    def test_the_cause_of_a_failed_upload_is_the_request_that_ended_it(self) -> None:
        error = APIConnectionError("Reset.")
        assert cause_of(UploadError("Part 1 failed.", 1, error)) is error
        assert cause_of(UploadError("The file was changed.")).args == ("The file was changed.",)
        assert cause_of(error) is error
