"""``transcript``: the spoken words of a video as subtitles, text or JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ._client import create_client
from ._named import complete_index, find_index, find_video
from ._output import print_note, shows_bars, write_on_stdout
from ._sources import find_asset, is_single

if TYPE_CHECKING:
    from ..models.moments import Moments
    from ..sync import TwelveLabs

FORMATS: Final = ("srt", "vtt", "txt", "json")


@click.command()
@click.argument("source", metavar="FILE|URL|ASSET|INDEX", shell_complete=complete_index)
@click.argument("video", required=False)
@click.option("--format", "format_name", type=click.Choice(FORMATS), help="Format.  [default: srt]")
@click.option(
    "-o",
    "--file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File, which is replaced when the transcript is complete. Its suffix is the format.  [default: stdout]",
)
def transcript(source: str, video: str | None, format_name: str | None, file: Path | None) -> None:
    """Print the spoken words of a video.

    They are printed as subtitles, as text or as JSON. The video is a file, which is uploaded unless the platform has
    it, a public URL, or the id of an asset. With a VIDEO, the first argument is the name or id of an index, and VIDEO
    the file name or id of a video in it.
    """
    from ..sync import TwelveLabs

    chosen = format_name or (file.suffix.lower().removeprefix(".") if file else "srt")
    if chosen not in FORMATS:
        raise click.UsageError(f"{file}: expected a name that ends with .{', .'.join(FORMATS)}; or pass --format.")
    if video is None and not is_single(source):
        raise click.UsageError(f"{source}: no such file. For a video in an index, pass INDEX and VIDEO.")
    with create_client(TwelveLabs) as client:
        if video is None:
            moments = _of_asset(client, source)
        else:
            index_id = find_index(client, source)
            moments = client.indexes.indexed_assets.retrieve(
                index_id, find_video(client, index_id, video), transcription=True
            ).moments()
    if not moments:
        print_note("There are no spoken words.")
    write = getattr(moments, f"to_{chosen}")
    if file is None:
        write_on_stdout(write, is_text=True)
    else:
        write(file)


def _of_asset(client: TwelveLabs, source: str) -> Moments:
    asset_id = find_asset(client, source)
    if not shows_bars():
        print_note(f"Waiting for the transcription of {source}")
    units = ["words", "sentences", "utterances"]
    return client.assets.wait_for_transcription(asset_id, include=units, progress=shows_bars()).moments()
