"""The certificate authorities that are trusted."""

from __future__ import annotations

import os
import ssl
from contextlib import suppress
from typing import Final, cast

from ._threads import run_in_thread

VARIABLES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")

_contexts: Final[dict[tuple[str | None, ...], ssl.SSLContext]] = {}


async def trusting_context() -> ssl.SSLContext:
    """Return the context of TLS connections, by the present values of ``SSL_CERT_FILE`` and ``SSL_CERT_DIR``.

    aiohttp's own context has the values of the time when aiohttp was imported.
    """
    key = tuple(map(os.environ.get, VARIABLES))
    if key not in _contexts:
        # Reading a hundred certificates takes long enough to hold up the event loop.
        _contexts[key] = await run_in_thread(_make_context)
    return _contexts[key]


def _make_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(("http/1.1",))
    if not context.cert_store_stats()["x509_ca"] and not _has_directory():
        # Python from python.org for macOS has no authorities until they are installed, nor have small container images.
        with suppress(ImportError):
            import certifi

            context.load_verify_locations(certifi.where())
    return context


def _has_directory() -> bool:
    """Return whether OpenSSL has a directory of certificates, which it reads when it needs one."""
    directory = cast("str | None", ssl.get_default_verify_paths().capath)
    return directory is not None and os.access(directory, os.R_OK) and bool(os.listdir(directory))
