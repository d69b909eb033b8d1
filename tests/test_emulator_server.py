"""Server of the emulator: faults, rate limits, start and stop."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any

import aiohttp
import httpx
import pytest

from twelvelabs_async.testing import Emulator
from twelvelabs_async.testing.handlers import OPERATIONS
from twelvelabs_async.testing.handlers.operation import Operation

from support.plain_http import MARENGO, create_index, upload

pytest_plugins = ["pytester"]


def test_fail_replaces_matching_responses(emulator: Emulator, api: httpx.Client) -> None:
    """The fault skips some matching requests and replaces the responses of others; the rest is unchanged."""
    emulator.fail("GET", "/index*", status=503, times=2, skip=1, headers={"Retry-After": "7"}, body={"code": "busy"})
    responses = [api.get("/indexes") for _ in range(4)]
    assert [response.status_code for response in responses] == [200, 503, 503, 200]
    assert (responses[1].headers["Retry-After"], responses[1].json()) == ("7", {"code": "busy"})
    assert [request.status for request in emulator.requests] == [200, 503, 503, 200]


def test_fail_may_process_the_request(emulator: Emulator, api: httpx.Client) -> None:
    """With `acted`, the request is processed although its response is an error."""
    emulator.fail("POST", "/indexes", status=500, acted=True)
    emulator.fail("POST", "/indexes", status=500, body="no")
    responses = [api.post("/indexes", json={"index_name": name, "models": MARENGO}) for name in "ab"]
    assert [response.text for response in responses] == ["", "no"]
    assert [index["index_name"] for index in api.get("/indexes").json()["data"]] == ["a"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:{port}", "127.0.0.1:1", "127.1.2.3", "[::1]:{port}"])
def test_names_of_this_machine_are_served(emulator: Emulator, api: httpx.Client, host: str) -> None:
    """The port does not matter: it may be that of a proxy before the emulator."""
    port = httpx.URL(emulator.url).port
    assert api.get("/indexes", headers={"Host": host.format(port=port)}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example:80", "127.0.0.1.evil.example", "[::1", "10.0.0.1"]
)
def test_other_hosts_are_refused(emulator: Emulator, api: httpx.Client, host: str) -> None:
    """The page of another site, whose name resolves to this machine, reaches neither the API nor the storage."""
    for url in (f"{emulator.url}/indexes", f"{emulator.storage_url}/storage/a"):
        response = api.get(url, headers={"Host": host})
        assert (response.status_code, response.json()["code"]) == (421, "host_invalid")


@pytest.mark.parametrize("acted", [False, True])
def test_drop_resets_the_connection(emulator: Emulator, api: httpx.Client, acted: bool) -> None:
    """The connection is reset before or after the request is processed, and the log has no status."""
    emulator.drop("POST", "/indexes", acted=acted)
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        create_index(api)
    assert len(api.get("/indexes").json()["data"]) == acted
    assert emulator.requests[0].status is None


def test_delay_responds_late(emulator: Emulator, api: httpx.Client) -> None:
    """The request is processed although the client stops waiting for the response."""
    emulator.delay("POST", "/indexes", 30)
    with pytest.raises(httpx.ReadTimeout):
        api.post("/indexes", json={"index_name": "a", "models": MARENGO}, timeout=0.1)
    assert len(api.get("/indexes").json()["data"]) == 1


def test_part_uploads_fail_on_request(emulator: Emulator, api: httpx.Client) -> None:
    """Faults match the paths of the storage."""
    emulator.fail("PUT", "/storage/*", status=500)
    body = {"filename": "a.mp4", "type": "video", "total_size": 1}
    session = api.post("/assets/multipart-uploads", json=body).json()
    url, headers = session["upload_urls"][0]["url"], session["upload_headers"]
    assert [httpx.put(url, content=b"a", headers=headers).status_code for _ in range(2)] == [500, 200]


@pytest.mark.emulator(rate_limits={"search": (2, 60)})
def test_rate_limits_refuse_requests(emulator: Emulator, api: httpx.Client) -> None:
    """A category has so many requests in a window; headers show the rest, and a 429 has no body."""
    responses = [api.post("/search", files={"index_id": (None, "0")}) for _ in range(3)]
    assert [response.status_code for response in responses] == [400, 400, 429]
    assert [response.headers["x-ratelimit-request-remaining"] for response in responses] == ["1", "0", "0"]
    assert (responses[2].content, int(responses[2].headers["Retry-After"])) == (b"", 60)
    assert 55 < int(responses[2].headers["x-ratelimit-request-reset"]) - time.time() <= 61
    emulator.advance(60)
    assert api.post("/search").status_code == 400


@pytest.mark.emulator(speed=0, rate_limits={"embed": {"request": [(9, 60), (8, 3600)], "inputtoken": [(5, 60)]}})
def test_a_limit_of_tokens_bites_late(api: httpx.Client) -> None:
    """The request that exceeds it completes, the following ones are refused (docs: Create embeddings)."""
    source = {"media_type": "image", "url": "https://example.com/dog.png"}
    body = {"input_type": "multi_input", "model_name": "marengo3.5", "multi_input": {"media_sources": [source]}}
    admitted, refused = (api.post("/embed-v2", json=body) for _ in range(2))
    assert (admitted.status_code, refused.status_code) == (200, 429)
    assert admitted.headers["x-ratelimit-inputtoken-remaining"] == "0"
    assert admitted.headers["x-ratelimit-request-remaining"] == "7"
    assert (refused.headers["X-Ratelimit-Dimensions"], refused.headers["Retry-After"]) == ("request, inputtoken", "60")
    assert refused.json()["error"]["code"] == "too_many_requests"


@pytest.mark.emulator(rate_limits={"indexing": {"duration": [(60, 3600)]}})
def test_a_video_beyond_a_limit_of_media_is_not_indexed(emulator: Emulator, api: httpx.Client) -> None:
    """It is refused before anything is created, although requests are left."""
    index_id, asset_id = create_index(api), upload(api, "a.mp4")
    emulator.advance(60)
    seconds = emulator.assets[asset_id].media.duration or 0.0
    path, body = f"/indexes/{index_id}/indexed-assets", {"asset_id": asset_id}
    statuses = [api.post(path, json=body).status_code for _ in range(int(60 // seconds) + 1)]
    assert statuses == [202] * int(60 // seconds) + [429]
    assert len(emulator.indexed_assets) == int(60 // seconds)


@pytest.mark.parametrize("limits", [{"search": {"minutes": [(1, 1)]}}, {"serach": (1, 1)}])
def test_unknown_names_of_rate_limits_are_refused(limits: Any) -> None:
    with pytest.raises(ValueError, match="Unknown rate limit"):
        Emulator(rate_limits=limits)


@pytest.mark.emulator(rate_limits={"search": (2, 60)})
def test_other_categories_have_no_limit(api: httpx.Client) -> None:
    """A request of a category without a limit has no headers of a limit."""
    assert "x-ratelimit-request-limit" not in api.get("/indexes").headers


def test_unknown_rate_limit_categories_are_refused() -> None:
    """The error names the unknown category and the known ones."""
    with pytest.raises(ValueError, match=r"sarch\. Expected indexing, assets, search"):
        Emulator(rate_limits={"sarch": (1, 1)})  # type: ignore[dict-item]


def test_the_state_is_public(emulator: Emulator, api: httpx.Client) -> None:
    """Tests read and change the state, between two requests by `call`."""
    asset_id, index_id = upload(api, "a.mp4"), create_index(api)
    asset, index = emulator.state.assets[asset_id], emulator.state.indexes[index_id]
    assert (asset.filename, asset.status(emulator.state.now())) == ("a.mp4", "processing")
    item = emulator.call(lambda: emulator.state.index_asset(index, asset))
    assert api.get(f"/indexes/{index_id}/indexed-assets/{item.id}").json()["asset_id"] == asset_id


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: f"{operation.method} {operation.path}")
def test_handlers_take_the_ids_of_their_paths(operation: Operation) -> None:
    """Each id in the path of an operation is a parameter of its handler."""
    assert {*operation.names} - {"idempotency_key"} == {*re.findall(r"{(\w+)}", operation.path)}


def test_stop_frees_the_thread_and_the_port() -> None:
    """An emulator that is stopped, even twice, has no thread and no open port."""
    before = threading.active_count()
    emulator = Emulator().start()
    port = httpx.URL(emulator.url).port
    assert port is not None
    emulator.stop()
    emulator.stop()
    assert threading.active_count() == before
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_start_reports_a_taken_port(emulator: Emulator) -> None:
    """A taken port is an error of `start`."""
    port = httpx.URL(emulator.url).port
    assert port is not None
    with pytest.raises(OSError, match=str(port)):
        Emulator(port=port).start()


def test_stop_does_not_wait_for_late_responses() -> None:
    """An emulator stops at once while a response is delayed by 30 seconds."""
    with Emulator() as emulator:
        emulator.delay("GET", "/indexes", 30)
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{emulator.url}/indexes", timeout=0.1)
        start = time.monotonic()
    assert time.monotonic() - start < 15


async def test_500_requests_are_processed_concurrently(emulator: Emulator) -> None:
    """An emulator serves concurrent requests of the test's own event loop."""
    async with aiohttp.ClientSession(headers={"x-api-key": emulator.api_key}) as session:

        async def status() -> int:
            async with session.get(f"{emulator.url}/indexes") as response:
                return response.status

        assert await asyncio.gather(*(status() for _ in range(500))) == [200] * 500


def test_the_command_serves_until_it_is_interrupted() -> None:
    """`python -m twelvelabs_async.testing` prints the variables for clients, serves as told, and ends on Ctrl-C."""
    command = [sys.executable, "-m", "twelvelabs_async.testing", "--api-key", "k", "--processing-time", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        settings = dict(process.stdout.readline().strip().split("=", 1) for _ in range(2))
        form = {"method": (None, "url"), "url": (None, "https://example.com/a.mp4")}
        response = httpx.post(f"{settings['TWELVELABS_BASE_URL']}/assets", headers={"x-api-key": "k"}, files=form)
        os.kill(process.pid, signal.SIGINT)
        assert (response.json()["status"], process.wait(10)) == ("ready", 0)


def test_the_pytest_fixture_sets_the_environment(pytester: pytest.Pytester) -> None:
    """The fixture serves one test and sets its environment; the plugin imports no web server."""
    pytester.makepyfile(
        """
        import os, sys

        def test_import():
            assert "twelvelabs_async.testing.pytest_plugin" in sys.modules
            assert "aiohttp" not in sys.modules

        def test_fixture(twelvelabs_emulator):
            assert os.environ["TWELVELABS_BASE_URL"] == twelvelabs_emulator.url
            assert os.environ["TWELVELABS_API_KEY"] == twelvelabs_emulator.api_key
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:asyncio").assert_outcomes(passed=2)


@pytest.mark.parametrize("name", ["\x00", "a\x7f", "b\x1b"], ids=["null", "delete", "escape"])
def test_a_form_with_an_invalid_header_is_refused(api: httpx.Client, name: str) -> None:
    """Generated forms have such names of fields."""
    body = f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n1\r\n--x--\r\n'
    response = api.post("/assets", content=body.encode(), headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert (response.status_code, response.json()["code"]) == (400, "parameter_invalid")
    assert "is not a valid form" in response.json()["message"]
