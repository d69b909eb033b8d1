"""Formats of assets: documents, manifests of streams, and what the platform makes of them."""

from __future__ import annotations

import pytest

from twelvelabs_async import Asset, BadRequestError, TwelveLabs
from twelvelabs_async.testing import Emulator

from support.samples import video

PDF = b"%PDF-1.7\n<< /Type /Pages >> << /Type /Page >> << /Type/Page >> << /Title (A report) /Author (Ada) >>\n%%EOF"
ON_DEMAND = b"#EXTM3U\n#EXTINF:6.5,\na.ts\n#EXTINF:3,\nb.ts\n#EXT-X-ENDLIST\n"
LIVE = b"#EXTM3U\n#EXTINF:6.5,\na.ts\n"
VARIANTS = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlow.m3u8\n"
STREAM = "https://example.com/talk.m3u8"


def upload(client: TwelveLabs, name: str, content: bytes = b"...") -> Asset:
    return client.assets.upload((name, content))


@pytest.mark.parametrize(
    ("name", "content", "file_type"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("A.PDF", b"a preamble\n" + PDF, "application/pdf"),
        ("a.txt", "Grüße".encode(), "text/plain"),
        ("a.md", b"# A title", "text/markdown"),
    ],
)
def test_documents_are_accepted(
    sync_client: TwelveLabs, emulator: Emulator, name: str, content: bytes, file_type: str
) -> None:
    """They have a type of their own, and neither a duration nor a stream (OpenAPI: Create an asset)."""
    created = upload(sync_client, name, content)
    emulator.advance(5)
    [asset] = sync_client.assets.list(asset_types=["document"])
    assert (asset.id, asset.file_type, asset.duration, asset.hls) == (created.id, file_type, None, None)
    assert (asset.thumbnail is not None) == (file_type == "application/pdf")  # a picture of the first page


@pytest.mark.parametrize(("name", "content"), [("a.pdf", b"plain text"), ("a.txt", PDF), ("a.md", b"\0\1\2")])
def test_a_document_with_the_content_of_another_is_refused(
    sync_client: TwelveLabs, emulator: Emulator, name: str, content: bytes
) -> None:
    """The rule holds for files and for URLs (OpenAPI: Create an asset)."""
    emulator.serve(f"https://example.com/{name}", content)
    with pytest.raises(BadRequestError, match="does not fit its extension"):
        upload(sync_client, name, content)
    with pytest.raises(BadRequestError, match="does not fit its extension"):
        sync_client.assets.create(method="url", url=f"https://example.com/{name}")


@pytest.mark.parametrize("name", ["a.docx", "a.zip", "a.html"])
def test_files_in_other_formats_are_refused(sync_client: TwelveLabs, name: str) -> None:
    with pytest.raises(BadRequestError, match=rf"of {name} is not supported"):
        sync_client.assets.create(method="direct", file=(name, b"...", "application/x-other"))


def test_a_pdf_has_technical_metadata(sync_client: TwelveLabs, emulator: Emulator) -> None:
    """Facts that the file does not state are null."""
    created = upload(sync_client, "a.pdf", PDF)
    emulator.advance(5)
    found = sync_client.assets.retrieve(created.id).technical_metadata
    assert found is not None
    assert (found.document_page_count, found.document_pdf_version, found.document_is_encrypted) == (2, "1.7", False)
    assert (found.document_title, found.document_author, found.document_subject) == ("A report", "Ada", None)


@pytest.mark.parametrize(("manifest", "seconds"), [(ON_DEMAND, 9.5), (VARIANTS, None)])
def test_a_stream_on_demand_becomes_a_video(
    sync_client: TwelveLabs, emulator: Emulator, manifest: bytes, seconds: float | None
) -> None:
    """Its duration is the sum of its segments, if the manifest states them (OpenAPI: Create an asset, `url`)."""
    emulator.serve(STREAM, manifest)
    created = sync_client.assets.create(method="url", url=STREAM)
    emulator.advance(5)
    asset = sync_client.assets.retrieve(created.id)
    assert asset.status == "ready"
    assert str(asset.file_type).startswith("video/")
    assert seconds in (None, asset.duration)


def test_a_live_stream_is_refused(sync_client: TwelveLabs, emulator: Emulator) -> None:
    """A manifest without an end is that of a live stream (OpenAPI: Create an asset, `url`)."""
    emulator.serve(STREAM, LIVE)
    with pytest.raises(BadRequestError, match="Pass the manifest of a stream on demand"):
        sync_client.assets.create(method="url", url=STREAM)


def test_streams_and_thumbnails_are_made_by_default(sync_client: TwelveLabs, emulator: Emulator) -> None:
    """Not so for files that are sent in parts, whose defaults are false (OpenAPI)."""
    emulator.understand("*", transcription=[])
    made = [sync_client.assets.create(method="url", url="https://example.com/a.mp4")]
    made.append(sync_client.assets.create(method="url", url="https://example.com/b.mp4", enable_hls=False))
    made.append(upload(sync_client, "c.txt", b"text"))
    in_parts = sync_client.multipart_upload.upload_file(("d.mp4", video()))
    emulator.advance(5)
    assets = [sync_client.assets.retrieve(asset_id) for asset_id in (*(asset.id for asset in made), in_parts.asset_id)]
    assert [(asset.hls is not None, asset.thumbnail is not None) for asset in assets] == [
        (True, True),
        (False, True),
        (False, False),
        (False, False),
    ]


@pytest.mark.parametrize("length", [1, 255, 256])
def test_names_of_assets_have_at_most_255_characters(sync_client: TwelveLabs, length: int) -> None:
    """The limit is that of the OpenAPI file."""
    name = "a" * length
    if length > 255:
        with pytest.raises(BadRequestError, match="1 to 255 characters"):
            sync_client.assets.create(method="url", url="https://example.com/a.mp4", filename=name)
    else:
        made = sync_client.assets.create(method="url", url="https://example.com/a.mp4", filename=name)
        assert made.filename == name


def test_an_update_with_empty_values_changes_no_metadata(sync_client: TwelveLabs, emulator: Emulator) -> None:
    """An empty list is ignored like an empty string; a replacement drops both (OpenAPI: user-metadata)."""
    asset = sync_client.assets.create(method="url", url="https://example.com/a.mp4", user_metadata={"a": 1, "b": "c"})
    sync_client.assets.update_user_metadata(asset.id, user_metadata={"a": [], "b": "", "d": ["e"]})
    assert sync_client.assets.retrieve(asset.id).user_metadata == {"a": 1, "b": "c", "d": ["e"]}
    sync_client.assets.replace_user_metadata(asset.id, user_metadata={"a": [], "b": "", "c": None, "d": 1})
    assert sync_client.assets.retrieve(asset.id).user_metadata == {"d": 1}
