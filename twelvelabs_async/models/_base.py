"""The base of all models, and models that several resources use."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias, TypeVar

from ._dump import DumpOptions
from ._pydantic_names import PydanticNames
from ._wire import Alias

__all__ = ["DumpOptions", "HlsObject", "Model", "PageInfo", "UserMetadata"]

M = TypeVar("M")

if TYPE_CHECKING:
    # The type of a member of a union that this version does not know. Type checkers distinguish the known members by
    # comparisons, such as ``event.event_type == "text_generation"``, only if all members have literals.
    UnknownType: TypeAlias = Literal["unknown"]
else:
    UnknownType = str


class Model(PydanticNames):
    """Base class of all models.

    Fields that this version does not know are kept in `extra`. Notebooks show models with pictures and players.
    """

    __slots__ = ()

    def _repr_html_(self) -> str:
        from ._notebook import model_form

        return model_form(self)


def models_of(items: Sequence[M] | None) -> list[M]:
    """Return the models in a list of a response, which may be absent, contain other values, or be something else."""
    return [item for item in items if issubclass(type(item), Model)] if isinstance(items, list) else []


Id: TypeAlias = Annotated[str, Alias("_id")]

UserMetadata: TypeAlias = dict[str, str | int | float | bool | list[str] | None]
"""User-defined metadata: strings, numbers, booleans, and lists of strings.

Send integers beyond ±(2**53 - 1) as strings. In an update, ``None`` deletes a key.
"""


class PageInfo(Model):
    """Position of a page in a list.

    Attributes:
        limit_per_page: Maximum number of items on a page.
        page: Number of the page, from 1.
        total_page: Number of pages.
        total_results: Number of items on all pages.
    """

    limit_per_page: int | None = None
    page: int | None = None
    total_page: int | None = None
    total_results: int | None = None


class HlsObject(Model):
    """HLS stream of a video that was stored for streaming.

    Attributes:
        video_url: URL of the playlist.
        thumbnail_urls: URLs of pictures from the video.
        status: ``PROCESSING``, ``COMPLETE``, ``CANCELED`` or ``ERROR``.
        updated_at: Time of the last change of *status*, in RFC 3339.
    """

    video_url: str | None = None
    thumbnail_urls: list[str] | None = None
    status: str | None = None
    updated_at: str | None = None
