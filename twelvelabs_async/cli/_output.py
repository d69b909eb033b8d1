"""Results on stdout."""

from __future__ import annotations

import json
from typing import Any

import click

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print a JSON object for each result.")


def print_result(result: Any, as_json: bool, *columns: object) -> None:
    """Print a line about an object of the API: its JSON, or *columns*."""
    from ..models._wire import unstructure

    click.echo(json.dumps(unstructure(result)) if as_json else "  ".join(map(str, columns)))


def format_time(seconds: float | None) -> str:
    """Format a position in a video as players do, such as ``1:02:03``."""
    minutes, rest = divmod(int(seconds or 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
