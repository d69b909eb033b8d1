"""Uploads that fail: parts, URLs, reports, files, and cancellation."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import (
    APIResponseError,
    APIStatusError,
    AsyncTwelveLabs,
    BadRequestError,
    NotFoundError,
    ServiceUnavailableError,
    UploadError,
    UploadProgress,
)
from twelvelabs_async.testing import Emulator

from support.certificates import AUTHORITY, certificate_of, trusting
from support.clock import Clock, Stopwatch
from support.open_files import open_files
from support.raw_server import Server, respond
from support.until import until
from support.uploads import EMULATOR, PART, SESSIONS, VIDEO, content, sent_part_numbers, sent_parts, sha256, write_video

pytestmark = pytest.mark.emulator(**EMULATOR)


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """A file of eight parts."""
    return write_video(tmp_path)


@pytest.mark.usefixtures("autojump_clock")
class TestParts:
    @pytest.mark.parametrize(
        "failure", ["400", "403", "408", "429", "500", "502", "503", "504", "reset", "lost response"]
    )
    async def test_a_failed_part_is_retried_with_a_fresh_url(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path, failure: str
    ) -> None:
        """An expired URL is refused with 400 or 403. Progress counts no part twice."""
        match failure:
            case "reset":
                emulator.drop("PUT", "/storage/*/4", times=2)
            case "lost response":
                emulator.drop("PUT", "/storage/*/4", times=2, acted=True)
            case status:
                emulator.fail("PUT", "/storage/*/4", status=int(status), times=2)
        seen: list[UploadProgress] = []
        result = await client.multipart_upload.upload_file(video, progress_callback=seen.append)
        assert emulator.assets[result.asset_id].sha256 == sha256(VIDEO)
        assert sorted(sent_part_numbers(emulator)) == [1, 2, 3, 4, 4, 4, 5, 6, 7, 8]
        assert len({request.query[0] for request in sent_parts(emulator)}) == 10
        assert seen[-1].percentage == max(progress.percentage for progress in seen) == 100.0

    async def test_pauses_before_retries_double(
        self, emulator: Emulator, client: AsyncTwelveLabs, clock: Clock, video: Path
    ) -> None:
        """They are 50 to 100 % of 100, 200 and 400 s."""
        emulator.fail("PUT", "/storage/*/4", status=503, times=3)
        watch = Stopwatch(clock)
        await client.multipart_upload.upload_file(video, retry_delay=100)
        assert watch.seconds >= 350
        assert watch.advanced <= 700

    async def test_expired_urls_are_all_renewed(self, emulator: Emulator, client: AsyncTwelveLabs, video: Path) -> None:
        """One refused part is enough to renew the URLs of the others."""

        def expire(progress: UploadProgress) -> None:
            if progress.completed_chunks == 1 and progress.bytes_sent == PART:
                emulator.advance(3700)

        result = await client.multipart_upload.upload_file(video, max_workers=1, progress_callback=expire)
        assert emulator.assets[result.asset_id].sha256 == sha256(VIDEO)
        assert [request.status for request in sent_parts(emulator)] == [200, 403, *[200] * 7]

    async def test_a_permanent_failure_stops_the_upload(
        self, emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path
    ) -> None:
        """The error has the part, the cause, and the id of the session to resume."""
        (tmp_path / "long.mp4").write_bytes(content(60))
        emulator.fail("PUT", "/storage/*/3", status=404)
        with pytest.raises(UploadError, match=r"long\.mp4.*Part 3.*Resume it with upload_id=") as caught:
            await client.multipart_upload.upload_file(tmp_path / "long.mp4", max_workers=3)
        assert caught.value.chunk_index == 3
        assert isinstance(caught.value.original_error, APIStatusError)
        assert caught.value.original_error.status_code == 404
        assert caught.value.upload_id == sent_parts(emulator)[0].path.split("/")[2]
        assert len(sent_parts(emulator)) < 20

    async def test_a_redirected_part_is_not_sent_elsewhere(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path
    ) -> None:
        """A presigned URL is valid for one server only, so that a redirect is final."""
        emulator.fail("PUT", "/storage/*/3", status=307, headers={"Location": f"{emulator.url}/elsewhere"})
        with pytest.raises(
            UploadError, match=r"Part 3.*elsewhere\. Uploads to the storage are not redirected"
        ) as caught:
            await client.multipart_upload.upload_file(video, max_workers=1)
        assert "base_url" not in str(caught.value)
        assert isinstance(caught.value.original_error, APIResponseError)
        assert sent_part_numbers(emulator) == [1, 2, 3]
        assert not any("elsewhere" in request.path for request in emulator.requests)

    async def test_a_part_is_retried_at_most_max_retries_times(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path
    ) -> None:
        """One retry makes two attempts."""
        emulator.fail("PUT", "/storage/*/3", status=503, times=9)
        with pytest.raises(UploadError) as caught:
            await client.multipart_upload.upload_file(video, max_retries=1)
        assert isinstance(caught.value.original_error, APIStatusError)
        assert caught.value.original_error.status_code == 503
        assert sent_part_numbers(emulator).count(3) == 2

    async def test_a_part_without_etag_stops_the_upload(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path
    ) -> None:
        """The report of a part needs it."""
        emulator.fail("PUT", "/storage/*/2", status=200, acted=True)
        with pytest.raises(UploadError, match="no ETag for part 2") as caught:
            await client.multipart_upload.upload_file(video)
        assert caught.value.chunk_index == 2

    async def test_a_weak_etag_is_reported_without_its_prefix(
        self, emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path
    ) -> None:
        """``W/"abc"`` is reported as ``abc``."""
        (tmp_path / "short.mp4").write_bytes(content(0.5))
        tag = hashlib.md5(content(0.5)).hexdigest()
        emulator.fail("PUT", "/storage/*", status=200, headers={"ETag": f'W/"{tag}"'}, acted=True)
        result = await client.multipart_upload.upload_file(tmp_path / "short.mp4")
        assert emulator.assets[result.asset_id].sha256 == sha256(content(0.5))


class TestUrls:
    async def test_a_session_that_is_gone_stops_the_upload(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path
    ) -> None:
        """The API refuses to make URLs for it."""
        emulator.fail("POST", f"{SESSIONS}/*/presigned-urls", status=404)
        with pytest.raises(UploadError) as caught:
            await client.multipart_upload.upload_file(video)
        assert isinstance(caught.value.original_error, NotFoundError)
        assert len(sent_parts(emulator)) <= 5

    @pytest.mark.parametrize("urls", [[], [{"chunk_index": 4}], [{"url": "https://example.com"}]])
    async def test_a_missing_url_stops_the_upload(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path, urls: list[dict[str, Any]]
    ) -> None:
        """The list of URLs may be empty, or have an entry without URL or number."""
        emulator.fail("POST", f"{SESSIONS}/*/presigned-urls", status=200, body={"upload_urls": urls})
        with pytest.raises(UploadError, match="no URL for part 4") as caught:
            await client.multipart_upload.upload_file(video, max_workers=1)
        assert caught.value.chunk_index == 4

    async def test_fewer_urls_than_requested_are_used_before_more_are_fetched(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path
    ) -> None:
        """The API sends two URLs for eight parts, then the others."""
        session = await client.multipart_upload.create(filename="talk.mp4", type="video", total_size=75_000)
        two = await client.multipart_upload.get_additional_presigned_urls(session.upload_id, start=1, count=2)
        urls = [{"chunk_index": chunk.chunk_index, "url": chunk.url} for chunk in two.upload_urls or ()]
        emulator.requests.clear()
        emulator.fail("POST", f"{SESSIONS}/*/presigned-urls", status=200, body={"upload_urls": urls})
        asset = await client.assets.upload(video, upload_id=session.upload_id, concurrency=1)
        assert emulator.assets[asset.id].sha256 == sha256(VIDEO)
        fetches = [request.json for request in emulator.requests if request.path.endswith("/presigned-urls")]
        assert fetches == [None, {"start": 3, "count": 6}]  # the emulator does not parse a request that it fails


class TestReports:
    async def test_a_lost_response_to_the_last_report_is_no_failure(
        self, emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path
    ) -> None:
        """The retried report is refused, because the upload is complete."""
        (tmp_path / "short.mp4").write_bytes(content(2))
        emulator.drop("POST", f"{SESSIONS}/*", acted=True)
        result = await client.multipart_upload.upload_file(tmp_path / "short.mp4")
        assert emulator.assets[result.asset_id].sha256 == sha256(content(2))

    async def test_a_refused_report_stops_the_upload(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path
    ) -> None:
        """Parts are missing, so that the upload cannot be complete."""
        emulator.fail("POST", f"{SESSIONS}/*", status=400, skip=1)
        with pytest.raises(UploadError) as caught:
            await client.multipart_upload.upload_file(video, batch_size=2)
        assert isinstance(caught.value.original_error, BadRequestError)


class TestSessions:
    @pytest.mark.parametrize(
        ("name", "value", "expected"),
        [
            ("chunk_size", -5, "an integer of at least 1 as 'chunk_size' of the response; got -5"),
            ("chunk_size", 0, "an integer of at least 1"),
            ("chunk_size", None, "an integer"),
            ("chunk_size", "10000", "an integer"),
            ("chunk_size", True, "an integer"),
            ("upload_id", ["u"], r"an id as 'upload_id' of the response; got \['u'\]"),
            ("upload_id", "..", "an id"),
            ("asset_id", 2**70, "an id as 'asset_id'"),
            ("asset_id", "\ud800", "an id as 'asset_id'"),
            ("upload_urls", 5, "a list as 'upload_urls' of the response; got 5"),
            ("upload_headers", 5, "an object as 'upload_headers'"),
            ("upload_headers", {"x-a": 5}, "printable ASCII headers as 'upload_headers' of the response; got 'x-a'"),
            ("upload_headers", {"x-a": "b\r\nx-c: d"}, "printable ASCII headers"),
            ("upload_headers", {"x a": "b"}, "printable ASCII headers"),
            *[
                ("upload_urls", [{"chunk_index": 1, "url": url}], "a URL with the scheme http or https as 'url'")
                for url in ("http://[bad", "ftp://storage/1", "/storage/1", "http://", "http://a/\n", "http://a/ä")
            ],
        ],
    )
    async def test_an_unusable_session_is_an_error_before_anything_is_sent_to_the_storage(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path, name: str, value: Any, expected: str
    ) -> None:
        session = {"upload_id": "u", "asset_id": "a", "chunk_size": len(VIDEO), "upload_urls": [], name: value}
        emulator.fail("POST", SESSIONS, status=201, body=session)
        with pytest.raises((APIResponseError, UploadError), match=f"expected {expected}"):
            await client.multipart_upload.upload_file(video)
        assert not sent_parts(emulator)

    async def test_a_size_that_makes_too_many_parts_is_an_error(
        self, emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path
    ) -> None:
        """All parts are planned at once."""
        path = tmp_path / "day.mp4"
        path.touch()
        os.truncate(path, 10 * 2**30)
        emulator.fail("POST", SESSIONS, status=201, body={"upload_id": "u", "asset_id": "a", "chunk_size": 1})
        with pytest.raises(APIResponseError, match=r"expected an integer of at least 107,374 .* got 1\."):
            await client.multipart_upload.upload_file(path)

    @pytest.mark.parametrize("urls", [[1], [None], [{"chunk_index": [1], "url": "x"}], [{"chunk_index": 1, "url": 5}]])
    async def test_unusable_urls_are_replaced_by_fresh_ones(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path, urls: Any
    ) -> None:
        created = await client.multipart_upload.create(filename="a.mp4", type="video", total_size=len(VIDEO))
        session = {"upload_id": created.upload_id, "asset_id": created.asset_id, "chunk_size": PART}
        emulator.fail("POST", SESSIONS, status=201, body={**session, "upload_urls": urls})
        result = await client.multipart_upload.upload_file(video)
        assert emulator.assets[result.asset_id].sha256 == sha256(VIDEO)

    async def test_headers_that_follow_from_the_request_are_not_taken_from_the_response(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path
    ) -> None:
        created = await client.multipart_upload.create(filename="a.mp4", type="video", total_size=len(VIDEO))
        headers = {"Content-Length": "3", "Transfer-Encoding": "chunked", "host": "elsewhere", "x-tag": "red"}
        session = {"upload_id": created.upload_id, "asset_id": created.asset_id, "chunk_size": PART}
        emulator.fail("POST", SESSIONS, status=201, body={**session, "upload_headers": headers})
        result = await client.multipart_upload.upload_file(video)
        assert emulator.assets[result.asset_id].sha256 == sha256(VIDEO)
        assert {request.headers["x-tag"] for request in sent_parts(emulator)} == {"red"}

    @pytest.mark.parametrize(("name", "value"), [("total_size", "75000"), ("chunk_size", -5), ("total_size", None)])
    async def test_an_unusable_session_is_not_resumed(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path, name: str, value: Any
    ) -> None:
        summary = {"upload_id": "u", "total_size": len(VIDEO), "chunk_size": PART, name: value}
        emulator.fail("GET", SESSIONS, status=200, body={"data": [None, summary]})
        with pytest.raises(APIResponseError, match=f"GET {SESSIONS}: expected an integer .* as '{name}'"):
            await client.multipart_upload.upload_file(video, upload_id="u")

    async def test_parts_are_not_sent_unencrypted_if_the_api_is_encrypted(self, video: Path) -> None:
        urls = [{"chunk_index": 1, "url": "http://storage.example/1?signature=secret"}]
        session = {"upload_id": "u", "asset_id": "a", "chunk_size": len(VIDEO), "upload_urls": urls}
        with Server(respond(201, session), tls=certificate_of(AUTHORITY, "127.0.0.1")) as server:
            client = AsyncTwelveLabs(api_key=server.api_key, base_url=server.url, ssl=trusting(AUTHORITY))
            async with client:
                with pytest.raises(UploadError, match="expected a URL with the scheme https as 'url'") as caught:
                    await client.multipart_upload.upload_file(video)
        assert "secret" not in str(caught.value)


async def test_a_direct_upload_whose_outcome_is_unknown_is_not_retried(
    emulator: Emulator, client: AsyncTwelveLabs
) -> None:
    """A 503 may hide an asset that was created."""
    emulator.fail("POST", "/assets", status=503, acted=True)
    with pytest.raises(ServiceUnavailableError):
        await client.assets.upload(b"spoken")
    assert len(emulator.assets) == len(emulator.requests) == 1


class TestFiles:
    @pytest.mark.parametrize("part", [1, 60], ids=["first part", "last part"])
    @pytest.mark.parametrize("size", [1_100_000, 535_000], ids=["grown", "shrunk"])
    async def test_a_file_that_changes_during_the_upload_does_not_become_an_asset(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path, size: int, part: int
    ) -> None:
        """The last report is not sent."""

        def change(progress: UploadProgress) -> None:
            if progress.completed_chunks == part:
                os.truncate(video, size)

        os.truncate(video, 600_000)  # a smaller file is read when it is opened
        with pytest.raises(UploadError, match="was changed while it was uploaded") as caught:
            await client.multipart_upload.upload_file(video, max_workers=1, progress_callback=change)
        (asset,) = emulator.assets.values()
        assert asset.size == 0
        assert caught.value.upload_id
        assert len(sent_parts(emulator)) <= 60

    @pytest.mark.parametrize("is_path", [True, False], ids=["path", "open file"])
    @pytest.mark.parametrize("size", [600_000, 2_000_000], ids=["parts", "one request"])
    async def test_a_file_of_the_same_size_that_is_rewritten_during_the_upload_does_not_become_an_asset(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path, size: int, is_path: bool
    ) -> None:
        """Otherwise the asset would mix two contents."""

        def rewrite(progress: UploadProgress) -> None:
            with video.open("r+b") as file:
                file.write(b"other")

        os.truncate(video, size)
        os.utime(video, (0, 0))
        threshold = 1 if size == 600_000 else size
        with (
            video.open("rb") as file,
            pytest.raises((OSError, UploadError), match=r"talk\.mp4 was changed while it was"),
        ):
            await client.assets.upload(
                video if is_path else file, multipart_threshold=threshold, concurrency=1, on_progress=rewrite
            )
        assert not any(asset.size for asset in emulator.assets.values())

    @pytest.mark.parametrize("is_path", [True, False], ids=["path", "open file"])
    async def test_a_file_that_grows_during_its_only_request_does_not_become_an_asset(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path, is_path: bool
    ) -> None:
        """The request ends before its last bytes."""

        def grow(progress: UploadProgress) -> None:
            os.truncate(video, 2_500_000)

        os.truncate(video, 2_000_000)
        with video.open("rb") as file, pytest.raises(OSError, match=r"talk\.mp4 has grown while it was being sent"):
            await client.assets.upload(video if is_path else file, on_progress=grow)
        assert not emulator.assets

    @pytest.mark.parametrize(
        ("source", "error", "message"),
        [
            (Path("missing.mp4"), FileNotFoundError, "missing.mp4"),
            ("missing.mp4", FileNotFoundError, "missing.mp4"),
            (Path(), ValueError, "is a directory"),
            (b"", ValueError, "is empty"),
            (io.BytesIO(), ValueError, "is empty"),
            (io.StringIO("text"), TypeError, "opened as text"),
            (42, TypeError, "int"),
        ],
    )
    async def test_a_source_that_is_no_file_is_refused(
        self, emulator: Emulator, client: AsyncTwelveLabs, source: Any, error: type[Exception], message: str
    ) -> None:
        """Nothing is sent."""
        with pytest.raises(error, match=message):
            await client.assets.upload(source)
        if isinstance(source, str | Path):
            with pytest.raises(error, match=message):
                await client.multipart_upload.upload_file(source)
        assert not emulator.requests

    async def test_a_file_without_content_is_refused(
        self, emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path
    ) -> None:
        """Nothing is sent of an empty file, and of a file open for writing only."""
        (tmp_path / "empty.mp4").touch()
        with pytest.raises(ValueError, match=r"empty\.mp4 is empty"):
            await client.assets.upload(tmp_path / "empty.mp4")
        with (tmp_path / "log.mp4").open("ab") as file, pytest.raises(TypeError, match="can be read"):
            await client.assets.upload(file)
        assert not emulator.requests

    async def test_an_error_of_the_disk_is_not_retried(self, emulator: Emulator, client: AsyncTwelveLabs) -> None:
        """An upload in parts raises it as the cause of its error."""

        class BrokenFile(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                if size:
                    raise OSError(5, "Input/output error")
                return b""

        with pytest.raises(OSError, match="Input/output error"):
            await client.assets.upload(BrokenFile(content(3)))
        session = await client.multipart_upload.create(filename="a.mp4", type="video", total_size=3 * PART)
        with pytest.raises(UploadError, match="Input/output error") as caught:
            await client.assets.upload(BrokenFile(content(3)), upload_id=session.upload_id)
        assert isinstance(caught.value.original_error, OSError)
        assert len(sent_parts(emulator)) <= 3


@pytest.mark.parametrize("method", ["multipart_upload.upload_file", "assets.upload"])
async def test_a_cancelled_upload_leaves_nothing_behind(
    emulator: Emulator, client: AsyncTwelveLabs, video: Path, method: str
) -> None:
    """No request, no task, no connection and no open file remains."""
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
