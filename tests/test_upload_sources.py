"""Uploads of file objects and streams: parts, retries, cancellation, and one object in two uploads."""

from __future__ import annotations

import asyncio
import io
import os
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import AsyncTwelveLabs, TwelveLabs, UploadError
from twelvelabs_async.testing import Emulator

from support.file_kinds import KINDS, SEEKABLE, STREAMS, Reader, file_of_kind
from support.open_files import open_files
from support.until import until
from support.uploads import EMULATOR, PART, VIDEO, sent_parts, sha256, write_video

pytestmark = pytest.mark.emulator(**EMULATOR)


@pytest.fixture
def video(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of eight parts, in the home directory."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return write_video(tmp_path)


@pytest.mark.usefixtures("autojump_clock")
class TestParts:
    @pytest.mark.parametrize("kind", KINDS)
    async def test_files_of_every_kind_are_sent_in_parts(
        self, emulator: Emulator, client: AsyncTwelveLabs, video: Path, kind: str
    ) -> None:
        """A part that fails is sent again. The size is declared when the upload starts."""
        emulator.fail("PUT", "/storage/*/4")
        with file_of_kind(kind, video) as (file, _):
            asset = await client.assets.upload(file, multipart_threshold=0, filename="own.mp4")
        assert emulator.assets[asset.id].sha256 == sha256(VIDEO)
        assert emulator.assets[asset.id].filename == "own.mp4"
        assert emulator.requests[0].json["total_size"] == len(VIDEO)
        assert len(sent_parts(emulator)) == 9

    async def test_a_file_that_has_to_start_over_for_a_lower_position_is_read_in_order(
        self, emulator: Emulator, client: AsyncTwelveLabs
    ) -> None:
        """Such as a decompressor, or a file of an object store. A part that fails is not read again."""
        positions: list[int] = []

        class Recorded(io.RawIOBase):
            def __init__(self) -> None:
                self._file = io.BytesIO(VIDEO)

            def seekable(self) -> bool:
                return True

            def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
                return self._file.seek(offset, whence)

            def read(self, size: int = -1, /) -> bytes:
                if size:
                    positions.append(self._file.tell())
                return self._file.read(size)

        emulator.fail("PUT", "/storage/*/4")
        result = await client.multipart_upload.upload_file(Recorded())
        assert emulator.assets[result.asset_id].sha256 == sha256(VIDEO)
        assert positions[:8] == [*range(0, len(VIDEO), PART)]
        assert positions == sorted(positions)

    async def test_an_upload_of_a_file_object_is_resumed(self, emulator: Emulator, client: AsyncTwelveLabs) -> None:
        """By any other kind of file with the same content."""
        emulator.fail("PUT", "/storage/*/4")
        with pytest.raises(UploadError) as caught:
            await client.multipart_upload.upload_file(io.BytesIO(VIDEO), max_retries=0)
        result = await client.multipart_upload.upload_file(Reader(VIDEO), upload_id=caught.value.upload_id)
        assert emulator.assets[result.asset_id].sha256 == sha256(VIDEO)


@pytest.mark.usefixtures("autojump_clock")
@pytest.mark.parametrize("kind", ["gzip", *STREAMS])
async def test_a_retried_request_sends_the_whole_file_again(
    emulator: Emulator, client: AsyncTwelveLabs, video: Path, kind: str
) -> None:
    """A stream is read from its copy."""
    emulator.fail("POST", "/assets", status=429, times=2, acted=True)
    with file_of_kind(kind, video) as (file, _):
        asset = await client.assets.upload(file)
    assert emulator.assets[asset.id].sha256 == sha256(VIDEO)
    assert len(emulator.requests) == 3


class Gate(io.BytesIO):
    """A file whose content can be read when the gate is opened."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.is_waiting = threading.Event()
        self.is_open = threading.Event()

    def read(self, size: int | None = -1, /) -> bytes:
        if size:
            self.is_waiting.set()
            self.is_open.wait(10)
        return super().read(size)


async def _pieces(gate: Gate) -> AsyncIterator[bytes]:
    while piece := await asyncio.to_thread(gate.read, 1000):
        yield piece


@pytest.mark.parametrize("kind", ["file", "stream", "asynchronous stream"])
async def test_an_object_that_is_being_sent_is_refused_by_other_calls(
    emulator: Emulator, client: AsyncTwelveLabs, sync_client: TwelveLabs, kind: str
) -> None:
    """Each of two calls would get a part of the content, whichever clients and threads they are in."""
    gate = Gate(VIDEO)
    file: Any = {"file": gate, "stream": iter(lambda: gate.read(1000), b""), "asynchronous stream": _pieces(gate)}[kind]
    first = asyncio.create_task(client.assets.upload(file))
    await asyncio.to_thread(gate.is_waiting.wait, 10)
    for call in (
        lambda: client.multipart_upload.upload_file(file),
        lambda: client.embed.create(model_name="marengo3.0", image_file=("a.png", file)),
        lambda: asyncio.to_thread(sync_client.assets.upload, file),
        lambda: asyncio.to_thread(sync_client.tasks.create, index_id="i", video_file=file),
    ):
        with pytest.raises(ValueError, match="is being read by another upload"):
            await call()
    gate.is_open.set()
    assets = [await first]
    if kind == "file":
        assets.append(await client.assets.upload(file))
    assert [emulator.assets[asset.id].sha256 for asset in assets] == [sha256(VIDEO)] * len(emulator.requests)


async def test_a_file_twice_in_one_request_is_refused(emulator: Emulator, client: AsyncTwelveLabs) -> None:
    """The file is not reserved afterwards."""
    file = io.BytesIO(VIDEO)
    with pytest.raises(ValueError, match="is being read by another upload"):
        await client.embed.create(model_name="marengo3.0", image_file=file, audio_file=file)
    assert not emulator.requests
    await client.assets.upload(file)


@pytest.mark.parametrize("kind", ["stream", "asynchronous stream"])
async def test_a_cancelled_upload_waits_for_no_stream(emulator: Emulator, client: AsyncTwelveLabs, kind: str) -> None:
    """Its copy is deleted. What a thread still reads is refused, because the next piece would be lost."""
    gate = Gate(VIDEO)
    file: Any = iter(lambda: gate.read(1000), b"") if kind == "stream" else _pieces(gate)
    before = sorted(open_files())
    uploading = asyncio.create_task(client.assets.upload(file))
    await asyncio.to_thread(gate.is_waiting.wait, 10)
    uploading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await uploading
    if kind == "stream":
        with pytest.raises(ValueError, match="is being read by another upload"):
            await client.assets.upload(file)
    gate.is_open.set()
    await until(lambda: sorted(open_files()) == before)
    assert not emulator.requests


async def test_a_stream_longer_than_the_largest_upload_is_refused(
    emulator: Emulator, client: AsyncTwelveLabs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stream may have no end."""
    monkeypatch.setattr("twelvelabs_async._file_inputs.MAX_UPLOAD", 2_000_000)
    with pytest.raises(ValueError, match="upload must be a stream of at most 2000000 bytes; got more"):
        await client.assets.upload(iter(lambda: bytes(100_000), b""))
    assert not emulator.requests


@pytest.mark.parametrize("kind", SEEKABLE)
async def test_the_rest_of_a_file_is_sent_and_its_position_restored_in_the_blocking_client(
    emulator: Emulator, sync_client: TwelveLabs, video: Path, kind: str
) -> None:
    """In parts as well."""
    with file_of_kind(kind, video) as (file, _):
        file.seek(1000)
        asset = await asyncio.to_thread(sync_client.assets.upload, file, multipart_threshold=0)
        assert file.tell() == 1000
    assert emulator.assets[asset.id].sha256 == sha256(VIDEO[1000:])
