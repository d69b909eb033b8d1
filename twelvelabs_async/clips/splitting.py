"""Splits of long files for uploads: parts, with the metadata by which their times are mapped back."""

from __future__ import annotations

from functools import partial
from os import PathLike
from pathlib import Path
from typing import Final

from .._extras import require
from .._validators import require_between, require_regular_file
from ..models._base import UserMetadata
from ..models._wholes import metadata_of_part
from ..options import MAX_UPLOAD
from .progress import ProgressReport
from .work import Steps, media_threads

MIN_PART_SECONDS: Final = 8
"""Shortest limit of the length of parts: the platform takes no file of less than 4 s (docs: Marengo)."""


async def split(
    file: str | PathLike[str],
    folder: str | PathLike[str],
    max_seconds: float,
    max_bytes: int,
    report: ProgressReport,
) -> list[tuple[Path, UserMetadata]]:
    """Return the parts of a file with their metadata; see `AsyncMedia.split`."""
    require_between("max_seconds", max_seconds, MIN_PART_SECONDS)
    require_between("max_bytes", max_bytes, 1, MAX_UPLOAD, is_whole=True)
    path, target = await media_threads.run(_local_paths, file, folder)
    require("av", "twelvelabs_async[media]")
    from ..media.cut_points import PartLimits
    from ..media.splitting import FilePart, split_file

    splitting = split_file(path, target, PartLimits(max_seconds, max_bytes))
    async with report.show(), media_threads.open(partial(Steps[list[FilePart]], splitting)) as steps:
        while (percentage := await media_threads.run(steps.advance)) is not None:
            await report.publish(0, percentage)
        await report.publish(1, 100)
    if len(steps.result) == 1:
        return [(path, {})]
    return [
        (part.path, metadata_of_part(path.name, part.digest, part.start, part.end, part.duration))
        for part in steps.result
    ]


def _local_paths(file: str | PathLike[str], folder: str | PathLike[str]) -> tuple[Path, Path]:
    path = Path(file).expanduser()
    require_regular_file(path)
    return path, Path(folder).expanduser()
