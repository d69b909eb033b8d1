"""The base of all models, and models that several resources use."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, TypeAlias, TypeVar, cast, dataclass_transform

import attrs

from .._api_key import redact_signatures
from ._lazy import ModelType
from ._wire import Alias

__all__ = ["HlsObject", "Model", "PageInfo", "UserMetadata"]

M = TypeVar("M")


@dataclass_transform(field_specifiers=(attrs.field,))
class Model(metaclass=ModelType):
    """Base class of all models.

    Fields that this version does not know are kept in `extra`.
    """

    __slots__ = ("__weakref__", "_extra")

    __attrs_attrs__: ClassVar[Any]  # makes models attrs classes for type checkers
    _extra: dict[str, Any]

    @property
    def extra(self) -> Mapping[str, Any]:
        """Fields of the response that this version does not know, by their names in JSON."""
        return getattr(self, "_extra", {})

    def _values(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in attrs.fields(type(self))}

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values() and self.extra == other.extra

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # mutable

    def __repr__(self) -> str:
        values = {field.name: getattr(self, field.name) for field in attrs.fields(type(self)) if field.repr}
        shown = [f"{name}={_short(value)}" for name, value in values.items() if value is not None]
        return f"{type(self).__name__}({', '.join(shown)})"

    def __getstate__(self) -> tuple[dict[str, Any], Mapping[str, Any]]:
        return self._values(), self.extra

    def __setstate__(self, state: tuple[dict[str, Any], dict[str, Any]]) -> None:
        values, extra = state
        for field in attrs.fields(type(self)):
            setattr(self, field.name, values.get(field.name))
        if extra:
            self._extra = extra


def models_of(items: Sequence[M] | None) -> list[M]:
    """Return the models in a list of a response, which may be absent, contain other values, or be something else."""
    return [item for item in items if issubclass(type(item), Model)] if isinstance(items, list) else []


def _short(value: object) -> str:
    if isinstance(value, list) and (size := len(cast("list[Any]", value))) > 3:
        return f"<{size} items>"
    try:
        text = redact_signatures(f"{value!r}")
    except RecursionError:
        text = "<nested too deeply>"
    return text if len(text) <= 120 else text[:117] + "..."


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
