"""Blocking methods that return a list in pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, Never, TypeVar, overload

from .._pagination import AsyncPager
from .._sync_pager import SyncPager, sync_pager
from ..models.search import SearchItem
from ..resources._search_pager import AsyncSearchPager, SyncSearchPager
from ._twin import A, Blocking, F, P, make_twin

S = TypeVar("S", bound=SearchItem)
T = TypeVar("T")


@overload
def blocking_pager(
    method: Callable[Concatenate[A, P], AsyncPager[T]],
) -> Callable[Concatenate[Blocking[A], P], SyncPager[T]]: ...
@overload
def blocking_pager(method: F, _: Never, /) -> F: ...
def blocking_pager(method: Any, *_: Never) -> Any:
    """Make the twin of a method that returns an `AsyncPager`.

    The twin returns a `SyncPager` with its first page.
    """
    return make_twin(method, sync_pager)


@overload
def blocking_search_pager(
    method: Callable[Concatenate[A, P], AsyncSearchPager[S]],
) -> Callable[Concatenate[Blocking[A], P], SyncSearchPager[S]]: ...
@overload
def blocking_search_pager(method: F, _: Never, /) -> F: ...
def blocking_search_pager(method: Any, *_: Never) -> Any:
    """Make the twin of a method that returns an `AsyncSearchPager`, as `blocking_pager` does."""
    return make_twin(method, sync_pager)
