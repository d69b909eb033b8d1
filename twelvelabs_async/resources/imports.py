"""``/connections/…/imports``: files of a connected account that become assets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from .._jobs import IMPORT
from .._pagination import AsyncPager
from .._request import argument_checks, url_path
from .._response_values import created_id
from .._waiting import POLL_INTERVAL, WAIT_TIMEOUT, Callback, WaitOptions, poll_until_final
from ..models.imports import (
    Import,
    ImportDetail,
    ImportFilesRequestItemsItem,
    ImportFilesRequestItemsItemParams,
    ImportResult,
)
from ..options import RequestOptions
from ._base import AsyncResource, require_nonempty
from ._raw import Awaited, Mode, Raw, raw, raw_page, raw_responses_of

__all__ = ["AsyncImports"]


class AsyncImports(AsyncResource):
    """Import files of connected accounts, wait for them, list and retrieve imports."""

    with_raw_response: RawImports[Awaited]

    def list_imports(
        self,
        connection_id: str,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[Import]:
        """List the imports of a connection, the newest first, without their files.

        Args:
            page: Number of the first page to read. Default: 1.
            page_limit: Imports on a page. 1 to 50. Default: 10.

        Raises:
            NotFoundError: No connection has this id.
        """
        path = url_path("/connections/{connection_id}/imports", connection_id=connection_id)
        return self._list(path, Import, page, request_options, page_limit=page_limit)

    async def import_files(
        self,
        connection_id: str,
        *,
        items: Sequence[ImportFilesRequestItemsItem | ImportFilesRequestItemsItemParams],
        request_options: RequestOptions | None = None,
    ) -> ImportResult:
        """Start importing files. `wait_until_ready` returns when they are assets.

        A file that was imported before is skipped, unless that import failed. A file that cannot be imported is
        ``rejected``; the others are imported.

        Args:
            items: The files, each once. 1 to 100. A video has at most 10 GB, an audio file 4 GB, an image 32 MB.

        Raises:
            NotFoundError: No connection has this id.
            ConflictError: The connection is not ``active``.

        Example:
            ::

                started = await client.imports.import_files(connection.id, items=[{"source_id": "talk.mp4"}])
                done = await client.imports.wait_until_ready(connection.id, started.id)
                print([item.asset_id for item in done.items if item.status == "ready"])
        """
        path = url_path("/connections/{connection_id}/imports", connection_id=connection_id)
        with argument_checks(request_options):
            require_nonempty("items", items, '[{"source_id": "1AbC"}]')
        body = {"items": items}
        return await self._post(path, ImportResult, request_options, json=body)

    async def import_files_and_wait(
        self,
        connection_id: str,
        *,
        items: Sequence[ImportFilesRequestItemsItem | ImportFilesRequestItemsItemParams],
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[ImportDetail] | None = None,
        progress: bool = False,
        request_options: RequestOptions | None = None,
    ) -> ImportDetail:
        """Import files and wait for them.

        The arguments are those of `import_files` and `wait_until_ready`.

        Raises:
            WaitTimeoutError: The import was not finished in time.
        """
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback, progress=progress)
        started = await self.import_files(connection_id, items=items, request_options=request_options)
        import_id = created_id(f"POST /connections/{connection_id}/imports", started.id)
        return await self._wait(connection_id, import_id, options, request_options)

    async def wait_until_ready(
        self,
        connection_id: str,
        import_id: str,
        *,
        timeout: float = WAIT_TIMEOUT,
        interval: float = POLL_INTERVAL,
        callback: Callback[ImportDetail] | None = None,
        progress: bool = False,
        request_options: RequestOptions | None = None,
    ) -> ImportDetail:
        """Wait until all files of an import are processed.

        Each file has a status of its own.

        Transient failures are retried, as is a 404 in the first 30 s.

        Args:
            import_id: The id that `import_files` returned.
            timeout: Seconds until the wait fails. Default: 3600.
            interval: Initial poll interval in seconds. It grows to 5 % of the elapsed time, at most 30 s. Default: 1.
            callback: Called in the event loop when the status has changed; may be a coroutine function.
            progress: True to show the status and the elapsed time. Needs tqdm. Default: false.

        Raises:
            WaitTimeoutError: The import was not finished in time.
            APIError: A poll failed, and so would the next one.
        """
        options = WaitOptions(timeout=timeout, interval=interval, callback=callback, progress=progress)
        return await self._wait(connection_id, import_id, options, request_options)

    async def _wait(
        self, connection_id: str, import_id: str, options: WaitOptions, request_options: RequestOptions | None
    ) -> ImportDetail:
        retrieve = partial(self.retrieve_import, connection_id, import_id, request_options=request_options)
        return await poll_until_final(IMPORT, import_id, retrieve, options)

    async def retrieve_import(
        self, connection_id: str, import_id: str, *, request_options: RequestOptions | None = None
    ) -> ImportDetail:
        """Retrieve an import, with the status of each of its files.

        Raises:
            NotFoundError: No connection or no import has this id.
        """
        path = url_path(
            "/connections/{connection_id}/imports/{import_id}", connection_id=connection_id, import_id=import_id
        )
        return await self._get(path, ImportDetail, request_options)


@raw_responses_of(AsyncImports)
class RawImports(Raw[Mode]):
    """The methods of `AsyncImports`, which return the whole response."""

    list_imports: Final = raw_page(AsyncImports.list_imports)
    import_files: Final = raw(AsyncImports.import_files)
    import_files_and_wait: Final = raw(AsyncImports.import_files_and_wait)
    wait_until_ready: Final = raw(AsyncImports.wait_until_ready)
    retrieve_import: Final = raw(AsyncImports.retrieve_import)
