"""Data that a knowledge store extracts: schemas of classes, schemas that are refused, and extracted data."""

from __future__ import annotations

import dataclasses
from enum import StrEnum
from typing import Any, Literal

import attrs
import pytest

from twelvelabs_async import TwelveLabs, UnprocessableEntityError, json_schema
from twelvelabs_async.testing import Emulator

from support.samples import video


class Sport(StrEnum):
    FOOTBALL = "football"
    TENNIS = "tennis"


@attrs.frozen
class Player:
    """Player on the pitch."""

    name: str = attrs.field(metadata={"description": "Name on the shirt."})
    number: int | None = attrs.field(metadata={"description": "Number on the shirt."})


@dataclasses.dataclass
class Match:
    """A match."""

    action: str = dataclasses.field(metadata={"description": "What happens."})
    best: Player = dataclasses.field(metadata={"description": "Best player."})
    players: list[Player] = dataclasses.field(metadata={"description": "Who is seen."})
    sport: Sport = dataclasses.field(metadata={"description": "Kind of sport.", "granularity": "video"})
    score: str | None = dataclasses.field(metadata={"description": "Final score.", "granularity": "video"})
    scene: str = dataclasses.field(metadata={"description": "Scene.", "granularity": "image"}, default="")


PLAYER = {
    "type": "object",
    "description": "Player on the pitch.",
    "properties": {
        "name": {"type": "string", "description": "Name on the shirt."},
        "number": {"type": "integer", "description": "Number on the shirt."},
    },
    "required": ["name"],
}


def test_a_class_becomes_the_schema_of_an_enrichment() -> None:
    """It has neither references nor unions, a description of every property, and the granularity of some."""
    assert json_schema(Match, for_enrichment=True) == {
        "type": "object",
        "description": "A match.",
        "properties": {
            "action": {"type": "string", "description": "What happens."},
            "best": {**PLAYER, "description": "Best player."},
            "players": {"type": "array", "items": PLAYER, "description": "Who is seen."},
            "sport": {
                "type": "string",
                "enum": ["football", "tennis"],
                "description": "Kind of sport.",
                "granularity": "video",
            },
            "score": {"type": "string", "description": "Final score.", "granularity": "video"},
            "scene": {"type": "string", "description": "Scene.", "granularity": "image"},
        },
        "required": ["action", "best", "players", "sport"],
    }


def test_the_schema_of_an_answer_has_descriptions_without_granularity() -> None:
    """The same class serves for both: the API knows `granularity` in enrichments alone."""
    properties = json_schema(Match)["properties"]
    assert properties["score"] == {"anyOf": [{"type": "string"}, {"type": "null"}], "description": "Final score."}
    assert properties["best"] == {"$ref": "#/$defs/Player"}


DESCRIBED = {"description": "Something."}


@attrs.frozen
class Undescribed:
    name: str


@attrs.frozen
class Mixed:
    name: str | int = attrs.field(metadata=DESCRIBED)


@attrs.frozen
class Recursive:
    children: list[Recursive] = attrs.field(metadata=DESCRIBED)


@attrs.frozen
class Nested:
    name: str = attrs.field(metadata={**DESCRIBED, "granularity": "video"})


@attrs.frozen
class Outer:
    inner: Nested = attrs.field(metadata=DESCRIBED)


@attrs.frozen
class Unknown:
    name: str = attrs.field(metadata={**DESCRIBED, "granularity": "scene"})


@attrs.frozen
class Choices:
    size: Literal["small", None] = attrs.field(metadata=DESCRIBED)


@pytest.mark.parametrize(
    ("cls", "reason"),
    [
        (Undescribed, r"Undescribed\.name has no description"),
        (Mixed, r"Mixed\.name: an enrichment has no unions"),
        (Recursive, r"Recursive\.children: Recursive contains itself"),
        (Outer, r"Nested\.name has a granularity\. Only fields of Outer"),
        (Unknown, r"'shot', 'video', 'image' as granularity; got 'scene'"),
        (Choices, r"Choices\.size: an enrichment has only choices of one type"),
    ],
)
def test_a_class_that_is_no_enrichment_is_refused(cls: type, reason: str) -> None:
    with pytest.raises(TypeError, match=reason):
        json_schema(cls, for_enrichment=True)


def enriched(sync_client: TwelveLabs, schema: dict[str, Any]) -> str:
    """Create a store with an enrichment, and return its id."""
    config: Any = {"enrichment_config": {"type": "json_schema", "json_schema": schema}}
    return str(sync_client.knowledge_stores.create(name="matches", ingestion_config=config).id)


def test_an_item_has_the_data_extracted_from_it_as_a_whole(sync_client: TwelveLabs, emulator: Emulator) -> None:
    """A ready video has the properties of the granularity `video`, an image those of `image`."""
    emulator.understand("*", text="Two teams.")
    store_id = enriched(sync_client, json_schema(Match, for_enrichment=True))
    items = sync_client.knowledge_store_items
    assets = [sync_client.assets.upload((name, video())) for name in ("match.mp4", "match.png")]
    emulator.advance(5)
    of_video, of_image = (items.create(store_id, asset_id=str(asset.id)).id for asset in assets)
    assert items.retrieve(store_id, of_image).enriched_metadata is None  # not ready yet
    emulator.advance(20)
    of_match = items.retrieve(store_id, of_video).enriched_metadata or {}
    assert Sport(of_match.pop("sport"))
    assert of_match == {"score": "Two teams."}
    assert items.retrieve(store_id, of_image).enriched_metadata == {"scene": "Two teams."}


TEXT: Any = {"type": "string", "description": "Something."}


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"type": "string"}, "the property a must have a description"),
        ({**TEXT, "granularity": "scene"}, "the property a has an invalid granularity"),
        ({**TEXT, "type": ["string", "null"]}, "the property a must have one of the types"),
        ({**TEXT, "nullable": True}, "unsupported keywords: nullable"),
        ({**TEXT, "default": ""}, "unsupported keywords: default"),
        ({"$ref": "#/$defs/A", "description": "."}, r"unsupported keywords: \$ref"),
        ({"anyOf": [TEXT], "description": "."}, "unsupported keywords: anyOf"),
        ({**TEXT, "type": "object", "properties": {"b": {}}}, "the property b must have a description"),
        (
            {**TEXT, "type": "object", "properties": {"b": {**TEXT, "granularity": "video"}}},
            "the property b has an invalid granularity",
        ),
        ({**TEXT, "type": "array", "items": {**TEXT, "const": 1}}, "an item of the property a has unsupported"),
        ({**TEXT, "type": "object", "additionalProperties": TEXT}, "true or false as additionalProperties"),
    ],
)
def test_a_schema_that_the_api_does_not_support_is_refused(
    sync_client: TwelveLabs, wrong: dict[str, Any], reason: str
) -> None:
    """The rules are those of the OpenAPI file: EnrichmentConfigJsonSchemaJsonSchema."""
    with pytest.raises(UnprocessableEntityError, match=reason):
        enriched(sync_client, {"type": "object", "properties": {"a": wrong}})


def test_the_root_of_an_enrichment_is_an_object(sync_client: TwelveLabs) -> None:
    with pytest.raises(UnprocessableEntityError, match="the root must have the type"):
        enriched(sync_client, {"type": "array", "items": TEXT})
