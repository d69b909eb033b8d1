"""Answers that come bit by bit: the same whatever the pieces they come in, and never quietly short."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from twelvelabs_async import (
    APIResponseError,
    AsyncTwelveLabs,
    ResponseStreamEvent_Keepalive,
    ResponseStreamEvent_ResponseCompleted,
    ResponseStreamEvent_ResponseFailed,
    ResponseStreamEvent_ResponseIncomplete,
    ResponseStreamEvent_ResponseOutputTextDelta,
)
from twelvelabs_async._streams import server_sent_events, split_lines
from twelvelabs_async.testing import Emulator

DONE = b"data: [DONE]\n\n"
QUESTION: dict[str, Any] = {
    "knowledge_store_id": "ks_1",
    "input": [{"type": "message", "role": "user", "content": "?"}],
}


async def arriving(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def events(pieces: Iterable[bytes]) -> list[dict[str, Any]] | str:
    """The events that come in these pieces, or what is wrong."""

    async def read() -> list[dict[str, Any]]:
        return [event async for event in server_sent_events("X", arriving(pieces), lambda text: text)]

    try:
        return asyncio.run(read())
    except APIResponseError as error:
        return str(error)


def cut(stream: bytes, places: Iterable[int]) -> list[bytes]:
    """*stream* in pieces that end at these places."""
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[start:end] for start, end in pairwise(edges)]


PAYLOAD = st.dictionaries(st.sampled_from(["type", "delta"]), st.text(max_size=5), max_size=2)
FIELD = st.sampled_from(["", "event: x", "id: 1", "retry: 5", ":", ": hello", "data", "odd: x", "\u2028", "data :"])


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, list[dict[str, Any]]]:
    """A stream of server-sent events, and the data in it."""
    end = draw(st.sampled_from(["\n", "\r", "\r\n"]))
    expected = draw(st.lists(PAYLOAD, max_size=4))
    text = draw(st.sampled_from(["", "\ufeff"]))
    for payload in expected:
        noise = draw(st.lists(FIELD.filter(lambda field: field != "data"), max_size=2))
        space = draw(st.sampled_from(["", " "]))
        data = json.dumps(payload, ensure_ascii=False, indent=draw(st.sampled_from([None, 1])))
        data_lines = [f"data:{space or ' ' * line.startswith(' ')}{line}" for line in data.split("\n")]
        text += end.join([*noise, *data_lines, "", ""])
    return (text + f"data: [DONE]{end}{end}").encode(), expected


@given(streams(), st.lists(st.integers(0, 500), max_size=12))
@example((b"data: {\r\ndata: }\r\n\r\ndata: [DONE]\r\n\r\n", [{}]), [8, 8, 20])
@settings(deadline=None, max_examples=60)
def test_events_do_not_depend_on_the_pieces(stream: tuple[bytes, list[dict[str, Any]]], places: list[int]) -> None:
    """Whatever the line ends, the other fields and the places of the cuts, the events are those that were sent."""
    content, expected = stream
    assert events(cut(content, places)) == events(content[i : i + 1] for i in range(len(content))) == expected


@given(st.text("dat:{}[DONE]\r\n \ufeff\u2028é", max_size=60), st.lists(st.integers(0, 200), max_size=8))
@settings(deadline=None, max_examples=60)
def test_odd_streams_do_not_depend_on_the_pieces(text: str, places: list[int]) -> None:
    """A stream that makes no sense makes none in any pieces."""
    assert events(cut(text.encode(), places)) == events([text.encode()])


@pytest.mark.parametrize(
    ("stream", "problem"),
    [
        (b"", "incomplete"),
        (b'data: {"type": "a"}\n\n', "incomplete"),
        (b'data: {"type": "a"}', "incomplete"),
        (b"data: [DONE]", "incomplete"),
        (b'data: {"type"\n', "incomplete"),
        (b'data: {"type"\n\n', "got '{"),
        (b"data: [1]\n\n", "expected a JSON object"),
        (b'data: {"code": "too_many", "message": "later"}\n\n', "reports too_many: later"),
        (b'data: {"type": "error", "error": {"code": "c", "message": "m"}}\n\n', "reports c: m"),
        (b'data: {"type": "error", "message": "m"}\n\n', "reports an error: m"),
        (b'data: {"error": {"code": null, "message": "m"}}\n\n', "reports an error: m"),
    ],
)
def test_streams_that_make_no_sense(stream: bytes, problem: str) -> None:
    """An event without its end does not count; what is expected a JSON object, and a missing end, are errors."""
    assert problem in events([stream])


async def test_a_long_line_takes_time_by_its_length() -> None:
    """A line of many pieces is joined once, not again with each piece."""
    began = time.perf_counter()
    [line] = [line async for line in split_lines(arriving([b"x" * 100] * 20_000))]
    assert len(line) == 2_000_000
    assert time.perf_counter() - began < 1  # the other way takes several seconds


def sse(*sent: dict[str, Any]) -> bytes:
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in sent)


async def stream(emulator: Emulator, client: AsyncTwelveLabs, body: bytes) -> list[Any]:
    emulator.fail("POST", "/responses", status=200, body=body)
    return [event async for event in client.responses.create_stream(**QUESTION)]


async def test_response_events(emulator: Emulator, client: AsyncTwelveLabs) -> None:
    """Events become models; those of an unknown type are left out, and none is asked to have any field."""
    body = sse(
        {"type": "keepalive", "sequence_number": 1},
        {"type": "response.thinking", "text": "hm"},
        {"type": "response.output_text.delta", "delta": "a\u2028b", "sequence_number": 3},
        {"sequence_number": 4},
    )
    assert await stream(emulator, client, body + DONE) == [
        ResponseStreamEvent_Keepalive(sequence_number=1),
        ResponseStreamEvent_ResponseOutputTextDelta(delta="a\u2028b", sequence_number=3),
    ]


@pytest.mark.parametrize(
    "last",
    [
        ResponseStreamEvent_ResponseCompleted,
        ResponseStreamEvent_ResponseIncomplete,
        ResponseStreamEvent_ResponseFailed,
    ],
)
async def test_last_events(emulator: Emulator, client: AsyncTwelveLabs, last: type[Any]) -> None:
    """The event that tells the outcome is handed on and ends the stream, with or without a mark behind it."""
    body = sse({"type": last().type, "response": {"status": "failed"}}, {"type": "keepalive"})
    [event] = await stream(emulator, client, body)
    assert isinstance(event, last)
    assert event.response.status == "failed"


async def test_a_response_that_breaks_off(emulator: Emulator, client: AsyncTwelveLabs) -> None:
    """A stream that ends before its end is an error, not a short answer."""
    with pytest.raises(APIResponseError, match="POST /responses: the stream ended without its last event"):
        await stream(emulator, client, sse({"type": "response.output_text.delta", "delta": "a"}))
