"""Access to the tables of the state: one resource, its attributes as JSON, sorted lists, and pages of lists."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MethodType
from typing import Any, TypeVar

from ..clock import rfc3339
from ..parameters import Page
from ..problem import Json, Problem

T = TypeVar("T")


def find(table: Mapping[str, T], identifier: str, kind: str, status: int = 400) -> T:
    """Return a resource by its id.

    Raises:
        Problem: The id is unknown. The *status* is the one on the operation's page.
    """
    if identifier not in table:
        raise Problem(status, "resource_not_exist", f"The {kind} with the id {identifier} does not exist.")
    return table[identifier]


def attributes(resource: Any, *names: str, now: float = 0.0) -> Json:
    """Return the attributes of a resource that are not `None`, with times in RFC 3339.

    Args:
        now: Time at which attributes that change over time, such as the status, are read.
    """
    shown: Json = {}
    for name in names:
        value = getattr(resource, name)
        current = value(now) if isinstance(value, MethodType) else value
        if current is not None:
            shown[name] = rfc3339(current) if name.endswith("_at") else current
    return shown


def only(shown: Json, *names: str) -> Json:
    """Return the fields with some names, as far as there are any."""
    return {name: shown[name] for name in names if name in shown}


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
