"""Videos that are elsewhere: files at URLs, read by ranges, and the segments of HLS streams."""

from __future__ import annotations

import asyncio
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import pytest

from twelvelabs_async import (
    APIConnectionError,
    APIResponseError,
    APIStatusError,
    AsyncTwelveLabs,
    IndexSchema,
    MediaError,
    Moment,
    MomentVideo,
    TwelveLabs,
)
from twelvelabs_async.media.playlists import parse_playlist
from twelvelabs_async.testing import Emulator, sample_clip

from support.clients import Connect
from support.counted_videos import IN_ORDER, frame_numbers, tone, write_counted
from support.media_server import folder_files, requested_ranges, send_file, serve
from support.raw_server import CLOSE, STALL, Connection, Reply, Server, respond, send

av = pytest.importorskip("av", reason='needs the extra "media"')
pytest.importorskip("m3u8", reason='needs the extra "media"')

OpenClient: TypeAlias = Callable[[Server], AsyncTwelveLabs]
SECONDS = 30


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video with a key frame at each second."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    return write_counted(path, SECONDS, fps=10, key_frames=10, options=IN_ORDER, rate=16_000, samples=tone())


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A sound file of 3 MB."""
    path = tmp_path_factory.mktemp("sound") / "long.wav"
    return write_counted(path, 100, fps=10, size=None, audio="pcm_s16le", rate=16_000, samples=tone()).read_bytes()


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files, which is empty at the end."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert os.listdir(folder) == []


@pytest.fixture
def open_client(connect: Connect) -> OpenClient:
    """A function that makes a client, for which the server is no API, but one of media."""
    return lambda server: connect(server, base_url="http://127.0.0.1:1/v1.3", max_retries=1)


def sample_count(path: Path) -> int:
    """Return the number of samples in a file."""
    with av.open(str(path)) as opened:
        return sum(frame.samples for frame in opened.decode(audio=0))


# Streams.


@pytest.fixture
async def video(client: AsyncTwelveLabs, emulator: Emulator, film: Path) -> MomentVideo:
    """The film as an asset, whose stream has segments of 6 seconds."""
    asset = await client.assets.upload(film, enable_hls=True)
    emulator.advance(100)
    return MomentVideo(asset_id=asset.id)


def requested_files(emulator: Emulator) -> list[str]:
    """Return the names of the stream's files that were requested, in alphabetical order."""
    paths = (request.path for request in emulator.requests if "/hls/" in request.path)
    return sorted(path.rpartition("/")[2] for path in paths)


async def test_only_the_segments_of_the_moments_are_requested(
    client: AsyncTwelveLabs, emulator: Emulator, video: MomentVideo, tmp_path: Path
) -> None:
    """Each of them once, although two moments are in the same one."""
    moments = [
        Moment(start=12.3, end=14.1, rank=1, video=video),
        Moment(start=13.5, end=14.5, rank=2, video=video),
        Moment(start=25, rank=3, video=video),
    ]
    saved = await client.media.save(moments, tmp_path / "clips")
    assert [frame_numbers(path) for path in saved] == [[*range(123, 141)], [*range(135, 145)], [*range(250, 300)]]
    assert requested_files(emulator) == ["init.mp4", "manifest.m3u8", "part2.m4s", "part4.m4s"]


async def test_a_moment_at_the_bounds_of_a_segment_needs_no_other_one(
    client: AsyncTwelveLabs, emulator: Emulator, video: MomentVideo, tmp_path: Path
) -> None:
    """Rounded times do not matter."""
    await client.media.save(Moment(start=6.0004, end=11.9996, video=video), tmp_path / "clip.mp4", exact=False)
    assert requested_files(emulator) == ["init.mp4", "manifest.m3u8", "part1.m4s"]


async def test_a_stream_has_picture_and_sound_alone(
    client: AsyncTwelveLabs, video: MomentVideo, tmp_path: Path
) -> None:
    """As a file on this machine has."""
    await client.media.save(Moment(start=7, end=8.5, video=video), tmp_path / "sound.wav")
    assert sample_count(tmp_path / "sound.wav") == pytest.approx(1.5 * 16_000, abs=2)
    await client.media.save(Moment(start=7.2, video=video), tmp_path / "picture.png")
    assert frame_numbers(tmp_path / "picture.png") == [72]


async def test_an_expired_url_is_replaced_by_a_fresh_one(
    client: AsyncTwelveLabs, emulator: Emulator, video: MomentVideo, tmp_path: Path
) -> None:
    """The API is asked once for all moments."""
    asset = await client.assets.retrieve(str(video.asset_id))
    assert asset.hls
    emulator.advance(10 * 24 * 3600)
    before = len(emulator.requests)
    expired = video.copy(hls_url=asset.hls.manifest_url)
    moments = [Moment(start=start, end=start + 0.5, rank=start, video=expired) for start in (1, 2, 3)]
    saved = await client.media.save(moments, tmp_path / "clips")
    assert [frame_numbers(path)[0] for path in saved] == [10, 20, 30]
    requests = [request.path.rpartition("/")[2] for request in emulator.requests[before:]]
    assert requests == ["manifest.m3u8", video.asset_id, "manifest.m3u8", "init.mp4", "part0.m4s"]


async def test_segments_whose_urls_have_expired_are_requested_with_fresh_ones(
    client: AsyncTwelveLabs, emulator: Emulator, video: MomentVideo, tmp_path: Path
) -> None:
    """The playlist is read again, once for all segments that are refused."""
    emulator.fail("GET", "/storage/hls/*/part?.m4s", status=403, times=3)
    await client.media.save(Moment(start=1, end=29, video=video), tmp_path / "clip.mp4")
    assert frame_numbers(tmp_path / "clip.mp4") == [*range(10, 290)]
    assert requested_files(emulator).count("manifest.m3u8") == 2


async def test_an_indexed_video_is_found_by_its_index(
    client: AsyncTwelveLabs, emulator: Emulator, index: IndexSchema, tmp_path: Path
) -> None:
    """If it was indexed with a stream."""
    asset = await client.assets.upload(sample_clip())
    emulator.advance(100)
    indexed = await client.indexes.indexed_assets.create(index.id, asset_id=asset.id, enable_video_stream=True)
    emulator.advance(1000)
    video = MomentVideo(id=indexed.id, index_id=index.id)
    [clip] = await client.media.save(Moment(start=1, end=2, video=video), tmp_path / "clip.mp4")
    assert duration(clip) == pytest.approx(1, abs=0.05)


def duration(path: Path) -> float:
    with av.open(str(path)) as opened:
        return float(opened.duration / av.time_base)


async def test_a_video_without_a_stream_is_an_error(
    client: AsyncTwelveLabs, emulator: Emulator, film: Path, tmp_path: Path
) -> None:
    """It says what to do."""
    asset = await client.assets.upload(film, enable_hls=False)
    emulator.advance(100)
    moment = Moment(start=1, end=2, video=MomentVideo(asset_id=asset.id, filename="film.mp4"))
    with pytest.raises(MediaError, match=r"^Video 'film\.mp4' has no stream\. Pass source= with its file"):
        await client.media.save(moment, tmp_path / "clip.mp4")
    assert not (tmp_path / "clip.mp4").exists()


async def test_a_video_of_which_nothing_is_known_is_an_error(client: AsyncTwelveLabs, tmp_path: Path) -> None:
    """Nothing is requested."""
    with pytest.raises(ValueError, match=r"^Video 'v' has no file and no stream\. Pass source= with its path or URL"):
        await client.media.save(Moment(start=1, video=MomentVideo(id="v")), tmp_path / "clip.mp4")


def write_stream(source: Path, folder: Path, kind: str, **options: str) -> None:
    """Write a stream of segments of 2 seconds, with the picture, the sound or both tracks of a file."""
    folder.mkdir()
    settings = {"hls_time": "2", "hls_playlist_type": "vod", "hls_list_size": "0", **options}
    playlist = str(folder / f"{kind}.m3u8")
    with av.open(str(source)) as given, av.open(playlist, "w", format="hls", options=settings) as made:
        streams = [stream for stream in given.streams if kind in (stream.type, "both")]
        copies = {stream.index: made.add_stream_from_template(stream) for stream in streams}
        for packet in given.demux(streams):
            if packet.dts is not None:
                packet.stream = copies[packet.stream_index]
                made.mux(packet)


async def save_from_stream(client: AsyncTwelveLabs, url: str, tmp_path: Path) -> Path:
    video = MomentVideo(hls_url=url, filename="film.mp4")
    [clip] = await client.media.save(Moment(start=12.3, end=14.1, video=video), tmp_path / "clip.mp4")
    return clip


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["/both.m3u8", "/both6.ts", "/both7.ts"]),
        ({"hls_flags": "single_file"}, ["/both.m3u8", "/both.ts", "/both.ts"]),
        (
            {"hls_flags": "single_file", "hls_segment_type": "fmp4"},
            ["/both.m3u8", "/both.m4s", "/both.m4s", "/both.m4s"],
        ),
    ],
    ids=["transport stream", "ranges of a file", "ranges of fragmented MP4"],
)
async def test_streams_of_other_kinds_are_read(
    options: dict[str, str], expected: list[str], film: Path, tmp_path: Path, open_client: OpenClient
) -> None:
    """Segments may be files or ranges of one, in MPEG transport streams or fragmented MP4."""
    write_stream(film, tmp_path / "stream", "both", **options)
    with Server(serve(folder_files(tmp_path / "stream"))) as server:
        async with open_client(server) as client:
            clip = await save_from_stream(client, f"{server.origin}/both.m3u8", tmp_path)
    assert frame_numbers(clip) == [*range(123, 141)]
    assert sample_count(clip) / 16_000 == pytest.approx(1.8, abs=0.07)
    assert sorted(request.target for request in server.requests) == expected
    assert len(set(requested_ranges(server))) == len(requested_ranges(server))


MASTER = b"""#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="s",NAME="fr",LANGUAGE="fr",DEFAULT=NO,URI="french.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="s",NAME="en",LANGUAGE="en",DEFAULT=YES,URI="audio.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=100000,AUDIO="s"
small.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=900000,AUDIO="s"
video.m3u8
"""


@pytest.mark.parametrize("kind", ["mpegts", "fmp4"])
async def test_the_best_variant_is_read_with_its_sound(
    kind: str, film: Path, tmp_path: Path, open_client: OpenClient
) -> None:
    """A master playlist names the picture and the sound separately. The default language is chosen."""
    files = {"/master.m3u8": MASTER}
    for track in ("video", "audio"):
        options = {"hls_segment_type": kind, "hls_fmp4_init_filename": f"{track}.init"}
        write_stream(film, tmp_path / track, track, **options)
        files |= folder_files(tmp_path / track)
    with Server(serve(files)) as server:
        async with open_client(server) as client:
            clip = await save_from_stream(client, f"{server.origin}/master.m3u8", tmp_path)
    assert frame_numbers(clip) == [*range(123, 141)]
    assert sample_count(clip) / 16_000 == pytest.approx(1.8, abs=0.07)
    targets = [request.target for request in server.requests]
    assert len(targets) == len(set(targets)) < 10


@pytest.mark.parametrize(
    ("playlist", "reason"),
    [
        ("#EXTINF:2,\na.ts\n", r"the stream is live; expected one on demand, which has an end\."),
        ('#EXT-X-KEY:METHOD=AES-128,URI="k"\n#EXTINF:2,\na.ts\n#EXT-X-ENDLIST\n', r"the stream is encrypted\."),
        ("#EXTINF:two,\na.ts\n#EXT-X-ENDLIST\n", r"the playlist is damaged \("),
        ("#EXTINF:2,\n#EXT-X-BYTERANGE:x@y\na.ts\n#EXT-X-ENDLIST\n", r"the playlist is damaged \("),
        ("#EXT-X-ENDLIST\n", r"the playlist has no segments\."),
        ("#EXTINF:nan,\na.ts\n#EXT-X-ENDLIST\n", r"a segment has nan seconds"),
        ("#EXTINF:-2,\na.ts\n#EXT-X-ENDLIST\n", r"a segment has -2\.0 seconds"),
        (f"#EXTINF:2,\n#EXT-X-BYTERANGE:{'9' * 400}\na.ts\n#EXT-X-ENDLIST\n", r"a segment has the range 9{50}\)"),
        ("#EXTINF:2,\n#EXT-X-BYTERANGE:5@-9\na.ts\n#EXT-X-ENDLIST\n", r"a segment has the range 5@-9\)"),
        ("#EXTINF:20,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n", r"a URL with the scheme 'file'"),
        ("#EXTINF:20,\nconcat:a.ts|b.ts\n#EXT-X-ENDLIST\n", r"a URL with the scheme 'concat'"),
        ("#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n", r"expected a playlist with segments; got one with variants\."),
        ("#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n" * 1001, r"the stream has more than 1,000 versions\."),
        ("#EXTINF:2,\na.ts\n#EXT-X-ENDLIST\n", r"^The video ends before 12\.3 s\."),
    ],
    ids=[
        "live",
        "encrypted",
        "no duration",
        "no range",
        "empty",
        "no number",
        "backwards",
        "huge range",
        "range before the start",
        "local",
        "other protocol",
        "endless",
        "many variants",
        "too short",
    ],
)
async def test_a_playlist_that_is_not_usable_is_an_error(
    playlist: str, reason: str, tmp_path: Path, open_client: OpenClient
) -> None:
    """The error names it, without the secrets of its URL."""
    content = f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n{playlist}".encode()
    with Server(serve({"/a.m3u8": content})) as server:
        async with open_client(server) as client:
            url = f"{server.origin}/a.m3u8?Signature=very-secret-value"
            with pytest.raises((MediaError, ValueError), match=reason) as caught:
                await save_from_stream(client, url, tmp_path)
    assert "very-secret" not in str(caught.value)


def test_a_stream_by_https_stays_so() -> None:
    """Neither its segments nor its variants are read without TLS."""
    for playlist in (b"#EXTINF:2,\nhttp://a/b.ts\n#EXT-X-ENDLIST\n", b"#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://a/b\n"):
        with pytest.raises(ValueError, match=r"a URL with the scheme 'http'; expected https"):
            parse_playlist(b"#EXTM3U\n" + playlist, "https://a/a.m3u8")


# Files at URLs.


def sound_at(url: str) -> Moment:
    return Moment(start=50, end=51, video=MomentVideo(file=url))


async def test_only_the_ranges_of_a_moment_are_requested(sound: bytes, tmp_path: Path, open_client: OpenClient) -> None:
    """No byte is requested twice, although the moments overlap."""
    with Server(serve({"/long.wav": sound})) as server:
        async with open_client(server) as client:
            moments = [Moment(start=50 + rank, end=53, rank=rank) for rank in range(3)]
            source = f"{server.origin}/long.wav"
            saved = await client.media.save(moments, tmp_path / "clips", format="wav", source=source)
    assert [sample_count(path) for path in saved] == [48_000, 32_000, 16_000]
    ranges = requested_ranges(server)
    assert all(last < first for (_, last), (first, _) in pairwise(ranges))
    assert sum(last + 1 - first for first, last in ranges) < len(sound) / 2
    assert all("x-api-key" not in request.headers for request in server.requests)


async def test_a_file_is_read_in_larger_ranges_the_longer_it_is_read(
    sound: bytes, tmp_path: Path, open_client: OpenClient
) -> None:
    """Few requests are needed."""
    with Server(serve({"/long.wav": sound})) as server:
        async with open_client(server) as client:
            moment = Moment(start=0, video=MomentVideo(file=f"{server.origin}/long.wav"))
            await client.media.save(moment, tmp_path / "clip.wav")
    assert server.attempts <= 7
    assert sum(last + 1 - first for first, last in requested_ranges(server)) == len(sound)


async def test_many_videos_do_not_stay_open(
    sound: bytes, tmp_path: Path, open_client: OpenClient, monkeypatch: pytest.MonkeyPatch, temporary: Path
) -> None:
    """Of a few, what was read is kept until the call ends."""
    monkeypatch.setattr("twelvelabs_async.clips.sources.MAX_OPEN_VIDEOS", 5)
    names = [f"/{number}.wav" for number in range(12)]
    folders: list[int] = []
    with Server(serve(dict.fromkeys(names, sound))) as server:
        async with open_client(server) as client:
            await client.media.save(
                [Moment(start=1, end=1.1, video=MomentVideo(file=f"{server.origin}{name}")) for name in names],
                tmp_path / "clips",
                format="wav",
                on_progress=lambda _: folders.append(len(os.listdir(temporary))),
            )
    assert 4 <= max(folders) <= 6  # one of them may be about to be deleted
    assert sorted(request.target for request in server.requests) == sorted(names)


async def test_a_server_without_ranges_sends_the_file_once(
    sound: bytes, tmp_path: Path, open_client: OpenClient
) -> None:
    """It is kept for all moments of the call."""
    with Server(serve({"/long.wav": sound}, has_ranges=False)) as server:
        async with open_client(server) as client:
            moments = [sound_at(f"{server.origin}/long.wav").copy(rank=rank) for rank in range(3)]
            saved = await client.media.save(moments, tmp_path / "clips", format="wav")
    assert [sample_count(path) for path in saved] == [16_000] * 3
    assert server.attempts == 1


async def test_a_redirect_to_another_server_is_followed(sound: bytes, tmp_path: Path, open_client: OpenClient) -> None:
    """Neither server receives the API key."""
    with Server(serve({"/file": sound})) as there, Server(respond(302, Location=f"{there.origin}/file?s=1")) as here:
        async with open_client(here) as client:
            [path] = await client.media.save(sound_at(f"{here.origin}/long.wav"), tmp_path / "clip.wav")
    assert sample_count(path) == 16_000
    assert {request.target for request in there.requests} == {"/file?s=1"}
    assert all("x-api-key" not in request.headers for request in (*here.requests, *there.requests))


@pytest.mark.usefixtures("autojump_clock")
async def test_a_broken_connection_is_retried(sound: bytes, tmp_path: Path, open_client: OpenClient) -> None:
    """Only the range that was lost is requested again."""
    is_broken = iter([True, False, True, False])

    def reply(connection: Connection) -> None:
        if next(is_broken, False):
            first, _, last = connection.request.headers["range"].removeprefix("bytes=").partition("-")
            head = f"Content-Range: bytes {first}-{last}/{len(sound)}\r\nContent-Length: {int(last) + 1 - int(first)}"
            send(f"HTTP/1.1 206 Partial\r\n{head}\r\n\r\nsome bytes".encode(), CLOSE)(connection)
        else:
            send_file(connection, sound)

    with Server(reply) as server:
        async with open_client(server) as client:
            [path] = await client.media.save(sound_at(f"{server.origin}/long.wav"), tmp_path / "clip.wav")
    assert sample_count(path) == 16_000


ANSWERS: dict[str, tuple[Reply, type[Exception], str]] = {
    "missing": (respond(404), APIStatusError, "status 404"),
    "expired": (respond(403), APIStatusError, "the presigned URL, which may have expired"),
    "another range": (
        respond(206, b"ab", Content_Range="bytes 5-6/9"),
        APIResponseError,
        "expected 206 with the range",
    ),
    "no range": (respond(206, b"ab"), APIResponseError, "expected 206 with the range"),
    "no content": (respond(204), APIResponseError, "expected 206 with the range"),
    "closed": (CLOSE, APIConnectionError, "the connection broke"),
    "no media": (respond(200, b"<html>"), MediaError, "Invalid data found"),
    "redirect to a file": (
        respond(302, Location="file:///etc/passwd"),
        APIResponseError,
        "Media are redirected",
    ),
    "endless redirect": (respond(302, Location="/long.wav"), APIResponseError, "redirected more than 5 times"),
}


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.usefixtures("autojump_clock")
async def test_a_server_that_answers_otherwise_is_an_error(name: str, tmp_path: Path, open_client: OpenClient) -> None:
    """The error has no secret, and no file is left."""
    reply, cls, text = ANSWERS[name]
    with Server(reply) as server:
        async with open_client(server) as client:
            moment = sound_at(f"{server.origin}/long.wav?Signature=very-secret-value")
            with pytest.raises(cls, match=text) as caught:
                await client.media.save(moment, tmp_path / "clip.wav")
    assert "very-secret" not in str(caught.value)
    assert not (tmp_path / "clip.wav").exists()


async def test_a_file_that_changes_is_an_error(sound: bytes, tmp_path: Path, open_client: OpenClient) -> None:
    """Parts of two versions do not make a clip."""
    with Server(serve({"/long.wav": sound}), serve({"/long.wav": sound + b"more"})) as server:
        async with open_client(server) as client:
            with pytest.raises(MediaError, match=r"/long\.wav: the file has changed while it was read\. Try again\."):
                await client.media.save(sound_at(f"{server.origin}/long.wav"), tmp_path / "clip.wav")


async def test_a_file_beyond_the_limit_is_an_error(
    sound: bytes, tmp_path: Path, open_client: OpenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not downloaded to its end."""
    monkeypatch.setattr("twelvelabs_async.clips.downloads.MAX_MEDIA_BYTES", 2**20)
    with Server(serve({"/long.wav": sound}, has_ranges=False)) as server:
        async with open_client(server) as client:
            with pytest.raises(APIResponseError, match="the file is larger than"):
                await client.media.save(sound_at(f"{server.origin}/long.wav"), tmp_path / "clip.wav")


@pytest.mark.parametrize("stalls_at", [0, 1])
async def test_a_cancelled_call_ends_although_the_server_stalls(
    stalls_at: int, sound: bytes, tmp_path: Path, open_client: OpenClient
) -> None:
    """Requests are cancelled, and no file is left."""
    reached = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stall(connection: Connection) -> None:
        loop.call_soon_threadsafe(reached.set)
        STALL(connection)

    with Server(*[serve({"/a.wav": sound})] * stalls_at, stall) as server:
        async with open_client(server) as client:
            saving = asyncio.create_task(client.media.save(sound_at(f"{server.origin}/a.wav"), tmp_path / "clip.wav"))
            await reached.wait()
            saving.cancel()
            with pytest.raises(asyncio.CancelledError):
                await saving
            assert asyncio.all_tasks() == {asyncio.current_task()}
    assert not [name for name in os.listdir(tmp_path) if name != "temporary"]


async def test_a_moment_that_fails_ends_the_others_of_the_call(
    sound: bytes, tmp_path: Path, open_client: OpenClient
) -> None:
    """The failure is raised, although the server stalls for the others."""
    stalled = threading.Event()

    def reply(connection: Connection) -> None:
        if connection.request.headers["range"].startswith("bytes=0-"):
            send_file(connection, sound)
        elif connection.request.target == "/stalls.wav":
            stalled.set()
            STALL(connection)
        else:
            stalled.wait(10)
            respond(404)(connection)

    with Server(reply) as server:
        async with open_client(server) as client:
            moments = [sound_at(f"{server.origin}/{name}.wav") for name in ("stalls", "fails")]
            with pytest.raises(APIStatusError, match="status 404"):
                await client.media.save(moments, tmp_path / "clips", format="wav")
    assert os.listdir(tmp_path / "clips") == []


async def test_the_name_of_a_clip_has_no_secret_of_the_url(
    sound: bytes, tmp_path: Path, open_client: OpenClient
) -> None:
    """It is the name of the file at the URL."""
    with Server(serve({"/long.wav": sound})) as server:
        async with open_client(server) as client:
            moment = sound_at(f"{server.origin}/long.wav?Signature=very/secret")
            [path] = await client.media.save([moment], f"{tmp_path}/", format="wav")
    assert path.name == "001_long_00-00-50.000.wav"


def test_the_blocking_client_reads_videos_from_urls(sound: bytes, tmp_path: Path) -> None:
    """Its loop serves the threads that read."""
    with Server(serve({"/long.wav": sound})) as server, TwelveLabs(api_key="key") as client:
        [path] = client.media.save(sound_at(f"{server.origin}/long.wav"), tmp_path / "clip.wav")
    assert sample_count(path) == 16_000
