"""The API key and the caller's headers, and the redaction of secrets."""

from __future__ import annotations

import hashlib
import json
import os
import re
from base64 import b64encode
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from contextvars import copy_context
from inspect import isawaitable, iscoroutinefunction
from typing import Any, Final, TypeAlias, TypeVar, cast
from urllib.parse import parse_qsl, quote, urlsplit

from ._threads import run_in_thread
from ._validators import valid_headers
from .errors import TwelveLabsError

T = TypeVar("T")

KeyFunction: TypeAlias = Callable[[], str | Awaitable[str]]
"""A function, or coroutine function, that returns the API key for one request."""

KEY_VARIABLES: Final = ("TWELVELABS_API_KEY", "TWELVE_LABS_API_KEY")
KEY_PROBLEMS: Final[Mapping[str, str]] = {
    r"['\"]|.*['\"]$": "is in quotes, which Docker keeps in an --env-file. Remove the quotes.",
    r"bearer\s|x-api-key\s*[:=]|\w*api_key\s*=": "begins with the name of a header or variable. Pass the key alone.",
    r"<.*>$|\W*your[\w\s-]*key|\.\.\.|…": "is a placeholder. Replace it with a key of the TwelveLabs Playground.",
    r".*[^!-~]": "contains characters that no key has, such as spaces or line breaks. Copy it again.",
}
"""Patterns for the start of invalid keys, and what is wrong with them. The first match decides."""

MIN_SECRET_LENGTH: Final = 8
"""Shorter secrets are not redacted: they protect nothing, and are words and numbers of any text."""

MAX_DEPTH: Final = 32
"""Levels of an error body that are kept. Deeper ones are left out."""

MAX_RECENT_KEYS: Final = 100
"""Keys of a function that are redacted: those of as many requests in flight."""

NAME_OF_SECRET: Final = re.compile(
    r"(?<![a-z])(auth|jwt|sig)(?![a-z])|authorization|cookie|credential|passw|passphrase|secret|signature"
    r"|(api|access|developer|private|session|signing).?key|access.?id|key.pair.id|(?<!page.)token$",
    re.I,
)
"""Names of headers, parameters and fields with secrets. Counts of tokens, and tokens of pages, are no secrets."""
_SIGNATURE: Final = re.compile(
    r"\b((?:x-(?:amz|goog)-)?(?:credential|security-token|signature|sig|policy|key-pair-id|(?:aws|google)access(?:key)?id"
    r"|(?:access_?|auth_?)?token|api_?key|jwt)(?:=|%(?:25)*3d|\\u003d|&#0*61;|&#x0*3d;))[^\s&\"'<>\\]+",
    re.I,
)
"""Parameters that sign a URL, of Amazon, CloudFront, Google, Azure and the emulator. The equals sign can be escaped."""


def redact_signatures(text: str) -> str:
    """Return *text* with the signatures of presigned URLs replaced by asterisks."""
    return _SIGNATURE.sub(r"\1***", text)


def secrets_in(headers: Mapping[str, str], url: str = "") -> list[str]:
    """Return the values of *headers*, and of the query of *url*, whose names are those of secrets."""
    pairs = [*headers.items(), *parse_qsl(urlsplit(url).query)]
    words = [word for name, value in pairs if NAME_OF_SECRET.search(name) for word in value.replace(";", " ").split()]
    # A cookie and a digest authorization consist of names and values.
    return [*words, *(value for word in words if len(value := word.partition("=")[2]) >= MIN_SECRET_LENGTH)]


class ApiKey:
    """The API key and the caller's headers, which no repr shows.

    Args:
        key: The API key.
        headers: Further headers of each request to the API.
    """

    __slots__ = ("_reveal",)

    def __init__(self, key: str, headers: Mapping[str, str] | None = None) -> None:
        revealed = {"x-api-key": key, **(headers or {})}
        self._reveal: Callable[[], Mapping[str, str]] = lambda: revealed

    def __repr__(self) -> str:
        return "ApiKey(***)"

    def headers(self) -> Mapping[str, str]:
        """Return the headers of each request to the API: that of the key, and the caller's."""
        return self._reveal()

    def digest(self, base_url: str) -> str | None:
        """Return a one-way digest of the key and a URL, for names of files. ``None`` if a function returns the key.

        Keys are random, and 40 bits identify none.
        """
        text = f"{base_url}\n{self._reveal()['x-api-key']}"
        return hashlib.blake2b(text.encode(), digest_size=5, person=b"twelvelabs_async").hexdigest()

    def with_key(self, key: str) -> ApiKey:
        """Return another API key with the same further headers; this one if *key* is the same."""
        revealed = self._reveal()
        return self if key == revealed["x-api-key"] else ApiKey(key, _without_key(revealed))

    def with_function(self, function: KeyFunction) -> KeyFromFunction:
        """Return the API keys that *function* returns, with the same further headers."""
        return KeyFromFunction(function, _without_key(self._reveal()))

    def redact(self, value: T, others: Iterable[str] = ()) -> T:
        """Return text or JSON without secrets, for a log or an error. Results of calls are not redacted.

        Args:
            value: Text, or lists and dicts of texts.
            others: Secrets to redact. The key, the caller's headers and signatures of URLs are always redacted.
        """
        secrets = {self._reveal()["x-api-key"], *secrets_in(self._reveal()), *others}
        forms = {form for secret in secrets if len(secret) >= MIN_SECRET_LENGTH for form in _forms(secret)}
        pattern = "|".join(map(re.escape, sorted(forms, key=len, reverse=True)))
        # The bound method, because the repr of the pattern has the key.
        return cast("T", _redacted(value, re.compile(pattern or r"(?!)", re.I).sub, MAX_DEPTH))


class KeyFromFunction(ApiKey):
    """The API keys that a function returns, one for each request.

    Args:
        function: The function. A plain one is called in a worker thread, since it may block.
        headers: Further headers of each request to the API.
    """

    __slots__ = ("_function", "_recent")

    def __init__(self, function: KeyFunction, headers: Mapping[str, str]) -> None:
        super().__init__("", headers)
        recent: deque[str] = deque(maxlen=MAX_RECENT_KEYS)
        self._function = function
        self._recent: Callable[[], deque[str]] = lambda: recent

    def digest(self, base_url: str) -> None:
        """Return nothing: the keys may change at any time."""

    async def current(self) -> ApiKey:
        """Call the function, and return the key for one request.

        Raises:
            TwelveLabsError: The function failed.
            TypeError: It returned something else than a string.
            ValueError: It returned an invalid key. The error does not show it.
        """
        secrets = [await self._call()]
        return call_with_secrets(self._remember, secrets)

    async def _call(self) -> object:
        function = self._function
        try:
            returned = (
                function() if iscoroutinefunction(function) else await run_in_thread(copy_context().run, function)
            )
            return await returned if isawaitable(returned) else returned
        except Exception as error:
            text = f"api_key() failed with {type(error).__name__}: {error}. The request was not sent."
            raise TwelveLabsError(text) from error

    def _remember(self, returned: object) -> ApiKey:
        key = require_key(returned, "api_key()")
        with suppress(ValueError):
            self._recent().remove(key)
        self._recent().append(key)
        return self.with_key(key)

    def redact(self, value: T, others: Iterable[str] = ()) -> T:
        """Return text or JSON without secrets. Recent keys are redacted, whichever request they were for."""
        return super().redact(value, [*others, *self._recent()])


def _without_key(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "x-api-key"}


def call_with_secrets(function: Callable[..., T], secrets: list[Any]) -> T:
    """Call *function* with *secrets* as arguments. They are in no traceback, since the list is emptied."""
    try:
        return function(*secrets)
    except Exception as error:
        error.__traceback__ = None
        raise
    finally:
        secrets.clear()


def read_api_key(api_key: str | KeyFunction | None, headers: Mapping[str, str] | None, user_agent: str) -> ApiKey:
    """Return *api_key*, or else the key in the environment, with the other headers of each request.

    Raises:
        TwelveLabsError: There is no key.
        TypeError: The key is not a string.
        ValueError: The key or a header is invalid. The error does not show it.
    """
    further = {"User-Agent": user_agent, **valid_headers("headers", headers or {})}
    if callable(api_key):
        return KeyFromFunction(api_key, further)
    source = "api_key" if api_key else next(filter(os.environ.get, KEY_VARIABLES), "")
    return ApiKey(require_key(api_key or os.environ.get(source, ""), source), further)


def require_key(key: object, source: str) -> str:
    """Return a valid API key.

    Args:
        key: The key.
        source: The argument, variable or function that it comes from; empty if there is none.

    Raises:
        TwelveLabsError: There is no key.
        TypeError: The key is not a string.
        ValueError: The key is invalid. The error does not show it.
    """
    if not isinstance(key, str):
        raise TypeError(
            f"{source or 'api_key'} must be a str; got {type(key).__name__}. Pass its text, as by decode() or "
            "get_secret_value()."
        )
    key = key.strip()
    if not key and source:
        raise TwelveLabsError(f"No API key: {source} is empty. Create a key in the TwelveLabs Playground.")
    if not key:
        raise TwelveLabsError(
            "No API key: pass api_key= or set TWELVELABS_API_KEY. Create a key in the TwelveLabs Playground, under API "
            "Keys. twelvelabs_async.testing.Emulator needs none."
        )
    for start, problem in KEY_PROBLEMS.items():
        if re.match(start, key, re.I | re.S):
            raise ValueError(f"The API key of {source} {problem}")
    return key


def _forms(secret: str) -> Iterator[str]:
    """Yield *secret* as servers repeat it: as it is, in a URL, in JSON, and in Base64 at each position."""
    yield secret
    yield quote(secret)
    yield quote(secret, safe="")
    yield quote(quote(secret, safe=""))
    yield json.dumps(secret)[1:-1]
    for shift, start in enumerate((0, 2, 3)):  # the first character that depends on the secret alone
        data = bytes(shift) + secret.encode()
        encoded = b64encode(data).decode()[start : len(data) * 8 // 6]
        yield encoded
        yield encoded.translate({ord("+"): "-", ord("/"): "_"})


def _redacted(value: Any, replace: Any, depth: int) -> Any:
    if isinstance(value, str):
        return redact_signatures(replace("***", value))
    if isinstance(value, dict | list) and not depth:
        return "***"
    if isinstance(value, dict):
        fields = cast("dict[Any, Any]", value)
        return {_redacted(key, replace, 0): _redacted(item, replace, depth - 1) for key, item in fields.items()}
    if isinstance(value, list):
        return [_redacted(item, replace, depth - 1) for item in cast("list[Any]", value)]
    return value
