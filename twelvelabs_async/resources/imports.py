"""``/connections/{connection_id}/imports``: files of a connected account that become assets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from .._jobs import IMPORT
from .._pagination import AsyncPager
from .._transport import path
from .._waiting import POLL_INTERVAL, WAIT_TIMEOUT, Callback, WaitOptions, poll_until_final
from ..models.imports import (
    Import,
    ImportDetail,
    ImportFilesRequestItemsItem,
    ImportFilesRequestItemsItemParams,
    ImportResult,
)
from ..options import RequestOptions
from ._base import AsyncResource, some

IMPORTS: Final = "/connections/{connection_id}/imports"
IMPORT_: Final = "/connections/{connection_id}/imports/{import_id}"


class AsyncImports(AsyncResource):
    """Import files of connected accounts, and wait for them."""

    def list_imports(
        self,
        connection_id: str,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[Import]:
        """List the imports through a connection, the newest first, without their files.

        A page has up to *page_limit* of them, 1 to 50, 10 by default.

        Raises:
            NotFoundError: There is no such connection.
        """
        return self._list(path(IMPORTS, connection_id), Import, page, request_options, page_limit=page_limit)

    async def import_files(
        self,
        connection_id: str,
        *,
        items: Sequence[ImportFilesRequestItemsItem | ImportFilesRequestItemsItemParams],
        request_options: RequestOptions | None = None,
    ) -> ImportResult:
        """Start to import files; `wait_until_ready` tells when they are assets.

        A file that was imported before is not fetched again, unless that had failed. One that cannot be imported is
        ``rejected`` and does not stop the others.

        Args:
            items: The files, 1 to 100 different ones. Limits: 10 GB of video, 4 GB of audio, 32 MB of an image.

        Raises:
            NotFoundError: There is no such connection.
            ConflictError: It is not ``active``.

        Example:
            ::

                started = await client.imports.import_files(connection.id, items=[{"source_id": "talk.mp4"}])
                done = await client.imports.wait_until_ready(connection.id, started.id)
                print([item.asset_id for item in done.items if item.status == "ready"])
        """
        body = {"items": some("items", items, '[{"source_id": "1AbC"}]')}
        return await self._post(path(IMPORTS, connection_id), ImportResult, request_options, json=body)

    async def import_files_and_wait(
        self,
        connection_id: str,
        *,
        items: Sequence[ImportFilesRequestItemsItem | ImportFilesRequestItemsItemParams],
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[ImportDetail] | None = None,
        request_options: RequestOptions | None = None,
    ) -> ImportDetail:
        """Import files and wait until that is done; takes what `import_files` and `wait_until_ready` take.

        Raises:
            WaitTimeoutError: It was not done in time.
        """
        WaitOptions(timeout=timeout, interval=interval, callback=callback)  # validated before anything is created
        started = await self.import_files(connection_id, items=items, request_options=request_options)
        return await self.wait_until_ready(
            connection_id,
            started.id,
            timeout=timeout,
            interval=interval,
            callback=callback,
            request_options=request_options,
        )

    async def wait_until_ready(
        self,
        connection_id: str,
        import_id: str,
        *,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[ImportDetail] | None = None,
        request_options: RequestOptions | None = None,
    ) -> ImportDetail:
        """Wait until no file of an import is processed any more; the files tell what became of each.

        Faults that pass are ridden out, as is a 404 in the first half minute.

        Args:
            import_id: The id that `import_files` returned.
            timeout: Seconds to wait at most. Default: 3600.
            interval: Seconds between looks at first; a 20th of the time waited later on, at most 30. Default: 1.
            callback: Called whenever the status has changed; may be a coroutine function. It runs in the event loop.

        Raises:
            WaitTimeoutError: It was not done in time.
            APIError: The API cannot be asked, and that will not pass.
        """
        retrieve = partial(self.retrieve_import, connection_id, import_id, request_options=request_options)
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback)
        return await poll_until_final(IMPORT, import_id, retrieve, options)

    async def retrieve_import(
        self, connection_id: str, import_id: str, *, request_options: RequestOptions | None = None
    ) -> ImportDetail:
        """Describe an import, with what its files have become by now.

        Raises:
            NotFoundError: There is no such connection or import.
        """
        return await self._get(path(IMPORT_, connection_id, import_id), ImportDetail, request_options)
