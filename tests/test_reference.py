"""The official reference of indexed assets: parameters, types, properties, pagers and examples."""

from __future__ import annotations

import inspect
import re
from inspect import Parameter
from pathlib import Path
from typing import Any

import attrs
import pytest

from twelvelabs_async import (
    AsyncPager,
    AsyncTwelveLabs,
    BadRequestError,
    HlsObject,
    IndexedAsset,
    IndexedAssetDetailed,
    IndexedAssetDetailedEmbedding,
    IndexedAssetsCreateResponse,
    IndexedAssetSystemMetadata,
    NotFoundError,
    Range,
    SyncPager,
    TranscriptionDataItem,
    TwelveLabs,
)
from twelvelabs_async.sync.indexes import IndexedAssets
from twelvelabs_async.testing import Emulator

from support.samples import MODELS

REFERENCE = Path(__file__).parents[2] / "shared" / "api" / "indexed-assets-reference.md"
STATES = ["validating", "pending", "queued", "indexing", "ready", "failed"]


@pytest.fixture
def index_id(sync_client: TwelveLabs) -> str:
    return sync_client.indexes.create(index_name="reference", models=MODELS).id


@pytest.fixture
def asset_id(sync_client: TwelveLabs, emulator: Emulator, clip: Path) -> str:
    emulator.understand("bouncing_ball.mp4", transcription=[(0.0, 1.5, "The ball"), (1.5, 3.0, "bounces.")])
    asset = sync_client.assets.create(method="direct", file=clip)
    emulator.advance(60)
    return asset.id


@pytest.fixture
def indexed_asset_id(sync_client: TwelveLabs, emulator: Emulator, index_id: str, asset_id: str) -> str:
    created = sync_client.indexes.indexed_assets.create(index_id, asset_id=asset_id, enable_video_stream=True)
    emulator.advance(60)
    return created.id


PARAMETERS = {  # Positional, and keyword-only. Required ones have a !.
    "create": ("index_id!", "asset_id! enable_video_stream request_options"),
    "retrieve": ("index_id! indexed_asset_id!", "embedding_option transcription request_options"),
    "update": ("index_id! indexed_asset_id!", "user_metadata request_options"),
    "list": (
        "index_id!",
        "page page_limit sort_by sort_option status filename duration fps width height size created_at updated_at "
        "user_metadata request_options",
    ),
    "delete": ("index_id! indexed_asset_id!", "request_options"),
}
NEWER = {("create", "user_metadata")}


@pytest.mark.parametrize("method", PARAMETERS)
def test_methods_have_the_documented_parameters(method: str) -> None:
    """They are in the documented order; only ids can be given by position."""
    parameters = [*inspect.signature(getattr(IndexedAssets, method)).parameters.values()][1:]
    for kind, names in zip((Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY), PARAMETERS[method], strict=True):
        assert names.split() == [
            parameter.name + ("!" if parameter.default is Parameter.empty else "")
            for parameter in parameters
            if parameter.kind is kind and (method, parameter.name) not in NEWER
        ]


PROPERTIES: dict[type, dict[type | tuple[type, ...], str]] = {
    IndexedAssetsCreateResponse: {str: "id"},
    IndexedAsset: {
        str: "id created_at updated_at indexed_at status",
        IndexedAssetSystemMetadata: "system_metadata",
    },
    IndexedAssetDetailed: {
        str: "id created_at updated_at indexed_at status",
        IndexedAssetSystemMetadata: "system_metadata",
        dict: "user_metadata",
        HlsObject: "hls",
        IndexedAssetDetailedEmbedding: "embedding",
        list: "transcription",
    },
    IndexedAssetSystemMetadata: {str: "filename", (int, float): "duration fps size", int: "width height"},
    HlsObject: {str: "video_url status updated_at", list: "thumbnail_urls"},
    TranscriptionDataItem: {(int, float): "start end", str: "value"},
}


@pytest.fixture
def results(sync_client: TwelveLabs, index_id: str, asset_id: str, emulator: Emulator) -> dict[type, Any]:
    """One object of each documented class."""
    items = sync_client.indexes.indexed_assets
    created = items.create(index_id, asset_id=asset_id, enable_video_stream=True)
    emulator.advance(60)
    items.update(index_id, created.id, user_metadata={"category": "recent"})
    full = items.retrieve(index_id, created.id, embedding_option=["visual", "audio"], transcription=True)
    assert full.transcription
    results = [created, next(iter(items.list(index_id))), full, full.system_metadata, full.hls, full.transcription[0]]
    return {type(result): result for result in results}


@pytest.mark.parametrize("model", PROPERTIES, ids=lambda model: model.__name__)
def test_classes_have_the_documented_properties(results: dict[type, Any], model: type) -> None:
    """Their types are those of the reference."""
    for kind, names in PROPERTIES[model].items():
        for name in names.split():
            assert isinstance(getattr(results[model], name), kind), name


def test_a_detailed_indexed_asset_has_four_more_properties() -> None:
    """It is a subclass."""
    assert issubclass(IndexedAssetDetailed, IndexedAsset)
    assert {"transcription", "embedding", "hls", "user_metadata"} == {
        field.name for field in attrs.fields(IndexedAssetDetailed)
    } - {field.name for field in attrs.fields(IndexedAsset)}


def test_create_starts_indexing(sync_client: TwelveLabs, index_id: str, asset_id: str, emulator: Emulator) -> None:
    """There is no stream without ``enable_video_stream``."""
    items = sync_client.indexes.indexed_assets
    created = items.create(index_id, asset_id=asset_id)
    before = items.retrieve(index_id, created.id)
    emulator.advance(60)
    after = items.retrieve(index_id, created.id)
    assert before.status in STATES[:4]
    assert before.indexed_at is None
    assert (after.status, after.hls) == ("ready", None)


def test_retrieve_returns_embeddings_and_transcription_on_request(
    sync_client: TwelveLabs, index_id: str, indexed_asset_id: str
) -> None:
    """Embeddings are requested by one option or several."""
    items = sync_client.indexes.indexed_assets
    plain = items.retrieve(index_id, indexed_asset_id)
    assert (plain.embedding, plain.transcription) == (None, None)
    one = items.retrieve(index_id, indexed_asset_id, embedding_option="visual")
    assert one.embedding is not None
    assert one.embedding.video_embedding is not None
    segments = one.embedding.video_embedding.segments or []
    assert {segment.embedding_option for segment in segments} == {"visual"}
    assert all(isinstance(number, float) for segment in segments for number in segment.float_ or ())
    spoken = items.retrieve(index_id, indexed_asset_id, transcription=True).transcription or []
    assert [(item.start, item.end, item.value) for item in spoken] == [(0, 1.5, "The ball"), (1.5, 3.0, "bounces.")]


def test_update_merges_user_metadata(sync_client: TwelveLabs, index_id: str, indexed_asset_id: str) -> None:
    """Values are strings, numbers and booleans; null deletes a field. The method returns ``None``."""
    items = sync_client.indexes.indexed_assets
    data = {"category": "recentlyAdded", "batchNumber": 5, "rating": 9.3, "needsReview": True}
    returned: object = items.update(index_id, indexed_asset_id, user_metadata=data)  # type: ignore[arg-type]
    assert returned is None
    assert items.retrieve(index_id, indexed_asset_id).user_metadata == data
    items.update(index_id=index_id, indexed_asset_id=indexed_asset_id, user_metadata={"rating": None})
    assert "rating" not in (items.retrieve(index_id, indexed_asset_id).user_metadata or {})


def test_delete_removes_an_indexed_asset(sync_client: TwelveLabs, index_id: str, indexed_asset_id: str) -> None:
    """The method returns ``None``."""
    items = sync_client.indexes.indexed_assets
    returned: object = items.delete(index_id, indexed_asset_id)
    assert returned is None
    with pytest.raises(NotFoundError):
        items.retrieve(index_id, indexed_asset_id)


@pytest.fixture
def three(sync_client: TwelveLabs, index_id: str, clip: Path, emulator: Emulator) -> list[str]:
    """The ids of three indexed assets, oldest first."""
    ids = []
    for number in range(3):
        asset = sync_client.assets.create(method="direct", file=(f"clip-{number}.mp4", clip.read_bytes()))
        emulator.advance(60)
        ids.append(sync_client.indexes.indexed_assets.create(index_id, asset_id=asset.id).id)
        emulator.advance(60)
        sync_client.indexes.indexed_assets.update(index_id, ids[-1], user_metadata={"number": number})
    return ids


FILTERS: list[tuple[dict[str, Any], list[int]]] = [
    ({}, [2, 1, 0]),
    ({"sort_option": "asc"}, [0, 1, 2]),
    ({"sort_by": "updated_at", "sort_option": "desc"}, [2, 1, 0]),
    ({"page": 2, "page_limit": 2}, [0]),
    ({"status": "ready"}, [2, 1, 0]),
    ({"status": ["failed", "validating"]}, []),
    ({"filename": "clip-1.mp4"}, [1]),
    ({"user_metadata": {"number": 2}}, [2]),
    ({"duration": {"gte": 1, "lte": 1000}}, [2, 1, 0]),
    ({"duration": Range(lte=1)}, []),
    ({"fps": {"gte": 1}, "width": {"gte": 1}, "height": {"lte": 10_000}, "size": {"gte": 1}}, [2, 1, 0]),
    ({"width": 7}, []),
    ({"created_at": "2000-01-01T00:00:00Z", "updated_at": "2000-01-01T00:00:00Z"}, [2, 1, 0]),
]


@pytest.mark.parametrize(("filters", "found"), FILTERS)
def test_list_sorts_and_filters(
    sync_client: TwelveLabs, index_id: str, three: list[str], filters: dict[str, Any], found: list[int]
) -> None:
    """The newest is the first by default."""
    items = sync_client.indexes.indexed_assets.list(index_id, **filters)
    assert [item.id for item in items] == [three[number] for number in found]


@pytest.mark.parametrize("name", ["duration", "fps", "width", "height", "size"])
def test_a_numeric_filter_is_a_number_or_a_range(
    sync_client: TwelveLabs, index_id: str, three: list[str], name: str
) -> None:
    """Ranges are newer than the reference."""
    items = sync_client.indexes.indexed_assets
    exactly = getattr(items.retrieve(index_id, three[0]).system_metadata, name)
    filters: list[Any] = [exactly, {"gte": exactly}, {"gte": exactly, "lte": exactly}, Range(lte=exactly)]
    for filter in filters:
        assert len(list(items.list(index_id, **{name: filter}))) == 3
    filters = [exactly + 1, {"gte": exactly + 1}, Range(gte=0, lte=exactly - 1)]
    for filter in filters:
        assert list(items.list(index_id, **{name: filter})) == []


@pytest.mark.parametrize("status", STATES)
def test_every_status_is_a_filter(sync_client: TwelveLabs, index_id: str, status: str) -> None:
    """``validating`` is newer than the reference."""
    assert list(sync_client.indexes.indexed_assets.list(index_id, status=[status])) == []


@pytest.mark.parametrize("wrong", [{"page_limit": 51}, {"sort_by": "size"}, {"sort_option": "up"}, {"status": "done"}])
def test_arguments_that_the_api_refuses_are_bad_requests(
    sync_client: TwelveLabs, index_id: str, wrong: dict[str, Any]
) -> None:
    """The client does not check limits of the API."""
    with pytest.raises(BadRequestError):
        sync_client.indexes.indexed_assets.list(index_id, **wrong)


def test_a_sync_pager_has_the_documented_members(sync_client: TwelveLabs, index_id: str, three: list[str]) -> None:
    """They are the items, the response, and two functions for the next page."""
    pager = sync_client.indexes.indexed_assets.list(index_id, page_limit=2)
    assert isinstance(pager, SyncPager)
    assert isinstance(pager.items, list)
    assert [type(item) for item in pager.items] == [IndexedAsset, IndexedAsset]
    assert pager.has_next is True
    assert pager.response is not None
    assert pager.response.headers["content-type"].startswith("application/json")
    assert pager.get_next is not None
    for following in (pager.get_next(), pager.next_page()):
        assert isinstance(following, SyncPager)
        assert [item.id for item in following.items or ()] == [three[0]]
        assert following.has_next is False
        assert following.get_next is None
        assert following.next_page() is None
    assert [item.id for item in pager] == three[::-1]
    pages = list(pager.iter_pages())
    assert [len(page.items or ()) for page in pages] == [2, 1]
    assert all(isinstance(page, SyncPager) for page in pages)


async def test_an_async_pager_has_the_documented_members(
    client: AsyncTwelveLabs, index_id: str, three: list[str]
) -> None:
    """They are those of the `SyncPager`, awaited and iterated asynchronously."""
    pager = await client.indexes.indexed_assets.list(index_id, page_limit=2)
    assert isinstance(pager, AsyncPager)
    assert pager.has_next is True
    assert pager.response is not None
    following = await pager.next_page()
    assert following is not None
    assert [item.id for item in following.items or ()] == [three[0]]
    assert (following.has_next, following.get_next, await following.next_page()) == (False, None, None)
    assert [item.id async for item in pager] == three[::-1]
    assert [len(page.items or ()) async for page in pager.iter_pages()] == [2, 1]


# Examples.


def examples() -> list[Any]:
    if not REFERENCE.exists():
        return [pytest.param("", marks=pytest.mark.skip(reason=f"needs the reference as {REFERENCE}"))]
    blocks = re.findall(r"```python ([^\n]*)\n(.*?)```", REFERENCE.read_text(), re.DOTALL)
    return [pytest.param(code, id=title) for title, code in blocks if "import TwelveLabs" in code]


@pytest.mark.parametrize("code", examples())
def test_examples_of_the_reference_run(
    code: str,
    sync_client: TwelveLabs,
    emulator: Emulator,
    index_id: str,
    asset_id: str,
    indexed_asset_id: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The import line is changed, and placeholders are replaced by ids."""
    monkeypatch.setenv("TWELVELABS_BASE_URL", emulator.url)
    for placeholder, value in (
        ("from twelvelabs import", "from twelvelabs_async import"),
        ("YOUR_API_KEY", emulator.api_key),
        (r"<(YOUR_)?INDEX_ID>?", index_id),
        (r"<YOUR_ASSET_ID>", asset_id),
        (r"<YOUR_INDEXED_ASSET_ID>", indexed_asset_id),
    ):
        code = re.sub(placeholder, value, code)
    scope: dict[str, Any] = {"client": sync_client}
    exec(compile(code, "<example>", "exec"), scope)
    assert capsys.readouterr().out
    scope["client"].close()


def test_a_program_can_poll_an_indexed_asset_until_it_is_ready(
    sync_client: TwelveLabs, emulator: Emulator, index_id: str, asset_id: str
) -> None:
    """Its metadata and stream are available then."""
    created = sync_client.indexes.indexed_assets.create(index_id=index_id, asset_id=asset_id, enable_video_stream=True)
    for _ in range(10):
        item = sync_client.indexes.indexed_assets.retrieve(index_id=index_id, indexed_asset_id=created.id)
        if item.status in ("ready", "failed"):
            break
        emulator.advance(5)
    assert item.status == "ready"
    assert item.system_metadata is not None
    assert item.hls is not None
    assert f"{item.system_metadata.width}x{item.system_metadata.height}" == "480x360"
    assert item.hls.status == "COMPLETE"


def test_embeddings_have_a_length(sync_client: TwelveLabs, index_id: str, indexed_asset_id: str) -> None:
    """It is the number of their segments."""
    item = sync_client.indexes.indexed_assets.retrieve(
        index_id=index_id, indexed_asset_id=indexed_asset_id, embedding_option=["visual", "audio"]
    )
    assert item.embedding is not None
    assert item.embedding.video_embedding is not None
    assert len(item.embedding.video_embedding) == len(item.embedding.video_embedding.segments or ()) > 0
