"""Assets and indexed assets of the platform, by the identity of their content.

All sources share one list. It is read as a whole if it has no more pages than the run has sources. Otherwise, each
source is looked up by itself. Of a run whose sources are not counted, half of the lookups count as sources: reading the
list then costs at most half as many requests as the lookups before it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from functools import partial
from typing import Final, TypeVar

from attrs import define, field, frozen

from .._failures import is_missing
from .._pagination import AsyncPager
from ..errors import APIError
from ..models.assets import AssetDetail
from ..models.indexed_assets import IndexedAsset, IndexedAssetDetailed
from ..options import MAX_PAGE_LIMIT, RequestOptions
from ..resources._api import AsyncAPI
from .journal import JournalEntry
from .shared_list import MAX_AGE_SECONDS, SharedList, now
from .sources import TOKEN_KEY

SHA256_KEY: Final = "bulk_sha256"
"""Key in the ``user_metadata`` of an asset for the SHA-256 of the file."""
UPLOAD_ID_KEY: Final = "bulk_upload_id"
"""Key in the ``user_metadata`` of an asset for its upload session, recorded by the run that created the session."""

R = TypeVar("R")


@frozen
class CatalogAsset:
    """Asset that a bulk run created, and that has not failed.

    Attributes:
        id: Id of the asset.
        created_at: Time of its creation.
        filename: Its name.
        sha256: SHA-256 of its file, as far as the run stated it.
        has_bytes: Whether all its bytes are on the platform.
        upload_id: Id of its upload session, as far as the run recorded it.
    """

    id: str
    created_at: str
    filename: str | None
    sha256: object
    has_bytes: bool
    upload_id: object


@define(eq=False)
class AssetCatalog:
    """Assets of the account by their tokens.

    Attributes:
        api: The resources of the API.
        request_options: Options of every request.
        expected: Number of sources of the run, as far as it is known.
        lookups: Number of lookups so far, of assets and of indexed assets.
    """

    api: AsyncAPI
    request_options: RequestOptions | None
    expected: int
    lookups: int = field(default=0, init=False)
    _list: SharedList[AssetDetail] = field(init=False)
    _tokens: dict[str, dict[str, CatalogAsset]] = field(factory=dict[str, dict[str, CatalogAsset]], init=False)

    def __attrs_post_init__(self) -> None:
        self._list = SharedList(self._add, self._tokens.clear)

    @property
    def max_pages(self) -> int:
        """Number of pages up to which reading a whole list is cheaper than lookups."""
        return max(1, self.expected, self.lookups // 2)

    async def find(
        self, token: str, filename: str | None, *, not_before: float | None = None, pause: float = 0.0
    ) -> Sequence[CatalogAsset]:
        """Return the assets with a token, the oldest first.

        Args:
            token: Token of the content.
            filename: Name of the asset, by which it is looked up in a large account.
            not_before: Time of the event loop since when the list must have been read. Default: 5 s ago.
            pause: Seconds between two reads of the list.
        """
        self.lookups += 1
        await self._refresh(not_before, pause)
        found = self._tokens.get(token)
        if not found and not self._list.is_complete:
            async for asset in self._request(filename):
                if token_of(asset) == token:
                    self._add(asset)
            found = self._tokens.get(token)
        return sorted((found or {}).values(), key=lambda asset: (asset.created_at, asset.id))

    async def read_all(self) -> bool:
        """Read the whole list if that takes fewer requests than lookups, and return whether it has been read."""
        await self._refresh()
        return self._list.is_complete

    async def count_unread_pages(self) -> int:
        """Return the number of requests that it takes to read the whole list."""
        await self._list.refresh(self._request, not_before=0.0, max_pages=1)
        return 0 if self._list.is_complete else self._list.pages

    def forget(self, token: str | None, asset_id: str | None) -> None:
        """Remove an asset that was deleted, has failed, or is in the memory of the run."""
        found = self._tokens.get(token or "", {})
        found.pop(asset_id or "", None)
        if not found:
            self._tokens.pop(token or "", None)

    async def _refresh(self, not_before: float | None = None, pause: float = 0.0) -> None:
        not_before = now() - MAX_AGE_SECONDS if not_before is None else not_before
        await self._list.refresh(self._request, not_before=not_before, max_pages=self.max_pages, pause=pause)

    def _request(self, filename: str | None = None) -> AsyncPager[AssetDetail]:
        return self.api.assets.list(filename=filename, page_limit=MAX_PAGE_LIMIT, request_options=self.request_options)

    def _add(self, asset: AssetDetail) -> None:
        token = token_of(asset)
        if token is None:
            return
        if asset.status == "failed":
            self.forget(token, asset.id)
            return
        metadata = metadata_of(asset)
        has_bytes = asset.status == "ready" or asset.method != "multipart"
        upload_id = None if has_bytes else metadata.get(UPLOAD_ID_KEY)
        self._tokens.setdefault(token, {})[asset.id] = CatalogAsset(
            asset.id, str(asset.created_at), asset.filename, metadata.get(SHA256_KEY), has_bytes, upload_id
        )


@define(eq=False)
class IndexCatalog:
    """Indexed assets of an index, by their tokens and by their assets. Those that failed count as absent.

    Attributes:
        index_id: The index.
    """

    index_id: str
    _list: SharedList[IndexedAsset] = field(init=False)
    _by_asset: dict[str, IndexedAsset] = field(factory=dict[str, IndexedAsset], init=False)
    _duplicates: set[str] = field(factory=set[str], init=False)

    def __attrs_post_init__(self) -> None:
        self._list = SharedList(self._add, self._clear)

    async def find(self, assets: AssetCatalog, token: str, sha256: str | None) -> IndexedAsset | None:
        """Return the indexed asset with a token.

        Args:
            assets: Assets of the account.
            token: Token of the content.
            sha256: SHA-256 of the file, if the source is one.
        """
        assets.lookups += 1
        await self._refresh(assets)
        if self._list.is_complete:
            if not self._by_asset:
                return None
            if await assets.read_all():
                return self._find_by_assets(await assets.find(token, None), sha256)
        identity = {TOKEN_KEY: token} | ({SHA256_KEY: sha256} if sha256 else {})
        async for found in self._request(assets, identity):
            if found.status != "failed" and found.asset_id:
                return found
        return None

    async def find_by_asset(self, assets: AssetCatalog, asset_id: str) -> IndexedAsset | None:
        """Return the indexed asset of an asset.

        Args:
            assets: Assets of the account.
            asset_id: Id of the asset.
        """
        await self._refresh(assets)
        if self._list.is_complete:
            return self._by_asset.get(asset_id)
        indexed_asset_id = await self.look_up(assets, asset_id)
        if indexed_asset_id is None:
            return None
        found = await assets.api.indexes.indexed_assets.retrieve(
            self.index_id, indexed_asset_id, request_options=assets.request_options
        )
        return None if found.status == "failed" else found

    async def retrieve(self, assets: AssetCatalog, entry: JournalEntry) -> IndexedAsset | None:
        """Return the indexed asset of an entry by its id, or ``None`` if it does not exist.

        Args:
            assets: Assets of the account.
            entry: The entry.
        """
        assets.lookups += 1
        await self._refresh(assets, has_id=True)
        listed = self._by_asset.get(str(entry.asset_id))
        if listed is not None and listed.id == entry.job_id and entry.filename in (None, _filename_of(listed)):
            return listed
        request = assets.api.indexes.indexed_assets.retrieve(
            self.index_id, str(entry.job_id), request_options=assets.request_options
        )
        found = await unless_missing(request)
        return found if found is not None and is_content_of(found, entry) else None

    async def find_older(
        self, assets: AssetCatalog, asset_id: str, indexed_asset_id: str, *, not_before: float, pause: float
    ) -> str | None:
        """Return the id of an indexed asset of the same asset that was created before another.

        Args:
            assets: Assets of the account.
            asset_id: Id of the asset.
            indexed_asset_id: Id of the other indexed asset.
            not_before: Time of the event loop since when the list must have been read.
            pause: Seconds between two reads of the list.
        """
        await self._refresh(assets, not_before, pause)
        oldest = self._by_asset.get(asset_id)
        # If the list does not have the other one yet, those that it has may be newer.
        return oldest.id if oldest is not None and indexed_asset_id in self._duplicates else None

    async def look_up(self, assets: AssetCatalog, asset_id: str) -> str | None:
        """Return the id of the indexed asset of an asset, even if it has failed, without the list."""
        summaries = assets.api.indexes.indexed_assets.list_by_asset(
            asset_id, page_limit=MAX_PAGE_LIMIT, request_options=assets.request_options
        )
        async for summary in summaries:
            if getattr(summary.index, "id", None) == self.index_id:
                return summary.id
        return None

    def _find_by_assets(self, assets: Sequence[CatalogAsset], sha256: str | None) -> IndexedAsset | None:
        for asset in assets:
            if asset.id in self._by_asset and (sha256 is None or asset.sha256 == sha256):
                return self._by_asset[asset.id]
        return None

    async def _refresh(
        self, assets: AssetCatalog, not_before: float | None = None, pause: float = 0.0, *, has_id: bool = False
    ) -> None:
        request, max_pages = partial(self._request, assets), assets.max_pages
        not_before = now() - MAX_AGE_SECONDS if not_before is None else not_before
        await self._list.refresh(request, not_before=not_before, max_pages=1, pause=pause)
        if not self._list.is_complete and self._list.pages <= max_pages:
            if not has_id:  # the list lacks tokens, so it is of use together with the one of the assets
                max_pages -= await assets.count_unread_pages()
            await self._list.refresh(request, not_before=not_before, max_pages=max_pages)

    def _request(
        self, assets: AssetCatalog, user_metadata: Mapping[str, str] | None = None
    ) -> AsyncPager[IndexedAsset]:
        return assets.api.indexes.indexed_assets.list(
            self.index_id,
            user_metadata=user_metadata,
            page_limit=MAX_PAGE_LIMIT,
            request_options=assets.request_options,
        )

    def _add(self, indexed_asset: IndexedAsset) -> None:
        if indexed_asset.asset_id is None:
            return
        known = self._by_asset.get(indexed_asset.asset_id)
        if indexed_asset.status == "failed":
            if known is not None and known.id == indexed_asset.id:
                del self._by_asset[indexed_asset.asset_id]
        elif known is None or _age_of(indexed_asset) <= _age_of(known):
            self._by_asset[indexed_asset.asset_id] = indexed_asset
            if known is not None and known.id != indexed_asset.id:
                self._duplicates.add(known.id)
        else:
            self._duplicates.add(indexed_asset.id)

    def _clear(self) -> None:
        self._by_asset.clear()
        self._duplicates.clear()

    def forget(self, asset_id: str, indexed_asset_id: str) -> None:
        """Remove an indexed asset that was deleted, or is in the memory of the run."""
        self._duplicates.discard(indexed_asset_id)
        known = self._by_asset.get(asset_id)
        if known is not None and known.id == indexed_asset_id:
            del self._by_asset[asset_id]


async def unless_missing(request: Awaitable[R]) -> R | None:
    """Return the result of a request for an object, or ``None`` if the object does not exist."""
    try:
        return await request
    except APIError as error:
        if not is_missing(error):
            raise
        return None


def _age_of(indexed_asset: IndexedAsset) -> tuple[str, str]:
    """Return a key that sorts the oldest first, in the same order on every machine."""
    return str(indexed_asset.created_at), indexed_asset.id


def _filename_of(found: AssetDetail | IndexedAsset) -> str | None:
    if isinstance(found, AssetDetail):
        return found.filename
    return None if found.system_metadata is None else found.system_metadata.filename


def metadata_of(found: AssetDetail | IndexedAssetDetailed) -> Mapping[str, object]:
    """Return the metadata of an asset or indexed asset."""
    return found.user_metadata if isinstance(found.user_metadata, dict) else {}


def token_of(found: AssetDetail | IndexedAssetDetailed) -> str | None:
    """Return the token of an object that a bulk run created."""
    token = metadata_of(found).get(TOKEN_KEY)
    return token if isinstance(token, str) else None


def is_content_of(found: AssetDetail | IndexedAssetDetailed, entry: JournalEntry) -> bool:
    """Return whether an object with the id in an entry has its content. An emulator that is restarted repeats ids."""
    if entry.asset_token is None:  # the caller gave the id
        return True
    return token_of(found) == entry.asset_token or (token_of(found) is None and _filename_of(found) == entry.filename)
