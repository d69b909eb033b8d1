"""Access to the tables of the state: one resource, sorted lists, and pages of lists."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from ..parameters import Page
from ..problem import Json, not_found

T = TypeVar("T")


def find(table: Mapping[str, T], identifier: str, kind: str, status: int = 400) -> T:
    """Return a resource by its id.

    Raises:
        Problem: The id is unknown. The *status* is the one on the operation's page.
    """
    if identifier not in table:
        raise not_found(kind, identifier, status)
    return table[identifier]


def ordered(request: Any, items: Iterable[T], now: float) -> list[T]:
    """Sort items, given oldest first, by the `sort_by` and `sort_option` of a query."""

    def key(item: Any) -> Any:
        return item.updated_at(now) if request.sort_by == "updated_at" else getattr(item, request.sort_by)

    found = sorted(items, key=key)
    return found if request.sort_option == "asc" else found[::-1]


def page(request: Page, items: Sequence[T], view: Callable[[T], Json], *, field: str = "data") -> Json:
    """Return one page of a list, with the items in *field*. Only its items are rendered."""
    first = (request.page - 1) * request.page_limit
    info = {
        "limit_per_page": request.page_limit,
        "page": request.page,
        "total_page": math.ceil(len(items) / request.page_limit),
        "total_results": len(items),
    }
    return {field: [view(item) for item in items[first : first + request.page_limit]], "page_info": info}
