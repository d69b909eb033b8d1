"""Sources of a bulk run, read lazily: paths, folders, glob patterns, URLs, asset ids, and iterables of these."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Collection, Iterable, Mapping
from contextlib import aclosing
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal, TypeAlias, TypeGuard, cast
from urllib.parse import unquote, urlsplit

from attrs import evolve, frozen

from .._api_key import redact_signatures
from .._threads import iterate_in_thread, run_in_thread
from .._urls import is_url, unsigned_url, web_url
from .._validators import require_regular_file
from ..errors import InvalidArgumentTypeError, MissingFileError
from ..models._base import UserMetadata
from ..models._wire import dumps
from .analyze_source import AnalyzeSource
from .folders import FileSelection, SkipReason, find_files, format_counts
from .journal import FileStamp

Source: TypeAlias = str | os.PathLike[str] | tuple[str | os.PathLike[str], UserMetadata]
Sources: TypeAlias = Source | Iterable[Source] | AsyncIterable[Source]
AnalyzeSources: TypeAlias = (
    Source | AnalyzeSource | Iterable[Source | AnalyzeSource] | AsyncIterable[Source | AnalyzeSource]
)
AssetIds: TypeAlias = str | Iterable[str] | AsyncIterable[str]

TOKEN_KEY: Final = "bulk_token"  # noqa: S105  (not a secret)
"""Key in the ``user_metadata`` of an asset for the token by which the asset is found again."""
ASSET_ID: Final = re.compile("[0-9a-f]{24}")
PATHS_PER_STEP: Final = 256
"""Paths that a worker thread lists before the event loop continues."""
MAX_FILENAME: Final = 255
"""Characters of an asset's name (docs: Multipart uploads)."""


@frozen
class BulkSource:
    """Input of a bulk run.

    Attributes:
        name: Path with ``~`` expanded, URL as it is sent, or asset id.
        kind: Which of the three it is.
        user_metadata: The caller's metadata.
        parameters: Parameters of the source alone, or ``None``.
        error: Reason why the source is invalid, or ``None``.
        skipped: Reason why the file is no source although it is in a folder of the caller's, or ``None``.
        size: Size of the file in bytes when it was found, or ``None``.
    """

    name: str
    kind: Literal["file", "url", "asset"] = "file"
    user_metadata: UserMetadata | None = None
    parameters: Mapping[str, Any] | None = None
    error: Exception | None = None
    skipped: SkipReason | None = None
    size: int | None = None

    @property
    def key(self) -> str:
        """Name for the journal: the place of the source, and the hash of its own parameters."""
        return f"{self.place} {self.variant}" if self.variant else self.place

    @property
    def variant(self) -> str:
        """Hash of the source's own parameters. Empty if there are none."""
        return hashlib.sha256(dumps(self.parameters)).hexdigest()[:12] if self.parameters else ""

    @property
    def place(self) -> str:
        """Name as valid Unicode, which depends neither on the working directory nor on the signature of a URL."""
        name = os.path.abspath(self.name) if self.kind == "file" else unsigned_url(self.name)
        return name.encode(errors="backslashreplace").decode()

    @property
    def label(self) -> str:
        """Name for messages, without the signature of a presigned URL."""
        return redact_signatures(self.name)

    @property
    def filename(self) -> str:
        """Name of the asset.

        It begins with the caller's token, so that the asset is found among any number of others with that name.
        """
        name = Path(self.name).name
        if self.kind == "url":
            url = urlsplit(self.name)
            name = PurePosixPath(unquote(url.path)).name or url.hostname or ""
        prefix = "" if self.token is None else f"{self.token}-"
        return prefix + name[len(prefix) - MAX_FILENAME :]

    @property
    def token(self) -> str | None:
        """The caller's token for the asset, or ``None``."""
        token = (self.user_metadata or {}).get(TOKEN_KEY)
        return None if token is None else str(token)

    def content_token(self, sha256: str | None) -> str:
        """Return what is the same for sources with the same content: the caller's token, or a hash of file or URL.

        The signature of a presigned URL does not count.
        """
        if self.token is not None:
            return self.token
        if self.kind == "asset":
            return f"asset-{self.name}"
        return f"sha256-{sha256}" if sha256 else f"url-{hashlib.sha256(self.place.encode()).hexdigest()}"

    def take_stamp(self) -> FileStamp:
        """Return the file's stamp, with a modification time that SQLite can store."""
        found = require_regular_file(self.name)
        return FileStamp(found.st_size, found.st_mtime_ns % 2**63)


async def read_sources(
    sources: AnalyzeSources, selection: FileSelection, validate: Callable[[BulkSource], None]
) -> AsyncGenerator[BulkSource, None]:
    """Yield the sources one by one, and the files that *selection* skips.

    Args:
        sources: The caller's sources.
        selection: Files that are taken from folders.
        validate: Function that raises `ValueError` if a source is invalid.

    Raises:
        FileNotFoundError: *sources* is a single path that does not exist, or a folder of which all files are skipped.
        TypeError: *sources* is neither a source nor an iterable.
    """
    is_one = is_single(sources)
    async with aclosing(_iterate([sources] if is_one else sources)) as given:
        async for item in given:
            source, parameters = (item.source, item.parameters) if isinstance(item, AnalyzeSource) else (item, None)
            async with aclosing(_expand(source, selection, is_single=is_one)) as expanded:
                async for found in expanded:
                    if found.error is None and found.skipped is None:
                        found = evolve(found, parameters=parameters)
                        found = evolve(found, error=_error_of(found, validate))
                    yield found


def is_single(sources: object) -> bool:
    """Return whether *sources* is one source."""
    return isinstance(sources, str | os.PathLike | AnalyzeSource) or is_pair(sources)


def _error_of(source: BulkSource, validate: Callable[[BulkSource], None]) -> Exception | None:
    """Return the reason why a source is invalid, or ``None``."""
    try:
        validate(source)
    except ValueError as error:
        return error
    return _name_error(source)


def _name_error(source: BulkSource) -> Exception | None:
    """Return the error for a name that is not valid Unicode, such as a file name that is not UTF-8."""
    name = os.path.basename(source.name) if source.kind == "file" else source.name
    try:
        name.encode()
    except UnicodeEncodeError:
        return ValueError(
            f"The name {name!r} is not valid Unicode. Rename the file, or pass another name for it to "
            "client.assets.upload(path, filename=...)."
        )
    return None


async def read_asset_ids(asset_ids: AssetIds) -> AsyncGenerator[BulkSource, None]:
    """Yield the assets one by one, after reading all ids: deletions shift the pages of a list."""
    async with aclosing(_iterate([asset_ids] if isinstance(asset_ids, str) else asset_ids)) as given:
        names = [str(asset_id) async for asset_id in given]
    for name in names:
        yield BulkSource(name, "asset")


async def _iterate(sources: object) -> AsyncGenerator[object, None]:
    if isinstance(sources, AsyncIterable):
        async for source in cast("AsyncIterable[object]", sources):
            yield source
    elif isinstance(sources, Collection):
        for source in cast("Collection[object]", sources):
            yield source
    elif isinstance(sources, Iterable):  # may block: a generator, a query, a list of the blocking client
        async with aclosing(iterate_in_thread(cast("Iterable[object]", sources))) as items:
            async for source in items:
                yield source
    else:
        raise InvalidArgumentTypeError(f"Invalid sources: {type(sources).__name__}. Expected paths, URLs or asset ids.")


def is_pair(source: object) -> TypeGuard[tuple[str | os.PathLike[str], UserMetadata]]:
    """Return whether *source* is a source with metadata. Any other tuple is an iterable of sources."""
    parts = cast("tuple[object, ...]", source) if isinstance(source, tuple) else ()
    return len(parts) == 2 and isinstance(parts[1], Mapping)


async def _expand(source: object, selection: FileSelection, *, is_single: bool) -> AsyncGenerator[BulkSource, None]:
    """Yield a source, or the files of a folder or pattern."""
    place, metadata = source if is_pair(source) else (source, None)
    if not isinstance(place, str | os.PathLike):
        error = TypeError(f"Invalid source {place!r}. Expected a path, a URL or an asset id.")
        yield BulkSource(repr(place), error=error)
        return
    text = os.fsdecode(cast("str | os.PathLike[str]", place))
    if is_url(text):
        try:
            source = BulkSource(web_url(text), "url", metadata)
        except ValueError as error:
            if is_single:
                raise
            source = BulkSource(text, "url", error=error)
        yield source
        return
    if ASSET_ID.fullmatch(text):
        yield BulkSource(text, "asset", metadata)
        return
    files, skipped = find_files(text, selection), Counter[SkipReason]()
    is_empty, is_complete = True, False
    try:
        while not is_complete:
            step = await run_in_thread(lambda: list(islice(files, PATHS_PER_STEP)))
            is_complete = len(step) < PATHS_PER_STEP
            for file in step:
                if file.skipped is None:
                    is_empty = False
                else:
                    skipped[file.skipped] += 1
                yield BulkSource(
                    file.path, user_metadata=metadata, error=file.error, skipped=file.skipped, size=file.size
                )
        if is_empty:
            raise MissingFileError(_describe_absence(text, skipped))
    except OSError as error:
        if is_single:
            raise
        yield BulkSource(text, error=error)


def _describe_absence(text: str, skipped: Counter[SkipReason]) -> str:
    if skipped:
        return (
            f"{text}: all files are skipped ({format_counts(skipped)}). Expected files that the operation takes. "
            "To take others, pass include= with patterns such as '*.mp4', include_hidden=True or follow_symlinks=True."
        )
    return f"{text}: no such file, no file in that folder, or no file that matches. Check the path."
