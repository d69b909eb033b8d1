"""Formats and names of the files that moments are saved to."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from math import inf
from pathlib import Path, PurePath
from typing import Any, Final, Literal, TypeAlias, cast

from .._urls import is_url
from .._validators import require_between
from ..errors import InvalidArgumentError, InvalidArgumentTypeError
from ..media.file_formats import CLIP_FORMATS, PICTURE_FORMATS
from ..models.moment import Moment

MediaFormat: TypeAlias = Literal["mp4", "m4a", "mp3", "wav", "jpg", "png", "gif", "webp"]
"""Formats of saved moments: clips, audio alone, pictures of the first frame, and previews without sound."""

FORMATS: Final = (*CLIP_FORMATS, *PICTURE_FORMATS)
MAX_STEM: Final = 50
"""Characters of a video's name, so that the whole name has at most 255 bytes in UTF-8."""
RESERVED: Final = frozenset('<>:"/\\|?*%')
"""Characters that have a meaning in the names of one of the systems."""


def listed_moments(moments: Moment | Iterable[Moment]) -> list[Moment]:
    """Return one moment or several as a list.

    Raises:
        TypeError: One of them is something else, or its start or end is not a number.
        ValueError: A moment ends before it starts.
    """
    if hasattr(moments, "moments"):
        raise InvalidArgumentTypeError(f"Expected moments; got {type(moments).__name__}. Pass its moments().")
    chosen = [moments] if isinstance(moments, Moment) else [*moments]
    for moment in cast("list[Any]", chosen):
        if not isinstance(moment, Moment):
            raise InvalidArgumentTypeError(
                f"Expected moments; got {moment!r:.100}. Pass the moments() of a search or another result."
            )
        require_between("start", moment.start, -inf)
        if moment.end is not None:
            require_between("end", moment.end, -inf)
            if moment.end < moment.start:
                raise InvalidArgumentError(f"Expected a moment that ends after its start; got {moment!r:.200}.")
    return chosen


def require_length(moments: list[Moment]) -> list[Moment]:
    """Return moments that end after their start.

    Raises:
        ValueError: One of them ends at its start.
    """
    for moment in moments:
        if moment.end == moment.start:
            raise InvalidArgumentError(
                f"Expected a moment that ends after its start; got {moment!r:.200}. Only pictures need no length."
            )
    return moments


def format_of(path: Path, formats: Collection[str]) -> str:
    """Return the one of the formats that the suffix of a path names.

    Raises:
        ValueError: It names none of them.
    """
    suffix = path.suffix.lower().removeprefix(".").replace("jpeg", "jpg")
    if suffix not in formats:
        raise InvalidArgumentError(f"Expected a file name that ends with .{', .'.join(formats)}; got {str(path)!r}.")
    return suffix


def plan_files(
    moments: list[Moment], target: str | os.PathLike[str], format: MediaFormat | None
) -> list[tuple[Moment, Path, str]]:
    """Return the file of each moment with its format. Create the folder, if *target* is one.

    Raises:
        ValueError: *target*, *format* or a moment is invalid, or *target* is one file for several moments.
        OSError: The folder was not created.
    """
    if format is not None and format not in FORMATS:
        raise InvalidArgumentError(f"Expected a format of {', '.join(FORMATS)}; got {format!r}.")
    path = Path(target).expanduser()
    is_folder = not path.suffix or os.fspath(target).endswith(("/", os.sep)) or path.is_dir()
    suffix = format or "mp4" if is_folder else format_of(path, FORMATS)
    if suffix in CLIP_FORMATS:
        require_length(moments)
    if is_folder:
        path.mkdir(parents=True, exist_ok=True)
        names = file_names(moments, suffix)
        return [(moment, path / name, suffix) for moment, name in zip(moments, names, strict=True)]
    if format not in (None, suffix):
        raise InvalidArgumentError(f"format={format!r} contradicts {str(path)!r}. Leave one of them out.")
    if len(moments) != 1:
        raise InvalidArgumentError(
            f"Expected one moment for {str(path)!r}; got {len(moments)}. Pass a folder such as 'clips/' for several."
        )
    return [(moments[0], path, suffix)]


def file_names(moments: Sequence[Moment], suffix: str) -> Iterator[str]:
    """Yield a different name for each moment: rank, name of the video, start. Names sort by rank.

    A moment without a rank has its position in its place.
    """
    ranks = [position if moment.rank is None else moment.rank for position, moment in enumerate(moments, 1)]
    width = max(3, len(str(max(ranks, default=0))))
    used: set[str] = set()
    for rank, moment in zip(ranks, moments, strict=True):
        stem = f"{rank:0{width}}_{_safe_name(moment)}_{_time(moment.start)}"
        name, number = f"{stem}.{suffix}", 1
        while name.casefold() in used:  # some systems ignore case
            number += 1
            name = f"{stem}_{number}.{suffix}"
        used.add(name.casefold())
        yield name


def _safe_name(moment: Moment) -> str:
    """Return the name of the video without folder and suffix, in characters that every system accepts."""
    video = moment.video
    name = (video and (video.filename or video.file or video.id or video.asset_id)) or "video"
    name = name.partition("?")[0] if is_url(name) else name  # the query of a URL may be a secret
    stem = PurePath(re.split(r"[/\\]", name)[-1]).stem
    safe = "".join(char if char.isprintable() and char not in RESERVED else "_" for char in stem)
    return safe[:MAX_STEM].strip(" .") or "video"


def _time(seconds: float) -> str:
    """Return a time as hours, minutes and seconds, for the name of a file."""
    minutes, milliseconds = divmod(max(round(seconds * 1000), 0), 60_000)
    return f"{minutes // 60:02}-{minutes % 60:02}-{milliseconds // 1000:02}.{milliseconds % 1000:03}"
