"""Models: decoding of any response, encoding, equality, copies."""

from __future__ import annotations

import copy
import math
import pickle
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_type_hints

import attrs
import pydantic
import pytest
import twelvelabs.types
from hypothesis import given, settings
from hypothesis import strategies as st

import twelvelabs_async
from twelvelabs_async import (
    OMIT,
    APIResponseError,
    AssetDetail,
    AudioEmbeddingMetadata,
    ImportDetail,
    IndexedAsset,
    IndexedAssetDetailed,
    IndexedAssetDetailedEmbeddingVideoEmbedding,
    Model,
    PageInfo,
    PresignedUrlChunk,
    ResponseObject,
    StreamAnalyzeResponse,
    StreamAnalyzeResponse_TextGeneration,
    TextParamFormat_JsonSchema,
    UnknownStreamEvent,
    VideoSegment,
    from_json,
    structure,
    unstructure,
)
from twelvelabs_async.models._generated import MIN_MISSES
from twelvelabs_async.models._wire import Alias, dumps, hook_of, loads

from support import official
from support.json_bodies import JSON, bodies

RESPONSES: set[type[pydantic.BaseModel]] = {
    twelvelabs.types.GetUploadStatusResponse,  # which the official SDK returns as a pager
    twelvelabs.types.AnalyzeTaskCanceledWebhookEvent,  # sent to webhooks
    twelvelabs.types.AnalyzeTaskFailedWebhookEvent,
    twelvelabs.types.AnalyzeTaskReadyWebhookEvent,
    *(model for name in official.method_names() for model in official.models(name, returned=True)),
}
DECODED: list[type[pydantic.BaseModel]] = [
    model for model in RESPONSES if not model.__module__.startswith("twelvelabs.wrapper")
]
each_model = pytest.mark.parametrize("model", sorted(DECODED, key=str), ids=lambda model: model.__name__)
examples = settings(max_examples=5)


def same(theirs: Any, ours: Any) -> None:
    """Assert that two decoded responses have the same attributes, at all depths."""
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


def same_dumps(theirs: Any, ours: Any) -> None:
    """Assert that two decoded responses become the same dicts, under the names that pydantic has for that.

    The official SDK ignores ``by_alias``, and in JSON all flags.
    """
    flags: dict[str, Any]
    for flags in ({}, {"exclude_none": True}, {"exclude_unset": True}):
        assert shared_fields(theirs, ours.model_dump(**flags)) == theirs.model_dump(**flags)
    assert shared_fields(theirs, loads(ours.json().encode())) == loads(theirs.json().encode())
    assert dict(ours).keys() == vars(ours).keys() == ours.model_dump().keys()
    assert ours.dict() == theirs.dict()
    assert ours.model_fields_set == theirs.model_fields_set


def shared_fields(theirs: Any, dumped: Any) -> Any:
    """Return *dumped* without the fields that our model has because it stands for several official ones."""
    if isinstance(theirs, pydantic.BaseModel):
        names = {*type(theirs).model_fields, *(theirs.model_extra or {})}
        return {name: shared_fields(getattr(theirs, name), value) for name, value in dumped.items() if name in names}
    if isinstance(theirs, list) and isinstance(dumped, list):
        return [shared_fields(*pair) for pair in zip(theirs, dumped, strict=True)]
    return dumped


@each_model
@given(data=st.data())
@examples
def test_a_response_has_the_attributes_and_the_dumps_of_the_official_sdk(
    model: type[pydantic.BaseModel], data: st.DataObject
) -> None:
    """Full, partial and nullable responses, new fields and new members of enumerations."""
    for how in ("full", "some", "nulls"):
        body = data.draw(bodies(model, how))
        theirs, ours = official.parse(model, body), structure(body, official.our_model(model))
        same(theirs, ours)
        same_dumps(theirs, ours)


@each_model
def test_an_empty_response_and_one_of_nulls_are_decoded(model: type[pydantic.BaseModel]) -> None:
    """The official SDK refuses some of them."""
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
def test_no_json_makes_decoding_fail(model: type[pydantic.BaseModel], data: st.DataObject) -> None:
    """A value of an unexpected type stays as it is."""
    made = structure(body := data.draw(bodies(model, "odd")), official.our_model(model))
    repr(made)
    if not isinstance(body, dict):
        assert made == body
        return
    for double in (pickle.loads(pickle.dumps(made)), made.from_dict(made.to_dict()), made.from_json(made.to_json())):
        assert double == made
    unstructure(made)


@each_model
@given(data=st.data())
@examples
def test_a_response_is_encoded_as_the_json_it_was_decoded_from(
    model: type[pydantic.BaseModel], data: st.DataObject
) -> None:
    body = data.draw(bodies(model, "some"))
    made = structure(body, official.our_model(model))
    assert unstructure(made) == body
    assert made.from_dict(body) == made.from_json(made.to_json(by_alias=True)) == made


@each_model
@given(data=st.data())
@examples
def test_models_are_pickled_copied_and_compared_by_value(model: type[pydantic.BaseModel], data: st.DataObject) -> None:
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


def test_a_subclass_has_the_fields_of_its_base_and_may_have_an_init_of_its_own() -> None:

    class Kept(IndexedAsset):
        path: str | None = None

    assert structure({"_id": "a"}, IndexedAsset) != structure({"_id": "a", "path": "b"}, Kept) == Kept(id="a", path="b")
    with pytest.raises(AttributeError):
        Kept(id="a").other = 1  # type: ignore[attr-defined]

    class Counted(Model):
        number: int

        def __init__(self, text: str) -> None:
            self.number = int(text)

    class Named(IndexedAsset):
        def __init__(self, name: str) -> None:
            super().__init__(id=name.lower())

    assert structure({"number": 1}, Counted) == Counted("1")
    assert structure({"_id": "a"}, Named) == Named("A")


def test_unknown_fields_are_in_extra_at_every_depth() -> None:
    asset = structure(
        {"_id": "a", "codec_profile": "main", "system_metadata": {"fps": 25, "hdr": True}}, IndexedAssetDetailed
    )
    assert asset.id == "a"
    assert asset.extra == {"codec_profile": "main"}
    assert asset.system_metadata is not None
    assert asset.system_metadata.extra == {"hdr": True}
    assert unstructure(asset)["system_metadata"] == {"fps": 25, "hdr": True}


def test_models_that_differ_in_an_unknown_field_are_not_equal() -> None:
    assert structure({"_id": "a", "new": 1}, IndexedAsset) != structure({"_id": "a", "new": 2}, IndexedAsset)


@pytest.mark.parametrize(
    "event", [{"event_type": "thinking", "text": "hm"}, {"event_type": None, "x": 1}, {"x": 1}, {}]
)
def test_an_event_of_an_unknown_type_keeps_all_its_fields(event: dict[str, Any]) -> None:
    made: Any = structure(event, StreamAnalyzeResponse)  # type: ignore[arg-type]
    assert isinstance(made, UnknownStreamEvent)
    assert made.event_type == event.get("event_type")
    assert made.extra == {key: value for key, value in event.items() if key != "event_type"}


@given(event=bodies(twelvelabs.types.StreamAnalyzeResponse, "some"))
@examples
def test_the_type_of_an_event_selects_its_model(event: dict[str, Any]) -> None:
    same(official.parse(twelvelabs.types.StreamAnalyzeResponse, event), structure(event, StreamAnalyzeResponse))  # type: ignore[arg-type]


@given(event=st.dictionaries(st.sampled_from(["event_type", "text", "metadata"]), JSON))
@examples
def test_no_event_makes_decoding_fail(event: dict[str, Any]) -> None:
    structure(event, StreamAnalyzeResponse)  # type: ignore[arg-type]


def test_a_known_event_may_have_a_value_of_an_unexpected_type() -> None:
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
def test_times_in_rfc_3339_and_similar_forms_are_datetimes(text: str, moment: datetime) -> None:
    made = structure({"expires_at": text}, PresignedUrlChunk)
    assert (
        made.expires_at == moment == official.parse(twelvelabs.types.PresignedUrlChunk, {"expires_at": text}).expires_at
    )


@pytest.mark.parametrize("odd", ["", "soon", "0001", 7, True, [], {}])
def test_an_invalid_time_stays_as_it_is(odd: Any) -> None:
    assert structure({"expires_at": odd}, PresignedUrlChunk).expires_at == odd


@pytest.mark.parametrize(
    ("model", "body", "name", "expected"),
    [
        (ResponseObject, {"output": 5}, "output_text", ""),
        (
            ResponseObject,
            {"output": [None, "x", {"type": "message", "content": [5, {"text": 7}]}]},
            "output_text",
            "7",
        ),
        (ImportDetail, {"items": [None, {"status": "pending"}]}, "status", "processing"),
    ],
)
def test_no_value_makes_a_property_fail(model: Any, body: Any, name: str, expected: str) -> None:
    assert getattr(structure(body, model), name) == expected


def test_the_length_of_odd_embeddings_is_zero() -> None:
    assert len(structure({"segments": 5}, IndexedAssetDetailedEmbeddingVideoEmbedding)) == 0


def test_a_deep_value_has_a_short_repr() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    assert repr(structure({"_id": deep}, IndexedAsset)) == "IndexedAsset(id=<nested too deeply>)"


LEVELS = 100


@pytest.mark.parametrize(("start", "end"), [("[", "]"), ('{"a":', "}")], ids=["lists", "objects"])
def test_what_is_decoded_can_be_encoded_copied_and_shown(start: str, end: str) -> None:
    """JSON of more levels is refused. Brackets in strings are no levels."""

    def body(levels: int) -> bytes:
        deep = start * levels + '"' + "[{" * LEVELS + '\\""' + end * levels
        return f'{{"_id": {deep}, "hls": {deep}, "new": {deep}}}'.encode()

    made = structure(loads(body(LEVELS - 1)), AssetDetail)
    assert structure(unstructure(made), AssetDetail) == copy.deepcopy(made) == pickle.loads(pickle.dumps(made)) == made
    assert "too deep" not in repr(made)
    assert loads(dumps(unstructure(made))) == loads(body(LEVELS - 1))
    with pytest.raises(RecursionError, match="more than 100 levels"):
        loads(body(LEVELS))


def test_an_answer_of_too_many_levels_is_refused() -> None:
    """The text of an answer has the limit of a response."""
    deep = "[" * 101 + "]" * 101
    with pytest.raises(APIResponseError, match="it has more than 100 levels"):
        from_json(f'{{"title": {deep}}}', Talk)


@attrs.define
class Talk:
    """An answer."""

    title: Any = None


def test_times_that_the_reference_calls_strings_stay_strings() -> None:
    made = structure({"_id": "a", "created_at": "2024-08-16T16:53:59Z"}, IndexedAsset)
    assert made.created_at == "2024-08-16T16:53:59Z"
    assert isinstance(structure({"_id": "a", "created_at": "2024-08-16T16:53:59Z"}, AssetDetail).created_at, datetime)


def test_aliases_are_translated_both_ways() -> None:
    segment = structure({"float": [0.5], "start_offset_sec": 0}, VideoSegment)
    assert segment.float_ == [0.5]
    assert unstructure(segment) == {"float": [0.5], "start_offset_sec": 0}


@pytest.mark.parametrize("times", [1, 100])  # code is generated for keys that are seen often
def test_a_field_is_read_by_its_former_name(times: int) -> None:
    """The options of audio files had plural names in July 2026; the present name takes precedence."""
    former = {"audio_embedding_options": ["audio"], "audio_embedding_scopes": ["clip"], "duration": 5}
    present = {"audio_embedding_option": ["audio"], "audio_embedding_scope": ["clip"], "duration": 5}
    for _ in range(times):
        made = structure(former, AudioEmbeddingMetadata)
        both = structure({"audio_embedding_options": ["x"], **present}, AudioEmbeddingMetadata)
    assert unstructure(made) == made.to_dict(exclude_none=True) == present
    assert made.fields_set == present.keys()
    assert both.audio_embedding_option == ["audio"]


def test_a_plain_dict_may_have_the_python_names_of_all_aliases() -> None:
    aliases = {
        (name, note.name)
        for model in (getattr(twelvelabs_async, name) for name in dir(twelvelabs_async))
        if isinstance(model, type) and issubclass(model, Model)
        for name, hint in get_type_hints(model, include_extras=True).items()
        for note in getattr(hint, "__metadata__", ())
        if isinstance(note, Alias)
    }
    assert {alias for _, alias in aliases} == {"_id", "base64_string", "float", "in", "prompt_v2", "schema"}
    for name, alias in aliases - {("id", "_id")}:  # only responses have `_id`
        assert unstructure({"nested": [{name: 1, "left_out": OMIT}]}) == {"nested": [{alias: 1}]}


@pytest.mark.parametrize("name", ["user_metadata", "metadata", "user", "json_schema", "properties", "schema"])
def test_names_in_free_form_fields_are_not_aliases(name: str) -> None:
    assert unstructure({name: {"in_": {"float_": 1}}}) == {name: {"in_": {"float_": 1}}}


def test_a_json_schema_given_as_schema__stays_as_it_is() -> None:
    schema = {"type": "object", "properties": {"in_": {"type": "string"}}}
    expected = {"name": "a", "schema": schema, "type": "json_schema"}
    assert unstructure({"name": "a", "schema_": schema, "type": "json_schema"}) == expected
    assert unstructure(TextParamFormat_JsonSchema(name="a", schema_=schema)) == expected


KEYS = ["_id", "status", "system_metadata", "transcription", "user_metadata", "new", "newer"]
OBJECTS = st.lists(st.dictionaries(st.sampled_from(KEYS), JSON.filter(lambda value: value is not None)), max_size=6)


@given(objects=OBJECTS)
@settings(max_examples=25)
def test_objects_decode_alike_before_and_after_code_is_generated_for_their_keys(objects: list[dict[str, Any]]) -> None:
    """Hooks get branches for the keys that objects often have. A class of its own starts without any."""

    class Fresh(IndexedAssetDetailed):
        status: str | None = "unknown"  # type: ignore[assignment]

    first = [structure(data, Fresh) for data in objects]
    for _ in range(100):
        for data, expected in zip(objects, first, strict=True):
            made = structure(data, Fresh)
            assert made == expected
            assert made.id == data.get("_id")
            assert made.status == data.get("status", "unknown")
            assert made.extra == {key: value for key, value in data.items() if key.startswith("new")}
            assert unstructure(made) == {"status": "unknown", **data}


def test_code_is_generated_once_for_objects_with_the_same_keys() -> None:
    class Fresh(PageInfo):
        pass

    hook: Any = hook_of(Fresh)
    codes = [hook.__code__]
    for number in range(500):
        assert hook({"page": number, "limit_per_page": 10}).page == number
        codes.append(hook.__code__)
    assert len({*codes[:MIN_MISSES]}) == len({*codes[MIN_MISSES:]}) == 1
    assert codes[0] is not codes[-1]


def test_code_is_generated_ever_more_rarely_for_objects_with_varying_keys() -> None:
    class Fresh(PageInfo):
        pass

    hook: Any = hook_of(Fresh)
    codes = []
    for number in range(1000):
        assert hook({f"new{number}": number}).extra == {f"new{number}": number}
        codes.append(hook.__code__)
    assert len({*codes}) <= 6


@pytest.mark.parametrize("data", [{1: 2}, {f"new{number}": number for number in range(100)}], ids=["numbers", "many"])
def test_objects_with_odd_keys_are_decoded_however_often(data: dict[Any, Any]) -> None:
    for _ in range(100):
        assert structure(data, PageInfo).extra == data


@pytest.mark.parametrize(
    ("text", "expected"),
    [(b'{"a": [1, 2.5, null, true]}', {"a": [1, 2.5, None, True]}), (b'"\\ud800"', "\ud800"), (b"1e999", math.inf)],
)
def test_json_is_decoded_even_if_msgspec_refuses_it(text: bytes, expected: object) -> None:
    assert loads(text) == expected


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"{'a': 1}"])
def test_invalid_json_is_a_value_error(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        loads(text)


@given(value=JSON)
@examples
def test_any_json_makes_a_round_trip(value: object) -> None:
    assert loads(dumps(value)) == value


def test_numbers_that_json_lacks_are_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        dumps(math.nan)
