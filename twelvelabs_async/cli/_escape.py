"""Escapes for everything that a terminal could take for a command, and output without click."""

from __future__ import annotations

import unicodedata
from typing import TextIO


def escape(value: object, *, keep: str = "") -> str:
    r"""Return *value* as text on one line, in which nothing is a command for the terminal.

    Control characters, line breaks, invisible characters, marks that change the direction of text, and lone surrogates
    are replaced by Python's escapes, such as ``\x1b``. The characters in *keep* are kept.
    """
    text = str(value)
    return text if text.isprintable() else "".join(char if _is_plain(char, keep) else _escaped(char) for char in text)


def print_plain(text: str, stream: TextIO) -> None:
    """Print *text* without click, with escapes in place of characters that the stream's encoding does not have."""
    encoding = stream.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), end="", file=stream)


def _is_plain(char: str, keep: str) -> bool:
    return char.isprintable() or char in keep or unicodedata.category(char) == "Zs"


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode()
