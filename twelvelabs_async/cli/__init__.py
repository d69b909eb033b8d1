"""The program ``twelvelabs-async``, installed with the extra ``cli``."""

from __future__ import annotations

import signal
import sys
from importlib.util import find_spec
from types import FrameType


def main() -> None:
    """Run the program, or exit with a message if its dependencies are missing."""
    match sys.argv[1:]:  # commands that need no optional dependency
        case ["migrate", *arguments]:
            from ._migrate import main as migrate

            sys.exit(migrate(arguments))
        case ["run", *arguments]:
            from ._run import main as run

            sys.exit(run(arguments))
        case _:
            pass
    if not all(map(find_spec, ("click", "tqdm"))):
        sys.exit(
            "twelvelabs-async needs click and tqdm: pip install 'twelvelabs_async[cli]'. Without them, "
            "`python -m twelvelabs_async` has the commands `run` and `migrate` only."
        )
    _end_on_signals()
    try:
        from ._commands import program

        program(prog_name="twelvelabs-async")
    except KeyboardInterrupt:  # during the imports
        sys.exit(130)


def _end_on_signals() -> None:
    """End the command on SIGTERM and SIGHUP as on Ctrl-C, with its clean-up."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and sys.platform != "win32":
        # As in the background jobs of shells. Ctrl-C stays without effect, but asyncio installs the handler that
        # `_interrupt` calls.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:  # nohup, for one, ignores SIGHUP
            signal.signal(number, _interrupt)


def _interrupt(_: int, frame: FrameType | None) -> None:
    """Call the handler of Ctrl-C, which is asyncio's while an event loop runs."""
    handler = signal.getsignal(signal.SIGINT)
    if callable(handler):
        handler(signal.SIGINT, frame)
