"""Processes that fork, are interrupted, or end with clients that are not closed."""

from __future__ import annotations

import asyncio
import gc
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import aiohttp
import pytest

from twelvelabs_async import AsyncTwelveLabs, TwelveLabs
from twelvelabs_async.testing import Emulator

from support import raw_server
from support.processes import finish, start
from support.samples import MODELS
from support.until import until

NAMES = ["c", "b", "a"]
"""Names of the emulator's indexes, the newest first."""


@pytest.fixture(scope="module")
def platform() -> Iterator[Emulator]:
    """An emulator with three indexes."""
    with Emulator() as emulator:
        with TwelveLabs(api_key=emulator.api_key, base_url=emulator.url) as client:
            for name in reversed(NAMES):
                client.indexes.create(index_name=name, models=MODELS)
        yield emulator


@pytest.fixture
def run(platform: Emulator) -> Callable[[str | Path], str]:
    """Run a script to its end."""
    return lambda script: finish(start(script, platform.url, platform.api_key))


async def list_names(client: AsyncTwelveLabs) -> list[str | None]:
    """Return the names of all indexes, from two pages."""
    return [index.index_name async for index in client.indexes.list(page_limit=2)]


def test_a_process_can_end_without_closing_its_client(platform: Emulator) -> None:
    """Iterators may be unfinished, and a daemon thread may wait for a response."""
    platform.delay("GET", "/indexes/*", 60)
    process = start(
        """
        import sys, threading
        from twelvelabs_async import TwelveLabs
        client = TwelveLabs()
        pages = client.indexes.list(page_limit=1).iter_pages()
        next(pages)
        items = iter(client.indexes.list(page_limit=1))
        next(items)
        threading.Thread(target=client.indexes.retrieve, args=["i1"], daemon=True).start()
        sys.stdin.readline()
        """,
        platform.url,
        platform.api_key,
    )
    asyncio.run(until(lambda: any(request.path == "/indexes/i1" for request in platform.requests)))
    finish(process)


def test_an_interrupt_cancels_the_request() -> None:
    """Ctrl-C ends a call at once and closes its connection. The client stays usable."""
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
        assert server.reached.wait(30)
        process.send_signal(signal.SIGINT)
        assert server.closed.wait(10)
        assert finish(process) == "talks\n"
        assert server.attempts == 2


def test_parent_and_forked_child_can_both_use_a_client(run: Callable[[str], str]) -> None:
    """Neither disturbs the other, whether the child uses, closes or drops its copy."""
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


def test_a_forked_child_does_not_disturb_the_connections_of_an_asynchronous_client(run: Callable[[str], str]) -> None:
    """The child can drop the client, or use it in an event loop of its own."""
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


def test_a_client_of_a_module_can_be_used_in_worker_processes(run: Callable[[Path], str], tmp_path: Path) -> None:
    """It works in workers of `multiprocessing` with every start method."""
    script = tmp_path / "script.py"
    script.write_text(
        dedent("""
        import multiprocessing
        from twelvelabs_async import TwelveLabs

        client = TwelveLabs()

        def list_names(_):
            return [index.index_name for index in client.indexes.list()]

        if __name__ == "__main__":
            for method in ("fork", "spawn", "forkserver"):
                assert list_names(0) == ["c", "b", "a"]
                with multiprocessing.get_context(method).Pool(1) as pool:
                    assert pool.map(list_names, range(3)) == [["c", "b", "a"]] * 3
                    pool.close()
                    pool.join()
            assert list_names(0) == ["c", "b", "a"]
        """)
    )
    run(script)


def test_an_asynchronous_client_serves_several_event_loops(platform: Emulator) -> None:
    """It can be used by one ``asyncio.run`` after the other, without being closed."""
    client = AsyncTwelveLabs(api_key=platform.api_key, base_url=platform.url)
    for _ in range(3):
        assert asyncio.run(list_names(client)) == NAMES


def test_a_garbage_collected_asynchronous_client_closes_its_sessions(platform: Emulator) -> None:
    """The garbage collector may run in any thread, and after the end of the loop."""

    def count_open_sessions() -> int:
        return sum(type(each) is aiohttp.ClientSession and not each.closed for each in gc.get_objects())

    async def use_client() -> None:
        client = AsyncTwelveLabs(api_key=platform.api_key, base_url=platform.url)
        async for _ in client.indexes.list(page_limit=1):
            break
        client.bulk  # noqa: B018  (refers to the client)
        await asyncio.to_thread(int)  # so that the end of the loop has to wait for a thread

    async def main() -> None:
        for _ in range(5):
            await use_client()
        assert count_open_sessions() == before + 10  # two for each client
        collecting = threading.Thread(target=gc.collect)
        collecting.start()
        await asyncio.to_thread(collecting.join)
        await until(lambda: count_open_sessions() == before)
        await use_client()

    gc.collect()
    gc.disable()
    try:
        before = count_open_sessions()
        asyncio.run(main())
        asyncio.run(use_client())
        gc.collect()
        assert count_open_sessions() == before
    finally:
        gc.enable()
