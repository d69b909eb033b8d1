"""The official SDK, as a client that knows nothing of the emulator, gets through every method of its resources."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from twelvelabs import TwelveLabs
from twelvelabs.errors import BadRequestError, ConflictError, NotFoundError
from twelvelabs.types import VideoContext_AssetId

from twelvelabs_async.testing import Emulator

CLIP = Path(__file__).parent.parent / "examples" / "media" / "rocket_countdown.mp4"
MODELS = [
    {"model_name": "marengo3.0", "model_options": ["visual", "audio"]},
    {"model_name": "pegasus1.2", "model_options": ["visual"]},
]


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    # The official SDK sends no upload_headers, so none are asked for.
    with Emulator(speed=0, chunk_size=50_000, urls_per_session=2, upload_headers={}) as emulator:
        yield emulator


@pytest.fixture
def client(emulator: Emulator) -> Iterator[TwelveLabs]:
    with httpx.Client(verify=False) as session:
        yield TwelveLabs(api_key=emulator.api_key, base_url=emulator.url, httpx_client=session)


@pytest.fixture
def asset_id(client: TwelveLabs, emulator: Emulator) -> str:
    with CLIP.open("rb") as file:
        asset = client.assets.create(
            method="direct", file=file, enable_thumbnail=True, user_metadata='{"kind": "rocket"}'
        )
    emulator.advance(60)
    return str(asset.id)


@pytest.fixture
def index_id(client: TwelveLabs) -> str:
    return str(client.indexes.create(index_name="launches", models=MODELS, addons=["thumbnail"]).id)


@pytest.fixture
def indexed_asset_id(client: TwelveLabs, emulator: Emulator, index_id: str, asset_id: str) -> str:
    emulator.understand(CLIP.name, transcription=[(0.3, 4.3, "A white rocket"), (10.0, 10.7, "Lift off!")])
    item = client.indexes.indexed_assets.create(
        index_id, asset_id=asset_id, enable_video_stream=True, user_metadata={"year": 1969}
    )
    emulator.advance(60)
    return str(item.id)


def test_assets(client: TwelveLabs, emulator: Emulator) -> None:
    """An asset is processed, tells the facts of its file, and goes away."""
    with CLIP.open("rb") as file:
        created = client.assets.create(method="direct", file=file, enable_hls=True, enable_thumbnail=True)
    assert (created.status, created.file_type, created.filename) == ("processing", "video/mp4", CLIP.name)
    pending = client.assets.retrieve(created.id)
    assert (pending.hls.status, pending.technical_metadata, pending.size) == ("processing", None, None)
    emulator.advance(2)
    asset = client.assets.retrieve(created.id)
    assert (asset.status, asset.size, round(asset.duration)) == ("ready", CLIP.stat().st_size, 15)
    assert (asset.technical_metadata.video_width, asset.technical_metadata.video_fps) == (640, 30)
    assert asset.hls.manifest_url
    assert asset.thumbnail.representative_url
    assert emulator.assets[created.id].sha256 == hashlib.sha256(CLIP.read_bytes()).hexdigest()
    client.assets.delete(created.id)
    with pytest.raises(NotFoundError):
        client.assets.retrieve(created.id)


def test_assets_from_urls(client: TwelveLabs, emulator: Emulator) -> None:
    """A URL holds what was served for it; of any other URL the facts are made up, the same each time."""
    emulator.serve("https://example.com/a.mp4?x=1", CLIP)
    served = client.assets.create(method="url", url="https://example.com/a.mp4?x=1")
    unknown = [client.assets.create(method="url", url="https://example.com/b.mp4") for _ in range(2)]
    emulator.advance(60)
    assert round(client.assets.retrieve(served.id).duration) == 15
    first, second = (client.assets.retrieve(asset.id) for asset in unknown)
    assert first.filename == "b.mp4"
    assert first.duration == second.duration
    with pytest.raises(BadRequestError):
        client.assets.create(method="url", url="nonsense")


def test_asset_lists(client: TwelveLabs, asset_id: str) -> None:
    """Assets are listed newest first, and filtered by id, type and part of the name."""
    picture = client.assets.create(method="direct", file=("Moon.png", b"", "image/png"))
    assert [asset.id for asset in client.assets.list(page_limit=1)] == [picture.id, asset_id]
    assert [asset.id for asset in client.assets.list(asset_ids=[asset_id])] == [asset_id]
    assert [asset.id for asset in client.assets.list(asset_types=["image"])] == [picture.id]
    assert [asset.id for asset in client.assets.list(filename="mOO")] == [picture.id]


def test_asset_metadata(client: TwelveLabs, asset_id: str) -> None:
    """A PATCH merges and deletes, a PUT replaces, a DELETE empties."""
    client.assets.update_user_metadata(asset_id, user_metadata={"kind": None, "stages": 3, "crew": ["a", "b"]})
    assert client.assets.retrieve(asset_id).user_metadata == {"stages": 3, "crew": ["a", "b"]}
    client.assets.replace_user_metadata(asset_id, user_metadata={"flown": True})
    assert client.assets.retrieve(asset_id).user_metadata == {"flown": True}
    client.assets.delete_user_metadata(asset_id)
    assert client.assets.retrieve(asset_id).user_metadata is None


def test_asset_transcription(client: TwelveLabs, emulator: Emulator) -> None:
    """What was scripted is heard, in the segmentations asked for; a picture says nothing."""
    emulator.understand("a.mp4", transcription=[(0.0, 2.0, "lift off")])
    asset = client.assets.create(method="direct", file=("a.mp4", b"", "video/mp4"))
    assert client.assets.retrieve_transcription(asset.id).status == "processing"
    emulator.advance(60)
    heard = client.assets.retrieve_transcription(asset.id, include=["words", "utterances"])
    assert [(word.start, word.end, word.value) for word in heard.words] == [(0, 1, "lift"), (1, 2, "off")]
    assert heard.utterances[0].speaker
    assert heard.sentences is None
    picture = client.assets.create(method="direct", file=("a.png", b"", "image/png"))
    with pytest.raises(NotFoundError):
        client.assets.retrieve_transcription(picture.id)


def test_indexes(client: TwelveLabs, emulator: Emulator, index_id: str) -> None:
    """An index is created, found by its filters, renamed and deleted; names are unique."""
    emulator.advance(1)
    other = client.indexes.create(index_name="texts", models=MODELS[1:])
    assert [index.id for index in client.indexes.list()] == [other.id, index_id]
    assert [index.id for index in client.indexes.list(sort_option="asc", page_limit=1)] == [index_id, other.id]
    assert [index.id for index in client.indexes.list(model_family="marengo")] == [index_id]
    assert [index.id for index in client.indexes.list(index_name="texts", model_options="visual")] == [other.id]
    emulator.advance(1)
    client.indexes.update(index_id, index_name="starts")
    assert client.indexes.retrieve(index_id).index_name == "starts"
    assert [index.id for index in client.indexes.list(sort_by="updated_at")] == [index_id, other.id]
    with pytest.raises(BadRequestError) as refused:
        client.indexes.update(other.id, index_name="starts")
    assert refused.value.body["code"] == "index_name_already_exists"
    client.indexes.delete(index_id)
    with pytest.raises(BadRequestError):
        client.indexes.retrieve(index_id)


def test_indexing(client: TwelveLabs, emulator: Emulator, index_id: str, asset_id: str) -> None:
    """An asset goes through all states of indexing, `updated_at` moves with each, and then the index counts it."""
    item = client.indexes.indexed_assets.create(index_id, asset_id=asset_id)
    seen = {}
    for _ in range(21):
        state = client.indexes.indexed_assets.retrieve(index_id, item.id)
        seen[state.status] = state.updated_at
        emulator.advance(0.5)
    assert list(seen) == ["validating", "pending", "queued", "indexing", "ready"]
    assert sorted(set(seen.values())) == list(seen.values())
    index = client.indexes.retrieve(index_id)
    assert (index.video_count, round(index.total_duration)) == (1, 15)


def test_indexed_asset_details(client: TwelveLabs, index_id: str, indexed_asset_id: str) -> None:
    """Embeddings, transcription, stream and metadata come with a ready indexed asset."""
    retrieve = client.indexes.indexed_assets.retrieve
    item = retrieve(index_id, indexed_asset_id, embedding_option=["visual", "audio"], transcription=True)
    assert [segment.value for segment in item.transcription] == ["A white rocket", "Lift off!"]
    segments = item.embedding.video_embedding.segments
    assert {segment.embedding_option for segment in segments} == {"visual", "audio"}
    assert {len(segment.float_) for segment in segments} == {512}
    assert (item.hls.status, item.user_metadata, item.system_metadata.width) == ("COMPLETE", {"year": 1969}, 640)
    assert item == retrieve(index_id, indexed_asset_id, embedding_option=["visual", "audio"], transcription=True)
    plain = retrieve(index_id, indexed_asset_id)
    assert (plain.embedding, plain.transcription) == (None, None)


def test_indexed_asset_lists(
    client: TwelveLabs, emulator: Emulator, index_id: str, asset_id: str, indexed_asset_id: str
) -> None:
    """Every filter of the list finds what it names, and not the rest."""
    later = str(client.indexes.indexed_assets.create(index_id, asset_id=asset_id, user_metadata={"year": 2024}).id)

    def ids(**filters: object) -> list[str | None]:
        return [item.id for item in client.indexes.indexed_assets.list(index_id, **filters)]  # type: ignore[arg-type]

    assert ids(page_limit=1) == [later, indexed_asset_id]
    assert ids(sort_option="asc") == [indexed_asset_id, later]
    assert ids(status=["validating", "failed"]) == [later]
    assert ids(status="ready") == [indexed_asset_id]
    assert ids(user_metadata={"year": 1969}) == [indexed_asset_id]
    assert ids(filename=CLIP.name, duration={"gte": 14, "lte": 16}, width={"lte": 640}) == [later, indexed_asset_id]
    assert ids(fps={"gte": 31}) == ids(filename="other.mp4") == ids(size={"lte": 1}) == []
    created = client.indexes.indexed_assets.retrieve(index_id, later).created_at
    assert ids(created_at=created) == [later]
    assert ids(updated_at=created) == []
    client.indexes.indexed_assets.update(index_id, indexed_asset_id, user_metadata={"year": None, "ok": True})
    assert ids(updated_at=created) == ids(user_metadata={"ok": True}) == [indexed_asset_id]
    emulator.advance(60)
    assert ids(sort_by="updated_at") == [later, indexed_asset_id]
    assert [item.index.name for item in client.indexes.indexed_assets.list_by_asset(asset_id)] == ["launches"] * 2


def test_deletion(client: TwelveLabs, index_id: str, asset_id: str, indexed_asset_id: str) -> None:
    """An indexed asset keeps its asset from being deleted, unless by force."""
    with pytest.raises(ConflictError):
        client.assets.delete(asset_id)
    client.assets.delete(asset_id, force=True)
    client.indexes.indexed_assets.delete(index_id, indexed_asset_id)
    with pytest.raises(NotFoundError):
        client.indexes.indexed_assets.retrieve(index_id, indexed_asset_id)
    assert client.indexes.retrieve(index_id).video_count == 0


def test_upload_file(client: TwelveLabs, emulator: Emulator, tmp_path: Path) -> None:
    """The official uploader gets a file across, byte by byte."""
    content = random.Random(1).randbytes(1_234_567)
    (tmp_path / "big.mp4").write_bytes(content)
    result = client.multipart_upload.upload_file(str(tmp_path / "big.mp4"))
    assert emulator.assets[result.asset_id].sha256 == hashlib.sha256(content).hexdigest()
    assert httpx.get(result.asset_url).content == content
    emulator.advance(2)
    assert client.assets.retrieve(result.asset_id).status == "ready"


def test_upload_session(client: TwelveLabs, emulator: Emulator) -> None:
    """A session tells its state until all parts are reported."""
    session = client.multipart_upload.create(filename="a.mp4", type="video", total_size=100_001, enable_hls=True)
    assert (session.total_chunks, [url.chunk_index for url in session.upload_urls]) == (3, [1, 2])
    more = client.multipart_upload.get_additional_presigned_urls(session.upload_id, start=3, count=1)
    assert [item.upload_id for item in client.multipart_upload.list_incomplete_uploads()] == [session.upload_id]
    report = None
    for url in (*session.upload_urls, *more.upload_urls):
        size = 1 if url.chunk_index == 3 else 50_000
        etag = httpx.put(url.url, content=bytes(size)).headers["ETag"].strip('"')
        chunk = {"chunk_index": url.chunk_index, "proof": etag, "proof_type": "etag", "chunk_size": size}
        report = client.multipart_upload.report_chunk_batch(session.upload_id, completed_chunks=[chunk, chunk])
        assert (report.processed_chunks, report.duplicate_chunks) == (1, 1)
    assert report is not None
    assert report.url
    chunks = list(client.multipart_upload.get_status(session.upload_id, page_limit=2))
    assert [(chunk.index, chunk.status) for chunk in chunks] == [(1, "completed"), (2, "completed"), (3, "completed")]
    assert list(client.multipart_upload.list_incomplete_uploads()) == []


def test_search(client: TwelveLabs, index_id: str, indexed_asset_id: str) -> None:
    """Text and pictures find clips by their words, best first, page after page."""
    found = list(
        client.search.query(
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
        client.search.query(
            index_id=index_id,
            search_options=["visual"],
            query_media_type="image",
            query_media_urls=["https://example.com/rocket.png"],
            group_by="video",
        )
    )
    assert [(video.id, len(video.clips)) for video in videos] == [(indexed_asset_id, 2)]


def test_analyze(client: TwelveLabs, emulator: Emulator, asset_id: str) -> None:
    """An analysis answers whole or in pieces with the same words, and fits a schema when given one."""
    emulator.understand(CLIP.name, text="A rocket starts, on an orange flame.")
    video = VideoContext_AssetId(asset_id=asset_id)
    whole = client.analyze(video=video, prompt="What is seen?")
    events = list(client.analyze_stream(video=video, prompt="What is seen?"))
    assert whole.data == "A rocket starts, on an orange flame."
    assert (whole.finish_reason, whole.usage.output_tokens) == ("stop", 9)
    assert [event.event_type for event in events] == ["stream_start", *["text_generation"] * 3, "stream_end"]
    assert "".join(event.text for event in events[1:-1]) == whole.data
    assert events[-1].metadata.usage == whole.usage
