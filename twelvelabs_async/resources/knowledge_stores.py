"""``/knowledge-stores``: searchable collections of videos and images."""

from __future__ import annotations

from typing import Final

from .._pagination import AsyncPager, FetchedPage, Position, page_with_token
from .._request import argument_checks, url_path
from ..errors import InvalidArgumentTypeError
from ..models.knowledge_stores import (
    IngestionConfig,
    IngestionConfigParams,
    KnowledgeStore,
    KnowledgeStoreGroupBy,
    KnowledgeStoreMetadata,
    KnowledgeStoreSearchQuery,
    KnowledgeStoreSearchQueryParams,
    KnowledgeStoreSortBy,
    SearchKnowledgeStoreFilter,
    SearchKnowledgeStoreFilterParams,
    SearchKnowledgeStoreHit,
    SearchKnowledgeStoreOptions,
    SearchKnowledgeStoreOptionsParams,
    SearchKnowledgeStoreResponse,
)
from ..options import OMIT, RequestOptions
from ._base import AsyncResource
from ._raw import Awaited, Mode, Raw, raw, raw_pager, raw_responses_of

__all__ = ["AsyncKnowledgeStores"]


class AsyncKnowledgeStores(AsyncResource):
    """Create, list, update, search and delete knowledge stores."""

    with_raw_response: RawKnowledgeStores[Awaited]

    def list(
        self,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        sort_by: KnowledgeStoreSortBy | None = None,
        sort_option: str | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[KnowledgeStore]:
        """List the stores.

        Args:
            page: Number of the first page to read. Default: 1.
            page_limit: Stores on a page. 1 to 50. Default: 10.
            sort_by: ``created_at`` or ``updated_at``. Default: ``created_at``.
            sort_option: ``asc`` or ``desc``. Default: ``desc``, the newest first.
        """
        query = {"page_limit": page_limit, "sort_by": sort_by, "sort_option": sort_option}
        return self._list("/knowledge-stores", KnowledgeStore, page, request_options, **query)

    async def create(
        self,
        *,
        name: str,
        ingestion_config: IngestionConfig | IngestionConfigParams | None = OMIT,
        description: str | None = OMIT,
        metadata: KnowledgeStoreMetadata | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> KnowledgeStore:
        """Create a store.

        Args:
            name: Name of the store.
            ingestion_config: Additional data to extract from each item, as a description or a JSON schema, which
                `json_schema` makes of a class. It is fixed after creation.
            description: Description of the store.
            metadata: Metadata of the store. At most 10 keys.

        Raises:
            UnprocessableEntityError: The JSON schema has a keyword that is not supported, or a property without a
                description.

        Example:
            ::

                store = await client.knowledge_stores.create(
                    name="talks",
                    ingestion_config={"enrichment_config": {"type": "description", "description": "Who speaks?"}},
                )
        """
        body = {"name": name, "ingestion_config": ingestion_config, "description": description, "metadata": metadata}
        return await self._post("/knowledge-stores", KnowledgeStore, request_options, json=body)

    async def retrieve(
        self, knowledge_store_id: str, *, request_options: RequestOptions | None = None
    ) -> KnowledgeStore:
        """Retrieve a store."""
        path = url_path("/knowledge-stores/{knowledge_store_id}", knowledge_store_id=knowledge_store_id)
        return await self._get(path, KnowledgeStore, request_options)

    async def update(
        self,
        knowledge_store_id: str,
        *,
        name: str | None = OMIT,
        description: str | None = OMIT,
        metadata: KnowledgeStoreMetadata | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> KnowledgeStore:
        """Update a store.

        Args:
            metadata: New metadata, which replaces the previous metadata completely.
        """
        path = url_path("/knowledge-stores/{knowledge_store_id}", knowledge_store_id=knowledge_store_id)
        body = {"name": name, "description": description, "metadata": metadata}
        return await self._patch(path, KnowledgeStore, request_options, json=body)

    async def delete(self, knowledge_store_id: str, *, request_options: RequestOptions | None = None) -> None:
        """Delete a store, its items and its collections. The assets remain."""
        path = url_path("/knowledge-stores/{knowledge_store_id}", knowledge_store_id=knowledge_store_id)
        await self._send("DELETE", path, request_options)

    async def search(
        self,
        knowledge_store_id: str,
        *,
        query: KnowledgeStoreSearchQuery | KnowledgeStoreSearchQueryParams,
        filter: SearchKnowledgeStoreFilter | SearchKnowledgeStoreFilterParams | None = OMIT,
        search_options: SearchKnowledgeStoreOptions | SearchKnowledgeStoreOptionsParams | None = OMIT,
        group_by: KnowledgeStoreGroupBy | None = OMIT,
        page_size: int | None = OMIT,
        page_token: str | None = OMIT,
        include_metadata: bool | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> SearchKnowledgeStoreResponse:
        """Search a store, and return one page of matches. `search_all` returns all pages.

        Args:
            query: The query, such as ``{"text": "a goal from a corner"}``.
            filter: Items to search, such as ``{"asset_type": {"eq": "video"}}``, or those captured in a circle:
                ``{"location": {"latitude": 37.5, "longitude": 127.0, "radius_meters": 5000}}``. Default: all items.
            search_options: Modalities of videos to search. Default: ``{"video": {"modalities": ["visual"]}}``.
            group_by: ``none`` for video clips and images, ``item`` for videos with their clips, and images.
                Default: ``none``.
            page_size: Matches on a page. 1 to 50. Default: 10.
            page_token: ``next_page_token`` of the previous page.
            include_metadata: True to return system and user metadata. Default: false.

        Raises:
            GoneError: The token has expired: search again.
            UnprocessableEntityError: A field of *filter* matches more than 10,000 items, which the message names.
        """
        with argument_checks(request_options):
            _validate_query(query)
        body = {
            "query": query,
            "filter": filter,
            "search_options": search_options,
            "group_by": group_by,
            "page_size": page_size,
            "page_token": page_token,
            "include_metadata": include_metadata,
        }
        path = url_path("/knowledge-stores/{knowledge_store_id}/search", knowledge_store_id=knowledge_store_id)
        return await self._post(
            path, SearchKnowledgeStoreResponse, request_options, json=body, is_idempotent=True, category="knowledge"
        )

    def search_all(
        self,
        knowledge_store_id: str,
        *,
        query: KnowledgeStoreSearchQuery | KnowledgeStoreSearchQueryParams,
        filter: SearchKnowledgeStoreFilter | SearchKnowledgeStoreFilterParams | None = OMIT,
        search_options: SearchKnowledgeStoreOptions | SearchKnowledgeStoreOptionsParams | None = OMIT,
        group_by: KnowledgeStoreGroupBy | None = OMIT,
        page_size: int | None = OMIT,
        include_metadata: bool | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[SearchKnowledgeStoreHit]:
        """Search a store, and list all matches. The arguments are those of `search`.

        Example:
            ::

                async for found in client.knowledge_stores.search_all(store.id, query={"text": "a goal"}):
                    print(found.rank, found.item_id)
        """
        with argument_checks(request_options):
            _validate_query(query)
        body = {
            "query": query,
            "filter": filter,
            "search_options": search_options,
            "group_by": group_by,
            "page_size": page_size,
            "include_metadata": include_metadata,
        }
        path = url_path("/knowledge-stores/{knowledge_store_id}/search", knowledge_store_id=knowledge_store_id)

        async def fetch_page(token: Position) -> FetchedPage[SearchKnowledgeStoreHit]:
            json = {**body, "page_token": token} if token is not None else body
            request = self._build("POST", path, request_options, json=json, category="knowledge")
            page, response = await self._request_page(request, SearchKnowledgeStoreResponse)
            return page_with_token(request, token, page.data, page.next_page_token, page, response)

        return AsyncPager(fetch_page, SearchKnowledgeStoreHit)


@raw_responses_of(AsyncKnowledgeStores)
class RawKnowledgeStores(Raw[Mode]):
    """The methods of `AsyncKnowledgeStores`, which return the whole response."""

    list: Final = raw_pager(AsyncKnowledgeStores.list)
    create: Final = raw(AsyncKnowledgeStores.create)
    retrieve: Final = raw(AsyncKnowledgeStores.retrieve)
    update: Final = raw(AsyncKnowledgeStores.update)
    delete: Final = raw(AsyncKnowledgeStores.delete)
    search: Final = raw(AsyncKnowledgeStores.search)
    search_all: Final = raw_pager(AsyncKnowledgeStores.search_all)


def _validate_query(query: object) -> None:
    if isinstance(query, str):
        raise InvalidArgumentTypeError(f'query must be a dict such as {{"text": {query!r}}}; got a str.')
