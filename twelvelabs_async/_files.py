"""Files to upload, and ranges of them, read piece by piece in worker threads."""

from __future__ import annotations

import asyncio
import io
import os
import tempfile
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, ClassVar, Final, TypeAlias, cast

from attrs import frozen

from ._file_inputs import PIECE_BYTES, File, claim, copy_of, name_of, open_input, release, stream_of
from ._threads import open_in_thread, run_in_thread, submit
from ._validators import require_header
from .errors import InvalidArgumentError, InvalidArgumentTypeError
from .media.types import media_type_of
from .options import is_given

OnSent: TypeAlias = Callable[[int], Awaitable[None]]
"""Receives the size of each piece that was sent."""


class UploadFile:
    """A file handle to be uploaded. Any thread can read any range of it.

    Args:
        content: What `open_input` accepts.
        name: Name to send.
        media_type: Media type to send. Default: by the suffix of the name.
        headers: Further headers of the part of a form that holds the file.

    Attributes:
        name: Name to send.
        media_type: Media type to send.
        headers: Further headers of the part of a form that holds the file.
        size: Size in bytes when it was opened.
        on_attempt: Called when an attempt to send the whole file begins; returns the callback for each sent piece.

    Raises:
        FileNotFoundError: The file does not exist.
        ValueError: The file is empty, at its end, or no regular file, or another upload reads it.
        TypeError: The file cannot be read, or is opened as text.
    """

    def __init__(self, content: Any, name: str, media_type: str | None, headers: Mapping[str, str]) -> None:
        self.name: str = name
        self.media_type: str = media_type or media_type_of(name)
        self.headers: Mapping[str, str] = headers
        self.on_attempt: Callable[[], OnSent] | None = None
        self._lock: Final = threading.Lock()
        self._next_part: Final = asyncio.Lock()
        self._file, self._is_owned = open_input(content)
        if not self._is_owned:
            claim(self._file)
        try:
            self._start: int = self._find_start()
            self.size: int = self._measure()
            self._modified: int | None = self._modification_time()
            if self.size <= 0:
                found = f"at its end, after {self._start} bytes: call seek(0)" if self._start else "empty"
                raise InvalidArgumentError(f"{self.name} is {found}; expected a file with content.")
        except BaseException:
            self._release()
            raise

    def _find_start(self) -> int:
        try:
            if not isinstance(self._file.read(0), bytes | bytearray | memoryview):
                raise InvalidArgumentTypeError(f"{self.name} is opened as text; open it with mode 'rb'.")
            return self._file.tell()
        except io.UnsupportedOperation as error:
            raise InvalidArgumentTypeError(f"{self.name} must be a file that can be read ({error}).") from error

    @property
    def is_in_memory(self) -> bool:
        """True if reading and closing the file take no time; small files are read when they are opened."""
        return type(self._file) is io.BytesIO

    def _measure(self) -> int:
        with self._lock:
            self._file.seek(0, os.SEEK_END)
            return self._file.tell() - self._start  # mmap.seek returns no position before Python 3.13

    def _modification_time(self) -> int | None:
        """Return the time of the last change in nanoseconds; ``None`` for what is no file of the system."""
        if isinstance(self._file, io.FileIO | io.BufferedReader | io.BufferedRandom):
            with suppress(OSError, AttributeError):  # a reader of something in memory, or in an archive
                return os.fstat(self._file.fileno()).st_mtime_ns  # pyright: ignore[reportUnknownMemberType]
        return None

    async def has_changed(self) -> bool:
        """Return whether the file was changed since it was opened."""
        return await run_in_thread(lambda: self._measure() != self.size or self._modification_time() != self._modified)

    def read(self, offset: int, size: int) -> asyncio.Future[bytes]:
        """Begin to read in a worker thread, or at once if the file is in memory."""
        if not self.is_in_memory:
            return submit(self._read_at, offset, size)
        done: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        done.set_result(self._read_at(offset, size))
        return done

    def _read_at(self, offset: int, size: int) -> bytes:
        with self._lock:  # all readers share the position of the file
            self._file.seek(self._start + offset)
            pieces: list[bytes] = []
            missing = size
            while missing:
                piece = self._file.read(missing)  # raw files may return less
                if not piece:
                    raise OSError(f"{self.name} was shortened while it was being sent.")
                pieces.append(piece)
                missing -= len(piece)
            if offset + size == self.size:  # before the end of the request that sends it
                if self._file.read(1):
                    raise OSError(f"{self.name} has grown while it was being sent.")
                if self._modification_time() != self._modified:
                    raise OSError(f"{self.name} was changed while it was being sent.")
            return b"".join(pieces)

    def range(self, offset: int = 0, size: int | None = None, on_sent: OnSent | None = None) -> FileRange:
        """Return *size* bytes from *offset* on as the body of a request. Default: the whole file."""
        return FileRange(self, offset, self.size - offset if size is None else size, on_sent)

    async def part(self, offset: int, size: int) -> FileRange:
        """Return a range that several requests can send.

        A decompressor or a remote file, which would start over for a lower offset, is read in the order of the calls,
        and the part is kept in memory.
        """
        if isinstance(self._file, _RANDOM_ACCESS):
            return self.range(offset, size)
        async with self._next_part:
            data = await self.read(offset, size)
        return UploadFile(data, self.name, self.media_type, {}).range()

    def close(self) -> None:
        """Close the file if it was opened here; otherwise restore its position."""
        with self._lock:
            if not self._is_owned:
                with suppress(OSError, ValueError):  # the caller has closed it
                    self._file.seek(self._start)
            self._release()

    def _release(self) -> None:
        if self._is_owned:
            self._file.close()
        else:
            release(self._file)


_RANDOM_ACCESS: Final = (io.BytesIO, io.FileIO, io.BufferedReader, io.BufferedRandom, tempfile.SpooledTemporaryFile)


@frozen
class FileRange:
    """A range of a file as the body of a request."""

    file: UploadFile
    offset: int
    size: int
    on_sent: OnSent | None = None

    content_type: ClassVar[str] = "application/octet-stream"
    """Media type of the body, which is no file of its own."""

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield the range for one attempt. The next piece is read while one is sent."""
        end = self.offset + self.size
        next_piece = self.file.read(self.offset, min(PIECE_BYTES, self.size))
        try:
            for offset in range(self.offset, end, PIECE_BYTES):
                piece = await next_piece
                if (following := offset + PIECE_BYTES) < end:
                    next_piece = self.file.read(following, min(PIECE_BYTES, end - following))
                yield piece
                if self.on_sent is not None:
                    await self.on_sent(len(piece))
        finally:
            next_piece.cancel()


@asynccontextmanager
async def open_file(file: File, *, name: str | None = None) -> AsyncGenerator[UploadFile, None]:
    """Open a file to be uploaded, and close it at the end.

    Args:
        file: The file.
        name: Name to send. Default: the one in *file*, or else that of the file.

    Raises:
        FileNotFoundError: The file does not exist.
        ValueError: The file is empty, at its end, closed, or no regular file; another upload reads it; or its name is
            not valid Unicode.
        TypeError: The file cannot be read, or is opened as text.
    """
    name, content, media_type, headers = _unpacked(file, name)
    if getattr(content, "closed", False) is True:
        raise InvalidArgumentError(f"{name} is closed; expected an open file.")
    if (stream := stream_of(content)) is not None:
        content = await copy_of(stream, name)
    async with open_in_thread(UploadFile, content, name, media_type, headers) as opened:
        yield opened


def _unpacked(file: Any, name: str | None) -> tuple[str, Any, str | None, Mapping[str, str]]:
    """Return name, content, media type and headers of a file."""
    given = cast("tuple[Any, ...]", file if isinstance(file, tuple) else (None, file))
    if not 2 <= len(given) <= 4:
        raise InvalidArgumentTypeError(
            f"Expected (name, file), (name, file, type) or (name, file, type, headers); got {given!r:.100}."
        )
    content, media_type, headers = cast("list[Any]", [*given, None, None][1:4])
    name = str(name or given[0] or name_of(content) or "upload")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise InvalidArgumentError(
            f"The file name {name!r} is not valid Unicode. Pass another name: filename=, or (name, file)."
        ) from None
    all_headers: dict[str, Any] = {"Content-Type": media_type or "", **(headers or {})}
    for header, value in all_headers.items():
        require_header("headers of the file", header, value)
    if hasattr(content, "file") and not hasattr(content, "read"):  # of a form that aiohttp's server has received
        content = content.file
    return name, content, media_type, headers or {}


@asynccontextmanager
async def open_files(**files: Any) -> AsyncGenerator[list[tuple[str, UploadFile]], None]:
    """Open the files of a form, each one file or a list; omitted ones are skipped; raise as `open_file` does."""
    opened: list[tuple[str, UploadFile]] = []
    async with AsyncExitStack() as stack:
        for field, given in files.items():
            for file in cast("list[Any]", given) if isinstance(given, list) else [given]:
                if is_given(file):
                    upload_file = await stack.enter_async_context(open_file(file))
                    opened.append((field, upload_file))
        yield opened
