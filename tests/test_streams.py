"""Streamed responses: decoded alike in any pieces, and never cut short without an error."""

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
from twelvelabs_async._streams import json_lines, server_sent_events, split_lines
from twelvelabs_async.testing import Emulator

DONE = b"data: [DONE]\n\n"
QUESTION: dict[str, Any] = {
    "knowledge_store_id": "ks_1",
    "input": [{"type": "message", "role": "user", "content": "?"}],
}


async def arriving(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def keep(text: str) -> str:
    return text


def decode_events(pieces: Iterable[bytes]) -> list[dict[str, Any]] | str:
    """Return the events in a stream that arrives in these pieces, or the text of the error."""

    async def decode() -> list[dict[str, Any]]:
        return [event async for event in server_sent_events("X", arriving(pieces), keep)]

    try:
        return asyncio.run(decode())
    except APIResponseError as error:
        return str(error)


async def decode_lines(content: bytes) -> list[dict[str, Any]]:
    return [data async for data in json_lines("X", arriving([content]), keep, required_field="type")]


def cut(stream: bytes, positions: Iterable[int]) -> list[bytes]:
    """Return *stream* in pieces that end at these positions."""
    edges = [0, *sorted(position % (len(stream) + 1) for position in positions), len(stream)]
    return [stream[start:end] for start, end in pairwise(edges)]


PAYLOAD = st.dictionaries(st.sampled_from(["type", "delta"]), st.text(max_size=5), max_size=2)
OTHER_FIELD = st.sampled_from(["event: x", "id: 1", "retry: 5", ":", ": hello", "odd: x", "\u2028", "data :"])
OTHER_FIELDS = st.lists(OTHER_FIELD, max_size=2)


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, list[dict[str, Any]]]:
    """Generate a stream of server-sent events, and the data in it."""
    end = draw(st.sampled_from(["\n", "\r", "\r\n"]))
    payloads = draw(st.lists(PAYLOAD, max_size=4))
    text = draw(st.sampled_from(["", "\ufeff"]))
    for payload in payloads:
        blank_lines = draw(st.sampled_from([[], [""]]))
        space = draw(st.sampled_from(["", " "]))
        data = json.dumps(payload, ensure_ascii=False, indent=draw(st.sampled_from([None, 1])))
        data_lines = [f"data:{space or ' ' * line.startswith(' ')}{line}" for line in data.split("\n")]
        text += end.join([*blank_lines, *draw(OTHER_FIELDS), *data_lines, *draw(OTHER_FIELDS), "", ""])
    return (text + f"data: [DONE]{end}{end}").encode(), payloads


@given(streams(), st.lists(st.integers(0, 500), max_size=12))
@example((b"data: {\r\ndata: }\r\n\r\ndata: [DONE]\r\n\r\n", [{}]), [8, 8, 20])
@settings(max_examples=60)
def test_events_do_not_depend_on_the_pieces(stream: tuple[bytes, list[dict[str, Any]]], positions: list[int]) -> None:
    """With any line ends, other fields before and after the data, and pieces, the same events are decoded."""
    content, payloads = stream
    assert decode_events(cut(content, positions)) == payloads
    assert decode_events(content[i : i + 1] for i in range(len(content))) == payloads


@given(st.text("dat:{}[DONE]\r\n \ufeff\u2028é", max_size=60), st.lists(st.integers(0, 200), max_size=8))
@settings(max_examples=60)
def test_errors_do_not_depend_on_the_pieces(text: str, positions: list[int]) -> None:
    """A malformed stream is reported alike in any pieces."""
    assert decode_events(cut(text.encode(), positions)) == decode_events([text.encode()])


@pytest.mark.parametrize(
    ("stream", "problem"),
    [
        (b"", "incomplete"),
        (b'data: {"type": "a"}\n\n', "incomplete"),
        (b'data: {"type": "a"}', "incomplete"),
        (b"data: [DONE]", "incomplete"),
        (b'data: {"type"\n', "incomplete"),
        (b'data: {"type"\n\n', "expected a JSON object in the stream; got '{"),
        (b"data: [1]\n\n", "expected a JSON object"),
        (b'data: {"type": ' + b"[" * 100 + b"]" * 100 + b"}\n\n", "expected a JSON object"),
        (b'data: {"code": "too_many", "message": "later"}\n\n', "reports too_many: later"),
        (b'data: {"type": "error", "error": {"code": "c", "message": "m"}}\n\n', "reports c: m"),
        (b'data: {"type": "error", "message": "m"}\n\n', "reports an error: m"),
        (b'data: {"error": {"code": null, "message": "m"}}\n\n', "reports an error: m"),
    ],
)
def test_malformed_and_incomplete_streams_are_errors(stream: bytes, problem: str) -> None:
    """So are errors that the API reports in the stream. An event without the blank line after it does not count."""
    assert problem in decode_events([stream])


async def test_invalid_utf_8_in_a_line_is_replaced() -> None:
    """The other lines, and the other characters of the line, are decoded."""
    assert await decode_lines(b'{"type": "\xff!"}\n\n{"type": "b"}') == [
        {"type": "\N{REPLACEMENT CHARACTER}!"},
        {"type": "b"},
    ]


async def test_a_line_in_many_pieces_takes_linear_time() -> None:
    """It is joined once, not again with each piece."""
    started_at = time.process_time()
    [line] = [line async for line in split_lines(arriving([b"x" * 100] * 20_000), "X")]
    assert len(line) == 2_000_000
    assert time.process_time() - started_at < 1  # joining it again with each piece takes several seconds


def encode_events(*events: dict[str, Any]) -> bytes:
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)


async def stream(emulator: Emulator, client: AsyncTwelveLabs, body: bytes) -> list[Any]:
    emulator.fail("POST", "/responses", status=200, body=body)
    return [event async for event in client.responses.create_stream(**QUESTION)]


async def test_events_become_models(emulator: Emulator, client: AsyncTwelveLabs) -> None:
    """Events of an unknown type are skipped, and no field is required."""
    body = encode_events(
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
async def test_an_event_with_the_outcome_ends_the_stream(
    emulator: Emulator, client: AsyncTwelveLabs, last: type[Any]
) -> None:
    """It is yielded, whether or not ``[DONE]`` follows."""
    body = encode_events({"type": last().type, "response": {"status": "failed"}}, {"type": "keepalive"})
    [event] = await stream(emulator, client, body)
    assert isinstance(event, last)
    assert event.response.status == "failed"


async def test_a_stream_without_its_last_event_is_an_error(emulator: Emulator, client: AsyncTwelveLabs) -> None:
    """It is not taken for a short answer."""
    with pytest.raises(APIResponseError, match="POST /responses: the stream ended without its last event"):
        await stream(emulator, client, encode_events({"type": "response.output_text.delta", "delta": "a"}))
