"""``/knowledge-stores``: videos and images, and what the platform understands of them, to search and to ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .._pagination import AsyncPager, Page, http_response
from .._transport import Call, path
from ..models.knowledge_stores import (
    IngestionConfig,
    IngestionConfigParams,
    KnowledgeStore,
    KnowledgeStoreMetadata,
    KnowledgeStoreSearchQuery,
    KnowledgeStoreSearchQueryParams,
    KnowledgeStoresListRequestSortBy,
    SearchKnowledgeStoreFilter,
    SearchKnowledgeStoreFilterParams,
    SearchKnowledgeStoreHit,
    SearchKnowledgeStoreOptions,
    SearchKnowledgeStoreOptionsParams,
    SearchKnowledgeStoreRequestGroupBy,
    SearchKnowledgeStoreResponse,
)
from ..options import OMIT, RequestOptions
from ._base import AsyncResource

STORES: Final = "/knowledge-stores"
STORE: Final = "/knowledge-stores/{knowledge_store_id}"
SEARCH: Final = "/knowledge-stores/{knowledge_store_id}/search"


class AsyncKnowledgeStores(AsyncResource):
    """Make, find, change, search and delete knowledge stores."""

    def list(
        self,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        sort_by: KnowledgeStoresListRequestSortBy | None = None,
        sort_option: str | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[KnowledgeStore]:
        """List the stores, the newest first unless *sort_option* is ``asc``.

        A page has up to *page_limit* of them, 1 to 50, 10 by default.
        """
        query = {"page_limit": page_limit, "sort_by": sort_by, "sort_option": sort_option}
        return self._list(STORES, KnowledgeStore, page, request_options, **query)

    async def create(
        self,
        *,
        name: str,
        ingestion_config: IngestionConfig | IngestionConfigParams | None = OMIT,
        description: str | None = OMIT,
        metadata: KnowledgeStoreMetadata | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> KnowledgeStore:
        """Make a store.

        Args:
            ingestion_config: What to extract from videos besides, in words or as a JSON schema; fixed for good.
            description: More about it.
            metadata: Your own data about it.

        Raises:
            UnprocessableEntityError: The JSON schema has a keyword that is not supported.

        Example:
            ::

                store = await client.knowledge_stores.create(
                    name="talks",
                    ingestion_config={"enrichment_config": {"type": "description", "description": "Who speaks?"}},
                )
        """
        body = {"name": name, "ingestion_config": ingestion_config, "description": description, "metadata": metadata}
        return await self._post(STORES, KnowledgeStore, request_options, json=body)

    async def retrieve(
        self, knowledge_store_id: str, *, request_options: RequestOptions | None = None
    ) -> KnowledgeStore:
        """Describe a store."""
        return await self._get(path(STORE, knowledge_store_id), KnowledgeStore, request_options)

    async def update(
        self,
        knowledge_store_id: str,
        *,
        name: str | None = OMIT,
        description: str | None = OMIT,
        metadata: KnowledgeStoreMetadata | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> KnowledgeStore:
        """Change a store; *metadata* takes the place of all there was."""
        body = {"name": name, "description": description, "metadata": metadata}
        return await self._patch(path(STORE, knowledge_store_id), KnowledgeStore, request_options, json=body)

    async def delete(self, knowledge_store_id: str, *, request_options: RequestOptions | None = None) -> None:
        """Delete a store with all its items and collections; the assets stay."""
        await self._do("DELETE", path(STORE, knowledge_store_id), request_options)

    async def search(
        self,
        knowledge_store_id: str,
        *,
        query: KnowledgeStoreSearchQuery | KnowledgeStoreSearchQueryParams,
        filter: SearchKnowledgeStoreFilter | SearchKnowledgeStoreFilterParams | None = OMIT,
        search_options: SearchKnowledgeStoreOptions | SearchKnowledgeStoreOptionsParams | None = OMIT,
        group_by: SearchKnowledgeStoreRequestGroupBy | None = OMIT,
        page_size: int | None = OMIT,
        page_token: str | None = OMIT,
        include_metadata: bool | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> SearchKnowledgeStoreResponse:
        """Find what matches a text; get one page of it. `search_all` gets all pages.

        Args:
            query: What to look for, as in ``{"text": "a goal from a corner"}``.
            filter: Which items to search, as in ``{"asset_type": {"eq": "video"}}``. Default: all.
            search_options: What of videos to search. Default: ``{"video": {"modalities": ["visual"]}}``.
            group_by: ``none`` for stretches of videos, and images; ``item`` for videos with their stretches, and
                images. Default: ``none``.
            page_size: Matches on a page, 1 to 50. Default: 10.
            page_token: ``next_page_token`` of the page before.
            include_metadata: Whether to return metadata, the platform's and your own. Default: no.

        Raises:
            GoneError: The token has expired; search again.
        """
        body = _body(
            query=query,
            filter=filter,
            search_options=search_options,
            group_by=group_by,
            page_size=page_size,
            include_metadata=include_metadata,
        )
        page = await self._search(knowledge_store_id, body, page_token, request_options)
        found: SearchKnowledgeStoreResponse = page.info
        return found

    def search_all(
        self,
        knowledge_store_id: str,
        *,
        query: KnowledgeStoreSearchQuery | KnowledgeStoreSearchQueryParams,
        filter: SearchKnowledgeStoreFilter | SearchKnowledgeStoreFilterParams | None = OMIT,
        search_options: SearchKnowledgeStoreOptions | SearchKnowledgeStoreOptionsParams | None = OMIT,
        group_by: SearchKnowledgeStoreRequestGroupBy | None = OMIT,
        page_size: int | None = OMIT,
        include_metadata: bool | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[SearchKnowledgeStoreHit]:
        """Find all that matches a text, page after page; takes what `search` takes.

        Example:
            ::

                async for found in client.knowledge_stores.search_all(store.id, query={"text": "a goal"}):
                    print(found.rank, found.item_id)
        """
        body = _body(
            query=query,
            filter=filter,
            search_options=search_options,
            group_by=group_by,
            page_size=page_size,
            include_metadata=include_metadata,
        )

        async def fetch(token: int | str | None) -> Page[SearchKnowledgeStoreHit]:
            return await self._search(knowledge_store_id, body, OMIT if token is None else token, request_options)

        return AsyncPager(fetch, None)

    async def _search(
        self, knowledge_store_id: str, body: Mapping[str, Any], token: Any, options: RequestOptions | None
    ) -> Page[SearchKnowledgeStoreHit]:
        fields = {**body, "page_token": token}
        call = Call("POST", path(SEARCH, knowledge_store_id), json=fields, safe=True, category="knowledge")
        answer = await self._transport.send(call, options)
        found = self._transport.decode(call, answer, SearchKnowledgeStoreResponse)
        following = found.next_page_token if found.next_page_token != token else None
        return Page(found.data or [], following or None, info=found, response=http_response(answer))


def _body(**fields: Any) -> dict[str, Any]:
    if isinstance(fields["query"], str):
        raise TypeError(f'query must be a dict such as {{"text": {fields["query"]!r}}}, not a str.')
    return fields
