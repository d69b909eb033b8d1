"""`_media` reads facts from headers, and is never surprised by a file."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import sys
import wave
import zlib
from fractions import Fraction
from pathlib import Path
from socketserver import BaseRequestHandler, TCPServer
from threading import Thread
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async.media.headers import Media, read_file, read_media

CLIPS = Path(__file__).parent.parent / "examples" / "media"


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def header(timescale: int, ticks: int, *, long: bool = False) -> bytes:
    if long:
        return struct.pack(">IQQIQ", 1 << 24, 0, 0, timescale, ticks)
    return struct.pack(">IIIII", 0, 0, 0, timescale, ticks)


def track(
    handler: bytes, timescale: int, ticks: int, frames: int, width: int = 0, height: int = 0, stored: int = 0
) -> bytes:
    return box(
        b"trak",
        box(b"tkhd", bytes(76), struct.pack(">II", width << 16, height << 16)),
        box(
            b"mdia",
            box(b"mdhd", header(timescale, ticks)),
            box(b"hdlr", bytes(8), handler, bytes(12)),
            box(
                b"minf",
                box(
                    b"stbl",
                    box(b"stsd", bytes(40), struct.pack(">HH", stored or width, height)),
                    box(b"stsz", struct.pack(">III", 0, 0, frames)),
                ),
            ),
        ),
    )


def movie(*more: bytes, brand: bytes = b"isom", long: bool = False, sound: bool = True, stored: int = 0) -> bytes:
    tracks = [track(b"vide", 30_000, 60_060, 60, 640, 360, stored)]
    if sound:
        tracks.append(track(b"soun", 48_000, 96_000, 94))
    return box(b"ftyp", brand, bytes(4)) + box(b"moov", box(b"mvhd", header(1000, 2002, long=long)), *tracks, *more)


def film(path: Path, rate: int = 25, seconds: int = 2, pixel: Fraction = Fraction(1), **options: str) -> Path:
    """Write a real video of 64 by 48 pixels, in the format that its suffix says."""
    av = pytest.importorskip("av")
    with av.open(str(path), "w", options=options) as writer:
        stream = writer.add_stream("mpeg4", rate=rate, options={"g": str(rate)})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.sample_aspect_ratio = pixel
        for number in range(rate * seconds):
            frame = av.VideoFrame(64, 48, "yuv420p")
            frame.pts = number
            writer.mux(stream.encode(frame))
        writer.mux(stream.encode())
    return path


def wav(seconds: float) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(2)
        writer.setsampwidth(2)
        writer.setframerate(8000)
        writer.writeframes(bytes(int(seconds * 8000) * 4))
    return file.getvalue()


def png(width: int, height: int) -> bytes:
    content = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + content + struct.pack(">I", zlib.crc32(content))


SAMPLES = [movie(), movie(brand=b"qt  ", long=True), wav(0.01), png(33, 21)]


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("bouncing_ball.mp4", ("mp4", 10, 480, 360, 25.0)),
        ("rocket_countdown.mp4", ("mp4", 15, 640, 360, 30.0)),
        ("game_of_life.mov", ("mov", 12, 640, 360, 24.0)),
    ],
)
def test_real_clips(name: str, facts: tuple[str, int, int, int, float]) -> None:
    """The facts of real files are told, with `moov` first and last."""
    with (CLIPS / name).open("rb") as file:
        media = read_media(file)
    assert (media.container, round(media.duration or 0), media.width, media.height, media.fps) == facts
    assert media.has_audio


@pytest.mark.parametrize("long", [False, True])
def test_mp4(long: bool) -> None:
    """Both widths of the time fields are understood, and a missing sound track is seen."""
    assert read_media(movie(long=long)) == Media("mp4", 2.002, 640, 360, 29.97, True)
    assert read_media(movie(long=long, sound=False)).has_audio is False


def test_mov() -> None:
    """A QuickTime brand makes a MOV."""
    assert read_media(movie(brand=b"qt  ")).container == "mov"


def test_only_headers_are_read() -> None:
    """A gigabyte of picture data before `moov` is skipped, not read."""

    class Sparse(io.RawIOBase):
        start, end, hole = box(b"ftyp", b"isom", bytes(4)), movie()[16:], 1 << 30
        position = taken = 0

        def seek(self, offset: int, whence: int = 0) -> int:
            self.position = offset + (len(self.start) + self.hole + len(self.end) if whence == io.SEEK_END else 0)
            return self.position

        def read(self, size: int = -1) -> bytes:
            head = self.start + struct.pack(">I4s", self.hole, b"mdat")
            tail = self.position - len(self.start) - self.hole
            found = self.end[tail : tail + size] if tail >= 0 else head[self.position : self.position + size]
            self.taken += len(found)
            return found.ljust(size, b"\0") if tail < 0 else found

    file = Sparse()
    assert read_media(file) == Media("mp4", 2.002, 640, 360, 29.97, True)  # type: ignore[arg-type]
    assert file.taken < 1000


def test_wav() -> None:
    """The length of a WAV follows from its byte rate."""
    assert read_media(wav(1.5)) == Media("wav", 1.5, has_audio=True)


def test_wav_from_a_pipe() -> None:
    """A WAV that does not know its length runs to the end of the file."""
    content = wav(1.0)
    start = content.index(b"data") + 4
    assert read_media(content[:start] + b"\xff" * 4 + content[start + 4 :]).duration == 1.0


def test_png() -> None:
    """A PNG has a size and no sound."""
    assert read_media(png(33, 21)) == Media("png", width=33, height=21, has_audio=False)


def test_jpeg() -> None:
    """A JPEG's size is in its frame header, after any number of other segments."""
    segments = b"\xff\xe0\x00\x10" + bytes(14) + b"\xff\xc4\x00\x04\x00\x00" + b"\xff\xc0\x00\x0b\x08\x00\x15\x00\x21"
    assert read_media(b"\xff\xd8" + segments + bytes(6)) == Media("jpeg", width=33, height=21, has_audio=False)


def test_fragments() -> None:
    """The header of an MP4 in fragments tells the length of the first at most, which is not the whole."""
    assert read_media(movie(box(b"mvex"))) == Media("mp4", None, 640, 360, 29.97, True)


def test_fragments_by_ffmpeg(tmp_path: Path) -> None:
    """PyAV, where installed, finds out how long all fragments are together."""
    media = read_file(str(film(tmp_path / "a.mp4", seconds=3, movflags="frag_keyframe")))
    assert (media.duration, media.width, media.height) == (3.0, 64, 48)


def test_stored() -> None:
    """The size of pictures whose pixels are not square is told as shown, and as stored."""
    media = read_media(movie(stored=480))
    assert (media.width, media.height, media.stored) == (640, 360, (480, 360))


def test_other_containers(tmp_path: Path) -> None:
    """PyAV, where installed, tells the facts of containers that are not read here."""
    media = read_file(str(film(tmp_path / "a.mkv", pixel=Fraction(2))))
    assert media == Media("matroska,webm", 2.0, 128, 48, 25.0, False, (64, 48))


def test_covers(tmp_path: Path) -> None:
    """The cover of an album is no video."""
    av = pytest.importorskip("av")
    path = tmp_path / "a.mp3"
    with av.open(str(path), "w") as writer:
        stream = writer.add_stream("mp3", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 16_000), np.int16), format="s16p", layout="mono")
        frame.sample_rate = 8000
        writer.mux(stream.encode(frame))
        writer.mux(stream.encode())
    pixels = zlib.compress(bytes(30 * 91))
    picture = png(30, 30) + struct.pack(">I", len(pixels)) + b"IDAT" + pixels
    picture += struct.pack(">I", zlib.crc32(b"IDAT" + pixels)) + struct.pack(">I4sI", 0, b"IEND", zlib.crc32(b"IEND"))
    content = b"\0image/png\0\3\0" + picture
    tag = b"APIC" + struct.pack(">I", len(content)) + b"\0\0" + content
    path.write_bytes(b"ID3\3\0\0" + bytes([0, 0, len(tag) >> 7, len(tag) & 127]) + tag + path.read_bytes())
    media = read_file(str(path))
    assert (media.container, media.width, media.fps, media.has_audio) == ("mp3", None, None, True)


def test_text(tmp_path: Path) -> None:
    """A text is no film, although FFmpeg takes it for one."""
    path = tmp_path / "notes.txt"
    path.write_text("Nothing to see here.\n" * 100)
    assert read_file(str(path)) == Media()


def test_playlists(tmp_path: Path) -> None:
    """Where a playlist leads is not looked at: reading a file never connects to anything."""
    path = tmp_path / "list.m3u8"
    asked: list[bytes] = []

    class Note(BaseRequestHandler):
        def handle(self) -> None:
            asked.append(self.request.recv(100))

    with TCPServer(("127.0.0.1", 0), Note) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        address = f"http://127.0.0.1:{server.server_address[1]}/a.ts"
        path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{address}\n#EXT-X-ENDLIST\n")
        assert read_file(str(path)) == Media()
        server.shutdown()
        thread.join()
    assert not asked


class TestFfprobe:
    """Where PyAV cannot help, ffprobe is asked."""

    @pytest.fixture
    def unknown(self, tmp_path: Path) -> str:
        path = tmp_path / "-a clip'.xyz"
        path.write_bytes(b"in a format that nobody knows")
        return str(path)

    @pytest.fixture
    def answer(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
        """Put a program first on the PATH that answers what it is told."""
        if sys.platform == "win32":
            pytest.skip("scripts are no programs here")

        def put(text: str, status: int = 0) -> None:
            program = tmp_path / "ffprobe"
            script = [
                "#!/bin/sh",
                "for path; do :; done",
                '[ -f "${path#file:}" ] || exit 3',
                "cat <<'END'",
                text,
                "END",
            ]
            program.write_text("\n".join([*script, f"exit {status}"]))
            program.chmod(0o755)
            monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

        return put

    def test_answer(self, unknown: str, answer: Any) -> None:
        """What it says is understood."""
        answer(
            """{"streams": [
                {"codec_type": "video", "width": 99, "height": 99, "avg_frame_rate": "0/0",
                 "disposition": {"attached_pic": 1}},
                {"codec_type": "video", "width": 720, "height": 576, "sample_aspect_ratio": "16:15",
                 "avg_frame_rate": "30000/1001", "disposition": {"attached_pic": 0}},
                {"codec_type": "audio", "avg_frame_rate": "0/0", "disposition": {"attached_pic": 0}}
            ], "format": {"format_name": "odd", "duration": "12.500000"}}"""
        )
        assert read_file(unknown) == Media("odd", 12.5, 768, 576, 29.97, True, (720, 576))

    def test_little(self, unknown: str, answer: Any) -> None:
        """What it does not know is left out."""
        answer(
            """{"streams": [{"codec_type": "video", "width": 64, "height": 48, "avg_frame_rate": "0/0",
                "sample_aspect_ratio": "0:1", "disposition": {"attached_pic": 0}}], "format": {"format_name": "odd"}}"""
        )
        assert read_file(unknown) == Media("odd", None, 64, 48, None, False)

    @pytest.mark.parametrize(
        ("text", "status"),
        [
            *((text, 0) for text in ("", "{}", "[]", "null", '{"streams": {}}', '{"streams": [], "format": {}}')),
            ('{"streams": [], "format": {"format_name": "odd"}}', 1),
        ],
    )
    def test_failure(self, unknown: str, answer: Any, text: str, status: int) -> None:
        """Whatever goes wrong, nothing is told."""
        answer(text, status)
        assert read_file(unknown) == Media()

    def test_not_there(self, unknown: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without it, there is what can be read here."""
        monkeypatch.setenv("PATH", "")
        assert read_file(unknown) == Media()
        assert read_file(str(CLIPS / "bouncing_ball.mp4")).width == 480

    @pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not installed")
    def test_like_pyav(self, tmp_path: Path) -> None:
        """The real program tells the same as PyAV."""
        path = film(tmp_path / "-a clip'.mkv", pixel=Fraction(2))
        code = (
            "import sys; sys.modules['av'] = None; from twelvelabs_async.media.headers import read_file;"
            "print(read_file(sys.argv[1]))"
        )
        run = subprocess.run([sys.executable, "-c", code, path.name], cwd=tmp_path, capture_output=True, text=True)
        assert run.stdout.strip() == str(read_file(str(path)))


@given(st.binary(max_size=200))
def test_garbage(content: bytes) -> None:
    """Any bytes at all are read without an error."""
    assert isinstance(read_media(content), Media)


@given(st.sampled_from(SAMPLES), st.data())
def test_damage(sample: bytes, data: st.DataObject) -> None:
    """A truncated file with bytes overwritten anywhere is read without an error, and tells no impossible facts."""
    content = bytearray(sample[: data.draw(st.integers(12, len(sample)))])
    for place, value in data.draw(st.lists(st.tuples(st.integers(8, len(sample)), st.binary(min_size=1, max_size=8)))):
        content[place : place + len(value)] = value
    media = read_media(bytes(content))
    assert media.duration is None or media.duration > 0
    assert media.width is None or media.width > 0
    assert media.fps is None or media.fps > 0
