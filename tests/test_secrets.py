"""The API key: where it is taken from, which server receives it, and what never discloses it."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import pickle
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from pydantic import SecretStr

from twelvelabs_async import (
    APIError,
    APIResponseError,
    AsyncTwelveLabs,
    BadRequestError,
    ConflictError,
    CreateConnectionPickerTokenResponse,
    HlsObject,
    JobFailedError,
    Outcome,
    PresignedUrlChunk,
    TwelveLabs,
    TwelveLabsError,
    UploadError,
)
from twelvelabs_async.testing import Emulator

from support.clients import Connect
from support.disclosure import disclosed_text
from support.faults import INCOMPLETE
from support.raw_server import INDEX, KEY, OK, RESET, STALL, Reply, Server, respond
from support.uploads import EMULATOR, write_video

KEY_VARIABLES = ("TWELVELABS_API_KEY", "TWELVE_LABS_API_KEY")
Client = Callable[..., Any]
both_clients = pytest.mark.parametrize("client_class", [AsyncTwelveLabs, TwelveLabs])


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the settings of the user who runs the tests."""
    for name in (*KEY_VARIABLES, "TWELVELABS_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The API key is in no log message."""
    caplog.set_level(logging.DEBUG)
    yield
    assert KEY not in caplog.text


def key_of(client_class: Client, **settings: Any) -> str:
    """Return the key that a server receives."""
    with Server(OK) as server:
        client = client_class(base_url=server.url, **settings)
        if isinstance(client, TwelveLabs):
            with client:
                client.indexes.retrieve("i1")
        else:
            asyncio.run(retrieve_and_close(client))
        return server.requests[0].headers["x-api-key"]


async def retrieve_and_close(client: AsyncTwelveLabs) -> None:
    async with client:
        await client.indexes.retrieve("i1")


@both_clients
def test_the_key_is_the_argument_or_else_a_variable_of_the_environment(
    client_class: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order is: ``api_key=``, ``TWELVELABS_API_KEY``, ``TWELVE_LABS_API_KEY``, an error."""
    with pytest.raises(TwelveLabsError, match="TWELVELABS_API_KEY"):
        client_class()
    monkeypatch.setenv("TWELVE_LABS_API_KEY", "older")
    assert key_of(client_class) == "older"
    monkeypatch.setenv("TWELVELABS_API_KEY", "newer")
    assert key_of(client_class) == "newer"
    assert key_of(client_class, api_key="given") == "given"


@both_clients
def test_white_space_around_a_key_is_removed(client_class: Client) -> None:
    """A key that was read from a file ends with a line break."""
    assert key_of(client_class, api_key=f" {KEY}\r\n") == KEY


@both_clients
@pytest.mark.parametrize("inside", ["\r\nx-evil: 1", " ", "\t", "ü", "\x00", "\u2028"])
def test_a_key_with_invalid_characters_is_refused(client_class: Client, inside: str) -> None:
    """The error does not disclose the key."""
    with pytest.raises(ValueError, match="characters that no key has") as caught:
        client_class(api_key=f"{KEY}{inside}{KEY}")
    assert KEY not in disclosed_text(caught.value)


@both_clients
def test_the_base_url_is_the_argument_or_else_the_environment_s(
    client_class: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order is: ``base_url=``, ``TWELVELABS_BASE_URL``, the URL of the API."""
    monkeypatch.setenv("TWELVELABS_BASE_URL", "http://environment/v1.3/")
    assert repr(client_class(api_key=KEY)) == f"{client_class.__name__}(base_url='http://environment/v1.3')"
    assert "http://code/v1.3" in repr(client_class(api_key=KEY, base_url="http://code/v1.3"))
    monkeypatch.delenv("TWELVELABS_BASE_URL")
    assert "https://api.twelvelabs.io/v1.3" in repr(client_class(api_key=KEY))


@both_clients
@pytest.mark.parametrize(
    "url", ["api.twelvelabs.io", "ftp://host", "http://me:pass@host", "http://host/?a=b", "http://h#f"]
)
def test_an_invalid_base_url_is_refused(client_class: Client, url: str) -> None:
    """It needs a scheme, and has neither credentials nor a query nor a fragment."""
    with pytest.raises(ValueError, match="must be a URL"):
        client_class(api_key=KEY, base_url=url)


@both_clients
def test_no_repr_of_a_client_and_its_attributes_discloses_the_key(client_class: Client) -> None:
    """The attributes of its attributes are included, five levels deep."""
    client = client_class(api_key=KEY)
    seen: list[Any] = [client]
    for depth in range(5):
        assert KEY not in "".join(map(repr, seen)), depth
        seen = [value for thing in seen for value in attributes(thing)]


def attributes(thing: Any) -> list[Any]:
    """Return the values of the attributes of an object of this package."""
    if not type(thing).__module__.startswith("twelvelabs_async"):
        return []
    names = {*getattr(thing, "__dict__", ()), *getattr(type(thing), "__slots__", ())}
    return [getattr(thing, name, None) for name in names]


FAILURES = {
    "reset": RESET,
    "no response": STALL,
    "incomplete chunk": INCOMPLETE["closed in a chunk"],
    "HTML": respond(200, b"<html>"),
    "503": respond(503, b"busy"),
    "redirect": respond(302, Location="/"),
}


def timeout_for(reply: Reply) -> float:
    """Return a timeout in seconds that only a stalled response exceeds."""
    return 0.1 if reply is STALL else 60


@pytest.mark.parametrize("failure", FAILURES)
def test_no_variable_in_a_traceback_discloses_the_key(failure: str) -> None:
    """Error trackers record the local variables of each frame, those of causes too."""
    with (
        Server(FAILURES[failure]) as server,
        TwelveLabs(api_key=KEY, base_url=server.url, timeout=timeout_for(FAILURES[failure]), max_retries=0) as client,
        pytest.raises(APIError) as caught,
    ):
        client.indexes.retrieve("i1")
    assert KEY not in disclosed_text(caught.value, variables=True)


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.usefixtures("autojump_clock")
async def test_no_variable_in_a_traceback_of_a_retry_discloses_the_key(failure: str, connect: Connect) -> None:
    """The frames of tenacity are part of it."""
    with Server(FAILURES[failure]) as server:
        async with connect(server, timeout=timeout_for(FAILURES[failure]), max_retries=1) as client:
            with pytest.raises(APIError) as caught:
                await client.indexes.retrieve("i1")
    assert KEY not in disclosed_text(caught.value, variables=True)


async def test_no_variable_in_a_traceback_of_a_cancelled_call_discloses_the_key() -> None:
    """Neither one that a task cancels, nor one that a deadline around it ends."""
    with Server(STALL) as server:
        async with AsyncTwelveLabs(api_key=KEY, base_url=server.url) as client:
            call = asyncio.create_task(client.indexes.retrieve("i1"))
            await asyncio.to_thread(server.reached.wait, 5)
            call.cancel()
            with pytest.raises(asyncio.CancelledError) as cancelled:
                await call
            with pytest.raises(TimeoutError) as expired:
                async with asyncio.timeout(0.1):
                    await client.indexes.retrieve("i1")
    for caught in (cancelled.value, expired.value):
        text = disclosed_text(caught, variables=True)
        assert "_send_following_redirects" in text
        assert KEY not in text


class BrokenFile(io.BytesIO):
    """A file that fails while it is sent."""

    def read(self, size: int | None = -1) -> bytes:
        if size:
            raise OSError("bad sector")
        return b""


async def test_no_variable_in_a_traceback_of_a_failing_file_discloses_the_key() -> None:
    """The failure is the file's own, and aiohttp's frames, which it has passed through, are not part of it."""
    with Server(STALL) as server:
        async with AsyncTwelveLabs(api_key=KEY, base_url=server.url) as client:
            with pytest.raises(OSError, match="bad sector") as caught:
                await client.assets.create(method="direct", file=("a.mp4", BrokenFile(bytes(1000))))
    text = disclosed_text(caught.value, variables=True)
    assert "_read_at" in text
    assert KEY not in text


@pytest.mark.parametrize(
    "body",
    [
        {"code": "api_key_invalid", "message": "The key KEY is invalid."},
        {"error": {"code": "api_key_invalid", "message": "The key KEY is invalid.", "docs_url": "https://docs/KEY"}},
        b"KEY?",
    ],
    ids=["flat", "nested", "text"],
)
def test_a_key_in_an_error_response_is_redacted(body: object) -> None:
    """The rest of the body and of the headers is kept."""
    with (
        Server(respond(400, body, X_Seen="KEY")) as server,
        TwelveLabs(api_key=KEY, base_url=server.url) as client,
        pytest.raises(BadRequestError, match=r"\*\*\*") as caught,
    ):
        client.indexes.retrieve("i1")
    assert KEY not in disclosed_text(caught.value)
    assert caught.value.headers["x-seen"] == "***"


@pytest.mark.parametrize("status", [200, 502])
@pytest.mark.parametrize("cut_at", [60, 200, 2000])
async def test_a_key_is_redacted_before_a_body_is_cut(status: int, cut_at: int) -> None:
    """Half of a key at the end of a quotation would not be recognized."""
    body = b"x" * (cut_at - len(KEY) // 2) + b"KEY" + b"x" * 3000
    with Server(respond(status, body)) as server:
        async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, max_retries=0) as client:
            with pytest.raises(APIError) as caught:
                await client.indexes.retrieve("i1")
    assert KEY[:8] not in disclosed_text(caught.value)


async def test_a_key_in_an_error_of_a_stream_is_redacted() -> None:
    """Neither a reported error nor an invalid line discloses the key."""
    for body in ({"code": "api_key_invalid", "message": "The key KEY is invalid."}, b"no JSON: KEY"):
        with Server(respond(200, body)) as server:
            async with AsyncTwelveLabs(api_key=KEY, base_url=server.url) as client:
                with pytest.raises(APIResponseError, match=r"\*\*\*") as caught:
                    async for _ in client.analyze_stream(prompt="?", video={"type": "asset_id", "asset_id": "a1"}):
                        pass
        assert KEY not in disclosed_text(caught.value)


@pytest.mark.parametrize(
    ("status", "body", "code", "message"),
    [
        (400, {"code": "parameter_invalid", "message": "No."}, "parameter_invalid", "No."),
        (400, {"error": {"code": "parameter_invalid", "message": "No."}}, "parameter_invalid", "No."),
        (400, {"error_code": "parameter_invalid", "message": "No."}, "parameter_invalid", "No."),
        (400, {"error": "No."}, None, '{"error": "No."}'),
        (400, {"message": ["No."], "code": 7}, None, '{"message": ["No."], "code": 7}'),
        (502, b"<html>\r\n<style>h1 {}</style>\n<h1>Bad\nGateway</h1></html>", None, "Bad Gateway"),
        (403, b"<Error>\n<Code>AccessDenied</Code><Message>No.</Message></Error>", "AccessDenied", "No."),
        (400, {"detail": "No."}, None, '{"detail": "No."}'),
        (400, b"No.\x1b[31m\r\n\t\xe2\x80\xaeNo.", None, "No.\\x1b[31m \\u202eNo."),
        (500, b"", None, None),
        (500, b"\xff", None, "\N{REPLACEMENT CHARACTER}"),
        (500, [1], None, "[1]"),
        (409, b"[" * 100_000, None, f"{'[' * 664} … {'[' * 333}"),
    ],
    ids=[
        "flat",
        "nested",
        "error_code",
        "text",
        "odd types",
        "HTML",
        "S3",
        "FastAPI",
        "control characters",
        "empty",
        "bytes",
        "list",
        "deep",
    ],
)
async def test_error_bodies_of_any_form_are_read(
    status: int, body: object, code: str | None, message: str | None
) -> None:
    """There are two documented forms, and those of gateways. The message is one line with request and status."""
    with Server(respond(status, body, X_Request_Id="r1")) as server:
        async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, max_retries=0) as client:
            with pytest.raises(APIError, match=f"GET /indexes/i1: status {status}") as caught:
                await client.indexes.retrieve("i1")
    error = caught.value
    assert (error.status_code, error.code, error.request_id) == (status, code, "r1")
    assert error.message == (str(error) if message is None else message)
    assert str(error).isprintable()
    assert len(str(error)) < 1000


async def test_errors_can_be_pickled() -> None:
    """They keep all attributes on the way from worker processes."""
    errors: list[APIError] = []
    for reply in (respond(409, {"code": "c", "message": "m"}, Retry_After=3), respond(200, b"?"), RESET, STALL):
        with Server(reply) as server:
            async with AsyncTwelveLabs(
                api_key=KEY, base_url=server.url, max_retries=0, timeout=timeout_for(reply)
            ) as client:
                with pytest.raises(APIError) as caught:
                    await client.indexes.retrieve("i1")
                errors.append(caught.value)
    for error in errors:
        copy = pickle.loads(pickle.dumps(error))
        assert type(copy) is type(error)
        assert (str(copy), vars(copy)) == (str(error), vars(error))
    assert isinstance(errors[0], ConflictError)
    assert (errors[0].code, errors[0].message, errors[0].retry_after) == ("c", "m", 3)
    assert isinstance(errors[3], TimeoutError)


@pytest.mark.parametrize("bad", ["", " ", ".", "..", " .. "])
async def test_an_id_that_changes_the_path_is_refused(bad: str) -> None:
    """Nothing is sent: ``DELETE /indexes/..`` would delete something else."""
    with Server(OK) as server:
        async with AsyncTwelveLabs(api_key=KEY, base_url=server.url) as client:
            for call in (client.indexes.retrieve, client.indexes.delete, client.assets.delete):
                with pytest.raises(ValueError, match="must be the id"):
                    await call(bad)
            with pytest.raises(ValueError, match="must be the id"):
                await client.indexes.indexed_assets.delete("i1", bad)
    assert not server.requests


@pytest.mark.parametrize(
    ("id", "sent"),
    [
        ("../x", "..%2Fx"),
        ("a/b", "a%2Fb"),
        ("a?b", "a%3Fb"),
        ("a#b", "a%23b"),
        ("%2e%2e", "%252e%252e"),
        ("a;b\\c", "a%3Bb%5Cc"),
        ("a\r\nx: y", "a%0D%0Ax%3A%20y"),
        ("ü", "%C3%BC"),
    ],
)
async def test_an_id_is_one_segment_of_the_path(id: str, sent: str) -> None:
    """All other characters are percent-encoded, once."""
    with Server(OK) as server:
        async with AsyncTwelveLabs(api_key=KEY, base_url=server.url) as client:
            await client.indexes.retrieve(id)
    assert server.targets == [f"GET /v1.3/indexes/{sent}"]


def test_the_repr_of_a_picker_token_does_not_disclose_it() -> None:
    """The token gives access to a user's files."""
    token = CreateConnectionPickerTokenResponse(access_token=KEY, expires_in=3600)
    assert repr(token) == "CreateConnectionPickerTokenResponse(expires_in=3600)"
    assert token.access_token == KEY


@pytest.mark.parametrize("key", ["x", "test", "event_type", "tlk_0123456789SECRET"])
def test_answers_are_not_redacted(key: str) -> None:
    """Whatever the key is, and however often an answer contains it."""
    text = f"a {key} of {key}s"
    lines = "".join(
        json.dumps(event) + "\n"
        for event in (
            {"event_type": "text_generation", "text": text},
            {"event_type": "stream_end", "metadata": {"generation_id": key}},
        )
    )
    replies = respond(200, {**INDEX, "index_name": text}), respond(200, lines.encode())
    with Server(*replies) as server, TwelveLabs(api_key=key, base_url=server.url) as client:
        assert client.indexes.retrieve("i1").index_name == text
        first, last = client.analyze_stream(prompt="?", video={"type": "asset_id", "asset_id": "a1"})
    assert (first.text, last.metadata.generation_id) == (text, key)


def test_a_redirect_with_the_key_is_followed_as_it_is() -> None:
    """Only what is raised is redacted."""
    with Server(respond(302, Location="/v1.3/indexes/KEY"), OK) as server:
        with TwelveLabs(api_key=KEY, base_url=server.url) as client:
            client.indexes.retrieve("i1")
        assert server.targets[1] == f"GET /v1.3/indexes/{KEY}"


@pytest.mark.parametrize("key", ["x", "test", "400"])
def test_a_short_key_changes_no_message(key: str) -> None:
    """Keys of tests are words, which protect nothing."""
    body = {"code": "test_x", "message": "The test x is invalid: 400."}
    with (
        Server(respond(400, body)) as server,
        TwelveLabs(api_key=key, base_url=server.url) as client,
        pytest.raises(BadRequestError) as caught,
    ):
        client.indexes.retrieve("i1")
    assert str(caught.value) == "GET /indexes/i1: status 400 (test_x): The test x is invalid: 400."
    assert caught.value.body == body


ODD_KEY = 'tlk_/0+1"2\\3&SECRET'


@pytest.mark.parametrize(
    "form",
    [
        ODD_KEY,
        ODD_KEY.upper(),
        ODD_KEY.title(),
        quote(ODD_KEY, safe=""),
        quote(ODD_KEY, safe="").lower(),
        json.dumps(ODD_KEY),
        *(b64encode(b"user:"[:start] + ODD_KEY.encode()).decode() for start in range(4)),
        urlsafe_b64encode(ODD_KEY.encode()).decode(),
    ],
)
@pytest.mark.parametrize("place", ["JSON", "text", "header"])
def test_a_key_is_redacted_in_each_usual_form(form: str, place: str) -> None:
    """Servers repeat a key as a header, in a URL, in JSON, or in credentials of Basic authentication."""
    reply = {
        "JSON": respond(400, {"message": f"Got <{form}>.", "seen": [{form: form}]}),
        "text": respond(400, f"Got <{form}>.".encode()),
        "header": respond(400, {"message": "Got ***"}, X_Seen=form),
    }[place]
    with (
        Server(reply) as server,
        TwelveLabs(api_key=ODD_KEY, base_url=server.url) as client,
        pytest.raises(BadRequestError, match=r"Got .*\*\*\*") as caught,
    ):
        client.indexes.retrieve("i1")
    text = disclosed_text(caught.value).replace("\\\\", "\\")
    for secret in (form, json.dumps(form)[1:-1], form.lower()):
        assert secret not in text


def test_secrets_of_the_caller_are_redacted() -> None:
    """They are in headers of the client, and in headers and the query of a call."""
    body = b"client-secret-1 and call-secret-2 and query-secret-3, https://host/?X-Amz-Signature=0123&sig=4567%2B&a=b"
    with (
        Server(respond(400, body, X_Seen="call-secret-2")) as server,
        TwelveLabs(api_key=KEY, base_url=server.url, headers={"Authorization": "Bearer client-secret-1"}) as client,
        pytest.raises(BadRequestError) as caught,
    ):
        client.indexes.retrieve(
            "i1",
            request_options={
                "additional_headers": {"X-Auth-Token": "call-secret-2"},
                "additional_query_parameters": {"access_token": "query-secret-3"},
            },
        )
    assert caught.value.body == "*** and *** and ***, https://host/?X-Amz-Signature=***&sig=***&a=b"
    assert "-secret-" not in disclosed_text(caught.value)


def test_the_headers_of_a_page_are_redacted() -> None:
    """A pager shows them."""
    with (
        Server(respond(200, {"data": []}, X_Seen="KEY")) as server,
        TwelveLabs(api_key=KEY, base_url=server.url) as client,
    ):
        page = client.assets.list()
    assert page.response is not None
    assert page.response.headers["x-seen"] == "***"


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        (f'"{KEY}"', "in quotes"),
        (f"'{KEY}'", "in quotes"),
        (f"Bearer {KEY}", "name of a header"),
        (f"x-api-key: {KEY}", "name of a header"),
        (f"TWELVELABS_API_KEY={KEY}", "name of a header or variable"),
        ("<YOUR_API_KEY>", "placeholder"),
        ("your-api-key", "placeholder"),
        ("YOUR_TWELVELABS_API_KEY", "placeholder"),
        ("...", "placeholder"),
        (f"{KEY} {KEY}", "characters that no key has"),
    ],
)
@both_clients
@pytest.mark.parametrize("variable", KEY_VARIABLES)
def test_the_error_for_an_invalid_key_names_the_reason(
    client_class: Client, key: str, problem: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It also names where the key is from, and does not show it."""
    with pytest.raises(ValueError, match=f"api_key .*{problem}") as given:
        client_class(api_key=key)
    monkeypatch.setenv(variable, key)
    with pytest.raises(ValueError, match=f"{variable} .*{problem}") as found:
        client_class()
    assert KEY not in disclosed_text(given.value) + disclosed_text(found.value)


@both_clients
@pytest.mark.parametrize("key", [KEY.encode(), SecretStr(KEY), 7])
def test_a_key_of_another_type_is_refused(client_class: Client, key: Any) -> None:
    """The error says how to get its text."""
    with pytest.raises(TypeError, match=f"must be a str; got {type(key).__name__}.*get_secret_value") as caught:
        client_class(api_key=key)
    assert KEY not in disclosed_text(caught.value)


def test_the_repr_of_a_model_does_not_disclose_signatures_of_urls() -> None:
    """The attribute has them. Outcomes, and errors with a job, show the repr."""
    url = "https://host/a.mp4?X-Amz-Expires=60&X-Amz-Signature=0123456789"
    hls = HlsObject(video_url=url, thumbnail_urls=[url])
    shown = "https://host/a.mp4?X-Amz-Expires=60&X-Amz-Signature=***"
    assert repr(hls) == f"HlsObject(video_url={shown!r}, thumbnail_urls=[{shown!r}])"
    assert hls.video_url == url
    assert "0123" not in disclosed_text(JobFailedError("No.", job=hls)) + repr(Outcome("a.mp4", result=hls))
    chunk = PresignedUrlChunk(chunk_index=1, url=url)
    assert repr(chunk) == "PresignedUrlChunk(chunk_index=1)"


@pytest.mark.emulator(**EMULATOR)
@pytest.mark.usefixtures("autojump_clock")
async def test_a_refusal_of_the_storage_gives_no_advice_about_the_account(
    emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path
) -> None:
    """It says what to do about the upload."""
    body = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
    emulator.fail("PUT", "/storage/*", status=403, body=body, times=99)
    with pytest.raises(UploadError) as caught:
        await client.multipart_upload.upload_file(write_video(tmp_path))
    text = str(caught.value)
    assert "resume the upload for a fresh one" in text
    assert text.endswith(f"Resume it with upload_id={caught.value.upload_id!r}.")
    for advice in ("API key", "plan", "account", "?"):
        assert advice not in text


@both_clients
@pytest.mark.parametrize("reply", [respond(504), RESET], ids=["504", "reset"])
def test_an_error_of_a_creating_call_says_how_to_find_out_about_its_outcome(client_class: Client, reply: Reply) -> None:
    """An error of any other call does not."""
    calls: list[tuple[Callable[..., Any], bool]] = [
        (lambda client: client.assets.create(method="url", url="https://host/a.mp4"), True),
        (lambda client: client.entity_collections.create(name="players"), True),
        (lambda client: client.assets.retrieve("a1"), False),
        (lambda client: client.assets.delete("a1"), False),
    ]
    for create, is_creating in calls:
        with Server(reply) as server:
            client = client_class(api_key=KEY, base_url=server.url, max_retries=0)
            with pytest.raises(APIError) as caught:
                call_and_close(client, create)
        assert ("check, as by list(), before sending it again." in str(caught.value)) is is_creating


def call_and_close(client: AsyncTwelveLabs | TwelveLabs, call: Callable[..., Any]) -> None:
    if isinstance(client, AsyncTwelveLabs):
        asyncio.run(await_and_close(client, call))
        return
    with client:
        call(client)


async def await_and_close(client: AsyncTwelveLabs, call: Callable[..., Any]) -> None:
    async with client:
        await call(client)


@pytest.mark.usefixtures("autojump_clock")
@pytest.mark.parametrize("echo", [lambda key: [key], lambda key: {key: key}, lambda key: {"_id": key}])
async def test_no_error_of_an_unusable_answer_discloses_the_key(
    emulator: Emulator, client: AsyncTwelveLabs, echo: Callable[[str], Any], tmp_path: Path
) -> None:
    """A server may repeat it in the place of any value."""
    value = echo(emulator.api_key)
    session = {"upload_id": "u", "asset_id": "a", "chunk_size": 1_000_000}
    calls: list[tuple[Any, ...]] = [
        ("POST", "/assets", {"_id": value}, client.assets.create_and_wait, b"spoken"),
        ("GET", "/indexes", {"data": emulator.api_key}, client.indexes.list),
        ("GET", "/assets/a", {"_id": "a", "status": value}, client.assets.wait_until_ready, "a"),
    ]
    upload = partial(client.multipart_upload.upload_file, write_video(tmp_path))
    calls += [
        ("POST", "/assets/multipart-uploads", {**session, name: value}, upload)
        for name in ("upload_id", "asset_id", "chunk_size", "upload_urls", "upload_headers")
    ]
    for method, path, body, call, *arguments in calls:
        emulator.fail(method, path, status=200, body=body)
        with pytest.raises(TwelveLabsError) as caught:
            await call(*arguments)
        assert emulator.api_key not in disclosed_text(caught.value)
