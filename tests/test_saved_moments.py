"""What moments are saved to: one file or a folder, names, pictures, progress, cancellation, failures."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twelvelabs_async import (
    AsyncTwelveLabs,
    MediaError,
    MediaProgress,
    Moment,
    Moments,
    MomentVideo,
    SearchResults,
    TwelveLabs,
)
from twelvelabs_async.clips.targets import file_names

from support.counted_videos import CountedVideos, number_in, read_numbers

av = pytest.importorskip("av", reason='needs the extra "media"')


@pytest.fixture
def video(counted_videos: CountedVideos) -> MomentVideo:
    """A video of ten seconds, with 25 pictures per second, and key frames at 0, 2, 4, 6 and 8 seconds."""
    return MomentVideo(file=str(counted_videos.get("mp4")), filename="talk.mp4")


def decode(path: Path) -> list[Any]:
    with av.open(str(path)) as reader:
        return [*reader.decode(video=0)]


async def test_several_moments_are_saved_to_a_folder(
    client: AsyncTwelveLabs, video: MomentVideo, tmp_path: Path
) -> None:
    """The folder is created. Files are named by rank, name of the video and start."""
    moments = Moments(Moment(start=3.5 * rank, end=3.5 * rank + 0.2, rank=rank, video=video) for rank in (2, 1))
    paths = await client.media.save(moments, tmp_path / "new" / "clips")
    assert [str(path.relative_to(tmp_path)) for path in paths] == [
        "new/clips/002_talk_00-00-07.000.mp4",
        "new/clips/001_talk_00-00-03.500.mp4",
    ]
    assert [read_numbers(path)[0][0] for path in paths] == [175, 87]
    assert sorted(os.listdir(tmp_path / "new/clips")) == sorted(path.name for path in paths)


def test_the_blocking_client_saves_as_well(sync_client: TwelveLabs, video: MomentVideo, tmp_path: Path) -> None:
    threads: set[int] = set()
    [path] = sync_client.media.save(
        Moment(start=1, end=1.2, video=video),
        tmp_path / "clip.MP4",
        on_progress=lambda _: threads.add(threading.get_ident()),
    )
    assert threads == {threading.get_ident()}
    assert [number for number, _ in read_numbers(path)] == [*range(25, 30)]
    sheet = sync_client.media.contact_sheet([Moment(start=1, video=video)], tmp_path / "sheet.png")
    assert (sheet, sheet.stat().st_size > 0) == (tmp_path / "sheet.png", True)


@pytest.mark.parametrize(
    ("source", "names_key"),
    [(lambda path: path, None), (lambda path: {"v1": path}, "v1"), (lambda path: lambda video: path, "v1")],
    ids=["path", "mapping", "function"],
)
async def test_the_caller_says_where_a_video_is(
    client: AsyncTwelveLabs, video: MomentVideo, tmp_path: Path, source: Any, names_key: str | None
) -> None:
    """By one path, a path for each id, or a function."""
    moment = Moment(start=1, end=1.04, video=MomentVideo(id=names_key))
    [path] = await client.media.save(moment, tmp_path / "clip.mp4", source=source(str(video.file)))
    assert read_numbers(path) == [(25, 0.0)]


@pytest.mark.parametrize("suffix", ["jpg", "jpeg", "png"])
@pytest.mark.parametrize(("exact", "number"), [(True, 187), (False, 150)])
async def test_a_picture_is_the_first_frame(
    client: AsyncTwelveLabs, video: MomentVideo, tmp_path: Path, suffix: str, exact: bool, number: int
) -> None:
    """It may be that of the key frame before. A moment needs no length for it."""
    path = tmp_path / f"poster.{suffix}"
    assert await client.media.save(Moment(start=7.5, end=7.5, video=video), path, exact=exact) == [path]
    [frame] = decode(path)
    assert (frame.width, frame.height, number_in(frame)) == (64, 64, number)


async def test_a_gif_has_ten_frames_per_second(client: AsyncTwelveLabs, video: MomentVideo, tmp_path: Path) -> None:
    [path] = await client.media.save(Moment(start=2, end=4, video=video), tmp_path / "preview.gif")
    found = read_numbers(path)
    assert [time for _, time in found] == [pytest.approx(number / 10) for number in range(20)]
    assert [number for number, _ in found] == pytest.approx([50 + 2.5 * number for number in range(20)], abs=1)


async def test_a_webp_moves(client: AsyncTwelveLabs, video: MomentVideo, tmp_path: Path) -> None:
    """FFmpeg does not read it: its frames are counted by their chunks."""
    [path] = await client.media.save(Moment(start=2, end=4, video=video), tmp_path / "preview.webp")
    content = path.read_bytes()
    assert content[:4] + content[8:16] == b"RIFFWEBPVP8X"
    assert content.count(b"ANMF") == 20


async def test_previews_are_reduced(client: AsyncTwelveLabs, counted_videos: CountedVideos, tmp_path: Path) -> None:
    source = counted_videos.get("mp4", size=(960, 480), seconds=0.2)
    [path] = await client.media.save(Moment(start=0), tmp_path / "preview.gif", source=source)
    assert {(frame.width, frame.height) for frame in decode(path)} == {(480, 240)}


async def test_a_contact_sheet_has_the_first_frames_in_rows(
    client: AsyncTwelveLabs, counted_videos: CountedVideos, video: MomentVideo, tmp_path: Path
) -> None:
    """Each cell is 320 pixels wide, and has the time in its corner, light on dark."""
    wide = MomentVideo(file=str(counted_videos.get("mp4", size=(128, 64))))
    moments = [Moment(start=second, video=video) for second in range(4)] + [Moment(start=2, video=wide)]
    path = await client.media.contact_sheet(moments, tmp_path / "sheet.png", columns=2)
    [sheet] = decode(path)
    assert (sheet.width, sheet.height) == (2 * 320 + 3 * 4, 3 * 320 + 4 * 4)
    [plane] = sheet.reformat(format="rgb24").planes
    pixels = bytes(plane)
    cells = [(4 + 324 * column, 4 + 324 * row) for row in range(3) for column in range(2)]

    def pixel(x: int, y: int) -> int:
        return pixels[y * plane.line_size + 3 * x]

    assert [
        sum((pixel(left + 40 + 80 * column, top + 40) > 127) << column for column in range(4))
        for left, top in cells[:4]
    ] == [number & 15 for number in (0, 25, 50, 75)]
    captions = [{pixel(left + x, top + y) for x in range(40) for y in range(300, 320)} for left, top in cells[:4]]
    assert captions == [{0x18, 0xFF}] * 4
    assert {pixel(cells[5][0] + x, cells[5][1] + x) for x in range(320)} == {0x18}  # there is no sixth moment


@pytest.mark.parametrize("method", ["save", "contact_sheet", "supercut"])
async def test_progress_grows_to_the_end(
    client: AsyncTwelveLabs, video: MomentVideo, tmp_path: Path, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Although sound and pictures are not written in the order of their times."""
    reports: list[MediaProgress] = []
    target = {"save": "clips", "contact_sheet": "sheet.jpg", "supercut": "best.mp4"}[method]
    moments = [Moment(start=start, end=start + 1, video=video) for start in range(3)]
    monkeypatch.setattr("twelvelabs_async.clips.work.STEP_SECONDS", 0)  # reports all steps
    await getattr(client.media, method)(moments, tmp_path / target, on_progress=reports.append)
    percentages = [report.percentage for report in reports]
    assert percentages == sorted(percentages)
    assert [report.done for report in reports if report.done][-1] == 3
    assert reports[-1] == MediaProgress(done=3, total=3, percentage=100)


@pytest.mark.parametrize(
    ("method", "target", "name"),
    [("save", "clips/", "clips"), ("contact_sheet", "sheet.jpg", "sheet.jpg"), ("supercut", "best.mp4", "best.mp4")],
)
async def test_progress_shows_a_bar(
    client: AsyncTwelveLabs,
    video: MomentVideo,
    tmp_path: Path,
    method: str,
    target: str,
    name: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It has the name of the target, and the number of moments."""
    pytest.importorskip("tqdm", reason="needs tqdm: pip install tqdm")
    moments = [Moment(start=start, end=start + 0.2, video=video) for start in range(2)]
    await getattr(client.media, method)(moments, f"{tmp_path}/{target}", progress=True)
    *_, last = capsys.readouterr().err.replace("\r", "\n").strip().splitlines()
    assert (last.startswith("100%|"), last.endswith(f"] {name}: 2 of 2 moments")) == (True, True), last


async def test_progress_without_tqdm_says_what_to_install(
    client: AsyncTwelveLabs, video: MomentVideo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written, not even a folder."""
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ImportError, match="tqdm is not installed"):
        await client.media.save(Moment(start=0, end=1, video=video), tmp_path / "clips", progress=True)
    with pytest.raises(TypeError, match="progress must be True or False; got 'yes'"):
        await client.media.supercut([Moment(start=0, end=1, video=video)], tmp_path / "a.mp4", progress="yes")  # type: ignore[arg-type]
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("method", ["save", "contact_sheet", "supercut"])
async def test_a_cancelled_call_leaves_files_as_they_were(
    client: AsyncTwelveLabs, counted_videos: CountedVideos, tmp_path: Path, method: str
) -> None:
    """It is cancelled during the work."""
    source = counted_videos.get("mp4", seconds=60.0)
    target = tmp_path / {"save": "clip.mp4", "contact_sheet": "sheet.jpg", "supercut": "best.mp4"}[method]
    target.write_bytes(b"former")
    started = asyncio.Event()
    moments = [Moment(start=0, end=59)] * (1 if method == "save" else 100)
    call = getattr(client.media, method)(moments, target, source=source, on_progress=lambda _: started.set())
    task = asyncio.create_task(call)
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert os.listdir(tmp_path) == [target.name]
    assert target.read_bytes() == b"former"


def test_an_interrupted_call_leaves_no_file(sync_client: TwelveLabs, video: MomentVideo, tmp_path: Path) -> None:
    """As Ctrl-C does in a script, which may end before the client's thread has cleaned up."""

    def interrupt(_: MediaProgress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync_client.media.save(Moment(start=0, end=9, video=video), tmp_path / "clip.mp4", on_progress=interrupt)
    assert not [*tmp_path.iterdir()]


async def test_a_failure_ends_the_other_moments(client: AsyncTwelveLabs, video: MomentVideo, tmp_path: Path) -> None:
    """What was finished stays, and nothing incomplete."""
    moments = [Moment(start=0, end=0.1, video=video), Moment(start=99, end=100, video=video)]
    with pytest.raises(
        MediaError, match=r"talk.mp4 ends at 10.\d+ s; expected a moment that starts before, got one at"
    ):
        await client.media.save(moments, tmp_path)
    assert {*os.listdir(tmp_path)} <= {"001_talk_00-00-00.000.mp4"}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("text.mp4", b"no video" * 100, "FFmpeg cannot process"),
        ("empty.mp4", b"", "empty.mp4 is empty"),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", "FFmpeg cannot process"),
    ],
)
async def test_what_is_no_video_is_an_error(
    client: AsyncTwelveLabs, tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    """FFmpeg opens nothing that a file names."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(MediaError, match=message):
        await client.media.save(Moment(start=0, end=1), tmp_path / "clip.mp4", source=tmp_path / name)
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize(
    ("options", "target", "message"),
    [
        ({"audio": None}, "audio.mp3", "has no sound"),
        ({"size": None, "audio": "pcm_s16le"}, "poster.jpg", "has no pictures"),
        ({"size": None, "audio": "pcm_s16le"}, "preview.gif", "has no pictures"),
    ],
)
async def test_a_missing_track_is_an_error(
    client: AsyncTwelveLabs,
    counted_videos: CountedVideos,
    tmp_path: Path,
    options: dict[str, Any],
    target: str,
    message: str,
) -> None:
    source = counted_videos.get("mkv", **options)
    with pytest.raises(MediaError, match=message):
        await client.media.save(Moment(start=0, end=1), tmp_path / target, source=source)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("moments", "target", "options", "error", "message"),
    [
        ([Moment(start=0)] * 2, "a.mp4", {}, ValueError, "Expected one moment for .*a.mp4'; got 2"),
        (Moment(start=0), "a.doc", {}, ValueError, "ends with .mp4, .m4a, .mp3, .wav, .gif, .webp, .jpg, .png; got"),
        (Moment(start=0), "a.mp4", {"format": "mp3"}, ValueError, "format='mp3' contradicts"),
        (Moment(start=0), "clips", {"format": "avi"}, ValueError, "Expected a format of mp4, .*; got 'avi'"),
        (Moment(start=2, end=1), "a.mp4", {}, ValueError, "ends after its start"),
        (Moment(start=2, end=2), "a.mp4", {}, ValueError, "ends after its start.*Only pictures need no length"),
        (Moment(start=float("nan")), "a.mp4", {}, ValueError, "start must be"),
        ([(0, 1)], "a.mp4", {}, TypeError, r"Expected moments; got \(0, 1\)"),
        (SearchResults.from_dict({"data": []}), "clips", {}, TypeError, r"got SearchResults. Pass its moments\(\)"),
        (Moment(start=0), "a.mp4", {}, ValueError, "The moment has no video. Pass source="),
        (Moment(start=0, video=MomentVideo(id="1")), "a.mp4", {}, ValueError, "'1' has no file and no stream. Pass"),
        (Moment(start=0), "a.mp4", {"source": 5}, TypeError, "source must be a path or URL"),
        (Moment(start=0), "a.mp4", {"source": "."}, ValueError, "is a directory; expected a regular file"),
        (Moment(start=0), "a.mp4", {"source": "missing.mp4"}, FileNotFoundError, "missing.mp4"),
    ],
)
async def test_invalid_arguments_are_refused_before_anything_is_written(
    client: AsyncTwelveLabs,
    tmp_path: Path,
    moments: Any,
    target: str,
    options: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        await client.media.save(moments, tmp_path / target, **options)
    assert os.listdir(tmp_path) == []


async def test_sheets_and_supercuts_need_moments_and_a_file(client: AsyncTwelveLabs, tmp_path: Path) -> None:
    moment = Moment(start=0, end=1)
    for call, message in (
        (client.media.supercut([], tmp_path / "a.mp4"), "the number of moments must be at least 1; got 0"),
        (client.media.supercut([moment], tmp_path / "a.gif"), "ends with .mp4; got"),
        (client.media.contact_sheet([moment] * 401, tmp_path / "a.jpg"), "must be from 1 to 400; got 401"),
        (client.media.contact_sheet([moment], tmp_path / "a.jpg", columns=0), "columns must be from 1 to 400; got 0"),
    ):
        with pytest.raises(ValueError, match=message):
            await call


async def test_without_pyav_the_error_says_what_to_install(
    client: AsyncTwelveLabs, video: MomentVideo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ImportError, match=r"pip install 'twelvelabs_async\[media\]'"):
        await client.media.save(Moment(start=0, end=1, video=video), tmp_path / "clip.mp4")


@pytest.mark.parametrize(
    ("filename", "stem"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\talks\\day 1.mp4", "day 1"),
        ("..", "video"),
        ("a\n\x1b[31m\u202egpj.exe.mp4", "a__[31m_gpj.exe"),
        ("a:b|c?d*e.mp4", "a_b_c_d_e"),
    ],
)
def test_names_of_videos_become_safe_names_of_files(filename: str, stem: str) -> None:
    moment = Moment(start=3661.5, video=MomentVideo(filename=filename))
    assert [*file_names([moment], "mp4")] == [f"001_{stem}_01-01-01.500.mp4"]


@settings(max_examples=30)
@given(
    st.lists(
        st.builds(
            Moment,
            start=st.floats(-1, 1e6),
            rank=st.none() | st.integers(1, 10_000),
            video=st.none() | st.builds(MomentVideo, filename=st.none() | st.text(max_size=300)),
        ),
        max_size=20,
    )
)
def test_every_moment_gets_a_name_of_its_own_within_the_folder(moments: list[Moment]) -> None:
    """Whatever its video is called, and on systems that ignore case."""
    names = [*file_names(moments, "webp")]
    assert len({name.casefold() for name in names}) == len(moments)
    for name in names:
        assert os.path.basename(name) == name.strip() == name
        assert len(name.encode("utf-8", "surrogatepass")) <= 255
        assert name.isprintable()
