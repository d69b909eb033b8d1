"""Blocking methods that return a list in pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, Never, TypeVar, overload

from .._pagination import AsyncPager
from .._sync_pager import SyncPager
from ._twin import A, Blocking, F, P, make_twin

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
    return make_twin(method, lambda pages, runner: SyncPager(runner.run(pages.next_page()), runner))
