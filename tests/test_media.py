"""`_media` reads facts from headers, and is never surprised by a file."""

from __future__ import annotations

import io
import struct
import wave
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async._media import Media, read_media

CLIPS = Path(__file__).parent.parent / "examples" / "media"


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def header(timescale: int, ticks: int, *, long: bool = False) -> bytes:
    if long:
        return struct.pack(">IQQIQ", 1 << 24, 0, 0, timescale, ticks)
    return struct.pack(">IIIII", 0, 0, 0, timescale, ticks)


def track(handler: bytes, timescale: int, ticks: int, frames: int, width: int = 0, height: int = 0) -> bytes:
    return box(
        b"trak",
        box(b"tkhd", bytes(76), struct.pack(">II", width << 16, height << 16)),
        box(
            b"mdia",
            box(b"mdhd", header(timescale, ticks)),
            box(b"hdlr", bytes(8), handler, bytes(12)),
            box(b"minf", box(b"stbl", box(b"stsz", struct.pack(">III", 0, 0, frames)))),
        ),
    )


def movie(*, brand: bytes = b"isom", long: bool = False, sound: bool = True) -> bytes:
    tracks = [track(b"vide", 30_000, 60_060, 60, 640, 360)]
    if sound:
        tracks.append(track(b"soun", 48_000, 96_000, 94))
    return box(b"ftyp", brand, bytes(4)) + box(b"moov", box(b"mvhd", header(1000, 2002, long=long)), *tracks)


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


def test_other_containers() -> None:
    """PyAV, where installed, tells the facts of containers that are not read here."""
    av = pytest.importorskip("av")
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as writer:
        stream = writer.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(50):
            frame = av.VideoFrame(64, 48, "yuv420p")
            frame.pts = number
            writer.mux(stream.encode(frame))
        writer.mux(stream.encode())
    media = read_media(file)
    assert (media.duration, media.width, media.height, media.fps) == (2.0, 64, 48, 25.0)
    assert media.has_audio is False


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
