"""``clips``: save what a search finds as files."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ._client import create_client
from ._output import print_line, print_note, shows_bars
from ._query import limit_option, query_arguments, query_options

if TYPE_CHECKING:
    from ..models.moment import MomentVideo

FORMATS: Final = ("mp4", "m4a", "mp3", "wav", "jpg", "png", "gif", "webp")

path = click.Path(path_type=Path)


@click.command()
@query_options
@limit_option
@click.option("--save", "folder", type=path, metavar="DIR", help="Folder for a file of each match.")
@click.option("--supercut", type=path, metavar="FILE", help="MP4 file with all matches, one after the other.")
@click.option("--sheet", type=path, metavar="FILE", help="JPEG or PNG file with a picture of each match.")
@click.option(
    "--format",
    "media_format",
    type=click.Choice(FORMATS),
    default="mp4",
    show_default=True,
    help="Format of the files in DIR: clips, audio alone, the first picture, or previews without sound.",
)
@click.option("--fast", is_flag=True, help="Copy from the key frame before a match, instead of encoding again.")
@click.option(
    "--margin", type=click.FloatRange(0), default=0, metavar="SECONDS", help="Time before and after each match."
)
@click.option(
    "--merge", type=click.FloatRange(0), metavar="SECONDS", help="Join matches that are at most so far apart."
)
@click.option(
    "--source",
    type=click.Path(path_type=Path, exists=True),
    metavar="PATH",
    help="The video, or a folder with the videos.  [default: the streams of the platform]",
)
def clips(
    limit: int,
    folder: Path | None,
    supercut: Path | None,
    sheet: Path | None,
    media_format: Any,
    fast: bool,
    margin: float,
    merge: float | None,
    source: Path | None,
    **query: Any,
) -> None:
    """Save what a search finds as files.

    The files are clips, audio or pictures of each match, one video with all matches, or one picture. The index and the
    query are those of `search`.

    The platform has the streams of most videos, of which the needed segments are read; --source takes the files of
    others. Prints the paths of the files. Needs the extra `media`.
    """
    from ..options import MAX_PAGE_LIMIT
    from ..sync import TwelveLabs

    if not (folder or supercut or sheet):
        raise click.UsageError("Pass --save DIR, --supercut FILE or --sheet FILE.")
    find_video = None if source is None else _Originals(source)
    with create_client(TwelveLabs) as client:
        matches = client.search.query(**query_arguments(client, **query), page_limit=min(limit, MAX_PAGE_LIMIT))
        moments = matches.moments(limit)
        if merge is not None:
            moments = moments.merge(gap=merge)
        moments = moments.with_margins(margin)
        if not moments:
            print_note("There are no matches.")
            return
        media: dict[str, Any] = {"source": find_video, "progress": shows_bars()}
        if not shows_bars():
            print_note(f"Saving {len(moments):,} matches" if len(moments) > 1 else "Saving 1 match")
        if folder is not None:
            for file in client.media.save(moments, folder, format=media_format, exact=not fast, **media):
                print_line(file)
        if supercut is not None:
            print_line(client.media.supercut(moments, supercut, **media))
        if sheet is not None:
            print_line(client.media.contact_sheet(moments, sheet, **media))


class _Originals:
    """The videos in a folder by the names of their files, or one video."""

    def __init__(self, place: Path) -> None:
        self._video = None if place.is_dir() else place
        self._videos: defaultdict[str, list[Path]] = defaultdict(list)
        for file in place.rglob("*") if place.is_dir() else ():
            if file.is_file():
                self._videos[file.name].append(file)

    def __call__(self, video: MomentVideo) -> Path | None:
        """Return the file of a video.

        Raises:
            UsageError: Several files have its name.
        """
        found = [self._video] if self._video else self._videos.get(video.filename or "", [])
        if len(found) > 1:
            names = ", ".join(map(str, sorted(found)))
            raise click.UsageError(f"Several files have the name {video.filename!r}: {names}. Pass --source with one.")
        return next(iter(found), None)
