"""Webhooks: check that an event comes from the platform, and read it.

Example:
    A handler for aiohttp's server::

        async def handler(request: web.Request) -> web.Response:
            try:
                event = webhooks.unwrap(await request.read(), request.headers, os.environ["WEBHOOK_SECRET"])
            except WebhookVerificationError:
                return web.Response(status=400)
            if event.type == "analyze.task.ready":
                print(event.data.id, "is ready")
            return web.Response()
"""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Iterable
from typing import Any, Final, Protocol, runtime_checkable

from .errors import WebhookVerificationError
from .models._wire import hook_of, loads
from .models.webhooks import WebhookEvent

HEADER: Final = "TL-Signature"
DEFAULT_TOLERANCE: Final = 300.0
"""Seconds (docs: Webhooks)."""


@runtime_checkable
class Headers(Protocol):
    """The headers of a request, as any web framework has them."""

    def items(self) -> Iterable[tuple[str, str]]:
        """Names and values."""
        ...


def unwrap(
    raw_body: bytes | str,
    headers: Headers | Iterable[tuple[str, str]],
    secret: str | bytes,
    *,
    tolerance: float = DEFAULT_TOLERANCE,
) -> WebhookEvent:
    """Check the signature of an event, and read it.

    An event may come again, after an answer that got lost, or sent by somebody who overheard it less than *tolerance*
    ago. Its ``id`` is the same then: remember those that you have dealt with.

    Args:
        raw_body: The request's body just as it came; parsed and written again, it is another one.
        headers: The request's headers, a mapping or pairs of names and values.
        secret: The webhook's secret, as the Playground shows it.
        tolerance: Seconds that the time in the signature may be off, either way. Default: 300.

    Raises:
        WebhookVerificationError: The signature is missing, wrong, or too old.
    """
    if not isinstance(raw_body, bytes | bytearray | str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"raw_body must be the request's body as it came, in bytes, not {type(raw_body).__name__}.")
    if not secret:
        raise ValueError("secret must not be empty: anybody could sign with that.")
    body = raw_body.encode(errors="surrogatepass") if isinstance(raw_body, str) else bytes(raw_body)
    signed_at = _verified(body, headers, secret.encode() if isinstance(secret, str) else secret)
    if not abs(time.time() - signed_at) <= tolerance:
        raise WebhookVerificationError(f"The webhook was signed more than {tolerance:g} s ago, or by a clock far off.")
    try:
        data: Any = loads(body)
    except (ValueError, RecursionError):
        data = None
    if type(data) is not dict:
        raise WebhookVerificationError("The webhook is signed, but it is no JSON object.")
    event: WebhookEvent = hook_of(WebhookEvent)(data)
    return event


def _verified(body: bytes, headers: Headers | Iterable[tuple[str, str]], secret: bytes) -> int:
    """When *body* was signed, in seconds since the epoch."""
    try:
        pairs = headers.items() if isinstance(headers, Headers) else headers
        header = next((value for name, value in pairs if name.lower() == HEADER.lower()), None)
    except (TypeError, ValueError, AttributeError):
        raise TypeError(
            f"headers must be a mapping, or pairs of names and values, not {type(headers).__name__}."
        ) from None
    if header is None:
        raise WebhookVerificationError(f"The webhook has no {HEADER} header.")
    fields = [field.strip().partition("=") for field in header.split(",")]
    times = [value for name, _, value in fields if name == "t"]
    if len(times) != 1 or not re.fullmatch(r"[0-9]{1,12}", times[0]):
        raise WebhookVerificationError(f"The webhook's {HEADER} header does not say when it was signed.")
    expected = hmac.new(secret, times[0].encode() + b"." + body, "sha256").hexdigest().encode()
    # Several while the secret is being changed.
    given = [value.encode(errors="replace") for name, _, value in fields if name == "v1"]
    if not any([hmac.compare_digest(expected, signature) for signature in given]):
        raise WebhookVerificationError("The webhook's signature is wrong: it was changed, or the secret is another.")
    return int(times[0])
