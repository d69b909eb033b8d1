"""Styles of pages and of parts in notebooks, which have the colors of videos in common."""

from __future__ import annotations

from importlib.resources import files


def package_text(name: str) -> str:
    """Return the text of a file that stands beside this module."""
    return files(__package__ or "").joinpath(name).read_text("utf-8")


def styles(name: str) -> str:
    """Return the colors of videos, and the styles in a file."""
    return package_text("colors.css") + package_text(name)
