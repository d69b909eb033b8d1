"""Tracebacks: their local variables disclose no secret, whatever ends a call, and they are short."""

from __future__ import annotations

import asyncio
import io
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from twelvelabs_async import (
    APIError,
    AsyncTwelveLabs,
    InvalidArgumentError,
    TwelveLabs,
    TwelveLabsError,
    UploadProgress,
)
from twelvelabs_async.testing import Emulator

from support.disclosure import disclosed_text
from support.raw_server import KEY, RESET, STALL, Reply, Server, respond
from support.uploads import EMULATOR, SESSIONS, write_video

HEADER = "Bearer 0123456789HEADER"
PASSWORD = "0123456789PASSWORD"
VIDEO_OF_ANALYSIS: Any = {"type": "asset_id", "asset_id": "a1"}
pytest_plugins = ["pytester"]
Call = Callable[[AsyncTwelveLabs], Awaitable[object]]

pytestmark = [
    pytest.mark.emulator(**EMULATOR, api_key=KEY),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def assert_hidden(error: BaseException, *secrets: str) -> None:
    text = disclosed_text(error, variables=True)
    for secret in (KEY, HEADER.removeprefix("Bearer "), PASSWORD, *secrets):
        at = text.find(secret)
        assert at < 0, text[max(0, at - 300) : at + 100]


async def failure_of(awaitable: Awaitable[object]) -> BaseException:
    """Return what *awaitable* raises."""
    try:
        await awaitable
    except BaseException as error:
        return error
    raise AssertionError("Nothing was raised.")


class Interrupt(BaseException):
    """An interrupt, which no event loop stops for."""


async def interrupt(*_: object) -> Any:
    raise Interrupt


async def cancelled(client: AsyncTwelveLabs) -> None:
    call = asyncio.ensure_future(client.indexes.retrieve("i1"))
    await asyncio.sleep(0.05)
    call.cancel()
    await call


async def expired(client: AsyncTwelveLabs) -> None:
    async with asyncio.timeout(0.05):
        await client.indexes.retrieve("i1")


async def waited_for(client: AsyncTwelveLabs) -> None:
    await asyncio.wait_for(client.indexes.retrieve("i1"), 0.05)


async def in_group(client: AsyncTwelveLabs) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(client.indexes.retrieve("i1"))
        group.create_task(client.with_options(timeout=0.05).indexes.retrieve("i2"))


async def streamed(client: AsyncTwelveLabs) -> None:
    async for _ in client.analyze_stream(prompt="?", video=VIDEO_OF_ANALYSIS):
        pass


async def responded(client: AsyncTwelveLabs) -> None:
    async for _ in client.responses.create_stream(
        knowledge_store_id="k", input=[{"type": "message", "role": "user", "content": "?"}]
    ):
        pass


async def in_bulk(client: AsyncTwelveLabs) -> None:
    async for outcome in client.bulk.index("i1", ["https://host/a.mp4"], interval=0.001):
        if outcome.error:
            raise outcome.error


async def file_fails(client: AsyncTwelveLabs) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if size:
                raise OSError("bad sector")
            return b""

    await client.assets.create(method="direct", file=("a.mp4", Broken(bytes(1000))))


CALLS: dict[str, Call] = {
    "retrieve": lambda client: client.indexes.retrieve("i1"),
    "create": lambda client: client.indexes.create(
        index_name="n", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}]
    ),
    "list": lambda client: client.assets.list(),
    "stream": streamed,
    "events": responded,
    "bulk": in_bulk,
    "wait": lambda client: client.assets.wait_until_ready("a1", timeout=0.1),
    "group": in_group,
}
REPLIES = {
    "401": respond(401, {"code": "api_key_invalid", "message": "KEY"}, X_KEY="KEY"),
    "502": respond(502, b"<h1>KEY</h1>"),
    "list": respond(200, ["KEY"], X_Seen="KEY"),
    "error event": respond(200, b'data: {"error": {"message": "KEY", "code": "KEY"}}\n\n'),
    "redirect": respond(302, Location="http://host/?X-Amz-Signature=KEY"),
    "reset": RESET,
}
INTERRUPTIONS: dict[str, Call] = {
    "cancellation": cancelled,
    "timeout": expired,
    "wait_for": waited_for,
    "group": in_group,
    "file": file_fails,
    "header": lambda client: client.indexes.retrieve("i1", request_options={"additional_headers": {"x-a": "\r\n"}}),
}


async def failure_with(reply: Reply, call: Call, **settings: Any) -> BaseException:
    """Return what *call* raises if a server replies so."""
    settings = {"timeout": 0.1, "max_retries": 1, "headers": {"Authorization": HEADER}} | settings
    with Server(reply) as server:
        async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, **settings) as client:
            return await failure_of(call(client))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("reply", REPLIES)
async def test_no_variable_of_a_failed_request_discloses_a_secret(call: str, reply: str) -> None:
    """Responses repeat the key in bodies, and in names and values of headers."""
    error = await failure_with(REPLIES[reply], CALLS[call])
    assert isinstance(error, TwelveLabsError if call != "group" else ExceptionGroup)
    assert_hidden(error)


@pytest.mark.parametrize("interruption", INTERRUPTIONS)
async def test_no_variable_of_an_interrupted_request_discloses_a_secret(interruption: str) -> None:
    """The frames of aiohttp, whose variables have the key, are not part of the traceback."""
    error = await failure_with(STALL, INTERRUPTIONS[interruption], timeout=5)
    assert isinstance(error, InvalidArgumentError) or not isinstance(error, TwelveLabsError)
    assert_hidden(error)


@pytest.mark.parametrize("hook", ["middlewares", "trace_configs", "limiter"])
async def test_no_variable_of_a_failing_hook_discloses_a_secret(hook: str) -> None:
    """The caller's own code, which aiohttp calls, may raise anything."""
    tracing = aiohttp.TraceConfig()
    tracing.on_request_start.append(interrupt)
    settings = {"middlewares": [interrupt], "trace_configs": [tracing], "limiter": interrupt}
    error = await failure_with(STALL, CALLS["retrieve"], **{hook: settings[hook]})
    assert isinstance(error, Interrupt)
    assert_hidden(error)


@pytest.mark.parametrize("interrupted", [False, True])
async def test_no_variable_discloses_the_password_of_a_proxy(interrupted: bool) -> None:
    """The proxy refuses the credentials, does not respond in time, or breaks the connection."""
    for reply in (respond(407), STALL, RESET):
        with Server(reply) as server:
            proxy = f"http://me:{PASSWORD}@{server.origin.partition('//')[2]}"
            async with AsyncTwelveLabs(
                api_key=KEY, base_url="http://host/v1.3", proxy=proxy, timeout=0.1, max_retries=0
            ) as client:
                error = await failure_of((expired if interrupted else CALLS["retrieve"])(client))
        assert isinstance(error, APIError | TimeoutError)
        assert_hidden(error)


@pytest.mark.parametrize("client_class", [AsyncTwelveLabs, TwelveLabs])
@pytest.mark.parametrize(
    "settings",
    [
        {"base_url": "nowhere"},
        {"api_key": KEY.encode()},
        {"api_key": SecretStr(KEY)},
        {"api_key": f"'{KEY}'"},
        {"headers": {"Authorization": f"{HEADER}\n"}},
        {"headers": [HEADER]},
        {"proxy": f"socks5://me:{PASSWORD}@host"},
        {"proxy": f"http://me:{PASSWORD}@host".encode()},
        {"base_url": f"https://me:{PASSWORD}@host/v1.3"},
        {"connector": 1},
        {"timeout": -1},
    ],
    ids=[
        "base_url",
        "bytes",
        "SecretStr",
        "quotes",
        "header",
        "headers",
        "proxy",
        "proxy as bytes",
        "base_url with a password",
        "connector",
        "timeout",
    ],
)
def test_no_variable_of_a_refused_setting_discloses_a_secret(client_class: Any, settings: dict[str, Any]) -> None:
    """The frames of the constructors hold neither the key nor headers when they raise."""
    with pytest.raises((ValueError, TypeError, AttributeError)) as caught:
        client_class(
            **{"api_key": KEY, "headers": {"Authorization": HEADER}, "proxy": f"http://me:{PASSWORD}@host"} | settings
        )
    caught.value.__traceback__ = caught.tb.tb_next  # without the frame of this test
    assert_hidden(caught.value)


@pytest.mark.parametrize("client_class", [AsyncTwelveLabs, TwelveLabs])
@pytest.mark.parametrize(
    "options", [{"headers": {"Authorization": f"{HEADER}\n"}}, {"headers": {"Authorization": HEADER}, "timeout": -1}]
)
def test_no_variable_of_a_refused_option_discloses_a_secret(client_class: Any, options: dict[str, Any]) -> None:
    """The frames of `with_options` hold no headers when they raise."""
    with pytest.raises(ValueError, match=r"^(headers|timeout)\b") as caught:
        client_class(api_key=KEY).with_options(**options)
    caught.value.__traceback__ = caught.tb.tb_next  # without the frame of this test
    assert_hidden(caught.value)


@pytest.mark.parametrize("reply", ["401", "list", "error event", "reset"])
def test_the_traceback_of_a_blocking_call_ends_at_the_call(reply: str) -> None:
    """Notebooks show ten lines of each frame, and those of the package say nothing about the caller's program."""
    with (
        Server(REPLIES[reply]) as server,
        TwelveLabs(api_key=KEY, base_url=server.url, max_retries=0) as client,
        pytest.raises(APIError) as caught,
    ):
        client.indexes.retrieve("i1", request_options={"additional_headers": {"Authorization": HEADER}})
    assert len(traceback.extract_tb(caught.tb)) == 1
    caught.value.__traceback__ = None
    assert_hidden(caught.value)


async def test_the_traceback_of_an_async_call_has_no_frames_of_retries() -> None:
    """It ends where the request begins."""
    error = await failure_with(REPLIES["502"], CALLS["retrieve"], timeout=5)
    assert [frame.name for frame in traceback.extract_tb(error.__traceback__)] == [
        "failure_of",
        "retrieve",
        "_get",
        "request",
    ]


@pytest.fixture
def cell() -> Iterator[Callable[..., Awaitable[list[str]]]]:
    """A function that runs a cell in IPython, and returns the lines that it shows."""
    interactive = pytest.importorskip("IPython.core.interactiveshell", reason="needs IPython: pip install ipython")
    shell: Any = interactive.InteractiveShell.instance(colors="nocolor", history_length=0)
    shell.history_manager.enabled = False

    async def run(source: str, mode: str = "Context", **names: object) -> list[str]:
        shell.push(names)
        shell.InteractiveTB.set_mode(mode)
        with redirect_stdout(io.StringIO()) as output:
            await shell.run_cell_async(source, transformed_cell=source)
        return output.getvalue().rstrip().splitlines()

    yield run
    interactive.InteractiveShell.clear_instance()


@pytest.mark.usefixtures("autojump_clock")
async def test_a_notebook_shows_the_cell_and_the_error_with_its_cause_once(
    cell: Callable[..., Awaitable[list[str]]], client: AsyncTwelveLabs, emulator: Emulator, tmp_path: Path
) -> None:
    """All frames of the package are hidden, and those of what it calls. The verbose mode shows them."""
    emulator.fail("PUT", "/storage/*", status=403, times=99)
    names = {"client": client, "file": write_video(tmp_path)}
    for call, error in {
        "client.assets.retrieve('a1')": "NotFoundError",
        "client.assets.create(method='direct')": "InvalidArgumentError",
        "client.assets.upload('missing.mp4')": "MissingFileError",
        "client.assets.upload(file, multipart_threshold=0)": "UploadError",
    }.items():
        lines = await cell(f"await {call}", **names)
        assert len(lines) == 6, "\n".join(lines)
        assert lines[3].endswith(f"await {call}")
        assert lines[5].startswith(f"{error}: ")
        assert error != "UploadError" or lines[5].count("status 403") == 1
    lines = await cell(f"await {call}", mode="Verbose", **names)
    assert "in AsyncAssets.upload" in "\n".join(lines)


def test_pytest_shows_the_test_and_the_error(pytester: pytest.Pytester) -> None:
    """``--full-trace`` shows all frames."""
    pytester.makepyfile("""
        from twelvelabs_async import TwelveLabs

        def test_of_a_user():
            with TwelveLabs(api_key="key") as client:
                client.assets.upload("missing.mp4")

        async def upload():
            from twelvelabs_async import AsyncTwelveLabs
            async with AsyncTwelveLabs(api_key="key") as client:
                await client.assets.upload("missing.mp4")

        def test_of_an_asynchronous_user():
            import asyncio
            asyncio.run(upload())
    """)
    options = ("--disable-plugin-autoload", "-ptwelvelabs_async", "-pno:cacheprovider", "--tb=short")
    short = pytester.runpytest_inprocess(*options)
    short.assert_outcomes(failed=2)
    assert "twelvelabs_async/" not in short.stdout.str()
    short.stdout.fnmatch_lines(["*MissingFileError: *missing.mp4'"])
    full = pytester.runpytest_inprocess(*options, "--full-trace")
    full.stdout.fnmatch_lines(["*twelvelabs_async/*"])


def refuse(progress: UploadProgress) -> None:
    if progress.completed_chunks:
        raise RuntimeError("refused")


@pytest.mark.usefixtures("autojump_clock")
@pytest.mark.parametrize("failure", ["refused", "broken", "callback", "URLs"])
async def test_no_variable_of_a_failed_upload_discloses_a_presigned_url(
    emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path, failure: str
) -> None:
    """Whoever has the query of such a URL can upload."""
    match failure:
        case "refused":
            emulator.fail("PUT", "/storage/*", status=403, times=99)
        case "broken":
            emulator.drop("PUT", "/storage/*", times=99)
        case "URLs":
            emulator.fail("POST", f"{SESSIONS}/*/presigned-urls", status=500, times=99)
        case _:
            pass
    error = await failure_of(
        client.multipart_upload.upload_file(
            write_video(tmp_path), progress_callback=refuse if failure == "callback" else None
        )
    )
    sent = [request for request in emulator.requests if request.method == "PUT"]
    secrets = {value for request in sent for _, value in request.query if len(value) > 8}
    assert secrets
    assert_hidden(error, *secrets)
