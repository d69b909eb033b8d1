"""Answers that come bit by bit."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from .errors import APIResponseError


async def lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    r"""Join pieces and split them at ``\n`` only: text may hold what Unicode counts as line ends."""
    rest = b""
    async for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line
    yield rest


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
        if not line.strip():
            continue
        text = hide(line.decode(errors="replace"))
        data: dict[str, Any] | None
        try:
            data = json.loads(text)  # not msgspec: a fragment of text may end in half a surrogate pair
        except (ValueError, RecursionError):
            data = None
        if type(data) is not dict:
            raise APIResponseError(
                f"{what}: the stream has a line that is no JSON object: {text[:100]!r}", body=text[:2000]
            )
        reported: dict[str, Any] | None = data.get("error", data)
        if mark not in data and isinstance(reported, dict) and {"code", "message"} <= reported.keys():
            code, message = reported["code"], reported["message"]
            raise APIResponseError(
                f"{what}: the stream reports {code}: {message}", code=code, message=message, body=data
            )
        yield data
