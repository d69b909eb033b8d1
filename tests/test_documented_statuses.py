"""Every error status that the OpenAPI file documents: the emulator gives it, with the documented body."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import cache
from typing import Any, Final, TypeAlias

import httpx
import jsonschema
import pytest

from twelvelabs_async import APIStatusError, AsyncTwelveLabs
from twelvelabs_async.testing import Emulator
from twelvelabs_async.testing.drift.steps import STEPS

from support import openapi
from support.clients import Connect
from support.drift import LIMITS, converse
from support.plain_http import create_index, index_files, upload

pytestmark = [
    pytest.mark.any_python,
    pytest.mark.skipif(not openapi.FILE.exists(), reason=f"needs the OpenAPI file {openapi.FILE}"),
]

Status: TypeAlias = tuple[str, str, int]
"""Method, path template and status."""
Request: TypeAlias = Callable[[Emulator, httpx.Client], httpx.Response]

UNKNOWN_ID: Final = "0" * 24
ON_DEMAND: Final = {403, 500, 503, 504}
"""Statuses that the emulator gives only after `Emulator.fail`: its account may do everything, and it has no faults."""
BY_RATE_LIMITS: Final = 429
WITHOUT_KEY: Final = 401
ELSEWHERE: Final = {("POST", "/knowledge-stores/{knowledge_store_id}/search", 422)}
"""`test_refusals.py` searches more than 10,000 items."""
NEVER: Final = {
    ("DELETE", "/assets/{asset_id}/user-metadata", 400),
    ("DELETE", "/connections/redirect-uris/{redirect_uri_id}", 400),
    ("DELETE", "/connections/{connection_id}", 400),
    ("GET", "/assets/{asset_id}", 400),
    ("GET", "/connections/{connection_id}", 400),
    ("GET", "/connections/{connection_id}/imports/{import_id}", 400),
    ("POST", "/connections/{connection_id}/picker-token", 400),
}
"""These have no parameters but ids. The form of ids is not documented, so the emulator answers 404 to a wrong one."""


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI file as it is."""
    found: dict[str, Any] = json.loads(openapi.FILE.read_text("utf-8"))
    return found


def documented() -> set[Status]:
    """Return the error statuses of all operations. Each needs a key, which only some mention."""
    found = set[Status]()
    for path, verb, operation in openapi.operations(document()):
        statuses = {int(status) for status in operation["responses"] if int(status) >= 400}
        found |= {(verb.upper(), path, status) for status in statuses | {WITHOUT_KEY}}
    return found


def url_path(template: str) -> str:
    """Return a path with ids that do not exist."""
    return "/".join(UNKNOWN_ID if part.startswith("{") else part for part in template.split("/"))


def schema(method: str, template: str, status: int) -> Any:
    """Return the schema of an error. One that is not documented has the form of the operation's other errors."""
    responses = document()["paths"][template][method.lower()]["responses"]
    errors = {code: one["content"]["application/json"]["schema"] for code, one in responses.items() if code >= "400"}
    return errors.get(str(status)) or next(iter(errors.values()))


def check_body(method: str, template: str, status: int, body: Any) -> None:
    """Fail if an error does not have the documented form: flat, or nested in `error`, with a code and a message."""
    described = schema(method, template, status)
    jsonschema.validate(body, {**described, "components": document()["components"]})
    reference = described.get("$ref", "").rpartition("/")[2]
    properties = document()["components"]["schemas"][reference]["properties"] if reference else {}
    assert ("error" in body) == ("error" in properties) or not properties, (method, template, body)
    assert {*body.get("error", body)} == {"code", "message"}


@pytest.mark.emulator(rate_limits=LIMITS)
async def test_the_usual_mistakes_get_their_documented_status(emulator: Emulator, client: AsyncTwelveLabs) -> None:
    """The conversation of the drift check makes them. What it cannot make has a case below."""
    given = set[Status]()
    for exchanges in (await converse(emulator, client, STEPS)).exchanges.values():
        for exchange in exchanges:
            request, response = exchange.request, exchange.response
            found = openapi.find(document(), request.method, request.path)
            if found and response and response.status >= 400:
                given.add((request.method, found[0], response.status))
                check_body(request.method, found[0], response.status, response.body.value)
    special = ON_DEMAND | {BY_RATE_LIMITS, WITHOUT_KEY}
    missing = {one for one in documented() if one[2] not in special} - given
    assert missing == {case[:3] for case in CASES} | ELSEWHERE | NEVER


def test_a_wrong_key_is_refused_by_every_operation(emulator: Emulator, api: httpx.Client) -> None:
    for method, template, status in sorted(documented()):
        if status == WITHOUT_KEY:
            response = api.request(method, url_path(template), headers={"x-api-key": "tlk_other"})
            assert response.status_code == WITHOUT_KEY, template
            check_body(method, template, WITHOUT_KEY, response.json())


@pytest.mark.emulator(rate_limits=dict.fromkeys(LIMITS, (0, 60)))
def test_a_used_up_limit_is_refused_by_every_operation_that_documents_it(api: httpx.Client) -> None:
    """The body is empty where its description says so."""
    for method, template, status in sorted(documented()):
        if status == BY_RATE_LIMITS:
            response = api.request(method, url_path(template))
            assert (response.status_code, response.headers["retry-after"]) == (BY_RATE_LIMITS, "60"), template
            described = document()["paths"][template][method.lower()]["responses"]["429"]["description"]
            assert ("body is empty" in described) == (response.text == ""), template
            if response.text:
                check_body(method, template, BY_RATE_LIMITS, response.json())


async def test_failures_on_demand_are_errors_of_the_client(emulator: Emulator, connect: Connect) -> None:
    """Their bodies are nested in `error` where the file says so. Both forms have their code in the error."""
    error = {"code": "of_the_test", "message": "It has failed."}
    async with connect(emulator, max_retries=0) as client:
        for method, template, status in sorted(documented()):
            if status in ON_DEMAND:
                is_nested = schema(method, template, status).get("$ref", "").endswith("/ErrorResponse")
                body = {"error": error} if is_nested else error
                check_body(method, template, status, body)
                emulator.fail(method, url_path(template), status=status, body=body)
                with pytest.raises(APIStatusError) as caught:
                    await client.request(method, url_path(template))
                assert (caught.value.status_code, caught.value.code) == (status, "of_the_test"), template


def asset_in_use(emulator: Emulator, api: httpx.Client) -> httpx.Response:
    index_files(api, emulator, create_index(api), "dog.mp4")
    [asset] = emulator.assets
    return api.delete(f"/assets/{asset}")


def part_list(emulator: Emulator, api: httpx.Client) -> httpx.Response:
    body = {"filename": "dog.mp4", "type": "video", "total_size": 1}
    session = api.post("/assets/multipart-uploads", json=body).json()["upload_id"]
    return api.get(f"/assets/multipart-uploads/{session}", params={"page_limit": 51})


def transcription(emulator: Emulator, api: httpx.Client) -> httpx.Response:
    asset = upload(api, "dog.mp4")
    emulator.advance(60)
    return api.get(f"/assets/{asset}/transcription", params={"include": "barks"})


def task_in_progress(emulator: Emulator, api: httpx.Client) -> httpx.Response:
    body = {"video": {"type": "url", "url": "https://example.com/dog.mp4"}, "prompt": "?"}
    task = api.post("/analyze/tasks", json=body).json()["task_id"]
    emulator.advance(2)
    return api.delete(f"/analyze/tasks/{task}")


def add_batch(api: httpx.Client, asset: str) -> httpx.Response:
    item = {"video": {"type": "asset_id", "asset_id": asset}, "prompt": {"input_text": "?"}}
    body = {"model_name": "pegasus1.5", "analysis_mode": "general", "requests": [item]}
    return api.post("/analyze/batches", json=body)


def batch_of_a_new_asset(emulator: Emulator, api: httpx.Client) -> httpx.Response:
    return add_batch(api, upload(api, "dog.mp4"))


def batch_in_progress(emulator: Emulator, api: httpx.Client) -> httpx.Response:
    asset = upload(api, "dog.mp4")
    emulator.advance(60)
    return api.delete(f"/analyze/batches/{add_batch(api, asset).json()['batch_id']}")


def uncancelable(_: Emulator, api: httpx.Client) -> httpx.Response:
    return api.post("/analyze/tasks/no-id/cancel")


def expired_page(emulator: Emulator, api: httpx.Client) -> httpx.Response:
    store = api.post("/knowledge-stores", json={"name": "dogs"}).json()["_id"]
    assets = [upload(api, name) for name in ("dog.mp4", "cat.mp4")]
    emulator.advance(60)
    for asset in assets:
        api.post(f"/knowledge-stores/{store}/items", json={"asset_id": asset})
    emulator.advance(60)
    body = {"query": {"text": "dog"}, "page_size": 1}
    token = api.post(f"/knowledge-stores/{store}/search", json=body).json()["next_page_token"]
    emulator.advance(3600)
    return api.post(f"/knowledge-stores/{store}/search", json={**body, "page_token": token})


def connect_account(emulator: Emulator, api: httpx.Client) -> str:
    """Return the path of a new connection, which a user confirms in a browser."""
    body = {"provider": "google_drive", "redirect_uri": "https://example.com/done"}
    api.get(api.post("/connections:authorize", json=body).json()["authorize_url"])
    [connection] = emulator.state.connections
    return f"/connections/{connection}"


def import_nothing(emulator: Emulator, api: httpx.Client) -> httpx.Response:
    return api.post(f"{connect_account(emulator, api)}/imports", json={"items": []})


def import_page(emulator: Emulator, api: httpx.Client) -> httpx.Response:
    return api.get(f"{connect_account(emulator, api)}/imports", params={"page": 0})


def import_from_revoked(emulator: Emulator, api: httpx.Client) -> httpx.Response:
    path = connect_account(emulator, api)
    emulator.revoke(path.rpartition("/")[2])
    assert api.get(path).json()["status"] == "revoked"
    return api.post(f"{path}/imports", json={"items": [{"source_id": "dog.mp4"}]})


def pick_from_revoked(emulator: Emulator, api: httpx.Client) -> httpx.Response:
    path = connect_account(emulator, api)
    emulator.revoke(path.rpartition("/")[2])
    return api.post(f"{path}/picker-token")


def long_document(emulator: Emulator, api: httpx.Client) -> httpx.Response:
    content = base64.b64encode(b"%PDF-1.7\n<< /Type /Pages >>" + b"<< /Type /Page >>" * 17).decode()
    given = {"media_sources": [{"media_type": "document", "base64_string": content}]}
    return api.post("/embed-v2", json={"input_type": "multi_input", "model_name": "marengo3.5", "multi_input": given})


CASES: Final[list[tuple[str, str, int, str, Request]]] = [
    ("DELETE", "/assets/{asset_id}", 409, "asset_in_use", asset_in_use),
    ("GET", "/assets/multipart-uploads/{upload_id}", 400, "parameter_invalid", part_list),
    ("GET", "/assets/{asset_id}/transcription", 400, "parameter_invalid", transcription),
    ("DELETE", "/analyze/tasks/{task_id}", 409, "task_in_progress", task_in_progress),
    ("POST", "/analyze/batches", 409, "asset_not_ready", batch_of_a_new_asset),
    ("DELETE", "/analyze/batches/{batch_id}", 409, "batch_not_terminal", batch_in_progress),
    ("POST", "/analyze/tasks/{task_id}/cancel", 400, "parameter_invalid", uncancelable),
    ("POST", "/knowledge-stores/{knowledge_store_id}/search", 410, "page_token_expired", expired_page),
    ("POST", "/connections/{connection_id}/imports", 400, "parameter_invalid", import_nothing),
    ("GET", "/connections/{connection_id}/imports", 400, "parameter_invalid", import_page),
    ("POST", "/connections/{connection_id}/imports", 409, "connection_not_active", import_from_revoked),
    ("POST", "/connections/{connection_id}/picker-token", 409, "connection_not_active", pick_from_revoked),
    ("POST", "/embed-v2", 413, "content_too_large", long_document),
]


@pytest.mark.parametrize(("method", "template", "status", "code", "request_of"), CASES)
def test_further_refusals_have_their_documented_status(
    emulator: Emulator, api: httpx.Client, method: str, template: str, status: int, code: str, request_of: Request
) -> None:
    response = request_of(emulator, api)
    body = response.json()
    assert (response.status_code, body.get("error", body)["code"]) == (status, code)
    check_body(method, template, status, body)
