"""What commands print on stdout."""

from __future__ import annotations

import json
from typing import Any

import click


def show(answer: Any, as_json: bool, *columns: object) -> None:
    """Print a line about *answer*: what the API says of it as JSON, or *columns*."""
    from ..models._wire import unstructure

    click.echo(json.dumps(unstructure(answer)) if as_json else "  ".join(map(str, columns)))


def clock(seconds: float | None) -> str:
    """A time in a video, as players show it."""
    minutes, rest = divmod(int(seconds or 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
