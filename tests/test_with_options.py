"""Clients with other keys and servers: `with_options`, keys from functions, `environment`."""

from __future__ import annotations

import asyncio
import logging
import threading
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import (
    AsyncTwelveLabs,
    NotFoundError,
    RequestNotSentTimeoutError,
    TwelveLabs,
    TwelveLabsEnvironment,
    TwelveLabsError,
)

from support.clients import Connect
from support.clock import Clock
from support.disclosure import disclosed_text
from support.recorder import Recorder

FIRST, SECOND, THIRD = "tlk_FIRSTSECRET", "tlk_SECONDSECRET", "tlk_THIRDSECRET"
LIMIT = {"x-ratelimit-remaining": "7", "x-ratelimit-reset": "60", "date": "Sat, 28 Nov 2026 02:00:00 GMT"}


def sent_keys(recorder: Recorder) -> list[str]:
    return [request.headers["x-api-key"] for request in recorder.requests]


def assert_hidden(error: BaseException) -> None:
    text = disclosed_text(error, variables=True)
    assert "SECRET" not in text


async def test_tenants_share_connections_and_nothing_else(recorder: Recorder, connect: Connect) -> None:
    """Each request has the key of its client, and the headers that both have."""
    async with connect(recorder, api_key=FIRST, headers={"x-own": "1"}) as client:
        tenant = client.with_options(api_key=SECOND)
        await asyncio.gather(*(owner.assets.retrieve("a1") for owner in (client, tenant) * 10))
        assert sorted(sent_keys(recorder)) == [FIRST] * 10 + [SECOND] * 10
        assert {request.headers["x-own"] for request in recorder.requests} == {"1"}
        assert len({request.headers["user-agent"] for request in recorder.requests}) == 1
        recorder.respond_next(headers=LIMIT)
        await tenant.assets.retrieve("a1")
        assert tenant.limits["other"].remaining == 7
        assert client.limits["other"].remaining is None
        assert client.with_options(api_key=FIRST).limits is client.limits
        assert client.with_options(timeout=5).limits is client.limits
        assert tenant.with_options(timeout=5).limits is tenant.limits
    with pytest.raises(RuntimeError, match="The client is closed"):
        await tenant.assets.retrieve("a1")


async def test_another_server_receives_the_key_if_the_caller_names_it(connect: Connect) -> None:
    with Recorder() as one, Recorder() as other:
        async with connect(one, api_key=FIRST) as client:
            elsewhere = client.with_options(base_url=other.url + "/")
            await elsewhere.assets.retrieve("a1")
            assert (len(one.requests), sent_keys(other)) == (0, [FIRST])
            assert elsewhere.limits is not client.limits
            assert elsewhere.reachability is not client.reachability
            with pytest.raises(ValueError, match="base_url must be a URL"):
                client.with_options(base_url="nowhere")


async def test_headers_of_a_call_replace_those_of_the_client_for_a_tenant_too(
    recorder: Recorder, connect: Connect
) -> None:
    options: Any = {"additional_headers": {"X-Api-Key": THIRD, "x-own": "2"}}
    async with connect(recorder, api_key=FIRST, headers={"x-own": "1"}) as client:
        for owner in (client, client.with_options(api_key=SECOND)):
            await owner.assets.retrieve("a1", request_options=options)
    assert sent_keys(recorder) == [THIRD, THIRD]
    assert [request.headers["x-own"] for request in recorder.requests] == ["2", "2"]


async def test_an_empty_key_of_a_tenant_is_refused(
    recorder: Recorder, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key in the environment is not taken for it."""
    monkeypatch.setenv("TWELVELABS_API_KEY", FIRST)
    async with connect(recorder) as client:
        for key in ("", " "):
            with pytest.raises(TwelveLabsError, match="No API key: api_key is empty"):
                client.with_options(api_key=key)
        with pytest.raises(ValueError, match="is in quotes") as caught:
            client.with_options(api_key=f"'{SECOND}'")
    assert_hidden(caught.value)


async def test_the_storage_receives_no_key_of_a_tenant(recorder: Recorder, connect: Connect, tmp_path: Path) -> None:
    file = tmp_path / "talk.mp4"
    file.write_bytes(b"ab")
    url = recorder.url.removesuffix("/v1.3") + "/storage"
    session = {"upload_id": "u", "asset_id": "a", "chunk_size": 2, "total_chunks": 1}
    recorder.respond_next(session | {"upload_urls": [{"chunk_index": 1, "url": url}]})
    recorder.respond_next({}, headers={"ETag": '"e"'})
    async with connect(recorder, api_key=FIRST) as client:
        await client.with_options(api_key=lambda: SECOND).multipart_upload.upload_file(str(file), file_type="video")
    part = next(request for request in recorder.requests if request.path == "/storage")
    assert "SECRET" not in str(part.headers)
    assert {request.headers.get("x-api-key") for request in recorder.requests if request is not part} == {SECOND}


async def test_no_key_is_disclosed_by_an_error_or_a_log(
    recorder: Recorder, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even where the server repeats it, nor in the local variables that a traceback shows."""
    caplog.set_level(logging.DEBUG)
    async with connect(recorder, api_key=FIRST) as client:
        for tenant in (client.with_options(api_key=SECOND), client.with_options(api_key=lambda: SECOND)):
            recorder.respond_next({"message": f"no {SECOND}"}, status=404, headers={"x-seen": SECOND})
            with pytest.raises(NotFoundError) as caught:
                await tenant.assets.retrieve("a1")
            assert caught.value.headers["x-seen"] == "***"
            assert_hidden(caught.value)
            assert "SECRET" not in repr(vars(tenant))
            recorder.respond_next(None)
            with pytest.raises(TimeoutError) as timed_out:
                async with asyncio.timeout(0.2):
                    await tenant.assets.retrieve("a1")
            assert_hidden(timed_out.value)
    assert "SECRET" not in caplog.text


async def coroutine_key() -> str:
    await asyncio.sleep(0)
    return SECOND


@pytest.mark.parametrize("function", [lambda: SECOND, coroutine_key, lambda: coroutine_key()])
async def test_a_function_returns_the_key_of_each_request(function: Any, recorder: Recorder, connect: Connect) -> None:
    async with connect(recorder, api_key=function) as client:
        await client.assets.retrieve("a1")
        assert (await client.assets.with_raw_response.retrieve("a1")).status_code == 200
    assert sent_keys(recorder) == [SECOND, SECOND]


async def test_a_rotated_key_is_used_by_the_next_attempt(
    recorder: Recorder, connect: Connect, autojump_clock: Clock
) -> None:
    """Retries call the function, too. Earlier keys are redacted as well."""
    keys = iter([FIRST, SECOND, THIRD])

    async def next_key() -> str:  # a plain function takes real time, in a thread that the clock cannot wait for
        return next(keys)

    recorder.respond_next({}, status=500)
    recorder.respond_next({"message": f"{FIRST} {SECOND}"}, status=404)
    async with connect(recorder, api_key=next_key) as client:
        with pytest.raises(NotFoundError, match=r"\*\*\* \*\*\*"):
            await client.assets.retrieve("a1")
    assert sent_keys(recorder) == [FIRST, SECOND]


async def test_concurrent_requests_have_the_keys_of_their_contexts(recorder: Recorder, connect: Connect) -> None:
    tenant: ContextVar[str] = ContextVar("tenant")

    async def call(client: AsyncTwelveLabs, key: str) -> None:
        tenant.set(key)
        await client.assets.retrieve(key[-11:])

    async with connect(recorder, api_key=lambda: tenant.get()) as client:
        await asyncio.gather(*(call(client, f"tlk_TENANT{number:05}") for number in range(30)))
    assert len({*sent_keys(recorder)}) == 30
    assert all(request.path.endswith(request.headers["x-api-key"][-11:]) for request in recorder.requests)


async def test_a_plain_function_may_block(recorder: Recorder, connect: Connect) -> None:
    """It is called in a worker thread."""
    threads: list[threading.Thread] = []

    def key() -> str:
        threads.append(threading.current_thread())
        return FIRST

    async with connect(recorder, api_key=key) as client:
        await client.assets.retrieve("a1")
    assert threads[0] is not threading.current_thread()


async def test_a_function_that_fails_sends_nothing(recorder: Recorder, connect: Connect) -> None:
    def fail() -> str:
        raise OSError("the vault is sealed")

    cases: list[tuple[Any, type[Exception], str]] = [
        (fail, TwelveLabsError, r"api_key\(\) failed with OSError: the vault is sealed\. The request was not sent\."),
        (lambda: "", TwelveLabsError, r"No API key: api_key\(\) is empty"),
        (lambda: None, TypeError, r"api_key\(\) must be a str; got NoneType"),
        (lambda: f"Bearer {FIRST}", ValueError, r"The API key of api_key\(\) begins with the name of a header"),
    ]
    for function, cls, message in cases:
        async with connect(recorder, api_key=function) as client:
            with pytest.raises(cls, match=message) as caught:
                await client.assets.retrieve("a1")
            assert_hidden(caught.value)
    assert not recorder.requests


async def test_a_function_has_the_time_of_the_request(
    recorder: Recorder, connect: Connect, autojump_clock: Clock
) -> None:
    async def wait() -> str:
        await asyncio.sleep(3600)
        return FIRST

    async with connect(recorder, api_key=wait) as client:
        with pytest.raises(RequestNotSentTimeoutError, match="the function that returns the API key took too long"):
            await client.assets.retrieve("a1", request_options={"timeout_in_seconds": 5, "max_retries": 0})


def test_the_blocking_client_takes_functions_and_tenants(recorder: Recorder) -> None:
    with TwelveLabs(api_key=lambda: FIRST, base_url=recorder.url) as client:
        client.assets.retrieve("a1")
        client.with_options(api_key=coroutine_key).assets.retrieve("a1")
        client.with_options(api_key=THIRD).assets.retrieve("a1")
    assert sent_keys(recorder) == [FIRST, SECOND, THIRD]


@pytest.mark.parametrize("kind", [TwelveLabs, AsyncTwelveLabs])
def test_a_server_is_named_as_in_the_official_sdk(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """base_url and the environment variable take precedence."""
    monkeypatch.delenv("TWELVELABS_BASE_URL", raising=False)
    named = {"api_key": FIRST, "environment": TwelveLabsEnvironment.DEFAULT}
    assert "'https://api.twelvelabs.io/v1.3'" in repr(kind(**named))
    assert "'https://example.com/v1.3'" in repr(kind(**named, base_url="https://example.com/v1.3"))
    monkeypatch.setenv("TWELVELABS_BASE_URL", "http://localhost:8000/v1.3")
    assert "'http://localhost:8000/v1.3'" in repr(kind(**named))
    with pytest.raises(ValueError, match="is not a valid TwelveLabsEnvironment"):
        kind(api_key=FIRST, environment="production")


@pytest.mark.parametrize("kind", [TwelveLabs, AsyncTwelveLabs])
@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ({"httpx_client": object()}, r"Pass timeout=, connector=, ssl= or proxy=\."),
        ({"follow_redirects": True}, r"Redirects within the API's origin are always followed\."),
        ({"unknown": 1}, "unexpected keyword argument 'unknown'"),
    ],
)
def test_arguments_of_the_official_constructor_have_hints(kind: Any, arguments: dict[str, Any], hint: str) -> None:
    with pytest.raises(TypeError, match=hint) as caught:
        kind(api_key=FIRST, **arguments)
    assert str(caught.value).startswith(f"{kind.__name__}() got an unexpected keyword argument")
    assert_hidden(caught.value)
