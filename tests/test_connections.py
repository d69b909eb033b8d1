"""Connections: who shares them, who closes them, and what is sent through them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from twelvelabs_async import AsyncTwelveLabs, NotFoundError
from twelvelabs_async.testing import Emulator

from support.clients import Connect
from support.raw_server import KEY, OK, Server, respond


def connection_trace() -> tuple[aiohttp.TraceConfig, list[object]]:
    """Return a trace config, and the list to which it appends each new connection."""
    opened: list[object] = []
    tracing = aiohttp.TraceConfig()

    async def note(*event: object) -> None:
        opened.append(event)

    tracing.on_connection_create_end.append(note)
    return tracing, opened


async def test_copies_with_other_options_use_the_same_connections() -> None:
    """Closing a client closes its copies."""
    tracing, opened = connection_trace()
    with Server(OK) as server:
        async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, trace_configs=[tracing]) as client:
            copy = client.with_options(timeout=5, max_retries=0, headers={"x-team": "red"})
            for one in (client, copy, copy.with_options(timeout=6)):
                await one.indexes.retrieve("i1")
        assert [request.headers.get("x-team") for request in server.requests] == [None, "red", "red"]
        with pytest.raises(RuntimeError, match="closed"):
            await copy.indexes.retrieve("i1")
    assert len(opened) == 1


@pytest.mark.usefixtures("autojump_clock")
async def test_a_copy_can_wait(emulator: Emulator, connect: Connect) -> None:
    """A copy has everything that a client has: resources, bulk runs and waits."""
    async with connect(emulator) as client:
        copy = client.with_options(timeout=30)
        assert type(copy) is AsyncTwelveLabs
        asset = await copy.assets.create(method="url", url="https://example.com/a.mp4")
        assert (await copy.assets.wait_until_ready(str(asset.id))).status == "ready"
        assert [outcome.status async for outcome in copy.bulk.delete([str(asset.id)])] == ["ready"]


async def test_a_closed_client_refuses_calls() -> None:
    """The error is not one of the connection, and there is no retry. Closing twice has no effect."""
    with Server(OK) as server:
        client = AsyncTwelveLabs(api_key=KEY, base_url=server.url)
        await client.indexes.retrieve("i1")
        await client.close()
        await client.close()
        for call in (client.indexes.retrieve, client.indexes.delete):
            with pytest.raises(RuntimeError, match="client is closed"):
                await call("i1")
        assert await asyncio.to_thread(server.closed.wait, 5)
    assert server.attempts == 1


async def test_a_session_that_was_given_lends_its_connector_and_stays_open() -> None:
    """Its headers and cookies stay with its owner, who closes it, and its raise_for_status has no effect."""
    with Server(OK, respond(404)) as server:
        async with aiohttp.ClientSession(
            headers={"x-mine": "yes"}, cookies={"mine": "yes"}, raise_for_status=True
        ) as session:
            async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, session=session) as client:
                await client.indexes.retrieve("i1")
                with pytest.raises(NotFoundError):
                    await client.indexes.retrieve("i1")
            assert not session.closed
    assert not {"x-mine", "cookie"} & server.requests[0].headers.keys()


async def test_a_closed_session_is_refused() -> None:
    """It has no connector to lend."""
    async with aiohttp.ClientSession() as session:
        pass
    with pytest.raises(ValueError, match="session is closed"):
        AsyncTwelveLabs(api_key=KEY, session=session)


async def test_a_connector_that_was_given_is_used_and_left_open() -> None:
    """Several clients can share it."""
    with Server(OK) as server:
        async with aiohttp.TCPConnector(limit=1) as connector:
            for _ in range(2):
                async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, connector=connector) as client:
                    await client.indexes.retrieve("i1")
                assert not connector.closed


async def test_each_event_loop_has_a_session_of_its_own() -> None:
    """The end of one loop does not close the session of the other."""
    with Server(OK) as server:
        async with AsyncTwelveLabs(api_key=KEY, base_url=server.url) as client:
            await client.indexes.retrieve("i1")

            async def elsewhere() -> None:
                await client.indexes.retrieve("i2")

            await asyncio.to_thread(asyncio.run, elsewhere())
            await client.indexes.retrieve("i3")
    assert server.targets == [f"GET /v1.3/indexes/i{number}" for number in (1, 2, 3)]


async def test_credentials_of_the_environment_are_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``.netrc`` is not read, with or without a proxy in the environment."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login user password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with Server(OK) as server:
        async with AsyncTwelveLabs(api_key=KEY, base_url=server.url) as client:
            await client.indexes.retrieve("i1")
    assert "authorization" not in server.requests[0].headers


async def test_the_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """``HTTP_PROXY`` receives the whole URL, and the user and password in its own URL."""
    with Server(OK) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.origin.replace("//", "//user:password@"))
        async with AsyncTwelveLabs(api_key=KEY, base_url="http://api.invalid/v1.3") as client:
            assert (await client.indexes.retrieve("i1")).id == "i1"
    assert proxy.targets == ["GET http://api.invalid/v1.3/indexes/i1"]
    assert proxy.requests[0].headers["proxy-authorization"].startswith("Basic ")
    assert "authorization" not in proxy.requests[0].headers


async def test_no_proxy_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host in ``NO_PROXY`` is connected to directly."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Server(OK) as server:
        async with AsyncTwelveLabs(api_key=KEY, base_url=server.url) as client:
            assert (await client.indexes.retrieve("i1")).id == "i1"
