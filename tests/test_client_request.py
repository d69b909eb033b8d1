"""`client.request`: endpoints that have no method."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from twelvelabs_async import (
    APIResponseError,
    AsyncTwelveLabs,
    BadRequestError,
    IndexesCreateResponse,
    IndexSchema,
    InternalServerError,
    RateLimitCategory,
    TwelveLabs,
)
from twelvelabs_async.resources.requests import category_of

from support.clients import Connect
from support.clock import Clock
from support.recorder import OBJECT, Recorder
from support.samples import MODELS
from support.three_clients import METHODS, Clients, required_arguments


@attrs.define
class Named:
    name: str


async def test_any_endpoint_is_called_by_its_path(client: AsyncTwelveLabs) -> None:
    made = await client.request("POST", "/indexes", json={"index_name": "talks", "models": MODELS})
    found = await client.request("get", f"indexes/{made['_id']}", into=IndexSchema)
    assert (type(found), found.index_name) == (IndexSchema, "talks")
    listed = await client.request("GET", "/indexes", query={"page_limit": 5, "index_name": None})
    assert [index["_id"] for index in listed["data"]] == [made["_id"]]
    assert await client.request("DELETE", f"/indexes/{made['_id']}") is None
    with pytest.raises(BadRequestError) as caught:
        await client.request("GET", f"/indexes/{made['_id']}")
    assert str(caught.value).startswith(f"GET /indexes/{made['_id']}: status 400")


def test_the_blocking_client_has_it_too(sync_client: TwelveLabs) -> None:
    body = {"index_name": "talks", "models": MODELS}
    made = sync_client.with_raw_response.request("POST", "/indexes", json=body, into=IndexesCreateResponse)
    assert made.status_code == 201
    assert sync_client.indexes.retrieve(made.data.id or "").index_name == "talks"


async def test_forms_files_headers_and_models_are_sent(recorder: Recorder, connect: Connect) -> None:
    async with connect(recorder) as client:
        await client.request("POST", "/new", form={"a": 1, "b": None}, files={"file": ("a.mp4", b"...")})
        await client.request("PUT", "/new", json=IndexSchema(id="i1"), headers={"x-own": "1"})
        await client.request("PATCH", "/new", json=[1, IndexSchema(id="i1")])
    form, model, items = recorder.requests
    assert [(part.name, part.filename, part.content) for part in form.parts] == [
        ("a", None, b"1"),
        ("file", "a.mp4", b"..."),
    ]
    assert (model.json, model.headers["x-own"], model.headers["x-api-key"]) == ({"_id": "i1"}, "1", "key")
    assert items.json == [1, {"_id": "i1"}]


@pytest.mark.parametrize(
    ("method", "settings", "requests"),
    [
        ("GET", {}, 2),
        ("PUT", {}, 2),
        ("POST", {}, 1),
        ("POST", {"is_idempotent": True}, 2),
        ("POST", {"headers": {"Idempotency-Key": "k1"}}, 2),
        ("DELETE", {"is_idempotent": False}, 1),
    ],
)
async def test_only_what_may_be_processed_twice_is_retried(
    method: str, settings: dict[str, Any], requests: int, recorder: Recorder, connect: Connect, autojump_clock: Clock
) -> None:
    recorder.respond_next({}, status=500)
    async with connect(recorder) as client:
        if requests == 1:
            with pytest.raises(InternalServerError):
                await client.request(method, "/new", **settings)
        else:
            assert await client.request(method, "/new", **settings) is not None
    assert len(recorder.requests) == requests


@pytest.mark.parametrize(
    "path",
    [
        "https://example.com/indexes",
        "http://127.0.0.1.example.com/v1.3/indexes",
        "/../v2/indexes",
        "/indexes?page=2",
        "/indexes#a",
        "",
        "/",
        None,
    ],
)
async def test_a_path_stays_below_the_base_url(path: Any, recorder: Recorder, connect: Connect) -> None:
    async with connect(recorder) as client:
        with pytest.raises((ValueError, TypeError), match="path must be a path below base_url"):
            await client.request("GET", path)
        await client.request("GET", f"{recorder.url}/a b/é")
        await client.request("GET", "//example.com/indexes")
    assert [request.path for request in recorder.requests] == ["/v1.3/a%20b/%C3%A9", "/v1.3/example.com/indexes"]


async def test_arguments_are_validated(recorder: Recorder, connect: Connect) -> None:
    async with connect(recorder) as client:
        with pytest.raises(ValueError, match="method must be one of GET, POST"):
            await client.request("FETCH", "/new")
        with pytest.raises(ValueError, match="json and form are both given"):
            await client.request("POST", "/new", json={}, form={})
        with pytest.raises(ValueError, match="headers: 'a b' must be ASCII"):
            await client.request("GET", "/new", headers={"a b": "1"})
    assert not recorder.requests


async def test_a_result_is_json_or_an_instance_of_a_class(recorder: Recorder, connect: Connect) -> None:
    async with connect(recorder) as client:
        recorder.respond_next([1, "a"])
        assert await client.request("GET", "/new") == [1, "a"]
        recorder.respond_next({"name": "a"})
        assert await client.request("GET", "/new", into=Named) == Named("a")
        recorder.respond_next(OBJECT)
        with pytest.raises(APIResponseError, match="does not fit Named"):
            await client.request("GET", "/new", into=Named)
        recorder.respond_next([])
        with pytest.raises(APIResponseError, match="GET /new: the response is not a JSON object"):
            await client.request("GET", "/new", into=IndexSchema)


def test_a_request_counts_against_the_limit_of_its_method(clients: Clients) -> None:
    """The categories by path are those that the methods state."""
    counted: list[RateLimitCategory] = []

    async def limiter(category: RateLimitCategory) -> None:
        counted.append(category)

    clients.aio = clients.aio.with_options(limiter=limiter)
    for name in METHODS:
        [request] = clients.async_requests(name, required_arguments(name))
        assert category_of(request.method, request.path.removeprefix("/v1.3")) == counted.pop(), name
