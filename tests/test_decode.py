"""Answers become models: the official SDK's attributes, whatever the API adds, leaves out or changes."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs
import pydantic
import pytest
import twelvelabs.types
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twelvelabs_async import (
    AssetDetail,
    IndexedAsset,
    IndexedAssetDetailed,
    Model,
    PresignedUrlChunk,
    StreamAnalyzeResponse,
    StreamAnalyzeResponse_TextGeneration,
    UnknownStreamEvent,
    VideoSegment,
    structure,
    unstructure,
)

from support import official
from support.json_bodies import JSON, bodies

ANSWERS: set[type[pydantic.BaseModel]] = {
    twelvelabs.types.GetUploadStatusResponse,  # which a pager takes apart in the official SDK
    twelvelabs.types.AnalyzeTaskCanceledWebhookEvent,  # what webhooks get
    twelvelabs.types.AnalyzeTaskFailedWebhookEvent,
    twelvelabs.types.AnalyzeTaskReadyWebhookEvent,
    *(model for name in official.method_names() for model in official.models(name, returned=True)),
}
DECODED: list[type[pydantic.BaseModel]] = [
    model for model in ANSWERS if not model.__module__.startswith("twelvelabs.wrapper")
]
each_model = pytest.mark.parametrize("model", sorted(DECODED, key=str), ids=lambda model: model.__name__)
examples = settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))


def same(theirs: Any, ours: Any) -> None:
    """Assert that two decoded answers have the same attributes, at all depths."""
    if isinstance(theirs, pydantic.BaseModel):
        assert type(ours) is official.our_model(type(theirs))
        for name in official.fields(type(theirs)):
            same(getattr(theirs, name), getattr(ours, name))
        assert theirs.model_extra == ours.extra
    elif isinstance(theirs, list):
        assert len(theirs) == len(ours)
        for their, our in zip(theirs, ours, strict=True):
            same(their, our)
    else:
        assert ours == theirs


@each_model
@given(data=st.data())
@examples
def test_attributes(model: type[pydantic.BaseModel], data: st.DataObject) -> None:
    """Bodies that are full, lack fields, have nulls, new fields or new words in enumerations decode as officially."""
    for how in ("full", "some", "nulls"):
        body = data.draw(bodies(model, how))
        same(official.parse(model, body), structure(body, official.our_model(model)))


@each_model
def test_empty(model: type[pydantic.BaseModel]) -> None:
    """An empty body decodes, and so does one that has nothing but nulls; what the official SDK refuses included."""
    fields = official.fields(model)
    for body in ({}, {wire: None for wire, _, _ in fields.values()}):
        made = structure(body, official.our_model(model))
        values = {name: getattr(made, name) for name in fields}
        defaults = {field.name: field.default for field in attrs.fields(type(made))}
        assert all(value is None or value == defaults[name] for name, value in values.items())
        assert made.extra == {}


@each_model
@given(data=st.data())
@examples
def test_odd_bodies(model: type[pydantic.BaseModel], data: st.DataObject) -> None:
    """No JSON makes decoding fail: what has another type than expected is there as it came."""
    made = structure(body := data.draw(bodies(model, "odd")), official.our_model(model))
    repr(made)
    if not isinstance(body, dict):
        assert made == body
        return
    assert pickle.loads(pickle.dumps(made)) == made
    unstructure(made)


@each_model
@given(data=st.data())
@examples
def test_round_trip(model: type[pydantic.BaseModel], data: st.DataObject) -> None:
    """What was decoded turns back into the JSON it came from, new fields included."""
    body = data.draw(bodies(model, "some"))
    assert unstructure(structure(body, official.our_model(model))) == body


@each_model
@given(data=st.data())
@examples
def test_values(model: type[pydantic.BaseModel], data: st.DataObject) -> None:
    """Models are pickled, copied and compared by value."""
    body = data.draw(bodies(model, "some"))
    made, again = (structure(copy.deepcopy(body), official.our_model(model)) for _ in range(2))
    assert made == again
    for double in (pickle.loads(pickle.dumps(made)), copy.copy(made), copy.deepcopy(made)):
        assert double == made
        assert type(double) is type(made)
        assert double.extra == made.extra
    name = attrs.fields(type(made))[0].name
    setattr(again, name, "something else entirely")
    assert made != again
    assert made != body


def test_derived_models() -> None:
    """A model of one's own has the fields of its base, used before or not, or is made in its own way."""

    class Kept(IndexedAsset):
        path: str | None = None

    assert structure({"_id": "a"}, IndexedAsset) != structure({"_id": "a", "path": "b"}, Kept) == Kept(id="a", path="b")
    assert not hasattr(Kept(id="a"), "__dict__")

    class Counted(Model):
        number: int

        def __init__(self, text: str) -> None:
            self.number = int(text)

    class Named(IndexedAsset):
        def __init__(self, name: str) -> None:
            super().__init__(id=name.lower())

    assert structure({"number": 1}, Counted) == Counted("1")
    assert structure({"_id": "a"}, Named) == Named("A")


def test_new_fields() -> None:
    """Fields of a later version are in `extra`, by their names on the wire, at every depth."""
    asset = structure(
        {"_id": "a", "codec_profile": "main", "system_metadata": {"fps": 25, "hdr": True}}, IndexedAssetDetailed
    )
    assert asset.id == "a"
    assert asset.extra == {"codec_profile": "main"}
    assert asset.system_metadata is not None
    assert asset.system_metadata.extra == {"hdr": True}
    assert unstructure(asset)["system_metadata"] == {"fps": 25, "hdr": True}


def test_new_fields_count() -> None:
    """Models that differ in a field unknown here are not equal."""
    assert structure({"_id": "a", "new": 1}, IndexedAsset) != structure({"_id": "a", "new": 2}, IndexedAsset)


@pytest.mark.parametrize(
    "event", [{"event_type": "thinking", "text": "hm"}, {"event_type": None, "x": 1}, {"x": 1}, {}]
)
def test_unknown_events(event: dict[str, Any]) -> None:
    """An event of an unknown type, or of none, is an `UnknownStreamEvent` that lost nothing."""
    made: Any = structure(event, StreamAnalyzeResponse)  # type: ignore[arg-type]
    assert isinstance(made, UnknownStreamEvent)
    assert made.event_type == event.get("event_type")
    assert made.extra == {key: value for key, value in event.items() if key != "event_type"}


@given(event=bodies(twelvelabs.types.StreamAnalyzeResponse, "some"))
@examples
def test_events(event: dict[str, Any]) -> None:
    """Events are told by their type."""
    same(official.parse(twelvelabs.types.StreamAnalyzeResponse, event), structure(event, StreamAnalyzeResponse))  # type: ignore[arg-type]


@given(event=st.dictionaries(st.sampled_from(["event_type", "text", "metadata"]), JSON))
@examples
def test_odd_events(event: dict[str, Any]) -> None:
    """No event makes decoding fail, whatever its type is."""
    structure(event, StreamAnalyzeResponse)  # type: ignore[arg-type]


def test_same_word_other_meaning() -> None:
    """Only a text tells the type of an event."""
    made: Any = structure({"event_type": "text_generation", "text": 7}, StreamAnalyzeResponse)  # type: ignore[arg-type]
    assert isinstance(made, StreamAnalyzeResponse_TextGeneration)
    assert made.text == 7  # type: ignore[comparison-overlap]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-08-16T16:53:59Z", datetime(2024, 8, 16, 16, 53, 59, tzinfo=UTC)),
        ("2024-08-16T16:53:59.123Z", datetime(2024, 8, 16, 16, 53, 59, 123000, tzinfo=UTC)),
        ("2024-08-16T16:53:59.123456789Z", datetime(2024, 8, 16, 16, 53, 59, 123456, tzinfo=UTC)),
        ("2024-08-16T18:53:59+02:00", datetime(2024, 8, 16, 18, 53, 59, tzinfo=timezone(timedelta(hours=2)))),
        ("2024-08-16 16:53:59Z", datetime(2024, 8, 16, 16, 53, 59, tzinfo=UTC)),
        ("2024-08-16T16:53:59", datetime(2024, 8, 16, 16, 53, 59)),
        ("2024-08-16", datetime(2024, 8, 16)),
    ],
)
def test_moments(text: str, moment: datetime) -> None:
    """Times in RFC 3339 and near it become datetimes, the same ones as in the official SDK."""
    made = structure({"expires_at": text}, PresignedUrlChunk)
    assert (
        made.expires_at == moment == official.parse(twelvelabs.types.PresignedUrlChunk, {"expires_at": text}).expires_at
    )


@pytest.mark.parametrize("odd", ["", "soon", "0001", 7, True, [], {}])
def test_odd_moments(odd: Any) -> None:
    """What is no time is left as it came."""
    assert structure({"expires_at": odd}, PresignedUrlChunk).expires_at == odd


def test_texts_that_are_times() -> None:
    """The times that the reference calls texts stay texts."""
    made = structure({"_id": "a", "created_at": "2024-08-16T16:53:59Z"}, IndexedAsset)
    assert made.created_at == "2024-08-16T16:53:59Z"
    assert isinstance(structure({"_id": "a", "created_at": "2024-08-16T16:53:59Z"}, AssetDetail).created_at, datetime)


def test_wire_names() -> None:
    """Names that are no Python names are translated both ways."""
    segment = structure({"float": [0.5], "start_offset_sec": 0}, VideoSegment)
    assert segment.float_ == [0.5]
    assert unstructure(segment) == {"float": [0.5], "start_offset_sec": 0}
