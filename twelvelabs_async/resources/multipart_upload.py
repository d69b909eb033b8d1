"""``/assets/multipart-uploads``: large files, sent in parts straight to the storage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, Final

from .._files import Source, open_source
from .._jobs import UPLOAD
from .._pagination import AsyncPager, numbered_pages
from .._transport import Transport, path
from .._uploads import OnProgress, Progress, plan, send_parts
from .._waiting import POLL_INTERVAL, Callback, WaitOptions, poll_until_final
from ..errors import APIError, BadRequestError, JobFailedError, UploadError, WaitTimeoutError
from ..models._base import UserMetadata
from ..models.multipart_upload import (
    ChunkInfo,
    CompletedChunk,
    CompletedChunkParams,
    CreateAssetUploadRequestType,
    CreateAssetUploadResponse,
    GetUploadStatusResponse,
    IncompleteUploadSummary,
    PresignedUrlChunk,
    ReportChunkBatchResponse,
    RequestAdditionalPresignedUrLsResponse,
    UploadResult,
    UploadStatus,
)
from ..options import MAX_CHUNKS_PER_CALL, MAX_PAGE_LIMIT, OMIT, RequestOptions
from ._base import AsyncResource

UPLOADS: Final = "/assets/multipart-uploads"
SESSION: Final = "/assets/multipart-uploads/{upload_id}"
SESSION_LIFE: Final = 24 * 3600.0
"""Seconds that an upload session lasts (docs: Multipart uploads)."""
URLS: Final = "/assets/multipart-uploads/{upload_id}/presigned-urls"


class AsyncMultipartUpload(AsyncResource):
    """Upload files in parts: `upload_file` does it all, the other methods are its steps."""

    async def create(
        self,
        *,
        filename: str,
        type: CreateAssetUploadRequestType,
        total_size: int,
        enable_hls: bool | None = OMIT,
        enable_thumbnail: bool | None = OMIT,
        user_metadata: UserMetadata | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> CreateAssetUploadResponse:
        """Begin an upload session, which lasts 24 hours.

        Args:
            filename: The asset's name, 1 to 255 characters.
            type: ``video``, ``audio`` or ``image``.
            total_size: The file's bytes.
            enable_hls: Whether to make an HLS stream of it.
            enable_thumbnail: Whether to make a picture of it.
            user_metadata: Your own data about it.
        """
        return await self._post(
            UPLOADS,
            CreateAssetUploadResponse,
            request_options,
            json={
                "filename": filename,
                "type": type,
                "total_size": total_size,
                "enable_hls": enable_hls,
                "enable_thumbnail": enable_thumbnail,
                "user_metadata": user_metadata,
            },
            category="assets",
        )

    async def get_additional_presigned_urls(
        self, upload_id: str, *, start: int, count: int, request_options: RequestOptions | None = None
    ) -> RequestAdditionalPresignedUrLsResponse:
        """Get fresh URLs for *count* parts, 1 to 50, from *start* on, counted from 1.

        Each URL takes its part once, within an hour.
        """
        return await self._post(
            path(URLS, upload_id),
            RequestAdditionalPresignedUrLsResponse,
            request_options,
            json={"start": start, "count": count},
            safe=True,
        )

    async def report_chunk_batch(
        self,
        upload_id: str,
        *,
        completed_chunks: Sequence[CompletedChunk | CompletedChunkParams],
        request_options: RequestOptions | None = None,
    ) -> ReportChunkBatchResponse:
        """Tell the API of 1 to 50 parts that were sent, in any order; parts it knows of already do no harm."""
        return await self._post(
            path(SESSION, upload_id),
            ReportChunkBatchResponse,
            request_options,
            json={"completed_chunks": completed_chunks},
            safe=True,
        )

    async def retrieve(
        self, upload_id: str, *, request_options: RequestOptions | None = None
    ) -> GetUploadStatusResponse:
        """Describe an upload session: its status, and how many of its parts are there.

        Raises:
            NotFoundError: There is no such session.
        """
        return await self._get(
            path(SESSION, upload_id), GetUploadStatusResponse, request_options, query={"page_limit": 1}
        )

    def get_status(
        self,
        upload_id: str,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[ChunkInfo]:
        """List the parts of an upload and how they fare.

        A page has up to *page_limit* of them, 1 to 50, 10 by default.
        """
        return numbered_pages(
            self._transport,
            path(SESSION, upload_id),
            ChunkInfo,
            query={"page_limit": page_limit},
            page=page,
            options=request_options,
            items_field="uploaded_chunks",
        )

    def list_incomplete_uploads(
        self, *, page: int | None = None, page_limit: int | None = None, request_options: RequestOptions | None = None
    ) -> AsyncPager[IncompleteUploadSummary]:
        """List the upload sessions that lack parts.

        A page has up to *page_limit* of them, 1 to 50, 10 by default.
        """
        return self._list(UPLOADS, IncompleteUploadSummary, page, request_options, page_limit=page_limit)

    async def upload_file(
        self,
        file_path: str | PathLike[str],
        *,
        filename: str | None = None,
        file_type: CreateAssetUploadRequestType = "video",
        batch_size: int = 10,
        max_workers: int = 5,
        progress_callback: OnProgress | None = None,
        max_retries: int = 3,
        retry_delay: float = 1.0,
        enable_hls: bool | None = OMIT,
        enable_thumbnail: bool | None = OMIT,
        user_metadata: UserMetadata | None = OMIT,
        upload_id: str | None = None,
        request_options: RequestOptions | None = None,
    ) -> UploadResult:
        """Upload a file in parts, whatever its size. The asset still has to become ready.

        The parts are read from the file as they are sent: no copy of it is made, and memory stays below *max_workers*
        parts.

        Args:
            filename: The asset's name. Default: the file's.
            file_type: ``video``, ``audio`` or ``image``.
            batch_size: Parts in a report, 1 to 50.
            max_workers: Parts sent at once.
            progress_callback: Called as bytes go out; may be a coroutine function. It runs in the event loop.
            max_retries: How often to send a part again, each time to a fresh URL.
            retry_delay: Seconds before a part is sent again; doubled each time.
            enable_hls: Whether to make an HLS stream of it.
            enable_thumbnail: Whether to make a picture of it.
            user_metadata: Your own data about it.
            upload_id: Go on with this upload session, sending what it lacks. An `UploadError` carries the id.
            request_options: Settings for every request of this call but the parts themselves.

        Raises:
            FileNotFoundError: There is no such file.
            ValueError: It is empty, or not the one the session was begun for.
            UploadError: A part could not be sent.

        Example:
            ::

                result = await client.multipart_upload.upload_file("talk.mp4", progress_callback=print)
                asset = await client.assets.wait_until_ready(result.asset_id)
        """
        if not 1 <= batch_size <= MAX_CHUNKS_PER_CALL:
            raise ValueError(f"batch_size must be from 1 to {MAX_CHUNKS_PER_CALL}, not {batch_size}")
        if max_workers < 1:
            raise ValueError(f"max_workers must be at least 1, not {max_workers}")
        async with open_source(Path(file_path), name=filename) as source:
            return await send_file(
                self._transport,
                source,
                file_type=file_type,
                batch_size=batch_size,
                concurrency=max_workers,
                on_progress=progress_callback,
                max_retries=max_retries,
                retry_delay=retry_delay,
                session={
                    "enable_hls": enable_hls,
                    "enable_thumbnail": enable_thumbnail,
                    "user_metadata": user_metadata,
                },
                upload_id=upload_id,
                options=request_options,
            )

    async def wait_until_ready(
        self,
        upload_id: str,
        *,
        timeout: float = SESSION_LIFE,
        interval: float = POLL_INTERVAL,
        callback: Callback[GetUploadStatusResponse] | None = None,
        request_options: RequestOptions | None = None,
    ) -> GetUploadStatusResponse:
        """Wait until all parts of an upload are there, whoever sends them.

        Args:
            timeout: Seconds to wait at most. Default: 24 hours, the life of a session.
            interval: Seconds between looks at first; a 20th of the time waited later on, at most 30. Default: 1.
            callback: Called whenever the status has changed; may be a coroutine function. It runs in the event loop.

        Raises:
            JobFailedError: The session failed or expired.
            WaitTimeoutError: It was not complete in time.
        """
        retrieve = partial(self.retrieve, upload_id, request_options=request_options)
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback)
        return await poll_until_final(UPLOAD, upload_id, retrieve, options)

    async def wait_for_upload_completion(
        self,
        upload_id: str,
        *,
        sleep_interval: float = 5.0,
        max_wait_time: float | None = None,
        callback: Callable[[UploadStatus], object] | None = None,
        request_options: RequestOptions | None = None,
    ) -> UploadStatus:
        """Wait as `wait_until_ready` does, and hear of every look.

        Args:
            sleep_interval: Seconds between looks at first; a 20th of the time waited later on, at most 30. Default: 5.
            max_wait_time: Seconds to wait at most. Default: 24 hours, the life of a session.
            callback: Called with what every look shows; may be a coroutine function.

        Raises:
            UploadError: The session failed or expired, or is not complete in time.
        """
        options = WaitOptions(
            timeout=SESSION_LIFE if max_wait_time is None else max_wait_time,
            interval=sleep_interval,
            callback=None if callback is None else lambda found: callback(_summary(found)),
        )
        retrieve = partial(self.retrieve, upload_id, request_options=request_options)
        try:
            found = await poll_until_final(UPLOAD, upload_id, retrieve, options, publish_every_poll=True)
        except (JobFailedError, WaitTimeoutError) as error:
            raise UploadError(str(error), upload_id=upload_id) from error
        return _summary(found)


async def send_file(
    transport: Transport,
    source: Source,
    *,
    file_type: CreateAssetUploadRequestType,
    session: dict[str, Any],
    upload_id: str | None,
    on_progress: OnProgress | None,
    options: RequestOptions | None,
    concurrency: int = 5,
    batch_size: int = 10,
    max_retries: int = 3,
    retry_delay: float = 1.0,
) -> UploadResult:
    """Upload an opened file in parts, as `AsyncMultipartUpload.upload_file` and `AsyncAssets.upload` do."""
    uploads = AsyncMultipartUpload(transport)
    if upload_id is None:
        made = await uploads.create(
            filename=source.name, type=file_type, total_size=source.size, request_options=options, **session
        )
        session_id, asset_id, chunk_size = made.upload_id, made.asset_id, made.chunk_size
        urls, headers, done = made.upload_urls or [], made.upload_headers or {}, set[int]()
    else:
        found = await _incomplete(uploads, upload_id, source, options)
        session_id, asset_id, chunk_size, urls, headers = upload_id, None, found.chunk_size, [], {}
        done = await _completed(uploads, upload_id, options)
    if not session_id or not chunk_size:
        raise UploadError("The API began no upload session: upload_id or chunk_size is missing.", upload_id=session_id)
    parts = plan(source.size, chunk_size)
    missing = [part for part in parts if part.index not in done]
    progress = Progress(on_progress, source.size, len(parts), session_id, asset_id)
    await progress.add(sum(part.size for part in parts if part.index in done), chunks=len(done))

    async def fetch_urls(start: int, count: int) -> Sequence[PresignedUrlChunk]:
        got = await uploads.get_additional_presigned_urls(session_id, start=start, count=count, request_options=options)
        return got.upload_urls or []

    async def report(chunks: Sequence[CompletedChunk]) -> ReportChunkBatchResponse:
        try:
            return await uploads.report_chunk_batch(session_id, completed_chunks=chunks, request_options=options)
        except BadRequestError:
            # If the answer to the last report was lost, the upload is complete, and the repeated report is refused.
            if (await uploads.retrieve(session_id, request_options=options)).status != "completed":
                raise
            return ReportChunkBatchResponse(asset_id, total_completed=len(parts))

    try:
        reported = await send_parts(
            transport,
            source,
            missing,
            given_urls=urls,
            fetch_urls=fetch_urls,
            report=report,
            headers=headers,
            progress=progress,
            concurrency=concurrency,
            batch_size=batch_size,
            max_retries=max_retries,
            retry_delay=retry_delay,
        )
    except (UploadError, APIError, OSError) as error:
        raise UploadError(
            f"The upload of {source.name} stopped: {error} Go on with upload_id={session_id!r}.",
            getattr(error, "chunk_index", None),
            getattr(error, "original_error", None) or error,
            upload_id=session_id,
        ) from error
    asset_id = reported.asset_id or asset_id
    if not asset_id:
        raise UploadError("All parts are there, but the API did not say of which asset.", upload_id=session_id)
    return UploadResult(asset_id, reported.url or "")


async def _incomplete(
    uploads: AsyncMultipartUpload, upload_id: str, source: Source, options: RequestOptions | None
) -> IncompleteUploadSummary:
    async for found in uploads.list_incomplete_uploads(page_limit=MAX_PAGE_LIMIT, request_options=options):
        if found.upload_id == upload_id:
            if found.total_size != source.size:
                raise ValueError(
                    f"{source.name} has {source.size} bytes, but the upload {upload_id} was begun for "
                    f"{found.total_size}: it is another file, or was changed."
                )
            return found
    raise UploadError(f"The upload {upload_id} is complete or has expired: there is nothing to go on with.")


async def _completed(uploads: AsyncMultipartUpload, upload_id: str, options: RequestOptions | None) -> set[int]:
    chunks = uploads.get_status(upload_id, page_limit=MAX_PAGE_LIMIT, request_options=options)
    return {chunk.index async for chunk in chunks if chunk.status == "completed" and chunk.index is not None}


def _summary(found: GetUploadStatusResponse) -> UploadStatus:
    completed = found.chunks_completed or 0
    total = completed + (found.chunks_pending or 0) + (found.chunks_failed or 0)
    return UploadStatus("completed" if found.status == "completed" else "in_progress", completed, total)
