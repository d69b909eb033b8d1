"""Pictures and streams that the emulator serves of uploaded files."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin

import httpx
import pytest

from twelvelabs_async import TwelveLabs
from twelvelabs_async.models.assets import AssetDetail
from twelvelabs_async.testing import Emulator, sample_clip

av = pytest.importorskip("av", reason="reading pictures and streams needs the extra media")

MODELS = [{"model_name": "marengo3.0", "model_options": ["visual"]}]
pytestmark = pytest.mark.emulator(processing_time=0, indexing_time=0)


@pytest.fixture
def web() -> Iterator[httpx.Client]:
    """A browser's side: no API key, and an origin of its own."""
    with httpx.Client(headers={"Origin": "https://example.com"}, timeout=60) as web:
        yield web


@pytest.fixture
def asset(sync_client: TwelveLabs) -> AssetDetail:
    uploaded = sync_client.assets.upload(sample_clip(), enable_hls=True, enable_thumbnail=True)
    return sync_client.assets.retrieve(uploaded.id)


def playlist_url(asset: AssetDetail) -> str:
    assert asset.hls is not None
    assert asset.hls.manifest_url is not None
    return asset.hls.manifest_url


def thumbnail_url(asset: AssetDetail) -> str:
    assert asset.thumbnail is not None
    assert asset.thumbnail.representative_url is not None
    return asset.thumbnail.representative_url


def size_and_colors(picture: bytes) -> tuple[int, int, int]:
    """Return width, height and number of colors of a picture."""
    with av.open(io.BytesIO(picture)) as opened:
        frame = next(opened.decode(video=0)).reformat(format="rgb24")
    pixels = bytes(frame.planes[0])
    return frame.width, frame.height, len({pixels[start : start + 3] for start in range(0, len(pixels) - 2, 3)})


@pytest.fixture
def without_pyav(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyAV is not installed."""
    monkeypatch.setitem(sys.modules, "av", None)


def test_a_stream_has_the_packets_of_the_uploaded_file(web: httpx.Client, asset: AssetDetail) -> None:
    """The playlist names segments of fragmented MP4, whose URLs are signed as its own is."""
    playlist = web.get(playlist_url(asset))
    assert playlist.headers["content-type"].startswith("application/vnd.apple.mpegurl")
    names = re.findall(r"(?:init\.mp4|part\d+\.m4s)\?[^\s\"]+", playlist.text)
    parts = [web.get(urljoin(playlist_url(asset), name)).raise_for_status().content for name in names]
    with av.open(io.BytesIO(b"".join(parts))) as streamed, av.open(str(sample_clip())) as original:
        assert [stream.codec_context.name for stream in streamed.streams] == ["h264", "aac"]
        sizes = [[packet.size for packet in opened.demux(video=0)] for opened in (streamed, original)]
    assert sizes[0] == sizes[1]


@pytest.mark.usefixtures("without_pyav")
def test_without_pyav_the_url_of_the_stream_has_the_file_itself(web: httpx.Client, asset: AssetDetail) -> None:
    """A browser's video element plays it, by ranges."""
    whole = web.get(playlist_url(asset))
    assert (whole.headers["content-type"], whole.content) == ("video/mp4", sample_clip().read_bytes())
    part = web.get(playlist_url(asset), headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"ftyp")
    assert part.headers["content-range"] == f"bytes 4-7/{len(whole.content)}"


def test_an_indexed_asset_has_the_stream_and_the_picture_of_its_asset(
    web: httpx.Client, sync_client: TwelveLabs, asset: AssetDetail
) -> None:
    """It has them if its stream was enabled when it was added to the index."""
    index = sync_client.indexes.create(index_name="clips", models=MODELS)
    added = sync_client.indexes.indexed_assets.create(index.id, asset_id=asset.id, enable_video_stream=True)
    stream = sync_client.indexes.indexed_assets.retrieve(index.id, added.id).hls
    assert stream is not None
    assert web.get(stream.video_url or "").text.startswith("#EXTM3U")
    assert [web.get(url).content for url in stream.thumbnail_urls or []] == [web.get(thumbnail_url(asset)).content]


def test_players_that_start_at_once_get_the_same_stream(web: httpx.Client, asset: AssetDetail) -> None:
    """It is written once."""
    with ThreadPoolExecutor(8) as players:
        answers = [*players.map(web.get, [playlist_url(asset)] * 8)]
    assert {answer.text for answer in answers} == {answers[0].raise_for_status().text}
    assert "#EXT-X-ENDLIST" in answers[0].text


def test_a_file_that_cannot_be_streamed_is_sent_itself(
    web: httpx.Client, sync_client: TwelveLabs, emulator: Emulator
) -> None:
    """The URL of the playlist redirects to it."""
    sound = b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x44\xac\0\0\x44\xac\0\0\1\0\x08\0data\0\0\0\0"
    emulator.serve("https://example.com/sound.wav", sound)
    created = sync_client.assets.create(method="url", url="https://example.com/sound.wav", enable_hls=True)
    redirect = web.get(playlist_url(sync_client.assets.retrieve(created.id)))
    assert web.get(redirect.headers["location"]).content == sound


def test_a_thumbnail_is_a_frame_of_the_video(
    web: httpx.Client, sync_client: TwelveLabs, asset: AssetDetail, emulator: Emulator
) -> None:
    """Those of search results show the start of each clip."""
    picture = web.get(thumbnail_url(asset)).raise_for_status()
    assert picture.headers["content-type"] == "image/png"
    assert size_and_colors(picture.content)[:2] == (320, 240)  # the sides of the clip, which are 4 to 3
    index = sync_client.indexes.create(
        index_name="clips",
        models=MODELS,
        addons=["thumbnail"],
    )
    sync_client.indexes.indexed_assets.create(index.id, asset_id=asset.id)
    hits = sync_client.search.query(index_id=index.id, search_options=["visual"], query_text="balloon")
    pictures = {web.get(hit.thumbnail_url or "").raise_for_status().content for hit in hits}
    assert len(pictures) == 2
    assert picture.content in pictures


@pytest.mark.usefixtures("without_pyav")
def test_without_pyav_a_thumbnail_is_a_drawing(web: httpx.Client, sync_client: TwelveLabs) -> None:
    """Each name has colors of its own, the same every time. A URL whose content is unknown has one, too."""
    pictures: list[bytes] = []
    for name in ("sea.mp4", "forest.mp4", "sea.mp4"):
        url = f"https://example.com/{name}"
        asset = sync_client.assets.create(method="url", url=url, enable_thumbnail=True)
        pictures.append(web.get(thumbnail_url(sync_client.assets.retrieve(asset.id))).raise_for_status().content)
    assert pictures[0] == pictures[2] != pictures[1]


def test_a_drawing_is_a_picture(web: httpx.Client, sync_client: TwelveLabs) -> None:
    """FFmpeg decodes it. A URL without content has no stream, and the error says how to set one."""
    created = sync_client.assets.create(method="url", url="https://example.com/sea.mp4", enable_thumbnail=True)
    asset = sync_client.assets.retrieve(created.id)
    width, height, colors = size_and_colors(web.get(thumbnail_url(asset)).content)
    assert (width, height, colors > 50) == (320, 180, True)
    missing = web.get(playlist_url(asset))
    assert (missing.status_code, "Set it by Emulator.serve()" in missing.text) == (404, True)


def test_urls_of_pictures_and_streams_are_presigned(web: httpx.Client, asset: AssetDetail, emulator: Emulator) -> None:
    """They have no API key, work for an hour, and for one asset."""
    for url in (playlist_url(asset), thumbnail_url(asset)):
        assert emulator.api_key not in url
        assert web.get(url.replace("Signature=", "Signature=0")).status_code == 403
        assert web.get(url.replace(asset.id, "0" * 24)).status_code == 403
        emulator.advance(3599)
        assert web.get(url).status_code == 200
        emulator.advance(-3599)
    emulator.advance(3600)
    assert web.get(playlist_url(asset)).status_code == 403
    assert "Request has expired" in web.get(thumbnail_url(asset)).text


def test_web_pages_of_all_origins_may_play(web: httpx.Client, asset: AssetDetail) -> None:
    """Players ask for permission to send the header `Range`, and read the length of a file."""
    asked = web.options(playlist_url(asset), headers={"Access-Control-Request-Method": "GET"})
    played = web.head(playlist_url(asset))
    refused = web.get(playlist_url(asset).split("?")[0])
    assert (asked.status_code, played.status_code, refused.status_code) == (204, 200, 403)
    for answer in (asked, played, refused):
        assert answer.headers["access-control-allow-origin"] == "*"
    assert "Content-Range" in played.headers["access-control-expose-headers"]


@pytest.mark.parametrize("name", ["part99.m4s", "other.mp4", "..%2f..%2fetc%2fpasswd"])
def test_a_stream_has_no_other_files(web: httpx.Client, asset: AssetDetail, name: str) -> None:
    """The signature of a stream opens its own files alone."""
    assert web.get(playlist_url(asset).replace("manifest.m3u8", name)).status_code == 404
