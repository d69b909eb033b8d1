"""All resources of the API, as attributes of one object."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .._deprecations import warn_of_endpoint
from .._rate_limits import RateLimits
from .._reachability import Reachability
from ..models.moment import Moment
from ..models.moments import Moments
from ..options import RequestOptions
from ._base import resource
from .analyze import AsyncAnalyze

if TYPE_CHECKING:
    from .analyze_async import AsyncAnalyzeAsync
    from .assets import AsyncAssets
    from .data_connectors import AsyncDataConnectors
    from .embed import AsyncEmbed
    from .entity_collections import AsyncEntityCollections
    from .imports import AsyncImports
    from .indexes import AsyncIndexes
    from .knowledge_store_item_collections import AsyncKnowledgeStoreItemCollections
    from .knowledge_store_items import AsyncKnowledgeStoreItems
    from .knowledge_stores import AsyncKnowledgeStores
    from .multipart_upload import AsyncMultipartUpload
    from .responses import AsyncResponses
    from .search import AsyncSearch
    from .tasks import AsyncTasks


class AsyncAPI(AsyncAnalyze):
    """All resources of the API. A resource is imported when it is used first."""

    @property
    def limits(self) -> RateLimits:
        """The account's rate limits, as far as responses have reported them."""
        return self._transport.limits

    @property
    def reachability(self) -> Reachability:
        """Reachability of the API by the requests of this client: its failures, and when they began."""
        return self._transport.reachability

    @property
    def account_digest(self) -> str | None:
        """One-way digest of the API key and the base URL, which names files. ``None`` if a function returns the key."""
        return self._transport.key.digest(self._transport.settings.base_url)

    async def name_videos(
        self,
        moments: Iterable[Moment],
        *,
        knowledge_store_id: str | None = None,
        details: bool = False,
        request_options: RequestOptions | None = None,
    ) -> Moments:
        """Return moments with the file name, the length and further details of their videos.

        Lists name up to 50 videos with one request, and the client remembers them, as by `with_videos` of a search.
        A video needs the ids of an index and of an indexed asset, or that of an asset. Moments of other videos stay as
        they are.

        Args:
            moments: Moments of any responses.
            knowledge_store_id: Store that the ids of other videos belong to, such as those of citations and hits.
            details: True for the user metadata of the videos and the URLs of their streams and pictures as well, with
                a request for each video of an index.

        Example:
            ::

                task = await client.analyze_async.tasks.retrieve(task_id)
                for video, segments in (await client.name_videos(task.moments())).by_video():
                    print(video.filename, len(segments))
        """
        from ._video_names import VideoNames

        return await VideoNames(self._transport, request_options).name(moments, knowledge_store_id, details=details)

    @resource
    def indexes(self) -> AsyncIndexes:
        """Indexes, and the assets in them."""
        from .indexes import AsyncIndexes

        return AsyncIndexes(self._transport)

    @resource
    def assets(self) -> AsyncAssets:
        """Uploaded files."""
        from .assets import AsyncAssets

        return AsyncAssets(self._transport)

    @resource
    def multipart_upload(self) -> AsyncMultipartUpload:
        """Large files, uploaded in parts."""
        from .multipart_upload import AsyncMultipartUpload

        return AsyncMultipartUpload(self._transport)

    @resource
    def responses(self) -> AsyncResponses:
        """Answers about the items of a knowledge store."""
        from .responses import AsyncResponses

        return AsyncResponses(self._transport)

    @resource
    def search(self) -> AsyncSearch:
        """Search by text and images."""
        from .search import AsyncSearch

        return AsyncSearch(self._transport)

    @resource
    def analyze_async(self) -> AsyncAnalyzeAsync:
        """Analyses in the background."""
        from .analyze_async import AsyncAnalyzeAsync

        return AsyncAnalyzeAsync(self._transport)

    @resource
    def tasks(self) -> AsyncTasks:
        """Videos uploaded and indexed in one job."""
        from .tasks import AsyncTasks

        warn_of_endpoint("client.tasks")
        return AsyncTasks(self._transport)

    @resource
    def data_connectors(self) -> AsyncDataConnectors:
        """Accounts at other providers."""
        from .data_connectors import AsyncDataConnectors

        return AsyncDataConnectors(self._transport)

    @resource
    def imports(self) -> AsyncImports:
        """Imports of files from connected accounts."""
        from .imports import AsyncImports

        return AsyncImports(self._transport)

    @resource
    def embed(self) -> AsyncEmbed:
        """Embeddings of text and files."""
        from .embed import AsyncEmbed

        return AsyncEmbed(self._transport)

    @resource
    def entity_collections(self) -> AsyncEntityCollections:
        """Collections of entities, and the entities in them."""
        from .entity_collections import AsyncEntityCollections

        return AsyncEntityCollections(self._transport)

    @resource
    def knowledge_stores(self) -> AsyncKnowledgeStores:
        """Knowledge stores, and search in them."""
        from .knowledge_stores import AsyncKnowledgeStores

        return AsyncKnowledgeStores(self._transport)

    @resource
    def knowledge_store_items(self) -> AsyncKnowledgeStoreItems:
        """Assets in knowledge stores."""
        from .knowledge_store_items import AsyncKnowledgeStoreItems

        return AsyncKnowledgeStoreItems(self._transport)

    @resource
    def knowledge_store_item_collections(self) -> AsyncKnowledgeStoreItemCollections:
        """Collections of the items in a knowledge store."""
        from .knowledge_store_item_collections import AsyncKnowledgeStoreItemCollections

        return AsyncKnowledgeStoreItemCollections(self._transport)
