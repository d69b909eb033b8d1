"""``/assets``: uploaded files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from .._file_inputs import File
from .._files import UploadFile, open_file, open_files
from .._jobs import ASSET, TRANSCRIPTION
from .._list_polls import PollById
from .._pagination import AsyncPager
from .._request import argument_checks, require_ids, url_path
from .._response_values import created_id
from .._shared_poller import SharedPoller
from .._uploads import UPLOAD_CONCURRENCY, OnProgress, Progress, UploadOptions, send_file
from .._urls import is_url
from .._validators import require_between
from .._waiting import POLL_INTERVAL, WAIT_TIMEOUT, Callback, WaitOptions, poll_until_final
from ..errors import InvalidArgumentError
from ..media.types import kind_of
from ..models._base import UserMetadata
from ..models.assets import (
    Asset,
    AssetDetail,
    AssetTranscriptionResponse,
    AssetType,
    TranscriptionUnit,
    UploadMethod,
)
from ..options import MAX_DIRECT_UPLOAD, MAX_PAGE_LIMIT, OMIT, RequestOptions, is_given
from ._base import AsyncResource
from ._raw import Awaited, Mode, Raw, raw, raw_pager, raw_responses_of
from .multipart_upload import AsyncMultipartUpload, open_session

__all__ = ["AsyncAssets"]


class AsyncAssets(AsyncResource):
    """Upload files, wait for them, list, retrieve and delete them."""

    with_raw_response: RawAssets[Awaited]

    def list(
        self,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        asset_ids: str | Sequence[str] | None = None,
        asset_types: AssetType | Sequence[AssetType] | None = None,
        filename: str | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[AssetDetail]:
        """List the assets of the organization, the newest first.

        Args:
            page: Number of the first page to read. Default: 1.
            page_limit: Assets on a page. 1 to 50. Default: 10.
            asset_ids: One id or several.
            asset_types: One type or several: ``image``, ``video``, ``audio``, ``document``.
            filename: Part of the name of the file; upper and lower case are the same.
        """
        return self._list(
            "/assets",
            AssetDetail,
            page,
            request_options,
            page_limit=page_limit,
            asset_ids=asset_ids,
            asset_types=asset_types,
            filename=filename,
        )

    async def create(
        self,
        *,
        method: UploadMethod,
        file: File | None = OMIT,
        url: str | None = OMIT,
        filename: str | None = OMIT,
        enable_hls: bool | None = OMIT,
        enable_thumbnail: bool | None = OMIT,
        user_metadata: str | UserMetadata | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> Asset:
        """Upload a file in one request, or let the platform download it.

        `upload` chooses the method.

        Args:
            method: ``direct`` to send *file*, ``url`` to let the platform download *url*.
            file: File, as `File` describes: a path, bytes, or an open binary file. At most 200 MB, 32 MB of an image.
                Documents are PDF, text (``.txt``) and Markdown (``.md``); their content has to fit the extension.
            url: Direct link to a public file, not a page that shows it; or to the manifest (``.m3u8``) of an HLS stream
                on demand. At most 4 GB of video or audio, 512 MB of a document, 32 MB of an image.
            filename: Name of the asset. 1 to 255 characters. Default: the name of the file.
            enable_hls: True to create an HLS stream of a video or an audio file. Default: true.
            enable_thumbnail: True to create a thumbnail, of a PDF of its first page, but none of other documents.
                Default: true.
            user_metadata: Metadata of the asset.

        Raises:
            ValueError: The file is empty, or the argument that *method* needs is missing.
            BadRequestError: The platform does not accept the file, or cannot download the URL.

        Example:
            ::

                with open("talk.mp4", "rb") as file:
                    asset = await client.assets.create(method="direct", file=file)
        """
        with argument_checks(request_options):
            if method == "direct" and not is_given(file):
                raise InvalidArgumentError("method='direct' requires file=.")
            if method == "url" and not is_given(url or None):
                raise InvalidArgumentError("method='url' requires url=.")
        form = {
            "method": method,
            "url": url,
            "filename": filename,
            "enable_hls": enable_hls,
            "enable_thumbnail": enable_thumbnail,
            "user_metadata": user_metadata,
        }
        async with open_files(file=file) as files:
            return await self._post("/assets", Asset, request_options, form=form, files=files, category="assets")

    async def upload(
        self,
        source: File,
        *,
        filename: str | None = None,
        enable_hls: bool | None = OMIT,
        enable_thumbnail: bool | None = OMIT,
        user_metadata: UserMetadata | None = OMIT,
        concurrency: int = UPLOAD_CONCURRENCY,
        multipart_threshold: int = MAX_DIRECT_UPLOAD,
        upload_id: str | None = None,
        on_progress: OnProgress | None = None,
        progress: bool = False,
        request_options: RequestOptions | None = None,
    ) -> Asset:
        """Upload a file: up to 200 MB in one request, a larger one in parts.

        The platform downloads a URL.

        The asset is not ready yet: call `wait_until_ready`.

        Args:
            source: A public http(s) URL, or a file, as `File` describes: a path, bytes, an open binary file, a stream.
            filename: Name of the asset. 1 to 255 characters. Default: the name of the file.
            enable_hls: True to create an HLS stream of a video or an audio file. Default: true, but false for a file
                that is sent in parts.
            enable_thumbnail: True to create a thumbnail, of a PDF of its first page, but none of other documents.
                Default: as that of *enable_hls*.
            user_metadata: Metadata of the asset.
            concurrency: Parts to send at the same time. As many parts are in memory at most. Default: 5.
            multipart_threshold: Size in bytes above which the file is sent in parts. At most 200,000,000.
                Default: 200,000,000.
            upload_id: The upload to resume; an `UploadError` has it. Only missing parts are sent.
            on_progress: Called in the event loop when bytes have been sent; may be a coroutine function.
            progress: True to show a bar. Needs tqdm. Default: false.
            request_options: Options of every request except those that send parts.

        Raises:
            FileNotFoundError: The file does not exist.
            ValueError: The file is empty, a directory, or not the file of the upload to resume.
            UploadError: A part was not sent. Resume with the error's ``upload_id``.
            BadRequestError: The platform does not accept the file.

        Example:
            ::

                asset = await client.assets.upload("talk.mp4", on_progress=lambda p: print(f"{p.percentage:.0f} %"))
                asset = await client.assets.wait_until_ready(asset.id)
        """
        options = UploadOptions(
            concurrency=concurrency,
            batch_size=1,  # parts that were not reported when the process dies are sent again
            on_progress=on_progress,
            progress=progress,
        )
        require_between("multipart_threshold", multipart_threshold, 0, MAX_DIRECT_UPLOAD)
        fields: dict[str, Any] = {
            "enable_hls": enable_hls,
            "enable_thumbnail": enable_thumbnail,
            "user_metadata": user_metadata,
        }
        if isinstance(source, str) and is_url(source):
            if upload_id is not None:
                raise InvalidArgumentError(
                    "The platform downloads a URL as a whole, so there is no upload: leave upload_id out."
                )
            name = OMIT if filename is None else filename
            return await self.create(method="url", url=source, filename=name, request_options=request_options, **fields)
        async with open_file(source, name=filename) as file:
            kind = kind_of(file.media_type)
            if kind == "document":  # not sent in parts (docs: Multipart uploads)
                require_between(f"The size of {file.name}, a document,", file.size, 1, MAX_DIRECT_UPLOAD)
                multipart_threshold = file.size
            if file.size <= multipart_threshold and upload_id is None:
                return await self._upload_directly(file, fields, options, request_options)
            fields["type"] = kind or "video"
            uploads = AsyncMultipartUpload(self._transport)
            session = await open_session(uploads, file, upload_id, fields, request_options)
            result = await send_file(self._transport, file, session, options)
            return await self.retrieve(result.asset_id, request_options=request_options)

    async def _upload_directly(
        self,
        file: UploadFile,
        fields: Mapping[str, Any],
        options: UploadOptions,
        request_options: RequestOptions | None,
    ) -> Asset:
        progress = Progress(options, file)
        file.on_attempt = progress.restart
        form = {"method": "direct", "filename": file.name, **fields}
        files = [("file", file)]
        async with progress.show():
            asset = await self._post("/assets", Asset, request_options, form=form, files=files, category="assets")
        await progress.add(0, parts=1)
        return asset

    async def create_and_wait(
        self,
        source: File,
        *,
        filename: str | None = None,
        enable_hls: bool | None = OMIT,
        enable_thumbnail: bool | None = OMIT,
        user_metadata: UserMetadata | None = OMIT,
        concurrency: int = UPLOAD_CONCURRENCY,
        on_progress: OnProgress | None = None,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[AssetDetail] | None = None,
        progress: bool = False,
        request_options: RequestOptions | None = None,
    ) -> AssetDetail:
        """Upload a file and wait for the asset.

        The arguments are those of `upload` and `wait_until_ready`.

        *timeout* begins when the file is uploaded.

        Raises:
            FileNotFoundError: The file does not exist.
            UploadError: A part was not sent.
            JobFailedError: The platform cannot read the file.
            WaitTimeoutError: The asset was not ready in time.
        """
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback, progress=progress)
        asset = await self.upload(
            source,
            filename=filename,
            enable_hls=enable_hls,
            enable_thumbnail=enable_thumbnail,
            user_metadata=user_metadata,
            concurrency=concurrency,
            on_progress=on_progress,
            progress=progress,
            request_options=request_options,
        )
        asset_id = created_id("POST /assets", asset.id)
        return await self._poller(request_options).wait(asset_id, options)

    async def wait_until_ready(
        self,
        asset_id: str,
        *,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[AssetDetail] | None = None,
        progress: bool = False,
        request_options: RequestOptions | None = None,
    ) -> AssetDetail:
        """Wait until an asset is ready.

        Every upload has to be waited for, a small one as well.

        All waits share a poller, which reads 50 assets per request. Transient failures are retried, as is a 404 in the
        first 30 s.

        Args:
            timeout: Seconds until the wait fails. Default: 3600.
            interval: Initial poll interval in seconds. It grows to 5 % of the elapsed time, at most 30 s. Default: 1.
            callback: Called in the event loop when the status has changed; may be a coroutine function.
            progress: True to show the status and the elapsed time. Needs tqdm. Default: false.

        Raises:
            JobFailedError: The platform cannot read the file.
            WaitTimeoutError: The asset was not ready in time.
            APIError: A poll failed, and so would the next one.
        """
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback, progress=progress)
        require_ids(asset_id=asset_id)
        return await self._poller(request_options).wait(asset_id, options)

    def _poller(self, request_options: RequestOptions | None) -> SharedPoller[AssetDetail]:
        def list_by_ids(asset_ids: Sequence[str]) -> AsyncPager[AssetDetail]:
            return self.list(asset_ids=asset_ids, page_limit=MAX_PAGE_LIMIT, request_options=request_options)

        return self._shared_poller(ASSET, self.retrieve, PollById(list_by_ids), request_options)

    async def retrieve(self, asset_id: str, *, request_options: RequestOptions | None = None) -> AssetDetail:
        """Retrieve an asset.

        Raises:
            NotFoundError: No asset has this id.
        """
        return await self._get(url_path("/assets/{asset_id}", asset_id=asset_id), AssetDetail, request_options)

    async def delete(
        self, asset_id: str, *, force: bool | None = None, request_options: RequestOptions | None = None
    ) -> None:
        """Delete an asset.

        Args:
            force: True to delete the asset although it is indexed. Default: false.

        Raises:
            ConflictError: The asset is indexed, and *force* is not true.
        """
        path = url_path("/assets/{asset_id}", asset_id=asset_id)
        await self._send("DELETE", path, request_options, query={"force": force})

    async def update_user_metadata(
        self, asset_id: str, *, user_metadata: UserMetadata, request_options: RequestOptions | None = None
    ) -> None:
        """Update fields of an asset's user metadata.

        Args:
            user_metadata: Fields to set. ``None`` as a value deletes a field; an empty string or list changes nothing.
                Other fields keep their values.
        """
        path = url_path("/assets/{asset_id}/user-metadata", asset_id=asset_id)
        await self._send("PATCH", path, request_options, json={"user_metadata": user_metadata})

    async def replace_user_metadata(
        self, asset_id: str, *, user_metadata: UserMetadata, request_options: RequestOptions | None = None
    ) -> None:
        """Replace an asset's user metadata.

        Args:
            user_metadata: All fields. Those whose values are ``None``, an empty string or list are removed.
        """
        path = url_path("/assets/{asset_id}/user-metadata", asset_id=asset_id)
        await self._send("PUT", path, request_options, json={"user_metadata": user_metadata})

    async def delete_user_metadata(self, asset_id: str, *, request_options: RequestOptions | None = None) -> None:
        """Delete an asset's user metadata."""
        path = url_path("/assets/{asset_id}/user-metadata", asset_id=asset_id)
        await self._send("DELETE", path, request_options)

    async def retrieve_transcription(
        self,
        asset_id: str,
        *,
        include: TranscriptionUnit | Sequence[TranscriptionUnit] | None = None,
        request_options: RequestOptions | None = None,
    ) -> AssetTranscriptionResponse:
        """Retrieve the transcription of an asset, and its status.

        Args:
            include: One unit of the transcription or several: ``words``, ``sentences``, ``utterances``.
                Default: ``words``.

        Raises:
            NotFoundError: No asset has this id, or the asset has no transcription.
        """
        path = url_path("/assets/{asset_id}/transcription", asset_id=asset_id)
        return await self._get(path, AssetTranscriptionResponse, request_options, query={"include": include})

    async def wait_for_transcription(
        self,
        asset_id: str,
        *,
        include: TranscriptionUnit | Sequence[TranscriptionUnit] | None = None,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[AssetTranscriptionResponse] | None = None,
        progress: bool = False,
        request_options: RequestOptions | None = None,
    ) -> AssetTranscriptionResponse:
        """Wait until an asset is transcribed.

        Args:
            include: One unit of the transcription or several: ``words``, ``sentences``, ``utterances``.
            timeout: Seconds until the wait fails. Default: 3600.
            interval: Initial poll interval in seconds. It grows to 5 % of the elapsed time, at most 30 s. Default: 1.
            callback: Called in the event loop when the status has changed; may be a coroutine function.
            progress: True to show the status and the elapsed time. Needs tqdm. Default: false.

        Raises:
            JobFailedError: Transcription failed.
            NotFoundError: The asset still had no transcription after 30 s.
            WaitTimeoutError: Transcription was not finished in time.
        """
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback, progress=progress)
        retrieve = partial(self.retrieve_transcription, asset_id, include=include, request_options=request_options)
        return await poll_until_final(TRANSCRIPTION, asset_id, retrieve, options)


@raw_responses_of(AsyncAssets)
class RawAssets(Raw[Mode]):
    """The methods of `AsyncAssets`, which return the whole response."""

    list: Final = raw_pager(AsyncAssets.list)
    create: Final = raw(AsyncAssets.create)
    upload: Final = raw(AsyncAssets.upload)
    create_and_wait: Final = raw(AsyncAssets.create_and_wait)
    wait_until_ready: Final = raw(AsyncAssets.wait_until_ready)
    retrieve: Final = raw(AsyncAssets.retrieve)
    delete: Final = raw(AsyncAssets.delete)
    update_user_metadata: Final = raw(AsyncAssets.update_user_metadata)
    replace_user_metadata: Final = raw(AsyncAssets.replace_user_metadata)
    delete_user_metadata: Final = raw(AsyncAssets.delete_user_metadata)
    retrieve_transcription: Final = raw(AsyncAssets.retrieve_transcription)
    wait_for_transcription: Final = raw(AsyncAssets.wait_for_transcription)
