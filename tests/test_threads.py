"""Calls that block: they run in threads of our own, and nobody has to wait for one that does not end."""

from __future__ import annotations

import asyncio
import io
import socket
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from twelvelabs_async import APITimeoutError, AsyncTwelveLabs, TwelveLabs
from twelvelabs_async._resolver import Resolver
from twelvelabs_async._threads import MAX_THREADS, open_in_thread
from twelvelabs_async.bulk import AsyncBulk
from twelvelabs_async.bulk.journal import JournalTimings
from twelvelabs_async.testing import Emulator

from support.bulk import statuses, url
from support.clients import Connect
from support.clock import Clock
from support.open_files import open_files
from support.samples import video
from support.until import until


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """An event that a blocked call waits for, and that is set after the test."""
    event = threading.Event()
    yield event
    event.set()


class BlockedFile(io.BytesIO):
    """A file of 2 MB. To read any of it blocks until the gate is open."""

    def __init__(self, gate: threading.Event) -> None:
        super().__init__(bytes(2_000_000))
        self.gate = gate
        self.reached = threading.Event()

    def read(self, size: int | None = -1, /) -> bytes:
        if size:
            self.reached.set()
            self.gate.wait()
        return super().read(size)


async def fill_default_pool(gate: threading.Event) -> list[asyncio.Future[bool]]:
    """Block all threads of the loop's default pool."""
    loop = asyncio.get_running_loop()
    return [loop.run_in_executor(None, gate.wait) for _ in range(40)]


@pytest.mark.usefixtures("autojump_clock")
async def test_nothing_waits_for_the_programs_own_threads(
    emulator: Emulator, connect: Connect, gate: threading.Event, tmp_path: Path
) -> None:
    """Files are read, names are resolved, and journals are written while the default pool is full."""
    path = tmp_path / "talk.mp4"
    path.write_bytes(video(size=2_000_000))
    blocked = await fill_default_pool(gate)
    async with connect(emulator, base_url=emulator.url.replace("127.0.0.1", "localhost")) as client:
        assert (await client.assets.upload(path)).id
        run = client.bulk.upload((file for file in [path, url(1)]), journal=tmp_path / "run.db")
        assert statuses([outcome async for outcome in run]) == {"ready": 2}
    assert not any(future.done() for future in blocked)
    gate.set()
    await asyncio.gather(*blocked)


async def test_a_cancelled_upload_does_not_wait_for_a_read(
    emulator: Emulator, client: AsyncTwelveLabs, clock: Clock, gate: threading.Event
) -> None:
    """The thread finishes alone. The position of the file is waited for, but not for long."""
    file = BlockedFile(gate)
    upload = asyncio.create_task(client.assets.upload(file))
    await until(file.reached.is_set)
    upload.cancel()
    await asyncio.sleep(0)
    clock.advance(1)
    assert isinstance((await asyncio.gather(upload, return_exceptions=True))[0], asyncio.CancelledError)
    assert not gate.is_set()
    gate.set()
    await until(lambda: not file.tell())
    assert not emulator.assets


async def test_an_upload_whose_file_does_not_answer_ends_at_its_deadline(
    client: AsyncTwelveLabs, clock: Clock, gate: threading.Event
) -> None:
    file = BlockedFile(gate)
    upload = asyncio.create_task(
        client.assets.upload(file, request_options={"timeout_in_seconds": 30, "max_retries": 0})
    )
    await until(file.reached.is_set)
    for _ in range(5):
        clock.advance(30)
        await asyncio.sleep(0.001)
    with pytest.raises(APITimeoutError, match="no complete response in time"):
        await upload
    assert not gate.is_set()


class TestIterators:
    """Iterators of sources may block."""

    async def test_the_event_loop_does_not_wait_for_an_iterator(
        self, emulator: Emulator, client: AsyncTwelveLabs, gate: threading.Event
    ) -> None:
        """The sources before are processed. The run can be closed although the iterator does not answer."""
        is_in_loop: list[bool] = []

        def sources() -> Iterator[str]:
            yield url(1)
            is_in_loop.append(threading.current_thread() is threading.main_thread())
            if not is_in_loop[0]:
                gate.wait()

        run = client.bulk.upload(sources())
        reading = asyncio.create_task(anext(run))
        await until(lambda: bool(is_in_loop and emulator.assets))
        await run.aclose()
        await asyncio.gather(reading, return_exceptions=True)
        assert not gate.is_set()
        assert is_in_loop == [False]

    async def test_an_iterator_is_read_in_one_thread_and_in_the_callers_context(self, client: AsyncTwelveLabs) -> None:
        """It may therefore use what belongs to a thread, such as an SQLite connection of its own."""
        variable = ContextVar("variable", default="")
        variable.set("the caller's")
        seen = set[tuple[int, str]]()

        def asset_ids() -> Iterator[str]:
            for number in range(20):
                seen.add((threading.get_ident(), variable.get()))
                yield f"{number:024x}"

        outcomes = [outcome async for outcome in client.bulk.delete(asset_ids())]
        assert statuses(outcomes) == {"failed": 20}  # no such assets
        [(thread, value)] = seen
        assert thread != threading.get_ident()
        assert value == "the caller's"

    async def test_the_thread_of_an_iterator_ends_with_it(self, client: AsyncTwelveLabs) -> None:
        threads: list[threading.Thread] = []

        def asset_ids() -> Iterator[str]:
            threads.append(threading.current_thread())
            yield f"{1:024x}"

        [outcome async for outcome in client.bulk.delete(asset_ids())]
        await until(lambda: not threads[0].is_alive())

    @pytest.mark.parametrize("error", [LookupError("mine"), StopIteration("mine")])
    async def test_an_error_of_an_iterator_is_raised(self, client: AsyncTwelveLabs, error: Exception) -> None:
        class Sources:
            def __iter__(self) -> Iterator[str]:
                raise error

        expected: Any = RuntimeError if isinstance(error, StopIteration) else type(error)
        with pytest.raises(expected, match="mine"):
            [outcome async for outcome in client.bulk.upload(Sources())]


async def test_a_run_ends_although_its_journal_does_not_answer(
    client: AsyncTwelveLabs, clock: Clock, gate: threading.Event, tmp_path: Path
) -> None:
    """The journal's file may be on a file system that hangs."""
    reached = threading.Event()

    def now() -> float:  # called in the thread of the journal, with its file open
        if threading.current_thread() is not threading.main_thread():
            reached.set()
            gate.wait()
        return 0.0

    bulk = AsyncBulk(client, timings=JournalTimings(clock=now))
    running = asyncio.create_task(anext(bulk.upload([url(1)], journal=tmp_path / "run.db")))
    await until(reached.is_set)
    running.cancel()
    while not running.done():
        clock.advance(1)
        await asyncio.sleep(0.001)
    assert not gate.is_set()


@pytest.mark.parametrize("is_late", [True, False])
def test_what_a_cancelled_task_has_opened_is_closed(*, is_late: bool) -> None:
    """Even if it opens only after the event loop has ended."""
    begun, cancelled, opened, closed = (threading.Event() for _ in range(4))

    class Resource:
        close = closed.set

    def open_resource() -> Resource:
        begun.set()
        if is_late:
            cancelled.wait(30)
        opened.set()
        return Resource()

    async def use() -> None:
        async with open_in_thread(open_resource):
            raise AssertionError("The task was cancelled.")

    async def cancel() -> None:
        task = asyncio.create_task(use())
        await asyncio.sleep(0)
        (begun if is_late else opened).wait(30)  # blocks the event loop, which does not receive what was opened
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(cancel())
    cancelled.set()
    assert closed.wait(30)


async def test_hashing_stops_when_a_run_is_closed(client: AsyncTwelveLabs, tmp_path: Path) -> None:
    """A file of 9 GB takes ten seconds and more."""
    path = tmp_path / "talk.mkv"
    with path.open("wb") as file:
        file.truncate(9 << 30)
    run = client.bulk.upload([path], journal=tmp_path / "run.db")
    running = asyncio.create_task(anext(run))
    await until(lambda: str(path) in open_files())
    await run.aclose()
    await asyncio.gather(running, return_exceptions=True)
    await until(lambda: str(path) not in open_files())


def test_a_blocking_client_can_be_closed_while_a_thread_reads(sync_client: TwelveLabs, gate: threading.Event) -> None:
    file, errors = BlockedFile(gate), list[BaseException]()

    def upload() -> None:
        try:
            sync_client.assets.upload(file)
        except RuntimeError as error:
            errors.append(error)

    thread = threading.Thread(target=upload)
    thread.start()
    file.reached.wait()
    sync_client.close()
    thread.join()
    assert not gate.is_set()
    assert "closed during the call" in str(errors)


async def test_at_most_32_threads_read_files(client: AsyncTwelveLabs, clock: Clock, gate: threading.Event) -> None:
    """The reads of cancelled uploads do not begin later."""
    files = [BlockedFile(gate) for _ in range(40)]
    uploads = [asyncio.create_task(client.assets.upload(file)) for file in files]
    await until(lambda: sum(file.reached.is_set() for file in files) == MAX_THREADS)
    for upload in uploads:
        upload.cancel()
    while not all(upload.done() for upload in uploads):
        clock.advance(1)
        await asyncio.sleep(0.001)
    gate.set()
    await until(lambda: not any(file.tell() for file in files))
    assert sum(file.reached.is_set() for file in files) == MAX_THREADS


@pytest.mark.parametrize("family", [socket.AF_UNSPEC, socket.AF_INET, socket.AF_INET6], ids=str)
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "fe80::1%lo", "no-such-host.invalid"])
async def test_names_are_resolved_as_aiohttp_resolves_them(host: str, family: socket.AddressFamily) -> None:
    found: list[Any] = []
    for resolver in (Resolver(), aiohttp.ThreadedResolver()):
        try:
            found.append(await resolver.resolve(host, 443, family))
        except OSError as error:
            found.append(str(error))
    assert found[0] == found[1]
