"""``emulator``: serve an emulated platform."""

from __future__ import annotations

import click

from ._output import print_message


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port of the API. Default: a free one.")
@click.option("--speed", type=float, default=20.0, show_default=True, help="Emulated seconds per second.")
@click.option(
    "--processing-time", type=float, default=2.0, help="Emulated seconds until an asset is ready. Default: 2."
)
def emulator(port: int, speed: float, processing_time: float) -> None:
    """Serve an emulated TwelveLabs until Ctrl-C.

    No key is needed. Prints the environment variables that direct programs to the emulator, this program included. The
    emulator is not a model: it invents what it reports about a video.
    """
    from ..testing import Emulator
    from ..testing.__main__ import serve

    print_message("Serving until Ctrl-C. To use the emulator, run in another terminal:")
    serve(Emulator(port=port, speed=speed, processing_time=processing_time), "export ")
