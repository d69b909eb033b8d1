"""Files that appear complete or not at all."""

from __future__ import annotations

import io
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias, cast
from uuid import uuid4

from .errors import InvalidArgumentTypeError

Target: TypeAlias = str | os.PathLike[str] | BinaryIO
"""A path, or an open binary file."""


class ReplacedFile:
    """A new file beside *path*, which takes its place and its mode with `commit`. Without it, `close` deletes it.

    A path that is no regular file, such as a named pipe, is written to directly.

    Args:
        path: Path of the file.
        is_private: Whether its owner alone can read it, whatever the mode of the former file.

    Raises:
        OSError: The file was not created.
    """

    def __init__(self, path: str | os.PathLike[str], *, is_private: bool = False) -> None:
        given = Path(os.path.expanduser(path))
        self._path: Final = given.resolve()  # a symbolic link stays one
        is_special = given.exists() and not given.is_file()
        self._is_private: Final = is_private
        self._temporary = None if is_special else self._path.with_name(f".{uuid4().hex}.tmp")
        try:
            if self._temporary is not None:
                self._temporary.touch(0o600 if is_private else 0o666, exist_ok=False)
            self.file: Final[BinaryIO] = (self._temporary or given).open("wb")
        except OSError as error:
            error.filename = os.fspath(given)  # the one that the caller knows
            raise

    def commit(self) -> None:
        """Put the file in the place of the former one.

        Raises:
            OSError: The file cannot be written. The former one stays.
        """
        self.file.flush()
        if self._temporary is not None:
            os.fsync(self.file.fileno())
            self.file.close()
            if self._path.exists() and not self._is_private:
                shutil.copymode(self._path, self._temporary)
            os.replace(self._temporary, self._path)
            self._temporary = None

    def close(self) -> None:
        """Close the file, and delete it if it is incomplete."""
        with suppress(OSError):  # of a full disk, which `write` has reported
            self.file.close()
        if self._temporary is not None:
            self._temporary.unlink(missing_ok=True)


class TargetFile:
    """*target*: an open binary file, or a file at that path, which appears with `commit`, as a `ReplacedFile` does.

    Raises:
        OSError: The file was not created.
        TypeError: *target* is neither a path nor a binary file.
    """

    def __init__(self, target: Target) -> None:
        self._replaced: Final = ReplacedFile(target) if isinstance(target, str | os.PathLike) else None
        if self._replaced is not None:
            target = self._replaced.file
        elif not hasattr(target, "write") or isinstance(target, io.TextIOBase):
            raise InvalidArgumentTypeError(
                f"file must be a path or an open binary file, such as sys.stdout.buffer; got {target!r:.100}."
            )
        self.file: Final[BinaryIO] = cast("BinaryIO", target)

    def commit(self) -> None:
        """Put a file at a path in the place of the former one.

        Raises:
            OSError: The file cannot be written. The former one stays.
        """
        if self._replaced is not None:
            self._replaced.commit()

    def close(self) -> None:
        """Delete a file at a path if it is incomplete. An open file stays open."""
        if self._replaced is not None:
            self._replaced.close()
