"""What every resource does with its transport."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from .._body import Source
from .._pagination import AsyncPager, numbered_pages
from .._transport import Call, Transport
from ..options import RequestOptions

T = TypeVar("T")


class AsyncResource:
    """A group of endpoints that share a transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

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
        self, path: str, item: type[T], page: int | None, options: RequestOptions | None, **query: Any
    ) -> AsyncPager[T]:
        return numbered_pages(self._transport, path, item, query=query, page=page, options=options)
