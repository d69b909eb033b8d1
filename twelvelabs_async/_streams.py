"""Answers that come bit by bit."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import AsyncIterator, Callable
from typing import Any

from .errors import APIResponseError


async def lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    r"""Join pieces and split them at ``\n`` only: text may hold what Unicode counts as line ends."""
    begun: list[bytes] = []
    async for piece in pieces:
        first, *more = piece.split(b"\n")
        begun.append(first)
        for line in more:
            yield b"".join(begun)
            begun = [line]
    if any(begun):
        yield b"".join(begun)


async def json_lines(
    what: str, pieces: AsyncIterator[bytes], hide: Callable[[str], str], *, mark: str
) -> AsyncIterator[dict[str, Any]]:
    """Decode newline-delimited JSON objects; blank lines do not count.

    Args:
        what: What was asked, for the error's text.
        pieces: The answer as it arrives.
        hide: Takes secrets out of a line.
        mark: The field that a line has, unless it is an error that the API reports.

    Raises:
        APIResponseError: A line is not a JSON object, or it is an error the API reports in the stream.
    """
    async for line in lines(pieces):
        if line.strip():
            yield _decode(what, hide(line.decode(errors="replace")), mark)


async def server_sent_events(
    what: str, pieces: AsyncIterator[bytes], hide: Callable[[str], str]
) -> AsyncIterator[dict[str, Any]]:
    """Decode the JSON objects in server-sent events, up to ``[DONE]``.

    Args:
        what: What was asked, for the error's text.
        pieces: The answer as it arrives.
        hide: Takes secrets out of a text.

    Raises:
        APIResponseError: An event is not a JSON object, or it is an error the API reports in the stream, or the stream
            ends without ``[DONE]``.
    """
    async for data in _event_data(pieces):
        text = hide(data.decode(errors="replace"))
        if text.strip() == "[DONE]":
            return
        yield _decode(what, text, "type")
    raise APIResponseError(f"{what}: the stream broke off before its end.")


async def _event_data(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The data of server-sent events (WHATWG HTML, section 9.2); an event without data, or without its end, is none."""
    data: list[bytes] = []
    bom = BOM_UTF8
    async for line in lines(_newlines(pieces)):
        name, _, value = line.removeprefix(bom).partition(b":")
        bom = b""
        if name == b"data":
            data.append(value.removeprefix(b" "))
        elif not line and data:
            yield b"\n".join(data)
            data = []


async def _newlines(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    r"""Make ``\r\n`` and ``\r`` into ``\n``, also where a piece ends between the two."""
    cut = False
    async for piece in pieces:
        rest = piece.removeprefix(b"\n") if cut else piece
        cut = piece.endswith(b"\r") if piece else cut
        yield rest.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _decode(what: str, text: str, mark: str) -> dict[str, Any]:
    data: dict[str, Any] | None
    try:
        data = json.loads(text)  # not msgspec: a fragment of text may end in half a surrogate pair
    except (ValueError, RecursionError):
        data = None
    if type(data) is not dict:
        raise APIResponseError(
            f"{what}: the stream has something that is no JSON object: {text[:100]!r}", body=text[:2000]
        )
    reported: dict[str, Any] | None = data.get("error", data)
    if data.get(mark, "error") == "error" and isinstance(reported, dict) and "message" in reported:
        code, message = reported.get("code"), reported["message"]
        raise APIResponseError(
            f"{what}: the stream reports {code or 'an error'}: {message}", code=code, message=message, body=data
        )
    return data
