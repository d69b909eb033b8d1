"""Proxies: which one a request takes, what it receives, and how its failures are reported."""

from __future__ import annotations

import base64
import re
import traceback
import urllib.request
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from twelvelabs_async import (
    APIConnectionError,
    APIStatusError,
    AsyncTwelveLabs,
    ProxyError,
    RequestNotSentError,
    RequestNotSentTimeoutError,
    TwelveLabs,
)
from twelvelabs_async._proxies import Proxies
from twelvelabs_async.testing import Emulator

from support.certificates import AUTHORITY, certificate_of, trusting
from support.clock import Clock
from support.disclosure import disclosed_text
from support.raw_server import CLOSE, KEY, OK, RESET, Connection, Reply, Server, respond
from support.uploads import EMULATOR, write_video

API = "http://api.invalid/v1.3"
SECRET = "pä:ss@word"


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name.upper()}_PROXY", raising=False)


def tunnel_to(server: Server) -> Reply:
    """Return a reply of a proxy that connects every client with *server*, whatever the host is that it asked for."""

    def reply(connection: Connection) -> None:
        connection.tunnel("127.0.0.1", URL(server.origin).port or 0)

    return reply


async def retrieve(**settings: Any) -> Any:
    async with AsyncTwelveLabs(**{"api_key": KEY, "base_url": API, "max_retries": 0} | settings) as client:
        return await client.indexes.retrieve("i1")


def with_user(proxy: Server) -> str:
    return proxy.origin.replace("//", "//user:p%C3%A4%3Ass%40word@")


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
async def test_a_proxy_of_the_environment_receives_requests(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """A request to a plain HTTP server names the whole URL. User and password are those of the proxy's URL."""
    with Server(OK) as proxy:
        monkeypatch.setenv(variable, with_user(proxy))
        await retrieve()
    assert proxy.targets == [f"GET {API}/indexes/i1"]
    authorization = proxy.requests[0].headers["proxy-authorization"].removeprefix("Basic ")
    assert base64.b64decode(authorization).decode("latin-1") == f"user:{SECRET}"
    assert "authorization" not in proxy.requests[0].headers


async def test_a_proxy_without_a_scheme_is_an_http_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other programs take ``host:port`` as well."""
    with Server(OK) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.origin.removeprefix("http://"))
        await retrieve()
    assert proxy.attempts == 1


@pytest.mark.parametrize("blocking", [False, True])
async def test_a_proxy_opens_a_tunnel_and_receives_neither_key_nor_headers(blocking: bool) -> None:
    """All that it reads of a request to an HTTPS server is the ``CONNECT``, in plain text."""
    settings: dict[str, Any] = {"headers": {"x-own": "mine"}, "ssl": trusting(AUTHORITY)}
    with Server(OK, tls=certificate_of(AUTHORITY, "api.invalid")) as server, Server(tunnel_to(server)) as proxy:
        settings |= {"api_key": KEY, "base_url": "https://api.invalid/v1.3", "proxy": with_user(proxy)}
        if blocking:
            with TwelveLabs(**settings) as client:
                client.indexes.retrieve("i1")
        else:
            await retrieve(**settings)
    assert proxy.targets == ["CONNECT api.invalid:443"]
    assert proxy.requests[0].headers["proxy-authorization"].startswith("Basic ")
    assert KEY not in str(proxy.requests)
    assert not {"x-api-key", "x-own", "authorization"} & proxy.requests[0].headers.keys()
    assert server.requests[0].headers.keys() >= {"x-api-key", "x-own"}
    assert not {"proxy-authorization", "authorization"} & server.requests[0].headers.keys()


@pytest.mark.parametrize(
    ("no_proxy", "is_direct"),
    [
        ("api.example.com", True),
        ("API.Example.COM", True),
        ("example.com", True),
        (".example.com", True),
        ("*.example.com", True),
        ("other.net, example.com", True),
        ("other.net example.com", True),
        ("*", True),
        ("example.com:8443", True),
        ("*:8443", True),
        ("example.com:443", False),
        ("ample.com", False),
        ("api.example.com.net", False),
        ("", False),
        (",,", False),
    ],
)
def test_hosts_of_no_proxy_are_connected_to_directly(
    monkeypatch: pytest.MonkeyPatch, no_proxy: str, is_direct: bool
) -> None:
    """An entry is a host, a domain or ``*``, with or without a port."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    proxy = Proxies.of_environment().choose("https://api.example.com:8443/v1.3/indexes")
    assert (proxy is None) is is_direct


@pytest.mark.parametrize(
    ("no_proxy", "host", "is_direct"),
    [
        ("10.1.2.3", "10.1.2.3", True),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8:443", "10.1.2.3", True),
        ("10.0.0.0/8:80", "10.1.2.3", False),
        ("10.0.0.0/33", "10.1.2.3", False),
        ("11.0.0.0/8", "10.1.2.3", False),
        ("fd00::/8", "[fd00::1]", True),
        ("[fd00::1]", "[fd00::1]", True),
        ("[fd00::1]:443", "[fd00::1]", True),
        ("[fd00::1]:80", "[fd00::1]", False),
        ("10.0.0.0/8", "[fd00::1]", False),
        ("", "localhost", True),
        ("", "127.0.0.9", True),
        ("", "[::1]", True),
        ("", "10.1.2.3", False),
    ],
)
def test_addresses_and_networks_of_no_proxy_are_connected_to_directly(
    monkeypatch: pytest.MonkeyPatch, no_proxy: str, host: str, is_direct: bool
) -> None:
    """Loopback always is: no other machine has the emulator."""
    monkeypatch.setenv("ALL_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert (Proxies.of_environment().choose(f"https://{host}/v1.3") is None) is is_direct


def test_exemptions_of_the_system_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """MacOS and Windows have settings of their own, which count if no variable is set."""
    monkeypatch.setattr("twelvelabs_async._proxies.getproxies", lambda: {"https": "http://proxy:3128"})
    monkeypatch.setattr("twelvelabs_async._proxies.proxy_bypass", lambda host: host == "intranet")
    proxies = Proxies.of_environment()
    assert proxies.choose("https://intranet") is None
    assert str(proxies.choose("https://internet")) == "http://proxy:3128"


async def test_the_variables_are_read_at_the_first_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """They may be set after the client was made. Changes after its first request have no effect."""
    async with AsyncTwelveLabs(api_key=KEY, base_url=API, max_retries=0) as client:
        with Server(OK) as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.origin)
            await client.indexes.retrieve("i1")
            monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
            monkeypatch.setenv("NO_PROXY", "*")
            await client.indexes.retrieve("i1")
    assert proxy.attempts == 2


async def test_a_given_proxy_replaces_those_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """``NO_PROXY`` has no effect on it."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "*")
    with Server(OK) as proxy:
        await retrieve(proxy=proxy.origin)
        await retrieve(proxy=proxy.origin, base_url="http://127.0.0.1:9/v1.3")
    assert proxy.attempts == 2


async def test_redirects_take_the_proxy() -> None:
    with Server(respond(307, Location="/v1.3/elsewhere"), OK) as proxy:
        await retrieve(proxy=proxy.origin)
    assert proxy.targets == [f"GET {API}/indexes/i1", f"GET {API}/elsewhere"]


@pytest.mark.emulator(**EMULATOR)
async def test_parts_of_uploads_take_the_proxy_without_the_key(emulator: Emulator, tmp_path: Path) -> None:
    """Neither the proxy nor the storage receives the key with a part."""
    with Proxy(emulator) as proxy:
        async with AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.url, proxy=proxy.origin) as client:
            result = await client.multipart_upload.upload_file(write_video(tmp_path))
    assert result.asset_id in emulator.assets
    parts = [request for request in proxy.requests if request.method == "PUT"]
    assert len(parts) == 8
    assert not any({"x-api-key", "authorization"} & part.headers.keys() for part in parts)


class Proxy(Server):
    """A forward proxy in front of one server."""

    def __init__(self, target: Emulator) -> None:
        def forward(connection: Connection) -> None:
            sent = connection.request
            request = urllib.request.Request(sent.target, sent.body or None, sent.headers, method=sent.method)
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as response:
                respond(response.status, response.read(), ETag=response.headers["ETag"] or "-")(connection)

        assert target.url
        super().__init__(forward)


@pytest.mark.parametrize(
    ("reply", "error", "text", "attempts"),
    [
        (respond(407), ProxyError, r"status 407 \(Whatever\)\. The proxy's URL takes a user", 1),
        (respond(403), ProxyError, r"refuses the connection: status 403", 1),
        (respond(502), RequestNotSentError, r"refuses the connection: status 502", 2),
        (CLOSE, APIConnectionError, "the connection broke", 2),
        (RESET, APIConnectionError, "the connection broke", 2),
    ],
    ids=["407", "403", "502", "close", "reset"],
)
async def test_a_proxy_that_opens_no_tunnel_is_named(
    autojump_clock: Clock, reply: Reply, error: type[Exception], text: str, attempts: int
) -> None:
    """There is one attempt if another one would not help."""
    with Server(reply) as proxy:
        with pytest.raises(error, match=text) as caught:
            await retrieve(
                proxy=with_user(proxy),
                base_url="https://api.invalid/v1.3",
                max_retries=1,
                middlewares=[autojump_clock.middleware],
            )
        check_message(caught.value, proxy.origin if attempts == 1 else "")
    assert proxy.attempts == attempts


async def test_a_407_of_a_plain_proxy_is_not_retried() -> None:
    """It is about the proxy, not about the input."""
    advice = "The proxy's URL takes a user and a password"
    with Server(respond(407)) as proxy, pytest.raises(APIStatusError, match=advice) as caught:
        await retrieve(proxy=proxy.origin, max_retries=1)
    assert (caught.value.status_code, proxy.attempts) == (407, 1)


@pytest.mark.parametrize("base_url", [API, "https://api.invalid/v1.3"])
@pytest.mark.parametrize("host", ["127.0.0.1:9", "proxy.invalid:3128"])
async def test_a_dead_proxy_is_named(base_url: str, host: str) -> None:
    """The error does not blame the API's URL alone, and does not show the proxy's password."""
    with pytest.raises(RequestNotSentError, match="proxy") as caught:
        await retrieve(proxy=f"http://user:{SECRET.replace('@', '%40')}@{host}", base_url=base_url)
    check_message(caught.value, f"http://{host}")


@pytest.mark.parametrize("proxy", ["socks5://user:s3same@127.0.0.1:1080", "socks4a://host", "ftp://host", "http://"])
async def test_a_proxy_of_the_environment_that_is_not_http_is_named(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    """Nothing is sent, and there is one attempt."""
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(ProxyError, match=r"must be an HTTP proxy.*SOCKS proxy, pass connector=") as caught:
        await retrieve(max_retries=1)
    check_message(caught.value, proxy.replace("user:s3same@", "***@"))


@pytest.mark.parametrize(
    "proxy",
    [
        "",
        "http://",
        "socks5://u:s3same@h:1",
        "http://[",
        "h:99999",
        "http://u:€s3same@h",
        "u:s3same@:1",
        "u:a://s3same@:1",
    ],
)
def test_an_invalid_proxy_is_refused_when_the_client_is_made(proxy: str) -> None:
    """The error does not show its password."""
    for client_class in (AsyncTwelveLabs, TwelveLabs):
        with pytest.raises(ValueError, match="must be an HTTP proxy") as caught:
            client_class(api_key=KEY, proxy=proxy)
        assert "s3same" not in str(caught.value)


def check_message(error: Exception, proxy: str) -> None:
    """Check that an error names the proxy, and that neither it nor a variable of the package discloses a password."""
    assert proxy in str(error)
    frames = [
        frame for frame, _ in traceback.walk_tb(error.__traceback__) if "/twelvelabs_async/" in frame.f_code.co_filename
    ]
    assert frames
    text = disclosed_text(error) + "".join(repr(frame.f_locals) for frame in frames)
    assert not re.search("p(ä|%C3%A4)|ss(@|%40)word|s3same|" + KEY, text)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("ProxyConnectionError", RequestNotSentError),
        ("ProxyTimeoutError", RequestNotSentTimeoutError),
        ("ProxyError", ProxyError),
    ],
)
async def test_errors_of_a_socks_proxy_are_connection_errors(name: str, error: type[Exception]) -> None:
    """The connector of aiohttp-socks raises classes of its own."""
    failure = type(name, (Exception,), {"__module__": "aiohttp_socks._errors"})

    class Failing(aiohttp.TCPConnector):
        async def connect(self, *args: Any, **options: Any) -> Any:
            raise failure("Couldn't connect to proxy 127.0.0.1:9")

    with pytest.raises(error, match="the SOCKS proxy failed: Couldn't connect to proxy") as caught:
        await retrieve(connector=Failing)
    assert type(caught.value) is error


async def test_a_socks_proxy_is_a_connector() -> None:
    """A connector resolves and connects by itself; the client sends no other request to a proxy."""

    class Rerouting(aiohttp.TCPConnector):
        """A connector that connects to one server, whatever the host is, as that of aiohttp-socks does."""

        async def _wrap_create_connection(self, *args: Any, addr_infos: Any, **options: Any) -> Any:
            address = (*addr_infos[0][:4], ("127.0.0.1", URL(server.origin).port))
            return await super()._wrap_create_connection(*args, addr_infos=[address], **options)

    with Server(OK) as server:
        await retrieve(connector=Rerouting, base_url="http://10.0.0.1/v1.3")
    assert server.requests[0].headers["host"] == "10.0.0.1"
