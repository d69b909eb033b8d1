"""Headers of media files: the facts in them, whatever the file is like."""

from __future__ import annotations

import io
import os
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

from support.images import png

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


def write_video(path: Path, rate: int = 25, seconds: int = 2, pixel: Fraction = Fraction(1), **options: str) -> Path:
    """Write a real video of 64 by 48 pixels, in the format of the path's suffix."""
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


SAMPLES = [movie(), movie(brand=b"qt  ", long=True), wav(0.01), png(33, 21)]


@pytest.fixture
def without_pyav(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("bouncing_ball.mp4", ("mp4", 10, 480, 360, 25.0)),
        ("rocket_countdown.mp4", ("mp4", 15, 640, 360, 30.0)),
        ("game_of_life.mov", ("mov", 12, 640, 360, 24.0)),
    ],
)
def test_the_facts_of_real_clips_are_read(name: str, facts: tuple[str, int, int, int, float]) -> None:
    with (CLIPS / name).open("rb") as file:
        media = read_media(file)
    assert (media.container, round(media.duration or 0), media.width, media.height, media.fps) == facts
    assert media.has_audio


@pytest.mark.parametrize("long", [False, True])
def test_both_versions_of_time_fields_are_read(long: bool) -> None:
    assert read_media(movie(long=long)) == Media(
        container="mp4", duration=2.002, width=640, height=360, fps=29.97, has_audio=True
    )


def test_a_movie_without_a_sound_track_has_no_audio() -> None:
    assert read_media(movie(sound=False)).has_audio is False


@pytest.mark.parametrize("ticks", [18_000_000, 1000])
def test_durations_that_disagree_prove_nothing(ticks: int) -> None:
    """The header of the movie states five hours, or a second; its tracks twenty minutes."""
    tracks = (track(b"vide", 1000, 1_200_000, 30_000, 640, 360), track(b"soun", 1000, 1_100_000, 9))
    content = box(b"ftyp", b"isom", bytes(4)) + box(b"moov", box(b"mvhd", header(1000, ticks)), *tracks)
    assert read_media(content) == Media(container="mp4", width=640, height=360, fps=25.0, has_audio=True)


def test_the_longest_track_confirms_the_duration_of_the_movie() -> None:
    tracks = (track(b"vide", 1000, 600_000, 15_000, 640, 360), track(b"soun", 1000, 1_200_000, 9))
    content = box(b"ftyp", b"isom", bytes(4)) + box(b"moov", box(b"mvhd", header(1000, 1_200_500)), *tracks)
    assert read_media(content).duration == 1200.5


def test_the_sizes_of_all_video_tracks_are_read() -> None:
    """The first one may be a preview."""
    tracks = (track(b"vide", 1000, 2000, 50, 160, 90), track(b"vide", 1000, 2000, 50, 1280, 720))
    media = read_media(box(b"ftyp", b"isom", bytes(4)) + box(b"moov", *tracks))
    assert (media.width, media.height, media.sizes) == (160, 90, ((1280, 720),))


def test_a_quicktime_brand_makes_a_mov() -> None:
    assert read_media(movie(brand=b"qt  ")).container == "mov"


def test_only_headers_are_read_though_a_gigabyte_of_pictures_comes_first() -> None:

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
    assert read_media(file) == Media(container="mp4", duration=2.002, width=640, height=360, fps=29.97, has_audio=True)  # type: ignore[arg-type]
    assert file.taken < 1000


@pytest.mark.usefixtures("without_pyav")
def test_the_duration_of_a_wav_follows_from_its_byte_rate() -> None:
    assert read_media(wav(1.5)) == Media(container="wav", duration=1.5, has_audio=True)


def chunk(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content


def compressed_wav(codec: int, samples: int, byte_rate: int, frame_bytes: int = 256) -> bytes:
    """Return a WAV file of 22,400 bytes at 8,000 samples per second, whose header states the number of samples."""
    form = struct.pack("<HHIIHHH", codec, 1, 8000, byte_rate, frame_bytes, 4, 0)
    chunks = chunk(b"fmt ", form) + chunk(b"fact", struct.pack("<I", samples)) + chunk(b"data", bytes(22_400))
    return chunk(b"RIFF", b"WAVE" + chunks)


@pytest.mark.parametrize("codec", [2, 0x11, 0x31, 0x55])
def test_the_duration_of_a_compressed_wav_follows_from_its_samples(codec: int) -> None:
    """The byte rate is an average, which does not count the header of each block. Without samples, there is none."""
    assert read_media(compressed_wav(codec, 16_000, byte_rate=8000)).duration == 2.0
    assert read_media(compressed_wav(codec, 0, byte_rate=8000)).duration is None


@pytest.mark.parametrize(
    ("samples", "byte_rate", "frame_bytes"), [(11_200, 16_000, 2), (1000, 16_000, 2), (0, 1, 2), (0, 16_000, 200)]
)
def test_an_uncompressed_wav_has_a_duration_if_its_header_agrees_with_its_content(
    samples: int, byte_rate: int, frame_bytes: int
) -> None:
    duration = read_media(compressed_wav(1, samples, byte_rate, frame_bytes)).duration
    assert duration == (1.4 if samples == 11_200 else None)


@given(width=st.integers(1, 2**16 - 1), height=st.integers(1, 2**16 - 1))
def test_the_size_that_was_written_is_the_size_that_is_read(width: int, height: int) -> None:
    content = track(b"vide", 1000, 2000, 50, width, height)
    video = read_media(box(b"ftyp", b"isom", bytes(4)) + box(b"moov", content))
    image = read_media(png(width, height))
    assert (video.width, video.height) == (image.width, image.height) == (width, height)


@given(timescale=st.integers(1, 2**32 - 1), ticks=st.integers(1, 2**32 - 2), long=st.booleans())
def test_the_duration_that_was_written_is_the_duration_that_is_read(timescale: int, ticks: int, long: bool) -> None:
    content = box(b"mvhd", header(timescale, ticks, long=long))
    assert read_media(box(b"ftyp", b"isom", bytes(4)) + box(b"moov", content)).duration == ticks / timescale


@pytest.mark.parametrize(("ticks", "long"), [(2**32 - 1, False), (2**64 - 1, True), (0, False)])
def test_unknown_durations_are_none(ticks: int, long: bool) -> None:
    content = box(b"mvhd", header(1000, ticks, long=long))
    assert read_media(box(b"ftyp", b"isom", bytes(4)) + box(b"moov", content)).duration is None


@pytest.mark.usefixtures("without_pyav")
def test_a_wav_of_unknown_length_ends_with_the_file() -> None:
    content = wav(1.0)
    start = content.index(b"data") + 4
    assert read_media(content[:start] + b"\xff" * 4 + content[start + 4 :]).duration == 1.0


def test_a_png_has_a_size_and_no_audio() -> None:
    assert read_media(png(33, 21)) == Media(container="png", width=33, height=21, has_audio=False)


IMAGES = {
    "gif": b"GIF89a" + struct.pack("<HH", 33, 21) + bytes(8),
    "bmp": b"BM" + struct.pack("<IIIIii", 100, 0, 54, 40, 33, -21) + bytes(28),
    "bmp of OS/2": b"BM" + struct.pack("<IIIIHH", 100, 0, 26, 12, 33, 21) + bytes(4),
    "webp": b"RIFF" + bytes(4) + b"WEBPVP8 " + bytes(10) + struct.pack("<HH", 33 | 1 << 14, 21),
    "webp without loss": b"RIFF" + bytes(4) + b"WEBPVP8L" + bytes(4) + b"\x2f" + struct.pack("<I", 32 | 20 << 14),
    "webp with more": b"RIFF" + bytes(4) + b"WEBPVP8X" + bytes(8) + struct.pack("<HBHB", 32, 0, 20, 0),
}


@pytest.mark.parametrize("name", IMAGES)
def test_other_images_have_a_size_and_no_audio(name: str) -> None:
    """The API takes JPEG, PNG, GIF, BMP and WebP (docs: Analyze videos)."""
    expected = Media(container=name.partition(" ")[0], width=33, height=21, has_audio=False)
    assert read_media(IMAGES[name]) == expected


def test_images_of_pyav_have_the_size_that_is_in_their_header(tmp_path: Path) -> None:
    """Encoders of others agree."""
    av = pytest.importorskip("av")
    for suffix, codec, pixels in ((".gif", "gif", "rgb8"), (".bmp", "bmp", "bgr24")):
        with av.open(str(tmp_path / f"a{suffix}"), "w", format="gif" if codec == "gif" else "image2") as writer:
            stream = writer.add_stream(codec, rate=1)
            stream.width, stream.height, stream.pix_fmt = 33, 21, pixels
            writer.mux(stream.encode(av.VideoFrame(33, 21, pixels)))
            writer.mux(stream.encode())
        media = read_media((tmp_path / f"a{suffix}").read_bytes())
        assert (media.container, media.width, media.height) == (codec, 33, 21)


def test_the_size_of_a_jpeg_is_in_its_frame_header_after_other_segments() -> None:
    segments = b"\xff\xe0\x00\x10" + bytes(14) + b"\xff\xc4\x00\x04\x00\x00" + b"\xff\xc0\x00\x0b\x08\x00\x15\x00\x21"
    assert read_media(b"\xff\xd8" + segments + bytes(6)) == Media(
        container="jpeg", width=33, height=21, has_audio=False
    )


@pytest.mark.parametrize("table", [0xFFC4, 0xFFC8, 0xFFCC])
def test_the_tables_of_a_jpeg_are_not_its_frame(table: int) -> None:
    segments = struct.pack(">HH", table, 8) + bytes(6) + b"\xff\xc2\x00\x0b\x08\x00\x15\x00\x21" + bytes(6)
    assert read_media(b"\xff\xd8" + segments).width == 33


@pytest.mark.usefixtures("without_pyav")
@pytest.mark.parametrize("size", [0, 1], ids=["to the end of the file", "64 bits"])
def test_boxes_of_special_sizes_are_read(size: int) -> None:
    content = box(b"mvhd", header(1000, 2002)) + track(b"vide", 30_000, 60_060, 60, 640, 360)
    long = struct.pack(">Q", 16 + len(content)) if size == 1 else b""
    file = box(b"ftyp", b"isom", bytes(4)) + struct.pack(">I4s", size, b"moov") + long + content
    assert read_media(file) == Media(container="mp4", duration=2.002, width=640, height=360, fps=29.97, has_audio=False)


def test_a_fragmented_mp4_has_no_duration_in_its_header() -> None:
    assert read_media(movie(box(b"mvex"))) == Media(container="mp4", width=640, height=360, fps=29.97, has_audio=True)


def test_pyav_reads_the_duration_of_all_fragments(tmp_path: Path) -> None:
    media = read_file(str(write_video(tmp_path / "a.mp4", seconds=3, movflags="frag_keyframe")))
    assert (media.duration, media.width, media.height) == (3.0, 64, 48)


def test_pixels_that_are_not_square_give_a_displayed_and_a_stored_size() -> None:
    media = read_media(movie(stored=480))
    assert (media.width, media.height, media.sizes) == (640, 360, ((480, 360),))


def test_pyav_reads_other_containers(tmp_path: Path) -> None:
    media = read_file(str(write_video(tmp_path / "a.mkv", pixel=Fraction(2))))
    assert media == Media(
        container="matroska,webm", duration=2.0, width=128, height=48, fps=25.0, has_audio=False, sizes=((64, 48),)
    )


def test_the_cover_of_an_album_is_not_a_video(tmp_path: Path) -> None:
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


def test_a_text_has_no_facts(tmp_path: Path) -> None:
    """FFmpeg takes any text for a film for terminals."""
    path = tmp_path / "notes.txt"
    path.write_text("Nothing to see here.\n" * 100)
    assert read_file(str(path)) == Media()


def test_reading_a_playlist_opens_no_connection(tmp_path: Path) -> None:
    path = tmp_path / "list.m3u8"
    requests: list[bytes] = []

    class Recorder(BaseRequestHandler):
        def handle(self) -> None:
            requests.append(self.request.recv(100))

    with TCPServer(("127.0.0.1", 0), Recorder) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        address = f"http://127.0.0.1:{server.server_address[1]}/a.ts"
        path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{address}\n#EXT-X-ENDLIST\n")
        assert read_file(str(path)) == Media()
        server.shutdown()
        thread.join()
    assert not requests


@pytest.mark.skipif(sys.platform == "win32", reason="needs pipes in the file system")
@pytest.mark.parametrize("suffix", [".mp4", ".m3u8", ".ffconcat"])
@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{}'\n",
    ],
    ids=["HLS", "concat"],
)
def test_reading_a_playlist_opens_no_other_file(tmp_path: Path, text: str, suffix: str) -> None:
    """The other file is a pipe that nobody writes to, which blocks whoever opens it."""
    pytest.importorskip("av")
    os.mkfifo(tmp_path / "pipe.ts")
    path = tmp_path / f"list{suffix}"
    found: list[Media] = []
    for place in ("pipe.ts", str(tmp_path / "pipe.ts"), f"file:{tmp_path}/pipe.ts", f"async:{tmp_path}/pipe.ts"):
        path.write_text(text.format(place))
        thread = Thread(target=lambda: found.append(read_file(str(path))), daemon=True)
        thread.start()
        thread.join(10)
        assert found.pop() == Media()


class TestFfprobe:
    """ffprobe is used for files that PyAV does not read."""

    @pytest.fixture
    def unknown(self, tmp_path: Path) -> str:
        path = tmp_path / "-a clip'.xyz"
        path.write_bytes(b"in an unknown format")
        return str(path)

    @pytest.fixture
    def ffprobe(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
        """Return a function that puts a program with a given output first on the PATH."""
        if sys.platform == "win32":
            pytest.skip("needs shell scripts")

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

    def test_its_output_is_read(self, unknown: str, ffprobe: Any) -> None:
        ffprobe(
            """{"streams": [
                {"codec_type": "video", "width": 99, "height": 99, "avg_frame_rate": "0/0",
                 "disposition": {"attached_pic": 1}},
                {"codec_type": "video", "width": 720, "height": 576, "sample_aspect_ratio": "16:15",
                 "avg_frame_rate": "30000/1001", "disposition": {"attached_pic": 0}},
                {"codec_type": "audio", "avg_frame_rate": "0/0", "disposition": {"attached_pic": 0}}
            ], "format": {"format_name": "odd", "duration": "12.500000"}}"""
        )
        assert read_file(unknown) == Media(
            container="odd", duration=12.5, width=768, height=576, fps=29.97, has_audio=True, sizes=((720, 576),)
        )

    def test_it_may_open_only_the_file(self, unknown: str, ffprobe: Any, tmp_path: Path) -> None:
        ffprobe("{}")
        script = (
            (tmp_path / "ffprobe")
            .read_text()
            .replace("for path", f'printf "%s\\n" "$@" > "{tmp_path}/options"; for path')
        )
        (tmp_path / "ffprobe").write_text(script)
        read_file(unknown)
        options = (tmp_path / "options").read_text().splitlines()
        assert options[options.index("-protocol_whitelist") + 1] == "file"
        assert not {"hls", "concat", "dash", "image2"} & {*options[options.index("-format_whitelist") + 1].split(",")}

    def test_facts_that_it_lacks_are_none(self, unknown: str, ffprobe: Any) -> None:
        ffprobe(
            """{"streams": [{"codec_type": "video", "width": 64, "height": 48, "avg_frame_rate": "0/0",
                "sample_aspect_ratio": "0:1", "disposition": {"attached_pic": 0}}], "format": {"format_name": "odd"}}"""
        )
        assert read_file(unknown) == Media(container="odd", width=64, height=48, has_audio=False)

    @pytest.mark.parametrize(
        ("text", "status"),
        [
            *((text, 0) for text in ("", "{}", "[]", "null", '{"streams": {}}', '{"streams": [], "format": {}}')),
            ('{"streams": [], "format": {"format_name": "odd"}}', 1),
        ],
    )
    def test_any_failure_of_it_gives_no_facts(self, unknown: str, ffprobe: Any, text: str, status: int) -> None:
        ffprobe(text, status)
        assert read_file(unknown) == Media()

    def test_headers_are_read_without_it(self, unknown: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "")
        assert read_file(unknown) == Media()
        assert read_file(str(CLIPS / "bouncing_ball.mp4")).width == 480

    @pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not installed")
    def test_the_real_program_reports_the_same_as_pyav(self, tmp_path: Path) -> None:
        path = write_video(tmp_path / "-a clip'.mkv", pixel=Fraction(2))
        code = (
            "import sys; sys.modules['av'] = None; from twelvelabs_async.media.headers import read_file;"
            "print(read_file(sys.argv[1]))"
        )
        run = subprocess.run([sys.executable, "-c", code, path.name], cwd=tmp_path, capture_output=True, text=True)
        assert run.stdout.strip() == str(read_file(str(path)))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_an_error(content: bytes) -> None:
    assert isinstance(read_media(content), Media)


@given(st.sampled_from(SAMPLES), st.data())
def test_a_damaged_file_gives_no_impossible_facts(sample: bytes, data: st.DataObject) -> None:
    content = bytearray(sample[: data.draw(st.integers(12, len(sample)))])
    for place, value in data.draw(st.lists(st.tuples(st.integers(8, len(sample)), st.binary(min_size=1, max_size=8)))):
        content[place : place + len(value)] = value
    media = read_media(bytes(content))
    assert media.duration is None or media.duration > 0
    assert media.width is None or media.width > 0
    assert media.fps is None or media.fps > 0
