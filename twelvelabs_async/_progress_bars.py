"""Progress bars by tqdm: widgets in notebooks, lines of text elsewhere."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from attrs import Attribute, field, frozen

from ._extras import require
from .errors import InvalidArgumentTypeError, one_line

REDRAW_SECONDS: Final = 0.2
COUNTS: Final = "{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}] {desc}"
BYTES: Final = "{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt}B [{rate_fmt}<{remaining}] {desc}"
PERCENTAGE: Final = "{percentage:3.0f}%|{bar}| [{elapsed}<{remaining}] {desc}"
TIME: Final = "{desc} [{elapsed}]"


@frozen
class Reading:
    """State of a bar.

    Attributes:
        text: Description, which may contain any characters.
        done: Units that are done.
        total: Units in all, if they are known.
    """

    text: str
    done: float = 0
    total: float | None = None


def load_tqdm() -> Any:
    """Return the class of bars that fits a notebook or a terminal.

    Raises:
        ImportError: tqdm is not installed.
    """
    require("tqdm", "tqdm")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # in a notebook without ipywidgets, a bar is text
        from tqdm.auto import tqdm
    return tqdm


def progress_option() -> Any:
    """Return an attrs field for ``progress=``, which needs tqdm before anything is sent."""

    def validate(_: object, attribute: Attribute[Any], value: object) -> None:
        if not isinstance(value, bool):
            raise InvalidArgumentTypeError(f"{attribute.name} must be True or False; got {value!r:.100}.")
        if value:
            load_tqdm()

    return field(default=False, validator=validate)


@asynccontextmanager
async def progress_bar(read: Callable[[], Reading], form: str, *, leave: bool = True) -> AsyncGenerator[None, None]:
    """Show a bar while the body runs. It is drawn in the event loop, five times a second.

    Args:
        read: Returns what the bar shows.
        form: `COUNTS`, `BYTES`, `PERCENTAGE` or `TIME`.
        leave: Whether the bar stays when the body has ended.
    """
    tqdm, first = load_tqdm(), read()
    is_bytes = form is BYTES
    with tqdm(
        total=first.total, bar_format=form, unit_scale=is_bytes, leave=leave, dynamic_ncols=True, unit="B" * is_bytes
    ) as bar:
        task = asyncio.create_task(_redraw(bar, read))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])
            _draw(bar, read())
            bar.leave = leave and not (is_bytes and not bar.total)  # nothing was sent


async def _redraw(bar: Any, read: Callable[[], Reading]) -> None:
    while True:
        _draw(bar, read())
        await asyncio.sleep(REDRAW_SECONDS)


def _draw(bar: Any, reading: Reading) -> None:
    if reading.total != bar.total:
        start = bar.start_t
        bar.reset(reading.total)  # the only way to change the total of a widget
        bar.start_t = start
    bar.set_description_str(one_line(reading.text), refresh=False)
    bar.n = reading.done
    bar.refresh()
