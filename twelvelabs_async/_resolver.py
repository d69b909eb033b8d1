"""Look-ups of host names, in threads of our own."""

from __future__ import annotations

import socket
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult

from ._threads import run_in_thread

NUMERIC: Final = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV


class Resolver(AbstractResolver):
    """A resolver that does not depend on the event loop's default pool, as aiohttp's own does."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host.

        Raises:
            OSError: The host has no address, or no name server responds.
        """
        return await run_in_thread(_look_up, host, port, family)

    async def close(self) -> None:
        """Do nothing: all clients share the threads."""


def _look_up(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
    # Without the flag, servers are asked for addresses that the machine cannot use. With it, a machine that is not
    # connected does not know itself.
    flags = 0 if host == "localhost" else socket.AI_ADDRCONFIG
    found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=flags)
    return [
        ResolveResult(
            hostname=host,
            host=socket.getnameinfo(address, NUMERIC)[0],  # with the interface of an address that is local to a link
            port=port,
            family=address_family,
            proto=proto,
            flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
        )
        for address_family, _, proto, _, address in found
    ]
