"""The blocking twins of knowledge stores, their items, and collections of these."""

from __future__ import annotations

from typing import Final

from ..resources._raw import Blocked
from ..resources.knowledge_store_item_collections import (
    AsyncKnowledgeStoreItemCollections,
    RawKnowledgeStoreItemCollections,
)
from ..resources.knowledge_store_items import AsyncKnowledgeStoreItems, RawKnowledgeStoreItems
from ..resources.knowledge_stores import AsyncKnowledgeStores, RawKnowledgeStores
from ._pager import blocking_pager
from ._twin import BlockingResource, blocking


class KnowledgeStores(BlockingResource[AsyncKnowledgeStores]):
    """Create, list, update, search and delete knowledge stores."""

    with_raw_response: RawKnowledgeStores[Blocked]

    create: Final = blocking(AsyncKnowledgeStores.create)
    delete: Final = blocking(AsyncKnowledgeStores.delete)
    list: Final = blocking_pager(AsyncKnowledgeStores.list)
    retrieve: Final = blocking(AsyncKnowledgeStores.retrieve)
    search: Final = blocking(AsyncKnowledgeStores.search)
    search_all: Final = blocking_pager(AsyncKnowledgeStores.search_all)
    update: Final = blocking(AsyncKnowledgeStores.update)


class KnowledgeStoreItems(BlockingResource[AsyncKnowledgeStoreItems]):
    """Add assets to a knowledge store, wait for them, list, edit and delete items."""

    with_raw_response: RawKnowledgeStoreItems[Blocked]

    create: Final = blocking(AsyncKnowledgeStoreItems.create)
    create_and_wait: Final = blocking(AsyncKnowledgeStoreItems.create_and_wait)
    delete: Final = blocking(AsyncKnowledgeStoreItems.delete)
    list: Final = blocking_pager(AsyncKnowledgeStoreItems.list)
    replace_item_metadata: Final = blocking(AsyncKnowledgeStoreItems.replace_item_metadata)
    retrieve: Final = blocking(AsyncKnowledgeStoreItems.retrieve)
    update_item_metadata: Final = blocking(AsyncKnowledgeStoreItems.update_item_metadata)
    wait_until_ready: Final = blocking(AsyncKnowledgeStoreItems.wait_until_ready)


class KnowledgeStoreItemCollections(BlockingResource[AsyncKnowledgeStoreItemCollections]):
    """Create, list, fill and delete collections of items."""

    with_raw_response: RawKnowledgeStoreItemCollections[Blocked]

    add_items: Final = blocking(AsyncKnowledgeStoreItemCollections.add_items)
    create: Final = blocking(AsyncKnowledgeStoreItemCollections.create)
    delete: Final = blocking(AsyncKnowledgeStoreItemCollections.delete)
    list: Final = blocking_pager(AsyncKnowledgeStoreItemCollections.list)
    list_items: Final = blocking_pager(AsyncKnowledgeStoreItemCollections.list_items)
    remove_items: Final = blocking(AsyncKnowledgeStoreItemCollections.remove_items)
    retrieve: Final = blocking(AsyncKnowledgeStoreItemCollections.retrieve)
    update: Final = blocking(AsyncKnowledgeStoreItemCollections.update)
