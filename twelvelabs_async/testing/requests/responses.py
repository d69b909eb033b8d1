"""Requests for answers about the items of a knowledge store."""

from __future__ import annotations

import re
from typing import Literal

import attrs

from ..problem import Json, invalid, missing
from .common import within

MAX_INPUT_CHARACTERS = 10_000
MAX_SELECTIONS = 500


@attrs.frozen(kw_only=True)
class InputItem:
    type: Literal["message"]
    role: Literal["user"]
    content: str = attrs.field(validator=within(1, MAX_INPUT_CHARACTERS))


@attrs.frozen(kw_only=True)
class Selection:
    kind: Literal["item", "collection"]
    id: str


@attrs.frozen(kw_only=True)
class TextFormat:
    type: Literal["text", "json_schema"]
    name: str | None = None
    schema: Json | None = None

    def __attrs_post_init__(self) -> None:
        for name in ("name", "schema") if self.type == "json_schema" else ():
            if getattr(self, name) in (None, ""):
                raise missing(f"text.format.{name}")


@attrs.frozen(kw_only=True)
class TextOptions:
    format: TextFormat | None = None


@attrs.frozen(kw_only=True)
class CreateResponse:
    knowledge_store_id: str
    input: list[InputItem] = attrs.field(validator=within(1, 500))
    session_id: str | None = None
    selections: list[Selection] = attrs.field(factory=list[Selection], validator=within(0, MAX_SELECTIONS))
    include: list[Literal["intermediate_outputs"]] = attrs.field(
        factory=list[Literal["intermediate_outputs"]], validator=within(0, 1)
    )
    text: TextOptions | None = None
    stream: bool = True

    def __attrs_post_init__(self) -> None:
        for number in re.findall(r"\{\{sel:(\d+)\}\}", self.question):
            if int(number) >= len(self.selections):
                raise invalid("input", f"must refer to a selection from 0 to {len(self.selections) - 1}; got {number}")

    @property
    def question(self) -> str:
        """Return the text of all messages."""
        return " ".join(item.content for item in self.input)

    @property
    def schema(self) -> Json | None:
        """Return the JSON schema that the answer must fit, if there is one."""
        text_format = self.text and self.text.format
        return text_format.schema if text_format and text_format.type == "json_schema" else None
