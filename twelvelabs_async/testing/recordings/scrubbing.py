"""Replacement of secrets, URLs, names and texts by placeholders, and back.

A placeholder is made of a digest, so the same value has the same placeholder in every request and every recording. A
replay so recognizes the name of a file that a program sends. It also puts that name into the responses again, because
the program has sent it. What the program did not send stays a placeholder.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final, Literal, TypeAlias, cast
from urllib.parse import parse_qsl, urlsplit

from ..._api_key import MAX_DEPTH, MIN_SECRET_LENGTH, NAME_OF_SECRET, redact_signatures

Kind: TypeAlias = Literal["file", "name", "secret", "text", "token", "media"]

ORIGIN: Final = "https://recording.invalid"
"""Origin of all URLs in a recording. The domain exists nowhere (RFC 2606)."""

ELSEWHERE: Final = f"{ORIGIN}/elsewhere/"
"""Start of the placeholders of all URLs that are not the API's."""

METADATA: Final = frozenset({"enriched_metadata", "item_metadata", "metadata", "user_metadata"})
"""Fields whose strings are texts, except those with a kind of their own."""

KINDS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(("file_name", "filename", "input_filename", "original_filename"), "file"),
    **dict.fromkeys(("display_name", "entity_name", "external_id", "index_name", "name", "source_id"), "name"),
    "state": "secret",
    **dict.fromkeys(("bulk_token", "custom_id", "idempotency-key"), "token"),
    **dict.fromkeys(("arguments", "content", "data", "delta", "description", "input_text", "instructions"), "text"),
    **dict.fromkeys(("input", "output", "prompt", "query_text", "summary", "text", "title", "transcription"), "text"),
    **dict.fromkeys(("value", *METADATA), "text"),
    "base64_string": "media",
}
"""Kinds of strings, by the names of their fields. Those with the name of a secret are secrets."""

REDACTED: Final = "***"
"""Text in place of a secret that has no placeholder of its own."""

MAX_SECRETS: Final = 100

RANDOM: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{40}-[0-9a-f]{8}")
"""Tokens that programs make anew in each run."""

PLACEHOLDER: Final = re.compile(
    r"\*{3}|(?:file|name|secret|text|token|media)-[0-9a-f]{12}(?:\.\w{1,5})?"
    r"|user-[0-9a-f]{12}@recording\.invalid"
    rf"|{re.escape(ELSEWHERE)}[0-9a-f]{{12}}(?:\.\w{{1,5}})?"
)
_TOKEN: Final = re.compile(r"token-[0-9a-f]{12}")
_SLASH: Final = r"(?:\\?/|%(?:25)*2f)"
_URL: Final = re.compile(
    # With any scheme or none, and as it is escaped in JSON or in the query of another URL.
    rf"(?:[a-z][a-z0-9+.-]*(?::|%(?:25)*3a)|(?<![\w:/\\])(?={_SLASH}{{2}}[\w-]+\.)){_SLASH}{{2}}"
    r"(?:[^\s\"'<>\\]|\\/|\\u00\w\w)+",
    re.IGNORECASE,
)
_KEY: Final = re.compile(r"\btlk_\w{16,}|\bwhsec_[\w+/=]{16,}|\beyJ[\w-]+\.[\w-]+\.[\w-]*|(?<=\bbearer )\S{8,}", re.I)
"""API keys, secrets of webhooks and access tokens, which their form betrays."""
_SECRET_FIELD: Final = re.compile(
    rf"""((?:\\*["'])([\w.-]*(?:{NAME_OF_SECRET.pattern.replace("$", "")})[\w.-]*)\\*["']\s*:\s*\\*["'])[^"'\\]+""",
    re.I,
)
"""A field of JSON within other text, such as a line that was cut."""
_EMAIL: Final = re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+")
_FILE_NAME: Final = re.compile(r"[^\s/\\\"'<>:(),]+\.\w{1,5}\b")
_JSON_LINE: Final = re.compile(r"(data: ?)?([\[{].*?)(\s*)", re.DOTALL)
_SUFFIX: Final = re.compile(r"\.\w{1,5}$")
_OFFICIAL_PAGE: Final = re.compile(r"https://((docs|playground|www)\.)?twelvelabs\.io(/[^?#]*)?", re.IGNORECASE)


class Scrubber:
    """Replaces what a recording must not contain, and remembers it in memory.

    Args:
        scrub_texts: Replace texts of users and models as well: prompts, queries, answers, transcriptions, metadata.
        api_origins: Origins that stand for the API's.

    Attributes:
        secrets: The latest secrets, which other responses may repeat.
    """

    def __init__(self, *, scrub_texts: bool = False, api_origins: tuple[str, ...] = ()) -> None:
        self.api_origins: tuple[str, ...] = api_origins
        self._scrub_texts = scrub_texts
        self._originals: dict[str, str] = {}
        self._placeholders: dict[str, str] = {}
        self.secrets: deque[str] = deque(maxlen=MAX_SECRETS)

    def scrub(self, value: Any, name: str = "") -> Any:
        """Return a decoded body, or a value of a query or header, with placeholders.

        Args:
            value: Text or JSON, or a list of pairs.
            name: Name of the field, parameter or header.
        """
        return _map_strings(value, name, self._scrub_string)

    def restore(self, value: Any, origin: str) -> Any:
        """Return a decoded body with the originals of all placeholders that this object has made.

        Args:
            value: Text or JSON.
            origin: Origin of URLs without an original.
        """

        def restore(text: str, _: str) -> str:
            return PLACEHOLDER.sub(lambda found: self.original(found[0]), text).replace(ORIGIN, origin)

        return _map_strings(value, "", restore)

    def redirect(self, value: Any, origin: str) -> Any:
        """Return JSON in which all URLs lead to a server at *origin*, where placeholders stand for them."""
        return _map_strings(value, "", lambda text, _: self._scrub_text(text).replace(ORIGIN, origin))

    def original(self, placeholder: str) -> str:
        """Return the value that a placeholder stands for, or else the placeholder."""
        return self._originals.get(placeholder, placeholder)

    def bind_tokens(self, recorded: str, sent: str) -> None:
        """Let the recorded tokens stand for those of a request that matches.

        Args:
            recorded: The recorded request, as JSON.
            sent: The request that was sent, as JSON. If it differs in more than tokens, nothing is bound.
        """
        if without_tokens(recorded) != without_tokens(sent):
            return
        for theirs, ours in zip(_TOKEN.findall(recorded), _TOKEN.findall(sent), strict=True):
            original = self.original(ours)
            self._originals[theirs] = original
            self._placeholders[original] = theirs

    def keep_secret(self, text: str) -> None:
        """Add a secret, if it is new and not so short that it is a part of any text."""
        if len(text) >= MIN_SECRET_LENGTH and text not in self.secrets:
            self.secrets.append(text)

    def _scrub_string(self, text: str, name: str) -> str:
        kind = _kind_of(name)
        if kind == "token" and not RANDOM.fullmatch(text):
            kind = "name"
        if kind == "text" and not self._scrub_texts:
            kind = None
        if kind == "secret":
            self.keep_secret(text)
        return self._placeholder(kind, text) if kind and text else self._scrub_text(text)

    def _scrub_text(self, text: str) -> str:
        text = _URL.sub(lambda found: self._scrub_url(found[0]), text)
        text = _EMAIL.sub(lambda found: self._remember(f"user-{_digest(found[0])}@recording.invalid", found[0]), text)
        text = _SECRET_FIELD.sub(rf"\1{REDACTED}", _KEY.sub(REDACTED, text))
        # Messages of errors contain names.
        return _FILE_NAME.sub(lambda found: self._placeholders.get(found[0], found[0]), text)

    def _scrub_url(self, url: str) -> str:
        if url.startswith(f"{ORIGIN}/") or (_OFFICIAL_PAGE.fullmatch(url) and not url.startswith(self.api_origins)):
            return redact_signatures(url)
        for origin in self.api_origins:
            if url.startswith(f"{origin}/") and not self._is_private(url.removeprefix(origin)):
                return ORIGIN + url.removeprefix(origin)
        return self._remember(ELSEWHERE + _digest(url) + _suffix(_path_of(url)), url)

    def _is_private(self, target: str) -> bool:
        """Return whether a path or its query contains something that is replaced."""
        path, _, query = target.partition("?")
        pairs = parse_qsl(query, keep_blank_values=True)
        return redact_signatures(target) != target or self.scrub([path, *pairs]) != [path, *pairs]

    def _placeholder(self, kind: Kind, text: str) -> str:
        if PLACEHOLDER.fullmatch(text):
            return text
        placeholder = f"{kind}-{_digest(text)}{_suffix(text) if kind == 'file' else ''}"
        return self._placeholders.get(text) or self._remember(placeholder, text)

    def _remember(self, placeholder: str, text: str) -> str:
        if text.endswith("@recording.invalid"):
            return text
        self._originals[placeholder] = text
        self._placeholders[text] = placeholder
        return placeholder


def without_tokens(text: str) -> str:
    """Return text in which all tokens are the same."""
    return _TOKEN.sub("token-*", text)


def _map_strings(value: Any, name: str, function: Callable[[str, str], str], depth: int = MAX_DEPTH) -> Any:
    """Return JSON with each string, given with the name of its field, replaced by what *function* returns."""
    if isinstance(value, str):
        return _map_nested(value, name, function)
    if isinstance(value, tuple):  # a pair of a form, a query or a stream
        key, item = cast("tuple[Any, Any]", value)
        is_named = isinstance(key, str)
        mapped = _map_strings(item, _field_name(key, "") if is_named else name, function)
        return (function(key, "") if is_named else key, mapped)
    if isinstance(value, Mapping | list) and not depth:
        return REDACTED
    if isinstance(value, Mapping):
        fields = cast("Mapping[Any, Any]", value).items()
        return {
            function(str(key), ""): _map_strings(item, _field_name(str(key), name), function, depth - 1)
            for key, item in fields
        }
    if isinstance(value, list):
        return [_map_strings(item, name, function, depth - 1) for item in cast("list[Any]", value)]
    return value


def _kind_of(name: str) -> Kind | None:
    return KINDS.get(name) or ("secret" if NAME_OF_SECRET.search(name) else None)


def _field_name(name: str, parent: str) -> str:
    """Return the name whose rule a field has.

    Fields of metadata without a rule of their own are texts, and everything in a secret is a secret.
    """
    is_text = parent in METADATA and _kind_of(name) is None
    return parent if is_text or _kind_of(parent) == "secret" else name


def _map_nested(text: str, name: str, function: Callable[[str, str], str]) -> str:
    """Map a string, or the strings of JSON in a string: metadata in a form, or a line of a stream."""
    if found := _JSON_LINE.fullmatch(text):
        prefix, nested, end = found.groups(default="")
        with suppress(ValueError, RecursionError):
            value = json.loads(nested)
            mapped = _map_strings(value, name, function)
            if mapped != value:
                return prefix + json.dumps(mapped) + end
            # Text without anything to replace stays as it is, blanks included. It can have fields twice.
            return function(text, "")
    return function(text, name)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _suffix(name: str) -> str:
    found = _SUFFIX.search(name)
    return found[0].lower() if found else ""


def _path_of(url: str) -> str:
    with suppress(ValueError):
        return urlsplit(url).path
    return ""
