"""What every resource does with its transport."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast
from weakref import WeakValueDictionary

from .._files import Source
from .._jobs import ListedJob
from .._pagination import AsyncPager, numbered_pages
from .._shared_poller import SharedPoller
from .._transport import Call, Transport
from ..options import RequestOptions

if TYPE_CHECKING:
    resource = property  # which jedi understands, unlike `cached_property`
else:
    resource = cached_property

G = TypeVar("G")
T = TypeVar("T")
J = TypeVar("J", bound=ListedJob)

CREATED_AT_ONCE: Final = 8


def part(where: str) -> cached_property[Any]:
    """The resource at *where* in this package, imported and made when it is first used."""
    module, _, name = where.partition(".")

    def make(parent: AsyncResource) -> Any:
        resource = getattr(import_module(f"{__package__}.{module}"), name)
        return resource(parent._transport)  # pyright: ignore[reportPrivateUsage]  (its own)

    make.__annotations__["return"] = name  # for the documentation
    return cached_property(make)


def some(name: str, values: Sequence[T], example: str = "") -> Sequence[T]:
    """Return *values*, the argument *name*, if they are a list with something in it.

    Raises:
        ValueError: They are not; a text would be sent letter by letter.
    """
    if not isinstance(cast("object", values), Sequence) or isinstance(values, str | bytes) or not values:
        such = f" such as {example}" if example else ""
        raise ValueError(f"{name} must be a list with at least one entry{such}, not {values!r}")
    return values


async def create_each(create: Callable[[G], Awaitable[T]], given: Iterable[G]) -> list[T | Exception]:
    """Create a job of each of *given*, up to 8 at a time.

    The results are in their order; what went wrong with one stands in its place, so that no other's id is lost.
    """
    slots = asyncio.Semaphore(CREATED_AT_ONCE)

    async def attempt(one: G) -> T | Exception:
        async with slots:
            try:
                return await create(one)
            except Exception as error:
                return error

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(attempt(one)) for one in given]
    return [task.result() for task in tasks]


def with_metadata(query: Mapping[str, Any], user_metadata: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Add filters by own data, which stand beside the others in *query*, where they could take their place.

    Raises:
        ValueError: A key is the name of another filter.
    """
    for key in user_metadata or ():
        if key.partition("[")[0] in {*query, "page"}:
            raise ValueError(f"The list cannot be filtered by the metadata key {key!r}: it is the name of a filter.")
    return {**query, **(user_metadata or {})}


class AsyncResource:
    """A group of endpoints that share a transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        # A poller stays for as long as a wait or its task refers to it.
        self._pollers: WeakValueDictionary[tuple[object, ...], SharedPoller[Any]] = WeakValueDictionary()

    async def _get(
        self, path: str, into: type[T], options: RequestOptions | None, *, query: Mapping[str, Any] | None = None
    ) -> T:
        return await self._transport.request(Call("GET", path, query, safe=True), into, options)

    async def _post(
        self,
        path: str,
        into: type[T],
        options: RequestOptions | None,
        *,
        json: Mapping[str, Any] | None = None,
        form: Mapping[str, Any] | None = None,
        files: Sequence[tuple[str, Source]] = (),
        safe: bool = False,
        category: str = "other",
    ) -> T:
        call = Call("POST", path, json=json, form=form, files=files, safe=safe, category=category)
        return await self._transport.request(call, into, options)

    async def _patch(self, path: str, into: type[T], options: RequestOptions | None, *, json: Mapping[str, Any]) -> T:
        return await self._transport.request(Call("PATCH", path, json=json, safe=True), into, options)

    async def _do(
        self,
        method: str,
        path: str,
        options: RequestOptions | None,
        *,
        query: Mapping[str, Any] | None = None,
        json: Mapping[str, Any] | None = None,
    ) -> None:
        # Answered with 204, 200 and {}, or 200 and nothing, depending on the page of the reference: not looked at.
        await self._transport.send(Call(method, path, query, json=json, safe=True), options)

    def _list(
        self, path: str, item: type[T], page: int | None, options: RequestOptions | None, /, **query: Any
    ) -> AsyncPager[T]:
        return numbered_pages(self._transport, path, item, query=query, page=page, options=options)

    def _shared_poller(
        self, make: Callable[..., SharedPoller[J]], *scope: str, request_options: RequestOptions | None
    ) -> SharedPoller[J]:
        """Return the poller of the waits on a list; make it if there is none.

        Args:
            make: Called with *scope* and *request_options*.
            scope: Ids that name the list, such as that of the index.
            request_options: Waits with different options do not share a poller.
        """
        # The options by their hash only: they may hold secrets, and tracebacks can show local variables.
        key = (asyncio.get_running_loop(), *scope, hash(repr(request_options)) if request_options else None)
        poller = self._pollers.get(key)
        if poller is None:
            poller = self._pollers[key] = make(*scope, request_options)
        return poller
