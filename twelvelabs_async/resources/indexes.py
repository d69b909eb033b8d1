"""``/indexes``: what holds the assets that can be searched and analyzed together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

from .._pagination import AsyncPager
from .._transport import path
from ..errors import BadRequestError, ConflictError
from ..models._wire import unstructure
from ..models.indexes import (
    IndexesCreateRequestModelsItem,
    IndexesCreateRequestModelsItemParams,
    IndexesCreateResponse,
    IndexSchema,
)
from ..options import MAX_PAGE_LIMIT, OMIT, RequestOptions
from ._base import AsyncResource, part, some
from .indexed_assets import AsyncIndexedAssets
from .videos import AsyncVideos

INDEXES: Final = "/indexes"
INDEX: Final = "/indexes/{index_id}"


class AsyncIndexes(AsyncResource):
    """Make, find, rename and delete indexes."""

    indexed_assets: cached_property[AsyncIndexedAssets] = part("indexed_assets.AsyncIndexedAssets")
    """The assets in an index."""
    videos: cached_property[AsyncVideos] = part("videos.AsyncVideos")
    """The videos in an index."""

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
        """List the organisation's indexes.

        Args:
            page: The page to begin with. Default: 1.
            page_limit: Indexes on a page, 1 to 50. Default: 10.
            sort_by: ``created_at`` or ``updated_at``. Default: ``created_at``.
            sort_option: ``asc`` or ``desc``. Default: ``desc``, the newest first.
            model_options: Only indexes that look at these, such as ``visual,audio``.
            model_family: Only indexes with a model of this family, ``marengo`` or ``pegasus``.
            created_at: Only indexes made at this time or later, RFC 3339.
            updated_at: Only indexes changed at this time or later, RFC 3339.
        """
        return self._list(
            INDEXES,
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
        """Make an index.

        Args:
            index_name: Its name, unique in the organisation.
            models: The models it is to use, at least one; they cannot be changed later.
            addons: What to make besides, such as ``thumbnail``.

        Raises:
            BadRequestError: A model is unknown, or the name is taken.

        Example:
            ::

                index = await client.indexes.create(
                    index_name="talks",
                    models=[{"model_name": "marengo3.0", "model_options": ["visual", "audio"]}],
                )
        """
        _check_models(models)
        return await self._post(
            INDEXES,
            IndexesCreateResponse,
            request_options,
            json={"index_name": index_name, "models": models, "addons": addons},
        )

    async def ensure(
        self,
        name: str,
        *,
        models: Sequence[IndexesCreateRequestModelsItem | IndexesCreateRequestModelsItemParams],
        addons: Sequence[str] | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> IndexSchema:
        """Find the index with this name, or make it.

        Args:
            models: The models it has, or is to have.
            addons: What to make besides, if it is made.

        Raises:
            ValueError: There is one, with other models.

        Example:
            ::

                index = await client.indexes.ensure(
                    "talks", models=[{"model_name": "marengo3.0", "model_options": ["visual", "audio"]}]
                )
        """
        _check_models(models)
        found = await self._find(name, request_options)
        if found is None:
            try:
                made = await self.create(index_name=name, models=models, addons=addons, request_options=request_options)
                return await self.retrieve(made.id, request_options=request_options)
            except (BadRequestError, ConflictError):
                found = await self._find(name, request_options)  # somebody else may have made it just now
                if found is None:
                    raise
        wanted = sorted(unstructure(model)["model_name"] for model in models)
        existing = sorted(model.model_name or "" for model in found.models or ())
        if wanted != existing:
            raise ValueError(
                f"The index {name!r} ({found.id}) has the models {', '.join(existing)}, not {', '.join(wanted)}; "
                "models cannot be changed, so take another name."
            )
        return found

    async def _find(self, name: str, options: RequestOptions | None) -> IndexSchema | None:
        async for index in self.list(index_name=name, page_limit=MAX_PAGE_LIMIT, request_options=options):
            if index.index_name == name:
                return index
        return None

    async def retrieve(self, index_id: str, *, request_options: RequestOptions | None = None) -> IndexSchema:
        """Describe an index."""
        return await self._get(path(INDEX, index_id), IndexSchema, request_options)

    async def update(self, index_id: str, *, index_name: str, request_options: RequestOptions | None = None) -> None:
        """Rename an index."""
        await self._do("PUT", path(INDEX, index_id), request_options, json={"index_name": index_name})

    async def delete(self, index_id: str, *, request_options: RequestOptions | None = None) -> None:
        """Delete an index and all that is indexed in it, for good; the assets stay."""
        await self._do("DELETE", path(INDEX, index_id), request_options)


def _check_models(models: Sequence[Any]) -> None:
    for model in some("models", models, '[{"model_name": "marengo3.0", "model_options": ["visual", "audio"]}]'):
        if isinstance(model, str) or not {"model_name", "model_options"} <= dict(unstructure(model)).keys():
            raise ValueError(f"Each model needs a model_name and model_options, unlike {model!r}.")
