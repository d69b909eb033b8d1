"""Moments as clips and audio: exact to the frame and the sample, or copied from the key frame before."""

from __future__ import annotations

import os
import sys
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import AsyncTwelveLabs, MediaError, Moment, Moments, MomentVideo

from support.counted_videos import CountedVideos, durations, frame_numbers, read_numbers, read_samples, turn

av = pytest.importorskip("av", reason='needs the extra "media"')

VP9: dict[str, Any] = {
    "codec": "libvpx-vp9",
    "audio": "libopus",
    "rate": 48_000,
    "options": {"deadline": "realtime", "cpu-used": "8"},
}
MJPEG = {"codec": "mjpeg", "audio": "pcm_s16le", "options": {"strict": "unofficial"}}
OPEN_GROUPS = {"bf": "3", "x264-params": "open-gop=1"}
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "mp4": ("mp4", {}),
    "mp4, much reordered": ("mp4", {"options": {"bf": "8", "preset": "medium"}}),
    "mp4, 29.97 fps": ("mp4", {"fps": Fraction(30_000, 1001)}),
    "mp4, one key frame": ("mp4", {"key_frames": 1000}),
    "mp4, HEVC": ("mp4", {"codec": "libx265", "options": {"x265-params": "log-level=none:open-gop=1"}}),
    "mov": ("mov", {}),
    "mkv, silent": ("mkv", {"audio": None}),
    "webm": ("webm", VP9),
    "avi": ("avi", MJPEG),
    "ts": ("ts", {}),
    "ts, not from 0": ("ts", {"start": 1000.0, "options": OPEN_GROUPS}),
}


def in_file(path: Path, *times: tuple[float, float | None]) -> Moments:
    """Return moments of a file."""
    return Moments(Moment(start=start, end=end, video=MomentVideo(file=str(path))) for start, end in times)


@pytest.fixture
def video(counted_videos: CountedVideos) -> Path:
    """A video of ten seconds with 25 pictures per second, and key frames at 0, 2, 4, 6 and 8 seconds."""
    return counted_videos.get("mp4")


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("suffix", ["mp4", "gif"])
async def test_a_jump_of_the_time_is_not_filled(
    client: AsyncTwelveLabs, counted_videos: CountedVideos, tmp_path: Path, suffix: str, exact: bool
) -> None:
    """A damaged file may say that its next picture comes after years. What is before can be saved."""
    times = [*(number / 25 for number in range(50)), 6000, 6000.04]
    damaged = counted_videos.get("mkv", times=times, audio=None)
    target = tmp_path / f"clip.{suffix}"
    with pytest.raises(MediaError, match=r"jump by more than 3,600 s after 2\.0\d* s"):
        await client.media.save(in_file(damaged, (1, None)), target, exact=exact)
    assert not target.exists()
    await client.media.save(in_file(damaged, (0.5, 1)), target, exact=exact)
    assert target.exists()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("start", "end"), [(3.0, 5.0), (0.0, 0.5), (7.013, 7.9), (9.0, None)])
async def test_an_exact_clip_has_the_frames_that_are_shown_in_the_moment(
    client: AsyncTwelveLabs,
    counted_videos: CountedVideos,
    tmp_path: Path,
    kind: str,
    start: float,
    end: float | None,
) -> None:
    """The first one is shown at the start; the last one begins before the end."""
    suffix, settings = KINDS[kind]
    [moment] = in_file(counted_videos.get(suffix, **settings), (start, end))
    [clip] = await client.media.save(moment, tmp_path / "clip.mp4")
    fps = settings.get("fps", 25)
    found = read_numbers(clip)
    assert found[0] == (int(start * fps), 0.0)
    assert [*dict.fromkeys(number for number, _ in found)] == [*range(int(start * fps), ceil((end or 10) * fps))]
    padding = 0.05 if end else 0.15  # of the last piece of sound, of 0.13 s
    assert durations(clip)["video"] == pytest.approx((end or 10) - start, abs=padding)


@pytest.mark.parametrize("kind", ["mp4", "mov", "mkv, silent", "webm", "ts"])
async def test_a_copied_clip_begins_at_the_key_frame_before(
    client: AsyncTwelveLabs, counted_videos: CountedVideos, tmp_path: Path, kind: str
) -> None:
    """It ends within a few frames of the end, since frames are stored in the order of decoding."""
    suffix, settings = KINDS[kind]
    [moment] = in_file(counted_videos.get(suffix, **settings), (7.013, 7.5))
    [clip] = await client.media.save(moment, tmp_path / "clip.mp4", exact=False)
    assert read_numbers(clip)[0] == (150, 0.0)
    assert 187 <= max(frame_numbers(clip)) < 192


async def test_a_copy_that_the_format_cannot_hold_is_refused(
    client: AsyncTwelveLabs, counted_videos: CountedVideos, tmp_path: Path
) -> None:
    """The error says how to encode it, which works."""
    [moment] = in_file(counted_videos.get("webm", **{**VP9, "codec": "libvpx", "seconds": 2.0}), (1, 2))
    with pytest.raises(MediaError, match="has vp8, which cannot be copied to mp4 here: pass exact=True"):
        await client.media.save(moment, tmp_path / "clip.mp4", exact=False)
    assert os.listdir(tmp_path) == []


async def test_a_moment_of_less_than_a_frame_is_a_clip_of_one(
    client: AsyncTwelveLabs, video: Path, tmp_path: Path
) -> None:
    [clip] = await client.media.save(in_file(video, (3.01, 3.02)), tmp_path / "clip.mp4")
    assert read_numbers(clip) == [(75, 0.0)]


@pytest.mark.parametrize(("start", "end"), [(0.0, 2.0), (1.234, 4.321), (9.5, None)])
async def test_audio_is_cut_to_the_sample(
    client: AsyncTwelveLabs, counted_videos: CountedVideos, tmp_path: Path, start: float, end: float | None
) -> None:
    """Each sample of the source is its number."""
    source = counted_videos.get("mov", audio="pcm_s16le")
    [audio] = await client.media.save(in_file(source, (start, end)), tmp_path / "audio.wav")
    assert read_samples(audio) == [number % 30_000 for number in range(round(start * 8000), round((end or 10) * 8000))]


@pytest.mark.parametrize(("suffix", "codec"), [("m4a", "aac"), ("mp3", "mp3float"), ("wav", "pcm_s16le")])
@pytest.mark.parametrize("exact", [True, False])
async def test_audio_alone_is_saved(
    client: AsyncTwelveLabs,
    counted_videos: CountedVideos,
    tmp_path: Path,
    suffix: str,
    codec: str,
    exact: bool,
) -> None:
    """The suffix decides. A copy takes the codec as it is."""
    encoder = {"aac": "aac", "mp3float": "libmp3lame"}.get(codec, codec)
    source = counted_videos.get("mov", audio=encoder, rate=16_000)
    [audio] = await client.media.save(in_file(source, (2.0, 4.5)), tmp_path / f"a.{suffix}", exact=exact)
    with av.open(str(audio)) as reader:
        assert [(stream.type, stream.codec_context.name) for stream in reader.streams] == [("audio", codec)]
    assert durations(audio)["audio"] == pytest.approx(2.5, abs=0.01 if exact else 0.2)


async def test_a_file_without_pictures_is_a_clip_of_sound(
    client: AsyncTwelveLabs, counted_videos: CountedVideos, tmp_path: Path
) -> None:
    source = counted_videos.get("wav", size=None, audio="pcm_s16le")
    [clip] = await client.media.save(in_file(source, (2.0, 4.5)), tmp_path / "clip.mp4")
    assert durations(clip) == {"audio": pytest.approx(2.5, abs=0.001)}


async def test_sound_and_pictures_stay_together(
    client: AsyncTwelveLabs, counted_videos: CountedVideos, tmp_path: Path
) -> None:
    """The sound of a clip begins with the sample of its start, not with the one of the key frame."""
    source = counted_videos.get("mov", audio="pcm_s16le")
    [clip] = await client.media.save(in_file(source, (3.0, 5.0)), tmp_path / "clip.mp4")
    [audio] = await client.media.save(in_file(clip, (0.5, 1.5)), tmp_path / "audio.wav")
    samples = read_samples(audio)
    assert len(samples) == 8000
    assert max(abs(sample - number) for number, sample in enumerate(samples, 3 * 8000 + 4000) if number < 29_000) < 300


async def test_frames_of_different_lengths_keep_their_times(
    client: AsyncTwelveLabs, counted_videos: CountedVideos, tmp_path: Path
) -> None:
    """The first frame is the one that is shown at the start, although it began long before."""
    source = counted_videos.get("mp4", times=(0.0, 0.1, 2.5, 2.6, 4.0, 4.04, 7.0), audio=None)
    [clip] = await client.media.save(in_file(source, (2.0, 6.0)), tmp_path / "clip.mp4")
    times = dict(reversed(read_numbers(clip)))  # the last frame is repeated, so that players show it until the end
    assert times == {1: 0.0, 2: 0.5, 3: 0.6, 4: 2.0, 5: 2.04}
    assert durations(clip)["video"] == pytest.approx(4.0, abs=0.01)


@pytest.mark.parametrize("turns", [1, 2, 3])
async def test_a_turned_video_is_a_clip_with_upright_frames(
    client: AsyncTwelveLabs, counted_videos: CountedVideos, tmp_path: Path, turns: int
) -> None:
    """Phones store frames as the sensor reads them, and how often to turn them clockwise."""
    source = tmp_path / "phone.mp4"
    source.write_bytes(turn(counted_videos.get("mp4", size=(128, 64), audio=None).read_bytes(), turns))
    [clip] = await client.media.save(in_file(source, (3.0, 5.0)), tmp_path / "clip.mp4")
    with av.open(str(clip)) as reader:
        frame = next(reader.decode(video=0))
    assert (frame.width, frame.height, frame.rotation) == ((64, 128, 0) if turns % 2 else (128, 64, 0))
    assert [number for number, _ in read_numbers(clip, turns=turns)] == [*range(75, 125)]


async def test_a_clip_has_square_pixels(client: AsyncTwelveLabs, counted_videos: CountedVideos, tmp_path: Path) -> None:
    source = counted_videos.get("mp4", pixel_ratio=Fraction(4, 3))
    [clip] = await client.media.save(in_file(source, (3.0, 3.2)), tmp_path / "clip.mp4")
    with av.open(str(clip)) as reader:
        [stream] = reader.streams.video
        assert (stream.width, stream.height, stream.sample_aspect_ratio or 1) == (86, 64, 1)


async def test_a_supercut_has_all_moments_in_order(
    client: AsyncTwelveLabs, counted_videos: CountedVideos, video: Path, tmp_path: Path
) -> None:
    """Videos have different sizes and rates. What has no sound is silent, and what has no pictures shows the last."""
    large = counted_videos.get("mkv", size=(128, 128), fps=30, audio=None)
    sound = counted_videos.get("wav", size=None, audio="pcm_s16le")
    moments = in_file(video, (7.0, 8.0)) + in_file(large, (2.0, 3.0)) + in_file(sound, (0.0, 1.0))
    moments += in_file(video, (0.0, 1.0))
    path = await client.media.supercut(moments, tmp_path / "best.mp4")
    found = [*dict.fromkeys(read_numbers(path))]
    expected = [(175 + number, number / 25) for number in range(25)]
    expected += [(60 + number, 1 + number / 30) for number in range(30)]
    expected += [(89, 2.96)]  # repeated, so that players show it until the end
    expected += [(number, 3 + number / 25) for number in range(25)]
    assert [number for number, _ in found] == [number for number, _ in expected]
    assert [time for _, time in found] == pytest.approx([time for _, time in expected], abs=0.002)
    assert durations(path) == {"video": pytest.approx(4.0, abs=0.05), "audio": pytest.approx(4.0, abs=0.05)}


async def test_frames_of_another_shape_get_black_bars(
    client: AsyncTwelveLabs, counted_videos: CountedVideos, video: Path, tmp_path: Path
) -> None:
    wide = counted_videos.get("mp4", size=(128, 64))
    moments = in_file(video, (0.0, 0.04)) + in_file(wide, (0.6, 0.64))  # the number 15: white blocks above
    path = await client.media.supercut(moments, tmp_path / "best.mp4")
    with av.open(str(path)) as reader:
        *_, frame = reader.decode(video=0)
    plane = frame.reformat(format="gray").planes[0]
    pixels = bytes(plane)
    assert (frame.width, frame.height) == (64, 64)
    assert [pixels[row * plane.line_size + 32] > 127 for row in (4, 12, 20, 28, 44, 60)] == [False] * 2 + [True] + [
        False
    ] * 3


async def test_a_long_file_is_not_read_as_a_whole(
    client: AsyncTwelveLabs, tmp_path: Path, counted_videos: CountedVideos
) -> None:
    """Two hours: only the index and what is around the moment are read."""
    if not sys.platform.startswith("linux"):
        pytest.skip("bytes that were read are counted on Linux alone")
    source = counted_videos.get("mov", seconds=7200.0, fps=Fraction(1, 5), key_frames=20, audio="pcm_s16le", rate=1000)

    def bytes_read() -> int:
        return int(Path("/proc/self/io").read_text().split()[1])

    before = bytes_read()
    [clip] = await client.media.save(in_file(source, (6000.0, 6010.0)), tmp_path / "clip.mp4")
    assert bytes_read() - before < source.stat().st_size / 10
    assert frame_numbers(clip) == [1200, 1201]


async def test_memory_does_not_grow_with_the_length(
    client: AsyncTwelveLabs, tmp_path: Path, counted_videos: CountedVideos
) -> None:
    """Sound of 6 MB is written with less than a third of that in memory."""
    if not os.access("/proc/self/clear_refs", os.W_OK):
        pytest.skip("this system cannot reset the peak of the memory")
    source = counted_videos.get("mov", seconds=200.0, fps=Fraction(1, 5), key_frames=20, audio="pcm_s16le", rate=16_000)

    def reset_peak() -> None:
        Path("/proc/self/clear_refs").write_text("5")

    def peak() -> int:
        [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024

    await client.media.save(in_file(source, (0.0, 10.0)), tmp_path / "short.wav")
    reset_peak()
    before = peak()
    [sound] = await client.media.save(in_file(source, (0.0, 200.0)), tmp_path / "long.wav")
    assert sound.stat().st_size > 6e6
    assert peak() - before < sound.stat().st_size / 3


async def test_channels_in_an_order_of_their_own_are_mixed_to_stereo(client: AsyncTwelveLabs, tmp_path: Path) -> None:
    """PyAV would end the process, since it frees such an order with each object that refers to it."""
    source = tmp_path / "source.mov"
    with av.open(str(source), "w") as writer:
        stream = writer.add_stream("pcm_s16le", 8000, layout="7.1")
        for _ in range(100):
            frame = av.AudioFrame("s16", "7.1", 80)
            frame.sample_rate = 8000
            writer.mux(stream.encode(frame))
    content = source.read_bytes()
    tag = content.index(b"chan") + 8
    sides_first = (128 << 16 | 8).to_bytes(4)  # kAudioChannelLayoutTag_MPEG_7_1_C
    source.write_bytes(content[:tag] + sides_first + content[tag + 4 :])
    [audio] = await client.media.save(Moment(start=0.5), tmp_path / "audio.wav", source=source)
    with av.open(str(audio)) as reader:
        assert reader.streams.audio[0].channels == 2
    assert durations(audio) == {"audio": 0.5}
