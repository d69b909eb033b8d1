"""Requests of indexes."""

from __future__ import annotations

from typing import Literal

import attrs

from ..converter import Moment
from ..problem import invalid
from .common import EPOCH, SortedPage, within

ModelName = Literal["marengo2.7", "marengo3.0", "marengo3.5", "pegasus1.2", "pegasus1.5", "pegasus1.6"]


@attrs.frozen(kw_only=True)
class IndexModel:
    model_name: ModelName
    model_options: list[Literal["visual", "audio"]] = attrs.field(validator=within(1, 2))


@attrs.frozen(kw_only=True)
class CreateIndex:
    index_name: str
    models: list[IndexModel] = attrs.field(validator=within(1, 6))
    addons: list[Literal["thumbnail"]] = attrs.field(factory=list[Literal["thumbnail"]], validator=within(0, 1))

    def __attrs_post_init__(self) -> None:
        if self.addons and not any(model.model_name.startswith("marengo") for model in self.models):
            raise invalid("addons", "must be empty for an index without a Marengo model")


@attrs.frozen(kw_only=True)
class ListIndexes(SortedPage):
    index_name: str | None = None
    model_family: Literal["marengo", "pegasus"] | None = None
    model_options: str = ""
    created_at: Moment = EPOCH
    updated_at: Moment = EPOCH


@attrs.frozen(kw_only=True)
class UpdateIndex:
    index_name: str
