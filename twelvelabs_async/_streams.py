"""Decoding of streamed responses: newline-delimited JSON and server-sent events."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import AsyncIterator, Callable
from typing import Any

from .errors import APIResponseError


async def json_lines(
    request: object, pieces: AsyncIterator[bytes], redact: Callable[[str], str], *, required_field: str
) -> AsyncIterator[dict[str, Any]]:
    """Decode newline-delimited JSON objects. Blank lines are skipped.

    Args:
        request: The request, for the text of errors.
        pieces: Pieces of the response as they arrive.
        redact: Removes secrets from a line.
        required_field: A field of every object, except of one with which the API reports an error.

    Raises:
        APIResponseError: A line is not a JSON object, or the API reports an error.
    """
    async for line in split_lines(pieces):
        if line.strip():
            yield _decode(request, redact(line.decode(errors="replace")), required_field)


async def server_sent_events(
    request: object, pieces: AsyncIterator[bytes], redact: Callable[[str], str]
) -> AsyncIterator[dict[str, Any]]:
    """Decode the JSON objects in server-sent events, up to ``[DONE]``.

    Args:
        request: The request, for the text of errors.
        pieces: Pieces of the response as they arrive.
        redact: Removes secrets from an event.

    Raises:
        APIResponseError: An event is not a JSON object, the API reports an error, or the stream ends without
            ``[DONE]``.
    """
    async for data in _event_data(pieces):
        text = redact(data.decode(errors="replace"))
        if text.strip() == "[DONE]":
            return
        yield _decode(request, text, "type")
    raise incomplete_stream(request)


def incomplete_stream(request: object) -> APIResponseError:
    """Make the error of a stream that ends without its last event."""
    return APIResponseError(f"{request}: the stream ended without its last event, so the result is incomplete.")


async def split_lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    r"""Join pieces and split them at ``\n`` only: text may contain other line ends of Unicode."""
    line: list[bytes] = []
    async for piece in pieces:
        first, *others = piece.split(b"\n")
        line.append(first)
        for other in others:
            yield b"".join(line)
            line = [other]
    if any(line):
        yield b"".join(line)


async def _event_data(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the data of server-sent events (WHATWG HTML, section 9.2). An incomplete event has none."""
    data: list[bytes] = []
    bom = BOM_UTF8
    async for line in split_lines(_normalize_newlines(pieces)):
        name, _, value = line.removeprefix(bom).partition(b":")
        bom = b""
        if name == b"data":
            data.append(value.removeprefix(b" "))
        elif not line and data:
            yield b"\n".join(data)
            data = []


async def _normalize_newlines(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    r"""Replace ``\r\n`` and ``\r`` by ``\n``, also where a piece ends between the two."""
    ends_with_cr = False
    async for piece in pieces:
        rest = piece.removeprefix(b"\n") if ends_with_cr else piece
        ends_with_cr = piece.endswith(b"\r") if piece else ends_with_cr
        yield rest.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _decode(request: object, text: str, required_field: str) -> dict[str, Any]:
    data: dict[str, Any] | None
    try:
        data = json.loads(text)  # not by msgspec: a fragment of text may end in half a surrogate pair
    except (ValueError, RecursionError):
        data = None
    if type(data) is not dict:
        raise APIResponseError(
            f"{request}: expected a JSON object in the stream; got {text[:100]!r}.", body=text[:2000]
        )
    reported: dict[str, Any] | None = data.get("error", data)
    if data.get(required_field, "error") == "error" and isinstance(reported, dict) and "message" in reported:
        code, message = reported.get("code"), reported["message"]
        raise APIResponseError(
            f"{request}: the stream reports {code or 'an error'}: {message}", code=code, message=message, body=data
        )
    return data
