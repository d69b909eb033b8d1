"""Webhooks: what the platform signed is read, and nothing else is."""

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
    webhooks,
)

SECRET = "whs_ü"
EVENT = {
    "id": "whe_1",
    "created_at": "2026-08-16T16:53:59.123Z",
    "type": "analyze.task.ready",
    "data": {"id": "t1", "custom_id": None, "created_at": "2026-08-16T16:50:00Z", "status": "ready"},
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
    """The header that the platform sends with a body (docs: Webhooks)."""
    moment = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def unwrap(event: dict[str, Any]) -> Any:
    body = json.dumps(event).encode()
    return webhooks.unwrap(body, {"TL-Signature": signature(body)}, SECRET)


def test_the_module_is_an_attribute_of_the_package() -> None:
    """It need not be imported by itself."""
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
def test_types_of_events(kind: str, model: type) -> None:
    """Each type of event has a model, with its data."""
    event = unwrap({**EVENT, "type": kind, "data": INDEXED if kind.startswith("index") else EVENT["data"]})
    assert type(event) is model
    assert (event.id, event.type, event.created_at.year) == ("whe_1", kind, 2026)
    if kind.startswith("index"):
        assert (event.data.id, event.data.metadata.duration, event.data.models[0].name) == ("t2", 30, "marengo3.0")
    else:
        assert (event.data.id, event.data.status, event.data.created_at.minute) == ("t1", "ready", 50)


def test_a_new_type_of_event() -> None:
    """An event that this version does not know loses nothing."""
    event = unwrap({**EVENT, "type": "batch.completed", "data": {"id": "b1"}, "new": 1})
    assert isinstance(event, UnknownWebhookEvent)
    assert (event.id, event.type, event.extra) == ("whe_1", "batch.completed", {"data": {"id": "b1"}, "new": 1})


@pytest.mark.parametrize("name", ["TL-Signature", "tl-signature", "TL-SIGNATURE"])
@pytest.mark.parametrize("body", [BODY, BODY.decode(), bytearray(BODY)], ids=["bytes", "str", "bytearray"])
def test_forms_of_bodies_and_headers(name: str, body: Any) -> None:
    """Bodies are bytes or text, and headers come in any case, in whatever a framework has for them."""
    message = email.message.Message()
    message[name] = signature(BODY)
    mapping = {"x": "y", name: signature(BODY)}
    for headers in (mapping, list(mapping.items()), CIMultiDict(mapping), message):
        assert webhooks.unwrap(body, headers, SECRET).id == "whe_1"
        assert webhooks.unwrap(body, headers, SECRET.encode()).id == "whe_1"


def test_several_signatures() -> None:
    """One right signature among several is enough; kinds of signatures that are not known do not count."""
    good, wrong = signature(BODY), signature(BODY, secret="old")
    old = wrong.partition(",")[2]
    assert webhooks.unwrap(BODY, {"TL-Signature": f"{good}, {old}"}, SECRET)
    moment, right = good.split(",")
    assert webhooks.unwrap(BODY, {"TL-Signature": f"{moment},{old},v2=x,{right}"}, SECRET)
    with pytest.raises(WebhookVerificationError, match="signature is wrong"):
        webhooks.unwrap(BODY, {"TL-Signature": good.replace("v1=", "v2=")}, SECRET)


@pytest.mark.parametrize(("off", "tolerance"), [(-400, 300.0), (400, 300.0), (-60, 10), (5, 0)])
def test_stale_events(off: float, tolerance: float) -> None:
    """An event signed too long ago, or in the future, is refused; how long that is can be said."""
    headers = {"TL-Signature": signature(BODY, time.time() + off)}
    with pytest.raises(WebhookVerificationError, match="signed more than"):
        webhooks.unwrap(BODY, headers, SECRET, tolerance=tolerance)
    assert webhooks.unwrap(BODY, headers, SECRET, tolerance=abs(off) + 60).id == "whe_1"


@given(where=st.integers(0), bit=st.integers(0, 7), in_header=st.booleans())
def test_any_change_is_noticed(where: int, bit: int, in_header: bool) -> None:
    """Whichever bit of the body or of the signature is turned, the event is refused."""
    header, body = signature(BODY).encode(), BODY
    changed = bytearray(header if in_header else body)
    changed[where % len(changed)] ^= 1 << bit
    header, body = (bytes(changed), body) if in_header else (header, bytes(changed))
    with pytest.raises(WebhookVerificationError):
        webhooks.unwrap(body, {"TL-Signature": header.decode("latin-1")}, SECRET)


@given(header=st.text() | st.from_regex(r"(t=[0-9]{1,5000},?|v1=[0-9a-f]*,?)*"), body=st.binary() | st.text())
@example(header="t=1,v1=", body=b"")
@example(header="t=\u0661,v1=\ud800", body="\ud800")
def test_nonsense_is_refused(header: str, body: bytes | str) -> None:
    """Whatever comes, only one error is raised, and it is one of ours."""
    with pytest.raises(WebhookVerificationError) as caught:
        webhooks.unwrap(body, {"TL-Signature": header}, SECRET)
    assert isinstance(caught.value, TwelveLabsError)


@pytest.mark.parametrize("moment", ["", "soon", "-1", "1.5", "9" * 5000, "\u0661"])
def test_signed_at_no_time(moment: str) -> None:
    """A signature whose time is none is refused, even if it is right."""
    digest = hmac.new(SECRET.encode(), f"{moment}.".encode() + BODY, hashlib.sha256).hexdigest()
    with pytest.raises(WebhookVerificationError, match="does not say when"):
        webhooks.unwrap(BODY, {"TL-Signature": f"t={moment},v1={digest}"}, SECRET)


def test_no_signature() -> None:
    """What is not signed is refused."""
    with pytest.raises(WebhookVerificationError, match="no TL-Signature header"):
        webhooks.unwrap(BODY, {"X-Signature": signature(BODY)}, SECRET)


def test_another_secret() -> None:
    """What somebody else signed is refused, and no secret is told."""
    with pytest.raises(WebhookVerificationError) as caught:
        webhooks.unwrap(BODY, {"TL-Signature": signature(BODY, secret="other")}, SECRET)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_signed_nonsense(body: bytes) -> None:
    """What is signed and no event is refused, too."""
    with pytest.raises(WebhookVerificationError, match="no JSON object"):
        webhooks.unwrap(body, {"TL-Signature": signature(body)}, SECRET)


def test_mistakes() -> None:
    """A body that was parsed before, headers that are none, and an empty secret can never be right."""
    with pytest.raises(TypeError, match="raw_body must be the request's body as it came"):
        webhooks.unwrap(EVENT, {"TL-Signature": signature(BODY)}, SECRET)  # type: ignore[arg-type]
    for headers in (None, ["TL-Signature"], [("TL-Signature",)], 42):
        with pytest.raises(TypeError, match="headers must be a mapping, or pairs of names and values, not"):
            webhooks.unwrap(BODY, headers, SECRET)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="secret must not be empty"):
        webhooks.unwrap(BODY, {"TL-Signature": signature(BODY, secret="")}, "")
