"""Pieces of streams."""

from __future__ import annotations

from typing import TypeVar

S = TypeVar("S", str, bytes)


def pieces(whole: S, size: int) -> list[S]:
    """Cut a text or bytes into pieces; the last one may be shorter."""
    return [whole[start : start + size] for start in range(0, len(whole), size)]
