"""Serve an emulator or a recording, or compare the service: `python -m twelvelabs_async.testing COMMAND`."""

from __future__ import annotations

import argparse
import contextlib
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from ..errors import TwelveLabsError
from .drift import command
from .emulator import Emulator
from .recordings import NotRecordedError, Recorder, Replayer, record, replay


def main() -> None:
    """Run the command of the command line. Without one, serve an emulator."""
    program = argparse.ArgumentParser(
        prog="python -m twelvelabs_async.testing",
        description="Emulated TwelveLabs API, and recordings of the API. The default command is emulator.",
    )
    commands = program.add_subparsers(required=True, metavar="COMMAND")
    for name, (description, add_arguments, run) in COMMANDS.items():
        parser = commands.add_parser(name, help=description, description=description)
        add_arguments(parser)
        parser.set_defaults(run=run)
    arguments = sys.argv[1:]
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in ("-h", "--help")):
        arguments = ["emulator", *arguments]
    given = vars(program.parse_args(arguments))
    try:
        given.pop("run")(**given)
    except (TwelveLabsError, NotRecordedError, OSError, ValueError) as error:  # a taken port, or no recording
        program.error(str(error))


def serve(server: Emulator | Recorder | Replayer, command: str = "") -> None:
    """Serve until Ctrl-C. First print the environment variables for clients, each after *command*."""
    with server, contextlib.suppress(KeyboardInterrupt):
        variables = {"TWELVELABS_BASE_URL": server.url}
        if not isinstance(server, Recorder):  # whose key is the user's
            variables["TWELVELABS_API_KEY"] = server.api_key
        # At once, because a program that reads the first line may end this one.
        print(*(f"{command}{name}={value}" for name, value in variables.items()), sep="\n", flush=True)
        threading.Event().wait()


def _add_emulator(parser: argparse.ArgumentParser) -> None:
    _add_port(parser)
    parser.add_argument("--api-key", default="tlk_emulator", help="value that requests must have in x-api-key")
    parser.add_argument("--speed", type=float, default=20.0, help="emulated seconds per real second (default: 20)")
    parser.add_argument(
        "--processing-time", type=float, default=2.0, help="emulated seconds until an asset is ready (default: 2)"
    )


def _add_record(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="FILE", help="file of the recording, which is replaced")
    _add_port(parser)
    parser.add_argument("--base-url", help="URL of the service (default: that of TwelveLabs)")
    _add_scrub_texts(parser)


def _add_replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="FILE", help="file of the recording")
    _add_port(parser)
    parser.add_argument("--strict", action="store_true", help="replay each response exactly once")
    parser.add_argument("--pauses", type=float, default=0.0, help="factor for the recorded pauses (default: 0)")
    _add_scrub_texts(parser)


def _add_port(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=0, help="port of the API (default: a free one)")


def _add_scrub_texts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--scrub-texts", action="store_true", help="replace texts by placeholders as well")


def _serving(create: Callable[..., Emulator | Recorder | Replayer]) -> Callable[..., None]:
    def run(**settings: Any) -> None:
        serve(create(**settings))

    return run


COMMANDS: Final[Mapping[str, tuple[str, Callable[[argparse.ArgumentParser], None], Callable[..., None]]]] = {
    "emulator": ("serve an emulated platform", _add_emulator, _serving(Emulator)),
    "record": ("forward requests to the service, and record them", _add_record, _serving(record)),
    "replay": ("give the responses of a recording", _add_replay, _serving(replay)),
    "check-live": ("compare the service with the emulator", command.add_arguments, command.run),
}
"""The commands: what each does, its arguments, and the function that gets them."""


if __name__ == "__main__":
    main()
