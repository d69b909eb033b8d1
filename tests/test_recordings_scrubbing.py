"""Recordings contain no secrets, and a replay still gives a program what it sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twelvelabs_async import TwelveLabs
from twelvelabs_async.testing import Emulator, record, replay
from twelvelabs_async.testing.recordings.scrubbing import Scrubber

from support.samples import MODELS, video

KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="\"'<>\\"), min_size=12).map(
    lambda text: f"tlk{text}"
)
SIGNATURES = st.text("0123456789abcdef", min_size=32, max_size=64)
PRESIGNED = st.builds(
    "{}/{}.mp4?X-Amz-Credential=AKIA{}&{}={}".format,
    st.sampled_from(
        ["https://bucket.s3.amazonaws.com", "s3://bucket", "//d1.cloudfront.net", "/v1.3/media", "b.s3.com"]
    ),
    st.text("abc/", min_size=1),
    SIGNATURES,
    st.sampled_from(["X-Amz-Signature", "X-Goog-Signature", "Signature", "sig", "Policy", "Key-Pair-Id", "token"]),
    SIGNATURES,
)
ESCAPES: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in a URL": partial(quote, safe=""),
    "in a URL in a URL": lambda text: quote(quote(text, safe="")),
    "in JSON of PHP": lambda text: text.replace("/", "\\/").replace("&", "\\u0026").replace("=", "\\u003d"),
    "in HTML": lambda text: text.replace("&", "&amp;").replace("=", "&#61;"),
}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@pytest.mark.any_python
@settings(max_examples=15)
@given(
    key=KEYS,
    url=PRESIGNED,
    places=st.lists(st.sampled_from(["key", "url", "cookie", "text"]), min_size=1),
    words=TEXTS,
    escape=st.sampled_from(sorted(ESCAPES)),
)
def test_no_key_and_no_presigned_query_is_in_a_recording(
    server: Emulator,
    tmp_path_factory: pytest.TempPathFactory,
    key: str,
    url: str,
    places: list[str],
    words: str,
    escape: str,
) -> None:
    """Wherever the service repeats them: in bodies of JSON and text, in nested JSON, in keys, and in headers."""
    secrets = {"key": key, "url": ESCAPES[escape](url), "cookie": f"session={key}", "text": words}
    text = " ".join([words, *(secrets[place] for place in places)])
    bodies: list[Any] = [
        {"message": text, "nested": json.dumps({"prompt": text}), text: [text]},
        f"<Error>{text}</Error>",
        f"data: {json.dumps({'delta': text})}\n\n",
    ]
    path = tmp_path_factory.mktemp("recording") / "a.jsonl"
    with record(path, base_url=server.url) as recorder, httpx.Client(base_url=recorder.url, timeout=60) as client:
        headers = {"x-api-key": key, "cookie": f"key={key}", "authorization": f"Bearer {key}"}
        for body in bodies:
            answer = {"set-cookie": f"key={key}", "x-secret": key, "location": quote(url, safe=":/?&=")}
            server.fail("*", "*", status=400, body=body, headers=answer)
            client.post("/assets", headers=headers, params={"url": url}, json={"prompt": text, "url": url})
    recording = path.read_text()
    values = [part.partition("=")[2] for part in url.partition("?")[2].split("&")]
    for secret in (key, json.dumps(key)[1:-1], quote(key, safe=""), *values):
        assert secret not in recording
    assert len(recording.splitlines()) == 1 + len(bodies)


@pytest.fixture(scope="module")
def server() -> Any:
    """An emulator whose responses are ordered, for all examples."""
    with Emulator(speed=0) as emulator:
        yield emulator


NAMES = [
    "access_token",
    "apiKey",
    "clientSecret",
    "password",
    "signing_secret",
    "X-Amz-Signature",
    "sig",
    "Authorization",
]
SECRET = "0123456789abcdefghijklmnop"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "content",
    [
        {"%s": SECRET},
        {"%s": {"value": [SECRET]}},
        {"user_metadata": '{"%s": "0123456789abcdefghijklmnop", "%s": null}'},
        '{"a": 1, "%s": "0123456789abcdefghijklmnop", "b',
        ("%s", SECRET),
    ],
    ids=["field", "within", "twice", "cut", "query"],
)
def test_a_secret_is_known_by_its_name(name: str, content: Any) -> None:
    """In all that a body can be, also in the half of it that a broken stream has left."""
    named = json.loads(json.dumps(content).replace("%s", name))
    assert SECRET not in str(Scrubber().scrub(tuple(named) if isinstance(content, tuple) else named))


@pytest.mark.parametrize(
    "text",
    [
        "tlk_0123456789abcdefghijklmnop",
        "whsec_0123456789abcdefghijklmnop",
        "Authorization: Bearer 0123456789abcdefghijklmnop",
        "eyJ0123456789abcdefghijklmnop.eyJ0123456789abcdefghijklmnop.0123456789abcdefghijklmnop",
        "https://api.example/v1.3/files?token=0123456789abcdefghijklmnop",
        "https://api.example/v1.3/files?next=https%3A%2F%2Fcorp.example%2F0123456789abcdefghijklmnop",
        "https://cdn.twelvelabs.io/0123456789abcdefghijklmnop/video.m3u8",
        "https://docs.twelvelabs.io/#access_token=0123456789abcdefghijklmnop",
        "ftp://jane:0123456789abcdefghijklmnop@corp.example/talk.mp4",
    ],
)
def test_a_secret_is_known_by_its_form(text: str) -> None:
    assert SECRET not in Scrubber(api_origins=("https://api.example",)).scrub({"prompt": f"See {text}."})["prompt"]


@pytest.mark.parametrize(
    "fields",
    [
        {"max_tokens": "100", "input_tokens": "3"},
        {"next_page_token": SECRET},
        {"design": "blue", "key": "C major", "author": "it"},
    ],
)
def test_other_fields_keep_their_values(fields: dict[str, str]) -> None:
    """A page token is part of later paths, so a replay needs it."""
    assert Scrubber().scrub(fields) == fields


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        ({"authorization": f"Bearer {SECRET}"}, {}),
        ({"cookie": f"theme=dark; session={SECRET}"}, {}),
        ({}, {"set-cookie": f"session={SECRET}; Path=/; HttpOnly"}),
    ],
    ids=["authorization", "cookie", "set-cookie"],
)
def test_a_secret_of_a_header_is_replaced_in_later_bodies(
    sent: dict[str, str], answer: dict[str, str], emulator: Emulator, tmp_path: Path
) -> None:
    path = tmp_path / "recording.jsonl"
    emulator.fail("*", "*", status=400, body={"message": f"{SECRET} is invalid."}, headers=answer, times=2)
    with record(path, base_url=emulator.url) as recorder:
        httpx.get(f"{recorder.url}/assets", headers=sent)
        httpx.get(f"{recorder.url}/indexes")
    assert path.read_text().count("*** is invalid.") == 2


def test_the_password_of_a_base_url_is_not_recorded(emulator: Emulator, tmp_path: Path) -> None:
    path = tmp_path / "recording.jsonl"
    with record(path, base_url=emulator.url.replace("//", f"//jane:{SECRET}@")):
        pass
    assert json.loads(path.read_text())["base_url"] == emulator.url


@pytest.mark.parametrize("depth", [50, 400, 3_000])
def test_deep_json_is_recorded_in_part(depth: int, emulator: Emulator, tmp_path: Path) -> None:
    """The program receives all of it."""
    deep = "[" * depth + "]" * depth
    emulator.fail("*", "*", status=400, body=deep)
    with record(tmp_path / "recording.jsonl", base_url=emulator.url) as recorder:
        headers = {"content-type": "application/json"}
        assert httpx.post(f"{recorder.url}/assets", content=deep, headers=headers).text == deep
    assert len((tmp_path / "recording.jsonl").read_text().splitlines()) == 2


def test_names_are_placeholders_and_come_back_in_a_replay(emulator: Emulator, tmp_path: Path) -> None:
    """Names of files, of other things, URLs and e-mail addresses, also in messages. A kind of file keeps its suffix."""
    path = tmp_path / "recording.jsonl"

    def program(url: str, key: str) -> list[object]:
        with TwelveLabs(api_key=key, base_url=url) as client:
            index = client.indexes.create(index_name="Project Bluebird", models=MODELS)
            asset = client.assets.upload(video(), filename="jane@corp.example.mp4")
            linked = client.assets.upload("https://corp.example/private/launch.mov")
            return [index, client.indexes.retrieve(index.id).index_name, asset.filename, linked.filename]

    with record(path, base_url=emulator.url) as recorder:
        recorded = program(recorder.url, emulator.api_key)
    text = path.read_text()
    for name in ("Bluebird", "jane", "corp.example", "private", "launch"):
        assert name not in text
    with replay(path) as replayer:
        assert program(replayer.url, replayer.api_key)[:3] == recorded[:3]


@pytest.mark.emulator(processing_time=0)
def test_texts_are_replaced_if_wanted(emulator: Emulator, tmp_path: Path) -> None:
    """What the program sends comes back; what a model has written stays a placeholder."""
    path = tmp_path / "recording.jsonl"

    def program(url: str, key: str) -> tuple[object, object]:
        with TwelveLabs(api_key=key, base_url=url) as client:
            asset = client.assets.upload(video(), filename="talk.mp4", user_metadata={"team": "the red one"})
            answer = client.analyze(video={"type": "asset_id", "asset_id": asset.id}, prompt="Who is it?")
            return asset.user_metadata, answer.data

    emulator.understand("*", text="It is Jane.")
    with record(path, base_url=emulator.url, scrub_texts=True) as recorder:
        metadata, answer = program(recorder.url, emulator.api_key)
    assert "Jane" in str(answer)
    for words in ("Jane", "Who is it?", "the red one"):
        assert words not in path.read_text()
    with replay(path, scrub_texts=True) as replayer:
        replayed = program(replayer.url, replayer.api_key)
    assert replayed[0] == metadata
    assert str(replayed[1]).startswith("text-")


@pytest.mark.parametrize(
    ("value", "scrubbed"),
    [
        ({"filename": "talk.MP4"}, {"filename": "file-26d68718ee52.mp4"}),
        ({"url": "https://docs.twelvelabs.io/page"}, {"url": "https://docs.twelvelabs.io/page"}),
        ({"next": "https://api.example/v1.3/assets?page=2"}, {"next": "https://recording.invalid/v1.3/assets?page=2"}),
        ({"message": "Write to a.b@example.com."}, {"message": "Write to user-a6f1bad17210@recording.invalid."}),
        ([("user_metadata", '{"team":"red"}')], [("user_metadata", '{"team":"red"}')]),
    ],
)
def test_a_value_has_a_placeholder_by_rule(value: object, scrubbed: object) -> None:
    """A placeholder stays what it is."""
    scrubber = Scrubber(api_origins=("https://api.example",))
    assert scrubber.scrub(value) == scrubbed
    assert scrubber.scrub(scrubbed) == scrubbed


def test_a_name_that_was_sent_is_replaced_in_messages() -> None:
    """A message is no field with a name; it is restored as well."""
    scrubber = Scrubber()
    message = {"message": "The file talk.mp4 (16 bytes) is too short."}
    assert scrubber.scrub(message) == message
    placeholder = scrubber.scrub("talk.mp4", "filename")
    assert scrubber.scrub(message) == {"message": f"The file {placeholder} (16 bytes) is too short."}
    assert scrubber.restore(scrubber.scrub(message), "http://127.0.0.1") == message
