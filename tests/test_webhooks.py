"""Webhooks: events that the platform signed are decoded, and all others are refused."""

from __future__ import annotations

import email.message
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from multidict import CIMultiDict

import twelvelabs_async
from twelvelabs_async import (
    AnalyzeTaskCanceledWebhookEvent,
    AnalyzeTaskFailedWebhookEvent,
    AnalyzeTaskReadyWebhookEvent,
    IndexTaskFailedWebhookEvent,
    IndexTaskReadyWebhookEvent,
    TwelveLabsError,
    UnknownWebhookEvent,
    WebhookVerificationError,
    unstructure,
    webhooks,
)

from support.json_bodies import JSON

SECRET = "whs_ü"
EVENT = {
    "id": "whe_1",
    "created_at": "2026-08-16T16:53:59.123Z",
    "type": "analyze.task.ready",
    "data": {"id": "t1", "custom_id": "c1", "created_at": "2026-08-16T16:50:00Z", "status": "ready"},
}
INDEXED = {
    "id": "t2",
    "metadata": {"duration": 30},
    "status": "ready",
    "models": [{"name": "marengo3.0", "options": ["visual", "audio"]}],
    "tags": [],
}
BODY = json.dumps(EVENT).encode()


def signature(body: bytes, at: float | None = None, secret: str = SECRET) -> str:
    """Return the header that the platform sends with a body (docs: Webhooks)."""
    moment = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def unwrap(event: dict[str, Any]) -> Any:
    body = json.dumps(event).encode()
    return webhooks.unwrap(body, {"TL-Signature": signature(body)}, SECRET)


def test_the_module_is_an_attribute_of_the_package() -> None:
    assert twelvelabs_async.webhooks is webhooks


@pytest.mark.parametrize(
    ("kind", "model"),
    [
        ("analyze.task.ready", AnalyzeTaskReadyWebhookEvent),
        ("analyze.task.failed", AnalyzeTaskFailedWebhookEvent),
        ("analyze.task.canceled", AnalyzeTaskCanceledWebhookEvent),
        ("index.task.ready", IndexTaskReadyWebhookEvent),
        ("index.task.failed", IndexTaskFailedWebhookEvent),
    ],
)
def test_each_type_of_event_has_a_model_with_its_data(kind: str, model: type) -> None:
    event = unwrap({**EVENT, "type": kind, "data": INDEXED if kind.startswith("index") else EVENT["data"]})
    assert type(event) is model
    assert (event.id, event.type, event.created_at.year) == ("whe_1", kind, 2026)
    if kind.startswith("index"):
        assert (event.data.id, event.data.metadata.duration, event.data.models[0].name) == ("t2", 30, "marengo3.0")
    else:
        assert (event.data.id, event.data.custom_id, event.data.created_at.minute) == ("t1", "c1", 50)
        assert (event.data.status, event.data.extra) == ("ready", {})


def test_an_event_of_an_unknown_type_keeps_all_its_fields() -> None:
    event = unwrap({**EVENT, "type": "batch.completed", "data": {"id": "b1"}, "new": 1})
    assert isinstance(event, UnknownWebhookEvent)
    assert (event.id, event.type, event.extra) == ("whe_1", "batch.completed", {"data": {"id": "b1"}, "new": 1})


@pytest.mark.parametrize("name", ["TL-Signature", "tl-signature", "TL-SIGNATURE"])
@pytest.mark.parametrize("body", [BODY, BODY.decode(), bytearray(BODY)], ids=["bytes", "str", "bytearray"])
def test_bodies_and_headers_of_any_framework_are_accepted(name: str, body: Any) -> None:
    message = email.message.Message()
    message[name] = signature(BODY)
    mapping = {"x": "y", name: signature(BODY)}
    as_bytes = [(key.encode(), value.encode()) for key, value in mapping.items()]
    lists = {"x": ["z"], name: [signature(BODY), "t=1"]}
    kinds: list[Any] = [
        mapping,
        list(mapping.items()),
        [list(pair) for pair in mapping.items()],
        CIMultiDict(mapping),
        message,
        as_bytes,  # ASGI
        [list(pair) for pair in as_bytes],
        dict(as_bytes),
        lists,
        {"wsgi.version": (1, 0), f"HTTP_{name.upper().replace('-', '_')}": signature(BODY)},
        {key.encode(): [value.encode() for value in values] for key, values in lists.items()},  # Twisted
    ]
    for headers in kinds:
        assert webhooks.unwrap(body, headers, SECRET).id == "whe_1"
        assert webhooks.unwrap(body, headers, SECRET.encode()).id == "whe_1"


def test_one_valid_signature_of_several_is_enough() -> None:
    good, wrong = signature(BODY), signature(BODY, secret="old")
    old = wrong.partition(",")[2]
    assert webhooks.unwrap(BODY, {"TL-Signature": f"{good}, {old}"}, SECRET)
    moment, right = good.split(",")
    assert webhooks.unwrap(BODY, {"TL-Signature": f"{moment},{old},v2=x,{right}"}, SECRET)
    with pytest.raises(WebhookVerificationError, match="signature of the webhook is invalid"):
        webhooks.unwrap(BODY, {"TL-Signature": good.replace("v1=", "v2=")}, SECRET)


@given(fields=st.dictionaries(st.text(), JSON.filter(lambda value: value is not None)))
def test_any_signed_object_keeps_all_its_fields(fields: dict[str, Any]) -> None:
    event = {**fields, "id": "whe_1", "type": "new", "created_at": "2026-08-16T16:53:59Z"}
    assert unstructure(unwrap(event)) == event


@pytest.mark.parametrize(("off", "tolerance"), [(-400, 300.0), (400, 300.0), (-60, 10), (5, 0)])
def test_an_event_signed_outside_of_the_tolerance_is_refused(off: float, tolerance: float) -> None:
    headers = {"TL-Signature": signature(BODY, time.time() + off)}
    with pytest.raises(WebhookVerificationError, match="signed more than"):
        webhooks.unwrap(BODY, headers, SECRET, tolerance=tolerance)
    assert webhooks.unwrap(BODY, headers, SECRET, tolerance=abs(off) + 60).id == "whe_1"


@given(where=st.integers(0), bit=st.integers(0, 7), in_header=st.booleans())
def test_an_event_with_any_bit_changed_is_refused(where: int, bit: int, in_header: bool) -> None:
    header, body = signature(BODY).encode(), BODY
    changed = bytearray(header if in_header else body)
    changed[where % len(changed)] ^= 1 << bit
    header, body = (bytes(changed), body) if in_header else (header, bytes(changed))
    with pytest.raises(WebhookVerificationError):
        webhooks.unwrap(body, {"TL-Signature": header.decode("latin-1")}, SECRET)


@given(header=st.text() | st.from_regex(r"(t=[0-9]{1,5000},?|v1=[0-9a-f]*,?)*"), body=st.binary() | st.text())
@example(header="t=1,v1=", body=b"")
@example(header="t=\u0661,v1=", body="")
@example(header="t=1,v1=\ud800", body="\ud800")  # half a surrogate pair has no UTF-8
def test_any_header_and_body_are_refused_with_one_class_of_error(header: str, body: bytes | str) -> None:
    with pytest.raises(WebhookVerificationError) as caught:
        webhooks.unwrap(body, {"TL-Signature": header}, SECRET)
    assert isinstance(caught.value, TwelveLabsError)


@pytest.mark.parametrize("moment", ["", "soon", "-1", "1.5", "9" * 5000, "\u0661"])
def test_a_signature_without_a_valid_time_is_refused_even_if_it_matches(moment: str) -> None:
    digest = hmac.new(SECRET.encode(), f"{moment}.".encode() + BODY, hashlib.sha256).hexdigest()
    with pytest.raises(WebhookVerificationError, match="no valid time"):
        webhooks.unwrap(BODY, {"TL-Signature": f"t={moment},v1={digest}"}, SECRET)


def test_an_event_without_a_signature_is_refused() -> None:
    with pytest.raises(WebhookVerificationError, match="no TL-Signature header"):
        webhooks.unwrap(BODY, {"X-Signature": signature(BODY)}, SECRET)


def test_an_event_signed_with_another_secret_is_refused_without_revealing_the_secret() -> None:
    with pytest.raises(WebhookVerificationError) as caught:
        webhooks.unwrap(BODY, {"TL-Signature": signature(BODY, secret="other")}, SECRET)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_a_signed_body_that_is_not_a_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(WebhookVerificationError, match="not a JSON object"):
        webhooks.unwrap(body, {"TL-Signature": signature(body)}, SECRET)


def test_mistakes_of_the_caller_are_type_and_value_errors() -> None:
    with pytest.raises(TypeError, match="Expected the unchanged body of the request"):
        webhooks.unwrap(EVENT, {"TL-Signature": signature(BODY)}, SECRET)  # type: ignore[arg-type]
    one = "TL-Signature"
    for headers in (None, [one], [(one,)], 42, [(one, None)], [(one, 5)], {one: []}, {one: None}, [(None, "x")], one):
        with pytest.raises(TypeError, match="Expected a mapping, or pairs of names and values, for headers; got"):
            webhooks.unwrap(BODY, headers, SECRET)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="secret is empty"):
        webhooks.unwrap(BODY, {"TL-Signature": signature(BODY, secret="")}, "")
