"""Knowledge stores: metadata of items, and search by place of capture."""

from __future__ import annotations

from typing import Any

import pytest

from twelvelabs_async import (
    BadRequestError,
    KnowledgeStoreItem,
    NotFoundError,
    TwelveLabs,
)
from twelvelabs_async.testing import Emulator

from support.samples import video

SEOUL = {"latitude": 37.5665, "longitude": 126.978, "radius_meters": 20_000}


def upload(sync_client: TwelveLabs, emulator: Emulator, name: str, **metadata: Any) -> str:
    """Upload a file, and return the id of the asset, which is ready."""
    asset = sync_client.assets.upload((name, video()), user_metadata=metadata)
    emulator.advance(5)
    return str(asset.id)


@pytest.fixture
def store_id(sync_client: TwelveLabs) -> str:
    return str(sync_client.knowledge_stores.create(name="talks").id)


@pytest.fixture
def item(sync_client: TwelveLabs, emulator: Emulator, store_id: str) -> KnowledgeStoreItem:
    """An item with metadata of its own, of an asset with other metadata."""
    asset_id = upload(sync_client, emulator, "a.mp4", team="red")
    return sync_client.knowledge_store_items.create(
        store_id, asset_id=asset_id, item_metadata={"team": "blue", "year": 1}
    )


def test_an_item_has_metadata_of_its_own_and_that_of_its_asset(
    sync_client: TwelveLabs, store_id: str, item: KnowledgeStoreItem
) -> None:
    """A change of the asset's metadata shows in the item, whose own metadata stays, and is what hits have."""
    assert (item.metadata, item.item_metadata) == ({"team": "red"}, {"team": "blue", "year": 1})
    sync_client.assets.update_user_metadata(str(item.asset_id), user_metadata={"team": "green"})
    changed = sync_client.knowledge_store_items.retrieve(store_id, item.id)
    assert (changed.metadata, changed.item_metadata) == ({"team": "green"}, {"team": "blue", "year": 1})


def test_hits_have_the_metadata_of_the_item(
    sync_client: TwelveLabs, emulator: Emulator, store_id: str, item: KnowledgeStoreItem
) -> None:
    """The page of the search calls them the pairs attached to the item."""
    emulator.advance(20)
    found = sync_client.knowledge_stores.search(store_id, query={"text": "a"}, include_metadata=True, group_by="item")
    [hit] = found.data or []
    assert hit.to_dict()["metadata"]["user"] == {"team": "blue", "year": 1}


def test_the_former_name_of_the_metadata_is_stored_as_the_items_own(
    sync_client: TwelveLabs, emulator: Emulator, store_id: str
) -> None:
    """The official SDK sends it; together with the new name, the API refuses it."""
    asset_id = upload(sync_client, emulator, "a.mp4")
    item = sync_client.knowledge_store_items.create(store_id, asset_id=asset_id, metadata={"schema_": 1})
    assert (item.metadata, item.item_metadata) == (None, {"schema_": 1})
    with pytest.raises(ValueError, match="Leave out metadata"):
        sync_client.knowledge_store_items.create(store_id, asset_id=asset_id, metadata={}, item_metadata={})
    both: Any = {"additional_body_parameters": {"metadata": {}}}
    with pytest.raises(BadRequestError, match="the former name of item_metadata"):
        sync_client.knowledge_store_items.create(store_id, asset_id=asset_id, item_metadata={}, request_options=both)


@pytest.mark.parametrize(("name", "most"), [("a.mp4", 10 * 10**9), ("a.png", 32 * 10**6)])
def test_items_have_a_limit_of_size(
    sync_client: TwelveLabs, emulator: Emulator, store_id: str, name: str, most: int
) -> None:
    """Videos have 10 GB, images 32 MB (OpenAPI: Create a knowledge store item)."""
    asset_id = upload(sync_client, emulator, name)
    asset = emulator.state.assets[asset_id]
    asset.size = most
    sync_client.knowledge_store_items.create(store_id, asset_id=asset_id)
    asset.size += 1
    with pytest.raises(BadRequestError, match=f"at most {most} bytes"):
        sync_client.knowledge_store_items.create(store_id, asset_id=asset_id)


def test_an_update_merges_into_the_metadata_of_an_item(
    sync_client: TwelveLabs, emulator: Emulator, store_id: str, item: KnowledgeStoreItem
) -> None:
    """None deletes a key; an empty string and an empty list change nothing (OpenAPI: Update the item metadata)."""
    emulator.advance(1)
    changes: Any = {"team": None, "year": "", "tags": ["a"], "new": [], "schema_": 0.5}
    changed = sync_client.knowledge_store_items.update_item_metadata(store_id, item.id, item_metadata=changes)
    assert changed.item_metadata == {"year": 1, "tags": ["a"], "schema_": 0.5}
    assert changed.metadata == {"team": "red"}
    assert changed.updated_at != item.updated_at


def test_a_replacement_removes_all_other_metadata_of_an_item(
    sync_client: TwelveLabs, store_id: str, item: KnowledgeStoreItem
) -> None:
    """Empty values are not stored (OpenAPI: Replace the item metadata)."""
    replace = sync_client.knowledge_store_items.replace_item_metadata
    given: Any = {"a": 1, "b": "", "c": [], "d": None}
    assert replace(store_id, item.id, item_metadata=given).item_metadata == {"a": 1}
    assert replace(store_id, item.id, item_metadata={}).item_metadata is None


def test_an_item_has_at_most_50_pairs_of_metadata(
    sync_client: TwelveLabs, store_id: str, item: KnowledgeStoreItem
) -> None:
    """The pairs that an update leaves are counted as well; a refused change changes nothing."""
    items, most = sync_client.knowledge_store_items, {str(number): number for number in range(50)}
    assert items.replace_item_metadata(store_id, item.id, item_metadata=dict(most)).item_metadata == most
    with pytest.raises(BadRequestError, match="50 pairs"):
        items.update_item_metadata(store_id, item.id, item_metadata={"another": 1})
    with pytest.raises(BadRequestError, match="50 pairs"):
        items.replace_item_metadata(store_id, item.id, item_metadata={**most, "another": 1})
    assert items.retrieve(store_id, item.id).item_metadata == most
    with pytest.raises(BadRequestError, match="50"):
        items.create(store_id, asset_id=str(item.asset_id), item_metadata={**most, "another": 1})


@pytest.mark.parametrize("wrong", [{"k" * 129: 1}, {"a": "x" * 8193}, {"a": 2**53}, {"a": {}}, {"a": [1]}])
def test_invalid_metadata_of_items_is_refused(
    sync_client: TwelveLabs, store_id: str, item: KnowledgeStoreItem, wrong: Any
) -> None:
    """Keys have 128 characters, strings 8,192, integers 53 bits (OpenAPI: KnowledgeStoreMetadataEditValue)."""
    with pytest.raises(BadRequestError):
        sync_client.knowledge_store_items.update_item_metadata(store_id, item.id, item_metadata=wrong)
    with pytest.raises(BadRequestError):
        sync_client.knowledge_store_items.create(store_id, asset_id=str(item.asset_id), item_metadata=wrong)


def test_an_update_requires_a_key_and_an_item(sync_client: TwelveLabs, store_id: str, item: KnowledgeStoreItem) -> None:
    """An update of nothing is an error before anything is sent; an unknown item is not found."""
    update = sync_client.knowledge_store_items.update_item_metadata
    with pytest.raises(ValueError, match=r"replace_item_metadata with \{\}"):
        update(store_id, "ksi_1", item_metadata={})
    sent: Any = {"additional_body_parameters": {"item_metadata": {}}}
    with pytest.raises(BadRequestError, match="at least one key"):
        update(store_id, item.id, item_metadata={"a": 1}, request_options=sent)
    with pytest.raises(NotFoundError):
        update(store_id, "ksi_1", item_metadata={"a": 1})


@pytest.mark.parametrize("wrong", [{"name": "x" * 256}, {"description": "x" * 2001}])
def test_the_texts_of_collections_are_limited(sync_client: TwelveLabs, store_id: str, wrong: dict[str, str]) -> None:
    """Names have 255 characters, descriptions 2,000 (OpenAPI: item collections)."""
    collections = sync_client.knowledge_store_item_collections
    best = collections.create(store_id, name="x" * 255, description="x" * 2000)
    with pytest.raises(BadRequestError):
        collections.update(store_id, best.id, **wrong)
    with pytest.raises(BadRequestError):
        collections.create(store_id, **{"name": "good", **wrong})


def test_a_search_finds_items_captured_in_a_circle(sync_client: TwelveLabs, emulator: Emulator, store_id: str) -> None:
    """All conditions of a filter hold together; items without coordinates never match."""
    emulator.understand("seoul*", location=(37.5512, 126.9882))  # N Seoul Tower, 1.9 km away
    emulator.understand("busan*", location=(35.1796, 129.0756))  # 325 km away
    for name in ("seoul.mp4", "seoul.png", "busan.mp4", "nowhere.mp4"):
        asset_id = upload(sync_client, emulator, name)
        sync_client.knowledge_store_items.create(store_id, asset_id=asset_id)
    emulator.advance(20)
    located = sync_client.assets.list(filename="seoul.mp4").items[0].technical_metadata
    assert located
    assert (located.geospatial_latitude, located.geospatial_longitude) == (37.5512, 126.9882)

    def names(**condition: Any) -> list[str]:
        given: Any = {"location": SEOUL, **condition}
        found = sync_client.knowledge_stores.search_all(store_id, query={"text": "city"}, filter=given, group_by="item")
        items = [sync_client.knowledge_store_items.retrieve(store_id, str(hit.item_id)) for hit in found]
        return sorted(str(getattr(item.system_metadata, "filename", "")) for item in items)

    assert names() == ["seoul.mp4", "seoul.png"]
    assert names(asset_type={"eq": "image"}) == ["seoul.png"]
    assert names(location={**SEOUL, "radius_meters": 1_000}) == []
    assert names(location={**SEOUL, "radius_meters": 320_000}) == ["seoul.mp4", "seoul.png"]
    assert names(location={**SEOUL, "radius_meters": 330_000}) == ["busan.mp4", "seoul.mp4", "seoul.png"]


@pytest.mark.parametrize(
    "wrong", [{"latitude": 91}, {"longitude": -181}, {"radius_meters": 0}, {"radius_meters": 20_037_509}]
)
def test_a_circle_beyond_the_limits_is_refused(sync_client: TwelveLabs, store_id: str, wrong: dict[str, float]) -> None:
    """The limits are those of the OpenAPI file."""
    given: Any = {"location": {**SEOUL, **wrong}}
    with pytest.raises(BadRequestError):
        sync_client.knowledge_stores.search(store_id, query={"text": "city"}, filter=given)
