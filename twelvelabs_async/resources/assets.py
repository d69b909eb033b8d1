"""``/assets``: uploaded files."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .._files import File, FileContent, open_source, opened
from .._jobs import ASSET, TRANSCRIPTION
from .._list_polls import PollById
from .._pagination import AsyncPager
from .._request import require_ids
from .._shared_poller import SharedPoller
from .._transport import path
from .._waiting import POLL_INTERVAL, WAIT_TIMEOUT, Callback, WaitOptions, poll_until_final
from ..models._base import UserMetadata
from ..models.assets import (
    Asset,
    AssetDetail,
    AssetsCreateRequestMethod,
    AssetsListRequestAssetTypesItem,
    AssetsRetrieveTranscriptionRequestIncludeItem,
    AssetTranscriptionResponse,
)
from ..options import MAX_DIRECT_UPLOAD, MAX_PAGE_LIMIT, OMIT, RequestOptions, is_given
from ._base import AsyncResource

if TYPE_CHECKING:
    from .._uploads import OnProgress

ASSETS: Final = "/assets"
ONE: Final = "/assets/{asset_id}"
METADATA: Final = "/assets/{asset_id}/user-metadata"
HEARD: Final = "/assets/{asset_id}/transcription"


class AsyncAssets(AsyncResource):
    """Upload files, wait for them, list, describe and delete them."""

    def list(
        self,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        asset_ids: str | Sequence[str] | None = None,
        asset_types: AssetsListRequestAssetTypesItem | Sequence[AssetsListRequestAssetTypesItem] | None = None,
        filename: str | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[AssetDetail]:
        """List the organisation's assets, the newest first.

        Args:
            page: The page to begin with. Default: 1.
            page_limit: Assets on a page, 1 to 50. Default: 10.
            asset_types: Only assets of this type, or of any of these: ``image``, ``video``, ``audio``, ``document``.
        """
        return self._list(
            ASSETS,
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
        method: AssetsCreateRequestMethod,
        file: File | PathLike[str] | None = OMIT,
        url: str | None = OMIT,
        filename: str | None = OMIT,
        enable_hls: bool | None = OMIT,
        enable_thumbnail: bool | None = OMIT,
        user_metadata: str | UserMetadata | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> Asset:
        """Upload a file in one request, or have the platform fetch it; `upload` chooses by itself.

        Args:
            method: ``direct`` to send *file*, at most 200 MB; ``url`` to have *url* fetched: at most 4 GB of video or
                audio, 512 MB of a document, 32 MB of an image.
            file: A path, bytes, or an open binary file, alone or as ``(name, file)``. Text is taken for the content.
            url: Where the file is, publicly: a direct link, not a page that shows it.
            filename: The asset's name. Default: the file's.
            enable_hls: Whether to make an HLS stream of it. The defaults have changed over time: say what you want.
            enable_thumbnail: Whether to make a picture of it.
            user_metadata: Your own data about it.

        Raises:
            ValueError: The file is empty, or *file* or *url* is missing.
            BadRequestError: The platform cannot take the file, or cannot fetch the URL.

        Example:
            ::

                with open("talk.mp4", "rb") as file:
                    asset = await client.assets.create(method="direct", file=file)
        """
        name, needed = {"direct": ("file", file), "url": ("url", url)}.get(method, ("", True))
        if not (is_given(needed) and needed):
            raise ValueError(f"method={method!r} needs {name}=.")
        async with opened(file=file) as files:
            return await self._post(
                ASSETS,
                Asset,
                request_options,
                form={
                    "method": method,
                    "url": url,
                    "filename": filename,
                    "enable_hls": enable_hls,
                    "enable_thumbnail": enable_thumbnail,
                    "user_metadata": user_metadata,
                },
                files=files,
                category="assets",
            )

    async def upload(
        self,
        source: str | PathLike[str] | FileContent,
        *,
        filename: str | None = None,
        enable_hls: bool | None = OMIT,
        enable_thumbnail: bool | None = OMIT,
        user_metadata: UserMetadata | None = OMIT,
        concurrency: int = 5,
        upload_id: str | None = None,
        on_progress: OnProgress | None = None,
        request_options: RequestOptions | None = None,
    ) -> Asset:
        """Upload whatever it is: up to 200 MB in one request, more in parts, a URL by having it fetched.

        The asset still has to become ready: `wait_until_ready`.

        Args:
            source: A path, a public http(s) URL, bytes, or an open binary file.
            filename: The asset's name. Default: the file's.
            enable_hls: Whether to make an HLS stream of it.
            enable_thumbnail: Whether to make a picture of it.
            user_metadata: Your own data about it.
            concurrency: Parts sent at once; memory stays below as many parts.
            upload_id: Go on with this upload in parts, sending what it lacks. An `UploadError` carries the id.
            on_progress: Called as bytes go out; may be a coroutine function. It runs in the event loop.
            request_options: Settings for every request of this call but the parts themselves.

        Raises:
            FileNotFoundError: There is no such file.
            ValueError: It is empty, a directory, or not what the upload was begun for.
            UploadError: A part could not be sent.
            BadRequestError: The platform cannot take the file.

        Example:
            ::

                asset = await client.assets.upload("talk.mp4", on_progress=lambda p: print(f"{p.percentage:.0f} %"))
                asset = await client.assets.wait_until_ready(asset.id)
        """
        from .._uploads import Progress  # here, since most calls do not need it

        if concurrency < 1:
            raise ValueError(f"concurrency must be at least 1, not {concurrency}")
        flags: dict[str, Any] = {
            "enable_hls": enable_hls,
            "enable_thumbnail": enable_thumbnail,
            "user_metadata": user_metadata,
        }
        if isinstance(source, str) and source.startswith(("http://", "https://")):
            if upload_id is not None:
                raise ValueError("What a URL leads to is not sent in parts: leave upload_id out.")
            name = OMIT if filename is None else filename
            return await self.create(method="url", url=source, filename=name, request_options=request_options, **flags)
        async with open_source(Path(source) if isinstance(source, str) else source, name=filename) as file:
            if file.size > MAX_DIRECT_UPLOAD or upload_id is not None:
                from .multipart_upload import send_file

                kind = file.media_type.partition("/")[0]
                result = await send_file(
                    self._transport,
                    file,
                    file_type=kind if kind in ("audio", "image") else "video",
                    session=flags,
                    upload_id=upload_id,
                    on_progress=on_progress,
                    concurrency=concurrency,
                    batch_size=1,  # what is not reported when the process dies is sent again
                    options=request_options,
                )
                return await self.retrieve(result.asset_id, request_options=request_options)
            progress = Progress(on_progress, file.size)
            file.meter = progress.restart
            form = {"method": "direct", "filename": file.name, **flags}
            asset = await self._post(
                ASSETS, Asset, request_options, form=form, files=[("file", file)], category="assets"
            )
            await progress.add(0, chunks=1)
            return asset

    async def create_and_wait(
        self,
        source: str | PathLike[str] | FileContent,
        *,
        filename: str | None = None,
        enable_hls: bool | None = OMIT,
        enable_thumbnail: bool | None = OMIT,
        user_metadata: UserMetadata | None = OMIT,
        concurrency: int = 5,
        on_progress: OnProgress | None = None,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[AssetDetail] | None = None,
        request_options: RequestOptions | None = None,
    ) -> AssetDetail:
        """Upload and wait until the platform has taken it in; takes what `upload` and `wait_until_ready` take.

        *timeout* counts from when it is uploaded.

        Raises:
            FileNotFoundError: There is no such file.
            UploadError: A part could not be sent.
            JobFailedError: The platform could not read the file.
            WaitTimeoutError: It was not done in time.
        """
        WaitOptions(timeout=timeout, interval=interval, callback=callback)  # validated before anything is created
        asset = await self.upload(
            source,
            filename=filename,
            enable_hls=enable_hls,
            enable_thumbnail=enable_thumbnail,
            user_metadata=user_metadata,
            concurrency=concurrency,
            on_progress=on_progress,
            request_options=request_options,
        )
        return await self.wait_until_ready(
            asset.id, timeout=timeout, interval=interval, callback=callback, request_options=request_options
        )

    async def wait_until_ready(
        self,
        asset_id: str,
        *,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[AssetDetail] | None = None,
        request_options: RequestOptions | None = None,
    ) -> AssetDetail:
        """Wait until the platform has taken in an asset. Every upload needs that, small ones too.

        Any number of waits share a poller, which asks for 50 assets at once. Faults that pass are ridden out, as is a
        404 in the first half minute.

        Args:
            timeout: Seconds to wait at most. Default: 3600.
            interval: Seconds between looks at first; a 20th of the time waited later on, at most 30. Default: 1.
            callback: Called whenever the status has changed; may be a coroutine function. It runs in the event loop.

        Raises:
            JobFailedError: The platform could not read the file.
            WaitTimeoutError: It was not done in time.
            APIError: The API cannot be asked, and that will not pass.
        """
        require_ids(asset_id=asset_id)
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback)
        poller = self._shared_poller(self._new_poller, request_options=request_options)
        return await poller.wait(asset_id, options)

    def _new_poller(self, request_options: RequestOptions | None) -> SharedPoller[AssetDetail]:
        def list_by_ids(asset_ids: Sequence[str]) -> AsyncPager[AssetDetail]:
            return self.list(asset_ids=asset_ids, page_limit=MAX_PAGE_LIMIT, request_options=request_options)

        retrieve = partial(self.retrieve, request_options=request_options)
        return SharedPoller(ASSET, retrieve, PollById(list_by_ids))

    async def retrieve(self, asset_id: str, *, request_options: RequestOptions | None = None) -> AssetDetail:
        """Describe an asset.

        Raises:
            NotFoundError: There is no such asset.
        """
        return await self._get(path(ONE, asset_id), AssetDetail, request_options)

    async def delete(
        self, asset_id: str, *, force: bool | None = None, request_options: RequestOptions | None = None
    ) -> None:
        """Delete an asset for good; with *force* even if it is in an index.

        Raises:
            ConflictError: It is indexed somewhere, and *force* is not set.
        """
        await self._do("DELETE", path(ONE, asset_id), request_options, query={"force": force})

    async def update_user_metadata(
        self, asset_id: str, *, user_metadata: UserMetadata, request_options: RequestOptions | None = None
    ) -> None:
        """Change some of your own data about an asset; ``None`` deletes a key, keys not named stay."""
        await self._do("PATCH", path(METADATA, asset_id), request_options, json={"user_metadata": user_metadata})

    async def replace_user_metadata(
        self, asset_id: str, *, user_metadata: UserMetadata, request_options: RequestOptions | None = None
    ) -> None:
        """Put new data of your own about an asset in the place of all there was."""
        await self._do("PUT", path(METADATA, asset_id), request_options, json={"user_metadata": user_metadata})

    async def delete_user_metadata(self, asset_id: str, *, request_options: RequestOptions | None = None) -> None:
        """Delete all of your own data about an asset."""
        await self._do("DELETE", path(METADATA, asset_id), request_options)

    async def retrieve_transcription(
        self,
        asset_id: str,
        *,
        include: AssetsRetrieveTranscriptionRequestIncludeItem
        | Sequence[AssetsRetrieveTranscriptionRequestIncludeItem]
        | None = None,
        request_options: RequestOptions | None = None,
    ) -> AssetTranscriptionResponse:
        """Get what is said in an asset, and how far transcribing it has come.

        *include* says how to cut it: ``words``, ``sentences``, ``utterances``, or several of them.

        Raises:
            NotFoundError: There is no such asset, or nothing to transcribe in it.
        """
        return await self._get(
            path(HEARD, asset_id), AssetTranscriptionResponse, request_options, query={"include": include}
        )

    async def wait_for_transcription(
        self,
        asset_id: str,
        *,
        include: AssetsRetrieveTranscriptionRequestIncludeItem
        | Sequence[AssetsRetrieveTranscriptionRequestIncludeItem]
        | None = None,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[AssetTranscriptionResponse] | None = None,
        request_options: RequestOptions | None = None,
    ) -> AssetTranscriptionResponse:
        """Wait until an asset is transcribed.

        Args:
            include: How to cut what is said: ``words``, ``sentences``, ``utterances``, or several of them.
            timeout: Seconds to wait at most. Default: 3600.
            interval: Seconds between looks at first; a 20th of the time waited later on, at most 30. Default: 1.
            callback: Called whenever the status has changed; may be a coroutine function. It runs in the event loop.

        Raises:
            JobFailedError: It could not be transcribed.
            NotFoundError: There was nothing to transcribe, for half a minute.
            WaitTimeoutError: It was not done in time.
        """
        retrieve = partial(self.retrieve_transcription, asset_id, include=include, request_options=request_options)
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback)
        return await poll_until_final(TRANSCRIPTION, asset_id, retrieve, options)
