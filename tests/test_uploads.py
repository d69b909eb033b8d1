"""Uploads arrive byte by byte, whatever the file, the network and the caller do meanwhile."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import random
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import (
    APIConnectionError,
    APIResponseError,
    AsyncTwelveLabs,
    BadRequestError,
    NotFoundError,
    ServiceUnavailableError,
    TwelveLabs,
    UploadError,
    UploadProgress,
)
from twelvelabs_async.testing import Emulator, Request

from support.open_files import open_files
from support.until import until

CHUNK = 10_000
SESSIONS = "/assets/multipart-uploads"

Call = Callable[..., Awaitable[Any]]


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator with small parts, whose clock stands still."""
    with Emulator(speed=0, chunk_size=CHUNK, urls_per_session=3) as emulator:
        yield emulator


@pytest.fixture(params=["async", "sync"])
def call(request: pytest.FixtureRequest, client: AsyncTwelveLabs, sync_client: TwelveLabs) -> Call:
    """Calls a method, given as ``assets.upload``, of the asynchronous client, and in another test of its twin."""

    async def call(method: str, *args: Any, **kwargs: Any) -> Any:
        if request.param == "async":
            return await attrgetter(method)(client)(*args, **kwargs)
        return await asyncio.to_thread(attrgetter(method)(sync_client), *args, **kwargs)

    return call


def content(parts: float) -> bytes:
    """Bytes that fill so many parts and look like no others."""
    return random.Random(parts).randbytes(int(parts * CHUNK))


VIDEO = content(7.5)


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """A file of eight parts, the last of which is a half."""
    path = tmp_path / "talk.mp4"
    path.write_bytes(VIDEO)
    return path


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def parts_sent(emulator: Emulator) -> list[Request]:
    return [request for request in emulator.requests if request.method == "PUT"]


def chunks_sent(emulator: Emulator) -> list[int]:
    return [int(request.path.rpartition("/")[2]) for request in parts_sent(emulator)]


class SlowFile(io.BytesIO):
    """A file on a disk that takes its time."""

    def read(self, size: int | None = -1) -> bytes:
        if size:
            time.sleep(0.4)
        return super().read(size)


class TestDirect:
    @pytest.mark.parametrize("kind", ["bytes", "path", "text", "open file", "memory", "rest of a file"])
    async def test_sources(self, emulator: Emulator, call: Call, video: Path, kind: str) -> None:
        """A small file goes out in one request, whatever form it is given in."""
        expected = VIDEO
        with video.open("rb") as file:
            given: Any = {"bytes": expected, "path": video, "text": str(video), "memory": io.BytesIO(expected)}
            if kind == "rest of a file":
                file.seek(1000)
                expected = expected[1000:]
            asset = await call("assets.upload", given.get(kind, file))
            assert not file.closed
        stored = emulator.assets[asset.id]
        assert stored.sha256 == sha256(expected)
        assert stored.filename == ("upload" if kind in ("bytes", "memory") else "talk.mp4")
        assert [(request.method, request.path) for request in emulator.requests] == [("POST", "/assets")]

    async def test_url(self, emulator: Emulator, call: Call) -> None:
        """A URL is left to the platform to fetch."""
        emulator.serve("https://example.com/talk.mp4", b"spoken")
        asset = await call("assets.upload", "https://example.com/talk.mp4", filename="a talk.mp4")
        assert emulator.assets[asset.id].sha256 == sha256(b"spoken")
        assert emulator.assets[asset.id].filename == "a talk.mp4"

    async def test_form(self, emulator: Emulator, client: AsyncTwelveLabs) -> None:
        """Settings go into the form as text, metadata as JSON; what is left out stays out."""
        await client.assets.upload(b"spoken", filename="ü.mp4", enable_hls=True, user_metadata={"year": 2026, "a": "ü"})
        form = dict(emulator.requests[0].form or ())
        assert json.loads(form.pop("user_metadata")) == {"year": 2026, "a": "ü"}
        assert form == {"method": "direct", "filename": "ü.mp4", "enable_hls": "true", "file": "ü.mp4"}

    async def test_no_second_asset(self, emulator: Emulator, client: AsyncTwelveLabs) -> None:
        """A 503 may hide an asset that was made, so the request is not repeated."""
        emulator.fail("POST", "/assets", status=503, acted=True)
        with pytest.raises(ServiceUnavailableError):
            await client.assets.upload(b"spoken")
        assert len(emulator.assets) == len(emulator.requests) == 1

    async def test_repeated(self, emulator: Emulator, client: AsyncTwelveLabs, video: Path) -> None:
        """A request that was refused by a rate limit is sent again, whole, and counted anew."""
        seen: list[UploadProgress] = []
        emulator.fail("POST", "/assets", status=429, headers={"Retry-After": "0"}, times=2, acted=True)
        asset = await client.assets.upload(video, on_progress=seen.append)
        assert emulator.assets[asset.id].sha256 == sha256(VIDEO)
        assert [progress.bytes_sent for progress in seen] == [75_000] * 4
        assert len(emulator.requests) == 3


class TestParts:
    async def test_content(self, emulator: Emulator, call: Call, video: Path) -> None:
        """A file that is sent in parts arrives as it is, and nothing is written where it lies."""
        video.parent.chmod(0o500)
        result = await call("multipart_upload.upload_file", str(video), filename="a talk.mp4", max_workers=3)
        assert emulator.assets[result.asset_id].sha256 == sha256(VIDEO)
        assert emulator.assets[result.asset_id].filename == "a talk.mp4"
        assert result.asset_url
        assert os.listdir(video.parent) == ["talk.mp4"]
        assert sorted(chunks_sent(emulator)) == [1, 2, 3, 4, 5, 6, 7, 8]

    async def test_storage(self, emulator: Emulator, client: AsyncTwelveLabs, video: Path) -> None:
        """The storage gets the headers it asks for and never the API key, and no URL is used twice."""
        await client.multipart_upload.upload_file(video)
        sent = parts_sent(emulator)
        assert [request.headers["x-amz-meta-upload"] for request in sent] == ["emulated"] * 8
        assert not any(emulator.api_key in str(request.headers) for request in sent)
        assert len({request.query[0] for request in sent}) == 8

    async def test_settings(self, emulator: Emulator, client: AsyncTwelveLabs, video: Path) -> None:
        """The session is begun with everything that is known of the asset."""
        await client.multipart_upload.upload_file(video, file_type="audio", enable_hls=False, user_metadata={"a": 1})
        assert emulator.requests[0].json == {
            "filename": "talk.mp4",
            "type": "audio",
            "total_size": 75_000,
            "enable_hls": False,
            "user_metadata": {"a": 1},
        }

    async def test_batches(self, emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path) -> None:
        """At most 50 URLs are asked for, and at most 50 parts reported, at a time."""
        (tmp_path / "long.mp4").write_bytes(content(120))
        await client.multipart_upload.upload_file(tmp_path / "long.mp4", batch_size=50)
        asked = [request.json["count"] for request in emulator.requests if request.path.endswith("/presigned-urls")]
        told = [
            request.json["completed_chunks"] for request in emulator.requests if "completed_chunks" in str(request.json)
        ]
        assert asked == [50, 50, 17]
        assert [len(chunks) for chunks in told] == [50, 50, 20]
        methods = [request.method for request in emulator.requests if not request.path.endswith("/presigned-urls")]
        assert methods.index("POST", 1) < len(methods) - 3  # the first report does not wait for the last part
        with pytest.raises(ValueError, match="batch_size"):
            await client.multipart_upload.upload_file(tmp_path / "long.mp4", batch_size=51)

    async def test_concurrency(self, emulator: Emulator, client: AsyncTwelveLabs, video: Path) -> None:
        """No more parts are under way than were asked for."""
        emulator.delay("PUT", "/storage/*", 0.05, times=8)
        uploading = asyncio.create_task(client.multipart_upload.upload_file(video, max_workers=2))
        under_way = set[int]()

        def finished() -> bool:
            under_way.add(sum(request.status is None for request in parts_sent(emulator)))
            return uploading.done()

        await until(finished)
        assert max(under_way) == 2

    @pytest.fixture
    def server(self) -> Iterator[tuple[str, str]]:
        """The URL and the API key of an emulator in a process of its own."""
        command = [sys.executable, "-m", "twelvelabs_async.testing"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            url, api_key = (process.stdout.readline().strip().partition("=")[2] for _ in range(2))
            yield url, api_key
            process.terminate()

    async def test_memory(self, server: tuple[str, str], tmp_path: Path) -> None:
        """A file too large for one request goes in parts, and hardly anything of it is in memory at once."""
        path = tmp_path / "day.mp4"
        path.touch()
        os.truncate(path, 201_000_000)
        url, api_key = server
        async with AsyncTwelveLabs(api_key=api_key, base_url=url) as client:
            tracemalloc.start()
            try:
                asset = await client.assets.upload(path, concurrency=2)
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
        assert asset.method == "multipart"
        assert peak < 2 * 5 * 1024 * 1024


@pytest.mark.parametrize("in_parts", [False, True])
class TestProgress:
    async def upload(self, client: AsyncTwelveLabs, file: Any, on_progress: Any, in_parts: bool) -> None:
        session = None
        if in_parts:
            size = 75_000
            session = await client.multipart_upload.create(filename="talk.mp4", type="video", total_size=size)
        await client.assets.upload(file, on_progress=on_progress, upload_id=session.upload_id if session else None)

    async def test_counts(self, client: AsyncTwelveLabs, video: Path, in_parts: bool) -> None:
        """Progress only grows, and ends with all bytes and all parts."""
        seen: list[UploadProgress] = []

        async def note(progress: UploadProgress) -> None:
            await asyncio.sleep(0)
            seen.append(progress)

        await self.upload(client, video, note, in_parts)
        assert [progress.bytes_sent for progress in seen] == sorted(progress.bytes_sent for progress in seen)
        parts = 8 if in_parts else 1
        upload_id = seen[0].upload_id  # by which to go on
        assert (upload_id is not None) == in_parts
        assert seen[-1] == UploadProgress(parts, parts, 100.0, "completed", 75_000, 75_000, upload_id)
        assert {progress.status for progress in seen[:-1]} == {"uploading"}

    async def test_callback_fails(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path, in_parts: bool
    ) -> None:
        """What a callback raises comes out as it is, and is not taken for a fault of the network."""

        def complain(progress: UploadProgress) -> None:
            if progress.bytes_sent:
                raise LookupError("mine")

        with pytest.raises(LookupError, match="mine"):
            await self.upload(client, video, complain, in_parts)
        assert len(parts_sent(emulator)) <= 5

    async def test_slow_disk(self, client: AsyncTwelveLabs, video: Path, in_parts: bool) -> None:
        """A slow disk does not hold up the event loop."""
        lags: list[float] = []

        async def tick() -> None:
            while True:
                before = time.monotonic()
                await asyncio.sleep(0.001)
                lags.append(time.monotonic() - before)

        ticking = asyncio.create_task(tick())
        with SlowFile(VIDEO) as file:
            await self.upload(client, file, None, in_parts)
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)
        assert max(lags) < 0.35


@pytest.mark.parametrize(
    ("method", "callback"), [("multipart_upload.upload_file", "progress_callback"), ("assets.upload", "on_progress")]
)
async def test_session_told(
    emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path, method: str, callback: str
) -> None:
    """Before a part is sent, progress tells of the session and its asset, and waits until that is noted."""
    path = tmp_path / "day.mp4"
    path.touch()
    os.truncate(path, 200_000_001)  # too large for one request
    seen: list[UploadProgress] = []

    async def note(progress: UploadProgress) -> None:
        await asyncio.sleep(0.01)
        seen.append(progress)
        raise LookupError

    with pytest.raises(LookupError):
        await attrgetter(method)(client)(path, **{callback: note})
    (asset_id,) = emulator.assets
    (upload_id,) = [session.upload_id async for session in client.multipart_upload.list_incomplete_uploads()]
    assert not parts_sent(emulator)
    assert [(progress.upload_id, progress.asset_id, progress.bytes_sent) for progress in seen] == [
        (upload_id, asset_id, 0)
    ]


class TestFaults:
    @pytest.mark.parametrize("fault", ["503", "403", "400", "reset", "answer lost"])
    async def test_repeated(self, emulator: Emulator, client: AsyncTwelveLabs, video: Path, fault: str) -> None:
        """A part that failed is sent again, to a fresh URL."""
        match fault:
            case "reset":
                emulator.drop("PUT", "/storage/*/4", times=2)
            case "answer lost":
                emulator.drop("PUT", "/storage/*/4", times=2, acted=True)
            case status:
                emulator.fail("PUT", "/storage/*/4", status=int(status), times=2)
        seen: list[UploadProgress] = []
        result = await client.multipart_upload.upload_file(video, retry_delay=0.01, progress_callback=seen.append)
        assert emulator.assets[result.asset_id].sha256 == sha256(VIDEO)
        assert sorted(chunks_sent(emulator)) == [1, 2, 3, 4, 4, 4, 5, 6, 7, 8]
        assert len({request.query[0] for request in parts_sent(emulator)}) == 10
        assert seen[-1].percentage == max(progress.percentage for progress in seen) == 100.0

    async def test_expired(self, emulator: Emulator, client: AsyncTwelveLabs, video: Path) -> None:
        """URLs that have expired are renewed, all of them as soon as one is refused."""

        def turn_clock(progress: UploadProgress) -> None:
            if progress.completed_chunks == 1 and progress.bytes_sent == CHUNK:
                emulator.advance(3700)

        result = await client.multipart_upload.upload_file(
            video, max_workers=1, retry_delay=0.01, progress_callback=turn_clock
        )
        assert emulator.assets[result.asset_id].sha256 == sha256(VIDEO)
        assert [request.status for request in parts_sent(emulator)] == [200, 403, *[200] * 7]

    async def test_for_good(self, emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path) -> None:
        """When a part fails for good the others stop, and the error says what is needed to go on."""
        (tmp_path / "long.mp4").write_bytes(content(60))
        emulator.fail("PUT", "/storage/*/3", status=404)
        with pytest.raises(UploadError, match=r"long\.mp4.*Part 3.*upload_id=") as caught:
            await client.multipart_upload.upload_file(tmp_path / "long.mp4", max_workers=3)
        assert caught.value.chunk_index == 3
        assert isinstance(caught.value.original_error, NotFoundError)
        assert caught.value.upload_id == parts_sent(emulator)[0].path.split("/")[2]
        assert len(parts_sent(emulator)) < 20

    async def test_redirects_of_parts_are_not_followed(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path
    ) -> None:
        """A presigned URL is good for one server only: a storage that redirects a part has refused it."""
        emulator.fail("PUT", "/storage/*/3", status=307, headers={"Location": f"{emulator.url}/elsewhere"})
        with pytest.raises(UploadError, match="Part 3") as caught:
            await client.multipart_upload.upload_file(video, max_workers=1)
        assert isinstance(caught.value.original_error, APIResponseError)
        assert chunks_sent(emulator) == [1, 2, 3]
        assert not any("elsewhere" in request.path for request in emulator.requests)

    async def test_no_more_tries(self, emulator: Emulator, client: AsyncTwelveLabs, video: Path) -> None:
        """A part is sent as often as was asked for, and no oftener."""
        emulator.fail("PUT", "/storage/*/3", status=503, times=9)
        with pytest.raises(UploadError) as caught:
            await client.multipart_upload.upload_file(video, max_retries=1, retry_delay=0.01)
        assert isinstance(caught.value.original_error, ServiceUnavailableError)
        assert chunks_sent(emulator).count(3) == 2

    async def test_session_gone(self, emulator: Emulator, client: AsyncTwelveLabs, video: Path) -> None:
        """When the API no longer knows the session the upload stops."""
        emulator.fail("POST", f"{SESSIONS}/*/presigned-urls", status=404)
        with pytest.raises(UploadError) as caught:
            await client.multipart_upload.upload_file(video)
        assert isinstance(caught.value.original_error, NotFoundError)
        assert len(parts_sent(emulator)) <= 5

    async def test_too_few_urls(self, emulator: Emulator, client: AsyncTwelveLabs, video: Path) -> None:
        """An answer without the URL that was asked for ends the upload and names the part."""
        emulator.fail("POST", f"{SESSIONS}/*/presigned-urls", status=200, body={"upload_urls": []})
        with pytest.raises(UploadError, match="no URL for part 4") as caught:
            await client.multipart_upload.upload_file(video, max_workers=1)
        assert caught.value.chunk_index == 4

    async def test_fewer_urls_at_a_time(self, emulator: Emulator, client: AsyncTwelveLabs, video: Path) -> None:
        """Fewer URLs than were asked for are used up before more are asked for."""
        session = await client.multipart_upload.create(filename="talk.mp4", type="video", total_size=75_000)
        two = await client.multipart_upload.get_additional_presigned_urls(session.upload_id, start=1, count=2)
        urls = [{"chunk_index": chunk.chunk_index, "url": chunk.url} for chunk in two.upload_urls or ()]
        emulator.fail("POST", f"{SESSIONS}/*/presigned-urls", status=200, body={"upload_urls": urls})
        asset = await client.assets.upload(video, upload_id=session.upload_id, concurrency=1)
        assert emulator.assets[asset.id].sha256 == sha256(VIDEO)
        asked = [request.json for request in emulator.requests if request.path.endswith("/presigned-urls")]
        assert asked == [{"start": 1, "count": 2}, None, {"start": 3, "count": 6}]  # the second was not read

    async def test_no_etag(self, emulator: Emulator, client: AsyncTwelveLabs, video: Path) -> None:
        """A part without an ETag cannot be proven, so the upload stops."""
        emulator.fail("PUT", "/storage/*/2", status=200, acted=True)
        with pytest.raises(UploadError, match="no ETag for part 2") as caught:
            await client.multipart_upload.upload_file(video)
        assert caught.value.chunk_index == 2

    async def test_weak_etag(self, emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path) -> None:
        """The proof of a weak ETag is the bare tag."""
        (tmp_path / "short.mp4").write_bytes(content(0.5))
        tag = hashlib.md5(content(0.5)).hexdigest()
        emulator.fail("PUT", "/storage/*", status=200, headers={"ETag": f'W/"{tag}"'}, acted=True)
        result = await client.multipart_upload.upload_file(tmp_path / "short.mp4")
        assert emulator.assets[result.asset_id].sha256 == sha256(content(0.5))

    async def test_last_answer_lost(self, emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path) -> None:
        """An upload whose last report was heard, but not answered, is complete."""
        (tmp_path / "short.mp4").write_bytes(content(2))
        emulator.drop("POST", f"{SESSIONS}/*", acted=True)
        result = await client.multipart_upload.upload_file(tmp_path / "short.mp4")
        assert emulator.assets[result.asset_id].sha256 == sha256(content(2))

    async def test_report_refused(self, emulator: Emulator, client: AsyncTwelveLabs, video: Path) -> None:
        """A report that is refused while parts are missing ends the upload."""
        emulator.fail("POST", f"{SESSIONS}/*", status=400, skip=1)
        with pytest.raises(UploadError) as caught:
            await client.multipart_upload.upload_file(video, batch_size=2)
        assert isinstance(caught.value.original_error, BadRequestError)


class TestResume:
    @pytest.mark.parametrize("method", ["multipart_upload.upload_file", "assets.upload"])
    async def test_rest(
        self, emulator: Emulator, client: AsyncTwelveLabs, call: Call, video: Path, method: str
    ) -> None:
        """An upload that stopped goes on: only what is missing is sent."""
        emulator.fail("PUT", "/storage/*/6", status=404)
        with pytest.raises(UploadError) as caught:
            await client.multipart_upload.upload_file(video, max_workers=1, batch_size=3)
        emulator.requests.clear()
        seen: list[UploadProgress] = []
        note = "on_progress" if method == "assets.upload" else "progress_callback"
        await call(method, video, upload_id=caught.value.upload_id, **{note: seen.append})
        assert sorted(chunks_sent(emulator)) == [6, 7, 8]
        assert seen[0].completed_chunks == 5
        assert seen[0].bytes_sent == 5 * CHUNK
        (asset,) = emulator.assets.values()
        assert asset.sha256 == sha256(VIDEO)

    async def test_another_file(self, emulator: Emulator, client: AsyncTwelveLabs, video: Path) -> None:
        """An upload cannot go on with a file of another size."""
        session = await client.multipart_upload.create(filename="talk.mp4", type="video", total_size=75_001)
        with pytest.raises(ValueError, match=r"75000 bytes.*75001.*another file"):
            await client.multipart_upload.upload_file(video, upload_id=session.upload_id)
        assert not parts_sent(emulator)

    async def test_nothing_to_resume(self, client: AsyncTwelveLabs, video: Path) -> None:
        """An upload that is over, or never was, cannot go on."""
        with pytest.raises(UploadError, match="complete or has expired"):
            await client.multipart_upload.upload_file(video, upload_id="66a1b2c3d4e5f600000000ff")

    async def test_url(self, emulator: Emulator, client: AsyncTwelveLabs) -> None:
        """An upload cannot go on with a URL, which would make another asset."""
        with pytest.raises(ValueError, match="leave upload_id out"):
            await client.assets.upload("https://example.com/talk.mp4", upload_id="66a1b2c3d4e5f600000000ff")
        assert not emulator.requests


class TestFile:
    @pytest.mark.parametrize("change", ["grow", "shrink"])
    async def test_changed(self, emulator: Emulator, client: AsyncTwelveLabs, video: Path, change: str) -> None:
        """A file that is changed while it is uploaded does not become an asset."""

        def alter(progress: UploadProgress) -> None:
            if progress.completed_chunks == 1:
                os.truncate(video, 1_100_000 if change == "grow" else 535_000)

        os.truncate(video, 600_000)  # a small file is read at once
        with pytest.raises(UploadError, match="was changed while it was uploaded") as caught:
            await client.multipart_upload.upload_file(video, max_workers=1, progress_callback=alter)
        (asset,) = emulator.assets.values()
        assert asset.size == 0
        assert caught.value.upload_id
        assert len(parts_sent(emulator)) <= 60

    @pytest.mark.parametrize(
        ("given", "error", "message"),
        [
            (Path("missing.mp4"), FileNotFoundError, "missing.mp4"),
            ("missing.mp4", FileNotFoundError, "missing.mp4"),
            (Path(), ValueError, "is a directory"),
            (b"", ValueError, "is empty"),
            (io.BytesIO(), ValueError, "is empty"),
            (io.StringIO("text"), TypeError, "opened as text"),
            (42, TypeError, "got int"),
        ],
    )
    async def test_refused(
        self, emulator: Emulator, client: AsyncTwelveLabs, given: Any, error: type[Exception], message: str
    ) -> None:
        """What cannot be uploaded is refused before any request."""
        with pytest.raises(error, match=message):
            await client.assets.upload(given)
        if isinstance(given, str | Path):
            with pytest.raises(error, match=message):
                await client.multipart_upload.upload_file(given)
        assert not emulator.requests

    async def test_cannot_read(self, emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path) -> None:
        """Files that cannot be read, or only once, are refused before any request."""
        (tmp_path / "empty.mp4").touch()
        with pytest.raises(ValueError, match=r"empty\.mp4 is empty"):
            await client.assets.upload(tmp_path / "empty.mp4")
        with (tmp_path / "log.mp4").open("ab") as file, pytest.raises(TypeError, match="can be read and can seek"):
            await client.assets.upload(file)
        reading, writing = os.pipe()
        with os.fdopen(reading, "rb") as file, os.fdopen(writing, "wb"), pytest.raises(TypeError, match="Illegal seek"):
            await client.assets.upload(file)
        assert not emulator.requests

    async def test_small_reads(self, emulator: Emulator, client: AsyncTwelveLabs) -> None:
        """A file that gives less than it is asked for is read on."""

        class Trickle(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                return super().read(min(size or 0, 4096))

        asset = await client.assets.upload(Trickle(content(3)))
        assert emulator.assets[asset.id].sha256 == sha256(content(3))

    async def test_broken_disk(self, emulator: Emulator, client: AsyncTwelveLabs) -> None:
        """A fault of the disk is told as what it is, and not tried again."""

        class Broken(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                if size:
                    raise OSError(5, "Input/output error")
                return b""

        with pytest.raises(OSError, match="Input/output error"):
            await client.assets.upload(Broken(content(3)))
        session = await client.multipart_upload.create(filename="a.mp4", type="video", total_size=3 * CHUNK)
        with pytest.raises(UploadError, match="Input/output error") as caught:
            await client.assets.upload(Broken(content(3)), upload_id=session.upload_id)
        assert isinstance(caught.value.original_error, OSError)
        assert len(parts_sent(emulator)) <= 3


@pytest.mark.parametrize("method", ["multipart_upload.upload_file", "assets.upload"])
async def test_cancelled(emulator: Emulator, client: AsyncTwelveLabs, video: Path, method: str) -> None:
    """A cancelled upload leaves no request, no task, no connection and no open file behind."""
    os.truncate(video, 600_000)
    await client.assets.list()
    before = open_files()
    emulator.delay("*", "/storage/*", 30, times=9)
    emulator.delay("POST", "/assets", 30)
    uploading = asyncio.create_task(attrgetter(method)(client)(video))
    await until(lambda: any(request.method in ("POST", "PUT") for request in emulator.requests))
    assert open_files() != before
    uploading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await uploading
    assert str(video) not in open_files()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    await until(lambda: len(open_files()) <= len(before))


class TestWait:
    async def test_completed(self, client: AsyncTwelveLabs, video: Path) -> None:
        """Waiting for an upload ends when somebody has sent all parts; a callback sees each look."""
        session = await client.multipart_upload.create(filename="talk.mp4", type="video", total_size=75_000)
        seen: list[int] = []

        async def send(status: Any) -> None:
            if not seen:
                await client.multipart_upload.upload_file(video, upload_id=session.upload_id)
            seen.append(status.completed_chunks)

        status = await client.multipart_upload.wait_for_upload_completion(
            session.upload_id, sleep_interval=0.01, callback=send
        )
        assert (status.status, status.completed_chunks, status.total_chunks) == ("completed", 8, 8)
        assert seen == [0, 8]

    async def test_callback_fails(self, emulator: Emulator, client: AsyncTwelveLabs) -> None:
        """What the callback raises comes out as it is, even if it is what a look would be repeated for."""
        session = await client.multipart_upload.create(filename="talk.mp4", type="video", total_size=75_000)
        mine = APIConnectionError("mine")

        async def complain(status: Any) -> None:
            raise mine

        with pytest.raises(APIConnectionError) as caught:
            await client.multipart_upload.wait_for_upload_completion(
                session.upload_id, sleep_interval=0.01, max_wait_time=1, callback=complain
            )
        assert caught.value is mine
        assert len(emulator.requests) == 2

    @pytest.mark.parametrize("end", ["expired", "failed"])
    async def test_given_up(self, emulator: Emulator, client: AsyncTwelveLabs, end: str) -> None:
        """Waiting ends with an error when the session does."""
        session = await client.multipart_upload.create(filename="talk.mp4", type="video", total_size=75_000)
        if end == "expired":
            emulator.advance(25 * 3600)
        else:
            emulator.fail("GET", f"{SESSIONS}/*", status=200, body={"status": "failed"})
        with pytest.raises(UploadError) as caught:
            await client.multipart_upload.wait_for_upload_completion(session.upload_id)
        assert caught.value.upload_id == session.upload_id

    async def test_timeout(self, client: AsyncTwelveLabs) -> None:
        """Waiting has an end."""
        session = await client.multipart_upload.create(filename="talk.mp4", type="video", total_size=75_000)
        with pytest.raises(UploadError, match=r"not finished after 0\.1 s.*'active'"):
            await client.multipart_upload.wait_for_upload_completion(
                session.upload_id, sleep_interval=0.01, max_wait_time=0.1
            )

    @pytest.mark.parametrize("wrong", [{"sleep_interval": 0}, {"max_wait_time": 0}])
    async def test_no_time(self, emulator: Emulator, client: AsyncTwelveLabs, wrong: dict[str, float]) -> None:
        """No time to wait is a mistake, and does not stand for the default."""
        with pytest.raises(ValueError, match="must be positive"):
            await client.multipart_upload.wait_for_upload_completion("u1", **wrong)
        assert not emulator.requests
