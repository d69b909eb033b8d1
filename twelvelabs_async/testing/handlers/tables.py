"""Access to the tables of the state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from ..problem import not_found

T = TypeVar("T")


class Sortable(Protocol):
    """Resource that lists can be sorted by."""

    @property
    def created_at(self) -> float: ...

    def updated_at(self, now: float) -> float: ...


class Sorting(Protocol):
    """Query with the order of a list."""

    @property
    def sort_by(self) -> str: ...

    @property
    def sort_option(self) -> str: ...


S = TypeVar("S", bound=Sortable)


def find(table: Mapping[str, T], identifier: str, kind: str, status: int = 400) -> T:
    """Return a resource by its id.

    Raises:
        Problem: The id is unknown. The *status* is the one on the operation's page.
    """
    if identifier not in table:
        raise not_found(kind, identifier, status)
    return table[identifier]


def ordered(request: Sorting, items: Iterable[S], now: float) -> list[S]:
    """Sort items, given oldest first, as a query asks."""
    by = request.sort_by
    found = sorted(items, key=lambda item: item.updated_at(now) if by == "updated_at" else getattr(item, by))
    return found if request.sort_option == "asc" else found[::-1]
