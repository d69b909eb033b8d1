"""TLS: which servers are trusted, and what the errors say about the others."""

from __future__ import annotations

import datetime
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import certifi
import pytest
import trustme

from twelvelabs_async import (
    AsyncTwelveLabs,
    RequestNotSentError,
    TwelveLabs,
    UntrustedServerError,
)

from support.certificates import AUTHORITY, certificate_of, trusting
from support.clock import Clock
from support.disclosure import disclosed_text
from support.raw_server import KEY, OK, Server
from support.samples import MODELS

VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture
def server() -> Iterator[Server]:
    """A server with a certificate of `AUTHORITY`."""
    with Server(OK, tls=certificate_of(AUTHORITY, "127.0.0.1")) as server:
        yield server


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """A file with the certificate of `AUTHORITY`."""
    path = tmp_path / "authority.pem"
    AUTHORITY.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def _no_authorities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system without certificate authorities, as in small container images and after an installation on macOS."""
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(empty / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(empty))


async def retrieve(server: Server, **settings: Any) -> str | None:
    async with AsyncTwelveLabs(**{"api_key": KEY, "base_url": server.url, "max_retries": 0} | settings) as client:
        return (await client.indexes.retrieve("i1")).id


@pytest.mark.parametrize(
    ("certificate", "advice"),
    [
        (lambda: certificate_of(trustme.CA(), "127.0.0.1"), True),
        (lambda: certificate_of(AUTHORITY, "example.org"), False),
        (lambda: certificate_of(AUTHORITY, "127.0.0.1", not_after=datetime.datetime(2020, 1, 1)), False),
    ],
    ids=["untrusted", "of another host", "expired"],
)
@pytest.mark.parametrize("argument", ["connector", "ssl"])
async def test_a_server_with_an_invalid_certificate_receives_nothing(
    certificate: Callable[[], ssl.SSLContext], advice: bool, argument: str
) -> None:
    """There is one handshake, no request, and an error that names the certificate, and how to trust its authority."""
    handshakes: list[object] = []
    tracing = aiohttp.TraceConfig()

    async def count(*handshake: object) -> None:
        handshakes.append(handshake)

    tracing.on_connection_create_start.append(count)
    trust: Any = trusting(AUTHORITY)
    settings = {argument: trust if argument == "ssl" else lambda: aiohttp.TCPConnector(ssl=trust)}
    with Server(OK, tls=certificate()) as server:
        with pytest.raises(UntrustedServerError, match="certificate") as caught:
            await retrieve(server, **settings, trace_configs=[tracing], max_retries=2)
        assert KEY not in disclosed_text(caught.value, variables=True).replace(repr(server.api_key), "")
    assert ("set SSL_CERT_FILE" in str(caught.value)) is advice
    assert ("ssl=" in str(caught.value)) is advice
    assert (len(handshakes), server.attempts) == (1, 0)


async def test_a_server_with_a_valid_certificate_is_trusted(server: Server) -> None:
    """The invalid certificates differ from this one in one property each."""
    assert await retrieve(server, ssl=trusting(AUTHORITY)) == "i1"
    assert await retrieve(server, connector=lambda: aiohttp.TCPConnector(ssl=trusting(AUTHORITY))) == "i1"


async def test_ssl_applies_to_a_given_connector(server: Server) -> None:
    """It outweighs the settings of the connector."""
    assert await retrieve(server, connector=aiohttp.TCPConnector, ssl=trusting(AUTHORITY)) == "i1"


def test_the_blocking_client_takes_the_same_settings(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """``ssl=False`` trusts every server."""
    monkeypatch.setenv("SSL_CERT_FILE", "")
    settings: dict[str, Any] = {"api_key": KEY, "base_url": server.url}
    for trust in (trusting(AUTHORITY), False):
        with TwelveLabs(**settings, ssl=trust) as client:
            assert client.indexes.retrieve("i1").id == "i1"
    with TwelveLabs(**settings) as client, pytest.raises(UntrustedServerError):
        client.indexes.retrieve("i1")


async def test_ssl_cert_file_is_heeded_until_the_first_request(
    server: Server, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be set after aiohttp and this package were imported, and after the client was made."""
    async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, max_retries=0) as client:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        assert (await client.indexes.retrieve("i1")).id == "i1"


@pytest.mark.usefixtures("_no_authorities")
async def test_certifi_is_used_where_the_system_has_no_authorities(
    server: Server, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not used where the system has some."""
    monkeypatch.setattr(certifi, "where", lambda: str(authority))
    assert await retrieve(server) == "i1"
    other = authority.with_name("other.pem")
    trustme.CA().cert_pem.write_to_path(str(other))
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    with pytest.raises(UntrustedServerError):
        await retrieve(server)


async def test_a_directory_of_authorities_is_enough(
    server: Server, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenSSL reads its files when it needs them; certifi does not add to them."""
    directory = authority.with_name("directory")
    directory.mkdir()
    (directory / "5ed36f99.0").write_text("another authority")
    monkeypatch.setenv("SSL_CERT_FILE", str(directory / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(directory))
    monkeypatch.setattr(certifi, "where", lambda: str(authority))
    with pytest.raises(UntrustedServerError):
        await retrieve(server)


@pytest.mark.usefixtures("_no_authorities")
async def test_without_any_authority_the_error_names_the_remedies(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is one attempt."""
    monkeypatch.setitem(sys.modules, "certifi", None)
    monkeypatch.setenv("SSL_CERT_FILE", "/none.pem")
    with pytest.raises(UntrustedServerError, match=r"Install certifi, set SSL_CERT_FILE .*, or pass ssl="):
        await retrieve(server, max_retries=2)
    assert server.attempts == 0


async def test_a_connection_that_breaks_in_the_handshake_has_sent_nothing(autojump_clock: Clock) -> None:
    """A creating POST is therefore retried."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        resets = threading.Thread(target=reset_connections, args=(listener, 3))
        resets.start()
        async with AsyncTwelveLabs(
            api_key=KEY,
            middlewares=[autojump_clock.middleware],
            base_url=f"https://127.0.0.1:{listener.getsockname()[1]}",
        ) as client:
            with pytest.raises(RequestNotSentError, match="no connection to 127") as caught:
                await client.indexes.create(index_name="talks", models=MODELS)
        resets.join()
    assert "may have processed" not in str(caught.value)


def reset_connections(listener: socket.socket, times: int) -> None:
    """Accept connections, and reset each of them in its TLS handshake."""
    for _ in range(times):
        with listener.accept()[0] as connection:
            connection.recv(10)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
