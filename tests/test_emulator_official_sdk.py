"""Assets, indexes, uploads, searches and analyses of the emulator, with the official SDK as client."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import httpx
import pytest
from twelvelabs import TwelveLabs
from twelvelabs.errors import BadRequestError, ConflictError, NotFoundError
from twelvelabs.types import VideoContext_AssetId

from twelvelabs_async.testing import Emulator

from support.samples import MEDIA, MODELS, video

CLIP = MEDIA / "rocket_countdown.mp4"

pytestmark = pytest.mark.emulator(chunk_size=50_000, urls_per_session=2)


@pytest.fixture
def asset_id(sdk: TwelveLabs, emulator: Emulator) -> str:
    with CLIP.open("rb") as file:
        asset = sdk.assets.create(method="direct", file=file, enable_thumbnail=True, user_metadata='{"kind": "rocket"}')
    emulator.advance(60)
    return str(asset.id)


@pytest.fixture
def index_id(sdk: TwelveLabs) -> str:
    return str(sdk.indexes.create(index_name="launches", models=MODELS, addons=["thumbnail"]).id)


@pytest.fixture
def indexed_asset_id(sdk: TwelveLabs, emulator: Emulator, index_id: str, asset_id: str) -> str:
    emulator.understand(CLIP.name, transcription=[(0.3, 4.3, "A white rocket"), (10.0, 10.7, "Lift off!")])
    item = sdk.indexes.indexed_assets.create(
        index_id, asset_id=asset_id, enable_video_stream=True, user_metadata={"year": 1969}
    )
    emulator.advance(60)
    return str(item.id)


def test_an_asset_is_processed_and_deleted(sdk: TwelveLabs, emulator: Emulator) -> None:
    """An asset becomes ready, has the facts of its file's header, and does not exist once it is deleted."""
    with CLIP.open("rb") as file:
        created = sdk.assets.create(method="direct", file=file, enable_hls=True, enable_thumbnail=True)
    assert (created.status, created.file_type, created.filename) == ("processing", "video/mp4", CLIP.name)
    pending = sdk.assets.retrieve(created.id)
    assert (pending.hls.status, pending.technical_metadata, pending.size) == ("processing", None, None)
    emulator.advance(2)
    asset = sdk.assets.retrieve(created.id)
    assert (asset.status, asset.size, round(asset.duration)) == ("ready", CLIP.stat().st_size, 15)
    assert (asset.technical_metadata.video_width, asset.technical_metadata.video_fps) == (640, 30)
    assert asset.hls.manifest_url
    assert asset.thumbnail.representative_url
    assert emulator.assets[created.id].sha256 == hashlib.sha256(CLIP.read_bytes()).hexdigest()
    sdk.assets.delete(created.id)
    with pytest.raises(NotFoundError):
        sdk.assets.retrieve(created.id)


def test_an_asset_of_a_url_has_the_served_content(sdk: TwelveLabs, emulator: Emulator) -> None:
    """The content of a URL is set by `serve`; the facts of any other URL are derived from it, always the same."""
    emulator.serve("https://example.com/a.mp4?x=1", CLIP)
    served = sdk.assets.create(method="url", url="https://example.com/a.mp4?x=1")
    unknown = [sdk.assets.create(method="url", url="https://example.com/b.mp4") for _ in range(2)]
    emulator.advance(60)
    assert round(sdk.assets.retrieve(served.id).duration) == 15
    first, second = (sdk.assets.retrieve(asset.id) for asset in unknown)
    assert first.filename == "b.mp4"
    assert first.duration == second.duration
    with pytest.raises(BadRequestError):
        sdk.assets.create(method="url", url="nonsense")


def test_assets_are_listed_by_filter(sdk: TwelveLabs, asset_id: str) -> None:
    """Lists return the newest asset first, and filter by id, type and part of the name."""
    picture = sdk.assets.create(method="direct", file=("Moon.png", video(), "image/png"))
    assert [asset.id for asset in sdk.assets.list(page_limit=1)] == [picture.id, asset_id]
    assert [asset.id for asset in sdk.assets.list(asset_ids=[asset_id])] == [asset_id]
    assert [asset.id for asset in sdk.assets.list(asset_types=["image"])] == [picture.id]
    assert [asset.id for asset in sdk.assets.list(filename="mOO")] == [picture.id]


def test_user_metadata_is_merged_replaced_and_deleted(sdk: TwelveLabs, asset_id: str) -> None:
    """PATCH merges keys and deletes null ones, PUT replaces all, DELETE removes all."""
    sdk.assets.update_user_metadata(asset_id, user_metadata={"kind": None, "stages": 3, "crew": ["a", "b"]})
    assert sdk.assets.retrieve(asset_id).user_metadata == {"stages": 3, "crew": ["a", "b"]}
    sdk.assets.replace_user_metadata(asset_id, user_metadata={"flown": True})
    assert sdk.assets.retrieve(asset_id).user_metadata == {"flown": True}
    sdk.assets.delete_user_metadata(asset_id)
    assert sdk.assets.retrieve(asset_id).user_metadata is None


def test_a_transcription_has_the_requested_segmentations(sdk: TwelveLabs, emulator: Emulator) -> None:
    """The scripted transcription is returned once the asset is ready; an image has none."""
    emulator.understand("a.mp4", transcription=[(0.0, 2.0, "lift off")])
    asset = sdk.assets.create(method="direct", file=("a.mp4", video(), "video/mp4"))
    assert sdk.assets.retrieve_transcription(asset.id).status == "processing"
    emulator.advance(60)
    heard = sdk.assets.retrieve_transcription(asset.id, include=["words", "utterances"])
    assert [(word.start, word.end, word.value) for word in heard.words] == [(0, 1, "lift"), (1, 2, "off")]
    assert heard.utterances[0].speaker
    assert heard.sentences is None
    assert sdk.assets.retrieve_transcription(asset.id).utterances is None  # words are the default
    both = sdk.assets.retrieve_transcription(asset.id, include="sentences,utterances")
    assert (len(both.sentences), len(both.utterances), both.words) == (1, 1, None)
    picture = sdk.assets.create(method="direct", file=("a.png", video(), "image/png"))
    with pytest.raises(NotFoundError):
        sdk.assets.retrieve_transcription(picture.id)


def test_indexes_are_created_listed_renamed_and_deleted(sdk: TwelveLabs, emulator: Emulator, index_id: str) -> None:
    """Each filter returns the matching indexes only; names are unique."""
    emulator.advance(1)
    other = sdk.indexes.create(index_name="texts", models=[{**MODELS[0], "model_options": ["visual"]}])
    assert [index.id for index in sdk.indexes.list()] == [other.id, index_id]
    assert [index.id for index in sdk.indexes.list(sort_option="asc", page_limit=1)] == [index_id, other.id]
    assert [index.id for index in sdk.indexes.list(model_family="pegasus")] == []
    assert [index.id for index in sdk.indexes.list(model_options="visual,audio")] == [index_id]
    assert [index.id for index in sdk.indexes.list(index_name="texts", model_options="visual")] == [other.id]
    emulator.advance(1)
    sdk.indexes.update(index_id, index_name="starts")
    assert sdk.indexes.retrieve(index_id).index_name == "starts"
    assert [index.id for index in sdk.indexes.list(sort_by="updated_at")] == [index_id, other.id]
    with pytest.raises(BadRequestError) as refused:
        sdk.indexes.update(other.id, index_name="starts")
    assert refused.value.body["code"] == "index_name_already_exists"
    sdk.indexes.delete(index_id)
    with pytest.raises(BadRequestError):
        sdk.indexes.retrieve(index_id)


def test_indexing_passes_through_its_statuses(
    sdk: TwelveLabs, emulator: Emulator, index_id: str, asset_id: str
) -> None:
    """An indexed asset has each status in turn with a later `updated_at`; once it is ready, the index counts it."""
    item = sdk.indexes.indexed_assets.create(index_id, asset_id=asset_id)
    seen = {}
    for _ in range(21):
        state = sdk.indexes.indexed_assets.retrieve(index_id, item.id)
        seen[state.status] = state.updated_at
        emulator.advance(0.5)
    assert list(seen) == ["validating", "pending", "queued", "indexing", "ready"]
    assert sorted(set(seen.values())) == list(seen.values())
    index = sdk.indexes.retrieve(index_id)
    assert (index.video_count, round(index.total_duration)) == (1, 15)


def test_a_ready_indexed_asset_has_details(sdk: TwelveLabs, index_id: str, indexed_asset_id: str) -> None:
    """Embeddings and the transcription are returned on request, the stream and the metadata always."""
    retrieve = sdk.indexes.indexed_assets.retrieve
    item = retrieve(index_id, indexed_asset_id, embedding_option=["visual", "audio"], transcription=True)
    assert [segment.value for segment in item.transcription] == ["A white rocket", "Lift off!"]
    segments = item.embedding.video_embedding.segments
    assert {segment.embedding_option for segment in segments} == {"visual", "audio"}
    assert {len(segment.float_) for segment in segments} == {512}
    assert (item.hls.status, item.user_metadata, item.system_metadata.width) == ("COMPLETE", {"year": 1969}, 640)
    assert item == retrieve(index_id, indexed_asset_id, embedding_option=["visual", "audio"], transcription=True)
    plain = retrieve(index_id, indexed_asset_id)
    assert (plain.embedding, plain.transcription) == (None, None)


def test_indexed_assets_are_listed_by_filter(
    sdk: TwelveLabs, emulator: Emulator, index_id: str, asset_id: str, indexed_asset_id: str
) -> None:
    """Each filter of the list returns the matching indexed assets only."""
    later = str(sdk.indexes.indexed_assets.create(index_id, asset_id=asset_id, user_metadata={"year": 2024}).id)

    def ids(**filters: object) -> list[str | None]:
        return [item.id for item in sdk.indexes.indexed_assets.list(index_id, **filters)]  # type: ignore[arg-type]

    assert ids(page_limit=1) == [later, indexed_asset_id]
    assert ids(sort_option="asc") == [indexed_asset_id, later]
    assert ids(status=["validating", "failed"]) == [later]
    assert ids(status="ready") == [indexed_asset_id]
    assert ids(user_metadata={"year": 1969}) == [indexed_asset_id]
    assert ids(filename=CLIP.name, duration={"gte": 14, "lte": 16}, width={"lte": 640}) == [later, indexed_asset_id]
    assert ids(fps={"gte": 31}) == ids(filename="other.mp4") == ids(size={"lte": 1}) == []
    created = sdk.indexes.indexed_assets.retrieve(index_id, later).created_at
    assert ids(created_at=created) == [later]
    assert ids(updated_at=created) == []
    sdk.indexes.indexed_assets.update(index_id, indexed_asset_id, user_metadata={"year": None, "ok": True})
    assert ids(updated_at=created) == ids(user_metadata={"ok": True}) == [indexed_asset_id]
    emulator.advance(60)
    assert ids(sort_by="updated_at") == [later, indexed_asset_id]
    assert [item.index.name for item in sdk.indexes.indexed_assets.list_by_asset(asset_id)] == ["launches"] * 2


def test_an_indexed_asset_prevents_the_deletion_of_its_asset(
    sdk: TwelveLabs, index_id: str, asset_id: str, indexed_asset_id: str
) -> None:
    """An asset that is indexed is deleted with `force` only."""
    with pytest.raises(ConflictError):
        sdk.assets.delete(asset_id)
    sdk.assets.delete(asset_id, force=True)
    sdk.indexes.indexed_assets.delete(index_id, indexed_asset_id)
    with pytest.raises(NotFoundError):
        sdk.indexes.indexed_assets.retrieve(index_id, indexed_asset_id)
    assert sdk.indexes.retrieve(index_id).video_count == 0


def test_the_official_uploader_uploads_every_byte(sdk: TwelveLabs, emulator: Emulator, tmp_path: Path) -> None:
    """The stored asset has the digest of the file, and its URL returns the file."""
    content = video() + random.Random(1).randbytes(1_234_567)
    (tmp_path / "big.mp4").write_bytes(content)
    result = sdk.multipart_upload.upload_file(str(tmp_path / "big.mp4"))
    assert emulator.assets[result.asset_id].sha256 == hashlib.sha256(content).hexdigest()
    assert httpx.get(result.asset_url).content == content
    emulator.advance(2)
    assert sdk.assets.retrieve(result.asset_id).status == "ready"


def test_a_session_ends_when_all_parts_are_reported(sdk: TwelveLabs, emulator: Emulator) -> None:
    """Reports are idempotent, and the list of incomplete uploads has the session until the last report."""
    session = sdk.multipart_upload.create(filename="a.mp4", type="video", total_size=100_001, enable_hls=True)
    assert (session.total_chunks, [url.chunk_index for url in session.upload_urls]) == (3, [1, 2])
    more = sdk.multipart_upload.get_additional_presigned_urls(session.upload_id, start=3, count=1)
    assert [item.upload_id for item in sdk.multipart_upload.list_incomplete_uploads()] == [session.upload_id]
    report = None
    for url in (*session.upload_urls, *more.upload_urls):
        size = 1 if url.chunk_index == 3 else 50_000
        etag = httpx.put(url.url, content=bytes(size)).headers["ETag"].strip('"')
        chunk = {"chunk_index": url.chunk_index, "proof": etag, "proof_type": "etag", "chunk_size": size}
        report = sdk.multipart_upload.report_chunk_batch(session.upload_id, completed_chunks=[chunk, chunk])
        assert (report.processed_chunks, report.duplicate_chunks) == (1, 1)
    assert report is not None
    assert report.url
    chunks = list(sdk.multipart_upload.get_status(session.upload_id, page_limit=2))
    assert [(chunk.index, chunk.status) for chunk in chunks] == [(1, "completed"), (2, "completed"), (3, "completed")]
    assert list(sdk.multipart_upload.list_incomplete_uploads()) == []


def test_search_ranks_clips_by_text_and_image(sdk: TwelveLabs, index_id: str, indexed_asset_id: str) -> None:
    """A query by text or image URL returns clips by their words, the best first, in pages."""
    found = list(
        sdk.search.query(
            index_id=index_id,
            search_options=["visual", "transcription"],
            query_text="rocket lift",
            page_limit=1,
            include_user_metadata=True,
        )
    )
    assert [(clip.rank, clip.start, clip.end) for clip in found] == [(1, 0, 6), (2, 6, 15)]
    assert (found[1].transcription, found[0].video_id) == ("Lift off!", indexed_asset_id)
    assert found[0].user_metadata == {"year": 1969}
    videos = list(
        sdk.search.query(
            index_id=index_id,
            search_options=["visual"],
            query_media_type="image",
            query_media_urls=["https://example.com/rocket.png"],
            group_by="video",
        )
    )
    assert [(video.id, len(video.clips)) for video in videos] == [(indexed_asset_id, 2)]


def test_an_answer_is_the_same_whole_and_streamed(sdk: TwelveLabs, emulator: Emulator, asset_id: str) -> None:
    """The events of a stream have the text and the usage of the whole answer."""
    emulator.understand(CLIP.name, text="A rocket starts, on an orange flame.")
    video = VideoContext_AssetId(asset_id=asset_id)
    whole = sdk.analyze(video=video, prompt="What is seen?")
    events = list(sdk.analyze_stream(video=video, prompt="What is seen?"))
    assert whole.data == "A rocket starts, on an orange flame."
    assert (whole.finish_reason, whole.usage.output_tokens) == ("stop", 9)
    assert [event.event_type for event in events] == ["stream_start", *["text_generation"] * 3, "stream_end"]
    assert "".join(event.text for event in events[1:-1]) == whole.data
    assert events[-1].metadata.usage == whole.usage
