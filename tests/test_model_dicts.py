"""Models as dicts and JSON, under our names and pydantic's, and in the hands of other libraries.

`test_decode` compares the dumps of all models with those of the official SDK.
"""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import pprint
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs
import pandas
import pydantic
import pytest

import twelvelabs_async
from twelvelabs_async import (
    OMIT,
    IndexedAsset,
    IndexedAssetDetailed,
    Model,
    PresignedUrlChunk,
    Range,
    SearchItem,
    VideoContext_Url,
    VideoSegment,
    structure,
    unstructure,
)
from twelvelabs_async.models._wire import dumps

MODELS = {
    model
    for model in (getattr(twelvelabs_async, name) for name in dir(twelvelabs_async))
    if isinstance(model, type) and issubclass(model, Model)
}


def asset() -> IndexedAssetDetailed:
    """Return a model with null, absent and unknown fields, at two depths."""
    body = {
        "_id": "a",
        "transcription": None,
        "hls": {"video_url": None, "status": "COMPLETE", "codec": "av1"},
        "user_metadata": {"team": None},
        "new": {"in": [1]},
        "newer": None,
    }
    return structure(body, IndexedAssetDetailed)


def test_flags_leave_fields_out_at_every_depth() -> None:
    dumped = asset().to_dict()
    assert {*dumped} == {field.name for field in attrs.fields(IndexedAssetDetailed)} | {"new", "newer"}
    hls = {"status": "COMPLETE", "codec": "av1"}
    kept = {"id": "a", "hls": hls, "user_metadata": {"team": None}, "new": {"in": [1]}}
    assert asset().to_dict(exclude_none=True) == kept
    assert asset().to_dict(exclude_defaults=True) == kept | {"newer": None}
    unset = kept | {"hls": hls | {"video_url": None}, "transcription": None, "newer": None}
    assert asset().to_dict(exclude_unset=True) == unset
    del unset["id"]
    assert asset().to_dict(exclude_unset=True, by_alias=True) == unset | {"_id": "a"} == asset().dict()


@pytest.mark.parametrize(
    ("selected", "expected"),
    [
        ({"include": {"id", "new"}}, {"id": "a", "new": {"in": [1]}}),
        ({"include": {"hls": {"status"}}}, {"hls": {"status": "COMPLETE"}}),
        ({"include": {"id", "hls"}, "exclude": {"hls": {"status": True}}}, {"id": "a", "hls": {"codec": "av1"}}),
        ({"include": {"new": {"in": {"__all__"}}}}, {"new": {"in": [1]}}),
        ({"include": {"new": {"in": ...}}, "exclude": {"new": {"in": {0}}}}, {"new": {"in": []}}),
        ({"include": {"id"}, "by_alias": True}, {"_id": "a"}),
        ({"exclude": ["hls", "new", "user_metadata"]}, {"id": "a"}),
        ({"include": set()}, {}),
    ],
)
def test_fields_are_selected_by_name_as_in_pydantic(selected: dict[str, Any], expected: dict[str, Any]) -> None:
    assert (
        asset().to_dict(exclude_none=True, **selected) == asset().model_dump(exclude_none=True, **selected) == expected
    )


def test_a_dict_does_not_share_its_lists_with_the_model() -> None:
    segment = VideoSegment(float_=[1.0])
    segment.to_dict()["float_"].append(2.0)
    assert segment.float_ == [1.0]


def test_json_has_no_values_that_json_does_not_have() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))
    chunk = PresignedUrlChunk(chunk_index=1, url="u", expires_at=moment)
    assert chunk.to_dict()["expires_at"] is moment
    assert chunk.to_dict(mode="json")["expires_at"] == "2026-01-02T03:04:05+02:00"
    assert chunk.copy(expires_at=moment.astimezone(UTC)).to_dict(mode="json")["expires_at"] == "2026-01-02T01:04:05Z"
    assert PresignedUrlChunk.from_json(chunk.to_json()) == chunk
    floats: Any = (1.5, float("nan"), float("inf"))
    assert json.loads(VideoSegment(float_=floats).to_json())["float_"] == [1.5, None, None]
    assert Range(gte=1).to_json() == '{"gte":1}'
    assert SearchItem(transcription="\u00fc").to_json(indent=1, exclude_none=True) == '{\n "transcription": "\u00fc"\n}'


def test_fields_of_requests_that_are_left_out_are_not_in_dicts() -> None:
    """``None`` would be sent as null. The tag of a union is always there."""
    assert Range(gte=1).to_dict() == dict(Range(gte=1)) == vars(Range(gte=1)) == {"gte": 1}
    assert Range(gte=None).to_dict() == {"gte": None}
    assert Range.from_dict(Range(gte=1).to_dict()).lte is OMIT
    assert VideoContext_Url(url="u").to_dict(exclude_unset=True) == {"url": "u", "type": "url"}


def test_an_unknown_option_is_a_type_error_that_lists_the_options() -> None:
    options: Any = {"exclude_nulls": True}
    for dump in (asset().to_dict, asset().to_json, asset().model_dump, asset().json):
        with pytest.raises(TypeError, match=r"^Expected the options include, .*; got 'exclude_nulls'\.$"):
            dump(**options)


@pytest.mark.parametrize("value", [None, 5, [], "x"])
def test_what_is_no_mapping_is_a_value_error(value: Any) -> None:
    with pytest.raises(ValueError, match=r"Expected a mapping with the fields of IndexedAsset; got "):
        IndexedAsset.from_dict(value)
    with pytest.raises(ValueError, match="Expected a mapping"):
        IndexedAsset.model_validate_json(json.dumps(value))


def test_copies_have_changes_and_leave_the_original_alone() -> None:
    original = asset()
    changed = original.copy(status="failed", update={"_id": "b", "newest": 1})
    assert (changed.id, changed.status, changed.extra) == ("b", "failed", {**original.extra, "newest": 1})
    assert original == asset()
    assert changed.hls is original.hls
    assert original.copy(deep=True).hls is not original.hls
    assert original.model_copy(update={"status": "failed"}).status == "failed"
    for double in (original.copy(), copy.deepcopy(original), pickle.loads(pickle.dumps(original))):
        assert double.to_dict(exclude_unset=True) == original.to_dict(exclude_unset=True)


def test_a_mistyped_keyword_of_copy_is_a_type_error() -> None:
    """Keywords of pydantic 1 among them. A field that the model has only as an unknown one can be changed."""
    with pytest.raises(TypeError, match="Expected fields of IndexedAssetDetailed; got 'exclude'"):
        asset().copy(exclude={"hls"})
    assert asset().copy(new=2).extra == {"new": 2, "newer": None}


def test_constructors_take_unknown_fields_and_the_names_of_the_api() -> None:
    hit: Any = SearchItem(1.0, new=1)  # type: ignore[call-arg]
    assert (hit.start, hit.extra, hit.new) == (1.0, {"new": 1}, 1)
    assert VideoSegment(**{"float": [0.5]}) == VideoSegment([0.5])
    assert IndexedAsset(**{"_id": "a"}) == IndexedAsset("a")
    assert hit.model_fields_set == {"start", "new"}
    with pytest.raises(TypeError, match=r"IndexedAsset\(\) missing 1 required positional argument: 'id'"):
        IndexedAsset()  # type: ignore[call-arg]
    assert [*inspect.signature(SearchItem).parameters] == [field.name for field in attrs.fields(SearchItem)]


def test_unknown_fields_are_attributes_unless_methods_have_their_names() -> None:
    hit: Any = structure({"new": 1, "copy": 2, "_repr_png_": 3, "start": 4}, SearchItem)
    assert (hit.new, hit.start, hit.extra["copy"]) == (1, 4, 2)
    assert callable(hit.copy)
    assert not hasattr(hit, "_repr_png_")
    assert "new" in dir(hit)
    with pytest.raises(AttributeError, match=r"'SearchItem' object has no attribute 'score'\. .*Use rank"):
        hit.score  # noqa: B018
    response: Any = structure({"_id": "a", "id": "b"}, IndexedAsset)
    assert (response.id, response.extra, response.to_dict()["id"]) == ("a", {"id": "b"}, "a")


def test_a_field_replaces_the_method_of_its_name() -> None:
    class Report(Model):
        json: str | None = None  # type: ignore[assignment]
        model_dump: str | None = None  # type: ignore[assignment]

    report = structure({"json": "a", "model_dump": "b"}, Report)
    assert (report.json, report.model_dump) == ("a", "b")
    assert report.to_dict() == report.dict() == {"json": "a", "model_dump": "b"}
    assert report.to_json() == report.model_dump_json() == '{"json":"a","model_dump":"b"}'


def test_no_model_has_a_field_that_hides_a_method() -> None:
    names = {name for name in dir(Model) if not name.startswith("_")}
    assert {name for model in MODELS for name in model.model_fields} & names == set()


def test_pydantic_has_a_name_for_each_method() -> None:
    body = {"_id": "a", "new": 1}
    made = IndexedAsset.from_dict(body)
    text = json.dumps(body)
    for again in (
        IndexedAsset.model_validate(body),
        IndexedAsset.model_validate(made, strict=True),
        IndexedAsset.parse_obj(body),
        IndexedAsset.model_validate_json(text),
        IndexedAsset.parse_raw(text.encode()),
        IndexedAsset.model_construct(id="a", new=1),
        IndexedAsset.construct(None, **body),
    ):
        assert again == made
    assert made.model_extra == {"new": 1}
    assert {*IndexedAsset.model_fields} == {*IndexedAsset.__fields__} == {*made.model_fields} >= {"id", "status"}
    options = inspect.signature(pydantic.BaseModel.model_dump).parameters.keys() - {"self", "mode"}
    assert made.model_dump(**dict.fromkeys(options)) == made.to_dict()  # type: ignore[arg-type]
    assert made.model_dump_json(exclude_none=True) == made.json(exclude_none=True) == '{"id":"a","new":1}'
    assert IndexedAsset.model_construct().id is None  # type: ignore[comparison-overlap]


def test_dict_vars_and_json_take_models() -> None:
    made = asset()
    assert dict(made) == vars(made) == made.__dict__
    assert made.__dict__["hls"] is made.hls
    assert made.__dict__["new"] == {"in": [1]}
    assert json.loads(json.dumps(made, default=vars)) == made.to_dict()
    assert json.loads(json.dumps(made.to_dict(mode="json"))) == made.to_dict()
    assert attrs.asdict(made)["hls"]["status"] == "COMPLETE"
    assert attrs.evolve(made, status="failed").status == "failed"
    assert pprint.pformat(made, width=20) == repr(made)


def test_data_frames_are_made_of_models_as_dicts() -> None:
    hits = [SearchItem(start=1.0, video_id="v"), SearchItem(start=2.0, user_metadata={"team": "red"})]
    for frame in (pandas.DataFrame([hit.to_dict() for hit in hits]), pandas.DataFrame(map(dict, hits))):
        assert list(frame["start"]) == [1.0, 2.0]
    assert pandas.json_normalize([hit.to_dict() for hit in hits])["user_metadata.team"][1] == "red"


def test_models_in_free_form_fields_are_sent_as_objects() -> None:
    body = dumps(unstructure({"user_metadata": {"hit": Range(gte=1)}}))
    assert json.loads(body) == {"user_metadata": {"hit": {"gte": 1}}}


def test_models_do_not_import_pydantic() -> None:
    use = "from twelvelabs_async import SearchItem; SearchItem(new=1).model_dump_json()"
    script = f"import sys; {use}; print('pydantic' in sys.modules)"
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert output == "False\n"
