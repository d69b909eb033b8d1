"""Connections: who shares them, who closes them, and what is sent through them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from twelvelabs_async import AsyncTwelveLabs
from twelvelabs_async.testing import Emulator

from support.clients import Connect
from support.raw_server import INDEX, KEY, OK, Server, respond
from support.uploads import EMULATOR, write_video


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


async def test_cookies_of_responses_are_not_sent_back() -> None:
    """Calls do not depend on earlier ones."""
    with Server(respond(200, INDEX, Set_Cookie="seen=yes; Path=/")) as server:
        async with AsyncTwelveLabs(api_key=KEY, base_url=server.url.replace("127.0.0.1", "localhost")) as client:
            for _ in range(2):
                await client.indexes.retrieve("i1")
    assert not [request for request in server.requests if "cookie" in request.headers]


@pytest.mark.parametrize("variable", [None, "HTTPS_PROXY", "no_proxy"])
@pytest.mark.emulator(**EMULATOR)
async def test_credentials_of_the_environment_are_not_sent(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str | None
) -> None:
    """``.netrc`` is read neither for the API nor for the storage, with or without proxies in the environment."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login user password secret\ndefault login user password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    if variable:
        monkeypatch.setenv(variable, "localhost" if variable.lower() == "no_proxy" else "http://127.0.0.1:9")
    async with AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.url) as client:
        await client.multipart_upload.upload_file(write_video(tmp_path))
    assert len([request for request in emulator.requests if request.method == "PUT"]) == 8
    assert not [request for request in emulator.requests if "authorization" in request.headers]
