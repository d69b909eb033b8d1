"""`with_raw_response`: the whole response of each method, on both clients."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from test_twins import methods, resources

from twelvelabs_async import (
    AsyncPager,
    AsyncTwelveLabs,
    HttpResponse,
    NotFoundError,
    SyncPager,
    TwelveLabs,
)

from support import official
from support.clients import Connect
from support.recorder import OBJECT, PAGE, Recorder
from support.three_clients import METHODS, Clients, required_arguments

HELPERS = {"embed.tasks.create_bulk", "embed.tasks.wait_for_done", "search.query"}
"""Methods that have no raw response in the official SDK."""

VIDEO: Any = {"type": "url", "url": "https://example.com/a.mp4"}


def find_owners(client: object) -> Iterator[object]:
    """Yield a client or resource and the resources in it, but for bulk runs and media, which have no one response."""
    yield client
    for name in sorted(resources(type(client)) - {"bulk", "media"}):
        yield from find_owners(getattr(client, name))


@pytest.mark.parametrize(
    "owner",
    [*find_owners(TwelveLabs(api_key="key")), *find_owners(AsyncTwelveLabs(api_key="key"))],
    ids=lambda owner: type(owner).__name__,
)
def test_every_method_is_behind_with_raw_response(owner: Any) -> None:
    """It has the same parameters there, and the docstring of the asynchronous method. Nothing else is there.

    A page to look at and names of videos are made of many responses.
    """
    expected = methods(type(owner))
    for name in ("close", "name_videos", "to_html", "with_options"):
        expected.pop(name, None)
    found = methods(type(owner.with_raw_response))
    assert found.keys() == expected.keys()
    for name, method in expected.items():
        assert inspect.signature(found[name]).parameters == inspect.signature(method).parameters
        docstrings = [
            re.sub(r"\bawait |\basync (?=for |with )|\bevent loop\b|\bcalling thread\b", "", str(inspect.getdoc(m)))
            for m in (found[name], method)
        ]
        assert docstrings[0] == docstrings[1]
    assert {name for name in dir(owner.with_raw_response) if not name.startswith("_")} == expected.keys()


def raw_name(name: str) -> str:
    *path, method = name.split(".")
    return ".".join([*path, "with_raw_response", method])


@pytest.mark.parametrize("name", sorted({*METHODS} - HELPERS))
def test_a_raw_response_has_what_the_official_sdk_gives(clients: Clients, name: str) -> None:
    """The request is the same. The result has the attributes of the official one, and the data of the method."""
    arguments = required_arguments(name)
    expected = official.find(clients.official, raw_name(name))(**arguments)
    found = official.find(clients.sync, raw_name(name))(**arguments)
    if isinstance(expected, AbstractContextManager):
        with expected as theirs, found as ours:
            assert public(theirs) <= public(ours)
            assert [*ours.data] == [*official.find(clients.sync, name)(**arguments)]
        return
    assert public(expected) <= public(found)
    if isinstance(found, HttpResponse):
        assert (found.status_code, found.headers["Content-Type"]) == (200, "application/json")
        assert timedelta() < found.elapsed < timedelta(seconds=60)
        plain, data = official.find(clients.sync, name)(**arguments), found.data
        assert data.items == plain.items if isinstance(data, SyncPager) else data == plain
    asynchronous = clients.async_result(raw_name(name), arguments)
    assert public(found) == public(asynchronous)


def public(value: object) -> set[str]:
    return {name for name in dir(value) if not name.startswith("_")}


async def test_a_response_has_headers_in_any_case_and_the_request_id(recorder: Recorder, connect: Connect) -> None:
    async with connect(recorder) as client:
        recorder.respond_next(headers={"X-Request-Id": "r1"})
        response = await client.assets.with_raw_response.retrieve("a1")
    assert response.request_id == response.headers["x-request-id"] == response.headers["X-REQUEST-ID"] == "r1"
    assert (response.status_code, response.data.id) == (200, "x")
    assert dict(response.headers)["x-request-id"] == "r1"
    await response.close()


async def test_pages_and_errors_have_the_request_id_too(recorder: Recorder, connect: Connect) -> None:
    async with connect(recorder) as client:
        recorder.respond_next({"data": [OBJECT]}, headers={"X-Request-Id": "r1"})
        page = await client.assets.list()
        assert page.response is not None
        assert (page.response.request_id, page.response.status_code) == ("r1", 200)
        assert page.response.elapsed > timedelta()
        recorder.respond_next({"code": "resource_not_exists"}, status=404, headers={"X-Request-Id": "r2"})
        with pytest.raises(NotFoundError) as caught:
            await client.assets.with_raw_response.retrieve("a1")
    assert caught.value.request_id == "r2"


async def test_concurrent_calls_have_their_own_responses(recorder: Recorder, connect: Connect) -> None:
    """They are made by one object."""
    numbers = [str(number) for number in range(30)]
    for number in numbers:
        recorder.respond_next(OBJECT | {"_id": number}, headers={"x-request-id": number})
    async with connect(recorder) as client:
        raw = client.assets.with_raw_response
        responses = await asyncio.gather(*(raw.retrieve("a1") for _ in numbers))
    assert {response.data.id for response in responses} == {*numbers}
    assert all(response.request_id == response.data.id for response in responses)


async def test_a_call_of_several_requests_has_its_last_response(recorder: Recorder, connect: Connect) -> None:
    """A wait polls by itself, so that the response belongs to it."""
    async with connect(recorder) as client:
        recorder.respond_next(OBJECT | {"status": "processing"}, headers={"x-request-id": "1"})
        for number in range(2, 10):
            recorder.respond_next(PAGE | {"data": [OBJECT]}, headers={"x-request-id": str(number)})
        created = await client.assets.with_raw_response.create_and_wait("https://example.com/a.mp4")
    assert (created.request_id, created.data.status) == (str(len(recorder.requests)), "ready")
    assert len(recorder.requests) > 1


async def test_a_stream_has_its_response_before_its_events(client: AsyncTwelveLabs) -> None:
    plain = [event async for event in client.analyze_stream(video=VIDEO, prompt="?")]
    async with client.with_raw_response.analyze_stream(video=VIDEO, prompt="?") as response:
        assert response.status_code == 200
        assert "json" in response.headers["content-type"]
        events = [event async for event in response.data]
    assert [event.event_type for event in events] == [event.event_type for event in plain]
    async with client.with_raw_response.analyze_stream(video=VIDEO, prompt="?") as response:
        pass  # leaving closes the stream: the fixture finds no tasks
    assert [event async for event in response.data] == []


def test_a_blocking_stream_ends_with_its_block(sync_client: TwelveLabs) -> None:
    with sync_client.with_raw_response.analyze_stream(video=VIDEO, prompt="?") as response:
        assert next(response.data).event_type == "stream_start"
    assert [*response.data] == []
    response.close()


def test_an_error_in_the_block_of_a_stream_is_raised(sync_client: TwelveLabs) -> None:
    stream = sync_client.with_raw_response.analyze_stream(video=VIDEO, prompt="?")
    with pytest.raises(ZeroDivisionError), stream:
        raise ZeroDivisionError


async def test_an_answer_with_the_key_is_redacted_in_headers_alone(recorder: Recorder, connect: Connect) -> None:
    async with connect(recorder, api_key="tlk_SECRET1") as client:
        recorder.respond_next(OBJECT | {"filename": "tlk_SECRET1"}, headers={"x-seen": "tlk_SECRET1"})
        response = await client.assets.with_raw_response.retrieve("a1")
    assert response.headers["x-seen"] == "***"
    assert response.data.filename == "tlk_SECRET1"
    assert "SECRET" not in repr(client.assets.with_raw_response)


async def test_a_list_is_its_own_raw_response(client: AsyncTwelveLabs) -> None:
    """It is iterated as always, and each page has its response."""
    await client.assets.create(method="url", url="https://example.com/a.mp4")
    pager = client.assets.with_raw_response.list()
    assert isinstance(pager, AsyncPager)
    assert len([asset async for asset in pager]) == 1
    page = await pager
    assert page.response is not None
    assert page.response.headers["Content-Type"].startswith("application/json")


async def test_a_client_of_a_subclass_has_raw_responses(recorder: Recorder) -> None:
    class OwnClient(AsyncTwelveLabs):
        pass

    async with OwnClient(api_key="key", base_url=recorder.url) as client:
        response = await client.with_raw_response.analyze(video=VIDEO, prompt="?")
    assert response.status_code == 200
