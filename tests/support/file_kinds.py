"""Files as callers have them: objects of the standard library, and objects like those of web frameworks."""

# ruff: noqa: SIM115  (`file_of_kind` closes the files)

from __future__ import annotations

import asyncio
import bz2
import contextlib
import gzip
import io
import lzma
import mmap
import os
import tarfile
import tempfile
import threading
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import IO, Any

import aiohttp.web
import anyio
import multidict


class Wrapper:
    """A file object that passes all but its own attributes to another one, as those of web frameworks do."""

    def __init__(self, file: IO[bytes], **attributes: Any) -> None:
        self._file = file
        vars(self).update(attributes)

    def __bool__(self) -> bool:
        return False  # as a form's field without a filename

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class AsyncWrapper:
    """A file whose methods are coroutine functions."""

    def __init__(self, file: IO[bytes], **attributes: Any) -> None:
        self._file = file
        vars(self).update(attributes)

    async def read(self, size: int = -1) -> bytes:
        await asyncio.sleep(0)
        return self._file.read(size)

    async def seek(self, offset: int) -> None:
        self._file.seek(offset)


class _MemoryFile(io.BytesIO):
    path = "bucket/own.mp4"


class _Trickle(io.BytesIO):
    """A file that returns less than requested, in another type."""

    def read(self, size: int | None = -1) -> Any:
        return bytearray(super().read(min(size or 0, 4096)))


class Reader:
    """A file object that has only the method ``read``, which returns pieces of a type."""

    def __init__(self, content: bytes, kind: Callable[[bytes], Any] = bytes) -> None:
        self._file = io.BytesIO(content)
        self._kind = kind

    def read(self, size: int) -> Any:
        return self._kind(self._file.read(min(size, 4096)))


def _pipe(content: bytes) -> IO[bytes]:
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb") as file:
            file.write(content)

    threading.Thread(target=write, daemon=True).start()  # the pipe holds less
    return os.fdopen(reading, "rb")


def _pieces(content: bytes) -> Iterator[Any]:
    yield from (content[:1], bytearray(content[1:2]), memoryview(content[2:]), b"")


async def _async_pieces(content: bytes) -> AsyncIterator[Any]:
    for piece in _pieces(content):
        await asyncio.sleep(0)
        yield piece


def _stream_reader(content: bytes) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    reader.feed_data(content)
    reader.feed_eof()
    return reader


def _compressed(open_: Callable[..., Any], path: Path) -> Any:
    packed = path.with_name("packed")
    with open_(packed, "wb") as file:
        file.write(path.read_bytes())
    return open_(packed, "rb")


def _zip(path: Path) -> Path:
    packed = path.with_name("a.zip")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, "folder/in.mp4")
    return packed


def _tar_member(path: Path) -> Any:
    packed = path.with_name("a.tar.gz")
    with tarfile.open(packed, "w:gz") as archive:
        archive.add(path, "folder/in.mp4")
    return tarfile.open(packed).extractfile("folder/in.mp4")


def _temporary(file: Any, path: Path) -> Any:
    file.write(path.read_bytes())
    file.seek(0)
    return file


def _mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


SEEKABLE: dict[str, tuple[Callable[[Path], Any], str | None]] = {
    "open file": (lambda path: path.open("rb"), "talk.mp4"),
    "raw file": (lambda path: path.open("rb", buffering=0), "talk.mp4"),
    "file of a path in bytes": (lambda path: open(os.fsencode(path), "rb"), "talk.mp4"),
    "BytesIO": (lambda path: io.BytesIO(path.read_bytes()), None),
    "mmap": (_mapped, None),
    "NamedTemporaryFile": (lambda path: _temporary(tempfile.NamedTemporaryFile(suffix=".mp4"), path), None),
    "TemporaryFile": (lambda path: _temporary(tempfile.TemporaryFile(), path), None),
    "SpooledTemporaryFile": (lambda path: _temporary(tempfile.SpooledTemporaryFile(100), path), None),
    "file of a form in Flask": (lambda path: Wrapper(path.open("rb"), filename="talk.mp4", name="video"), "talk.mp4"),
    "file of a form in Django": (lambda path: Wrapper(path.open("rb"), name="own.mp4", size=5), "own.mp4"),
    "file of fsspec": (lambda path: _MemoryFile(path.read_bytes()), "own.mp4"),
    "file of bytearrays": (lambda path: _Trickle(path.read_bytes()), None),
    "gzip": (lambda path: _compressed(gzip.open, path), None),
    "bz2": (lambda path: _compressed(bz2.open, path), None),
    "lzma": (lambda path: _compressed(lzma.open, path), None),
    "member of a zip": (lambda path: zipfile.ZipFile(_zip(path)).open("folder/in.mp4"), "in.mp4"),
    "member of a tar": (_tar_member, None),
}
"""File objects that can seek, each with its name."""

STREAMS: dict[str, tuple[Callable[[Path], Any], str | None]] = {
    "pipe": (lambda path: _pipe(path.read_bytes()), None),
    "reader": (lambda path: Reader(path.read_bytes()), None),
    "reader of bytearrays": (lambda path: Reader(path.read_bytes(), bytearray), None),
    "reader of memoryviews": (lambda path: Reader(path.read_bytes(), memoryview), None),
    "generator": (lambda path: _pieces(path.read_bytes()), None),
    "asynchronous generator": (lambda path: _async_pieces(path.read_bytes()), None),
    "stream of asyncio": (lambda path: _stream_reader(path.read_bytes()), None),
    "asynchronous file": (lambda path: AsyncWrapper(path.open("rb"), name=str(path)), "talk.mp4"),
    "file of a form in Starlette": (
        lambda path: AsyncWrapper(path.open("rb"), filename="own.mp4"),
        "own.mp4",
    ),
    "file of anyio": (lambda path: anyio.AsyncFile(path.open("rb")), "talk.mp4"),
}
"""What is read once, to its end."""

OTHERS: dict[str, tuple[Callable[[Path], Any], str | None]] = {
    "text": (str, "talk.mp4"),
    "path": (lambda path: path, "talk.mp4"),
    "path of anyio": (anyio.Path, "talk.mp4"),
    "text with a tilde": (lambda path: "~/talk.mp4", "talk.mp4"),
    "path with a tilde": (lambda path: Path("~/talk.mp4"), "talk.mp4"),
    "bytes": (lambda path: path.read_bytes(), None),
    "bytearray": (lambda path: bytearray(path.read_bytes()), None),
    "memoryview": (lambda path: memoryview(path.read_bytes()), None),
    "resource in an archive": (lambda path: zipfile.Path(_zip(path), "folder/in.mp4"), "in.mp4"),
    "file of a form in aiohttp": (
        lambda path: aiohttp.web.FileField(
            "video", "own.mp4", path.open("rb"), "video/mp4", multidict.CIMultiDictProxy(multidict.CIMultiDict())
        ),
        "own.mp4",
    ),
    "tuple": (lambda path: ("own.mp4", path), "own.mp4"),
}
KINDS = SEEKABLE | STREAMS | OTHERS


@contextlib.contextmanager
def file_of_kind(kind: str, path: Path) -> Iterator[tuple[Any, str | None]]:
    """Yield an object that has the content of *path*, and its name; close it at the end."""
    make, name = KINDS[kind]
    file = make(path)
    yield file, name
    inner = getattr(file, "wrapped", getattr(file, "_file", file))
    for opened in (inner, getattr(file, "file", None)):
        if hasattr(opened, "close"):
            opened.close()
