"""Certificates for servers, and contexts that trust them."""

from __future__ import annotations

import ssl
from typing import Any, Final

import trustme

AUTHORITY: Final = trustme.CA()


def certificate_of(authority: trustme.CA, host: str, **more: Any) -> ssl.SSLContext:
    """Return the context of a server with a certificate for *host*."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host, **more).configure_cert(context)
    return context


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """Return the context of a client that trusts *authority*."""
    return ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())
