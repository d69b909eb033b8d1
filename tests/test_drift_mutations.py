"""Drift: a service that differs from the emulator in one thing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from twelvelabs_async.testing import Emulator
from twelvelabs_async.testing.drift.check import compare_conversations, emulated
from twelvelabs_async.testing.drift.cost import chosen
from twelvelabs_async.testing.drift.report import report
from twelvelabs_async.testing.drift.steps import STEPS

from support.answers import Answer, AnswerProxy
from support.clients import Connect
from support.drift import LIMITS, converse

pytestmark = pytest.mark.any_python


def change_field(name: str, value: Any) -> Callable[[Answer], object]:
    """Return a change that sets a field of a response, or deletes it if the value is `...`."""

    def change(answer: Answer) -> None:
        *parents, last = name.split(".")
        part = answer.body
        for parent in parents:
            part = part[int(parent) if isinstance(part, list) else parent]
        if value is ...:
            part.pop(last, None)
        else:
            part[last] = value

    return change


def change_status(status: int) -> Callable[[Answer], object]:
    return lambda answer: setattr(answer, "status", status)


def change_header(name: str, value: str | None) -> Callable[[Answer], object]:
    def change(answer: Answer) -> None:
        answer.headers = {key: text for key, text in answer.headers.items() if key.lower() != name.lower()}
        answer.headers |= {} if value is None else {name: value}

    return change


def change_text(old: str, new: str) -> Callable[[Answer], object]:
    def change(answer: Answer) -> None:
        if isinstance(answer.body, str):
            answer.body = answer.body.replace(old, new)

    return change


def nest_error(answer: Answer) -> None:
    answer.body = {"error": answer.body}


def accept(answer: Answer) -> None:
    answer.status, answer.body = 200, {"data": [], "page_info": {}}


ASSET, ASSETS = r"GET /assets/[1-9a-f]\w+", r"GET /assets"
MUTATIONS: dict[str, tuple[str, str, Callable[[Answer], object], str]] = {
    "unknown field": ("assets.retrieve", ASSET, change_field("color", "red"), "`color`: live text; emulated absent"),
    "missing field": (
        "assets.retrieve",
        ASSET,
        change_field("filename", ...),
        "`filename`: live absent; emulated text",
    ),
    "unknown field in an object": (
        "indexes.retrieve",
        r"GET /indexes/\w+",
        change_field("models.0.finetuned", True),
        "`models[].finetuned`: live true; emulated absent",
    ),
    "number as text": ("assets.retrieve", ASSET, change_field("size", "12"), "`size`: live number as text; emulated"),
    "null for a value": ("assets.retrieve", ASSET, change_field("file_type", None), "`file_type`: live null; emulated"),
    "object for a list": ("indexes.retrieve", r"GET /indexes/\w+", change_field("models", {}), "`models`: live object"),
    "time with an offset": (
        "assets.retrieve",
        ASSET,
        change_field("created_at", "2026-01-01T00:00:00+00:00"),
        "`created_at`: live time with an offset; emulated time in UTC",
    ),
    "seconds for a time": (
        "assets.retrieve",
        ASSET,
        change_field("created_at", 1_700_000_000),
        "`created_at`: live sec",
    ),
    "another kind of id": (
        "analyze",
        "POST /analyze",
        change_field("id", "6f1c2f6e-0a4e-4c39-8d5e-1f0f4b0f9a11"),
        "`id`: live UUID",
    ),
    "unknown method": ("assets.retrieve", ASSET, change_field("method", "carrier"), "`method`: live 'carrier'"),
    "unknown state": (
        "indexes.indexed_assets.create",
        r"POST /indexes/\w+/indexed-assets",
        change_status(200),
        "`outcome`: live 200; emulated 202",
    ),
    "another name": ("indexes.retrieve", r"GET /indexes/\w+", change_field("index_name", ""), "live empty text"),
    "another status": (
        "assets.retrieve",
        r"GET /assets/0+",
        change_status(418),
        "`outcome`: live 418; emulated 404 (assets.retrieve (unknown id))",
    ),
    "nested error": ("assets.retrieve", r"GET /assets/0+", nest_error, "`error`: live object; emulated absent"),
    "another code": (
        "assets.retrieve",
        r"GET /assets/0+",
        change_field("code", "not_here"),
        "`code`: live 'not_here'; emulated 'resource_not_exist'",
    ),
    "another message": (
        "assets.retrieve",
        r"GET /assets/0+",
        change_field("message", "No asset 66a1b2c3d4e5f60000000001."),
        "`message`: live No asset …; emulated The asset",
    ),
    "header that is missing": (
        "assets.list",
        ASSETS,
        change_header("X-Request-Id", None),
        "`header x-request-id`: live",
    ),
    "unknown header": ("assets.list", ASSETS, change_header("X-Quota", "3"), "`header x-quota`: live number as text"),
    "limits without headers": (
        "assets.list",
        ASSETS,
        change_header("X-RateLimit-Request-Reset", None),
        "`header x-ratelimit-request-reset`: live absent; emulated seconds since 1970",
    ),
    "another content type": (
        "assets.list",
        ASSETS,
        change_header("Content-Type", "text/json"),
        "`header content-type`: live text/json; emulated application/json",
    ),
    "last page past the end": (
        "assets.list",
        ASSETS,
        change_field("page_info.page", 1),
        "`page_info.page`: live number; emulated as sent (assets.list (past the end) 200)",
    ),
    "another page size": (
        "indexes.indexed_assets.list",
        r"GET /.*/indexed-assets",
        change_field("page_info.limit_per_page", 20),
        "`page_info.limit_per_page`: live 20; emulated 10",
    ),
    "list under another name": ("assets.list", ASSETS, change_field("data", ...), "`data`: live absent; emulated"),
    "another length of vectors": (
        "embed.v_2.create",
        "POST /embed-v2",
        lambda answer: answer.status == 200 and change_field("data.0.embedding", [0.5] * 1024)(answer),
        "`data[].embedding`: live 1024 numbers; emulated 512 numbers",
    ),
    "unknown event": (
        "analyze_stream",
        "POST /analyze",
        change_text('"text_generation"', '"word"'),
        "`order of events`: live stream_start → word → stream_end; emulated stream_start → text_generation",
    ),
    "event without a field": (
        "responses.create_stream",
        "POST /responses",
        change_text('"sequence_number"', '"number"'),
        "`[keepalive].sequence_number`: live absent; emulated number",
    ),
    "retired endpoint with another status": ("retired*", "POST /gist", change_status(404), "`outcome`: live 404"),
    "accepted mistake": ("indexes.list", "GET /indexes", accept, "`outcome`: live 200; emulated 400 (indexes.list (p"),
    "body of a deletion": (
        "entity_collections.*",
        r"DELETE /entity-collections/[1-9a-f]\w+",
        lambda answer: (change_status(200)(answer), setattr(answer, "body", {})),
        "`outcome`: live 200; emulated 204 (entity_collections.delete)",
    ),
}


@pytest.mark.emulator(rate_limits=LIMITS)
@pytest.mark.parametrize("name", MUTATIONS)
async def test_a_mutation_is_found_and_named(name: str, emulator: Emulator, connect: Connect) -> None:
    """The service is an emulator behind a proxy that changes some responses."""
    only, pattern, change, expected = MUTATIONS[name]
    steps = chosen(STEPS, [only])
    with AnswerProxy(emulator.url, emulator.api_key, pattern, change) as proxy:
        async with connect(proxy, max_retries=0) as client:
            conversation = await converse(emulator, client, steps)
    found = compare_conversations(conversation, await emulated(steps, conversation.mark))
    text = report(found, "Another server")
    assert expected in text
    assert "check-live" not in text
    assert not re.search(r"[0-9a-f]{24}|https?:", text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (("color", "red"), "## Fields that no model has\n\n- analyze_async.tasks.create: color\n"),
        (("task_id", ...), "## Missing fields that a model requires\n\n- analyze_async.tasks.create: task_id\n"),
    ],
)
async def test_fields_that_the_models_do_not_expect_are_named(
    value: tuple[str, Any], expected: str, emulator: Emulator, connect: Connect
) -> None:
    """The client's users see these: the others, the emulator alone does not know."""
    with AnswerProxy(emulator.url, emulator.api_key, "POST /analyze/tasks", change_field(*value)) as proxy:
        async with connect(proxy, max_retries=0) as client:
            conversation = await converse(emulator, client, chosen(STEPS, ["analyze_async.tasks.create"]))
    assert expected in report(compare_conversations(conversation, conversation), "Another server")
