"""``/indexes``: containers of assets that are searched and analyzed together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from .._deprecations import warn_of_endpoint
from .._pagination import AsyncPager
from .._replaced_files import Target
from .._request import argument_checks, url_path
from .._response_values import created_id, models_in
from ..errors import BadRequestError, ConflictError, InvalidArgumentError
from ..models._wire import unstructure
from ..models.indexes import (
    IndexesCreateRequestModelsItem,
    IndexesCreateRequestModelsItemParams,
    IndexesCreateResponse,
    IndexSchema,
)
from ..options import MAX_PAGE_LIMIT, OMIT, RequestOptions
from ._base import AsyncResource, require_nonempty, resource
from ._raw import Awaited, Mode, Raw, raw, raw_pager, raw_responses_of
from .indexed_assets import AsyncIndexedAssets
from .videos import AsyncVideos

__all__ = ["AsyncIndexes"]


class AsyncIndexes(AsyncResource):
    """Create, list, update and delete indexes."""

    with_raw_response: RawIndexes[Awaited]

    @resource
    def indexed_assets(self) -> AsyncIndexedAssets:
        """Assets in an index."""
        return AsyncIndexedAssets(self._transport)

    @resource
    def videos(self) -> AsyncVideos:
        """Videos in an index."""
        warn_of_endpoint("client.indexes.videos")
        return AsyncVideos(self._transport)

    def list(
        self,
        *,
        page: int | None = None,
        page_limit: int | None = None,
        sort_by: str | None = None,
        sort_option: str | None = None,
        index_name: str | None = None,
        model_options: str | None = None,
        model_family: str | None = None,
        created_at: str | None = None,
        updated_at: str | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[IndexSchema]:
        """List the indexes of the organization.

        Args:
            page: Number of the first page to read. Default: 1.
            page_limit: Indexes on a page. 1 to 50. Default: 10.
            sort_by: ``created_at`` or ``updated_at``. Default: ``created_at``.
            sort_option: ``asc`` or ``desc``. Default: ``desc``, the newest first.
            index_name: Name of the index.
            model_options: Model options that the index must have, such as ``visual,audio``.
            model_family: Family of a model of the index: ``marengo`` or ``pegasus``.
            created_at: Earliest creation time, RFC 3339.
            updated_at: Earliest time of the last update, RFC 3339.
        """
        return self._list(
            "/indexes",
            IndexSchema,
            page,
            request_options,
            page_limit=page_limit,
            sort_by=sort_by,
            sort_option=sort_option,
            index_name=index_name,
            model_options=model_options,
            model_family=model_family,
            created_at=created_at,
            updated_at=updated_at,
        )

    async def create(
        self,
        *,
        index_name: str,
        models: Sequence[IndexesCreateRequestModelsItem | IndexesCreateRequestModelsItemParams],
        addons: Sequence[str] | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> IndexesCreateResponse:
        """Create an index.

        Args:
            index_name: Name of the index, unique in the organization.
            models: Models of the index, at least one. New indexes take ``marengo3.0`` alone. They are fixed after
                creation.
            addons: Add-ons, such as ``thumbnail``.

        Raises:
            BadRequestError: A model is unknown, or the name is taken.

        Example:
            ::

                index = await client.indexes.create(
                    index_name="talks",
                    models=[{"model_name": "marengo3.0", "model_options": ["visual", "audio"]}],
                )
        """
        with argument_checks(request_options):
            _validate_models(models)
        body = {"index_name": index_name, "models": models, "addons": addons}
        return await self._post("/indexes", IndexesCreateResponse, request_options, json=body)

    async def ensure(
        self,
        name: str,
        *,
        models: Sequence[IndexesCreateRequestModelsItem | IndexesCreateRequestModelsItemParams],
        addons: Sequence[str] | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> IndexSchema:
        """Return the index with this name; create it if it does not exist.

        Args:
            models: Models of the index, at least one. New indexes take ``marengo3.0`` alone.
            addons: Add-ons for an index that is created.

        Raises:
            ValueError: The index exists with other models.

        Example:
            ::

                index = await client.indexes.ensure(
                    "talks", models=[{"model_name": "marengo3.0", "model_options": ["visual", "audio"]}]
                )
        """
        _validate_models(models)
        found = await self._find(name, request_options)
        if found is None:
            try:
                created = await self.create(
                    index_name=name, models=models, addons=addons, request_options=request_options
                )
                index_id = created_id("POST /indexes", created.id)
                return await self.retrieve(index_id, request_options=request_options)
            except (BadRequestError, ConflictError):
                found = await self._find(name, request_options)  # another client may have created it just now
                if found is None:
                    raise
        expected = sorted(unstructure(model)["model_name"] for model in models)
        listed = models_in("GET /indexes", "models", found.models)
        actual = sorted(str(model.model_name) for model in listed)
        if expected != actual:
            raise ValueError(
                f"The index {name!r} ({found.id}) has the models {', '.join(actual)}; expected {', '.join(expected)}. "
                "The models of an index are fixed: use another name."
            )
        return found

    async def _find(self, name: str, options: RequestOptions | None) -> IndexSchema | None:
        async for index in self.list(index_name=name, page_limit=MAX_PAGE_LIMIT, request_options=options):
            if index.index_name == name:
                return index
        return None

    async def retrieve(self, index_id: str, *, request_options: RequestOptions | None = None) -> IndexSchema:
        """Retrieve an index."""
        return await self._get(url_path("/indexes/{index_id}", index_id=index_id), IndexSchema, request_options)

    async def update(self, index_id: str, *, index_name: str, request_options: RequestOptions | None = None) -> None:
        """Rename an index."""
        path = url_path("/indexes/{index_id}", index_id=index_id)
        await self._send("PUT", path, request_options, json={"index_name": index_name})

    async def delete(self, index_id: str, *, request_options: RequestOptions | None = None) -> None:
        """Delete an index and its indexed assets. The assets themselves remain."""
        await self._send("DELETE", url_path("/indexes/{index_id}", index_id=index_id), request_options)

    async def to_html(
        self,
        index_id: str,
        file: Target,
        *,
        title: str | None = None,
        request_options: RequestOptions | None = None,
    ) -> None:
        """Write a page to look at with all videos of an index. See `Table.to_html`.

        Each video is retrieved, with a request for each. It has a picture and a player if it was indexed with
        ``enable_video_stream=True``.

        Args:
            file: Path, or an open binary file. At a path, the file appears when it is complete, in the place of an
                existing one.
            title: Title of the page. Default: the name of the index.

        Raises:
            APIStatusError: The index does not exist.
            OSError: The file cannot be written.

        Example:
            ::

                await client.indexes.to_html(index.id, "index.html")
        """
        from ._index_videos import IndexVideos

        index = await self.retrieve(index_id, request_options=request_options)
        videos = IndexVideos(self._transport, index_id, request_options)
        await videos.to_html(file, title=title or index.index_name)


@raw_responses_of(AsyncIndexes)
class RawIndexes(Raw[Mode]):
    """The methods of `AsyncIndexes`, which return the whole response."""

    list: Final = raw_pager(AsyncIndexes.list)
    create: Final = raw(AsyncIndexes.create)
    ensure: Final = raw(AsyncIndexes.ensure)
    retrieve: Final = raw(AsyncIndexes.retrieve)
    update: Final = raw(AsyncIndexes.update)
    delete: Final = raw(AsyncIndexes.delete)


def _validate_models(models: Sequence[Any]) -> None:
    example = '{"model_name": "marengo3.0", "model_options": ["visual", "audio"]}'
    for model in require_nonempty("models", models, f"[{example}]"):
        if isinstance(model, str) or not {"model_name", "model_options"} <= dict(unstructure(model)).keys():
            raise InvalidArgumentError(f"Each of models must be a dict such as {example}; got {model!r:.100}.")
