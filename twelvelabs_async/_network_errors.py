"""Translation of aiohttp's errors."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from typing import Final

import aiohttp

from ._proxies import Proxy
from .errors import (
    ADVICE,
    APIConnectionError,
    APITimeoutError,
    ProxyError,
    RequestNotSentError,
    RequestNotSentTimeoutError,
    UntrustedServerError,
)
from .options import CONNECT_TIMEOUT

TRANSLATIONS: Final[Sequence[tuple[type[Exception], type[APIConnectionError], str]]] = (
    (aiohttp.ClientConnectorCertificateError, UntrustedServerError, "the server's certificate is not trusted: {0}"),
    (aiohttp.ClientHttpProxyError, ProxyError, "the proxy {1} refuses the connection: {0}"),
    (aiohttp.ClientProxyConnectionError, RequestNotSentError, "no connection to the proxy {1}: {0}. Check the proxy."),
    (
        aiohttp.ConnectionTimeoutError,
        RequestNotSentTimeoutError,
        f"no connection within {CONNECT_TIMEOUT:g} s. Check {{2}}the network.",
    ),
    (aiohttp.ClientConnectorError, RequestNotSentError, "no connection to {0}. Check {2}base_url and the network."),
    (aiohttp.InvalidURL, RequestNotSentError, "the URL is invalid. Check base_url."),
    (TimeoutError, APITimeoutError, "no complete response in time; timeout= sets the limit."),
    (aiohttp.ClientError, APIConnectionError, "the connection broke: {0}"),
    (OSError, APIConnectionError, "the connection broke: {0}"),
)
"""aiohttp's errors: the first match decides the class of ours, and the text that follows the request.

The text contains the reason, the proxy, and the advice to check it.
"""

SOCKS_ERRORS: Final[Mapping[str, type[APIConnectionError]]] = {
    "ProxyConnectionError": RequestNotSentError,
    "ProxyTimeoutError": RequestNotSentTimeoutError,
    "ProxyError": ProxyError,
}
"""Errors of the connector of aiohttp-socks, which have no base class in common with those of aiohttp, by name."""

UNKNOWN_AUTHORITY: Final = (2, 18, 19, 20, 21)
"""OpenSSL's codes for a certificate whose authority is not among the trusted ones."""


def translate_error(error: BaseException, proxy: Proxy | None = None) -> tuple[type[APIConnectionError], str] | None:
    """Return the class and the text of our error for an error of the connection; ``None`` for other exceptions.

    Args:
        error: The exception.
        proxy: The proxy that the request was sent to.
    """
    if type(error).__module__.startswith("aiohttp_socks"):
        return SOCKS_ERRORS.get(type(error).__name__, ProxyError), f"the SOCKS proxy failed: {error}"
    for theirs, cls, text in TRANSLATIONS:
        if isinstance(error, theirs):
            status: int = getattr(error, "status", 0)
            if cls is ProxyError and status >= 500:
                cls = RequestNotSentError  # the proxy has no connection at the moment
            return cls, text.format(_reason(error), proxy, f"the proxy {proxy}, " if proxy else "")
    return None


def _reason(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return _certificate_reason(error.certificate_error)
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"status {error.status} ({error.message}). {ADVICE.get(error.status, '')}".rstrip()
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return error.os_error.strerror or str(error.os_error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"{error.host}: {error.os_error.strerror or error.os_error}"
    # The message of a response that is not HTTP. The status 400 of its error is aiohttp's invention.
    message: object = getattr(error, "message", None) or str(error)
    text = " ".join(message.split()) if isinstance(message, str) else ""
    return text.partition(": <")[0] or type(error).__name__  # without the repr of a nested error


def _certificate_reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError) and error.verify_code in UNKNOWN_AUTHORITY:
        return f"{error}. Install certifi, set SSL_CERT_FILE to a file with the certificate's authority, or pass ssl=."
    return str(error)
