"""``search`` and ``analyze``."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import click

from ._errors import connect
from ._output import clock, show

if TYPE_CHECKING:
    from ..models.analyze import VideoContext
    from ..sync import TwelveLabs


@click.command()
@click.argument("index_id")
@click.argument("query")
@click.option(
    "--in",
    "search_options",
    multiple=True,
    type=click.Choice(["visual", "audio", "transcription"]),
    default=["visual", "audio"],
    show_default=True,
    help="Where to look; may be given several times.",
)
@click.option("--limit", type=click.IntRange(1), default=10, show_default=True, help="Most moments to print.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object per moment.")
def search(index_id: str, query: str, search_options: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Find the moments in an index that match a text.

    Prints the rank, when it begins and ends, and the indexed asset it is in.
    """
    from ..options import MAX_PAGE_LIMIT
    from ..sync import TwelveLabs

    with connect(TwelveLabs) as client:
        found = client.search.query(
            index_id=index_id,
            search_options=search_options,
            query_text=query,
            page_limit=min(limit, MAX_PAGE_LIMIT),
        )
        for moment in islice(found, limit):
            times = f"{clock(moment.start):>7} - {clock(moment.end):<7}"
            show(moment, as_json, f"{moment.rank:>4}", times, moment.video_id, moment.transcription or "")


@click.command()
@click.argument("source")
@click.argument("prompt")
def analyze(source: str, prompt: str) -> None:
    """Ask about a video, and print the answer as it is written.

    SOURCE is a public URL, the id of an asset, or a file, which is uploaded first and stays as an asset.
    """
    from ..models.analyze import StreamAnalyzeResponse_StreamEnd, StreamAnalyzeResponse_TextGeneration
    from ..sync import TwelveLabs

    with connect(TwelveLabs) as client:
        for event in client.analyze_stream(video=_video(client, source), prompt=prompt):
            if isinstance(event, StreamAnalyzeResponse_TextGeneration):
                click.echo(event.text, nl=False)
            elif isinstance(event, StreamAnalyzeResponse_StreamEnd):
                click.echo()
                if event.finish_reason == "length":
                    click.echo("The answer was cut: it is longer than the model may write.", err=True)


def _video(client: TwelveLabs, source: str) -> VideoContext:
    from ..bulk._sources import ASSET_ID
    from ..models.analyze import VideoContext_AssetId, VideoContext_Url

    if source.startswith(("http://", "https://")):
        return VideoContext_Url(url=source)
    if not ASSET_ID.fullmatch(source):
        click.echo(f"Uploading {source}", err=True)
        source = client.assets.create_and_wait(source).id
        click.echo(f"It is the asset {source} now; to ask again, give its id.", err=True)
    return VideoContext_AssetId(asset_id=source)
