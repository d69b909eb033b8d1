"""Conversations with the service: recorded, and replayed without it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import APIStatusError, AsyncTwelveLabs, NotFoundError, TwelveLabs
from twelvelabs_async.testing import Emulator, NotRecordedError, Recorder, Replayer, record, replay
from twelvelabs_async.testing.recordings import Recording

from support.samples import MODELS, video

INSTANT = {"speed": 0, "processing_time": 0, "indexing_time": 0}
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
