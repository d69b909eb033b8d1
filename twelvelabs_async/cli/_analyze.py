"""``analyze``: ask a question about a video."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ._client import create_client
from ._output import print_message, print_text

if TYPE_CHECKING:
    from ..models.analyze import VideoContext
    from ..sync import TwelveLabs


@click.command()
@click.argument("source")
@click.argument("prompt")
def analyze(source: str, prompt: str) -> None:
    """Ask a question about a video.

    SOURCE is a public URL, the id of an asset, or a file. A file is uploaded first and stays as an asset. The answer
    is printed while it is generated.
    """
    from ..models.analyze import StreamAnalyzeResponse_StreamEnd, StreamAnalyzeResponse_TextGeneration
    from ..sync import TwelveLabs

    with create_client(TwelveLabs) as client:
        for event in client.analyze_stream(video=_upload_if_file(client, source), prompt=prompt):
            if isinstance(event, StreamAnalyzeResponse_TextGeneration):
                print_text(event.text or "")
            elif isinstance(event, StreamAnalyzeResponse_StreamEnd):
                print_text("\n")
                if event.finish_reason == "length":
                    print_message("The answer is incomplete: it reached the model's length limit.")


def _upload_if_file(client: TwelveLabs, source: str) -> VideoContext:
    from .._urls import is_url
    from ..bulk.sources import ASSET_ID
    from ..models.analyze import VideoContext_AssetId, VideoContext_Url

    if is_url(source):
        return VideoContext_Url(url=source)
    if not ASSET_ID.fullmatch(source):
        print_message(f"Uploading {source}")
        source = client.assets.create_and_wait(source).id
        print_message(f"Uploaded as the asset {source}. Use this id for further questions.")
    return VideoContext_AssetId(asset_id=source)
