"""Tracebacks without the frames of this package, which say nothing about the caller's program."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Final

PACKAGE: Final = __name__.partition(".")[0]


class ShortTraceback(BaseException):
    """An error whose text names its cause, so that notebooks show the caller's frames alone."""

    def _render_traceback_(self) -> list[str]:
        """Return the lines that IPython and Jupyter show. ``%xmode Verbose`` shows all frames."""
        return _render(self)


def _render(error: ShortTraceback) -> list[str]:
    printer = sys.modules["IPython"].get_ipython().InteractiveTB
    if printer.mode == "Verbose":
        return list(printer.structured_traceback(type(error), error, error.__traceback__))
    cause, is_hidden = error.__cause__, error.__suppress_context__
    error.__cause__ = None  # so that the cause is not shown as well
    try:
        return list(printer.structured_traceback(type(error), error, callers_frames(error.__traceback__)))
    finally:
        error.__cause__, error.__suppress_context__ = cause, is_hidden


def callers_frames(traceback: TracebackType | None) -> TracebackType | None:
    """Return a copy of a traceback that ends at the first call into this package."""
    if traceback is None or traceback.tb_frame.f_globals.get("__name__", "").partition(".")[0] == PACKAGE:
        return None
    following = callers_frames(traceback.tb_next)
    return TracebackType(following, traceback.tb_frame, traceback.tb_lasti, traceback.tb_lineno)
