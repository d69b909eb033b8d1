"""The URL of the API: valid and invalid forms, and what other servers than the API respond."""

from __future__ import annotations

from typing import Any

import pytest

from twelvelabs_async import APIResponseError, APIStatusError, AsyncTwelveLabs, NotFoundError, TwelveLabs

from support.clients import Connect
from support.raw_server import KEY, OK, Reply, Server, respond
from support.samples import MODELS


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("https://host/v1.3 ", "https://host/v1.3"),
        ("\thttps://host/v1.3/\n", "https://host/v1.3"),
        ("https://host/v1.3//", "https://host/v1.3"),
        ("HTTPS://HOST/v1.3", "https://host/v1.3"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ("https://host/a%2Fb", "https://host/a%2Fb"),
        ("https://host/a/../v1.3", "https://host/v1.3"),
        ("https://[::1]:8080/v1.3", "https://[::1]:8080/v1.3"),
        ("", "https://api.twelvelabs.io/v1.3"),
        (" ", "https://api.twelvelabs.io/v1.3"),
    ],
)
@pytest.mark.parametrize("is_argument", [True, False])
def test_a_base_url_is_normalized(monkeypatch: pytest.MonkeyPatch, given: str, used: str, is_argument: bool) -> None:
    """Blanks around it do not count, nor does a blank one. It may be an argument or a variable."""
    monkeypatch.setenv("TWELVELABS_BASE_URL", "" if is_argument else given)
    client = AsyncTwelveLabs(api_key=KEY, base_url=given if is_argument else None)
    assert repr(client) == f"AsyncTwelveLabs(base_url={used!r})"


@pytest.mark.parametrize("base", [" {0}/v1.3\n", "{0}/ü", "{0}/v1.3/../ü/"])
async def test_the_path_of_a_base_url_is_sent_encoded(base: str) -> None:
    """Requests have one well-formed path."""
    with Server(OK) as server:
        async with AsyncTwelveLabs(api_key=KEY, base_url=base.format(server.origin)) as client:
            await client.indexes.retrieve("i1")
    assert server.targets[0].removeprefix("GET ") in ("/v1.3/indexes/i1", "/%C3%BC/indexes/i1")


@pytest.mark.parametrize(
    "url",
    [
        "api.twelvelabs.io/v1.3",
        "//host/v1.3",
        "https:host/v1.3",
        "https:///v1.3",
        "ws://host",
        "file:///v1.3",
        '"https://host/v1.3"',
        "https://user:secret@host/v1.3",
        "https://:secret@host/v1.3",
        "https://host/v1.3?key=value",
        "https://host/v1.3?",
        "https://host/v1.3#part",
        "https://host:65536",
        "https://host:0",
        "https://host:port",
        "https://ho st/v1.3",
        "https://ho\nst/v1.3",
        "https://host/v1.3\u200b",
        "https://[::1/v1.3",
        "https://host\\v1.3",
        "https://" + "x" * 64 + "ü",
    ],
)
def test_an_invalid_base_url_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """The error shows it, without a password."""
    for client_class in (AsyncTwelveLabs, TwelveLabs):
        with pytest.raises(
            ValueError, match=r"base_url must be a URL such as https://api\.twelvelabs\.io/v1\.3"
        ) as caught:
            client_class(api_key=KEY, base_url=url)
        assert "secret" not in str(caught.value)
    monkeypatch.setenv("TWELVELABS_BASE_URL", url)
    with pytest.raises(ValueError, match="base_url must be a URL"):
        AsyncTwelveLabs(api_key=KEY)


@pytest.mark.parametrize(
    "reply",
    [
        respond(404),
        respond(405),
        respond(404, b"<h1>Not Found</h1>"),
        respond(404, {}),
        respond(404, {"code": "resource_not_exist", "message": "No page."}),  # the API's own, without its version
    ],
)
async def test_a_missing_page_is_not_blamed_on_the_id(connect: Connect, reply: Reply) -> None:
    """This is the response of another server, or to a base URL without its version."""
    with Server(reply) as server:
        async with connect(server, base_url=server.origin) as client:
            with pytest.raises(APIStatusError, match=r"Check base_url, such as https://api") as caught:
                await client.indexes.retrieve("i1")
    assert "Check the id" not in str(caught.value)


async def test_a_missing_object_of_the_api_is(connect: Connect) -> None:
    """The API's own errors have a code."""
    with Server(respond(404, {"code": "resource_not_exist", "message": "No index."})) as server:
        async with connect(server) as client:
            with pytest.raises(NotFoundError, match="Check the id"):
                await client.indexes.retrieve("i1")


CALLS: dict[str, Any] = {
    "retrieve": lambda client: client.indexes.retrieve("i1"),
    "create": lambda client: client.indexes.create(index_name="talks", models=MODELS),
    "update": lambda client: client.indexes.update("i1", index_name="talks"),
    "delete": lambda client: client.indexes.delete("i1"),
    "list": lambda client: client.assets.list(),
    "analyze": lambda client: client.analyze(video={"type": "asset_id", "asset_id": "a1"}, prompt="?"),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("page", [b"<!DOCTYPE html><html>Log in", b"\xef\xbb\xbf\r\n <html>Log in"])
async def test_a_login_page_is_not_a_response_of_the_api(connect: Connect, call: str, page: bytes) -> None:
    """No call takes it for a success, and none is retried."""
    with Server(respond(200, page)) as server:
        async with connect(server) as client:
            with pytest.raises(APIResponseError, match=r"Log in.*Check base_url, and log in to the network"):
                await CALLS[call](client)
    assert server.attempts == 1
