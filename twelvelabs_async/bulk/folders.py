"""Files of folders and glob patterns, and the files that are skipped there with the reasons."""

from __future__ import annotations

import glob
import os
import stat
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import Any, Final, Literal, TypeAlias, get_args

from attrs import field, frozen

from ..errors import InvalidArgumentTypeError
from ..media.types import MediaKind, kind_of, media_type_of

SkipReason: TypeAlias = (
    Literal[
        "hidden file",
        "excluded file",
        "file not included",
        "file of unknown type",
        "link to a folder",
        "folder found before",
        "folder",
        "special file",
    ]
    | MediaKind
)
"""Reason why a file is skipped. The kind of a file is the reason if the operation does not take this kind."""

ALL_KINDS: Final[Collection[MediaKind]] = get_args(MediaKind)
RECURSIVE: Final = "**"
"""Part of a glob pattern that matches any number of folders."""


@frozen
class FoundFile:
    """A file to take, a file to skip, or a folder that cannot be read.

    Attributes:
        path: Its path.
        skipped: Reason why it is skipped, or ``None``.
        error: Reason why the folder *path* cannot be read, or ``None``.
        size: Size of a file to take in bytes, or ``None`` if it is unknown.
    """

    path: str
    skipped: SkipReason | None = None
    error: OSError | None = None
    size: int | None = None


def _lower_case(given: str | Iterable[str] | None) -> tuple[str, ...]:
    """Return patterns in lower case, by which the case of file names does not matter."""
    patterns: Iterable[Any] = [given] if isinstance(given, str) else given or ()
    return tuple(pattern.lower() if isinstance(pattern, str) else pattern for pattern in patterns)


def _require_patterns(_: object, attribute: Any, patterns: Sequence[object]) -> None:
    for pattern in patterns:
        if not isinstance(pattern, str):
            raise InvalidArgumentTypeError(
                f"{attribute.name} must be a glob pattern or several, such as '*.mp4'; got {pattern!r:.100}."
            )


@frozen
class FileSelection:
    """Files that are taken from folders and glob patterns. The bulk methods document the settings.

    Attributes:
        include: Patterns of files that are taken. Without them, *kinds* decides.
        exclude: Patterns of files that are skipped.
        include_hidden: Whether to take files and folders whose names begin with a dot.
        follow_symlinks: Whether to search folders that are links.
        kinds: Kinds of files that the operation takes.
    """

    include: Sequence[str] = field(default=(), converter=_lower_case, validator=_require_patterns)
    exclude: Sequence[str] = field(default=(), converter=_lower_case, validator=_require_patterns)
    include_hidden: bool = False
    follow_symlinks: bool = False
    kinds: Collection[MediaKind] = ALL_KINDS

    def judge(self, path: str, name: str, *, is_hidden: bool, is_named: bool = False) -> FoundFile:
        """Decide whether a file is taken.

        Args:
            path: Path of the file.
            name: Path by which patterns match.
            is_hidden: Whether the name of the file, or of a folder that contains it, begins with a dot.
            is_named: Whether the caller's glob pattern has named the file, whatever its kind.
        """
        lower = PurePath(name).as_posix().lower()
        kind = kind_of(media_type_of(name))
        reason: SkipReason | None = None
        if is_hidden and not self.include_hidden:
            reason = "hidden file"
        elif _matches(lower, self.exclude):
            reason = "excluded file"
        elif self.include and not is_named and not _matches(lower, self.include):
            reason = "file not included"
        elif not self.include and not is_named and kind not in self.kinds:
            reason = kind or "file of unknown type"
        return _examine(path) if reason is None else FoundFile(path, reason)


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


@frozen
class _Folder:
    path: str
    is_hidden: bool
    files: Sequence[tuple[str, bool]]
    """Path of each file, and whether it is hidden."""


def find_files(place: str, selection: FileSelection) -> Iterator[FoundFile]:
    """Yield a file, or the files of a folder or glob pattern and those that are skipped. ``~`` is expanded.

    Raises:
        OSError: The folder cannot be read.
    """
    place = os.path.expanduser(place)
    if os.path.isdir(place):
        yield from _find_in_folder(place, selection)
    elif os.path.exists(place):
        yield FoundFile(place, size=_examine(place).size)  # a source that is no file fails
    else:
        yield from _find_by_pattern(place, selection)


def _find_in_folder(top: str, selection: FileSelection) -> Iterator[FoundFile]:
    for found in _folders(top, selection):
        if isinstance(found, FoundFile):
            yield found
        else:
            for path, is_hidden in found.files:
                yield selection.judge(path, os.path.relpath(path, top), is_hidden=is_hidden)


def _find_by_pattern(pattern: str, selection: FileSelection) -> Iterator[FoundFile]:
    seen = set[str]()
    for found in _match(pattern, selection):
        if found.path not in seen:  # several ** match in several ways
            seen.add(found.path)
            yield found


def _match(pattern: str, selection: FileSelection, *, in_hidden: bool = False) -> Iterator[FoundFile]:
    """Yield the matches of a glob pattern.

    For ``**``, `glob` would follow links in cycles, and conceal folders that cannot be read.
    """
    parts = PurePath(pattern).parts
    if RECURSIVE not in parts:
        for path in sorted(glob.iglob(pattern, include_hidden=True)):
            pairs = zip(PurePath(path).parts, parts, strict=False)
            is_hidden = in_hidden or any(name.startswith(".") and not part.startswith(".") for name, part in pairs)
            yield selection.judge(path, path, is_hidden=is_hidden, is_named=True)
        return
    position = parts.index(RECURSIVE)
    head, tail = parts[:position], parts[position + 1 :]
    for top in sorted(glob.iglob(os.path.join(*head))) if head else [""]:
        for found in _folders(top, selection, is_hidden=in_hidden) if os.path.isdir(top or os.curdir) else ():
            if isinstance(found, FoundFile):
                yield found
            elif tail:
                inner = os.path.join(glob.escape(found.path), *tail)
                yield from _match(inner, selection, in_hidden=found.is_hidden)
            else:
                for path, is_hidden in found.files:
                    yield selection.judge(path, path, is_hidden=is_hidden, is_named=True)


def _folders(top: str, selection: FileSelection, *, is_hidden: bool = False) -> Iterator[_Folder | FoundFile]:
    """Yield a folder and its subfolders, in the order of their names, and those that are skipped or unreadable."""
    pending, seen = [(top, is_hidden)], set[tuple[int, int]]()
    while pending:
        path, is_hidden = pending.pop()
        try:
            status = os.stat(path or os.curdir)
            entries = sorted(os.scandir(path or os.curdir), key=lambda entry: entry.name)
        except OSError as error:
            if path == top:
                raise
            is_skipped = is_hidden and not selection.include_hidden
            yield FoundFile(path, "hidden file") if is_skipped else FoundFile(path, error=error)
            continue
        if (status.st_dev, status.st_ino) in seen:  # links to folders may form cycles
            yield FoundFile(path, "folder found before")
            continue
        seen.add((status.st_dev, status.st_ino))
        files: list[tuple[str, bool]] = []
        subfolders: list[tuple[str, bool]] = []
        for entry in entries:
            inner = os.path.join(path, entry.name)
            is_folder = os.path.isdir(inner) if entry.is_symlink() else entry.is_dir()
            if is_folder and entry.is_symlink() and not selection.follow_symlinks:
                yield FoundFile(inner, "link to a folder")
            else:
                (subfolders if is_folder else files).append((inner, is_hidden or entry.name.startswith(".")))
        yield _Folder(path, is_hidden, files)
        pending += reversed(subfolders)


def _examine(path: str) -> FoundFile:
    """Return a file with its size, or with the reason to skip what is not a file."""
    try:
        status = os.stat(path)
    except OSError:  # a broken link: the source fails with this error
        return FoundFile(path)
    if stat.S_ISDIR(status.st_mode):
        return FoundFile(path, "folder")
    return FoundFile(path, size=status.st_size) if stat.S_ISREG(status.st_mode) else FoundFile(path, "special file")


def format_counts(skipped: Counter[SkipReason]) -> str:
    """Return the number of skipped files by reason."""
    return ", ".join(f"{reason}: {number:,}" for reason, number in skipped.most_common())
