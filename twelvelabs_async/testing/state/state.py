"""Tables of all resources, and what creates the jobs in them."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs

from ...media.headers import Media, read_media
from ..clock import Clock, plan
from ..content import Scripts, asset_kind, complete, mime_type
from ..formats import START_BYTES, is_media, pdf_facts, read_manifest
from .analyze import BATCH_RETENTION_SECONDS, AnalyzeBatch, AnalyzeTask
from .assets import Asset, Upload
from .connections import Authorization, Connection, Import, RedirectUri
from .embed import EmbeddingTask
from .entities import EntityCollection
from .indexes import Index, IndexedAsset, IndexingTask, Search
from .knowledge_stores import KnowledgeStore, Session

Seconds = float | Callable[[str], float]
"""Duration in emulated seconds, or a function of the file name that returns it."""

NO_MEDIA = "The content of {} is in no known format of audio, video or images. Upload a media file."
"""Failure of an asset. The platform's words are not known."""

INDEXING_SHARES = {"validating": 0.0, "pending": 0.05, "queued": 0.1, "indexing": 0.2}
"""Share of the indexing time at which each status starts."""


@attrs.frozen(kw_only=True)
class Settings:
    """Durations of jobs, limits of uploads and strictness; the arguments of `Emulator`."""

    strict: bool = True
    processing_time: Seconds = 2.0
    indexing_time: Seconds = 10.0
    analysis_time: Seconds = 10.0
    embedding_time: Seconds = 5.0
    chunk_size: int = attrs.field(default=5 * 1024 * 1024, validator=attrs.validators.ge(1))
    urls_per_session: int = attrs.field(default=10, validator=attrs.validators.ge(1))
    upload_headers: dict[str, str] = attrs.field(factory=dict[str, str])


def duration(setting: Seconds, filename: str) -> float:
    """Return the emulated seconds that a job of a file takes."""
    return setting(filename) if callable(setting) else setting


def _ids() -> Iterator[str]:
    return (f"{0x66A1B2C3D4E5F60000000000 + number:024x}" for number in itertools.count(1))


@attrs.define(eq=False)
class State:
    """Everything that the emulated platform stores, by id, without HTTP and JSON.

    Attributes:
        clock: Emulated time.
        settings: Durations of jobs, limits of uploads and strictness.
        folder: Folder of the stored files while the emulator runs.
        scripts: Facts that tests set for file names.
        served: Content of URLs and of imported files, by URL or id.
        assets: Assets.
        uploads: Sessions of multipart uploads.
        indexing_tasks: Video indexing tasks.
        searches: Searches whose pages can be requested.
        analyze_tasks: Analyze tasks, those of batches included.
        idempotent_analyze_tasks: Analyze tasks by the idempotency key of the request that created them.
        embedding_tasks: Embedding tasks of both versions.
        entity_collections: Entity collections.
        knowledge_stores: Knowledge stores.
        sessions: Conversations about knowledge stores.
        authorizations: Authorizations that the user has not confirmed yet.
        connections: Connections to storage providers.
        redirect_uris: Registered redirect URIs.
        imports: Imports.
    """

    clock: Clock = attrs.field(factory=Clock)
    settings: Settings = attrs.field(factory=Settings)
    folder: Path = Path()
    scripts: Scripts = attrs.field(factory=Scripts)
    served: dict[str, bytes | Path] = attrs.field(factory=dict[str, "bytes | Path"])
    assets: dict[str, Asset] = attrs.field(factory=dict[str, Asset])
    uploads: dict[str, Upload] = attrs.field(factory=dict[str, Upload])
    indexing_tasks: dict[str, IndexingTask] = attrs.field(factory=dict[str, IndexingTask])
    searches: dict[str, Search] = attrs.field(factory=dict[str, Search])
    analyze_tasks: dict[str, AnalyzeTask] = attrs.field(factory=dict[str, AnalyzeTask])
    idempotent_analyze_tasks: dict[str, AnalyzeTask] = attrs.field(factory=dict[str, AnalyzeTask])
    embedding_tasks: dict[str, EmbeddingTask] = attrs.field(factory=dict[str, EmbeddingTask])
    entity_collections: dict[str, EntityCollection] = attrs.field(factory=dict[str, EntityCollection])
    knowledge_stores: dict[str, KnowledgeStore] = attrs.field(factory=dict[str, KnowledgeStore])
    sessions: dict[str, Session] = attrs.field(factory=dict[str, Session])
    authorizations: dict[str, Authorization] = attrs.field(factory=dict[str, Authorization])
    connections: dict[str, Connection] = attrs.field(factory=dict[str, Connection])
    redirect_uris: dict[str, RedirectUri] = attrs.field(factory=dict[str, RedirectUri])
    imports: dict[str, Import] = attrs.field(factory=dict[str, Import])
    _analyze_batches: dict[str, AnalyzeBatch] = attrs.field(factory=dict[str, AnalyzeBatch])
    _indexes: dict[str, Index] = attrs.field(factory=dict[str, Index])
    _ids: Iterator[str] = attrs.field(factory=_ids)

    def now(self) -> float:
        """Return the emulated time in seconds since the epoch."""
        return self.clock.now()

    def new_id(self) -> str:
        """Return 24 hex digits that count up, the same in every run."""
        return next(self._ids)

    @property
    def indexes(self) -> dict[str, Index]:
        """Return the indexes that have not expired."""
        now = self.now()
        for index in [index for index in self._indexes.values() if index.expires_at <= now]:
            del self._indexes[index.id]
        return self._indexes

    @property
    def indexed_assets(self) -> dict[str, IndexedAsset]:
        """Return the indexed assets of all indexes, those of the oldest index first."""
        return {item.id: item for index in list(self.indexes.values()) for item in list(index.indexed_assets.values())}

    def add_asset(self, method: str, filename: str, **fields: Any) -> Asset:
        """Create an asset whose file is still to come: `receive_file` or `receive_url` follows."""
        stages = ((self.now(), "processing"),)
        asset = Asset(id=self.new_id(), stages=stages, method=method, filename=filename, scripts=self.scripts, **fields)
        self.assets[asset.id] = asset
        return asset

    def receive_file(self, asset: Asset, path: Path | None, size: int, declared_type: str = "") -> None:
        """Set an asset's file and start its processing."""
        media, is_known = Media(), path is None
        if path is not None:
            with path.open("rb") as file:
                media = read_manifest(file) or read_media(file)
                file.seek(0)
                is_known = media.container is not None or is_media(file.read(START_BYTES))
        asset.path, asset.size = path, size
        asset.file_type = mime_type(asset.filename, declared_type, media)
        asset.media = complete(media, asset_kind(asset.file_type), asset.filename)
        if asset.file_type == "application/pdf" and path is not None:
            asset.document = pdf_facts(path.read_bytes())
        asset.failure = asset.content.failure("processing")
        if self.settings.strict and not is_known and asset.kind != "document":
            asset.failure = NO_MEDIA.format(asset.filename)
        outcome = "failed" if asset.failure else "ready"
        ready_at = self.now() + duration(self.settings.processing_time, asset.filename)
        asset.stages = ((asset.created_at, "processing"), (ready_at, outcome))

    def receive_url(self, asset: Asset, url: str) -> None:
        """Set the content of a URL as an asset's file and start its processing. Nothing is ever fetched."""
        served = self.served.get(url)
        if served is None:
            self.receive_file(asset, None, 1_000_000 + zlib.crc32(url.encode()) % 1_000_000)
        else:
            path = self.folder / asset.id
            path.write_bytes(served if isinstance(served, bytes) else served.read_bytes())
            self.receive_file(asset, path, path.stat().st_size)

    def add_upload(self, filename: str, total_size: int, **fields: Any) -> Upload:
        """Create the session of a multipart upload and its asset, which fails if the session expires."""
        asset, now, identifier = self.add_asset("multipart", filename, **fields), self.now(), self.new_id()
        upload = Upload(
            id=identifier,
            asset=asset,
            total_size=total_size,
            chunk_size=self.settings.chunk_size,
            created_at=now,
            updated_at=now,
            path=self.folder / identifier,
        )
        upload.path.touch()
        asset.stages = ((now, "processing"), (upload.expires_at, "failed"))
        self.uploads[upload.id] = upload
        return upload

    def add_index(self, name: str, models: list[tuple[str, list[str]]], addons: list[str]) -> Index:
        """Create an index."""
        now = self.now()
        index = Index(id=self.new_id(), name=name, models=models, addons=addons, created_at=now, edited_at=now)
        self._indexes[index.id] = index
        return index

    def index_asset(self, index: Index, asset: Asset, **fields: Any) -> IndexedAsset:
        """Add an asset to an index. The indexing job starts once the asset is processed."""
        now = self.now()
        start, seconds = max(now, asset.ends_at), duration(self.settings.indexing_time, asset.filename)
        if asset.status(asset.ends_at) == "failed":
            stages = plan(start, 0.0, {}, "failed")
        else:
            stages = plan(start, seconds, INDEXING_SHARES, "failed" if asset.content.failure("indexing") else "ready")
        stages = ((now, "validating"), *stages)
        item = IndexedAsset(id=self.new_id(), stages=stages, index=index, asset=asset, **fields)
        index.add(item)
        return item

    def add_indexing_task(self, item: IndexedAsset) -> IndexingTask:
        """Create the video indexing task of an indexed asset, whose stages it has."""
        (start, _), *later = item.stages
        task = IndexingTask(id=self.new_id(), stages=((start, "uploading"), *later), item=item)
        self.indexing_tasks[task.id] = task
        return task

    def add_search(self, search: Search) -> None:
        """Keep a search for its page tokens, and drop those that have expired."""
        now = self.now()
        for old in [old for old in self.searches.values() if old.expires_at <= now]:
            del self.searches[old.id]
        self.searches[search.id] = search

    @property
    def analyze_batches(self) -> dict[str, AnalyzeBatch]:
        """Return the batches that are still kept."""
        now = self.now()
        for batch in list(self._analyze_batches.values()):
            if batch.created_at + BATCH_RETENTION_SECONDS <= now:
                self.remove_analyze_batch(batch)
        return self._analyze_batches

    def remove_analyze_batch(self, batch: AnalyzeBatch) -> None:
        """Delete a batch and its tasks."""
        for task in batch.tasks:
            self.analyze_tasks.pop(task.id, None)
        del self._analyze_batches[batch.id]
