"""The level and the format of the log that ``TWELVELABS_LOG`` asks for."""

from __future__ import annotations

import logging
import os
from typing import Final

FORMAT: Final = "%(asctime)s %(name)s %(levelname)s %(message)s"


def log_level() -> str:
    """Return the value of ``TWELVELABS_LOG``, such as ``debug``; empty if it is not set."""
    return os.environ.get("TWELVELABS_LOG", "").strip()


def log_to(handler: logging.Handler) -> None:
    """Log to *handler*, at the level of ``TWELVELABS_LOG`` if it is set."""
    logger, name, levels = logging.getLogger("twelvelabs_async"), log_level(), logging.getLevelNamesMapping()
    logger.addHandler(handler)
    if not name:
        return
    handler.setFormatter(logging.Formatter(FORMAT))
    if name.upper() in levels:
        logger.setLevel(levels[name.upper()])
    else:
        logger.warning("TWELVELABS_LOG must be a level such as debug, info or warning; got %r.", name)
