"""Video indexing tasks, videos, data connectors and imports of the emulator, with the official SDK as sdk."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
import twelvelabs
from twelvelabs.errors import BadRequestError, ConflictError, NotFoundError, UnprocessableEntityError
from twelvelabs.imports import ImportFilesRequestItemsItem

import twelvelabs_async
from twelvelabs_async.testing import Emulator

from support.samples import MEDIA, MODELS, video

pytestmark = pytest.mark.any_python

CLIP = MEDIA / "rocket_countdown.mp4"
STATES = ["uploading", "validating", "pending", "queued", "indexing", "ready"]
DONE = "https://app.example.com/done?from=tl"


@pytest.fixture
def index_id(sdk: twelvelabs.TwelveLabs) -> str:
    return str(sdk.indexes.create(index_name="launches", models=MODELS).id)


@pytest.fixture
def connection_id(sync_client: twelvelabs_async.TwelveLabs) -> str:
    """A connection. The official SDK cannot create one: it takes ``connections:authorize`` for an absolute URL."""
    started = sync_client.data_connectors.authorize_connection(
        provider="google_drive", redirect_uri=DONE, custom_id="me"
    )
    visited = httpx.get(str(started.authorize_url))
    assert visited.status_code == 302
    told = dict(parse_qsl(urlsplit(visited.headers["location"]).query))
    connection_id = told.pop("connection_id")
    assert told == {"from": "tl", "status": "ok", "custom_id": "me"}
    return connection_id


def test_a_task_passes_through_its_statuses(sdk: twelvelabs.TwelveLabs, emulator: Emulator, index_id: str) -> None:
    """A task has each documented status in turn, and can be deleted after its video."""
    with CLIP.open("rb") as file:
        created = sdk.tasks.create(index_id=index_id, video_file=file, user_metadata='{"year": 1969}')
    seen = {}
    for _ in range(25):
        task = sdk.tasks.retrieve(created.id)
        seen[task.status] = task.updated_at
        emulator.advance(0.5)
    assert list(seen) == STATES
    assert sorted(set(seen.values())) == list(seen.values())
    assert (task.video_id, task.index_id, task.hls.status) == (created.video_id, index_id, "COMPLETE")
    assert sdk.tasks.wait_for_done(created.id).system_metadata.width == 640
    with pytest.raises(BadRequestError, match="task_cannot_be_deleted"):
        sdk.tasks.delete(created.id)
    sdk.indexes.videos.delete(index_id, created.video_id)
    sdk.tasks.delete(created.id)
    with pytest.raises(BadRequestError):
        sdk.tasks.retrieve(created.id)


def test_tasks_are_listed_by_filter(sdk: twelvelabs.TwelveLabs, emulator: Emulator, index_id: str) -> None:
    """Lists return the newest task first, and each filter returns the matching tasks only."""
    emulator.serve("https://example.com/a.mp4", CLIP)
    emulator.understand("bad.mp4", fail="no video stream", at="processing")
    urls = [f"https://example.com/{name}.mp4" for name in ("a", "bad", "c")]
    first, bad, third = [task.id for task in sdk.tasks.create_bulk(index_id=index_id, video_urls=urls)]
    emulator.advance(30)
    later = sdk.tasks.create(index_id=index_id, video_file=("d.mp4", video(), "video/mp4"))

    def ids(**filters: object) -> list[str | None]:
        return [item.id for item in sdk.tasks.list(**filters)]  # type: ignore[arg-type]

    assert ids(page_limit=1) == [later.id, third, bad, first]
    assert ids(sort_by="updated_at", sort_option="asc", status=["ready", "failed"]) == [bad, first, third]
    assert ids(status="failed") == ids(filename="bad.mp4") == [bad]
    assert ids(status="uploading") == ids(created_at=sdk.tasks.retrieve(later.id).created_at) == [later.id]
    duration = sdk.tasks.retrieve(first).system_metadata.duration
    assert ids(width=640, height=360, duration=duration) == [first]
    assert ids(index_id="other") == ids(updated_at="2999-01-01T00:00:00Z") == []


def test_videos_are_the_ready_indexed_assets(sdk: twelvelabs.TwelveLabs, emulator: Emulator, index_id: str) -> None:
    """Videos are the indexed assets that are ready, including those of video indexing tasks."""
    emulator.understand(CLIP.name, transcription=[(0.3, 4.3, "A white rocket")])
    with CLIP.open("rb") as file:
        task = sdk.tasks.create(index_id=index_id, video_file=file, user_metadata='{"year": 1969, "ok": true}')
    assert list(sdk.indexes.videos.list(index_id)) == []
    emulator.advance(60)
    [listed] = sdk.indexes.videos.list(index_id, width={"gte": 640}, user_metadata={"year": 1969, "ok": True})
    assert (listed.id, listed.system_metadata.size) == (task.video_id, CLIP.stat().st_size)
    assert list(sdk.indexes.videos.list(index_id, user_metadata={"year": 2024})) == []
    video = sdk.indexes.videos.retrieve(index_id, listed.id, embedding_option=["visual"], transcription=True)
    assert (video.hls.status, video.transcription[0].value) == ("COMPLETE", "A white rocket")
    assert video.embedding.video_embedding.segments
    sdk.indexes.videos.update(index_id, listed.id, user_metadata={"year": None})
    assert sdk.indexes.indexed_assets.retrieve(index_id, listed.id).user_metadata == {"ok": True}
    sdk.indexes.videos.delete(index_id, listed.id)
    with pytest.raises(NotFoundError):
        sdk.indexes.videos.retrieve(index_id, listed.id)


def test_a_visit_of_the_authorize_url_creates_a_connection(
    sdk: twelvelabs.TwelveLabs, emulator: Emulator, connection_id: str
) -> None:
    """A connection exists after the user has visited the authorize URL, until it is deleted."""
    assert [connection.id for connection in sdk.data_connectors.list_connections().data] == [connection_id]
    connection = sdk.data_connectors.retrieve_connection(connection_id)
    assert (connection.status, connection.custom_id, connection.last_used_at) == ("active", "me", None)
    token = sdk.data_connectors.create_connection_picker_token(connection_id)
    assert [token.scope] == connection.scopes
    assert sdk.data_connectors.retrieve_connection(connection_id).last_used_at
    sdk.data_connectors.delete_connection(connection_id)
    with pytest.raises(NotFoundError):
        sdk.data_connectors.retrieve_connection(connection_id)


def test_only_registered_redirect_uris_are_accepted(
    sdk: twelvelabs.TwelveLabs, sync_client: twelvelabs_async.TwelveLabs
) -> None:
    """Once a redirect URI is registered, an authorization must use a registered one."""
    arguments = {"provider": "google_drive", "redirect_uri": DONE}
    with pytest.raises(httpx.UnsupportedProtocol):
        sdk.data_connectors.authorize_connection(**arguments)
    other = sdk.data_connectors.create_redirect_uri(redirect_uri="https://app.example.com/other")
    with pytest.raises(ConflictError):
        sdk.data_connectors.create_redirect_uri(redirect_uri="https://app.example.com/other")
    with pytest.raises(UnprocessableEntityError):
        sdk.data_connectors.create_redirect_uri(redirect_uri="http://app.example.com/other")
    assert sdk.data_connectors.list_redirect_uris(page=1, page_limit=5).data == [other]
    with pytest.raises(twelvelabs_async.BadRequestError, match="not registered"):
        sync_client.data_connectors.authorize_connection(**arguments)
    sdk.data_connectors.delete_redirect_uri(other.id)
    assert sync_client.data_connectors.authorize_connection(**arguments).authorize_url


def test_imports_create_skip_retry_and_reject_files(
    sdk: twelvelabs.TwelveLabs, emulator: Emulator, connection_id: str
) -> None:
    """An import creates an asset of each valid file; a second one skips ready assets and retries failed ones."""
    emulator.serve("talk.mp4", CLIP)
    emulator.understand("bad.mp4", fail="no video stream", at="processing")
    emulator.understand("gone.mp4", fail="The file is gone.", at="import")
    names = ["talk.mp4", "bad.mp4", "gone.mp4", "notes.pdf"]
    items = [ImportFilesRequestItemsItem(source_id=name) for name in names]

    def seen(items: list[twelvelabs.types.ImportItem] | None) -> list[tuple[object, ...]]:
        return [(item.action, item.status, item.error and item.error.code) for item in items or ()]

    rejected = [("rejected", None, "source_unavailable"), ("rejected", None, "unsupported_media_type")]
    made = sdk.imports.import_files(connection_id, items=items)
    assert made.has_failures
    assert seen(made.items) == [("created", "processing", None), ("created", "processing", None), *rejected]
    emulator.advance(60)
    detail = sdk.imports.retrieve_import(connection_id, made.id)
    assert seen(detail.items) == [("created", "ready", None), ("created", "failed", None), *rejected]
    asset = sdk.assets.retrieve(detail.items[0].asset_id)
    assert (asset.method, asset.source.details.source_id, asset.size) == ("connector", names[0], CLIP.stat().st_size)
    again = sdk.imports.import_files(connection_id, items=items[:2])
    assert seen(again.items) == [("skipped", "ready", None), ("retried", "processing", None)]
    assert not again.has_failures
    listed = sdk.imports.list_imports(connection_id).data
    assert [(one.id, one.item_count, one.custom_id) for one in listed] == [(again.id, 2, "me"), (made.id, 4, "me")]
    assert seen(sdk.imports.import_files(connection_id, items=items[2:]).items) == rejected  # no error
    sdk.assets.delete(asset.id)
    assert len(sdk.imports.retrieve_import(connection_id, again.id).items) == 1
