"""Files to upload, and ranges of them, read piece by piece in worker threads."""

from __future__ import annotations

import asyncio
import io
import os
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any, ClassVar, Final, TypeAlias, cast

from attrs import frozen

from ._threads import open_in_thread, run_in_thread, submit
from ._validators import require_header, require_regular_file
from .media.types import media_type_of
from .options import is_given

__all__ = ["File"]

FileContent: TypeAlias = IO[bytes] | bytes | str
File: TypeAlias = (
    FileContent
    | tuple[str | None, FileContent]
    | tuple[str | None, FileContent, str | None]
    | tuple[str | None, FileContent, str | None, Mapping[str, str]]
)
"""A file to upload: bytes or an open binary file, alone or as ``(name, file)``, ``(name, file, media type)`` or
``(name, file, media type, headers)``."""

OnSent: TypeAlias = Callable[[int], Awaitable[None]]
"""Receives the size of each piece that was sent."""

PIECE_BYTES: Final = 512 * 1024
"""Bytes read at once: large enough for few switches between threads, small enough for flat memory."""


class UploadFile:
    """A file handle to be uploaded. Any thread can read any range of it.

    Args:
        content: A path, bytes, text, or an open binary file that can seek.
        name: Name to send. Default: that of the file.
        media_type: Media type to send. Default: by the suffix of the name.

    Attributes:
        name: Name to send.
        media_type: Media type to send.
        size: Size in bytes when it was opened.
        headers: Further headers of the part of a form that holds the file.
        on_attempt: Called when an attempt to send the whole file begins; returns the callback for each sent piece.

    Raises:
        FileNotFoundError: The file does not exist.
        ValueError: The file is empty, or a directory.
        TypeError: The file cannot be read or seek, or is opened as text.
    """

    def __init__(
        self, content: FileContent | os.PathLike[str], *, name: str | None = None, media_type: str | None = None
    ) -> None:
        self._file, self._is_owned = _open(content)
        self._lock = threading.Lock()
        own_name = os.fspath(content) if isinstance(content, os.PathLike) else getattr(self._file, "name", None)
        self.name: str = name or (Path(own_name).name if isinstance(own_name, str) else "upload")
        self.media_type: str = media_type or media_type_of(self.name)
        self.headers: Mapping[str, str] = {}
        self.on_attempt: Callable[[], OnSent] | None = None
        try:
            if not isinstance(self._file.read(0), bytes):
                raise TypeError(f"{self.name} is opened as text; open it with mode 'rb'.")
            self._start: int = self._file.tell()
            self.size: int = self._measure()
            if not self.size:
                raise ValueError(f"{self.name} is empty; expected a file with content.")
        except BaseException as error:
            if self._is_owned:
                self._file.close()
            if isinstance(error, OSError):
                raise TypeError(f"{self.name} must be a file that can be read and can seek ({error}).") from error
            raise

    @property
    def is_in_memory(self) -> bool:
        """True if reading and closing the file take no time; small files are read when they are opened."""
        return type(self._file) is io.BytesIO

    def _measure(self) -> int:
        with self._lock:
            return self._file.seek(0, os.SEEK_END) - self._start

    async def measure(self) -> int:
        """Return the present size in bytes."""
        return await run_in_thread(self._measure)

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
            data: bytes = self._file.read(size)
            while len(data) < size:  # raw files may return less
                more = self._file.read(size - len(data))
                if not more:
                    raise OSError(f"{self.name} was shortened while it was being sent.")
                data += more
            return data

    def range(self, offset: int = 0, size: int | None = None, on_sent: OnSent | None = None) -> FileRange:
        """Return *size* bytes from *offset* on as the body of a request. Default: the whole file."""
        return FileRange(self, offset, self.size - offset if size is None else size, on_sent)

    def close(self) -> None:
        """Close the file if it was opened here; otherwise restore its position."""
        with self._lock:
            if self._is_owned:
                self._file.close()
            else:
                self._file.seek(self._start)


def _open(content: FileContent | os.PathLike[str]) -> tuple[IO[Any], bool]:
    """Return an open file, and whether it is ours to close."""
    if isinstance(content, os.PathLike):
        path = Path(content)
        size = require_regular_file(path).st_size
        file = path.open("rb")
        if not 0 < size <= PIECE_BYTES:
            return file, True
        with file:
            return io.BytesIO(file.read(PIECE_BYTES)), False
    if isinstance(content, str):
        return io.BytesIO(content.encode()), False
    if isinstance(content, bytes | bytearray | memoryview):
        return io.BytesIO(content), False
    if hasattr(content, "read") and hasattr(content, "seek"):
        return content, False
    raise TypeError(f"Expected a path, bytes, or a binary file that can seek; got {type(content).__name__}.")


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
async def open_file(
    content: FileContent | os.PathLike[str], *, name: str | None = None, media_type: str | None = None
) -> AsyncGenerator[UploadFile, None]:
    """Open a file to be uploaded, and close it at the end; raise as `UploadFile` does."""
    async with open_in_thread(partial(UploadFile, content, name=name, media_type=media_type)) as file:
        yield file


@asynccontextmanager
async def open_files(**files: Any) -> AsyncGenerator[list[tuple[str, UploadFile]], None]:
    """Open the files of a form, each one file or a list; omitted ones are skipped.

    Raises:
        FileNotFoundError: A file does not exist.
        ValueError: A file is empty, or a directory.
    """
    opened: list[tuple[str, UploadFile]] = []
    async with AsyncExitStack() as stack:
        for field, given in files.items():
            for file in cast("list[Any]", given) if isinstance(given, list) else [given]:
                if not is_given(file):
                    continue
                name, content, media_type, headers = _unpacked(file)
                for header, value in {"Content-Type": media_type or "", **headers}.items():
                    require_header("headers of the file", header, value)
                upload_file = await stack.enter_async_context(open_file(content, name=name, media_type=media_type))
                upload_file.headers = headers
                opened.append((field, upload_file))
        yield opened


def _unpacked(
    file: File | os.PathLike[str],
) -> tuple[str | None, FileContent | os.PathLike[str], str | None, Mapping[str, str]]:
    """Return name, content, media type and headers of a file."""
    if not isinstance(file, tuple):
        return None, file, None, {}
    return file[0], file[1], file[2] if len(file) > 2 else None, file[3] if len(file) > 3 else {}
