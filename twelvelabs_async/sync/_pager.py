"""Blocking methods that return a list in pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, Never, TypeVar, overload

from .._pagination import AsyncPager
from .._sync_pager import Runner, SyncPager
from ._twin import A, Blocking, F, P, make_twin

R = TypeVar("R")
T = TypeVar("T")


@overload
def blocking_pager(
    method: Callable[Concatenate[A, P], AsyncPager[T]],
) -> Callable[Concatenate[Blocking[A], P], SyncPager[T]]: ...
@overload
def blocking_pager(
    method: Callable[Concatenate[A, P], AsyncPager[T]], pager: Callable[[AsyncPager[T], Runner], R]
) -> Callable[Concatenate[Blocking[A], P], R]: ...
@overload
def blocking_pager(method: F, pager: Any, _: Never, /) -> F: ...
def blocking_pager(method: Any, pager: Any = SyncPager, *_: Never) -> Any:
    """Make the twin of a method that returns an `AsyncPager`.

    The twin returns a *pager* with its first page.
    """
    return make_twin(method, lambda pages, runner: pager(runner.run(pages.next_page()), runner))
