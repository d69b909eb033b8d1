"""Common parts of the resources: requests, lists, pollers, validation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final, TypeVar, Unpack, cast
from weakref import WeakValueDictionary

from .._deprecations import warn_of_models
from .._http_responses import BaseHttpResponse
from .._jobs import JobKind, ListedJob
from .._list_polls import ListPoll
from .._pagination import AsyncPager, http_response, numbered_pages
from .._process_bound import ProcessBound
from .._removed import HintedAttributes
from .._request import Request, RequestContent, build_request
from .._retry import log
from .._shared_poller import SharedPoller
from .._transport import RecordingTransport, Transport
from ..errors import InvalidArgumentError
from ..options import RequestOptions
from ._raw import Awaited, Raw, raw_responses

__all__ = ["CreatedTasks"]

if TYPE_CHECKING:
    resource = property  # which jedi understands, unlike `cached_property`
else:
    resource = cached_property

G = TypeVar("G")
T = TypeVar("T")
J = TypeVar("J", bound=ListedJob)

CREATE_CONCURRENCY: Final = 8


class AsyncResource(HintedAttributes, ProcessBound):
    """A group of endpoints."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        # A poller stays for as long as a wait or its task refers to it.
        self._pollers: WeakValueDictionary[tuple[object, ...], SharedPoller[Any]] = WeakValueDictionary()

    def _raw_responses(self) -> Raw[Awaited]:
        """The methods of this resource, which return the whole response, with status, headers and request id."""
        return raw_responses(type(self), self._record)

    with_raw_response: Any = cached_property(_raw_responses)

    def _record(self) -> tuple[AsyncResource, RecordingTransport]:
        """Return a copy of this resource for one call, and its transport, which keeps the last response."""
        copy, transport = object.__new__(type(self)), RecordingTransport(self._transport)
        AsyncResource.__init__(copy, transport)
        return copy, transport

    def _build(
        self,
        method: str,
        url_path: str,
        options: RequestOptions | None,
        *,
        is_idempotent: bool = True,
        **content: Unpack[RequestContent],
    ) -> Request:
        """Return a request with the settings of the client; see `build_request`. Warn of retired models in it."""
        warn_of_models(content.get("json") or content.get("form") or {})
        settings = self._transport.settings
        return build_request(settings, method, url_path, options, is_idempotent=is_idempotent, **content)

    async def _get(
        self, url_path: str, model: type[T], options: RequestOptions | None, *, query: Mapping[str, Any] | None = None
    ) -> T:
        return await self._transport.request(self._build("GET", url_path, options, query=query), model)

    async def _post(
        self,
        url_path: str,
        model: type[T],
        options: RequestOptions | None,
        *,
        is_idempotent: bool = False,
        **content: Unpack[RequestContent],
    ) -> T:
        request = self._build("POST", url_path, options, is_idempotent=is_idempotent, **content)
        return await self._transport.request(request, model)

    async def _patch(
        self, url_path: str, model: type[T], options: RequestOptions | None, *, json: Mapping[str, Any]
    ) -> T:
        return await self._transport.request(self._build("PATCH", url_path, options, json=json), model)

    async def _put(
        self, url_path: str, model: type[T], options: RequestOptions | None, *, json: Mapping[str, Any]
    ) -> T:
        return await self._transport.request(self._build("PUT", url_path, options, json=json), model)

    async def _send(
        self, method: str, url_path: str, options: RequestOptions | None, **content: Unpack[RequestContent]
    ) -> None:
        """Send an idempotent request without a result.

        Depending on the page of the reference, the response is 204, 200 with ``{}``, or 200 with nothing.
        """
        await self._transport.execute(self._build(method, url_path, options, **content))

    async def _request_page(self, request: Request, model: type[T]) -> tuple[T, Callable[[], BaseHttpResponse]]:
        """Send a request; return its response as a model, and a function that returns its status and headers."""
        response = await self._transport.send(request)
        return self._transport.decode(request, response, model), http_response(self._transport, response)

    def _list(
        self, url_path: str, item: type[T], page: int | None, options: RequestOptions | None, /, **query: Any
    ) -> AsyncPager[T]:
        return numbered_pages(self._transport, url_path, item, query=query, page=page, options=options)

    def _shared_poller(
        self,
        kind: JobKind,
        retrieve: Callable[..., Awaitable[J]],
        list_poll: ListPoll[J],
        request_options: RequestOptions | None,
        *scope: str,
    ) -> SharedPoller[J]:
        """Return the poller of the waits on a list; make it if there is none.

        Args:
            kind: The kind of the jobs.
            retrieve: Retrieves one job; called with *scope*, the id and *request_options*.
            list_poll: Reads the list, if the poller is made.
            request_options: Waits with different options do not share a poller.
            scope: Ids that name the list, such as that of the index.
        """
        # The options by their hash only: they may hold secrets, and tracebacks can show local variables.
        key = (asyncio.get_running_loop(), *scope, hash(repr(request_options)) if request_options else None)
        poller = self._pollers.get(key)
        if poller is None:
            retrieve_one = partial(retrieve, *scope, request_options=request_options)
            poller = self._pollers[key] = SharedPoller(kind, retrieve_one, list_poll)
        return poller


def require_nonempty(name: str, values: Sequence[T], example: str = "") -> Sequence[T]:
    """Return *values* if they are a list with at least one entry.

    Args:
        name: The argument's name.
        values: The argument.
        example: A valid value, for the error message.

    Raises:
        ValueError: *values* is empty, or no list. A string would be sent as a list of its characters.
    """
    if not isinstance(cast("object", values), Sequence) or isinstance(values, str | bytes) or not values:
        hint = f" such as {example}" if example else ""
        raise InvalidArgumentError(f"{name} must be a list with at least one entry{hint}; got {values!r:.100}.")
    return values


class CreatedTasks(list[T]):
    """The tasks that were created, in the order of their videos.

    Attributes:
        failures: The errors of the videos that have no task, by the position of the video.
    """

    def __init__(self, outcomes: Iterable[T | Exception]) -> None:
        super().__init__()
        self.failures: dict[int, Exception] = {}
        for position, outcome in enumerate(outcomes):
            if isinstance(outcome, Exception):
                self.failures[position] = outcome
            else:
                self.append(outcome)


async def create_each(create: Callable[[G], Awaitable[T]], sources: Sequence[G]) -> CreatedTasks[T]:
    """Create a task for each source, at most 8 at a time. Log those that fail."""
    semaphore = asyncio.Semaphore(CREATE_CONCURRENCY)

    async def create_one(source: G) -> T | Exception:
        async with semaphore:
            try:
                return await create(source)
            except Exception as error:
                log.warning("create_bulk: a task was not created: %s", str(error) or type(error).__name__)
                return error

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(create_one(source)) for source in sources]
    return CreatedTasks(task.result() for task in tasks)


def with_metadata_filters(query: Mapping[str, Any], user_metadata: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return *query* with filters by user metadata, which stand at its root.

    Raises:
        ValueError: A key is the name of another filter.
    """
    for key in user_metadata or ():
        if key.partition("[")[0] in {*query, "page"}:
            raise InvalidArgumentError(
                f"user_metadata cannot filter by the key {key!r}, because the list has a filter of that name. "
                "Filter the returned items instead."
            )
    return {**query, **(user_metadata or {})}
