"""The log of the package, printed as the program's own messages."""

from __future__ import annotations

import logging
import os
from typing import Final

from ._errors import in_terms_of_the_shell
from ._output import print_message

FORMAT: Final = "%(asctime)s %(name)s %(levelname)s %(message)s"


def print_log() -> None:
    """Print warnings on stderr, or all records of the level that ``TWELVELABS_LOG`` names."""
    level = logging.getLevelNamesMapping().get(os.environ.get("TWELVELABS_LOG", "").upper())
    logger, handler = logging.getLogger("twelvelabs_async"), _Handler()
    if level:
        handler.setFormatter(logging.Formatter(FORMAT))
        logger.setLevel(level)
    logger.handlers[:] = [handler]


class _Handler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        print_message(in_terms_of_the_shell(self.format(record)))
