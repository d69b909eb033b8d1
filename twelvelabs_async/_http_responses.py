"""Responses as callers see them: status, headers, request id, duration, and data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Generic, TypeVar

from attrs import field, frozen

from .errors import request_id_of

__all__ = ["AsyncHttpResponse", "BaseHttpResponse", "HttpResponse"]

T = TypeVar("T")


@frozen(kw_only=True)
class BaseHttpResponse:
    """A response without its data.

    Attributes:
        status_code: HTTP status.
        headers: Headers. Names are in lower case, and found in any case.
        elapsed: Time from the start of the attempt that succeeded to its complete response. Of a stream, to the
            headers.
    """

    status_code: int
    headers: Mapping[str, str] = field(repr=False)
    elapsed: timedelta

    @property
    def request_id(self) -> str | None:
        """The id of the request, for the API's support."""
        return request_id_of(self.headers)


@frozen(kw_only=True)
class _ResponseWithData(BaseHttpResponse, Generic[T]):
    data: T


class HttpResponse(_ResponseWithData[T]):
    """Response of a method behind ``with_raw_response``.

    A method that sends several requests, such as an upload or a wait, returns the last response of the API.

    Attributes:
        data: What the method itself returns.

    Example:
        ::

            response = client.assets.with_raw_response.retrieve(asset.id)
            print(response.request_id, response.headers["X-RateLimit-Remaining"], response.data.filename)
    """

    __slots__ = ()

    def close(self) -> None:
        """Do nothing, since the response is complete. The ``with`` statement closes a stream."""


class AsyncHttpResponse(_ResponseWithData[T]):
    """Response of a method behind ``with_raw_response`` of the asynchronous client.

    A method that sends several requests, such as an upload or a wait, returns the last response of the API.

    Attributes:
        data: What the method itself returns.

    Example:
        ::

            response = await client.assets.with_raw_response.retrieve(asset.id)
            print(response.request_id, response.headers["X-RateLimit-Remaining"], response.data.filename)
    """

    __slots__ = ()

    async def close(self) -> None:
        """Do nothing, since the response is complete. The ``async with`` statement closes a stream."""
