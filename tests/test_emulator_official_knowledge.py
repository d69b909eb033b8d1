"""Entities and knowledge stores of the emulator, with the official SDK as sdk."""

from __future__ import annotations

import pytest
import twelvelabs
from twelvelabs.core.api_error import ApiError
from twelvelabs.errors import BadRequestError, GoneError, NotFoundError
from twelvelabs.types import AssetTypeFilter, KnowledgeStoreSearchQuery, SearchKnowledgeStoreFilter

from twelvelabs_async.testing import Emulator

from support.samples import content_of

pytestmark = pytest.mark.any_python


def upload(sdk: twelvelabs.TwelveLabs, emulator: Emulator, *names: str) -> list[str]:
    """Upload files with these names and return the ids of the assets, which are ready."""
    assets = [sdk.assets.create(method="direct", file=(name, content_of(name))) for name in names]
    emulator.advance(5)
    return [str(asset.id) for asset in assets]


def test_entity_collections_are_created_listed_and_changed(sdk: twelvelabs.TwelveLabs, emulator: Emulator) -> None:
    """Collections are sorted and filtered, keep fields that are not updated, and are deleted with their entities."""
    collections = sdk.entity_collections
    first = collections.create(name="b", description="d")
    emulator.advance(1)
    second = collections.create(name="a")
    assert [item.id for item in collections.list()] == [second.id, first.id]
    assert [item.id for item in collections.list(sort_by="name", sort_option="asc")] == [second.id, first.id]
    assert [item.id for item in collections.list(name="b")] == [first.id]
    emulator.advance(1)
    changed = collections.update(first.id, name="c")
    assert (changed.name, changed.description) == ("c", "d")
    assert [item.id for item in collections.list(sort_by="updated_at")] == [first.id, second.id]
    [asset] = upload(sdk, emulator, "ada.png")
    collections.entities.create(first.id, name="Ada", asset_ids=[asset])
    collections.delete(first.id)
    assert list(collections.entities.list_by_asset(asset)) == []
    with pytest.raises(BadRequestError):
        collections.retrieve(first.id)


def test_an_entity_is_processed_when_its_assets_change(sdk: twelvelabs.TwelveLabs, emulator: Emulator) -> None:
    """An entity is processed whenever its assets change; it must keep at least one."""
    one, two = upload(sdk, emulator, "ada.png", "ada-2.png")
    entities, home = sdk.entity_collections.entities, sdk.entity_collections.create(name="people").id
    ada = entities.create(home, name="Ada", asset_ids=[one], metadata={"year": 1815, "real": True})
    assert (ada.status, ada.entity_collection_id) == ("processing", home)
    emulator.advance(2)
    assert [entity.id for entity in entities.list(home, status="ready", name="Ada")] == [ada.id]
    assert list(entities.list(home, status="processing")) == []
    assert entities.create_assets(home, ada.id, asset_ids=[one]).status == "ready"
    grown = entities.create_assets(home, ada.id, asset_ids=[two, one])
    assert (grown.status, grown.asset_ids) == ("processing", [one, two])
    assert [entity.id for entity in entities.list_by_asset(two)] == [ada.id]
    assert entities.delete_assets(home, ada.id, asset_ids=[one]).asset_ids == [two]
    with pytest.raises(BadRequestError, match="at least one"):
        entities.delete_assets(home, ada.id, asset_ids=[two])
    assert entities.update(home, ada.id, metadata={"a": 1}).metadata == {"a": 1}
    entities.delete(home, ada.id)
    with pytest.raises(BadRequestError):
        entities.retrieve(home, ada.id)


def test_bulk_creation_reports_each_failure(sdk: twelvelabs.TwelveLabs, emulator: Emulator) -> None:
    """Valid entities are created; each other one is reported with its index and reason."""
    [asset] = upload(sdk, emulator, "ada.png")
    home = sdk.entity_collections.create(name="people").id
    given = [{"name": "Ada", "asset_ids": [asset]}, {"name": "Bob", "asset_ids": ["missing"]}]
    made = sdk.entity_collections.entities.create_bulk(home, entities=given)  # type: ignore[arg-type]
    assert (made.success_count, made.failed_count) == (1, 1)
    [entity], [error] = made.entities or [], made.errors or []
    assert (entity.name, entity.status) == ("Ada", "processing")
    assert (error.entity_index, error.entity_name) == (1, "Bob")
    assert "missing" in (error.error_reason or "")
    assert [entity.name for entity in sdk.entity_collections.entities.list(home)] == ["Ada"]


@pytest.fixture
def store_id(sdk: twelvelabs.TwelveLabs) -> str:
    return str(sdk.knowledge_stores.create(name="talks").id)


def test_knowledge_stores_are_created_listed_and_changed(
    sdk: twelvelabs.TwelveLabs, emulator: Emulator, store_id: str
) -> None:
    """A store keeps its configuration; updates replace its metadata, within the documented limits."""
    emulator.advance(1)
    config = {"enrichment_config": {"type": "description", "description": "Who speaks?"}}
    other = sdk.knowledge_stores.create(name="b", ingestion_config=config, metadata={"a": 1, "b": ["c"]})  # type: ignore[arg-type]
    assert other.ingestion_config.enrichment_config.type == "description"  # type: ignore[union-attr]
    assert [store.id for store in sdk.knowledge_stores.list(page_limit=1)] == [other.id, store_id]
    emulator.advance(1)
    assert sdk.knowledge_stores.update(store_id, metadata={"c": True}).metadata == {"c": True}
    assert [store.id for store in sdk.knowledge_stores.list(sort_by="updated_at")] == [store_id, other.id]
    assert not sdk.knowledge_stores.update(store_id, metadata={}).metadata
    for wrong in ({str(n): n for n in range(11)}, {"a": "x" * 2049}, {"k" * 129: 1}, {"a": {}}):
        with pytest.raises(BadRequestError):
            sdk.knowledge_stores.update(store_id, metadata=wrong)  # type: ignore[arg-type]
    sdk.knowledge_stores.delete(store_id)
    with pytest.raises(BadRequestError):
        sdk.knowledge_stores.retrieve(store_id)


def test_an_item_passes_through_its_statuses(sdk: twelvelabs.TwelveLabs, emulator: Emulator, store_id: str) -> None:
    """An item becomes ready or fails as scripted; only ready videos and images can be added."""
    emulator.understand("bad.mp4", fail="no", at="knowledge")
    film, image, bad, text = upload(sdk, emulator, "a.mp4", "a.png", "bad.mp4", "a.pdf")
    items = sdk.knowledge_store_items
    created = items.create(store_id, asset_id=film, asset_type="video", metadata={"long": "x" * 8000})
    seen = []
    for _ in range(11):
        seen.append(items.retrieve(store_id, created.id).status)
        emulator.advance(1)
    assert list(dict.fromkeys(seen)) == ["queued", "pending", "processing", "ready"]
    failed, other = (items.create(store_id, asset_id=asset) for asset in (bad, image))
    assert [item.id for item in items.list(store_id, status="queued")] == [other.id, failed.id]
    emulator.advance(10)
    assert [item.id for item in items.list(store_id, status=["ready"], sort_by="updated_at")] == [other.id, created.id]
    assert items.retrieve(store_id, failed.id).status == "failed"
    assert items.retrieve(store_id, other.id).system_metadata.asset_type == "image"  # type: ignore[union-attr]
    assert items.retrieve(store_id, created.id).system_metadata.filename == "a.mp4"  # type: ignore[union-attr]
    late = str(sdk.assets.create(method="direct", file=("b.mp4", content_of("b.mp4"))).id)
    for asset, kind in ((text, None), (late, None), (film, "image"), ("missing", None)):
        with pytest.raises(BadRequestError):
            items.create(store_id, asset_id=asset, asset_type=kind)
    items.delete(store_id, created.id)
    assert sdk.knowledge_stores.retrieve(store_id).item_count == 2


def test_item_collections_add_and_remove_items(sdk: twelvelabs.TwelveLabs, emulator: Emulator, store_id: str) -> None:
    """Adding and removing items is idempotent, takes at most 500 ids, and deleted items leave the collection."""
    assets = upload(sdk, emulator, "a.mp4", "b.mp4")
    one, two = (str(sdk.knowledge_store_items.create(store_id, asset_id=asset).id) for asset in assets)
    collections = sdk.knowledge_store_item_collections
    best = str(collections.create(store_id, name="best", metadata={"a": 1}).id)
    for _ in range(2):
        assert collections.add_items(store_id, best, item_ids=[one, two, one]).member_count == 2
    assert [item.id for item in collections.list_items(store_id, best, page_limit=1)] == [one, two]
    for ids in ([one] * 501, ["missing"], []):
        with pytest.raises(BadRequestError):
            collections.add_items(store_id, best, item_ids=ids)
    for _ in range(2):
        collections.remove_items(store_id, best, item_ids=[one, "missing"])
    assert collections.retrieve(store_id, best).member_count == 1
    sdk.knowledge_store_items.delete(store_id, two)
    assert list(collections.list_items(store_id, best)) == []
    with pytest.raises(BadRequestError):
        collections.create(store_id, name="best")
    assert collections.update(store_id, best, name="good").metadata == {"a": 1}
    assert [item.name for item in collections.list(store_id, sort_by="name")] == ["good"]
    collections.delete(store_id, best)
    assert sdk.knowledge_store_items.retrieve(store_id, one).id == one


def test_search_ranks_clips_and_images(sdk: twelvelabs.TwelveLabs, emulator: Emulator, store_id: str) -> None:
    """A search ranks clips and images by shared words, in pages whose token expires."""
    emulator.understand("goal.mp4", transcription=[(0.0, 2.0, "what a corner")])
    for asset in upload(sdk, emulator, "goal.mp4", "goal-corner.png", "rain.mp4"):
        sdk.knowledge_store_items.create(store_id, asset_id=asset, metadata={"team": "red"})
    query = KnowledgeStoreSearchQuery(text="A corner, a goal")
    search = sdk.knowledge_stores.search
    assert search(store_id, query=query).data == []
    emulator.advance(60)
    first = search(store_id, query=query, page_size=1, include_metadata=True)
    assert (first.data[0].asset_type, first.data[0].rank) == ("image", 1)
    assert first.data[0].metadata.user == {"team": "red"}  # type: ignore[union-attr]
    assert first.effective_search_options.video.modalities == ["visual"]  # type: ignore[union-attr]
    second = search(store_id, query=query, page_size=1, page_token=first.next_page_token)
    assert (second.data[0].asset_type, second.data[0].rank) == ("video", 2)
    assert len(second.data[0].matches) == 1  # type: ignore[union-attr]
    both, _ = search(
        store_id,
        query=query,
        group_by="item",
        filter=SearchKnowledgeStoreFilter(asset_type=AssetTypeFilter(eq="video")),
        search_options={"video": {"modalities": ["visual", "audio"]}},  # type: ignore[arg-type]
    ).data
    assert len(both.matches) > 1  # type: ignore[union-attr]
    best = both.matches[0]  # type: ignore[union-attr]
    assert (best.modalities, best.start_sec, best.transcription) == (["visual", "audio"], 0.0, "what a corner")
    images = search(store_id, query=query, filter=SearchKnowledgeStoreFilter(asset_type=AssetTypeFilter(in_=["image"])))
    assert (len(images.data), images.next_page_token, images.effective_search_options.video) == (1, None, None)
    with pytest.raises(BadRequestError):
        search(store_id, query=query, page_token="nonsense")
    emulator.advance(3600)
    with pytest.raises(GoneError):
        search(store_id, query=query, page_token=first.next_page_token)
    with pytest.raises(NotFoundError):
        search("ks_missing", query=query)
    with pytest.raises(ApiError):
        search(store_id, query=KnowledgeStoreSearchQuery(text=""))


def test_search_ranks_specific_files_first(sdk: twelvelabs.TwelveLabs, emulator: Emulator, store_id: str) -> None:
    """A file named by the query alone ranks above a file whose name has further words."""
    for asset in upload(sdk, emulator, "goal-and-corner-in-the-rain.png", "rain.mp4", "goal.png"):
        sdk.knowledge_store_items.create(store_id, asset_id=asset)
    emulator.advance(60)
    images = [hit.item_id for hit in sdk.knowledge_stores.search(store_id, query={"text": "goal"}).data]  # type: ignore[arg-type]
    names = [sdk.knowledge_store_items.retrieve(store_id, item).system_metadata.filename for item in images]  # type: ignore[union-attr]
    assert names[:2] == ["goal.png", "goal-and-corner-in-the-rain.png"]
