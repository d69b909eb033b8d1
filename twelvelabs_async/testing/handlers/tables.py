"""Access to the tables of the state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from ..problem import not_found

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
