"""The blocking client: settings, and resources that are imported on first use."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, Final, Never, Self, overload

import aiohttp

from .._api_key import KeyFunction
from .._client import AsyncTwelveLabs
from .._connections import ConnectorFactory, SessionFactory, Trust
from .._rate_limits import RateLimits
from .._reachability import Reachability
from .._removed import reject_keywords
from .._structured_output import Analysis, Content
from ..models.analyze import NonStreamAnalyzeResponse
from ..options import MAX_CONNECTIONS, MAX_RETRIES, Limiter, TwelveLabsEnvironment
from ..resources._base import resource
from ..resources._raw import Blocked
from ..resources.analyze import RawAnalyze
from ._runner import LoopThread
from ._twin import A, Blocking, BlockingResource, F, P, T, blocking, blocking_iter

if TYPE_CHECKING:
    from .analyze_async import AnalyzeAsync
    from .assets import Assets
    from .bulk import Bulk
    from .data_connectors import DataConnectors
    from .embed import Embed
    from .entity_collections import EntityCollections
    from .imports import Imports
    from .indexes import Indexes
    from .knowledge_stores import KnowledgeStoreItemCollections, KnowledgeStoreItems, KnowledgeStores
    from .media import Media
    from .multipart_upload import MultipartUpload
    from .responses import Responses
    from .search import Search
    from .tasks import Tasks


# mypy keeps the default of a type variable only where the variable is named. jedi does not know it; see `blocking`.
@overload
def _analyze(
    method: Callable[Concatenate[A, P], Coroutine[Any, Any, Analysis]],
) -> Callable[Concatenate[Blocking[A], P], Analysis]: ...
@overload
def _analyze(method: object, _: Never, __: Never, /) -> Callable[..., NonStreamAnalyzeResponse]: ...
@overload
def _analyze(method: F, _: Never, /) -> F: ...
def _analyze(method: Any, *_: Never) -> Any:
    return blocking(method)


@overload
def _request(
    method: Callable[Concatenate[A, P], Coroutine[Any, Any, Content]],
) -> Callable[Concatenate[Blocking[A], P], Content]: ...
@overload
def _request(method: F, _: Never, /) -> F: ...
def _request(method: Any, *_: Never) -> Any:
    return blocking(method)


class TwelveLabs(BlockingResource[AsyncTwelveLabs]):
    """The client of the TwelveLabs API for code that blocks.

    It works in scripts, notebooks and threads. Its methods run in an event loop in a thread of its own, but call
    callbacks in the calling thread, where they can use the client. Coroutine functions, and the callbacks of bulk runs,
    which continue between two outcomes, run in the event loop. Ctrl-C cancels the request in flight. Any number of
    threads can share one client. Close it, or use ``with``; a client that is garbage collected closes itself.

    Args:
        api_key: The API key, or a function or coroutine function that returns it, called before each request. Default:
            ``TWELVELABS_API_KEY``, else ``TWELVE_LABS_API_KEY``, from the environment.
        base_url: URL of the API with its version. Default: ``TWELVELABS_BASE_URL`` from the environment, else that of
            *environment*.
        environment: Server of the API by name. Default: ``https://api.twelvelabs.io/v1.3``.
        headers: Headers of every request to the API.
        timeout: Seconds for a request with all its retries; uploads get more, by their size. Default: 600.
        max_retries: Retries of a failed request, where they do no harm. Default: 2.
        limiter: Awaited before every request, to share an account between processes.
        ssl: Settings of TLS, as aiohttp takes them. Default: the certificate authorities of the system, or of
            ``SSL_CERT_FILE``, or of certifi.
        proxy: URL of an HTTP proxy for all requests. Default: those of ``HTTPS_PROXY``, ``HTTP_PROXY``, ``ALL_PROXY``
            and ``NO_PROXY``, read at the first request.
        max_connections: Connections at once for each kind of request, such as searches, analyses, or parts of uploads.
            Further requests wait, within their timeout. Default: 100.
        session: A function that returns an aiohttp session, whose connector is used. Nothing else of it is.
        connector: A function that returns an aiohttp connector. It has its own limit of connections. The function is
            called in the client's event loop, and what it returns is closed with the client.
        trace_configs: aiohttp trace configs.
        middlewares: aiohttp client middlewares.

    Raises:
        TwelveLabsError: There is no API key.
        TypeError: *session* or *connector* is not a function, or a number has another type.
        ValueError: The API key, the base URL, a header, the proxy or a number is invalid.

    An argument of the official SDK that does not exist here is a `TypeError` that names what replaces it.

    Example:
        ::

            with TwelveLabs() as client:
                for index in client.indexes.list():
                    print(index.index_name)
    """

    def __init__(
        self,
        *,
        api_key: str | KeyFunction | None = None,
        base_url: str | None = None,
        environment: TwelveLabsEnvironment = TwelveLabsEnvironment.DEFAULT,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        max_retries: int = MAX_RETRIES,
        limiter: Limiter | None = None,
        ssl: Trust = True,
        proxy: str | None = None,
        max_connections: int = MAX_CONNECTIONS,
        session: SessionFactory | None = None,
        connector: ConnectorFactory | None = None,
        trace_configs: Sequence[aiohttp.TraceConfig] = (),
        middlewares: Sequence[aiohttp.ClientMiddlewareType] = (),
        **removed: Never,
    ) -> None:
        secrets: Any = [api_key, base_url, headers, proxy]
        del api_key, base_url, headers, proxy  # a traceback that passes here must not show them
        if removed:
            secrets.clear()
        reject_keywords(TwelveLabs, removed)
        client = AsyncTwelveLabs(
            api_key=secrets.pop(0),
            base_url=secrets.pop(0),
            headers=secrets.pop(0),
            proxy=secrets.pop(0),
            environment=environment,
            timeout=timeout,
            max_retries=max_retries,
            limiter=limiter,
            ssl=ssl,
            max_connections=max_connections,
            session=_require_factory("session", session),
            connector=_require_factory("connector", connector),
            trace_configs=trace_configs,
            middlewares=middlewares,
        )
        super().__init__(client, LoopThread())

    with_raw_response: RawAnalyze[Blocked]

    analyze: Final = _analyze(AsyncTwelveLabs.analyze)
    analyze_stream: Final = blocking_iter(AsyncTwelveLabs.analyze_stream)
    name_videos: Final = blocking(AsyncTwelveLabs.name_videos)
    request: Final = _request(AsyncTwelveLabs.request)

    def __repr__(self) -> str:
        client = getattr(self, "_async", None)  # which a constructor that raises has not set
        return repr(client).removeprefix("Async") if client else f"{type(self).__name__}()"

    @property
    def limits(self) -> RateLimits:
        """The account's rate limits, as far as responses have reported them."""
        return self._async.limits

    @property
    def reachability(self) -> Reachability:
        """Reachability of the API by the requests of this client: its failures, and when they began."""
        return self._async.reachability

    @resource
    def indexes(self) -> Indexes:
        """Indexes, and the assets in them."""
        from .indexes import Indexes

        return Indexes(self._async.indexes, self._thread)

    @resource
    def assets(self) -> Assets:
        """Uploaded files."""
        from .assets import Assets

        return Assets(self._async.assets, self._thread)

    @resource
    def multipart_upload(self) -> MultipartUpload:
        """Large files, uploaded in parts."""
        from .multipart_upload import MultipartUpload

        return MultipartUpload(self._async.multipart_upload, self._thread)

    @resource
    def responses(self) -> Responses:
        """Answers about the items of a knowledge store."""
        from .responses import Responses

        return Responses(self._async.responses, self._thread)

    @resource
    def search(self) -> Search:
        """Search by text and images."""
        from .search import Search

        return Search(self._async.search, self._thread)

    @resource
    def analyze_async(self) -> AnalyzeAsync:
        """Analyses in the background."""
        from .analyze_async import AnalyzeAsync

        return AnalyzeAsync(self._async.analyze_async, self._thread)

    @resource
    def tasks(self) -> Tasks:
        """Videos uploaded and indexed in one job."""
        from .tasks import Tasks

        return Tasks(self._async.tasks, self._thread)

    @resource
    def data_connectors(self) -> DataConnectors:
        """Accounts at other providers."""
        from .data_connectors import DataConnectors

        return DataConnectors(self._async.data_connectors, self._thread)

    @resource
    def imports(self) -> Imports:
        """Imports of files from connected accounts."""
        from .imports import Imports

        return Imports(self._async.imports, self._thread)

    @resource
    def embed(self) -> Embed:
        """Embeddings of text and files."""
        from .embed import Embed

        return Embed(self._async.embed, self._thread)

    @resource
    def entity_collections(self) -> EntityCollections:
        """Collections of entities, and the entities in them."""
        from .entity_collections import EntityCollections

        return EntityCollections(self._async.entity_collections, self._thread)

    @resource
    def knowledge_stores(self) -> KnowledgeStores:
        """Knowledge stores, and search in them."""
        from .knowledge_stores import KnowledgeStores

        return KnowledgeStores(self._async.knowledge_stores, self._thread)

    @resource
    def knowledge_store_items(self) -> KnowledgeStoreItems:
        """Assets in knowledge stores."""
        from .knowledge_stores import KnowledgeStoreItems

        return KnowledgeStoreItems(self._async.knowledge_store_items, self._thread)

    @resource
    def knowledge_store_item_collections(self) -> KnowledgeStoreItemCollections:
        """Collections of the items in a knowledge store."""
        from .knowledge_stores import KnowledgeStoreItemCollections

        return KnowledgeStoreItemCollections(self._async.knowledge_store_item_collections, self._thread)

    @resource
    def bulk(self) -> Bulk:
        """Bulk runs over any number of sources."""
        from .bulk import Bulk

        return Bulk(self._async.bulk, self._thread)

    @resource
    def media(self) -> Media:
        """Clips, pictures and other files of moments."""
        from .media import Media

        return Media(self._async.media, self._thread)

    def with_options(
        self,
        *,
        api_key: str | KeyFunction | None = None,
        base_url: str | None = None,
        timeout: float | None = None,
        max_retries: int | None = None,
        headers: Mapping[str, str] | None = None,
        limiter: Limiter | None = None,
    ) -> Self:
        """Return a client with other settings that shares the connections.

        With the same API key and base URL, it also shares the rate limits. Closing one of the clients closes both.

        Args:
            api_key: API key of another account, or a function that returns one.
            base_url: URL of another server, which receives the API key.
            timeout: Seconds for a request with all its retries.
            max_retries: Retries of a failed request.
            headers: Headers to add to this client's, or to replace them.
            limiter: Awaited before every request.

        Raises:
            TwelveLabsError: *api_key* is empty.
            TypeError: *timeout* or *max_retries* is not a number.
            ValueError: One of them is out of range, or the API key, the base URL or a header is invalid.

        Example:
            ::

                tenant = client.with_options(api_key=keys[tenant_id])
                tenant.indexes.retrieve(index_id)
        """
        secrets: Any = [api_key, base_url, headers]
        del api_key, base_url, headers  # a traceback that passes here must not show them
        client = self._async.with_options(
            api_key=secrets.pop(0),
            base_url=secrets.pop(0),
            headers=secrets.pop(0),
            timeout=timeout,
            max_retries=max_retries,
            limiter=limiter,
        )
        copy = type(self).__new__(type(self))
        super(TwelveLabs, copy).__init__(client, self._thread)
        return copy

    def close(self) -> None:
        """Close the connections and end the thread.

        Afterwards, the client raises `RuntimeError`.
        """
        self._thread.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _require_factory(name: str, factory: T) -> T:
    if factory is not None and not callable(factory):
        raise TypeError(
            f"{name} must be a function that returns one, such as lambda: aiohttp.TCPConnector(), since it is made in "
            f"the event loop of the client; got {type(factory).__name__}."
        )
    return factory
