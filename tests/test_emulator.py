"""The emulator refuses what the API refuses, fails on request, and starts and stops cleanly."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import aiohttp
import httpx
import pytest

from twelvelabs_async.testing import Emulator

pytest_plugins = ["pytester"]

MARENGO = [{"model_name": "marengo3.0", "model_options": ["visual", "audio"]}]


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(speed=0, chunk_size=1000, urls_per_session=2, rate_limits={"search": (2, 60)}) as emulator:
        yield emulator


def connect(emulator: Emulator) -> httpx.Client:
    # Without `verify`, loading certificates would take longer than a test.
    return httpx.Client(base_url=emulator.url, headers={"x-api-key": emulator.api_key}, verify=False)


@pytest.fixture
def api(emulator: Emulator) -> Iterator[httpx.Client]:
    with connect(emulator) as api:
        yield api


def create_index(api: httpx.Client, name: str = "clips") -> str:
    return str(api.post("/indexes", json={"index_name": name, "models": MARENGO}).json()["_id"])


def upload(api: httpx.Client, filename: str, content: bytes = b"", **fields: str) -> str:
    files = {"file": (filename, content)}
    return str(api.post("/assets", data={"method": "direct", **fields}, files=files).json()["_id"])


def index(api: httpx.Client, emulator: Emulator, index_id: str, *filenames: str, **fields: Any) -> list[str]:
    """Upload and index files, and wait until the jobs are done."""
    assets = [upload(api, filename) for filename in filenames]
    emulator.advance(60)
    items = [api.post(f"/indexes/{index_id}/indexed-assets", json={"asset_id": asset, **fields}) for asset in assets]
    emulator.advance(60)
    return [item.json()["_id"] for item in items]


def error(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


class TestRequests:
    def test_key(self, emulator: Emulator, api: httpx.Client) -> None:
        """A missing or wrong key is refused."""
        assert error(httpx.get(f"{emulator.url}/indexes")) == (401, "api_key_invalid")
        assert error(api.get("/indexes", headers={"x-api-key": "other"})) == (401, "api_key_invalid")

    def test_headers(self, api: httpx.Client) -> None:
        """Each answer names the API's version and its request."""
        first, second = api.get("/indexes").headers, api.get("/nowhere").headers
        assert first["X-Api-Version"] == second["X-Api-Version"] == "v1.3"
        assert first["X-Request-Id"] != second["X-Request-Id"]

    def test_record(self, emulator: Emulator, api: httpx.Client) -> None:
        """What was received is on record: what was asked, with what, and how it was answered."""
        api.get("/indexes", params=[("page", "1"), ("a[b]", "c d")])
        create_index(api, "a")
        upload(api, "a.mp4", b"123")
        first, second, third = emulator.requests
        assert (first.method, first.path, first.query, first.status) == (
            "GET",
            "/indexes",
            [("page", "1"), ("a[b]", "c d")],
            200,
        )
        assert (second.json["index_name"], second.status, second.size) == (
            "a",
            201,
            int(second.headers["Content-Length"]),
        )
        assert third.form == [("method", "direct"), ("file", "a.mp4")]
        assert first.headers["X-API-KEY"] == emulator.api_key

    @pytest.mark.parametrize(
        ("method", "path", "body", "refusal"),
        [
            ("POST", "/indexes", {}, (400, "parameter_not_provided")),
            ("POST", "/indexes", [], (400, "parameter_invalid")),
            ("POST", "/indexes", {"index_name": "a", "models": []}, (400, "parameter_invalid")),
            ("POST", "/indexes", {"index_name": "clips", "models": MARENGO}, (400, "index_name_already_exists")),
            (
                "POST",
                "/indexes",
                {"index_name": "a", "models": [{"model_name": "x", "model_options": ["visual"]}]},
                (400, "parameter_invalid"),
            ),
            (
                "POST",
                "/indexes",
                {"index_name": "a", "models": [{"model_name": "pegasus1.2", "model_options": ["text"]}]},
                (400, "parameter_invalid"),
            ),
            ("GET", "/indexes?page_limit=51", None, (400, "parameter_invalid")),
            ("GET", "/indexes?page=0", None, (400, "parameter_invalid")),
            ("GET", "/indexes?sort_by=name", None, (400, "parameter_invalid")),
            ("GET", "/indexes?created_at=yesterday", None, (400, "parameter_invalid")),
            ("GET", "/indexes/0", None, (400, "resource_not_exist")),
            ("GET", "/assets/0", None, (404, "resource_not_exist")),
            ("DELETE", "/assets/0", None, (400, "resource_not_exist")),
            ("PATCH", "/assets/0/user-metadata", {"user_metadata": {}}, (404, "resource_not_exist")),
            ("POST", "/indexes/0/indexed-assets", {"asset_id": "0"}, (404, "resource_not_exist")),
            ("GET", "/nowhere", None, (404, "resource_not_exist")),
            ("PUT", "/assets", None, (405, "resource_not_exist")),
            ("POST", "/assets/multipart-uploads", {"filename": "a"}, (400, "parameter_not_provided")),
            (
                "POST",
                "/assets/multipart-uploads",
                {"filename": "a", "type": "image", "total_size": 33_000_000},
                (400, "parameter_invalid"),
            ),
            ("GET", "/assets/multipart-uploads/0", None, (404, "resource_not_exist")),
            ("POST", "/analyze", {"prompt": "?"}, (400, "parameter_not_provided")),
            ("POST", "/analyze", {"prompt": "?", "video": {"type": "url"}}, (400, "parameter_invalid")),
            (
                "POST",
                "/analyze",
                {"prompt": "?", "video": {"type": "asset_id", "asset_id": "0"}},
                (404, "resource_not_exist"),
            ),
        ],
    )
    def test_refusals(self, api: httpx.Client, method: str, path: str, body: Any, refusal: tuple[int, str]) -> None:
        """What the API would refuse is refused, with the documented status and code."""
        create_index(api)
        assert error(api.request(method, path, json=body)) == refusal

    def test_metadata_values(self, api: httpx.Client) -> None:
        """Metadata holds strings, numbers, booleans and lists of strings, and no integers that lose digits."""
        path = f"/assets/{upload(api, 'a.mp4')}/user-metadata"
        for value in ({"a": 1}, [1], 2**53):
            assert error(api.put(path, json={"user_metadata": {"key": value}})) == (400, "parameter_invalid")
        for value in ("a", 1, 0.5, True, ["a"], 2**53 - 1):
            assert api.put(path, json={"user_metadata": {"key": value}}).is_success


class TestJobs:
    def test_unready_asset(self, emulator: Emulator, api: httpx.Client) -> None:
        """An asset can be indexed when it is ready, and not before."""
        path, asset = f"/indexes/{create_index(api)}/indexed-assets", upload(api, "a.mp4")
        assert error(api.post(path, json={"asset_id": asset})) == (400, "parameter_invalid")
        emulator.advance(2)
        assert api.post(path, json={"asset_id": asset}).status_code == 202

    def test_failures(self, emulator: Emulator, api: httpx.Client) -> None:
        """Jobs fail where a script says so, by name or by pattern, with its reason where the API has a place for it."""
        emulator.understand("bad.*", fail="not a video", at="processing")
        emulator.understand("dull.mp4", fail="nothing to see")
        bad, index_id = upload(api, "bad.mp4"), create_index(api)
        (dull,) = index(api, emulator, index_id, "dull.mp4")
        shown = api.get(f"/assets/{bad}").json()
        assert (shown["status"], shown["error"]) == ("failed", {"message": "not a video"})
        assert api.get(f"/indexes/{index_id}/indexed-assets/{dull}").json()["status"] == "failed"

    def test_times(self) -> None:
        """How long a job takes may depend on the file."""
        with (
            Emulator(speed=0, processing_time=lambda name: 5 if name == "long.mp4" else 0) as emulator,
            connect(emulator) as api,
        ):
            short, long = upload(api, "short.mp4"), upload(api, "long.mp4")
            assert api.get(f"/assets/{short}").json()["status"] == "ready"
            emulator.advance(4.9)
            assert api.get(f"/assets/{long}").json()["status"] == "processing"
            emulator.advance(0.1)
            assert api.get(f"/assets/{long}").json()["status"] == "ready"

    def test_speed(self) -> None:
        """The clock runs by itself, as fast as asked."""
        with (
            Emulator(speed=1000, processing_time=20) as emulator,
            connect(emulator) as api,
        ):
            asset = upload(api, "a.mp4")
            deadline = time.monotonic() + 10
            while api.get(f"/assets/{asset}").json()["status"] != "ready":
                assert time.monotonic() < deadline

    def test_expiry(self, emulator: Emulator, api: httpx.Client) -> None:
        """An index lives for 90 days."""
        index_id = create_index(api)
        emulator.advance(90 * 24 * 3600 - 1)
        assert api.get(f"/indexes/{index_id}").is_success
        emulator.advance(1)
        assert error(api.get(f"/indexes/{index_id}")) == (400, "resource_not_exist")


class TestLists:
    def test_metadata_filters(self, emulator: Emulator, api: httpx.Client) -> None:
        """Metadata is filtered by names at the query's root and in brackets, whatever type the value has."""
        index_id = create_index(api)
        (item,) = index(
            api, emulator, index_id, "a.mp4", user_metadata={"n": 5, "ok": True, "tags": ["x", "y"], "s": "a b"}
        )
        path = f"/indexes/{index_id}/indexed-assets"
        for query in ("n=5", "n=5.0", "ok=true", "tags=y", "s=a+b", "user_metadata[n]=5", "user_metadata%5Bok%5D=true"):
            assert [found["_id"] for found in api.get(f"{path}?{query}").json()["data"]] == [item], query
        for query in ("n=6", "ok=True", "ok=1", "other=5", "user_metadata[s]=b", "n=5&ok=false"):
            assert api.get(f"{path}?{query}").json()["data"] == [], query

    def test_bad_filters(self, api: httpx.Client) -> None:
        """A filter that makes no sense is refused."""
        path = f"/indexes/{create_index(api)}/indexed-assets"
        for query in ("status=done", "duration=long", "duration[gt]=1", "created_at=1", "page_limit=0"):
            assert error(api.get(f"{path}?{query}")) == (400, "parameter_invalid"), query

    def test_pages(self, api: httpx.Client) -> None:
        """Pages are counted, and there is nothing past the end."""
        for number in range(5):
            create_index(api, str(number))
        page = api.get("/indexes", params={"page": 3, "page_limit": 2}).json()
        assert page["page_info"] == {"page": 3, "limit_per_page": 2, "total_page": 3, "total_results": 5}
        assert len(page["data"]) == 1
        assert api.get("/indexes", params={"page": 4, "page_limit": 2}).json()["data"] == []

    def test_thousands(self, emulator: Emulator, api: httpx.Client) -> None:
        """An index of thousands is listed in a blink."""
        index_id, asset = create_index(api), upload(api, "a.mp4")
        emulator.advance(60)
        for _ in range(1000):
            api.post(f"/indexes/{index_id}/indexed-assets", json={"asset_id": asset})
        query = {"status": "ready", "sort_by": "updated_at", "page_limit": 50}
        emulator.advance(60)
        start = time.perf_counter()
        for page in range(1, 21):
            assert (
                len(api.get(f"/indexes/{index_id}/indexed-assets", params={**query, "page": page}).json()["data"]) == 50
            )
        assert time.perf_counter() - start < 5


class TestUploads:
    @pytest.fixture
    def session(self, api: httpx.Client) -> Any:
        body = {"filename": "a.mp4", "type": "video", "total_size": 2500}
        return api.post("/assets/multipart-uploads", json=body).json()

    def put(self, session: Any, chunk: int, content: bytes, **headers: str) -> httpx.Response:
        url = next(part["url"] for part in session["upload_urls"] if part["chunk_index"] == chunk)
        return httpx.put(url, content=content, headers={**session["upload_headers"], **headers})

    def report(self, api: httpx.Client, session: Any, chunk: int, etag: str, size: int = 1000) -> httpx.Response:
        part = {"chunk_index": chunk, "proof": etag, "proof_type": "etag", "chunk_size": size}
        return api.post(f"/assets/multipart-uploads/{session['upload_id']}", json={"completed_chunks": [part]})

    def test_other_origin(self, emulator: Emulator, session: Any) -> None:
        """Parts go to another origin than the API's."""
        assert httpx.URL(session["upload_urls"][0]["url"]).port != httpx.URL(emulator.url).port

    def test_single_use(self, session: Any) -> None:
        """A part's URL takes one upload."""
        assert self.put(session, 1, bytes(1000)).headers["ETag"].startswith('"')
        assert self.put(session, 1, bytes(1000)).status_code == 403

    def test_refused_parts(self, session: Any) -> None:
        """Storage takes no API key, no other size, no missing header, and nothing of unknown length."""
        assert self.put(session, 1, bytes(1000), **{"x-api-key": "secret"}).status_code == 403
        assert self.put(session, 1, bytes(999)).status_code == 400
        assert self.put({**session, "upload_headers": {}}, 1, bytes(1000)).status_code == 403
        assert self.put(session, 1, iter([bytes(1000)])).status_code == 411  # type: ignore[arg-type]
        assert self.put(session, 1, bytes(1000)).status_code == 200

    def test_expiry(self, emulator: Emulator, api: httpx.Client, session: Any) -> None:
        """A URL lives for an hour, a session for a day; the asset that never came has failed."""
        emulator.advance(3600)
        assert self.put(session, 1, bytes(1000)).status_code == 403
        path = f"/assets/multipart-uploads/{session['upload_id']}"
        fresh = api.post(f"{path}/presigned-urls", json={"start": 1, "count": 3}).json()
        assert self.put({**session, **fresh}, 1, bytes(1000)).status_code == 200
        emulator.advance(23 * 3600)
        assert api.get(path).json()["status"] == "expired"
        assert api.post(f"{path}/presigned-urls", json={"start": 1, "count": 1}).status_code == 400
        assert api.get(f"/assets/{session['asset_id']}").json()["status"] == "failed"

    def test_reports(self, api: httpx.Client, session: Any) -> None:
        """A report needs the part's true ETag and size."""
        assert self.report(api, session, 1, "0" * 32).status_code == 400
        etag = self.put(session, 1, bytes(1000)).headers["ETag"].strip('"')
        assert self.report(api, session, 1, "0" * 32).status_code == 400
        assert self.report(api, session, 1, etag, 999).status_code == 400
        assert self.report(api, session, 2, etag).status_code == 400
        assert self.report(api, session, 1, etag).json()["total_completed"] == 1
        assert api.get(f"/assets/multipart-uploads/{session['upload_id']}").json()["uploaded_size"] == 1000

    def test_limits(self, api: httpx.Client, session: Any) -> None:
        """At most 50 parts are reported, and 50 URLs given, at a time."""
        path = f"/assets/multipart-uploads/{session['upload_id']}"
        etag = self.put(session, 1, bytes(1000)).headers["ETag"].strip('"')
        part = {"chunk_index": 1, "proof": etag, "proof_type": "etag", "chunk_size": 1000}
        assert api.post(path, json={"completed_chunks": [part] * 51}).status_code == 400
        assert api.post(path, json={"completed_chunks": [part] * 50}).json()["duplicate_chunks"] == 49
        assert api.post(f"{path}/presigned-urls", json={"start": 1, "count": 51}).status_code == 400
        assert api.post(f"{path}/presigned-urls", json={"start": 4, "count": 1}).status_code == 400


class TestSearch:
    def search(self, api: httpx.Client, index_id: str, text: str, **fields: Any) -> httpx.Response:
        data = {"index_id": index_id, "search_options": ["visual"], "query_text": text, **fields}
        parts = [
            (name, (None, part))
            for name, value in data.items()
            for part in (value if isinstance(value, list) else [value])
        ]
        return api.post("/search", files=parts)

    @pytest.fixture
    def emulator(self) -> Iterator[Emulator]:
        with Emulator(speed=0) as emulator:
            yield emulator

    def test_ranking(self, emulator: Emulator, api: httpx.Client) -> None:
        """The more words match, the better the rank; and scripts count."""
        index_id = create_index(api)
        emulator.understand("z.mp4", text="A dog and a cat")
        dog, cat = index(api, emulator, index_id, "dog.mp4", "z.mp4")
        found = self.search(api, index_id, "dog cat", group_by="video").json()
        assert [video["id"] for video in found["data"]] == [cat, dog]
        assert self.search(api, index_id, "horse").json()["data"] == []
        assert found["search_pool"]["total_count"] == 2

    def test_options(self, emulator: Emulator, api: httpx.Client) -> None:
        """With `and`, a clip has to match in every option."""
        index_id = create_index(api)
        emulator.understand("dog.mp4", transcription=[(7.0, 8.0, "good dog")])
        index(api, emulator, index_id, "dog.mp4")
        both = ["visual", "transcription"]
        every = self.search(api, index_id, "dog", search_options=both, operator="and").json()["data"]
        assert [(clip["start"], clip["transcription"]) for clip in every] == [(6.0, "good dog")]
        assert len(self.search(api, index_id, "dog", search_options=both).json()["data"]) > 1

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
    def test_filters(self, emulator: Emulator, api: httpx.Client, filter_: dict[str, Any], count: int) -> None:
        """Results are filtered by system and user metadata."""
        index_id = create_index(api)
        index(api, emulator, index_id, "dog a.mp4", "dog b.mp4", user_metadata={"year": 1999, "ok": True})
        found = self.search(api, index_id, "dog", group_by="video", filter=json.dumps(filter_)).json()
        assert len(found["data"]) == count

    def test_tokens(self, emulator: Emulator, api: httpx.Client) -> None:
        """A page token leads on and back, until it expires or the index changes."""
        index_id = create_index(api)
        index(api, emulator, index_id, "dog.mp4")
        first = self.search(api, index_id, "dog", page_limit="1").json()
        second = api.get(f"/search/{first['page_info']['next_page_token']}").json()
        assert second["data"][0]["rank"] == 2
        assert api.get(f"/search/{second['page_info']['prev_page_token']}").json()["data"] == first["data"]
        token = second["page_info"]["next_page_token"]
        emulator.advance(3600)
        assert api.get(f"/search/{token}").status_code == 400
        again = self.search(api, index_id, "dog", page_limit="1").json()["page_info"]["next_page_token"]
        assert api.get(f"/search/{again}").is_success
        index(api, emulator, index_id, "cat.mp4")
        assert api.get(f"/search/{again}").status_code == 400

    def test_refusals(self, emulator: Emulator, api: httpx.Client) -> None:
        """A search needs an index, options and a query that go together."""
        index_id = create_index(api)
        assert error(self.search(api, "0", "dog")) == (400, "resource_not_exist")
        assert error(self.search(api, index_id, "")) == (400, "parameter_not_provided")
        assert error(self.search(api, index_id, "dog", search_options=[])) == (400, "parameter_not_provided")
        assert error(self.search(api, index_id, "dog", search_options=["smell"])) == (400, "parameter_invalid")
        assert error(self.search(api, index_id, "dog", transcription_options=["lexical"])) == (400, "parameter_invalid")
        assert error(self.search(api, index_id, "dog", filter="{")) == (400, "parameter_invalid")
        assert error(self.search(api, index_id, "", query_media_type="image")) == (400, "parameter_not_provided")


class TestAnalyze:
    def test_schema(self, emulator: Emulator, api: httpx.Client) -> None:
        """A structured answer fits the schema."""
        schema = {
            "type": "object",
            "properties": {
                "title": {"type": "string"},
                "day": {"type": "string", "format": "date"},
                "count": {"type": "integer", "minimum": 3, "exclusiveMaximum": 5},
                "mood": {"enum": ["calm", "wild"]},
                "scenes": {"type": "array", "items": {"$ref": "#/$defs/scene"}},
                "note": {"anyOf": [{"type": "null"}, {"type": "string"}]},
            },
            "$defs": {"scene": {"type": "object", "properties": {"at": {"type": "timestamp", "format": "hh:mm:ss"}}}},
        }
        body = {
            "video": {"type": "url", "url": "https://example.com/cat.mp4"},
            "prompt": "?",
            "stream": False,
            "response_format": {"type": "json_schema", "json_schema": schema},
        }
        answer = json.loads(api.post("/analyze", json=body).json()["data"])
        assert "cat" in answer.pop("title")
        assert answer == {
            "day": "2025-01-01",
            "count": 3,
            "mood": "calm",
            "scenes": [{"at": "00:00:00"}],
            "note": None,
        }
        for broken in ({"type": "list"}, {"$ref": "#/$defs/other"}, {"anyOf": []}):
            format_ = {"type": "json_schema", "json_schema": broken}
            assert api.post("/analyze", json={**body, "response_format": format_}).status_code == 400
        schema["properties"]["title"]["maxLength"] = 3  # type: ignore[index]
        assert api.post("/analyze", json=body).status_code == 422
        del schema["properties"]["title"]["maxLength"]  # type: ignore[attr-defined]
        emulator.understand("cat.mp4", text='{"title": "Cat"}')
        assert json.loads(api.post("/analyze", json=body).json()["data"]) == {"title": "Cat"}

    def test_truncation(self, emulator: Emulator, api: httpx.Client) -> None:
        """An answer longer than `max_tokens` is cut, and says so."""
        emulator.understand("long.mp4", text="word " * 1000)
        body = {"video": {"type": "url", "url": "https://example.com/long.mp4"}, "prompt": "?", "max_tokens": 512}
        whole = api.post("/analyze", json={**body, "stream": False}).json()
        events = [json.loads(line) for line in api.post("/analyze", json=body).text.splitlines()]
        assert (whole["finish_reason"], whole["usage"]["output_tokens"], "error" in whole) == ("length", 512, True)
        assert (events[-1]["finish_reason"], events[-1]["metadata"]["usage"]) == ("length", whole["usage"])
        assert "".join(event["text"] for event in events[1:-1]) == whole["data"]

    def test_images(self, api: httpx.Client) -> None:
        """Images can be analyzed in a video's place."""
        body = {"image": [{"name": "a", "url": "https://example.com/moon.png"}], "prompt": "?", "stream": False}
        assert "moon" in api.post("/analyze", json=body).json()["data"]


class TestFaults:
    def test_fail(self, emulator: Emulator, api: httpx.Client) -> None:
        """So many matching requests are answered with an error instead, the others as ever."""
        emulator.fail(
            "GET", "/index*", status=503, times=2, skip=1, headers={"Retry-After": "7"}, body={"code": "busy"}
        )
        answers = [api.get("/indexes") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 503, 503, 200]
        assert (answers[1].headers["Retry-After"], answers[1].json()) == ("7", {"code": "busy"})
        assert [request.status for request in emulator.requests] == [200, 503, 503, 200]

    def test_acted(self, emulator: Emulator, api: httpx.Client) -> None:
        """An error may hide that the request was served."""
        emulator.fail("POST", "/indexes", status=500, acted=True)
        emulator.fail("POST", "/indexes", status=500, body="no")
        answers = [api.post("/indexes", json={"index_name": name, "models": MARENGO}) for name in "ab"]
        assert [answer.text for answer in answers] == ["", "no"]
        assert [index["index_name"] for index in api.get("/indexes").json()["data"]] == ["a"]

    @pytest.mark.parametrize("acted", [False, True])
    def test_drop(self, emulator: Emulator, api: httpx.Client, acted: bool) -> None:
        """The connection is reset, before or after the request is served."""
        emulator.drop("POST", "/indexes", acted=acted)
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            create_index(api)
        assert len(api.get("/indexes").json()["data"]) == acted
        assert emulator.requests[0].status is None

    def test_delay(self, emulator: Emulator, api: httpx.Client) -> None:
        """A late answer finds nobody waiting, though the request was served."""
        emulator.delay("POST", "/indexes", 30)
        with pytest.raises(httpx.ReadTimeout):
            api.post("/indexes", json={"index_name": "a", "models": MARENGO}, timeout=0.1)
        assert len(api.get("/indexes").json()["data"]) == 1

    def test_storage(self, emulator: Emulator, api: httpx.Client) -> None:
        """Part uploads fail on request, too."""
        emulator.fail("PUT", "/storage/*", status=500)
        body = {"filename": "a.mp4", "type": "video", "total_size": 1}
        session = api.post("/assets/multipart-uploads", json=body).json()
        url = session["upload_urls"][0]["url"]
        answers = [httpx.put(url, content=b"a", headers=session["upload_headers"]) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [500, 200]


class TestRateLimits:
    def test_limit(self, emulator: Emulator, api: httpx.Client) -> None:
        """A category takes so many requests in its window; headers tell the truth, a 429 is empty."""
        answers = [api.post("/search", files={"index_id": (None, "0")}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [400, 400, 429]
        assert [answer.headers["x-ratelimit-request-remaining"] for answer in answers] == ["1", "0", "0"]
        assert (answers[2].content, int(answers[2].headers["Retry-After"])) == (b"", 60)
        assert 55 < int(answers[2].headers["x-ratelimit-request-reset"]) - time.time() <= 61
        emulator.advance(60)
        assert api.post("/search").status_code == 400

    def test_others(self, api: httpx.Client) -> None:
        """What is in no limited category is not counted."""
        assert "x-ratelimit-request-limit" not in api.get("/indexes").headers

    def test_unknown(self) -> None:
        """A category that does not exist is an error, not a limit that never holds."""
        with pytest.raises(ValueError, match="sarch"):
            Emulator(rate_limits={"sarch": (1, 1)})


class TestLife:
    def test_thread(self) -> None:
        """Starting and stopping leaves no thread and no port behind."""
        before = threading.active_count()
        emulator = Emulator().start()
        port = httpx.URL(emulator.url).port
        assert port is not None
        emulator.stop()
        emulator.stop()
        assert threading.active_count() == before
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0

    def test_taken_port(self, emulator: Emulator) -> None:
        """A taken port is reported where the emulator is started."""
        port = httpx.URL(emulator.url).port
        assert port is not None
        with pytest.raises(OSError, match=str(port)):
            Emulator(port=port).start()

    def test_stop_with_open_requests(self) -> None:
        """Stopping does not wait for answers that are late."""
        with Emulator() as emulator:
            emulator.delay("GET", "/indexes", 30)
            with pytest.raises(httpx.ReadTimeout):
                httpx.get(f"{emulator.url}/indexes", timeout=0.1)
            start = time.monotonic()
        assert time.monotonic() - start < 3

    def test_ids(self) -> None:
        """Two emulators give the same ids to the same requests."""
        seen = []
        for _ in range(2):
            with (
                Emulator() as emulator,
                connect(emulator) as api,
            ):
                seen.append([create_index(api), upload(api, "a.mp4")])
        assert seen[0] == seen[1]
        assert len(seen[0][0]) == 24

    async def test_from_a_loop(self) -> None:
        """It serves many concurrent requests of a test's own event loop."""
        with Emulator() as emulator:
            headers = {"x-api-key": emulator.api_key}
            async with aiohttp.ClientSession(headers=headers) as session:

                async def status() -> int:
                    async with session.get(f"{emulator.url}/indexes") as response:
                        return response.status

                assert await asyncio.gather(*(status() for _ in range(500))) == [200] * 500

    def test_command(self) -> None:
        """`python -m twelvelabs_async.testing` prints where it serves, and ends on Ctrl-C."""
        with subprocess.Popen(
            [sys.executable, "-m", "twelvelabs_async.testing", "--api-key", "k"], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            settings = dict(process.stdout.readline().strip().split("=", 1) for _ in range(2))
            answer = httpx.get(f"{settings['TWELVELABS_BASE_URL']}/indexes", headers={"x-api-key": "k"})
            os.kill(process.pid, signal.SIGINT)
            assert (answer.status_code, process.wait(10)) == (200, 0)

    def test_plugin(self, pytester: pytest.Pytester) -> None:
        """The fixture serves one test and sets its environment; the plugin imports no web server."""
        pytester.makepyfile(
            """
            import os, sys

            def test_import():
                assert "twelvelabs_async.testing.pytest_plugin" in sys.modules
                assert "aiohttp" not in sys.modules

            def test_fixture(twelvelabs_emulator):
                assert os.environ["TWELVELABS_BASE_URL"] == twelvelabs_emulator.url
                assert os.environ["TWELVELABS_API_KEY"] == twelvelabs_emulator.api_key
            """
        )
        pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)
