"""Conversations with the service: recorded, and replayed without it."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import APIConnectionError, APIStatusError, AsyncTwelveLabs, NotFoundError, TwelveLabs
from twelvelabs_async.testing import Emulator, NotRecordedError, Recorder, Replayer, record, replay
from twelvelabs_async.testing.recordings import Exchange, RecordedRequest, RecordedResponse, Recording, RecordingError
from twelvelabs_async.testing.recordings.format import Body

from support.clock import Clock
from support.samples import MODELS, video

INSTANT = {"speed": 0, "processing_time": 0, "indexing_time": 0}
EXAMPLES = Path(__file__).parent.parent / "examples"
QUESTION = "What is on the slide?"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "recording.jsonl"


@pytest.fixture
def recorder(emulator: Emulator, path: Path) -> Iterator[Recorder]:
    """A recorder of conversations with the emulator."""
    with record(path, base_url=emulator.url) as recorder:
        recorder.api_key = emulator.api_key
        yield recorder


def connect(server: Recorder | Replayer, **settings: Any) -> TwelveLabs:
    return TwelveLabs(api_key=server.api_key, base_url=server.url, **settings)


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.emulator(**INSTANT)
def test_a_program_gets_the_recorded_responses(recorder: Recorder, path: Path) -> None:
    """A conversation with a form, a file, JSON, a stream and an error; the emulator is gone at the replay."""

    def program(server: Recorder | Replayer) -> list[object]:
        with connect(server) as client:
            index = client.indexes.create(index_name="talks", models=MODELS)
            asset = client.assets.upload(video(), filename="secret talk.mp4")
            events = [*client.analyze_stream(video={"type": "asset_id", "asset_id": asset.id}, prompt=QUESTION)]
            with pytest.raises(NotFoundError) as missing:
                client.assets.retrieve("0123456789abcdef01234567")
            return [index, client.indexes.retrieve(index.id), asset, events, str(missing.value)]

    recorded = program(recorder)
    recorder.stop()
    with replay(path) as replayer:
        assert program(replayer) == recorded


@pytest.mark.emulator(**INSTANT)
def test_a_recording_has_a_line_for_each_exchange(recorder: Recorder, path: Path) -> None:
    """The line of a file has a digest in place of its bytes."""
    with connect(recorder) as client:
        client.assets.upload(video(), filename="talk.mp4", user_metadata={"team": "red"})
    header, upload = lines_of(path)
    assert header["recording"] == 1
    fields = dict(upload["request"]["form"])
    assert json.loads(fields["user_metadata"]) == {"team": "red"}
    assert fields["file"]["type"] == "video/mp4"
    assert fields["file"]["size"] == 16
    assert len(fields["file"]["sha256"]) == 64
    assert upload["request"]["headers"]["x-api-key"] == "***"
    assert (upload["request"]["method"], upload["request"]["path"]) == ("POST", "/assets")
    assert upload["response"]["status"] == 201
    assert upload["response"]["json"]["status"]


@pytest.mark.emulator(**INSTANT, chunk_size=5, urls_per_session=1, upload_headers={"x-amz-meta": "1"})
@pytest.mark.parametrize("with_middleware", [False, True], ids=["base_url", "middleware"])
def test_an_upload_in_parts_is_replayed(
    recorder: Recorder, emulator: Emulator, path: Path, with_middleware: bool
) -> None:
    """The URLs of its parts lead to the recorder, and in the replay to nowhere else."""

    def upload(server: Recorder | Replayer) -> object:
        settings = {"base_url": emulator.url, "middlewares": [server.middleware]} if with_middleware else {}
        with TwelveLabs(**{"api_key": server.api_key, "base_url": server.url} | settings) as client:
            result = client.multipart_upload.upload_file(b"0123456789abc", filename="talk.mp4")
            return client.assets.retrieve(result.asset_id)

    recorded = upload(recorder)
    assert [request.method for request in emulator.requests if request.path.startswith("/storage/")] == ["PUT"] * 3
    recorder.stop()
    emulator.stop()
    with replay(path) as replayer:
        assert upload(replayer) == recorded
    parts = [line["request"] for line in lines_of(path)[1:] if line["request"]["method"] == "PUT"]
    assert {part["digest"]["size"] for part in parts} == {5, 3}
    assert all(re.fullmatch(r"/elsewhere/[0-9a-f]{12}", part["path"]) for part in parts)


@pytest.mark.emulator(**INSTANT, chunk_size=5)
def test_a_client_of_the_real_service_is_replayed_by_the_middleware(recorder: Recorder, path: Path) -> None:
    """Its base URL is https, so that it would refuse to send parts of a file to a URL that is not."""
    with connect(recorder) as client:
        client.multipart_upload.upload_file(video(), filename="talk.mp4")
    recorder.stop()
    recording = Recording.read(path)
    Recording("https://api.twelvelabs.io/v1.3", recording.recorded_at, recording.exchanges).write(path)
    with replay(path) as replayer, TwelveLabs(api_key="k", middlewares=[replayer.middleware]) as client:
        client.multipart_upload.upload_file(video(), filename="talk.mp4")


@pytest.mark.emulator(**INSTANT)
def test_a_list_lacks_objects_that_the_program_has_not_created_yet(recorder: Recorder, path: Path) -> None:
    """Its requests come in another order than in the recording."""
    with connect(recorder) as client:
        for name in ("one", "two"):
            client.indexes.create(index_name=name, models=MODELS)
        assert len([*client.indexes.list()]) == 2
    recorder.stop()
    with replay(path) as replayer, connect(replayer) as client:
        client.indexes.create(index_name="one", models=MODELS)
        assert [index.index_name for index in client.indexes.list()] == ["one"]
        client.indexes.create(index_name="two", models=MODELS)
        assert {index.index_name for index in client.indexes.list()} == {"one", "two"}


@pytest.mark.emulator(**INSTANT)
def test_an_object_that_was_read_in_a_list_can_be_retrieved(recorder: Recorder, path: Path) -> None:
    """The other way round as well, with a filter by a field."""
    with connect(recorder) as client:
        assets = [client.assets.upload(video(name), filename=f"{name}.mp4") for name in "ab"]
        listed = [*client.assets.list(filename="a.mp4")]
        retrieved = client.assets.retrieve(assets[1].id)
    recorder.stop()
    with replay(path) as replayer, connect(replayer) as client:
        for name in "ab":
            client.assets.upload(video(name), filename=f"{name}.mp4")
        assert client.assets.retrieve(assets[0].id).id == listed[0].id
        assert [asset.id for asset in client.assets.list(filename="b.mp4")] == [retrieved.id]
        assert [*client.assets.list(filename="c.mp4")] == []


async def test_polls_get_one_state_after_the_other(recorder: Recorder, emulator: Emulator, path: Path) -> None:
    """The last state is repeated."""
    async with AsyncTwelveLabs(api_key=recorder.api_key, base_url=recorder.url) as client:
        created = await client.assets.upload(video(), filename="talk.mp4")
        first = await client.assets.retrieve(created.id)
        emulator.advance(60)
        last = await client.assets.retrieve(created.id)
    recorder.stop()
    with replay(path) as replayer:
        async with AsyncTwelveLabs(api_key=replayer.api_key, base_url=replayer.url) as client:
            await client.assets.upload(video(), filename="talk.mp4")
            states = [(await client.assets.retrieve(created.id)).status for _ in range(4)]
    assert states == [first.status, last.status, last.status, last.status] == ["processing", *["ready"] * 3]


@pytest.mark.emulator(**INSTANT)
def test_a_state_is_at_least_as_late_as_the_last_change(recorder: Recorder, path: Path) -> None:
    """A poll less than was recorded does not show an object that was deleted."""
    with connect(recorder) as client:
        asset = client.assets.upload(video(), filename="talk.mp4")
        for _ in range(3):
            client.assets.retrieve(asset.id)
        client.assets.delete(asset.id)
        with pytest.raises(NotFoundError):
            client.assets.retrieve(asset.id)
    recorder.stop()
    with replay(path) as replayer, connect(replayer) as client:
        client.assets.upload(video(), filename="talk.mp4")
        client.assets.delete(asset.id)
        with pytest.raises(NotFoundError):
            client.assets.retrieve(asset.id)


@pytest.mark.emulator(**INSTANT)
def test_a_request_that_was_not_recorded_names_the_nearest_one(recorder: Recorder, path: Path) -> None:
    """The program gets an error at once, and the end of the replay raises it if the program does not."""
    with connect(recorder) as client:
        index = client.indexes.create(index_name="talks", models=MODELS)
        [*client.search.query(index_id=index.id, search_options=["visual"], query_text="a rocket")]
    recorder.stop()
    message = (
        "POST /search was not recorded. The nearest recorded request is POST /search in line 3, which differs in "
        'body.query_text: recorded "a rocket", sent "a ball".'
    )
    with pytest.raises(NotRecordedError, match=re.escape(message)), replay(path) as replayer:  # noqa: PT012
        with connect(replayer) as client, pytest.raises(APIStatusError, match=re.escape(message)) as raised:
            [*client.search.query(index_id=index.id, search_options=["visual"], query_text="a ball")]
        assert raised.value.status_code == 501
        assert len(replayer.unrecorded) == 1  # without a retry


def test_an_error_of_the_program_comes_with_a_note(recorder: Recorder, path: Path) -> None:
    recorder.stop()
    with pytest.raises(APIStatusError) as raised, replay(path) as replayer, connect(replayer) as client:
        client.assets.retrieve("0123456789abcdef01234567")
    [note] = raised.value.__notes__
    assert note.endswith("was not recorded: the recording is empty. Record it again.")


@pytest.mark.emulator(**INSTANT)
@pytest.mark.parametrize(("times", "message"), [(1, "1 recorded requests were not sent"), (3, "less often than")])
def test_a_strict_replay_expects_the_same_requests(recorder: Recorder, path: Path, times: int, message: str) -> None:
    with connect(recorder) as client:
        for _ in range(2):
            [*client.indexes.list()]
    recorder.stop()
    with pytest.raises(NotRecordedError, match=message), replay(path, strict=True) as replayer:  # noqa: PT012
        for _ in range(times):
            with connect(replayer) as client, suppress(APIStatusError):
                [*client.indexes.list()]


def test_a_broken_connection_is_replayed(recorder: Recorder, emulator: Emulator, path: Path) -> None:
    """The client retries, in the recording and in the replay."""
    emulator.drop("GET", "/indexes")
    with connect(recorder) as client:
        assert [*client.indexes.list()] == []
    recorder.stop()
    assert [exchange.response is None for exchange in Recording.read(path).exchanges] == [True, False]
    with replay(path, strict=True) as replayer, connect(replayer) as client:
        assert [*client.indexes.list()] == []


async def test_the_quick_start_is_replayed(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], autojump_clock: Clock
) -> None:
    """Its output is the same, byte for byte, but for the order of files that are processed at the same time."""
    monkeypatch.syspath_prepend(EXAMPLES)
    import quickstart

    import demo

    create_client = partial(AsyncTwelveLabs, middlewares=[autojump_clock.middleware])
    monkeypatch.setattr(quickstart, "AsyncTwelveLabs", create_client)

    async def output(server: Recorder | Replayer) -> list[str]:
        with monkeypatch.context() as environment:
            environment.setenv("TWELVELABS_BASE_URL", server.url)
            assert await quickstart.main(str(demo.MEDIA)) == 0
        events, results = capsys.readouterr().out.split("\nSearching for")
        return [*sorted({line.partition("  ")[2] for line in events.splitlines()}), results]  # without the time of day

    with demo.platform(), Emulator(api_key=os.environ["TWELVELABS_API_KEY"], speed=0) as emulator:
        autojump_clock.drive(emulator.advance)
        with record(path, base_url=emulator.url) as recorder:
            recorded = await output(recorder)
    monkeypatch.setenv("TWELVELABS_API_KEY", "tlk_replay")
    with replay(path) as replayer:
        assert await output(replayer) == recorded
    assert "rocket_countdown.mp4     ready" in recorded[-1]
    assert "rocket_countdown" not in path.read_text()  # noqa: ASYNC240


@pytest.mark.any_python
@pytest.mark.timeout(180)  # hundreds of requests by way of a second server
async def test_a_bulk_run_of_fifty_files_is_replayed(tmp_path: Path, path: Path, autojump_clock: Clock) -> None:
    """Its outcomes are the same, byte for byte, although its polls come at other times.

    Only the user metadata may differ: a list, which is polled while many are indexed, does not have it.
    """
    folder = tmp_path / "videos"
    folder.mkdir()
    for number in range(50):
        (folder / f"{number}.mp4").write_bytes(video(number))

    async def outcomes(server: Recorder | Replayer) -> list[str]:
        settings: dict[str, Any] = {"api_key": server.api_key, "base_url": server.url}
        async with AsyncTwelveLabs(**settings, middlewares=[autojump_clock.middleware]) as client:
            index = await client.indexes.ensure("talks", models=MODELS)
            found = [
                f"{outcome.source} {outcome.status} {outcome.asset_id} {outcome.indexed_asset_id} {outcome.error} "
                f"{outcome.result and outcome.result.to_json(exclude={'user_metadata'})}"
                async for outcome in client.bulk.index(index.id, folder)
            ]
        return sorted(found)

    autojump_clock.stop()
    with Emulator(speed=0) as emulator, record(path, base_url=emulator.url) as recorder:
        autojump_clock.drive(emulator.advance)
        recorder.api_key = emulator.api_key
        recorded = await outcomes(recorder)
    assert sum(" ready " in outcome for outcome in recorded) == 50
    with replay(path) as replayer:
        replayed = await outcomes(replayer)
    for outcome, original in zip(replayed, recorded, strict=True):
        assert outcome == original


@pytest.mark.parametrize(("pauses", "seconds"), [(0.0, 1000.0), (0.01, 20.0)])
async def test_a_stream_is_replayed_with_or_without_its_pauses(path: Path, pauses: float, seconds: float) -> None:
    """Each line is an event at a time of its own, which a factor scales."""
    events = [{"event_type": "text_generation", "text": text} for text in ("a", "b", "\u2028")]
    events.append({"event_type": "stream_end"})
    chunks = [(number * seconds, json.dumps(event) + "\n") for number, event in enumerate(events)]
    question = {"video": {"type": "asset_id", "asset_id": "a"}, "prompt": QUESTION, "stream": True}
    request = RecordedRequest("POST", "/analyze", body=Body("json", question))
    response = RecordedResponse(200, {"content-type": "application/x-ndjson"}, Body("chunks", chunks), seconds)
    Recording("https://api.twelvelabs.io/v1.3", "2026-11-28T09:00:00Z", [Exchange(0, request, response)]).write(path)
    started = asyncio.get_running_loop().time()
    with replay(path, pauses=pauses) as replayer:
        async with AsyncTwelveLabs(api_key="k", base_url=replayer.url) as client:
            stream = client.analyze_stream(video=question["video"], prompt=QUESTION)
            times = [(asyncio.get_running_loop().time(), getattr(event, "text", "")) async for event in stream]
    assert [text for _, text in times] == ["a", "b", "\u2028", ""]
    assert times[3][0] - started >= 2.9 * seconds * pauses


async def test_calls_at_once_get_their_own_responses(recorder: Recorder, path: Path) -> None:
    async def create(server: Recorder | Replayer, names: list[str]) -> dict[str, str]:
        async with AsyncTwelveLabs(api_key=server.api_key, base_url=server.url) as client:
            calls = [client.indexes.create(index_name=name, models=MODELS) for name in names]
            return {name: created.id or "" for name, created in zip(names, await asyncio.gather(*calls), strict=True)}

    names = [f"talks {number}" for number in range(10)]
    recorded = await create(recorder, names)
    recorder.stop()
    with replay(path) as replayer:
        assert await create(replayer, names[::-1]) == recorded


@pytest.mark.emulator(**INSTANT)
def test_random_tokens_of_a_program_match_those_of_another_run(recorder: Recorder, path: Path) -> None:
    """The responses have the token of the run that is going on."""

    def program(server: Recorder | Replayer, token: str) -> object:
        with connect(server) as client:
            asset = client.assets.upload(video(), filename="talk.mp4", user_metadata={"bulk_token": token})
            return (client.assets.retrieve(asset.id).user_metadata or {})["bulk_token"]

    assert program(recorder, "0" * 32) == "0" * 32
    recorder.stop()
    with replay(path) as replayer:
        assert program(replayer, "1" * 32) == "1" * 32


def test_a_broken_stream_is_replayed(path: Path) -> None:
    """What was received before comes first."""
    event = {"event_type": "text_generation", "text": "a"}
    question = {"video": {"type": "asset_id", "asset_id": "a"}, "prompt": QUESTION, "stream": True}
    chunks = [(0.0, json.dumps(event) + "\n"), (1.0, None)]
    request = RecordedRequest("POST", "/analyze", body=Body("json", question))
    response = RecordedResponse(200, {"content-type": "application/x-ndjson"}, Body("chunks", chunks))
    Recording("https://api.twelvelabs.io/v1.3", "2026-11-28T09:00:00Z", [Exchange(0, request, response)]).write(path)
    texts: list[str] = []
    with replay(path) as replayer, connect(replayer) as client, pytest.raises(APIConnectionError):
        texts.extend(event.text for event in client.analyze_stream(video=question["video"], prompt=QUESTION))
    assert texts == ["a"]


def test_a_full_disk_ends_the_recording_and_not_the_program(emulator: Emulator, path: Path) -> None:
    """A program that gets no response would create its index again."""
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    recorder = record(path, base_url=emulator.url).start()
    recorder.api_key = emulator.api_key
    with connect(recorder, max_retries=0) as client:
        client.indexes.create(index_name="one", models=MODELS)
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 10, limits[1]))
        try:
            client.indexes.create(index_name="two", models=MODELS)
            client.indexes.create(index_name="three", models=MODELS)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    recorder.stop()
    assert len(emulator.state.indexes) == 3
    assert re.search(r"is incomplete: File too large\.", str(recorder.problem()))


def test_two_recorders_of_one_file_do_not_mix(emulator: Emulator, path: Path) -> None:
    """The recording of the later one is complete. The other one says so at its end."""
    first, second = (record(path, base_url=emulator.url) for _ in range(2))
    for recorder, name in ((first, "one"), (second, "two"), (first, "three")):
        recorder.api_key = emulator.api_key
        if not recorder.ports[0]:
            recorder.start()
        with connect(recorder) as client:
            client.indexes.create(index_name=name, models=MODELS)
    second.__exit__(None, None, None)
    with pytest.raises(RecordingError, match="has replaced the file"):
        first.__exit__(None, None, None)
    assert len(Recording.read(path).exchanges) == 1
