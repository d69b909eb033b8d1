"""``/assets/multipart-uploads``: large files, uploaded to the storage in parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from .._file_inputs import File
from .._files import UploadFile, open_file
from .._jobs import UPLOAD
from .._pagination import AsyncPager, numbered_pages
from .._request import url_path
from .._response_values import models_in, require_id, require_integer
from .._uploads import OnProgress, UploadOptions, UploadSession, part_headers, part_size, send_file
from .._validators import require_between
from .._waiting import POLL_INTERVAL, Callback, WaitOptions, official_wait, poll_until_final
from ..errors import BadRequestError, JobFailedError, UploadError, WaitTimeoutError
from ..media.types import kind_of
from ..models._base import UserMetadata
from ..models.multipart_upload import (
    ChunkInfo,
    CompletedChunk,
    CompletedChunkParams,
    CreateAssetUploadResponse,
    GetUploadStatusResponse,
    IncompleteUploadSummary,
    PresignedUrlChunk,
    ReportChunkBatchResponse,
    RequestAdditionalPresignedUrLsResponse,
    UploadResult,
    UploadStatus,
    UploadType,
)
from ..options import MAX_PAGE_LIMIT, OMIT, RequestOptions
from ._base import AsyncResource
from ._raw import Awaited, Mode, Raw, raw, raw_pager, raw_responses_of

__all__ = ["AsyncMultipartUpload"]

SESSION_SECONDS: Final = 24 * 3600.0
"""Lifetime of an upload session (docs: Multipart uploads)."""


class AsyncMultipartUpload(AsyncResource):
    """Upload files in parts: at once by `upload_file`, or step by step."""

    with_raw_response: RawMultipartUpload[Awaited]

    async def create(
        self,
        *,
        filename: str,
        type: UploadType,
        total_size: int,
        enable_hls: bool | None = OMIT,
        enable_thumbnail: bool | None = OMIT,
        user_metadata: UserMetadata | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> CreateAssetUploadResponse:
        """Start an upload session. It expires after 24 hours.

        Args:
            filename: Name of the asset. 1 to 255 characters.
            type: ``video``, ``audio`` or ``image``.
            total_size: Size of the file in bytes. At most 10,737,418,240 (10 GB), for an image 32 MB.
            enable_hls: True to create an HLS stream. Default: false.
            enable_thumbnail: True to create a thumbnail. Default: false.
            user_metadata: Metadata of the asset.
        """
        return await self._post(
            "/assets/multipart-uploads",
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
        """Request fresh presigned URLs. A URL accepts its part once, within an hour.

        Args:
            start: Number of the first part. Parts are numbered from 1.
            count: Number of parts. 1 to 50.
        """
        return await self._post(
            url_path("/assets/multipart-uploads/{upload_id}/presigned-urls", upload_id=upload_id),
            RequestAdditionalPresignedUrLsResponse,
            request_options,
            json={"start": start, "count": count},
            is_idempotent=True,
        )

    async def report_chunk_batch(
        self,
        upload_id: str,
        *,
        completed_chunks: Sequence[CompletedChunk | CompletedChunkParams],
        request_options: RequestOptions | None = None,
    ) -> ReportChunkBatchResponse:
        """Report parts that were sent. The API ignores parts that were reported before.

        Args:
            completed_chunks: The parts, in any order. 1 to 50.
        """
        return await self._post(
            url_path("/assets/multipart-uploads/{upload_id}", upload_id=upload_id),
            ReportChunkBatchResponse,
            request_options,
            json={"completed_chunks": completed_chunks},
            is_idempotent=True,
        )

    async def retrieve(
        self, upload_id: str, *, request_options: RequestOptions | None = None
    ) -> GetUploadStatusResponse:
        """Retrieve the status of an upload session, and the numbers of its parts.

        Raises:
            NotFoundError: No session has this id.
        """
        path = url_path("/assets/multipart-uploads/{upload_id}", upload_id=upload_id)
        return await self._get(path, GetUploadStatusResponse, request_options, query={"page_limit": 1})

    def get_status(
        self,
        upload_id: str,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[ChunkInfo]:
        """List the parts of an upload session, with the status of each.

        Args:
            page: Number of the first page to read. Default: 1.
            page_limit: Parts on a page. 1 to 50. Default: 10.
        """
        return numbered_pages(
            self._transport,
            url_path("/assets/multipart-uploads/{upload_id}", upload_id=upload_id),
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

        Args:
            page: Number of the first page to read. Default: 1.
            page_limit: Sessions on a page. 1 to 50. Default: 10.
        """
        path = "/assets/multipart-uploads"
        return self._list(path, IncompleteUploadSummary, page, request_options, page_limit=page_limit)

    async def upload_file(
        self,
        file_path: File,
        *,
        filename: str | None = None,
        file_type: UploadType | None = None,
        batch_size: int = 10,
        max_workers: int = 5,
        progress_callback: OnProgress | None = None,
        progress: bool = False,
        max_retries: int = 3,
        retry_delay: float = 1.0,
        enable_hls: bool | None = OMIT,
        enable_thumbnail: bool | None = OMIT,
        user_metadata: UserMetadata | None = OMIT,
        upload_id: str | None = None,
        request_options: RequestOptions | None = None,
    ) -> UploadResult:
        """Upload a file of any size in parts.

        The asset is not ready yet: call `assets.wait_until_ready`.

        Parts are read from the file while they are sent. The file is not copied.

        Args:
            file_path: File, as `File` describes: a path, bytes, an open binary file or a stream.
            filename: Name of the asset. Default: the name of the file.
            file_type: ``video``, ``audio`` or ``image``. Default: by the name of the file, else ``video``.
            batch_size: Parts in a report. 1 to 50. Default: 10.
            max_workers: Parts to send at the same time. As many parts are in memory at most. Default: 5.
            progress_callback: Called in the event loop when bytes have been sent; may be a coroutine function.
            progress: True to show a bar. Needs tqdm. Default: false.
            max_retries: Retries of a part, each with a fresh URL. Default: 3.
            retry_delay: Seconds before the first retry of a part; they double with each retry. Default: 1.
            enable_hls: True to create an HLS stream. Default: false.
            enable_thumbnail: True to create a thumbnail. Default: false.
            user_metadata: Metadata of the asset.
            upload_id: The upload to resume; an `UploadError` has it. Only missing parts are sent.
            request_options: Options of every request except those that send parts.

        Raises:
            FileNotFoundError: The file does not exist.
            ValueError: The file is empty, or not the file of the upload to resume.
            UploadError: A part was not sent. Resume with the error's ``upload_id``.

        Example:
            ::

                result = await client.multipart_upload.upload_file("talk.mp4", progress_callback=print)
                asset = await client.assets.wait_until_ready(result.asset_id)
        """
        require_between("max_workers", max_workers, 1)
        options = UploadOptions(
            concurrency=max_workers,
            batch_size=batch_size,
            max_retries=max_retries,
            retry_delay=retry_delay,
            on_progress=progress_callback,
            progress=progress,
        )
        fields: dict[str, Any] = {
            "enable_hls": enable_hls,
            "enable_thumbnail": enable_thumbnail,
            "user_metadata": user_metadata,
        }
        async with open_file(file_path, name=filename) as file:
            fields["type"] = file_type or kind_of(file.media_type) or "video"
            session = await open_session(self, file, upload_id, fields, request_options)
            return await send_file(self._transport, file, session, options)

    async def wait_until_ready(
        self,
        upload_id: str,
        *,
        timeout: float = SESSION_SECONDS,
        interval: float = POLL_INTERVAL,
        callback: Callback[GetUploadStatusResponse] | None = None,
        progress: bool = False,
        request_options: RequestOptions | None = None,
    ) -> GetUploadStatusResponse:
        """Wait until all parts of an upload are reported, by this program or another one.

        Transient failures are retried, as is a 404 in the first 30 s.

        Args:
            timeout: Seconds until the wait fails. Default: 86400, the lifetime of a session.
            interval: Initial poll interval in seconds. It grows to 5 % of the elapsed time, at most 30 s. Default: 1.
            callback: Called in the event loop when the status has changed; may be a coroutine function.
            progress: True to show the status and the elapsed time. Needs tqdm. Default: false.

        Raises:
            JobFailedError: The session failed or expired.
            WaitTimeoutError: The upload was not complete in time.
        """
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback, progress=progress)
        retrieve = partial(self.retrieve, upload_id, request_options=request_options)
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
        """Wait as `wait_until_ready` does, with a callback after every poll.

        Args:
            sleep_interval: Initial poll interval in seconds. It grows to 5 % of the elapsed time, at most 30 s.
                Default: 5.
            max_wait_time: Seconds until the wait fails. Default, and for 0: 86400, the lifetime of a session.
            callback: Called in the event loop after every poll; may be a coroutine function.

        Raises:
            UploadError: The session failed or expired, or the upload was not complete in time.
        """
        options = official_wait(
            sleep_interval,
            None if callback is None else lambda session: callback(_upload_status(session)),
            timeout=max_wait_time or SESSION_SECONDS,
            raise_failure=True,
        )
        retrieve = partial(self.retrieve, upload_id, request_options=request_options)
        try:
            session = await poll_until_final(UPLOAD, upload_id, retrieve, options)
        except (JobFailedError, WaitTimeoutError) as error:
            raise UploadError(str(error), upload_id=upload_id) from error
        return _upload_status(session)


@raw_responses_of(AsyncMultipartUpload)
class RawMultipartUpload(Raw[Mode]):
    """The methods of `AsyncMultipartUpload`, which return the whole response."""

    create: Final = raw(AsyncMultipartUpload.create)
    get_additional_presigned_urls: Final = raw(AsyncMultipartUpload.get_additional_presigned_urls)
    report_chunk_batch: Final = raw(AsyncMultipartUpload.report_chunk_batch)
    retrieve: Final = raw(AsyncMultipartUpload.retrieve)
    get_status: Final = raw_pager(AsyncMultipartUpload.get_status)
    list_incomplete_uploads: Final = raw_pager(AsyncMultipartUpload.list_incomplete_uploads)
    upload_file: Final = raw(AsyncMultipartUpload.upload_file)
    wait_until_ready: Final = raw(AsyncMultipartUpload.wait_until_ready)
    wait_for_upload_completion: Final = raw(AsyncMultipartUpload.wait_for_upload_completion)


def _upload_status(session: GetUploadStatusResponse) -> UploadStatus:
    counts = (session.chunks_completed, session.chunks_pending, session.chunks_failed)
    completed, *others = (count if isinstance(count, int) else 0 for count in counts)
    status = "completed" if session.status == "completed" else "in_progress"
    return UploadStatus(status, completed, completed + sum(others))


async def open_session(
    uploads: AsyncMultipartUpload,
    file: UploadFile,
    upload_id: str | None,
    fields: Mapping[str, Any],
    options: RequestOptions | None,
) -> UploadSession:
    """Start an upload session for a file, or find the one to resume.

    Args:
        upload_id: The session to resume. Default: a new session.
        fields: Arguments of `AsyncMultipartUpload.create` that do not follow from the file.
        options: Options of every request of the session.

    Raises:
        APIResponseError: The API has started no usable session.
        UploadError: No incomplete session has this id.
        ValueError: The session is for a file of another size.
    """
    if upload_id is not None:
        return await _find_session(uploads, file, upload_id, options)
    created = await uploads.create(filename=file.name, total_size=file.size, request_options=options, **fields)
    request = "POST /assets/multipart-uploads"
    session_id = require_id(request, "upload_id", created.upload_id)
    return UploadSession(
        upload_id=session_id,
        part_size=part_size(request, created.chunk_size, file.size),
        asset_id=require_id(request, "asset_id", created.asset_id),
        urls=models_in(request, "upload_urls", created.upload_urls),
        headers=part_headers(request, created.upload_headers),
        fetch_urls=partial(_fetch_urls, uploads, session_id, options),
        report=partial(_report, uploads, session_id, options),
    )


async def _find_session(
    uploads: AsyncMultipartUpload, file: UploadFile, upload_id: str, options: RequestOptions | None
) -> UploadSession:
    async for summary in uploads.list_incomplete_uploads(page_limit=MAX_PAGE_LIMIT, request_options=options):
        if summary.upload_id == upload_id:
            break
    else:
        raise UploadError(f"The upload {upload_id} is complete or has expired. Start a new upload without upload_id.")
    request = "GET /assets/multipart-uploads"
    total_size = require_integer(request, "total_size", summary.total_size, 1)
    if total_size != file.size:
        raise ValueError(
            f"{file.name} has {file.size} bytes, but the upload {upload_id} is for {total_size}. The file was "
            "changed, or is another file: start a new upload without upload_id."
        )
    size = part_size(request, summary.chunk_size, file.size)
    chunks = uploads.get_status(upload_id, page_limit=MAX_PAGE_LIMIT, request_options=options)
    completed = {chunk.index async for chunk in chunks if chunk.status == "completed" and isinstance(chunk.index, int)}
    return UploadSession(
        upload_id=upload_id,
        part_size=size,
        completed=frozenset(completed),
        fetch_urls=partial(_fetch_urls, uploads, upload_id, options),
        report=partial(_report, uploads, upload_id, options),
    )


async def _fetch_urls(
    uploads: AsyncMultipartUpload, upload_id: str, options: RequestOptions | None, start: int, count: int
) -> Sequence[PresignedUrlChunk]:
    response = await uploads.get_additional_presigned_urls(upload_id, start=start, count=count, request_options=options)
    return models_in(f"The upload {upload_id}", "upload_urls", response.upload_urls)


async def _report(
    uploads: AsyncMultipartUpload, upload_id: str, options: RequestOptions | None, chunks: Sequence[CompletedChunk]
) -> ReportChunkBatchResponse:
    try:
        return await uploads.report_chunk_batch(upload_id, completed_chunks=chunks, request_options=options)
    except BadRequestError:
        # If the response to the last report was lost, the upload is complete, and the retried report is refused.
        session = await uploads.retrieve(upload_id, request_options=options)
        if session.status != "completed":
            raise
        return ReportChunkBatchResponse(total_completed=session.chunks_completed)
