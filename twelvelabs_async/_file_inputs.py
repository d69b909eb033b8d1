"""Files as callers have them: paths, bytes, file objects and streams. Each becomes a file that can seek."""

from __future__ import annotations

import errno
import inspect
import io
import os
import tempfile
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Generator, Iterable, Iterator, Mapping
from contextlib import aclosing
from functools import partial
from typing import IO, Any, Final, Protocol, TypeAlias, TypeGuard

from ._threads import iterate_in_thread, run_in_thread, submit
from ._validators import require_regular_file
from .errors import InvalidArgumentError, InvalidArgumentTypeError, MissingFileError
from .options import MAX_UPLOAD

__all__ = ["File"]


class Readable(Protocol):
    """A file object."""

    def read(self, size: int, /) -> bytes | bytearray | memoryview:
        """Return at most *size* bytes; none at the end."""
        ...


class AsyncReadable(Protocol):
    """A file object whose methods are coroutine functions."""

    async def read(self, size: int, /) -> bytes | bytearray | memoryview:
        """Return at most *size* bytes; none at the end."""
        ...


FileContent: TypeAlias = (
    str
    | os.PathLike[str]
    | bytes
    | bytearray
    | memoryview
    | Readable
    | AsyncReadable
    | Iterator[bytes]
    | AsyncIterable[bytes]
)
File: TypeAlias = (
    FileContent
    | tuple[str | None, FileContent]
    | tuple[str | None, FileContent, str | None]
    | tuple[str | None, FileContent, str | None, Mapping[str, str]]
)
"""A file to upload: a path, bytes, an open binary file, or a stream, alone or as ``(name, file)``,
``(name, file, media type)`` or ``(name, file, media type, headers)``.

An open file is read from its position on, which is restored. What cannot seek is read to its end, and copied to a
temporary file before it is sent: pipes, responses, asynchronous files, iterators of bytes. The environment variable
``TMPDIR`` names the folder of the copy. One call at a time can read a file object.
"""

PIECE_BYTES: Final = 512 * 1024
"""Bytes read at once: large enough for few switches between threads, small enough for flat memory."""


def _is_path(content: object) -> TypeGuard[str | os.PathLike[str]]:
    return isinstance(content, str | os.PathLike)


def _is_bytes(content: object) -> TypeGuard[bytes]:
    return isinstance(content, bytes | bytearray | memoryview)


def name_of(content: Any) -> str | None:
    """Return the name of a file, without its folders; ``None`` if it has none."""
    # The `name` of a file that a web server has received is that of the form's field, if there is a `filename`.
    # Files of the standard library have none, except that of `gzip`, which warns.
    attributes = ("name", "path") if isinstance(content, io.IOBase) else ("filename", "name", "path")
    paths: list[Any] = [getattr(content, attribute, None) for attribute in attributes]
    for path in [content, *paths] if _is_path(content) else paths:
        if _is_path(path) or isinstance(path, bytes):
            name = os.path.basename(os.fsdecode(path))
            if name and not name.startswith("<"):  # as in <stdin>
                return name
    return None


def require_files(argument: str, files: Iterable[File]) -> list[File]:
    """Return the files in a list.

    Raises:
        TypeError: *files* is one file, whose letters, bytes or lines would be taken for files.
    """
    if _is_path(files) or _is_bytes(files) or hasattr(files, "read"):
        raise InvalidArgumentTypeError(f"{argument} must be a list of files; got one file ({type(files).__name__}).")
    return list(files)


_in_use: Final = dict[int, object]()
"""Callers' objects that uploads read, by their ids."""


def claim(content: Any) -> None:
    """Reserve a caller's object for one upload: of two, each would get a part of its content.

    Raises:
        ValueError: Another upload reads the object.
    """
    mine = object()
    if _in_use.setdefault(id(content), mine) is not mine:  # atomic, so that threads need no lock
        raise InvalidArgumentError(
            f"{name_of(content) or content!r} is being read by another upload. Open the file once for each upload, or "
            "pass its path."
        )


def release(content: Any) -> None:
    """Undo `claim`."""
    del _in_use[id(content)]


def open_input(content: Any) -> tuple[IO[Any], bool]:
    """Return a file that can seek, and whether it is ours to close.

    Raises:
        FileNotFoundError: The file does not exist.
        ValueError: The path is not that of a regular file.
        TypeError: *content* is no file.
    """
    if _is_path(content):
        return _open_path(os.path.expanduser(os.fsdecode(content))), True
    if _is_bytes(content):
        return io.BytesIO(content), True
    if hasattr(content, "read"):
        return content, isinstance(content, Copy)
    from importlib.resources.abc import Traversable  # takes long to import

    if isinstance(content, Traversable):  # such as a resource of a package in an archive
        return content.open("rb"), True
    raise InvalidArgumentTypeError(
        f"Expected a path, bytes, an open binary file or a stream of bytes; got {type(content).__name__}."
    )


def _open_path(path: str) -> IO[bytes]:
    """Open a regular file. Read it if it is small, so that no thread is needed later."""
    try:
        if "\0" in path:  # for which Python has another error
            raise FileNotFoundError(errno.ENOENT, "")
        size = require_regular_file(path).st_size
        file = open(path, "rb")  # noqa: SIM115  (returned open)
    except OSError as error:
        if error.errno not in _NO_SUCH_FILE:
            raise
        hint = "No such file. Text is the path of a file: pass content as bytes, and a URL by the argument for URLs"
        raise MissingFileError(errno.ENOENT, hint, path if len(path) < 300 else f"{path[:300]}…") from None
    if not 0 < size <= PIECE_BYTES:
        return file
    with file:
        return io.BytesIO(file.read(PIECE_BYTES))


_NO_SUCH_FILE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL)


def stream_of(content: Any) -> AsyncGenerator[Any, None] | None:
    """Return the pieces of what cannot seek; ``None`` for anything else."""
    if _is_path(content) or _is_bytes(content):
        return None
    read = getattr(content, "read", None)
    if read is not None and not _takes_size(read):
        kind = type(content).__name__
        raise InvalidArgumentTypeError(
            f"The method read() of {kind} takes no size; pass a stream, such as {_STREAMS_OF_RESPONSES}."
        )
    if inspect.iscoroutinefunction(read):
        return _async_pieces(content, _read_async(read))
    if callable(read):
        can_seek = content.seekable() if hasattr(content, "seekable") else hasattr(content, "seek")
        return None if can_seek else _blocking_pieces(content, iter(partial(read, PIECE_BYTES), b""))
    if hasattr(content, "__aiter__"):
        return _async_pieces(content, content)
    return _blocking_pieces(content, content) if hasattr(content, "__next__") else None


_STREAMS_OF_RESPONSES: Final = "response.content of aiohttp, or response.aiter_bytes() of httpx"


def _takes_size(read: Callable[..., Any]) -> bool:
    try:
        inspect.signature(read).bind(PIECE_BYTES)
    except TypeError:
        return False
    except ValueError:  # a method of an extension
        pass
    return True


async def _read_async(read: Callable[[int], Awaitable[Any]]) -> AsyncGenerator[Any, None]:
    while piece := await read(PIECE_BYTES):
        yield piece


async def _async_pieces(content: Any, pieces: AsyncIterable[Any]) -> AsyncGenerator[Any, None]:
    claim(content)
    try:
        async for piece in pieces:
            yield piece
    except RuntimeError as error:
        raise RuntimeError(
            f"Reading the {type(content).__name__} failed ({error}). An asynchronous stream may belong to one event "
            "loop: read it there with AsyncTwelveLabs."
        ) from error
    finally:
        release(content)


def _blocking_pieces(content: Any, pieces: Iterator[Any]) -> AsyncGenerator[Any, None]:
    def read() -> Generator[Any, None, None]:
        claim(content)
        try:
            yield from pieces
        finally:
            release(content)  # in the thread that reads, which may end after a cancelled call

    return iterate_in_thread(read())


class Copy(tempfile.SpooledTemporaryFile[bytes]):
    """A temporary file, in memory as long as it is small."""


async def copy_of(stream: AsyncGenerator[Any, None], name: str) -> Copy:
    """Copy a stream to a temporary file.

    Raises:
        TypeError: A piece is not bytes.
        ValueError: The stream is empty, or longer than the largest upload.
        OSError: The copy cannot be written.
    """
    copy = Copy(max_size=PIECE_BYTES)
    pending, size = bytearray(), 0
    try:
        async with aclosing(stream):
            async for piece in stream:
                if not _is_bytes(piece):
                    kind = type(piece).__name__
                    raise InvalidArgumentTypeError(
                        f"{name} must be a stream of bytes; got {kind}. Open a file with mode 'rb'."
                    )
                pending += piece
                size += len(piece)
                if size > MAX_UPLOAD:
                    raise InvalidArgumentError(f"{name} must be a stream of at most {MAX_UPLOAD} bytes; got more.")
                if len(pending) >= PIECE_BYTES:
                    await run_in_thread(_append, copy, pending)
                    pending = bytearray()
        if not size:
            raise InvalidArgumentError(f"{name} is empty, or was read before: a stream is read once, to its end.")
        await run_in_thread(_append, copy, pending)
        copy.seek(0)
    except BaseException:
        submit(copy.close)
        raise
    return copy


def _append(copy: Copy, data: bytes | bytearray) -> None:
    try:
        copy.write(data)
    except OSError as error:
        hint = f"The temporary copy of a stream cannot be written ({error.strerror}). Set TMPDIR to another folder than"
        raise OSError(error.errno, hint, tempfile.gettempdir()) from error
