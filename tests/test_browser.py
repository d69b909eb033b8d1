"""Streams of the emulator in Chromium: `tox run -e browser`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from twelvelabs_async import TwelveLabs
from twelvelabs_async.testing import Emulator, sample_clip

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.any_python,
    pytest.mark.browser,
    pytest.mark.emulator(processing_time=0),
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium, for example by apt-get install chromium"),
]

PAGE = """<!doctype html>
<img id="thumbnail" crossorigin="anonymous" src="%(thumbnail)s">
<video id="video" crossorigin="anonymous" muted autoplay src="%(stream)s"></video>
<script>
    const video = document.getElementById("video");
    const report = (outcome) => fetch("/report", {method: "POST", body: JSON.stringify(outcome)});
    video.onerror = () => report({error: video.error.message});
    video.ontimeupdate = async () => {
        if (video.currentTime < 1) return;
        video.ontimeupdate = null;
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
        const context = canvas.getContext("2d");
        context.drawImage(video, 0, 0);
        const thumbnail = document.getElementById("thumbnail");
        await report({
            duration: video.duration,
            size: [video.videoWidth, video.videoHeight],
            sky: [...context.getImageData(5, 5, 1, 1).data],
            thumbnail: [thumbnail.naturalWidth, thumbnail.naturalHeight],
        });
    };
</script>
"""


class PageServer(ThreadingHTTPServer):
    """Server of one page, on an origin of its own, and of the report that the page sends."""

    def __init__(self, page: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.page = page
        self.reports: Queue[dict[str, Any]] = Queue()


class _Handler(BaseHTTPRequestHandler):
    server: PageServer

    def do_GET(self) -> None:
        self._answer(self.server.page.encode() if self.path == "/" else b"")

    def do_POST(self) -> None:
        self.server.reports.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._answer(b"")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Write nothing to standard error."""


def play(stream: str, thumbnail: str, profile: Path) -> dict[str, Any]:
    """Open a page with a video and a picture in a browser; return what the page reports after a second of playing."""
    with PageServer(PAGE % {"stream": stream, "thumbnail": thumbnail}) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--mute-audio", "--no-first-run"]
        autoplay = "--autoplay-policy=no-user-gesture-required"
        url = f"http://127.0.0.1:{server.server_port}/"
        browser = subprocess.Popen(
            [str(CHROMIUM), *options, autoplay, f"--user-data-dir={profile}", url],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            return server.reports.get(timeout=60)
        finally:
            browser.terminate()
            browser.wait()
            server.shutdown()


@pytest.fixture(params=[True, False], ids=["with PyAV", "without PyAV"])
def has_pyav(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether PyAV is installed for an emulator that starts later."""
    if not request.param:
        monkeypatch.setitem(sys.modules, "av", None)
    return bool(request.param)


def test_chromium_plays_the_stream_of_an_uploaded_file(
    has_pyav: bool, sync_client: TwelveLabs, emulator: Emulator, tmp_path: Path
) -> None:
    """A page of another origin plays it without the API key, and reads its pixels: the sky of the clip is blue.

    Without PyAV, the URL of the playlist has the file itself, and the picture is a drawing.
    """
    created = sync_client.assets.upload(sample_clip(), enable_hls=True, enable_thumbnail=True)
    asset = sync_client.assets.retrieve(created.id)
    assert asset.hls is not None
    assert asset.thumbnail is not None
    report = play(asset.hls.manifest_url or "", asset.thumbnail.representative_url or "", tmp_path)
    assert "error" not in report, report
    red, green, blue, _ = report.pop("sky")
    assert blue > green > red
    thumbnail = [320, 240] if has_pyav else [320, 180]
    assert report == {"duration": pytest.approx(12, abs=0.2), "size": [480, 360], "thumbnail": thumbnail}
    files = {request.path.rpartition("/")[2] for request in emulator.requests if "/hls/" in request.path}
    assert files == ({"manifest.m3u8", "init.mp4", "part0.m4s"} if has_pyav else set())
