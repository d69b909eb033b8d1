"""Multipart uploads of the emulator: presigned URLs, stored parts and their reports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from twelvelabs_async.testing import Emulator

from support.plain_http import upload

pytestmark = pytest.mark.emulator(chunk_size=1000, urls_per_session=2, upload_headers={"x-amz-meta-upload": "a"})


@pytest.fixture
def session(api: httpx.Client) -> Any:
    """A session for a file of three parts, with URLs for the first two."""
    body = {"filename": "a.mp4", "type": "video", "total_size": 2500}
    return api.post("/assets/multipart-uploads", json=body).json()


@pytest.fixture
def path(session: Any) -> str:
    """The path of the session."""
    return f"/assets/multipart-uploads/{session['upload_id']}"


def put(session: Any, part: int, content: bytes, **headers: str) -> httpx.Response:
    """Upload a part to its presigned URL."""
    url = next(url["url"] for url in session["upload_urls"] if url["chunk_index"] == part)
    return httpx.put(url, content=content, headers={**session["upload_headers"], **headers})


def report(api: httpx.Client, path: str, part: int, etag: str, size: int = 1000, times: int = 1) -> httpx.Response:
    """Report a part, several times in one request if *times* says so."""
    completed = {"chunk_index": part, "proof": etag, "proof_type": "etag", "chunk_size": size}
    return api.post(path, json={"completed_chunks": [completed] * times})


def test_parts_go_to_another_origin(emulator: Emulator, session: Any) -> None:
    """Presigned URLs have another port than the API."""
    assert httpx.URL(session["upload_urls"][0]["url"]).port != httpx.URL(emulator.url).port


def test_a_presigned_url_takes_one_upload(session: Any) -> None:
    """A second upload to the same URL is refused."""
    assert put(session, 1, bytes(1000)).headers["ETag"].startswith('"')
    assert put(session, 1, bytes(1000)).status_code == 403


def test_the_storage_refuses_invalid_parts(session: Any) -> None:
    """A part must not have the API key; it must have the right size, all headers and a known length."""
    assert put(session, 1, bytes(1000), **{"x-api-key": "secret"}).status_code == 403
    assert put(session, 1, bytes(999)).status_code == 400
    assert put({**session, "upload_headers": {}}, 1, bytes(1000)).status_code == 403
    assert put(session, 1, iter([bytes(1000)])).status_code == 411  # type: ignore[arg-type]
    assert put(session, 1, bytes(1000)).status_code == 200


def test_urls_and_sessions_expire(emulator: Emulator, api: httpx.Client, session: Any, path: str) -> None:
    """A URL expires after an hour, a session after a day; the asset of an expired session has failed."""
    emulator.advance(3600)
    assert put(session, 1, bytes(1000)).status_code == 403
    fresh = api.post(f"{path}/presigned-urls", json={"start": 1, "count": 3}).json()
    assert put({**session, **fresh}, 1, bytes(1000)).status_code == 200
    emulator.advance(23 * 3600)
    assert api.get(path).json()["status"] == "expired"
    assert api.post(f"{path}/presigned-urls", json={"start": 1, "count": 1}).status_code == 400
    assert api.get(f"/assets/{session['asset_id']}").json()["status"] == "failed"


def test_reports_need_the_etag_and_the_size(api: httpx.Client, session: Any, path: str) -> None:
    """A report of a part that is not stored, or with another ETag or size, is refused."""
    assert report(api, path, 1, "0" * 32).status_code == 400
    etag = put(session, 1, bytes(1000)).headers["ETag"].strip('"')
    assert report(api, path, 1, "0" * 32).status_code == 400
    assert report(api, path, 1, etag, 999).status_code == 400
    assert report(api, path, 2, etag).status_code == 400
    assert report(api, path, 1, etag).json()["total_completed"] == 1
    assert api.get(path).json()["uploaded_size"] == 1000


def test_a_part_that_arrives_after_the_completion_changes_nothing(
    emulator: Emulator, api: httpx.Client, session: Any, path: str
) -> None:
    """The storage has accepted its headers while the upload was active."""
    fresh = api.post(f"{path}/presigned-urls", json={"start": 1, "count": 3}).json()

    def content() -> Iterator[bytes]:
        yield bytes(500)
        for part, size in ((1, 1000), (2, 1000), (3, 500)):
            etag = put({**session, **fresh}, part, bytes(size)).headers["ETag"].strip('"')
            assert report(api, path, part, etag, size).status_code == 200
        yield b"x" * 500

    late = put(session, 1, content(), **{"Content-Length": "1000"})  # type: ignore[arg-type]
    assert (late.status_code, api.get(path).json()["status"]) == (404, "completed")
    assert emulator.assets[session["asset_id"]].path.read_bytes() == bytes(2500)


def test_requests_name_at_most_50_parts(api: httpx.Client, session: Any, path: str) -> None:
    """Reports and requests for URLs have at most 50 parts, which must exist."""
    etag = put(session, 1, bytes(1000)).headers["ETag"].strip('"')
    assert report(api, path, 1, etag, times=51).status_code == 400
    assert report(api, path, 1, etag, times=50).json()["duplicate_chunks"] == 49
    assert api.post(f"{path}/presigned-urls", json={"start": 1, "count": 51}).status_code == 400
    assert api.post(f"{path}/presigned-urls", json={"start": 4, "count": 1}).status_code == 400


def test_stored_files_are_served_by_their_signed_url(
    emulator: Emulator, api: httpx.Client, session: Any, path: str
) -> None:
    """The URL of the last report serves the file for an hour; an unsigned or changed one never does."""
    contents = {1: b"a" * 1000, 2: b"b" * 1000, 3: b"c" * 500}
    session = {**session, **api.post(f"{path}/presigned-urls", json={"start": 1, "count": 3}).json()}
    for part, content in contents.items():
        etag = put(session, part, content).headers["ETag"].strip('"')
        url = report(api, path, part, etag, len(content)).json().get("url", "")
    assert httpx.get(url).content == b"".join(contents.values())
    other = upload(api, "b.mp4", b"another file")
    for wrong in (url.partition("?")[0], url.replace("Expires=", "Expires=9"), url.replace(session["asset_id"], other)):
        assert httpx.get(wrong).status_code == 403
    emulator.advance(3600)
    assert httpx.get(url).status_code == 403
