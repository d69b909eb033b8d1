"""Files of every kind that the platform takes are known by their names, on every machine."""

from __future__ import annotations

import mimetypes
from pathlib import Path

import pytest

from twelvelabs_async import AsyncTwelveLabs
from twelvelabs_async.media.types import MEDIA_TYPES, kind_of, media_type_of
from twelvelabs_async.testing import Emulator

SUFFIXES = {
    "video": "3gp asf avi flv m2ts m4v mkv mov mp4 mpeg mpg mts mxf ogv ts webm wmv",
    "audio": "aac aif aiff flac m4a mp3 oga ogg opus wav wma",
    "image": "bmp gif jpeg jpg png webp",
    "document": "markdown md pdf txt",
}
NAMES = [(f"talk.{suffix}", kind) for kind, suffixes in SUFFIXES.items() for suffix in suffixes.split()]


@pytest.mark.parametrize(("name", "kind"), [*NAMES, ("TALK.MXF", "video"), ("talk", None), ("talk.zip", None)])
def test_the_kind_of_a_file_follows_from_its_name(name: str, kind: str | None) -> None:
    """The case of the suffix does not matter."""
    assert kind_of(media_type_of(name)) == kind


def test_every_media_type_has_a_kind() -> None:
    assert all(map(kind_of, MEDIA_TYPES.values()))
    assert kind_of("Text/Plain; charset=utf-8") == "document"


async def test_the_tables_of_the_machine_do_not_matter(
    client: AsyncTwelveLabs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many machines take ``.ts`` for translations."""
    monkeypatch.setattr(mimetypes, "guess_type", lambda *_: ("text/vnd.trolltech.linguist", None))
    assert (await client.assets.upload(b"spoken", filename="talk.ts")).file_type == "video/mp2t"


@pytest.mark.parametrize(
    ("name", "kind"), [("cover.bmp", "image"), ("talk.OPUS", "audio"), ("talk.mxf", "video"), ("talk.bin", "video")]
)
async def test_an_upload_in_parts_states_the_kind_of_the_file(
    emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path, name: str, kind: str
) -> None:
    """A file of an unknown kind counts as a video."""
    (tmp_path / name).write_bytes(b"spoken")
    await client.assets.upload(tmp_path / name, multipart_threshold=1)
    await client.multipart_upload.upload_file(tmp_path / name)
    started = [request.json["type"] for request in emulator.requests if request.path == "/assets/multipart-uploads"]
    assert started == [kind, kind]


async def test_a_document_is_sent_in_one_request(
    emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The API takes only media in parts. A document that is too large for one request is refused."""
    (tmp_path / "notes.md").write_bytes(b"# Notes")
    asset = await client.assets.upload(tmp_path / "notes.md", multipart_threshold=1)
    assert [request.path for request in emulator.requests] == ["/assets"]
    assert asset.file_type == "text/markdown"
    monkeypatch.setattr("twelvelabs_async.resources.assets.MAX_DIRECT_UPLOAD", 6)
    with pytest.raises(ValueError, match=r"size of notes\.md, a document, must be from 1 to 6; got 7"):
        await client.assets.upload(tmp_path / "notes.md", multipart_threshold=1)
