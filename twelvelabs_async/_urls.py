"""Public URLs as arguments, as they are pasted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from .errors import InvalidArgumentError

URL_FIELDS: Final = frozenset(
    {"audio_url", "image_url", "query_media_url", "url", "video_url"},
)
"""Fields of requests that hold the URLs of media."""

_SIGNATURE: Final = re.compile(r"(x-(amz|goog)-)?signature|sig", re.IGNORECASE)
_SIGNED: Final = re.compile(r"x-(amz|goog)-.+|(aws|google)access(key)?id|expires|key-pair-id|policy", re.IGNORECASE)
"""Parameters that stand beside the signature of a presigned URL: of Amazon, CloudFront and Google."""
_SIGNED_BY_AZURE: Final = frozenset({"se", "sip", "sp", "spr", "sr", "st", "sv"})

_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*)://|(data|file):", re.IGNORECASE)
_CREDENTIALS: Final = re.compile(r"^([a-z][a-z0-9+.-]*://)?.*@", re.IGNORECASE | re.DOTALL)
_QUOTES: Final = ("<>", '""', "''", "``", "“”", "()")
_OBJECT: Final = "Pass a presigned https URL of the object, or download it and pass its path."
_HINTS: Final[Mapping[str, str]] = {
    "data": "Pass the decoded bytes, or a path.",
    "file": "Pass the path of the file.",
    **dict.fromkeys(("abfs", "abfss", "az", "azure", "gcs", "gs", "r2", "s3", "s3a", "wasb", "wasbs"), _OBJECT),
}


def is_url(text: str) -> bool:
    """Return whether a source is a URL of any scheme, and not a path."""
    return _SCHEME.match(_unwrapped(text)) is not None


def web_url(text: str) -> str:
    """Return an http or https URL as the API takes it.

    Blanks, quotes and angle brackets around the URL and line breaks inside are removed, as browsers do. Blanks inside
    are encoded, and the scheme becomes lower case.

    Raises:
        ValueError: It is another URL, or none.
    """
    url = _unwrapped(text)
    found = _SCHEME.match(url)
    scheme = (found[1] or found[2]).lower() if found else ""
    if scheme not in ("http", "https"):
        hint = _HINTS.get(scheme, "Pass an https URL, or download the file and pass its path.")
        raise InvalidArgumentError(f"expected a public http or https URL; got {_shown(url)!r}. {hint}")
    url = scheme + re.sub(r"\s", "%20", url[len(scheme) :])
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and "%20" not in parts.netloc and parts.port != 0
    except ValueError:
        has_host = False
    if not has_host:
        raise InvalidArgumentError(
            f"expected a URL with a valid host, such as https://example.com/talk.mp4; got {_shown(url)!r}"
        )
    return url


def unsigned_url(url: str) -> str:
    """Return what all presigned URLs of one object have in common, or another URL as it is.

    All other parameters remain, because they may select the object or its version.
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # it is refused when it is used
        return url
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    names = {name for name, _ in pairs}
    if not any(map(_SIGNATURE.fullmatch, names)):
        return url
    signed = {name for name in names if _SIGNATURE.fullmatch(name) or _SIGNED.fullmatch(name)}
    if "sv" in names:
        signed |= _SIGNED_BY_AZURE
    query = urlencode([(name, value) for name, value in pairs if name not in signed])
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def with_web_urls(fields: Any, free_form: frozenset[str], name: str) -> Any:
    """Return plain JSON data with its URLs as the API takes them.

    Args:
        fields: The data.
        free_form: Names of fields that belong to the user.
        name: Name of the field that holds the data.

    Raises:
        ValueError: A URL is invalid.
    """
    if name in free_form:
        return fields
    if isinstance(fields, str):
        return web_url(fields) if name in URL_FIELDS else fields
    if isinstance(fields, Mapping):
        items = cast("Mapping[Any, Any]", fields).items()
        return {key: with_web_urls(item, free_form, key) for key, item in items}
    if isinstance(fields, list | tuple):
        return [with_web_urls(item, free_form, name) for item in cast("list[Any]", fields)]
    return fields


def without_credentials(url: str) -> str:
    """Return the text of a URL, valid or not, with asterisks in place of user and password.

    They reach to the last ``@``, since people paste passwords that contain ``/``, ``:`` and ``@``.
    """
    return _CREDENTIALS.sub(r"\1***@", url)


def _unwrapped(text: str) -> str:
    text = re.sub(r"\s*[\r\n\t]\s*", "", text.strip(" \r\n\t\f\v\xa0\ufeff\u200b"))
    while len(text) > 1 and text[0] + text[-1] in _QUOTES:
        text = text[1:-1].strip()
    return text


def _shown(url: str) -> str:
    """Return the start of a URL without its credentials and its query, which may be secret."""
    shown = without_credentials(url.partition("?")[0])
    return shown if len(shown) <= 80 else shown[:77] + "..."
