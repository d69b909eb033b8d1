"""What is sent: query strings, JSON, forms, and ranges of files. A body is made anew for every try."""

from __future__ import annotations

import asyncio
import io
import json
import os
import threading
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Any, Final, TypeAlias, cast
from urllib.parse import urlencode

import aiohttp
from aiohttp.abc import AbstractStreamWriter

from .models._wire import dumps, unstructure
from .options import is_given

__all__ = ["File"]

FileContent: TypeAlias = IO[bytes] | bytes | str
File: TypeAlias = (
    FileContent
    | tuple[str | None, FileContent]
    | tuple[str | None, FileContent, str | None]
    | tuple[str | None, FileContent, str | None, Mapping[str, str]]
)
"""A file to send: bytes or an open binary file, alone or as ``(name, file)``, ``(name, file, media type)`` or
``(name, file, media type, headers)``."""

Body: TypeAlias = Callable[[], Any]
"""Makes what aiohttp sends, once for each try."""

Sent: TypeAlias = Callable[[int], Awaitable[None]]
"""Is told how many bytes went out."""

PIECE: Final = 512 * 1024
"""Bytes read at once: large enough to keep threads cheap, small enough to keep memory flat."""
SLICE: Final = 64 * 1024
"""Bytes sent before others get their turn: to encrypt and copy more would hold up the event loop."""

MEDIA_TYPES: Final = {
    ".3gp": "video/3gpp",
    ".avi": "video/x-msvideo",
    ".flac": "audio/flac",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".m4a": "audio/mp4",
    ".m4v": "video/x-m4v",
    ".mkv": "video/x-matroska",
    ".mov": "video/quicktime",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".mpeg": "video/mpeg",
    ".mpg": "video/mpeg",
    ".mts": "video/mp2t",
    ".ogg": "audio/ogg",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".ts": "video/mp2t",
    ".wav": "audio/wav",
    ".webm": "video/webm",
    ".webp": "image/webp",
}
"""By suffix; the standard library takes ``.ts`` and ``.mts`` for something else."""


def media_type_of(filename: str) -> str:
    """The media type that a file name stands for; ``application/octet-stream`` if none is known."""
    return MEDIA_TYPES.get(Path(filename).suffix.lower(), "application/octet-stream")


def query_string(query: Mapping[str, Any]) -> str:
    """Encode query parameters the way the API reads them (docs: List indexed assets).

    ``None`` is left out, lists repeat the key, ranges become ``name[gte]=``.
    """
    return urlencode([pair for name, value in query.items() for pair in _pairs(name, value)])


def _pairs(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if not is_given(value):
        return
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, bool):
        yield name, "true" if value else "false"
    elif isinstance(value, int | float):
        yield name, str(value)
    elif isinstance(value, datetime):
        yield name, unstructure(value)
    elif isinstance(value, Mapping):
        for key, part in cast("Mapping[str, Any]", value).items():
            yield from _pairs(f"{name}[{key}]", part)
    elif isinstance(value, Iterable):
        for part in cast("Iterable[Any]", value):
            yield from _pairs(name, part)
    else:
        yield from _pairs(name, unstructure(value))


def json_body(value: Mapping[str, Any]) -> Body:
    """JSON of dicts, lists and models."""
    try:
        encoded = dumps(unstructure(value))
    except (TypeError, ValueError) as error:
        raise type(error)(f"This cannot be sent as JSON: {error}") from None
    return lambda: aiohttp.BytesPayload(encoded, content_type="application/json")


def form_body(fields: Mapping[str, Any], files: Iterable[tuple[str, Source]] = ()) -> Body:
    """A ``multipart/form-data`` form; mappings in it become JSON text."""
    pairs = [
        pair
        for name, value in fields.items()
        for pair in _pairs(name, json.dumps(unstructure(value)) if isinstance(value, Mapping) else value)
    ]
    files = list(files)
    return lambda: _Form(pairs, files)


class Source:
    """The bytes of a file, read by ranges from any thread, never copied whole.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is empty, or a directory.
        TypeError: It is no file at all, or one opened as text.
    """

    def __init__(
        self, content: FileContent | os.PathLike[str], *, name: str | None = None, media_type: str | None = None
    ):
        self._file: IO[Any]
        self._lock = threading.Lock()
        self._owned = isinstance(content, os.PathLike)
        self.headers: Mapping[str, str] = {}
        """Headers of the part of a form that it becomes, besides the usual ones."""
        self.meter: Callable[[], Sent] | None = None
        """Called when the whole file is about to be sent; what it returns is told of every piece."""
        self.failure: Exception | None = None
        """What went wrong while it was being sent, but not on the network: reading it, or telling of it."""
        if isinstance(content, os.PathLike):
            path = Path(content)
            if path.is_dir():
                raise ValueError(f"{path} is a directory; give a file, or a folder to client.bulk.index().")
            self._file = path.open("rb")
            if 0 < path.stat().st_size <= PIECE:
                with self._file as file:
                    self._file = io.BytesIO(file.read(PIECE))
                self._owned, name = False, name or path.name
        elif isinstance(content, str | bytes | bytearray | memoryview):
            self._file = io.BytesIO(content.encode() if isinstance(content, str) else content)
        elif hasattr(content, "read") and hasattr(content, "seek"):
            self._file = content
        else:
            raise TypeError(f"Cannot upload {type(content).__name__}: give a path, bytes, or a file that can seek.")
        own_name = getattr(self._file, "name", None)
        self.name: str = name or (Path(own_name).name if isinstance(own_name, str) else "upload")
        self.media_type: str = media_type or media_type_of(self.name)
        try:
            if not isinstance(self._file.read(0), bytes):
                raise TypeError(f"{self.name} is opened as text; open it with mode 'rb'.")
            self._start: int = self._file.tell()
            self.size: int = self._measure()
            if not self.size:
                raise ValueError(f"{self.name} is empty: there is nothing to upload.")
        except BaseException as error:
            if self._owned:
                self._file.close()
            if isinstance(error, OSError):
                raise TypeError(
                    f"{self.name} cannot be read, or cannot seek ({error}): give a file that can."
                ) from error
            raise

    @property
    def is_in_memory(self) -> bool:
        """Whether reading and closing it take no time; small files are read when they are opened."""
        return type(self._file) is io.BytesIO

    def _measure(self) -> int:
        with self._lock:
            return self._file.seek(0, os.SEEK_END) - self._start

    def _read_at(self, offset: int, size: int) -> bytes:
        with self._lock:  # one position for all readers
            self._file.seek(self._start + offset)
            data: bytes = self._file.read(size)
            while len(data) < size:  # some files read less at a time
                more = self._file.read(size - len(data))
                if not more:
                    raise OSError(f"{self.name} has become shorter while it was being sent")
                data += more
            return data

    def read(self, offset: int, size: int) -> asyncio.Future[bytes]:
        """Begin to read in a worker thread, if it may take time."""
        loop = asyncio.get_running_loop()
        if not self.is_in_memory:
            return loop.run_in_executor(None, self._read_at, offset, size)
        done: asyncio.Future[bytes] = loop.create_future()
        done.set_result(self._read_at(offset, size))
        return done

    async def measure(self) -> int:
        """The size in bytes as it is now."""
        return await asyncio.to_thread(self._measure)

    def payload(self, offset: int = 0, size: int | None = None, sent: Sent | None = None) -> FileRange:
        """The body of a request: *size* bytes from *offset* on; *sent* is told of every piece."""
        if sent is None and self.meter is not None:
            sent = self.meter()
        return FileRange(self, offset, self.size - offset if size is None else size, sent)

    def close(self) -> None:
        """Close the file if it was opened here, else leave it where it was."""
        with self._lock:
            if self._owned:
                self._file.close()
            else:
                self._file.seek(self._start)


@asynccontextmanager
async def open_source(
    content: FileContent | os.PathLike[str], *, name: str | None = None, media_type: str | None = None
) -> AsyncGenerator[Source, None]:
    """Open a file to be sent, and close it again.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is empty, or a directory.
        TypeError: It is no file at all, or one opened as text.
    """
    import anyio  # here, since only uploads need it

    opening = asyncio.get_running_loop().run_in_executor(
        None, partial(Source, content, name=name, media_type=media_type)
    )
    try:
        source = await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_close_unwanted)  # the thread goes on, and opens what nobody wants any more
        raise
    try:
        yield source
    finally:
        if source.is_in_memory:
            source.close()
        else:
            with anyio.CancelScope(shield=True):  # after a cancellation, a thread may still be reading
                await asyncio.to_thread(source.close)


def _close_unwanted(opening: asyncio.Future[Source]) -> None:
    if opening.exception() is None:
        opening.result().close()


@asynccontextmanager
async def opened(**files: Any) -> AsyncGenerator[list[tuple[str, Source]], None]:
    """Open the files of a form, each one or a list, and close them again; those left out stay out.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is empty, or a directory.
    """
    sources: list[tuple[str, Source]] = []
    async with AsyncExitStack() as stack:
        for field, given in files.items():
            for file in cast("list[Any]", given) if isinstance(given, list) else [given]:
                if not is_given(file):
                    continue
                name, content, kind, headers = _named(file)
                source = await stack.enter_async_context(open_source(content, name=name, media_type=kind))
                source.headers = headers
                sources.append((field, source))
        yield sources


def _named(
    file: File | os.PathLike[str],
) -> tuple[str | None, FileContent | os.PathLike[str], str | None, Mapping[str, str]]:
    if not isinstance(file, tuple):
        return None, file, None, {}
    return file[0], file[1], file[2] if len(file) > 2 else None, file[3] if len(file) > 3 else {}


class FileRange(aiohttp.payload.Payload):
    """A range of a file as the body of a request: the next piece is read while one is sent."""

    def __init__(self, source: Source, offset: int, size: int, sent: Sent | None) -> None:
        super().__init__(source, content_type=source.media_type)
        self.source = source
        self._start, self._end, self._sent = offset, offset + size, sent
        self._size = size

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        raise TypeError("a file is sent piece by piece, not as text")

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Send the whole range."""
        source, start, end = self.source, self._start, self._end
        ahead = source.read(start, min(PIECE, end - start))
        try:
            for offset in range(start, end, PIECE):
                piece = await ahead
                if offset + PIECE < end:
                    ahead = source.read(offset + PIECE, min(PIECE, end - offset - PIECE))
                view = memoryview(piece)
                for begin in range(0, len(piece), SLICE):
                    await writer.write(view[begin : begin + SLICE])
                    await asyncio.sleep(0)
                if self._sent is not None:
                    await self._sent(len(piece))
        except aiohttp.ClientError:
            raise
        except Exception as error:
            source.failure = error  # aiohttp takes it for a fault of the connection
            raise
        finally:
            ahead.cancel()


class _Form(aiohttp.payload.Payload):
    """A form with texts and files (RFC 7578). aiohttp's own would send every line of it by itself."""

    def __init__(self, texts: Iterable[tuple[str, str]], files: Iterable[tuple[str, Source]]) -> None:
        self._boundary = uuid.uuid4().hex
        super().__init__(None, content_type=f"multipart/form-data; boundary={self._boundary}")
        self._texts = b"".join(self._head(name) + text.encode() + b"\r\n" for name, text in texts)
        self._files = [(self._head(name, source), source.payload()) for name, source in files]
        self._end = f"--{self._boundary}--\r\n".encode()
        self._size = len(self._texts) + len(self._end)
        self._size += sum(len(head) + (file.size or 0) + len(b"\r\n") for head, file in self._files)

    def _head(self, name: str, source: Source | None = None) -> bytes:
        # Names that are not ASCII stay readable, as browsers and the official SDK send them.
        head = f'--{self._boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"'
        if source is not None:
            head += f'; filename="{_quoted(source.name)}"'
            for header, value in {"Content-Type": source.media_type, **source.headers}.items():
                head += f"\r\n{_on_one_line(header)}: {_on_one_line(value)}"
        return f"{head}\r\n\r\n".encode()

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        raise TypeError("a form is sent piece by piece, not as text")

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Send the whole form."""
        ready = self._texts
        for head, file in self._files:
            await writer.write(ready + head)
            await file.write(writer)
            ready = b"\r\n"
        await writer.write(ready + self._end)


def _quoted(name: str) -> str:
    return _on_one_line(name).replace("\\", "\\\\").replace('"', '\\"')


def _on_one_line(text: str) -> str:
    """The text without line breaks, after which a header of its own would begin."""
    return " ".join(text.splitlines())
