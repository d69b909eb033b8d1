"""What to work on, read lazily: paths, folders, globs, URLs, asset ids, and iterables of them."""

from __future__ import annotations

import asyncio
import glob
import os
import re
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Iterator, Mapping
from contextlib import aclosing
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Final, Literal, TypeAlias, TypeGuard, cast
from urllib.parse import unquote, urlsplit

from attrs import evolve, frozen

from .._files import MEDIA_TYPES
from ..models._base import UserMetadata

Source: TypeAlias = str | os.PathLike[str] | tuple[str | os.PathLike[str], UserMetadata]
Sources: TypeAlias = Source | Iterable[Source] | AsyncIterable[Source]
Ids: TypeAlias = str | Iterable[str] | AsyncIterable[str]

MARK: Final = "bulk_token"
"""Key in the ``user_metadata`` of an asset that says which source it was created for."""
ASSET_ID: Final = re.compile("[0-9a-f]{24}")
BATCH: Final = 256
LONGEST_NAME: Final = 255
"""Characters of an asset's name (docs: Multipart uploads)."""


@frozen
class Item:
    """One thing to work on.

    Attributes:
        source: The path, URL or asset id.
        kind: Which of these it is.
        user_metadata: The caller's own data about it.
        error: Why it is no good.
    """

    source: str
    kind: Literal["file", "url", "asset"] = "file"
    user_metadata: UserMetadata | None = None
    error: Exception | None = None

    @property
    def key(self) -> str:
        """The source by a name that is the same wherever the process runs."""
        return os.path.abspath(self.source) if self.kind == "file" else self.source

    def stamp(self) -> tuple[int, int]:
        """Bytes of the file, and when it was changed last, in nanoseconds, as SQLite can hold them."""
        facts = os.stat(self.key)
        return facts.st_size, facts.st_mtime_ns % 2**63

    @property
    def filename(self) -> str:
        """The name its asset gets."""
        name = Path(self.source).name
        if self.kind == "url":
            url = urlsplit(self.source)
            name = PurePosixPath(unquote(url.path)).name or url.hostname or ""
        mark = "" if self.token is None else f"{self.token}-"  # found at once, however many have that name
        return mark + name[len(mark) - LONGEST_NAME :]

    @property
    def token(self) -> str | None:
        """What its asset is known by, if the caller says so."""
        token = (self.user_metadata or {}).get(MARK)
        return None if token is None else str(token)


async def read(sources: Sources) -> AsyncGenerator[Item, None]:
    """Yield what *sources* name, one by one.

    Raises:
        FileNotFoundError: It is a single path and there is nothing.
        TypeError: It is nothing that can be indexed.
    """
    alone = isinstance(sources, str | os.PathLike) or _is_pair(sources)
    async with aclosing(_each([sources] if alone else sources)) as each:
        async for source in each:
            async with aclosing(_expand(source, alone=alone)) as items:
                async for item in items:
                    yield item


async def read_ids(asset_ids: Ids) -> AsyncGenerator[Item, None]:
    """Yield the assets with these ids, one by one, after reading all of them."""
    async with aclosing(_each([asset_ids] if isinstance(asset_ids, str) else asset_ids)) as each:
        known = [str(asset_id) async for asset_id in each]  # the pages of a list shift when what is on them is deleted
    for asset_id in known:
        yield Item(asset_id, "asset")


async def _each(sources: object) -> AsyncGenerator[object, None]:
    if isinstance(sources, AsyncIterable):
        async for source in cast("AsyncIterable[object]", sources):
            yield source
    elif isinstance(sources, Iterable):
        for source in cast("Iterable[object]", sources):
            yield source
    else:
        raise TypeError(f"Cannot index {type(sources).__name__}: give paths, URLs, or asset ids.")


def _is_pair(source: object) -> TypeGuard[tuple[str | os.PathLike[str], UserMetadata]]:
    """Whether it is a source with the caller's own data about it; a tuple of anything else is just an iterable."""
    parts = cast("tuple[object, ...]", source) if isinstance(source, tuple) else ()
    return len(parts) == 2 and isinstance(parts[1], Mapping)


async def _expand(source: object, *, alone: bool) -> AsyncGenerator[Item, None]:
    place, metadata = source if _is_pair(source) else (source, None)
    if not isinstance(place, str | os.PathLike):
        yield Item(repr(place), error=TypeError(f"Cannot index {place!r}: give a path, a URL, or an asset id."))
        return
    text = os.fspath(cast("str | os.PathLike[str]", place))
    if text.startswith(("http://", "https://")):
        yield Item(text, "url", metadata)
        return
    if ASSET_ID.fullmatch(text):
        yield Item(text, "asset", metadata)
        return
    paths = _files(text)
    try:
        while batch := await asyncio.to_thread(list, islice(paths, BATCH)):
            for item in batch:
                yield evolve(item, user_metadata=metadata)
    except OSError as error:
        if alone:
            raise
        yield Item(text, error=error)


def _files(text: str) -> Iterator[Item]:
    """The files that a path, a folder or a glob pattern stands for, in order of their names."""
    if os.path.isdir(text):
        found = _media_files(Path(text))
    elif os.path.exists(text):
        found = iter([Item(text)])
    else:
        found = (Item(path) for path in sorted(glob.iglob(text, recursive=True)) if not os.path.isdir(path))
    first = next(found, None)
    if first is None:
        raise FileNotFoundError(
            f"{text}: there is no such file, no media file in that folder, or nothing that matches."
        )
    yield first
    yield from found


def _media_files(folder: Path) -> Iterator[Item]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.startswith("."):  # as in glob patterns; such files are seldom what their suffix says
            continue
        if entry.is_dir(follow_symlinks=False):  # a link may lead back up
            try:
                yield from _media_files(Path(entry.path))
            except OSError as error:  # other folders may be readable
                yield Item(entry.path, error=error)
        elif Path(entry.name).suffix.lower() in MEDIA_TYPES:
            yield Item(entry.path)
