"""Uploads: content that arrives, in one request and in parts; progress; resuming."""

from __future__ import annotations

import asyncio
import io
import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import AsyncTwelveLabs, TwelveLabs, UploadError, UploadProgress
from twelvelabs_async.options import MAX_DIRECT_UPLOAD
from twelvelabs_async.testing import Emulator

from support.until import until
from support.uploads import EMULATOR, PART, VIDEO, content, sent_part_numbers, sent_parts, sha256, write_video

pytestmark = pytest.mark.emulator(**EMULATOR)

Call = Callable[..., Awaitable[Any]]


@pytest.fixture(params=["async", "sync"])
def call(request: pytest.FixtureRequest, client: AsyncTwelveLabs, sync_client: TwelveLabs) -> Call:
    """A function that calls a method of the asynchronous or the blocking client."""

    async def call(method: str, *args: Any, **kwargs: Any) -> Any:
        if request.param == "async":
            return await attrgetter(method)(client)(*args, **kwargs)
        return await asyncio.to_thread(attrgetter(method)(sync_client), *args, **kwargs)

    return call


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """A file of eight parts."""
    return write_video(tmp_path)


def reports(emulator: Emulator) -> list[int]:
    """Return the number of parts in each report."""
    bodies = [request.json for request in emulator.requests if "completed_chunks" in str(request.json)]
    return [len(body["completed_chunks"]) for body in bodies]


class TestOneRequest:
    @pytest.mark.parametrize("kind", ["bytes", "path", "text", "open file", "memory", "rest of a file"])
    async def test_a_small_file_is_sent_whole(self, emulator: Emulator, call: Call, video: Path, kind: str) -> None:
        """A file is sent from its position on, and stays open if it was open."""
        expected = VIDEO
        with video.open("rb") as file:
            sources: dict[str, Any] = {
                "bytes": VIDEO,
                "path": video,
                "text": str(video),
                "memory": io.BytesIO(VIDEO),
            }
            if kind == "rest of a file":
                file.seek(1000)
                expected = VIDEO[1000:]
            asset = await call("assets.upload", sources.get(kind, file))
            assert not file.closed
        stored = emulator.assets[asset.id]
        assert stored.sha256 == sha256(expected)
        assert stored.filename == ("upload" if kind in ("bytes", "memory") else "talk.mp4")
        assert [(request.method, request.path) for request in emulator.requests] == [("POST", "/assets")]

    async def test_the_platform_downloads_a_url(self, emulator: Emulator, call: Call) -> None:
        """Nothing is downloaded by the client."""
        emulator.serve("https://example.com/talk.mp4", b"spoken")
        asset = await call("assets.upload", "https://example.com/talk.mp4", filename="a talk.mp4")
        assert emulator.assets[asset.id].sha256 == sha256(b"spoken")
        assert emulator.assets[asset.id].filename == "a talk.mp4"

    async def test_the_form_has_the_fields_that_are_given(self, emulator: Emulator, client: AsyncTwelveLabs) -> None:
        """Booleans are text, metadata is JSON."""
        await client.assets.upload(b"spoken", filename="ü.mp4", enable_hls=True, user_metadata={"year": 2026, "a": "ü"})
        form = dict(emulator.requests[0].form or ())
        assert json.loads(form.pop("user_metadata")) == {"year": 2026, "a": "ü"}
        assert form == {"method": "direct", "filename": "ü.mp4", "enable_hls": "true", "file": "ü.mp4"}

    @pytest.mark.usefixtures("autojump_clock")
    async def test_a_retried_request_is_sent_whole_and_counted_again(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path
    ) -> None:
        """The rate limit has refused it twice."""
        seen: list[UploadProgress] = []
        emulator.fail("POST", "/assets", status=429, headers={"Retry-After": "0"}, times=2, acted=True)
        asset = await client.assets.upload(video, on_progress=seen.append)
        assert emulator.assets[asset.id].sha256 == sha256(VIDEO)
        assert [progress.bytes_sent for progress in seen] == [75_000] * 4
        assert len(emulator.requests) == 3

    async def test_a_file_that_reads_less_than_requested_is_read_on(
        self, emulator: Emulator, client: AsyncTwelveLabs
    ) -> None:
        """Some files return at most a few kilobytes at a time."""

        class Trickle(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                return super().read(min(size or 0, 4096))

        asset = await client.assets.upload(Trickle(content(3)))
        assert emulator.assets[asset.id].sha256 == sha256(content(3))


class TestParts:
    async def test_the_parts_make_the_file(self, emulator: Emulator, call: Call, video: Path) -> None:
        """Nothing is written to the folder of the file."""
        video.parent.chmod(0o500)
        result = await call("multipart_upload.upload_file", str(video), filename="a talk.mp4", max_workers=3)
        assert emulator.assets[result.asset_id].sha256 == sha256(VIDEO)
        assert emulator.assets[result.asset_id].filename == "a talk.mp4"
        assert result.asset_url
        assert os.listdir(video.parent) == ["talk.mp4"]
        assert sorted(sent_part_numbers(emulator)) == [1, 2, 3, 4, 5, 6, 7, 8]

    async def test_a_file_above_the_threshold_is_sent_in_parts(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path
    ) -> None:
        """The threshold is 200 MB, and can be lowered but not raised."""
        await client.assets.upload(video, multipart_threshold=len(VIDEO))
        assert not sent_parts(emulator)
        await client.assets.upload(video, multipart_threshold=len(VIDEO) - 1)
        assert len(sent_parts(emulator)) == 8
        with pytest.raises(ValueError, match="multipart_threshold must be from 0 to 200000000; got 200000001"):
            await client.assets.upload(video, multipart_threshold=MAX_DIRECT_UPLOAD + 1)

    async def test_the_storage_receives_its_own_headers_and_no_api_key(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path
    ) -> None:
        """No presigned URL is used twice. A part is no file, so it has no media type."""
        await client.multipart_upload.upload_file(video)
        parts = sent_parts(emulator)
        assert {request.headers["content-type"] for request in parts} == {"application/octet-stream"}
        assert [request.headers["x-amz-meta-upload"] for request in parts] == ["emulated"] * 8
        assert not any(emulator.api_key in str(request.headers) for request in parts)
        assert len({request.query[0] for request in parts}) == 8

    @pytest.mark.emulator(upload_headers={"content-type": "video/x-signed"})
    async def test_a_media_type_among_the_headers_of_the_session_is_sent(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path
    ) -> None:
        """The signature of the URL may cover it."""
        await client.multipart_upload.upload_file(video)
        assert [request.headers["content-type"] for request in sent_parts(emulator)] == ["video/x-signed"] * 8

    async def test_the_session_has_the_fields_of_the_asset(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path
    ) -> None:
        """Omitted fields are left out."""
        await client.multipart_upload.upload_file(video, file_type="audio", enable_hls=False, user_metadata={"a": 1})
        assert emulator.requests[0].json == {
            "filename": "talk.mp4",
            "type": "audio",
            "total_size": 75_000,
            "enable_hls": False,
            "user_metadata": {"a": 1},
        }

    async def test_urls_and_reports_are_batches_of_at_most_fifty(
        self, emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path
    ) -> None:
        """The first report is sent while parts are sent."""
        (tmp_path / "long.mp4").write_bytes(content(120))
        await client.multipart_upload.upload_file(tmp_path / "long.mp4", batch_size=50)
        urls = [request.json["count"] for request in emulator.requests if request.path.endswith("/presigned-urls")]
        assert urls == [50, 50, 17]
        assert reports(emulator) == [50, 50, 20]
        methods = [request.method for request in emulator.requests if not request.path.endswith("/presigned-urls")]
        assert "PUT" in methods[methods.index("POST", 1) :]

    async def test_a_report_is_sent_as_soon_as_its_batch_is_full(
        self, emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path
    ) -> None:
        """The last one waits until the file is known to be unchanged, even if it is full as well."""
        (tmp_path / "short.mp4").write_bytes(content(6))
        await client.multipart_upload.upload_file(tmp_path / "short.mp4", batch_size=2, max_workers=1)
        assert reports(emulator) == [2, 2, 2]

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"batch_size": 0}, "batch_size must be from 1 to 50; got 0"),
            ({"batch_size": 51}, "batch_size must be from 1 to 50; got 51"),
            ({"max_workers": 0}, "max_workers must be at least 1; got 0"),
            ({"max_retries": -1}, "max_retries must be at least 0; got -1"),
            ({"retry_delay": -1}, "retry_delay must be at least 0; got -1"),
        ],
    )
    async def test_options_out_of_range_are_refused(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path, options: dict[str, Any], message: str
    ) -> None:
        """Nothing is sent."""
        with pytest.raises(ValueError, match=message):
            await client.multipart_upload.upload_file(video, **options)
        assert not emulator.requests

    async def test_no_more_parts_are_in_flight_than_workers(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path
    ) -> None:
        """Two workers send eight parts, each of which takes a while."""
        emulator.delay("PUT", "/storage/*", 0.05, times=8)
        uploading = asyncio.create_task(client.multipart_upload.upload_file(video, max_workers=2))
        in_flight = set[int]()

        def is_finished() -> bool:
            in_flight.add(sum(request.status is None for request in sent_parts(emulator)))
            return uploading.done()

        await until(is_finished)
        assert max(in_flight) == 2

    @pytest.fixture
    def server(self) -> Iterator[tuple[str, str]]:
        """The URL and the API key of an emulator in a process of its own."""
        command = [sys.executable, "-m", "twelvelabs_async.testing"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            url, api_key = (process.stdout.readline().strip().partition("=")[2] for _ in range(2))
            yield url, api_key
            process.terminate()

    async def test_a_large_file_is_not_kept_in_memory(self, server: tuple[str, str], tmp_path: Path) -> None:
        """Two workers hold less than two parts of 5 MiB of a file of 200 MB."""
        path = tmp_path / "day.mp4"
        path.touch()
        os.truncate(path, MAX_DIRECT_UPLOAD + 1)
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


@pytest.mark.parametrize("in_parts", [False, True], ids=["one request", "parts"])
class TestProgress:
    async def upload(self, client: AsyncTwelveLabs, file: Any, on_progress: Any, in_parts: bool) -> None:
        """Upload *file*; `upload_id` makes a small file go in parts."""
        upload_id = None
        if in_parts:
            session = await client.multipart_upload.create(filename="talk.mp4", type="video", total_size=75_000)
            upload_id = session.upload_id
        await client.assets.upload(file, on_progress=on_progress, upload_id=upload_id)

    async def test_it_grows_to_all_bytes_and_all_parts(
        self, client: AsyncTwelveLabs, video: Path, in_parts: bool
    ) -> None:
        """A coroutine function is awaited."""
        seen: list[UploadProgress] = []

        async def record(progress: UploadProgress) -> None:
            await asyncio.sleep(0)
            seen.append(progress)

        await self.upload(client, video, record, in_parts)
        assert [progress.bytes_sent for progress in seen] == sorted(progress.bytes_sent for progress in seen)
        parts = 8 if in_parts else 1
        upload_id = seen[0].upload_id
        assert (upload_id is not None) == in_parts
        assert seen[-1] == UploadProgress(parts, parts, 100.0, "completed", 75_000, 75_000, upload_id)
        assert {progress.status for progress in seen[:-1]} == {"uploading"}

    async def test_an_error_of_the_callback_is_raised_as_it_is(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path, in_parts: bool
    ) -> None:
        """It is not mistaken for a failure of the network, so that nothing is retried."""

        def fail(progress: UploadProgress) -> None:
            if progress.bytes_sent:
                raise LookupError("mine")

        with pytest.raises(LookupError, match="mine"):
            await self.upload(client, video, fail, in_parts)
        assert len(sent_parts(emulator)) <= 5  # the first part of each worker

    async def test_a_slow_disk_does_not_block_the_event_loop(self, client: AsyncTwelveLabs, in_parts: bool) -> None:
        """The loop runs while the file is read."""
        loop_is_free = False

        class SlowFile(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                if size:
                    nonlocal loop_is_free
                    ran = asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop)
                    ran.result(timeout=10)  # raises if the loop waits for this thread
                    loop_is_free = True
                return super().read(size)

        loop = asyncio.get_running_loop()
        with SlowFile(VIDEO) as file:
            await self.upload(client, file, None, in_parts)
        assert loop_is_free


@pytest.mark.parametrize(
    ("method", "callback"), [("multipart_upload.upload_file", "progress_callback"), ("assets.upload", "on_progress")]
)
async def test_progress_reports_the_session_before_a_part_is_sent(
    emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path, method: str, callback: str
) -> None:
    """The upload waits for the callback, which can persist the ids."""
    path = tmp_path / "day.mp4"
    path.touch()
    os.truncate(path, MAX_DIRECT_UPLOAD + 1)
    seen: list[UploadProgress] = []

    async def record(progress: UploadProgress) -> None:
        await asyncio.sleep(0.01)
        seen.append(progress)
        raise LookupError

    with pytest.raises(LookupError):
        await attrgetter(method)(client)(path, **{callback: record})
    (asset_id,) = emulator.assets
    (upload_id,) = [session.upload_id async for session in client.multipart_upload.list_incomplete_uploads()]
    assert not sent_parts(emulator)
    assert [(progress.upload_id, progress.asset_id, progress.bytes_sent) for progress in seen] == [
        (upload_id, asset_id, 0)
    ]


class TestResume:
    @pytest.mark.parametrize(
        ("method", "callback"),
        [("multipart_upload.upload_file", "progress_callback"), ("assets.upload", "on_progress")],
    )
    async def test_only_missing_parts_are_sent(
        self, emulator: Emulator, client: AsyncTwelveLabs, call: Call, video: Path, method: str, callback: str
    ) -> None:
        """Parts that were completed before the failure count as progress."""
        emulator.fail("PUT", "/storage/*/6", status=404)
        with pytest.raises(UploadError) as caught:
            await client.multipart_upload.upload_file(video, max_workers=1, batch_size=3)
        emulator.requests.clear()
        seen: list[UploadProgress] = []
        await call(method, video, upload_id=caught.value.upload_id, **{callback: seen.append})
        assert sorted(sent_part_numbers(emulator)) == [6, 7, 8]
        assert (seen[0].completed_chunks, seen[0].bytes_sent) == (5, 5 * PART)
        (asset,) = emulator.assets.values()
        assert asset.sha256 == sha256(VIDEO)

    async def test_a_file_of_another_size_is_refused(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path
    ) -> None:
        """It is another file, or was changed."""
        session = await client.multipart_upload.create(filename="talk.mp4", type="video", total_size=75_001)
        with pytest.raises(ValueError, match=r"75000 bytes.*75001.*another file"):
            await client.multipart_upload.upload_file(video, upload_id=session.upload_id)
        assert not sent_parts(emulator)

    async def test_an_unknown_session_is_refused(self, client: AsyncTwelveLabs, video: Path) -> None:
        """It is complete, has expired, or never existed."""
        with pytest.raises(UploadError, match="complete or has expired"):
            await client.multipart_upload.upload_file(video, upload_id="66a1b2c3d4e5f600000000ff")

    async def test_a_url_is_refused(self, emulator: Emulator, client: AsyncTwelveLabs) -> None:
        """The platform would make another asset of it."""
        with pytest.raises(ValueError, match="leave upload_id out"):
            await client.assets.upload("https://example.com/talk.mp4", upload_id="66a1b2c3d4e5f600000000ff")
        assert not emulator.requests

    async def test_a_wait_for_the_session_ends_when_all_parts_are_reported(
        self, client: AsyncTwelveLabs, video: Path
    ) -> None:
        """The callback is called after every poll."""
        session = await client.multipart_upload.create(filename="talk.mp4", type="video", total_size=75_000)
        seen: list[int] = []

        async def upload(status: Any) -> None:
            if not seen:
                await client.multipart_upload.upload_file(video, upload_id=session.upload_id)
            seen.append(status.completed_chunks)

        status = await client.multipart_upload.wait_for_upload_completion(
            session.upload_id, sleep_interval=0.01, callback=upload
        )
        assert (status.status, status.completed_chunks, status.total_chunks) == ("completed", 8, 8)
        assert seen == [0, 8]
