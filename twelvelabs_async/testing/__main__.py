"""Serve the emulator in the foreground: `python -m twelvelabs_async.testing --port 8080`."""

from __future__ import annotations

import argparse
import contextlib
import threading

from ._emulator import Emulator


def main() -> None:
    """Serve what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m twelvelabs_async.testing", description="An emulated TwelveLabs.")
    parser.add_argument("--port", type=int, default=0, help="port of the API; a free one by default")
    parser.add_argument("--api-key", default="tlk_emulator", help="what requests must carry as x-api-key")
    parser.add_argument("--speed", type=float, default=20.0, help="emulated seconds per real second (default: 20)")
    arguments = parser.parse_args()
    serve(Emulator(port=arguments.port, api_key=arguments.api_key, speed=arguments.speed))


def serve(emulator: Emulator, command: str = "") -> None:
    """Serve until Ctrl-C; first print the variables that lead clients there, each behind *command*."""
    with emulator:
        print(
            f"{command}TWELVELABS_BASE_URL={emulator.url}\n{command}TWELVELABS_API_KEY={emulator.api_key}", flush=True
        )
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
