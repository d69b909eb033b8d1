"""Responses about a knowledge store of the emulator, with the official SDK as sdk."""

from __future__ import annotations

import json

import httpx
import pytest
import twelvelabs
from twelvelabs.errors import BadRequestError
from twelvelabs.types import ResponseInputItem, ResponseSelection, TextParam, TextParamFormat_JsonSchema

from twelvelabs_async.testing import Emulator

from support.samples import video

pytestmark = pytest.mark.any_python


@pytest.fixture
def store_id(sdk: twelvelabs.TwelveLabs, emulator: Emulator) -> str:
    """A knowledge store with a video and an image."""
    emulator.understand("goal.mp4", text="Ada schießt ein Tor. ⚽")
    store = sdk.knowledge_stores.create(name="matches")
    assets = [sdk.assets.create(method="direct", file=(name, video())) for name in ("goal.mp4", "ada.png")]
    emulator.advance(60)
    for asset in assets:
        sdk.knowledge_store_items.create(store.id, asset_id=asset.id)
    emulator.advance(600)
    return str(store.id)


def asked(content: str) -> list[ResponseInputItem]:
    return [ResponseInputItem(type="message", role="user", content=content)]


def test_an_answer_cites_each_item(sdk: twelvelabs.TwelveLabs, store_id: str) -> None:
    """An answer has a sentence about each item, and citations with the positions of their markers."""
    response = sdk.responses.create(knowledge_store_id=store_id, input=asked("Who scores?"))
    [message] = response.output
    [part] = message.content
    assert (response.status, message.phase, response.knowledge_store_id) == ("completed", "final_answer", store_id)
    assert part.text.startswith("Ada schießt ein Tor. ⚽ [1]")
    assert part.text.endswith("You asked: Who scores?")
    assert [citation.type for citation in part.annotations] == ["video_citation", "image_citation"]
    assert [part.text[citation.start_index : citation.end_index + 1] for citation in part.annotations] == ["[1]", "[2]"]
    assert part.annotations[1].start_sec is None
    assert [(one.thumbnail_url is None, one.hls_url is None) for one in part.annotations] == [
        (False, False),
        (False, True),
    ]
    assert response.usage.output_tokens > 0


def test_a_citation_names_the_clip_that_answers(sdk: twelvelabs.TwelveLabs, emulator: Emulator, store_id: str) -> None:
    """It is the clip that is nearest to the question."""
    emulator.understand("goal.mp4", transcription=[(0.0, 5.0, "Good evening."), (7.0, 9.0, "What a penalty kick!")])
    response = sdk.responses.create(knowledge_store_id=store_id, input=asked("When is the penalty?"))
    citation = response.output[0].content[0].annotations[0]
    assert (citation.start_sec, citation.end_sec) == (6, 12)


def test_a_stream_ends_with_the_complete_response(sdk: twelvelabs.TwelveLabs, store_id: str) -> None:
    """A stream sends the answer in deltas, with a keepalive event, and ends with the complete response."""
    events = list(
        sdk.responses.create_stream(
            knowledge_store_id=store_id, input=asked("Who scores?"), include=["intermediate_outputs"]
        )
    )
    types = [event.type for event in events]
    assert types[:3] == ["response.created", "response.in_progress", "keepalive"]
    assert "response.function_call_arguments.done" in types
    assert [event.sequence_number for event in events] == [*range(len(events))]
    assert events[-1].type == "response.completed"
    [call, message] = events[-1].response.output
    assert json.loads(call.arguments) == {"query": "Who scores?"}
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert len(deltas) > 3
    assert "".join(deltas) == message.content[0].text


def test_a_session_continues_a_conversation(sdk: twelvelabs.TwelveLabs, store_id: str) -> None:
    """A session keeps its questions and selections, and belongs to its knowledge store."""
    items = {item.asset_type: item.id for item in sdk.knowledge_store_items.list(store_id)}
    first = sdk.responses.create(
        knowledge_store_id=store_id,
        input=asked("Who is in {{sel:0}}?"),
        selections=[ResponseSelection(kind="item", id=items["image"])],
    )
    second = sdk.responses.create(knowledge_store_id=store_id, input=asked("And where?"), session_id=first.session_id)
    [part] = second.output[0].content
    assert second.session_id == first.session_id
    assert [citation.item_id for citation in part.annotations] == [items["image"]]
    assert part.text.endswith("You asked: Who is in {{sel:0}}? And where?")
    other = sdk.knowledge_stores.create(name="other")
    with pytest.raises(BadRequestError):
        sdk.responses.create(knowledge_store_id=other.id, input=asked("?"), session_id=first.session_id)


def test_an_answer_fits_a_json_schema(sdk: twelvelabs.TwelveLabs, store_id: str) -> None:
    """An answer is JSON that fits the schema of the request."""
    form = TextParamFormat_JsonSchema(name="Goal", schema_={"type": "object", "properties": {"by": {"type": "string"}}})
    response = sdk.responses.create(
        knowledge_store_id=store_id, input=asked("Who scores?"), text=TextParam(format=form)
    )
    assert json.loads(response.output[0].content[0].text) == {"by": "Ada schießt ein Tor. ⚽"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"knowledge_store_id": "ks_none"},
        {"session_id": "sess_none"},
        {"input": []},
        {"input": [{"type": "message", "role": "user", "content": "x" * 10_001}]},
        {"input": [{"type": "message", "role": "user", "content": "{{sel:0}}"}]},
        {"input": [{"type": "message", "role": "assistant", "content": "?"}]},
        {"include": ["thoughts"]},
        {"selections": [{"kind": "item", "id": "ksi_none"}]},
        {"instructions": "x" * 2001},
        {"text": {"format": {"type": "json_schema", "name": "x"}}},
    ],
    ids=lambda wrong: str(wrong)[:60],
)
def test_invalid_requests_are_refused(
    sdk: twelvelabs.TwelveLabs, emulator: Emulator, store_id: str, wrong: dict[str, object]
) -> None:
    """An invalid request fails with 400 and a message."""
    body = {"knowledge_store_id": store_id, "input": [{"type": "message", "role": "user", "content": "?"}], **wrong}
    response = httpx.post(f"{emulator.url}/responses", json=body, headers={"x-api-key": emulator.api_key})
    assert response.status_code == 400
    assert response.json()["message"]
