"""The asynchronous client: settings, a transport, and one attribute per resource."""

from __future__ import annotations

import logging
import os
import platform
from collections.abc import Mapping, Sequence
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import aiohttp

from ._connections import Connections
from ._rate_limits import RateLimits
from ._transport import ApiKey, Transport
from ._version import __version__
from .errors import TwelveLabsError
from .options import BASE_URL, DEFAULT_MAX_RETRIES, DEFAULT_TIMEOUT, Limiter
from .resources._base import part
from .resources.analyze import AsyncAnalyze

if TYPE_CHECKING:
    from .bulk import AsyncBulk
    from .resources.analyze_async import AsyncAnalyzeAsync
    from .resources.assets import AsyncAssets
    from .resources.data_connectors import AsyncDataConnectors
    from .resources.embed import AsyncEmbed
    from .resources.entity_collections import AsyncEntityCollections
    from .resources.imports import AsyncImports
    from .resources.indexes import AsyncIndexes
    from .resources.knowledge_store_item_collections import AsyncKnowledgeStoreItemCollections
    from .resources.knowledge_store_items import AsyncKnowledgeStoreItems
    from .resources.knowledge_stores import AsyncKnowledgeStores
    from .resources.multipart_upload import AsyncMultipartUpload
    from .resources.responses import AsyncResponses
    from .resources.search import AsyncSearch
    from .resources.tasks import AsyncTasks

__all__ = ["AsyncTwelveLabs"]

KEY_VARIABLES: Final = ("TWELVELABS_API_KEY", "TWELVE_LABS_API_KEY")
USER_AGENT: Final = (
    f"twelvelabs_async/{__version__} (python {platform.python_version()}; aiohttp {aiohttp.__version__})"
)


class AsyncTwelveLabs(AsyncAnalyze):
    """The client of the TwelveLabs API for asyncio.

    One client serves any number of tasks, and several event loops one after the other. Close it, or use ``async with``.

    Args:
        api_key: The API key. Default: ``TWELVELABS_API_KEY``, else ``TWELVE_LABS_API_KEY``, from the environment.
        base_url: Where the API is, version included. Default: ``TWELVELABS_BASE_URL`` from the environment, else
            ``https://api.twelvelabs.io/v1.3``.
        headers: Headers to send with every request to the API.
        timeout: Seconds for a call with all its retries; uploads get more, by their size. Default: 600.
        max_retries: How often a request that failed is sent again, where that can do no harm. Default: 2.
        limiter: Awaited before every request, to share an account between processes.
        session: Your own aiohttp session to use instead of ours; it is not closed.
        connector: Your own aiohttp connector, for example with proxy or TLS settings; it is not closed.
        trace_configs: aiohttp trace configs for our sessions.
        middlewares: aiohttp client middlewares for our sessions.

    Raises:
        TwelveLabsError: There is no API key.
        ValueError: The API key or the base URL cannot be right.

    Example:
        ::

            async with AsyncTwelveLabs() as client:
                async for index in client.indexes.list():
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
        session: aiohttp.ClientSession | None = None,
        connector: aiohttp.BaseConnector | None = None,
        trace_configs: Sequence[aiohttp.TraceConfig] = (),
        middlewares: Sequence[aiohttp.ClientMiddlewareType] = (),
    ) -> None:
        _set_up_logging()
        super().__init__(
            Transport(
                base_url=_base_url(base_url),
                key=_key(api_key),
                headers={"User-Agent": USER_AGENT, **(headers or {})},
                timeout=DEFAULT_TIMEOUT if timeout is None else timeout,
                max_retries=max_retries,
                limiter=limiter,
                limits=RateLimits(),
                connections=Connections(session, connector, trace_configs, middlewares),
            )
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._transport.base_url!r})"

    @property
    def limits(self) -> RateLimits:
        """The account's rate limits, as far as answers have told."""
        return self._transport.limits

    indexes: cached_property[AsyncIndexes] = part("indexes.AsyncIndexes")
    """Indexes, and the assets in them."""
    assets: cached_property[AsyncAssets] = part("assets.AsyncAssets")
    """Uploaded files."""
    multipart_upload: cached_property[AsyncMultipartUpload] = part("multipart_upload.AsyncMultipartUpload")
    """Large files, uploaded in parts."""
    responses: cached_property[AsyncResponses] = part("responses.AsyncResponses")
    """Answers about the items of a knowledge store."""
    search: cached_property[AsyncSearch] = part("search.AsyncSearch")
    """Moments, found by text and images."""
    analyze_async: cached_property[AsyncAnalyzeAsync] = part("analyze_async.AsyncAnalyzeAsync")
    """Analyses in the background."""
    tasks: cached_property[AsyncTasks] = part("tasks.AsyncTasks")
    """Videos uploaded and indexed in one job."""
    data_connectors: cached_property[AsyncDataConnectors] = part("data_connectors.AsyncDataConnectors")
    """Accounts at other providers."""
    imports: cached_property[AsyncImports] = part("imports.AsyncImports")
    """Files of those accounts, made assets."""
    embed: cached_property[AsyncEmbed] = part("embed.AsyncEmbed")
    """Vectors of texts and files."""
    entity_collections: cached_property[AsyncEntityCollections] = part("entity_collections.AsyncEntityCollections")
    """Collections of entities, and the entities in them."""
    knowledge_stores: cached_property[AsyncKnowledgeStores] = part("knowledge_stores.AsyncKnowledgeStores")
    """Knowledge stores, and search in them."""
    knowledge_store_items: cached_property[AsyncKnowledgeStoreItems] = part(
        "knowledge_store_items.AsyncKnowledgeStoreItems"
    )
    """Assets in knowledge stores."""
    knowledge_store_item_collections: cached_property[AsyncKnowledgeStoreItemCollections] = part(
        "knowledge_store_item_collections.AsyncKnowledgeStoreItemCollections"
    )
    """Collections of the items in a knowledge store."""

    @cached_property
    def bulk(self) -> AsyncBulk:
        """Many assets at once."""
        from .bulk import AsyncBulk

        return AsyncBulk(self)

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
        now = self._transport
        copy = object.__new__(type(self))
        copy._transport = Transport(
            base_url=now.base_url,
            key=now.key,
            headers={**now.headers, **(headers or {})},
            timeout=now.timeout if timeout is None else timeout,
            max_retries=now.max_retries if max_retries is None else max_retries,
            limiter=now.limiter if limiter is None else limiter,
            limits=now.limits,
            connections=now.connections,
        )
        return copy

    async def close(self) -> None:
        """Close the connections. The client cannot be used any more."""
        await self._transport.connections.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _key(given: str | None) -> ApiKey:
    key = (given or next(filter(None, map(os.environ.get, KEY_VARIABLES)), "")).strip()
    if not key:
        raise TwelveLabsError(
            "There is no API key: pass api_key= or set TWELVELABS_API_KEY. "
            "Keys are made in the TwelveLabs Playground, under API Keys. To try things without one, see "
            "twelvelabs_async.testing.Emulator."
        )
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ValueError(
            "The API key has characters that no key has, such as blanks or line breaks. Was it copied whole?"
        )
    return ApiKey(key)


def _base_url(given: str | None) -> str:
    url = given or os.environ.get("TWELVELABS_BASE_URL") or BASE_URL
    if not url.startswith(("https://", "http://")) or "?" in url or "#" in url or "@" in url:
        raise ValueError(f"base_url must look like {BASE_URL}, not {url!r}.")
    return url


def _set_up_logging() -> None:
    """Log to stderr if ``TWELVELABS_LOG`` says so, as in ``TWELVELABS_LOG=debug``."""
    level: Any = logging.getLevelNamesMapping().get(os.environ.get("TWELVELABS_LOG", "").upper())
    logger = logging.getLogger("twelvelabs_async")
    if level and not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
        logger.addHandler(handler)
        logger.setLevel(level)
