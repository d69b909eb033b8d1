"""Payloads for aiohttp: bytes, or a form or a range of a file piece by piece."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final, TypeAlias

import aiohttp
from aiohttp.abc import AbstractStreamWriter

from ._encoding import Form
from ._files import FileRange

WRITE_BYTES: Final = 64 * 1024
"""Bytes written at once: encrypting and copying more would block the event loop."""


class StreamedPayload(aiohttp.payload.Payload):
    """A form or a range of a file, sent piece by piece.

    Attributes:
        failure: Failure to read the file, or of a callback. aiohttp would report a broken connection instead.
    """

    def __init__(self, body: Form | FileRange) -> None:
        super().__init__(None, content_type=body.content_type)
        self.failure: BaseException | None = None
        self._body = body
        self._size = body.size  # which aiohttp sends as Content-Length

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        raise TypeError("A streamed body has no text.")

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Send the whole body."""
        async with aclosing(self._body.pieces()) as pieces:
            while (piece := await self._next(pieces)) is not None:
                view = memoryview(piece)
                for start in range(0, len(piece), WRITE_BYTES):
                    await writer.write(view[start : start + WRITE_BYTES])
                    await asyncio.sleep(0)

    async def _next(self, pieces: AsyncGenerator[bytes, None]) -> bytes | None:
        try:
            return await anext(pieces, None)
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            self.failure = error
        # Another error for aiohttp, outside of `except`: its frames, which hold the API key, stay off the failure.
        raise aiohttp.ClientPayloadError("The body cannot be read.")


Payload: TypeAlias = aiohttp.BytesPayload | StreamedPayload


def payload_of(body: bytes | Form | FileRange | None) -> Payload | None:
    """Return what aiohttp sends for one attempt. Bytes are JSON."""
    if body is None:
        return None
    if isinstance(body, bytes):
        return aiohttp.BytesPayload(body, content_type="application/json")
    return StreamedPayload(body)
