"""Translation of aiohttp's errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import aiohttp

from .errors import (
    APIConnectionError,
    APITimeoutError,
    RequestNotSentError,
    RequestNotSentTimeoutError,
    UntrustedServerError,
)
from .options import CONNECT_TIMEOUT

TRANSLATIONS: Final[Sequence[tuple[type[Exception], type[APIConnectionError], str]]] = (
    (aiohttp.ClientConnectorCertificateError, UntrustedServerError, "the server's certificate is not trusted: {0}"),
    (
        aiohttp.ConnectionTimeoutError,
        RequestNotSentTimeoutError,
        f"no connection within {CONNECT_TIMEOUT:g} s. Check the network.",
    ),
    (aiohttp.ClientConnectorError, RequestNotSentError, "no connection to {0}. Check base_url and the network."),
    (aiohttp.InvalidURL, RequestNotSentError, "the URL is invalid. Check base_url."),
    (TimeoutError, APITimeoutError, "no complete response in time; timeout= sets the limit."),
    (aiohttp.ClientError, APIConnectionError, "the connection broke: {0}"),
    (OSError, APIConnectionError, "the connection broke: {0}"),
)
"""aiohttp's errors: the first match decides the class of ours, and the text that follows the request."""

AIOHTTP_ERRORS: Final = (aiohttp.ClientError, TimeoutError, OSError)


def translate_error(error: Exception) -> tuple[type[APIConnectionError], str]:
    """Return the class and the text of our error for an error of aiohttp."""
    cls, text = next((ours, text) for theirs, ours, text in TRANSLATIONS if isinstance(error, theirs))
    return cls, text.format(_reason(error))


def _reason(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return str(error.certificate_error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"{error.host}: {error.os_error.strerror or error.os_error}"
    # The message of a response that is not HTTP. The status 400 of its error is aiohttp's invention.
    message: object = getattr(error, "message", None) or str(error)
    text = " ".join(message.split()) if isinstance(message, str) else ""
    return text.partition(": <")[0] or type(error).__name__  # without the repr of a nested error
