"""Decoding of streamed responses: newline-delimited JSON and server-sent events."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import AsyncIterator, Callable
from typing import Any, Final, cast

from .errors import APIResponseError
from .models._wire import loads

MAX_EVENT_BYTES: Final = 16 * 1024 * 1024
"""At most this many bytes of a line or an event; the longest answer of an analysis has less than 1 MB."""

MAX_QUOTED_LENGTH: Final = 64 * 1024
"""Start of a line that an error quotes."""


async def json_lines(
    request: object, pieces: AsyncIterator[bytes], redact: Callable[[Any], Any], *, required_field: str
) -> AsyncIterator[dict[str, Any]]:
    """Decode newline-delimited JSON objects. Blank lines are skipped.

    Args:
        request: The request, for the text of errors.
        pieces: Pieces of the response as they arrive.
        redact: Removes secrets from what an error quotes.
        required_field: A field of every object, except of one with which the API reports an error.

    Raises:
        APIResponseError: A line is not a JSON object, or the API reports an error.
    """
    async for line in split_lines(pieces, request):
        if line.strip():
            try:
                data = _decode(request, line.decode(errors="replace"), redact, required_field)
            except APIResponseError as error:
                error.__traceback__ = None  # which would show the line
                raise
            yield data


async def server_sent_events(
    request: object, pieces: AsyncIterator[bytes], redact: Callable[[Any], Any]
) -> AsyncIterator[dict[str, Any]]:
    """Decode the JSON objects in server-sent events, up to ``[DONE]``.

    Args:
        request: The request, for the text of errors.
        pieces: Pieces of the response as they arrive.
        redact: Removes secrets from what an error quotes.

    Raises:
        APIResponseError: An event is not a JSON object, the API reports an error, or the stream ends without
            ``[DONE]``.
    """
    async for data in _event_data(pieces, request):
        text = data.decode(errors="replace")
        if text.strip() == "[DONE]":
            return
        try:
            event = _decode(request, text, redact, "type")
        except APIResponseError as error:
            error.__traceback__ = None  # which would show the event
            raise
        yield event
    raise incomplete_stream(request)


def incomplete_stream(request: object) -> APIResponseError:
    """Make the error of a stream that ends without its last event."""
    return APIResponseError(f"{request}: the stream ended without its last event, so the result is incomplete.")


async def split_lines(pieces: AsyncIterator[bytes], request: object) -> AsyncIterator[bytes]:
    r"""Join pieces and split them at ``\n`` only: text may contain other line ends of Unicode.

    Raises:
        APIResponseError: A line is longer than 16 MiB.
    """
    line = bytearray()
    async for piece in pieces:
        first, *others = piece.split(b"\n")
        line += first
        for other in others:
            yield bytes(line)
            line = bytearray(other)
        _check_size(len(line), request)
    if line:
        yield bytes(line)


def _check_size(size: int, request: object) -> None:
    if size > MAX_EVENT_BYTES:
        raise APIResponseError(f"{request}: the stream has a line or event of more than {MAX_EVENT_BYTES >> 20} MiB.")


async def _event_data(pieces: AsyncIterator[bytes], request: object) -> AsyncIterator[bytes]:
    """Yield the data of server-sent events (WHATWG HTML, section 9.2). An incomplete event has none."""
    data: list[bytes] = []
    size = 0
    bom = BOM_UTF8
    async for line in split_lines(_normalize_newlines(pieces), request):
        name, _, value = line.removeprefix(bom).partition(b":")
        bom = b""
        if name == b"data":
            data.append(value.removeprefix(b" "))
            size += len(line)
            _check_size(size, request)
        elif not line and data:
            yield b"\n".join(data)
            data, size = [], 0


async def _normalize_newlines(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    r"""Replace ``\r\n`` and ``\r`` by ``\n``, also where a piece ends between the two."""
    ends_with_cr = False
    async for piece in pieces:
        rest = piece.removeprefix(b"\n") if ends_with_cr else piece
        ends_with_cr = piece.endswith(b"\r") if piece else ends_with_cr
        yield rest.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _decode(request: object, text: str, redact: Callable[[Any], Any], required_field: str) -> dict[str, Any]:
    data: dict[str, Any] | None
    try:
        data = loads(text.encode())
    except (ValueError, RecursionError):
        data = None
    if type(data) is not dict:
        quoted = redact(text[:MAX_QUOTED_LENGTH])
        raise APIResponseError(
            f"{request}: expected a JSON object in the stream; got {quoted[:100]!r}.", body=quoted[:2000]
        )
    reported: object = data.get("error", data)
    if data.get(required_field, "error") == "error" and isinstance(reported, dict) and "message" in reported:
        body, fields = redact(data), cast("dict[str, Any]", redact(reported))
        code, message = (value if isinstance(value := fields.get(name), str) else None for name in ("code", "message"))
        raise APIResponseError(
            f"{request}: the stream reports {code or 'an error'}: {message}", code=code, message=message, body=body
        )
    return data
