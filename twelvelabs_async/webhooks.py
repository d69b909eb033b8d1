"""Webhooks: verification and decoding of events.

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
from collections.abc import Iterable, Sequence
from typing import Final, Protocol, TypeAlias, runtime_checkable

from .errors import WebhookVerificationError
from .models._wire import hook_of, loads
from .models.webhooks import WebhookEvent

HEADER: Final = "TL-Signature"
DEFAULT_TOLERANCE: Final = 300.0
"""Seconds (docs: Webhooks)."""


Pair: TypeAlias = tuple[str | bytes, str | bytes | Sequence[str | bytes]]
"""Name and value of a header, or its values."""


@runtime_checkable
class Headers(Protocol):
    """The headers of a request in any web framework."""

    def items(self) -> Iterable[Pair]:
        """Return names and values."""
        ...


def unwrap(
    raw_body: bytes | bytearray | str,
    headers: Headers | Iterable[Pair],
    secret: str | bytes,
    *,
    tolerance: float = DEFAULT_TOLERANCE,
) -> WebhookEvent:
    """Verify the signature of an event and decode it.

    The same event may arrive again: the platform retries after a lost response, and an attacker can replay a recorded
    request within *tolerance*. A repeated event has the same ``id``, so keep the ids of events that you have handled.

    Args:
        raw_body: The body of the request, unchanged: JSON that was parsed and encoded again has another signature.
        headers: The headers of the request: a mapping, or pairs of names and values, as text or as bytes.
        secret: The secret of the webhook, from the Playground.
        tolerance: Largest difference, in seconds, between the time in the signature and the clock. Default: 300.

    Raises:
        WebhookVerificationError: The signature is missing, invalid or too old, or the body is not a JSON object.
        TypeError: The body was parsed already, or *headers* are neither a mapping nor pairs.
        ValueError: *secret* is empty.
    """
    if not isinstance(raw_body, bytes | bytearray | str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(
            f"Expected the unchanged body of the request as bytes or str for raw_body; got {type(raw_body).__name__}."
        )
    if not secret:
        raise ValueError("secret is empty. Copy the webhook's secret from the Playground.")
    body = raw_body.encode(errors="surrogatepass") if isinstance(raw_body, str) else raw_body
    signed_at = _verify(body, _signature(headers), secret.encode() if isinstance(secret, str) else secret)
    if not abs(time.time() - signed_at) <= tolerance:
        raise WebhookVerificationError(
            f"The webhook was signed more than {tolerance:g} s ago or in the future. Check this machine's clock, or "
            "raise tolerance."
        )
    try:
        data: object = loads(body)
    except (ValueError, RecursionError):
        data = None
    if type(data) is not dict:
        raise WebhookVerificationError("The signature of the webhook is valid, but its body is not a JSON object.")
    event: WebhookEvent = hook_of(WebhookEvent)(data)
    return event


def _signature(headers: Headers | Iterable[Pair]) -> str:
    """Return the value of the signature's header."""
    try:
        pairs = headers.items() if isinstance(headers, Headers) else headers
        for name, value in pairs:
            plain_name = _text(name).lower().replace("_", "-").removeprefix("http-")  # WSGI has HTTP_TL_SIGNATURE
            if plain_name == HEADER.lower():
                return _text(value[0] if isinstance(value, list | tuple) else value)
    except (TypeError, ValueError, LookupError):
        raise TypeError(
            f"Expected a mapping, or pairs of names and values, for headers; got {type(headers).__name__}."
        ) from None
    raise WebhookVerificationError(f"The webhook has no {HEADER} header. Pass all headers of the request.")


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("latin-1")
    raise TypeError


def _verify(body: bytes | bytearray, signature: str, secret: bytes) -> int:
    """Verify the signature of *body*, and return its time in seconds since the epoch."""
    fields = [field.strip().partition("=") for field in signature.split(",")]
    times = [value for name, _, value in fields if name == "t"]
    if len(times) != 1 or not re.fullmatch(r"[0-9]{1,12}", times[0]):
        raise WebhookVerificationError(f"The {HEADER} header of the webhook has no valid time. Expected t=<seconds>.")
    digest = hmac.new(secret, times[0].encode() + b".", "sha256")
    digest.update(body)
    expected = digest.hexdigest().encode()
    # While the secret is being replaced, there is one signature for each.
    given = [value.encode(errors="replace") for name, _, value in fields if name == "v1"]
    if not any([hmac.compare_digest(expected, value) for value in given]):
        raise WebhookVerificationError(
            "The signature of the webhook is invalid: the request was changed, or signed with another secret."
        )
    return int(times[0])
