"""Columns of tables: which ones a class has, their types, and values of other types."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from typing import Any, Literal

import attrs
import numpy
import pandas
import polars
import pyarrow
import pytest

from twelvelabs_async import (
    APIResponseError,
    AssetDetail,
    IndexedAsset,
    IndexSchema,
    KnowledgeStoreItem,
    structure,
    tabulate,
)
from twelvelabs_async.models._frames import arrow_schema
from twelvelabs_async.models._lazy import ModelType
from twelvelabs_async.models._public_modules import public_modules
from twelvelabs_async.models.tables import columns_for


class Mood(Enum):
    CALM = "calm"
    LOUD = "loud"


@dataclasses.dataclass
class Place:
    city: str
    position: list[float]


@attrs.define
class Scene:
    title: str
    mood: Mood
    light: Literal["day", "night"]
    speed: int | float
    is_indoors: bool
    minutes: int | None = None
    place: Place | None = None
    stops: list[Place] = attrs.Factory(list)
    tags: list[str] = attrs.Factory(list)
    counts: dict[str, int] = attrs.Factory(dict)
    either: int | str = 0
    at: datetime | None = None
    before: Scene | None = None


SCENE = Scene(
    "Café",
    Mood.CALM,
    "day",
    2,
    True,
    place=Place("Ulm", [48.5, 10]),
    stops=[Place("Bonn", [])],
    tags=["a", "b"],
    counts={"cars": 3},
    either="x",
    at=datetime(2026, 5, 1, 12, tzinfo=timezone(timedelta(hours=2))),
    before=Scene("First", Mood.LOUD, "night", 0.5, False),
)
SCENE_TYPES = {
    "title": pyarrow.string(),
    "mood": pyarrow.string(),
    "light": pyarrow.string(),
    "speed": pyarrow.float64(),
    "is_indoors": pyarrow.bool_(),
    "minutes": pyarrow.int64(),
    "place_city": pyarrow.string(),
    "place_position": pyarrow.list_(pyarrow.float64()),
    "stops": pyarrow.list_(pyarrow.struct({"city": pyarrow.string(), "position": pyarrow.list_(pyarrow.float64())})),
    "tags": pyarrow.list_(pyarrow.string()),
    "counts": pyarrow.string(),
    "either": pyarrow.string(),
    "at": pyarrow.timestamp("us", "UTC"),
    "before": pyarrow.string(),
}


def test_the_fields_of_a_class_are_typed_columns_and_those_of_objects_in_it_as_well() -> None:
    table = tabulate([SCENE, Scene("Empty", Mood.LOUD, "night", 0.5, False)]).to_arrow()
    assert dict(zip(table.column_names, table.schema.types, strict=True)) == SCENE_TYPES
    first, second = table.to_pylist()
    assert first["place_position"] == [48.5, 10.0]
    assert first["stops"] == [{"city": "Bonn", "position": []}]
    assert (first["mood"], first["counts"], first["either"]) == ("calm", '{"cars": 3}', '"x"')
    assert first["at"] == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert '"title": "First"' in first["before"]
    assert [second[name] for name in ("minutes", "place_city", "place_position", "at", "before")] == [None] * 5


def test_dicts_have_the_same_columns_and_values_as_they_are() -> None:
    [row] = tabulate([SCENE]).to_dicts()
    assert [*row] == [*SCENE_TYPES]
    assert (row["counts"], row["either"], row["mood"], row["at"]) == ({"cars": 3}, "x", "calm", SCENE.at)
    assert row["stops"] == [{"city": "Bonn", "position": []}]
    assert row["before"]["title"] == "First"


def test_all_forms_have_the_same_columns_whatever_the_rows_are() -> None:
    """Columns that are empty are not left out, and have the same types."""
    full = structure(
        {"_id": "i1", "created_at": "2026-05-01T12:00:00Z", "system_metadata": {"duration": 5, "width": 640}},
        IndexedAsset,
    )
    empty = structure({"_id": "i2"}, IndexedAsset)
    for rows in ([full, empty], [empty]):
        table = tabulate(rows)
        names = [*table.to_dicts()[0]]
        assert "system_metadata_duration" in names
        assert table.to_arrow().schema == tabulate([full]).to_arrow().schema
        assert table.to_arrow().column_names == list(table.to_pandas().columns) == table.to_polars().columns == names
        assert list(table.to_pandas().dtypes) == list(tabulate([full]).to_pandas().dtypes)
        assert table.to_polars().schema == tabulate([full]).to_polars().schema


def test_frames_have_missing_values_and_times_with_a_zone() -> None:
    assets = [
        structure(
            {"_id": "a1", "size": 5, "created_at": "2026-05-01T14:00:00+02:00", "user_metadata": {"a": 1}}, AssetDetail
        ),
        structure({"_id": "a2"}, AssetDetail),
    ]
    frame, polar = tabulate(assets).to_pandas(), tabulate(assets).to_polars()
    assert frame["size"].dtype == "Int64"
    assert frame["created_at"][0] == polar["created_at"][0] == datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert frame["created_at"].dtype == "datetime64[us, UTC]"
    assert polar["created_at"].dtype == polars.Datetime("us", "UTC")
    assert frame["user_metadata"][0] == polar["user_metadata"][0] == '{"a": 1}'
    assert frame["user_metadata"][1] is pandas.NA
    assert frame["size"][1] is pandas.NA
    assert polar["size"].to_list() == [5, None]


def test_every_model_has_columns_with_names_and_types_of_their_own() -> None:
    models = [getattr(module, name) for module in public_modules() for name in module.__all__]
    schemas = [arrow_schema(columns_for(model)) for model in models if isinstance(model, ModelType)]
    assert len(schemas) > 200
    assert all("null" not in map(str, schema.types) for schema in schemas)


def test_a_union_of_models_has_the_columns_of_all_of_them() -> None:
    items = [
        structure(
            {"_id": "k1", "asset_type": "video", "system_metadata": {"asset_type": "video", "duration": 5.5}},
            KnowledgeStoreItem,
        ),
        structure(
            {"_id": "k2", "asset_type": "image", "system_metadata": {"asset_type": "image", "width": 640}},
            KnowledgeStoreItem,
        ),
    ]
    table = tabulate(items).to_arrow()
    assert table["system_metadata_duration"].to_pylist() == [5.5, None]
    assert table["system_metadata_width"].to_pylist() == [None, 640]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"created_at": 5}, "created_at: expected text; got 5"),
        ({"video_count": "x"}, "video_count: expected a number; got 'x'"),
        ({"video_count": 2**2000}, "video_count: int too large"),
        ({"models": 5}, "models: expected a list; got 5"),
        ({"models": ["x"]}, "models: expected an object; got 'x'"),
        ({"models": [{"model_options": [1]}]}, "models: expected text; got 1"),
    ],
)
def test_a_value_that_does_not_fit_its_column_is_an_error_that_names_the_column(body: Any, message: str) -> None:
    table = tabulate([structure({"_id": "i1", **body}, IndexSchema)])
    for convert in (table.to_arrow, table.to_pandas, table.to_polars):
        with pytest.raises(APIResponseError, match="does not fit a table") as caught:
            convert()
        assert message in str(caught.value)
    assert len(table.to_dicts()) == 1


def test_whole_numbers_fit_columns_of_either_type_of_number() -> None:
    asset = structure({"_id": "a1", "size": 5.0, "duration": 3}, AssetDetail)
    table = tabulate([asset]).to_arrow()
    assert (table["size"][0].as_py(), table["duration"][0].as_py()) == (5, 3.0)
    with pytest.raises(APIResponseError, match=r"size: expected a whole number; got 5\.5"):
        tabulate([structure({"_id": "a1", "size": 5.5}, AssetDetail)]).to_arrow()


def test_arrays_of_numpy_are_vectors() -> None:
    from twelvelabs_async import EmbeddingData

    rows = [EmbeddingData(embedding=numpy.array([0.5, 2], numpy.float32))]  # type: ignore[arg-type]
    assert tabulate(rows).to_arrow()["embedding"].type == pyarrow.list_(pyarrow.float32(), 2)


def test_a_list_without_objects_has_no_columns() -> None:
    assert tabulate([]).to_dicts() == []
    assert tabulate([]).to_arrow().num_columns == 0


@pytest.mark.parametrize("item", [5, {"a": 1}, "x", None])
def test_objects_without_fields_make_no_table(item: Any) -> None:
    with pytest.raises(TypeError, match="Expected models, outcomes, or instances of"):
        tabulate([item])


@dataclasses.dataclass
class Doubled:
    place: Place
    place_city: str


def test_two_fields_for_one_column_are_an_error() -> None:
    with pytest.raises(TypeError, match="Doubled has two fields for the column 'place_city'"):
        tabulate([Doubled(Place("Ulm", []), "Bonn")])
