"""Models as fields of pydantic's models, and as arguments and results of FastAPI's endpoints."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from twelvelabs_async import (
    AnalyzePromptV2,
    IndexedAsset,
    PresignedUrlChunk,
    SearchItem,
    SearchItemClipsItem,
    StreamAnalyzeResponse,
    StreamAnalyzeResponse_TextGeneration,
    UnknownStreamEvent,
    structure,
)

from support import official
from support.json_bodies import bodies

HIT: dict[str, Any] = {"start": 1.0, "clips": [{"end": 2.0, "newer": None}], "new": {"in": 1}}


class Report(BaseModel):
    """A model of a user, with models of this package in it."""

    hit: SearchItem
    assets: list[IndexedAsset] = []


def test_a_pydantic_model_has_models_as_fields() -> None:
    """They are given as instances, dicts and JSON, with the names of the API or of Python."""
    hit = structure(HIT, SearchItem)
    report = Report(hit=hit, assets=[{"_id": "a"}, {"id": "b"}])  # type: ignore[list-item]
    assert report.hit is hit
    assert report.assets == [IndexedAsset(id="a"), IndexedAsset(id="b")]
    assert Report.model_validate({"hit": HIT}).hit == hit
    assert Report.model_validate_json(report.model_dump_json()) == report
    assert Report.model_validate(report.model_dump()) == report
    assert report.model_dump(exclude_unset=True)["hit"] == HIT
    assert report.model_dump(include={"hit": {"start"}}) == {"hit": {"start": 1.0}}
    assert json.loads(report.model_dump_json(by_alias=True, exclude_none=True))["assets"] == [{"id": "a"}, {"id": "b"}]


@pytest.mark.parametrize(
    ("value", "place", "kind"),
    [
        (5, (), "dict_type"),
        ({"start": "soon"}, ("start",), "float_parsing"),
        ({"clips": [{"end": []}]}, ("clips", 0, "end"), "float_type"),
    ],
)
def test_pydantic_reports_what_does_not_fit_and_where(value: Any, place: tuple[Any, ...], kind: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(SearchItem).validate_python(value)
    assert [(error["loc"], error["type"]) for error in caught.value.errors()] == [(place, kind)]


def test_pydantic_converts_values_and_requires_fields() -> None:
    chunk = TypeAdapter(PresignedUrlChunk).validate_json(
        '{"chunk_index": "1", "url": "u", "expires_at": "2026-01-02T03:04:05Z"}'
    )
    assert (chunk.chunk_index, chunk.expires_at) == (1, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert TypeAdapter(PresignedUrlChunk).dump_python(chunk, mode="json")["expires_at"] == "2026-01-02T03:04:05Z"
    with pytest.raises(ValidationError, match="Field required"):
        TypeAdapter(IndexedAsset).validate_python({})


def test_pydantic_selects_the_model_of_a_union() -> None:
    """Requests may have plain dicts in the place of models, which pydantic keeps."""
    adapter: Any = TypeAdapter(StreamAnalyzeResponse)
    text = adapter.validate_python({"event_type": "text_generation", "text": "a"})
    assert text == StreamAnalyzeResponse_TextGeneration(text="a")
    assert isinstance(adapter.validate_python({"event_type": "thinking"}), UnknownStreamEvent)
    prompt = TypeAdapter(AnalyzePromptV2).validate_python({"input_text": "a", "media_sources": [{"name": "b"}]})
    assert prompt.to_dict() == {"input_text": "a", "media_sources": [{"name": "b"}]}


@pytest.mark.parametrize(
    "model",
    sorted(official.models("indexes.indexed_assets.retrieve", returned=True), key=str),
    ids=lambda model: model.__name__,
)
@given(data=st.data())
@settings(max_examples=5)
def test_pydantic_makes_the_models_of_responses(model: type[BaseModel], data: st.DataObject) -> None:
    body = data.draw(bodies(model, "full"))
    ours: Any = official.our_model(model)
    assert TypeAdapter(ours).validate_python(body) == structure(body, ours)


def test_schemas_have_the_types_and_names_of_fields() -> None:
    schema = SearchItem.model_json_schema()
    assert schema["properties"]["start"]["anyOf"] == [{"type": "number"}, {"type": "null"}]
    assert schema["properties"]["clips"]["anyOf"][0]["items"] == {"$ref": "#/$defs/SearchItemClipsItem"}
    assert {*schema["$defs"]["SearchItemClipsItem"]["properties"]} == {*SearchItemClipsItem.model_fields}
    assert schema["additionalProperties"] is True
    asset = IndexedAsset.schema()
    assert asset["required"] == ["id"]


def test_fastapi_returns_and_takes_models() -> None:
    """Endpoints with and without a response model, sync and async, and a body."""
    fastapi = pytest.importorskip("fastapi")
    testclient = pytest.importorskip("fastapi.testclient")
    app = fastapi.FastAPI()

    @app.get("/plain")
    async def plain():  # type: ignore[no-untyped-def]
        return structure(HIT, SearchItem)

    @app.get("/typed")
    def typed() -> SearchItem:
        return structure(HIT, SearchItem)

    @app.get("/list", response_model=list[SearchItem], response_model_exclude_none=True)
    async def several() -> Any:
        return [structure(HIT, SearchItem), HIT]

    @app.post("/body")
    def body(hit: Annotated[SearchItem, fastapi.Body()]) -> dict[str, Any]:
        return {"type": type(hit).__name__, "hit": hit}

    client = testclient.TestClient(app)
    full = structure(HIT, SearchItem).to_dict(mode="json")
    assert client.get("/plain").json() == client.get("/typed").json() == full
    assert client.get("/list").json() == [structure(HIT, SearchItem).to_dict(exclude_none=True)] * 2
    assert client.post("/body", json=HIT).json() == {"type": "SearchItem", "hit": full}
    assert client.post("/body", json={"start": "soon"}).status_code == 422
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    assert {"SearchItem", "SearchItemClipsItem"} <= {*schemas}
