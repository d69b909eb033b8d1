"""The blocking client: every method is the twin of an async one, written in one line."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, Final, Self

import aiohttp

from .._rate_limits import RateLimits
from .._structured_output import Analysis
from ..client import AsyncTwelveLabs
from ..options import DEFAULT_MAX_RETRIES, Limiter
from ._pager import SyncPager
from ._twin import A, Blocking, P, Runner, Twin, blocking, blocking_iter, part

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
    from .multipart_upload import MultipartUpload
    from .responses import Responses
    from .search import Search
    from .tasks import Tasks

__all__ = ["SyncPager", "TwelveLabs"]


def _analyze(method: Callable[Concatenate[A, P], Coroutine[Any, Any, Analysis]]) -> Twin[A, P, Analysis]:
    return blocking(method)  # mypy keeps the default of a type variable only where it is named


class TwelveLabs(Blocking[AsyncTwelveLabs]):
    """The client of the TwelveLabs API for code that blocks: scripts, notebooks, threads.

    It has the methods of `AsyncTwelveLabs`, which run in an event loop in a thread of its own; Ctrl-C cancels the
    request under way. One client serves any number of threads. Close it, or use ``with``; a forgotten one closes
    itself.

    Args:
        api_key: The API key. Default: ``TWELVELABS_API_KEY``, else ``TWELVE_LABS_API_KEY``, from the environment.
        base_url: Where the API is, version included. Default: ``TWELVELABS_BASE_URL`` from the environment, else
            ``https://api.twelvelabs.io/v1.3``.
        headers: Headers to send with every request to the API.
        timeout: Seconds for a call with all its retries; uploads get more, by their size. Default: 600.
        max_retries: How often a request that failed is sent again, where that can do no harm. Default: 2.
        limiter: Awaited before every request, to share an account between processes.
        trace_configs: aiohttp trace configs for our sessions.
        middlewares: aiohttp client middlewares for our sessions.

    Raises:
        TwelveLabsError: There is no API key.
        ValueError: The API key or the base URL cannot be right.

    Example:
        ::

            with TwelveLabs() as client:
                for index in client.indexes.list():
                    print(index.index_name)
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        max_retries: int = DEFAULT_MAX_RETRIES,
        limiter: Limiter | None = None,
        trace_configs: Sequence[aiohttp.TraceConfig] = (),
        middlewares: Sequence[aiohttp.ClientMiddlewareType] = (),
    ) -> None:
        aio = AsyncTwelveLabs(
            api_key=api_key,
            base_url=base_url,
            headers=headers,
            timeout=timeout,
            max_retries=max_retries,
            limiter=limiter,
            trace_configs=trace_configs,
            middlewares=middlewares,
        )
        super().__init__(aio, Runner())

    analyze: Final = _analyze(AsyncTwelveLabs.analyze)
    analyze_stream: Final = blocking_iter(AsyncTwelveLabs.analyze_stream)

    def __repr__(self) -> str:
        return f"{type(self).__name__}{repr(self.aio).removeprefix(type(self.aio).__name__)}"

    @property
    def limits(self) -> RateLimits:
        """The account's rate limits, as far as answers have told."""
        return self.aio.limits

    indexes: cached_property[Indexes] = part("indexes.Indexes")
    """Indexes, and the assets in them."""
    assets: cached_property[Assets] = part("assets.Assets")
    """Uploaded files."""
    multipart_upload: cached_property[MultipartUpload] = part("multipart_upload.MultipartUpload")
    """Large files, uploaded in parts."""
    responses: cached_property[Responses] = part("responses.Responses")
    """Answers about the items of a knowledge store."""
    search: cached_property[Search] = part("search.Search")
    """Moments, found by text and images."""
    analyze_async: cached_property[AnalyzeAsync] = part("analyze_async.AnalyzeAsync")
    """Analyses in the background."""
    tasks: cached_property[Tasks] = part("tasks.Tasks")
    """Videos uploaded and indexed in one job."""
    data_connectors: cached_property[DataConnectors] = part("data_connectors.DataConnectors")
    """Accounts at other providers."""
    imports: cached_property[Imports] = part("imports.Imports")
    """Files of those accounts, made assets."""
    embed: cached_property[Embed] = part("embed.Embed")
    """Vectors of texts and files."""
    entity_collections: cached_property[EntityCollections] = part("entity_collections.EntityCollections")
    """Collections of entities, and the entities in them."""
    knowledge_stores: cached_property[KnowledgeStores] = part("knowledge_stores.KnowledgeStores")
    """Knowledge stores, and search in them."""
    knowledge_store_items: cached_property[KnowledgeStoreItems] = part("knowledge_stores.KnowledgeStoreItems")
    """Assets in knowledge stores."""
    knowledge_store_item_collections: cached_property[KnowledgeStoreItemCollections] = part(
        "knowledge_stores.KnowledgeStoreItemCollections"
    )
    """Collections of the items in a knowledge store."""

    @cached_property
    def bulk(self) -> Bulk:
        """Many assets at once."""
        from .bulk import Bulk

        return Bulk(self.aio.bulk, self.runner)

    def with_options(
        self,
        *,
        timeout: float | None = None,
        max_retries: int | None = None,
        headers: Mapping[str, str] | None = None,
        limiter: Limiter | None = None,
    ) -> Self:
        """Make a client with other settings that shares this one's connections and limits; closing one closes both.

        Args:
            timeout: Seconds for a call with all its retries.
            max_retries: How often a request that failed is sent again.
            headers: Headers to send besides this client's.
            limiter: Awaited before every request.
        """
        aio = self.aio.with_options(timeout=timeout, max_retries=max_retries, headers=headers, limiter=limiter)
        copy = object.__new__(type(self))
        super(TwelveLabs, copy).__init__(aio, self.runner)
        return copy

    def close(self) -> None:
        """Close the connections and stop the thread. The client cannot be used any more."""
        self.runner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
