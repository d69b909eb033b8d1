"""The log of the package, printed as the program's own messages."""

from __future__ import annotations

import logging

from .._logging import log_to
from ._errors import in_terms_of_the_shell
from ._output import print_message


def print_log() -> None:
    """Print warnings on stderr, or all records of the level that ``TWELVELABS_LOG`` names."""
    logging.getLogger("twelvelabs_async").handlers.clear()
    log_to(_Handler())


class _Handler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        print_message(in_terms_of_the_shell(self.format(record)))
