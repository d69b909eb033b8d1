"""Files that are no regular files: to open one of them may block for good, so that they are refused before."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import AsyncTwelveLabs, IndexSchema
from twelvelabs_async.testing import Emulator

from support.bulk import statuses
from support.samples import video

if sys.platform == "win32":
    pytest.skip("needs pipes and devices in the file system", allow_module_level=True)

KINDS = {
    "pipe": "is a pipe; expected a regular file",
    "socket": "is a socket; expected a regular file",
    "device": "is a device; expected a regular file",
    "directory": "is a directory; expected a regular file",
    "link": "is a pipe; expected a regular file",
}


@pytest.fixture(params=KINDS)
def special(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A path, and the message of the error."""
    path = tmp_path / "talk.mp4"
    with socket.socket(socket.AF_UNIX) as listener:
        match request.param:
            case "pipe":
                os.mkfifo(path)
            case "socket":
                listener.bind(str(path))
            case "device":
                path.symlink_to("/dev/zero")
            case "directory":
                path.mkdir()
            case _:
                os.mkfifo(tmp_path / "pipe")
                path.symlink_to(tmp_path / "pipe")
        yield path, KINDS[request.param]


@pytest.mark.parametrize(
    ("method", "argument", "others"),
    [
        ("assets.upload", "source", {}),
        ("assets.create_and_wait", "source", {}),
        ("assets.create", "file", {"method": "direct"}),
        ("multipart_upload.upload_file", "file_path", {}),
        ("tasks.create", "video_file", {"index_id": "i"}),
        ("embed.tasks.create", "video_file", {"model_name": "marengo3.0"}),
        ("embed.create", "image_file", {"model_name": "marengo3.0"}),
        ("search.query", "query_media_file", {"index_id": "i", "search_options": ["visual"]}),
    ],
)
async def test_every_method_refuses_what_is_no_regular_file(
    emulator: Emulator,
    client: AsyncTwelveLabs,
    special: tuple[Path, str],
    method: str,
    argument: str,
    others: dict[str, Any],
) -> None:
    path, message = special
    async with asyncio.timeout(20):
        with pytest.raises(ValueError, match=message):
            await attrgetter(method)(client)(**{argument: path}, **others)
    assert not emulator.requests


@pytest.mark.parametrize("has_journal", [False, True], ids=["no journal", "journal"])
async def test_a_bulk_run_reports_what_is_no_regular_file(
    emulator: Emulator, client: AsyncTwelveLabs, special: tuple[Path, str], tmp_path: Path, has_journal: bool
) -> None:
    path, message = special
    if path.is_dir():
        pytest.skip("a folder is a source")
    run = client.bulk.upload([path], journal=tmp_path / "run.db" if has_journal else None)
    async with asyncio.timeout(20):
        (outcome,) = [outcome async for outcome in run]
    assert message in str(outcome.error)
    assert not emulator.assets


async def test_a_plan_skips_what_is_no_regular_file(
    client: AsyncTwelveLabs, index: IndexSchema, special: tuple[Path, str], tmp_path: Path
) -> None:
    path, message = special
    if path.is_dir():
        pytest.skip("a folder is a source")
    async with asyncio.timeout(20):
        plan = await client.bulk.plan(index.id, [path], journal=tmp_path / "run.db")
    assert [(source, message in reason) for source, reason in plan.skipped] == [(str(path), True)]


@pytest.mark.usefixtures("autojump_clock")
async def test_a_special_file_in_a_folder_does_not_stop_the_others(
    emulator: Emulator, client: AsyncTwelveLabs, special: tuple[Path, str]
) -> None:
    path, _ = special
    (path.parent / "good.mp4").write_bytes(video("spoken"))
    async with asyncio.timeout(3600):
        outcomes = [outcome async for outcome in client.bulk.upload(path.parent) if outcome.status != "skipped"]
    assert statuses(outcomes) == {"ready": 1}
    assert [asset.filename for asset in emulator.assets.values()] == ["good.mp4"]


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.parametrize("path", ["/proc/kmsg", "/proc/self/status"])
async def test_a_file_of_the_system_without_a_size_is_not_read(
    client: AsyncTwelveLabs, index: IndexSchema, tmp_path: Path, path: str
) -> None:
    """Such a file may have no end."""
    (tmp_path / "talk.mp4").symlink_to(path)
    async with asyncio.timeout(20):
        with pytest.raises((ValueError, TypeError, OSError)):
            await client.assets.upload(path)
        plan = await client.bulk.plan(index.id, [tmp_path / "talk.mp4"])
        (outcome,) = [outcome async for outcome in client.bulk.upload([tmp_path / "talk.mp4"])]
    assert outcome.status == "failed"
    assert len(plan.skipped) == 1
