"""Proxies: the one that a request takes, by the client's setting or by the environment."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from ipaddress import ip_address, ip_network
from typing import Final
from urllib.request import getproxies, proxy_bypass

from attrs import define, field, frozen
from yarl import URL

from ._urls import without_credentials

LOOPBACK: Final = ("localhost", "127.0.0.0/8", "::1")
"""Hosts that no proxy of the environment can reach, such as an emulator."""


@frozen(repr=False)
class Proxy:
    """An HTTP proxy. Its repr does not show its user and password."""

    url: URL = field(repr=False)

    def __repr__(self) -> str:
        return str(self.url.with_user(None)).rstrip("/")


def parse_proxy(text: str) -> Proxy:
    """Return the proxy at a URL, whose scheme is ``http`` unless it is stated.

    Raises:
        ValueError: *text* is not the URL of an HTTP proxy. The error does not show its user and password.
    """
    try:
        url = URL(text.strip() if "://" in text else f"http://{text.strip()}")
        f"{url.user}:{url.password}".encode("latin-1")  # as aiohttp encodes them
    except ValueError:
        url = URL()
    if url.host and url.scheme in ("http", "https"):
        return Proxy(url)
    raise ValueError(
        f"The proxy {without_credentials(text.strip())!r} must be an HTTP proxy, such as "
        "http://user:password@host:3128, with a user and a password in Latin-1. For a SOCKS proxy, pass connector=, "
        "such as lambda: aiohttp_socks.ProxyConnector.from_url(url), and unset the proxy's variable."
    )


@define(repr=False)
class Proxies:
    """The proxies that requests take.

    Attributes:
        by_scheme: URLs of proxies, by scheme of the requests; the one of ``all`` is for other schemes.
        exemptions: Hosts that are connected to directly, as entries of ``NO_PROXY``.
    """

    by_scheme: Mapping[str, str] = field(repr=False)
    exemptions: Collection[str] = ()
    _chosen: dict[URL, Proxy | None] = field(factory=dict[URL, Proxy | None], init=False)

    @classmethod
    def of_setting(cls, proxy: str) -> Proxies:
        """Return *proxy* for all requests; raise as `parse_proxy` does."""
        parse_proxy(proxy)
        return cls({"all": proxy})

    @classmethod
    def of_environment(cls) -> Proxies:
        """Return the proxies of variables such as ``HTTPS_PROXY``; without any, those of the system's settings."""
        found = getproxies()
        return cls(found, {*LOOPBACK, *re.split(r"[,\s]+", found.pop("no", "").lower())})

    def choose(self, url: str) -> Proxy | None:
        """Return the proxy for a request to *url*, or ``None``.

        Raises:
            ValueError: The environment names a proxy that is not an HTTP proxy.
        """
        if not self.by_scheme:
            return None
        origin = URL(url, encoded=True).origin()
        del url  # a traceback that ends here must not show the query of a presigned URL
        if origin not in self._chosen:
            text = self.by_scheme.get(origin.scheme) or self.by_scheme.get("all")
            self._chosen[origin] = parse_proxy(text) if text and not self._is_exempt(origin) else None
        return self._chosen[origin]

    def _is_exempt(self, origin: URL) -> bool:
        if not self.exemptions:
            return False
        host = (origin.host or "").rstrip(".").lower()
        # The second condition is for the settings of macOS and Windows.
        return any(_names(entry, host, origin.port) for entry in self.exemptions) or bool(proxy_bypass(host))


def _names(entry: str, host: str, port: int | None) -> bool:
    """Return whether an entry of ``NO_PROXY`` names a host.

    An entry is ``*``, a host, a domain with its subdomains, an address or a network. A port can follow.
    """
    if with_port := re.fullmatch(r"([^:]*|\[.*\]):(\d+)", entry):
        if int(with_port[2]) != port:
            return False
        entry = with_port[1]
    if entry == "*":
        return True
    name = entry.strip("[]").removeprefix("*").strip(".")
    try:
        return ip_address(host) in ip_network(name, strict=False)
    except ValueError:  # one of them is a name
        return bool(name) and (host == name or host.endswith(f".{name}"))
