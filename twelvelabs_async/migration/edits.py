"""Edits of a text by position, and findings for the user."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen


@frozen(order=True)
class Edit:
    """A span of a text, in characters, with its replacement."""

    start: int
    end: int
    text: str


@frozen(order=True)
class Finding:
    """A position of a text, in characters, and what the user has to do there."""

    start: int
    message: str


@frozen
class Migration:
    """Edits and findings for one text."""

    edits: Sequence[Edit] = ()
    findings: Sequence[Finding] = ()


def apply(text: str, edits: Sequence[Edit]) -> str:
    """Return *text* with *edits*, none of which overlap."""
    pieces: list[str] = []
    position = 0
    for edit in sorted(edits):
        pieces += text[position : edit.start], edit.text
        position = edit.end
    return "".join(pieces) + text[position:]
