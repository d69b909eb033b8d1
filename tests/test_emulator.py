"""Requests that the emulator refuses, jobs, lists, searches and analyses."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest

from twelvelabs_async.testing import Emulator
from twelvelabs_async.testing.webhooks import event

from support.plain_http import MARENGO, connect, create_index, error, index_files, upload

INVALID, MISSING, UNKNOWN = "parameter_invalid", "parameter_not_provided", "resource_not_exist"


def test_requests_need_the_api_key(emulator: Emulator, api: httpx.Client) -> None:
    """A missing or wrong key is refused with 401."""
    assert error(httpx.get(f"{emulator.url}/indexes")) == (401, "api_key_invalid")
    assert error(api.get("/indexes", headers={"x-api-key": "other"})) == (401, "api_key_invalid")


def test_responses_name_the_version_and_the_request(api: httpx.Client) -> None:
    """Each response has the API's version and an id of its own."""
    first, second = api.get("/indexes").headers, api.get("/nowhere").headers
    assert first["X-Api-Version"] == second["X-Api-Version"] == "v1.3"
    assert first["X-Request-Id"] != second["X-Request-Id"]


def test_requests_are_recorded(emulator: Emulator, api: httpx.Client) -> None:
    """The log has the method, path, query, headers, body and response status of each request."""
    api.get("/indexes", params=[("page", "1"), ("a[b]", "c d")])
    create_index(api, "a")
    upload(api, "a.mp4", b"123")
    listed, created, uploaded = emulator.requests
    assert (listed.method, listed.path, listed.status) == ("GET", "/indexes", 200)
    assert listed.query == [("page", "1"), ("a[b]", "c d")]
    assert listed.headers["X-API-KEY"] == emulator.api_key
    assert (created.json["index_name"], created.status) == ("a", 201)
    assert created.size == int(created.headers["Content-Length"])
    assert uploaded.form == [("method", "direct"), ("file", "a.mp4")]


@pytest.mark.parametrize(
    ("method", "path", "body", "refusal"),
    [
        ("POST", "/indexes", {}, (400, MISSING)),
        ("POST", "/indexes", [], (400, INVALID)),
        ("POST", "/indexes", {"index_name": "a", "models": []}, (400, INVALID)),
        ("POST", "/indexes", {"index_name": "clips", "models": MARENGO}, (400, "index_name_already_exists")),
        (
            "POST",
            "/indexes",
            {"index_name": "a", "models": [{"model_name": "x", "model_options": ["visual"]}]},
            (400, INVALID),
        ),
        (
            "POST",
            "/indexes",
            {"index_name": "a", "models": [{"model_name": "pegasus1.2", "model_options": ["text"]}]},
            (400, INVALID),
        ),
        ("GET", "/indexes?page_limit=51", None, (400, INVALID)),
        ("GET", "/indexes?page=0", None, (400, INVALID)),
        ("GET", "/indexes?sort_by=name", None, (400, INVALID)),
        ("GET", "/indexes?created_at=yesterday", None, (400, INVALID)),
        ("GET", "/indexes/0", None, (400, UNKNOWN)),
        ("GET", "/assets/0", None, (404, UNKNOWN)),
        ("DELETE", "/assets/0", None, (400, UNKNOWN)),
        ("PATCH", "/assets/0/user-metadata", {"user_metadata": {}}, (404, UNKNOWN)),
        ("GET", "/indexes?page=1e999", None, (400, INVALID)),
        ("POST", "/indexes/0/indexed-assets", {"asset_id": "0"}, (404, UNKNOWN)),
        ("GET", "/nowhere", None, (404, UNKNOWN)),
        ("PUT", "/assets", None, (405, UNKNOWN)),
        ("POST", "/assets/multipart-uploads", {"filename": "a"}, (400, MISSING)),
        (
            "POST",
            "/assets/multipart-uploads",
            {"filename": "a", "type": "image", "total_size": 33_000_000},
            (400, INVALID),
        ),
        ("GET", "/assets/multipart-uploads/0", None, (404, UNKNOWN)),
        ("POST", "/analyze", {"prompt": "?"}, (400, MISSING)),
        ("POST", "/analyze", {"prompt": "?", "temperature": 10**400}, (400, INVALID)),
        ("POST", "/analyze", {"prompt": "?", "video": {"type": "url"}}, (400, INVALID)),
        ("POST", "/analyze", {"prompt": "?", "video": {"type": "asset_id", "asset_id": "0"}}, (404, UNKNOWN)),
    ],
)
def test_invalid_requests_are_refused(
    api: httpx.Client, method: str, path: str, body: Any, refusal: tuple[int, str]
) -> None:
    """A request that the API refuses is refused with the documented status and code."""
    create_index(api)
    assert error(api.request(method, path, json=body)) == refusal


def test_errors_name_the_parameter_and_the_reason(api: httpx.Client) -> None:
    """The message of an error names the parameter, what it must be, and the value."""
    body = {"index_name": "a", "models": [{"model_name": "marengo1", "model_options": ["visual"]}]}
    message = api.post("/indexes", json=body).json()["message"]
    assert message.startswith("The model_name parameter is invalid: it must be one of marengo3.0, marengo3.5")
    assert message.endswith("; got 'marengo1'.")


def test_user_metadata_holds_scalars_and_lists_of_strings(api: httpx.Client) -> None:
    """Objects, lists of numbers and integers beyond 2^53 - 1 are refused."""
    path = f"/assets/{upload(api, 'a.mp4')}/user-metadata"
    for value in ({"a": 1}, [1], 2**53):
        assert error(api.put(path, json={"user_metadata": {"key": value}})) == (400, INVALID)
    for value in ("a", 1, 0.5, True, ["a"], 2**53 - 1):
        assert api.put(path, json={"user_metadata": {"key": value}}).is_success


def test_an_asset_is_indexed_only_when_it_is_ready(emulator: Emulator, api: httpx.Client) -> None:
    """An asset that is still processed is refused."""
    path, asset = f"/indexes/{create_index(api)}/indexed-assets", upload(api, "a.mp4")
    assert error(api.post(path, json={"asset_id": asset})) == (400, INVALID)
    emulator.advance(2)
    assert api.post(path, json={"asset_id": asset}).status_code == 202


def test_jobs_fail_as_scripted(emulator: Emulator, api: httpx.Client) -> None:
    """A script makes the jobs of a file name or pattern fail, with its reason where the API shows one."""
    emulator.understand("bad.*", fail="not a video", at="processing")
    emulator.understand("dull.mp4", fail="nothing to see")
    bad, index_id = upload(api, "bad.mp4"), create_index(api)
    (dull,) = index_files(api, emulator, index_id, "dull.mp4")
    shown = api.get(f"/assets/{bad}").json()
    assert (shown["status"], shown["error"]) == ("failed", {"message": "not a video"})
    assert api.get(f"/indexes/{index_id}/indexed-assets/{dull}").json()["status"] == "failed"


@pytest.mark.emulator(processing_time=lambda name: 5 if name == "long.mp4" else 0)
def test_durations_may_depend_on_the_file(emulator: Emulator, api: httpx.Client) -> None:
    """A function of the file name sets how long a job takes."""
    short, long = upload(api, "short.mp4"), upload(api, "long.mp4")
    assert api.get(f"/assets/{short}").json()["status"] == "ready"
    emulator.advance(4.9)
    assert api.get(f"/assets/{long}").json()["status"] == "processing"
    emulator.advance(0.1)
    assert api.get(f"/assets/{long}").json()["status"] == "ready"


@pytest.mark.emulator(speed=1000, processing_time=20)
def test_the_clock_runs_at_the_given_speed(api: httpx.Client) -> None:
    """With a speed above 0, jobs end without `advance`."""
    asset, deadline = upload(api, "a.mp4"), time.monotonic() + 10
    while api.get(f"/assets/{asset}").json()["status"] != "ready":
        assert time.monotonic() < deadline


def test_an_index_expires_after_90_days(emulator: Emulator, api: httpx.Client) -> None:
    """An expired index does not exist."""
    index_id = create_index(api)
    emulator.advance(90 * 24 * 3600 - 1)
    assert api.get(f"/indexes/{index_id}").is_success
    emulator.advance(1)
    assert error(api.get(f"/indexes/{index_id}")) == (400, UNKNOWN)


def test_lists_filter_by_user_metadata(emulator: Emulator, api: httpx.Client) -> None:
    """Keys of metadata stand at the query's root or in brackets; their values have any type."""
    path, metadata = f"/indexes/{(index_id := create_index(api))}/indexed-assets", {"n": 5, "ok": True, "s": "a b"}
    (item,) = index_files(api, emulator, index_id, "a.mp4", user_metadata={**metadata, "tags": ["x", "y"]})
    for query in ("n=5", "n=5.0", "ok=true", "tags=y", "s=a+b", "user_metadata[n]=5", "user_metadata%5Bok%5D=true"):
        assert [found["_id"] for found in api.get(f"{path}?{query}").json()["data"]] == [item], query
    for query in ("n=6", "ok=True", "ok=1", "other=5", "user_metadata[s]=b", "n=5&ok=false"):
        assert api.get(f"{path}?{query}").json()["data"] == [], query


def test_invalid_filters_are_refused(api: httpx.Client) -> None:
    """Filters with invalid values, bounds or times fail with 400."""
    path = f"/indexes/{create_index(api)}/indexed-assets"
    for query in ("status=done", "duration=long", "duration[gt]=1", "created_at=1", "page_limit=0"):
        assert error(api.get(f"{path}?{query}")) == (400, INVALID), query


def test_lists_have_pages(api: httpx.Client) -> None:
    """A page has its number and the totals; a page after the last one is empty."""
    for number in range(5):
        create_index(api, str(number))
    page = api.get("/indexes", params={"page": 3, "page_limit": 2}).json()
    assert page["page_info"] == {"page": 3, "limit_per_page": 2, "total_page": 3, "total_results": 5}
    assert len(page["data"]) == 1
    assert api.get("/indexes", params={"page": 4, "page_limit": 2}).json()["data"] == []


def test_lists_of_thousands_are_fast(emulator: Emulator, api: httpx.Client) -> None:
    """Twenty pages of 1,000 indexed assets take less than five seconds of CPU time."""
    index_id, asset = create_index(api), upload(api, "a.mp4")
    emulator.advance(60)
    for _ in range(1000):
        api.post(f"/indexes/{index_id}/indexed-assets", json={"asset_id": asset})
    query = {"status": "ready", "sort_by": "updated_at", "page_limit": 50}
    emulator.advance(60)
    start = time.process_time()
    for page in range(1, 21):
        found = api.get(f"/indexes/{index_id}/indexed-assets", params={**query, "page": page}).json()["data"]
        assert len(found) == 50
    assert time.process_time() - start < 5


def search(api: httpx.Client, index_id: str, text: str, **fields: Any) -> httpx.Response:
    """Search for a text, by the option `visual` unless *fields* say otherwise."""
    data = {"index_id": index_id, "search_options": ["visual"], "query_text": text, **fields}
    values = {name: value if isinstance(value, list) else [value] for name, value in data.items()}
    return api.post("/search", files=[(name, (None, part)) for name, parts in values.items() for part in parts])


def test_search_ranks_by_shared_words(emulator: Emulator, api: httpx.Client) -> None:
    """A clip with more words of the query ranks higher; scripted words count like those of the name.

    Every search ranks all clips.
    """
    index_id = create_index(api)
    emulator.understand("z.mp4", text="A dog and a cat")
    dog, cat = index_files(api, emulator, index_id, "dog.mp4", "z.mp4")
    found = search(api, index_id, "dog cat", group_by="video").json()
    assert [video["id"] for video in found["data"]] == [cat, dog]
    horses = search(api, index_id, "horse").json()
    assert {clip["video_id"] for clip in horses["data"]} == {cat, dog}
    assert found["search_pool"]["total_count"] == 2


def test_the_operator_and_requires_every_option(emulator: Emulator, api: httpx.Client) -> None:
    """With `and`, a hit has words of the query in every search option."""
    index_id, both = create_index(api), ["visual", "transcription"]
    emulator.understand("dog.mp4", transcription=[(7.0, 8.0, "good dog")])
    index_files(api, emulator, index_id, "dog.mp4")
    every = search(api, index_id, "dog", search_options=both, operator="and").json()["data"]
    assert [(clip["start"], clip["transcription"]) for clip in every] == [(6.0, "good dog")]
    assert len(search(api, index_id, "dog", search_options=both).json()["data"]) > 1


@pytest.mark.parametrize(
    ("filter_", "count"),
    [
        ({"duration": {"gte": 1}}, 2),
        ({"width": 1280, "filename": "dog a.mp4"}, 1),
        ({"year": {"lte": 1999}}, 2),
        ({"ok": True}, 2),
        ({"ok": 1}, 0),
        ({"id": []}, 0),
        ({"year": 2000}, 0),
    ],
)
def test_search_filters_by_metadata(emulator: Emulator, api: httpx.Client, filter_: dict[str, Any], count: int) -> None:
    """A filter names facts of the file or keys of user metadata."""
    index_id = create_index(api)
    index_files(api, emulator, index_id, "dog a.mp4", "dog b.mp4", user_metadata={"year": 1999, "ok": True})
    found = search(api, index_id, "dog", group_by="video", filter=json.dumps(filter_)).json()
    assert len(found["data"]) == count


def test_page_tokens_of_a_search_expire(emulator: Emulator, api: httpx.Client) -> None:
    """A token leads to the next or previous page, until an hour has passed or the index has changed."""
    index_id = create_index(api)
    index_files(api, emulator, index_id, "dog.mp4")
    first = search(api, index_id, "dog", page_limit="1").json()
    second = api.get(f"/search/{first['page_info']['next_page_token']}").json()
    assert second["data"][0]["rank"] == 2
    assert api.get(f"/search/{second['page_info']['prev_page_token']}").json()["data"] == first["data"]
    token = second["page_info"]["next_page_token"]
    emulator.advance(3600)
    assert api.get(f"/search/{token}").status_code == 400
    again = search(api, index_id, "dog", page_limit="1").json()["page_info"]["next_page_token"]
    assert api.get(f"/search/{again}").is_success
    index_files(api, emulator, index_id, "cat.mp4")
    assert api.get(f"/search/{again}").status_code == 400


def test_invalid_searches_are_refused(api: httpx.Client) -> None:
    """A search needs an index, search options, and a query. `test_refusals.py` has what else is refused."""
    index_id = create_index(api)
    assert error(search(api, "0", "dog")) == (404, UNKNOWN)
    assert error(search(api, index_id, "")) == (400, MISSING)
    assert error(search(api, index_id, "dog", search_options=[])) == (400, MISSING)
    assert error(search(api, index_id, "", query_media_type="image")) == (400, MISSING)


VIDEO = {"type": "url", "url": "https://example.com/cat.mp4"}


@pytest.mark.parametrize(("given", "most"), [({"max_tokens": 512}, 512), ({}, 4096)])
def test_answers_are_truncated_at_max_tokens(
    emulator: Emulator, api: httpx.Client, given: dict[str, int], most: int
) -> None:
    """A longer answer ends at the limit and has the finish reason `length`, streamed or not."""
    emulator.understand("cat.mp4", text="word " * 4000)
    body = {"video": VIDEO, "prompt": "?", **given}
    whole = api.post("/analyze", json={**body, "stream": False}).json()
    events = [json.loads(line) for line in api.post("/analyze", json=body).text.splitlines()]
    assert (whole["finish_reason"], whole["usage"]["output_tokens"], "error" in whole) == ("length", most, True)
    assert (events[-1]["finish_reason"], events[-1]["metadata"]["usage"]) == ("length", whole["usage"])
    assert "".join(event["text"] for event in events[1:-1]) == whole["data"]


def test_an_index_with_pegasus_too_is_indexed_with_marengo(emulator: Emulator, api: httpx.Client) -> None:
    """The event of an indexed asset names the model that it was indexed with (docs: Create an indexed asset)."""
    index = emulator.state.add_index("old", [("marengo3.0", ["visual"]), ("pegasus1.2", ["visual"])], [])
    asset = upload(api, "a.mp4")
    emulator.advance(60)
    item = api.post(f"/indexes/{index.id}/indexed-assets", json={"asset_id": asset}).json()["_id"]
    emulator.advance(60)
    assert event(emulator.state, item)["data"]["models"] == [{"name": "marengo3.0", "options": ["visual"]}]


def test_images_are_analyzed(api: httpx.Client) -> None:
    """An analysis of images describes the first one."""
    images = [{"name": "a", "url": "https://example.com/moon.png"}]
    body = {"model_name": "pegasus1.6", "image": images, "prompt": "?", "stream": False}
    assert "moon" in api.post("/analyze", json=body).json()["data"]


def test_two_emulators_create_the_same_ids() -> None:
    """Ids count up from the same number in every emulator, and have 24 digits."""
    seen = []
    for _ in range(2):
        with Emulator() as emulator, connect(emulator) as api:
            seen.append([create_index(api), upload(api, "a.mp4")])
    assert seen[0] == seen[1]
    assert len(seen[0][0]) == 24
