"""Serve the emulator in the foreground: `python -m twelvelabs_async.testing --port 8080`."""

from __future__ import annotations

import argparse
import contextlib
import threading

from .emulator import Emulator


def main() -> None:
    """Serve an emulator with the settings of the command line."""
    parser = argparse.ArgumentParser(prog="python -m twelvelabs_async.testing", description="Emulated TwelveLabs API.")
    parser.add_argument("--port", type=int, default=0, help="port of the API (default: a free one)")
    parser.add_argument("--api-key", default="tlk_emulator", help="value that requests must have in x-api-key")
    parser.add_argument("--speed", type=float, default=20.0, help="emulated seconds per real second (default: 20)")
    parser.add_argument(
        "--processing-time", type=float, default=2.0, help="emulated seconds until an asset is ready (default: 2)"
    )
    serve(Emulator(**vars(parser.parse_args())))


def serve(emulator: Emulator, command: str = "") -> None:
    """Serve until Ctrl-C. First print the environment variables for clients, each after *command*."""
    with emulator:
        print(f"{command}TWELVELABS_BASE_URL={emulator.url}", flush=True)
        print(f"{command}TWELVELABS_API_KEY={emulator.api_key}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
