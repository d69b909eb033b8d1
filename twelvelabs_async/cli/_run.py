"""``run``: run a program for the official SDK on this package. It needs no click."""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Sequence
from types import ModuleType, TracebackType
from typing import Final

from .._as_twelvelabs import install_as_twelvelabs
from ._escape import escape, print_plain

USAGE: Final = """\
usage: python -m twelvelabs_async run PROGRAM [ARGUMENT...]
       python -m twelvelabs_async run -m MODULE [ARGUMENT...]
       python -m twelvelabs_async run - [ARGUMENT...]

Run a program for the official SDK as python does. What it imports as twelvelabs is twelvelabs_async.
PROGRAM is a file, or a folder or an archive with a __main__.py; - reads the program from stdin.
"""


def main(arguments: Sequence[str]) -> int:
    """Run a program, and return the exit status unless the program exits or fails."""
    match arguments:
        case ["-h" | "--help", *_]:
            print_plain(USAGE, sys.stdout)
            return 0
        case [] | ["-m"]:
            print_plain(USAGE, sys.stderr)
            return 2
        case ["-m", module, *rest]:
            _run_module(module, rest)
        case ["-", *rest]:
            _run_stdin(rest)
        case [path, *rest]:
            if not os.path.exists(path):
                print_plain(f"No such file: {escape(path)}\n", sys.stderr)
                return 2
            _run_path(path, rest)
        case _:
            pass
    return 0


def _run_module(module: str, arguments: Sequence[str]) -> None:
    _prepare(os.getcwd(), ["-m", *arguments])
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _run_path(path: str, arguments: Sequence[str]) -> None:
    if os.path.isdir(path) or path.endswith((".pyz", ".zip")):
        _prepare(None, [path, *arguments])
        runpy.run_path(path, run_name="__main__")
        return
    with open(path, "rb") as file:
        source = file.read()
    _prepare(os.path.dirname(os.path.realpath(path)), [path, *arguments])
    full_path = os.path.abspath(path)
    _run_source(source, full_path, __file__=full_path)


def _run_stdin(arguments: Sequence[str]) -> None:
    _prepare("", ["-", *arguments])
    _run_source(sys.stdin.read(), "<stdin>")


def _run_source(source: str | bytes, name: str, **variables: str) -> None:
    main = sys.modules["__main__"] = ModuleType("__main__")
    vars(main).update(variables)
    exec(compile(source, name, "exec"), vars(main))  # noqa: S102  # the user's program


def _prepare(folder: str | None, argv: list[str]) -> None:
    """Set up the process as python does for a program.

    Args:
        folder: What ``sys.path`` begins with; ``None`` if runpy adds it.
        argv: The program and its arguments.
    """
    install_as_twelvelabs()
    sys.argv[:] = argv
    if not sys.flags.safe_path:
        sys.path[:1] = [] if folder is None else [folder]
    show = sys.excepthook

    def show_without_runner(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        frames = _frames_of_program(trace)
        show(kind, error.with_traceback(frames), frames)

    sys.excepthook = show_without_runner


def _frames_of_program(trace: TracebackType | None) -> TracebackType | None:
    """Return a traceback from the first frame of the program: behind this module, and runpy."""
    found = trace
    while trace is not None and trace.tb_frame.f_globals.get("__name__") != __name__:
        trace = trace.tb_next
    while trace is not None and trace.tb_frame.f_globals.get("__name__") in (__name__, "runpy"):
        trace = found = trace.tb_next
    return found
