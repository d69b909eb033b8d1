"""Whole processes: how they fork, are interrupted and end, with clients that nobody closed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from twelvelabs_async import TwelveLabs
from twelvelabs_async.testing import Emulator

from support import raw_server
from support.samples import MODELS

# All warnings are errors but the one that forking beside a thread, which is tested here, gives from Python 3.12 on; and
# asyncio does not complain that a busy machine is slow.
PYTHON = [sys.executable, "-X", "dev", "-W", "error", "-W", "ignore:This process"]
PREPARE = "import logging; logging.getLogger('asyncio').setLevel(logging.ERROR)\n"

Run = Callable[[str], str]


def start(script: str, url: str, key: str) -> subprocess.Popen[str]:
    """Start a script whose clients find the API at *url*."""
    what = ["-c", PREPARE + dedent(script)] if "\n" in script else [script]
    environment = {**os.environ, "TWELVELABS_BASE_URL": url, "TWELVELABS_API_KEY": key}
    return subprocess.Popen(
        [*PYTHON, *what],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> str:
    """What a process says, which ends well, in time and without a word of complaint."""
    with process:
        try:
            output, complaints = process.communicate(timeout=20)
        finally:
            process.kill()
    assert (process.returncode, complaints) == (0, "")
    return output


@pytest.fixture(scope="module")
def platform() -> Iterator[Emulator]:
    """An emulator with three indexes."""
    with Emulator() as emulator, TwelveLabs(api_key=emulator.api_key, base_url=emulator.url) as client:
        for name in "abc":
            client.indexes.create(index_name=name, models=MODELS)
        yield emulator


@pytest.fixture
def run(platform: Emulator) -> Run:
    """Runs a script to its end."""
    return lambda script: finish(start(script, platform.url, platform.api_key))


def test_exit_without_close(run: Run) -> None:
    """A script may end with a used client and an iterator in the middle."""
    run("""
        from twelvelabs_async import TwelveLabs
        client = TwelveLabs()
        pages = client.indexes.list(page_limit=1).iter_pages()
        next(pages)
        items = iter(client.indexes.list(page_limit=1))
        next(items)
    """)


def test_exit_during_a_call() -> None:
    """A script may end while a daemon thread waits for an answer."""
    with raw_server.Server(raw_server.STALL) as server:
        process = start(
            """
            import sys, threading
            from twelvelabs_async import TwelveLabs
            client = TwelveLabs()
            threading.Thread(target=client.indexes.retrieve, args=["i1"], daemon=True).start()
            sys.stdin.readline()
            """,
            server.url,
            raw_server.KEY,
        )
        while not server.attempts:
            assert process.poll() is None
        finish(process)
        assert server.closed.wait(10)


def test_interrupt_cancels_the_request() -> None:
    """Ctrl-C ends a call at once, the server sees the request cancelled, and the client goes on working."""
    with raw_server.Server(raw_server.STALL, raw_server.OK) as server:
        process = start(
            """
            import sys
            from twelvelabs_async import TwelveLabs
            client = TwelveLabs()
            try:
                client.indexes.retrieve("i1")
            except KeyboardInterrupt:
                sys.stdin.readline()
                print(client.indexes.retrieve("i1").index_name)
            """,
            server.url,
            raw_server.KEY,
        )
        while not server.attempts:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert server.closed.wait(10)
        assert finish(process) == "talks\n"
        assert server.attempts == 2


def test_fork(run: Run) -> None:
    """Parent and forked child go on using a client, whether the child ends, closes or drops its copy."""
    run("""
        import gc, os, sys
        from twelvelabs_async import TwelveLabs
        client = TwelveLabs()

        def use():
            assert [index.index_name for index in client.indexes.list(page_limit=2)] == ["c", "b", "a"]

        def drop():
            global client
            del client
            gc.collect()

        use()
        for steps in ([use, use], [use, client.close], [drop], []):
            child = os.fork()
            if not child:
                for step in steps:
                    step()
                sys.exit()
            use()
            assert os.waitpid(child, 0)[1] == 0
            use()
        client.close()
    """)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing(platform: Emulator, tmp_path: Path, method: str) -> None:
    """A client in a module serves the workers of a pool, however they are started, and the process with the pool."""
    script = tmp_path / "script.py"
    script.write_text(
        dedent(f"""
        import multiprocessing
        from twelvelabs_async import TwelveLabs

        client = TwelveLabs()

        def names(_):
            return [index.index_name for index in client.indexes.list()]

        if __name__ == "__main__":
            assert names(0) == ["c", "b", "a"]
            with multiprocessing.get_context({method!r}).Pool(1) as pool:
                assert pool.map(names, range(3)) == [["c", "b", "a"]] * 3
                pool.close()
                pool.join()
            assert names(0) == ["c", "b", "a"]
        """)
    )
    finish(start(str(script), platform.url, platform.api_key))


def test_fork_beside_open_sessions(run: Run) -> None:
    """A forked child that uses or drops an inherited asynchronous client does not disturb the parent's connections."""
    run("""
        import asyncio, gc, os
        from twelvelabs_async import AsyncTwelveLabs
        client = AsyncTwelveLabs()

        async def use():
            assert [index.index_name async for index in client.indexes.list(page_limit=2)] == ["c", "b", "a"]

        async def main():
            global client
            await use()
            child = os.fork()
            if not child:
                del client
                gc.collect()
                os._exit(0)
            assert os.waitpid(child, 0)[1] == 0
            await use()

        asyncio.run(main())
        child = os.fork()
        if not child:
            asyncio.run(use())
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        asyncio.run(use())
    """)


def test_one_client_for_several_loops(run: Run) -> None:
    """An asynchronous client serves one ``asyncio.run`` after the other; nobody has to close it."""
    run("""
        import asyncio
        from twelvelabs_async import AsyncTwelveLabs
        client = AsyncTwelveLabs()

        async def use():
            assert [index.index_name async for index in client.indexes.list(page_limit=2)] == ["c", "b", "a"]

        for _ in range(3):
            asyncio.run(use())
    """)


def test_dropped_asynchronous_clients(run: Run) -> None:
    """Clients dropped unclosed, alone or in cycles, close their sessions in whatever thread they are collected."""
    run("""
        import asyncio, gc, threading
        import aiohttp
        from twelvelabs_async import AsyncTwelveLabs

        def sessions():
            return sum(type(thing) is aiohttp.ClientSession and not thing.closed for thing in gc.get_objects())

        async def use():
            client = AsyncTwelveLabs()
            async for _ in client.indexes.list(page_limit=1):
                break
            client.bulk  # refers back to the client
            await asyncio.to_thread(int)  # the loop's end has to wait for something

        async def main():
            for _ in range(5):
                await use()
            assert sessions() == 10  # two for each client
            collecting = threading.Thread(target=gc.collect)
            collecting.start()
            await asyncio.to_thread(collecting.join)
            while sessions():
                await asyncio.sleep(0)
            await use()

        gc.disable()
        asyncio.run(main())
        asyncio.run(use())
        gc.collect()
        assert not sessions()
    """)
