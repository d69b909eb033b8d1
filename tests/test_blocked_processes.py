"""Processes that end, fork, or work on after their main thread, while files are read in threads."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import TypeAlias

import pytest

from twelvelabs_async.testing import Emulator

from support.processes import finish, start

# The host's name has to be looked up, and the file is too large to be read when it is opened.
PRELUDE = """
import asyncio, io, os, sys, threading
from twelvelabs_async import AsyncTwelveLabs, TwelveLabs

os.environ["TWELVELABS_BASE_URL"] = os.environ["TWELVELABS_BASE_URL"].replace("127.0.0.1", "localhost")
path = "talk.mp4"

def upload():
    with TwelveLabs() as client:
        assert client.assets.upload(path).id
        outcomes = client.bulk.delete((asset.id for asset in client.assets.list()), journal="run.db")
        print(*{outcome.status for outcome in outcomes}, flush=True)

async def upload_asynchronously():
    async with AsyncTwelveLabs() as client:
        print((await client.assets.upload(path)).filename, flush=True)

def block(*_):
    os.write(1, b"blocked\\n")  # unlike `print`, without a lock that the end of the interpreter needs
    threading.Event().wait()

class BlockedFile(io.BytesIO):
    def read(self, size=-1):
        return block() if size else b""
"""

Start: TypeAlias = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start a script after `PRELUDE`, in a folder with a video of 2 MB."""
    monkeypatch.chdir(tmp_path)
    with Path("talk.mp4").open("wb") as file:
        file.truncate(2_000_000)
    with Emulator() as emulator:
        yield lambda script: start(PRELUDE + dedent(script), emulator.url, emulator.api_key)


def await_line(process: subprocess.Popen[str], line: str) -> None:
    """Wait until a process prints a line."""
    assert process.stdout is not None
    assert process.stdout.readline() == f"{line}\n"


def test_clients_work_after_the_main_thread_has_ended(process: Start) -> None:
    """Even the first clients of the process do, in another thread as in a function that `atexit` calls."""
    script = """
        import atexit

        def upload_late():  # no bulk run, which needs threads: since Python 3.12, none can be started that late
            with TwelveLabs() as client:
                print(client.assets.upload(path).filename)

        def work():
            threading.main_thread().join()
            upload_late()
            asyncio.run(upload_asynchronously())

        atexit.register(upload_late)
        threading.Thread(target=work).start()
    """
    assert finish(process(script)) == "talk.mp4\n" * 3


def test_a_client_works_where_no_thread_can_be_started(process: Start) -> None:
    """Since Python 3.12, none can be started in functions that `atexit` calls."""
    script = """
        def refuse(thread):
            raise RuntimeError("can't create new thread at interpreter shutdown")

        threading.Thread.start = refuse
        with TwelveLabs() as client:
            print(client.assets.upload(path).filename)
            print(len(list(client.assets.list(page_limit=1))))
    """
    assert finish(process(script)) == "talk.mp4\n1\n"


def test_a_forked_child_has_threads_of_its_own(process: Start) -> None:
    script = """
        asyncio.run(upload_asynchronously())
        child = os.fork()
        asyncio.run(upload_asynchronously())
        if child:
            assert os.waitpid(child, 0)[1] == 0
    """
    assert finish(process(script)) == 3 * "talk.mp4\n"


def test_a_process_ends_although_calls_are_blocked(process: Start) -> None:
    """A read of an asynchronous and of a blocking client, an iterator of sources, and a callback do not answer."""
    script = """
        def sources():
            block()
            yield path

        async def upload_blocked_file():
            await AsyncTwelveLabs().assets.upload(BlockedFile(bytes(9)))

        clients = [TwelveLabs() for _ in range(3)]
        for work in (
            lambda: asyncio.run(upload_blocked_file()),
            lambda: clients[0].assets.upload(BlockedFile(bytes(9))),
            lambda: list(clients[1].bulk.upload(sources())),
            lambda: clients[2].assets.upload(path, on_progress=block),
        ):
            threading.Thread(target=work, daemon=True).start()
        sys.stdin.readline()
    """
    running = process(script)
    for _ in range(4):
        await_line(running, "blocked")
    assert finish(running) == ""


def test_an_interrupt_ends_calls_that_are_blocked(process: Start) -> None:
    """Neither the call nor the end of the client waits for a read, an iterator or a callback."""
    script = """
        def sources():
            block()
            yield path

        for work in (
            lambda client: client.assets.upload(BlockedFile(bytes(9))),
            lambda client: list(client.bulk.upload(sources(), journal="run.db")),
            lambda client: client.assets.upload(path, on_progress=block),
        ):
            try:
                with TwelveLabs() as client:
                    work(client)
            except KeyboardInterrupt:
                print("interrupted", flush=True)
    """
    running = process(script)
    for _ in range(3):
        await_line(running, "blocked")
        running.send_signal(signal.SIGINT)
        await_line(running, "interrupted")
    assert finish(running) == ""


def test_closing_a_client_does_not_wait_long_for_a_callback_that_is_blocked(process: Start) -> None:
    script = """
        from twelvelabs_async.sync import _runner

        _runner.CLOSE_SECONDS = 0.1
        client = TwelveLabs()
        run = client.bulk.upload([path], on_event=block)
        threading.Thread(target=list, args=[run], daemon=True).start()
        sys.stdin.readline()
        client.close()
    """
    running = process(script)
    await_line(running, "blocked")
    assert finish(running) == ""
