"""Encoding of queries, JSON and forms."""

from __future__ import annotations

import json
import math
import re
import uuid
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from enum import Enum
from typing import Any, Final, cast
from urllib.parse import urlencode

from ._files import UploadFile
from ._urls import with_web_urls
from .errors import InvalidArgumentError, InvalidArgumentTypeError
from .models._base import Model
from .models._plain import plain
from .models._wire import FREE_FORM, dumps, unstructure
from .options import is_given


def query_string(query: Mapping[str, Any]) -> str:
    """Encode query parameters (docs: List indexed assets).

    ``None`` is left out, lists repeat the key, ranges become ``name[gte]=``.
    """
    return urlencode([(_utf8(name), text) for name, text in _encoded_pairs(query)])


def _encoded_pairs(fields: Mapping[str, Any]) -> list[tuple[str, bytes]]:
    """Encode the fields of a query or form as names and texts; raise as `json_body` does."""
    encoded: list[tuple[str, bytes]] = []
    for field, value in fields.items():
        if not is_given(value):
            continue
        try:
            encoded += [(name, _utf8(text)) for name, text in _pairs(field, value)]
        except _ENCODING_ERRORS as error:
            raise _named(field, error) from None
    return encoded


def _pairs(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if not is_given(value):
        return
    if isinstance(value, Enum):  # its text would be its name
        value = value.value
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, bool):
        yield name, "true" if value else "false"
    elif isinstance(value, int | float):
        if not math.isfinite(value):
            raise ValueError(f"expected a finite number; got {value!r}")
        yield name, str(value)
    elif isinstance(value, Mapping):
        for key, part in cast("Mapping[str, Any]", value).items():
            yield from _pairs(f"{name}[{key}]", part)
    elif isinstance(value, list | tuple):
        for part in cast("Sequence[Any]", value):
            yield from _pairs(name, part)
    else:
        yield from _pairs(name, unstructure(value) if isinstance(value, Model) else plain(value))


_ENCODING_ERRORS: Final = (TypeError, ValueError, OverflowError, RecursionError)


def json_body(value: Any, name: str = "") -> bytes:
    """Encode the fields of a JSON body, models included, or the value of a field of a form.

    Raises:
        TypeError: A value has no JSON form.
        ValueError: A number is infinite or not a number, or a text is not valid Unicode.
    """
    try:
        return _json(value, name)
    except _ENCODING_ERRORS as error:
        raise _innermost(name, value, error) from None


def _innermost(name: str, value: Any, error: Exception) -> Exception:
    """Return the error that names the innermost invalid value."""
    if isinstance(error, RecursionError) and name:  # the innermost of its values is far away
        return _named(name, error)
    parts: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, Mapping):
        parts = cast("Mapping[Any, Any]", value).items()
    elif isinstance(value, list | tuple):
        parts = enumerate(cast("Sequence[Any]", value))
    for key, part in parts:
        try:
            _json(part, str(key) if isinstance(value, Mapping) else name)
        except _ENCODING_ERRORS as inner:
            return _innermost(f"{name}.{key}" if name else str(key), part, inner)
    return _named(name, error)


def _named(name: str, error: Exception) -> Exception:
    kind = InvalidArgumentTypeError if isinstance(error, TypeError) else InvalidArgumentError
    reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
    return kind(f"{name or 'The body'} is invalid: {reason.removesuffix('.')}.")


def _json(value: Any, name: str) -> bytes:
    data = with_web_urls(unstructure(value), FREE_FORM, name)
    encoded = dumps(data)
    if b"\\ud" in encoded:  # an escaped surrogate; most are pairs
        _utf8(json.dumps(data, ensure_ascii=False, default=plain))
    return encoded


def _utf8(text: str) -> bytes:
    """Encode text.

    Raises:
        ValueError: A surrogate stands alone, as in a file name that is not UTF-8.
    """
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        shown = text[max(0, error.start - 20) : error.end + 20]
        raise InvalidArgumentError(
            f"Expected Unicode text; got {shown!r}, in which the surrogate {text[error.start]!r} stands alone. Decode "
            "the text with its own encoding, or replace the surrogate."
        ) from None


class Form:
    """A ``multipart/form-data`` body (RFC 7578). Mappings among the fields become JSON text.

    aiohttp's own form would send each line separately.

    Attributes:
        content_type: Media type of the body.
        size: Bytes of the body.
    """

    def __init__(self, fields: Mapping[str, Any], files: Sequence[tuple[str, UploadFile]] = ()) -> None:
        boundary = uuid.uuid4().hex
        self.content_type: str = f"multipart/form-data; boundary={boundary}"
        flat = {
            name: json_body(value, name).decode() if isinstance(value, Mapping) else _with_web_url(name, value)
            for name, value in fields.items()
        }
        self._texts = b"".join(_head(boundary, name) + text + b"\r\n" for name, text in _encoded_pairs(flat))
        self._files = [(_head(boundary, name, file), file) for name, file in files]
        self._end = f"--{boundary}--\r\n".encode()
        self.size: int = len(self._texts) + len(self._end)
        self.size += sum(len(head) + file.size + len(b"\r\n") for head, file in self._files)

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield the body for one attempt."""
        pending = self._texts
        for head, file in self._files:
            yield pending + head
            on_sent = file.on_attempt() if file.on_attempt is not None else None
            async with aclosing(file.range(on_sent=on_sent).pieces()) as pieces:
                async for piece in pieces:
                    yield piece
            pending = b"\r\n"
        yield pending + self._end


def _with_web_url(name: str, value: Any) -> Any:
    try:
        return with_web_urls(value, FREE_FORM, name)
    except ValueError as error:
        raise _named(name, error) from None


def _head(boundary: str, name: str, file: UploadFile | None = None) -> bytes:
    # Names that are not ASCII are sent as they are, like browsers and the official SDK do.
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"'
    if file is not None:
        head += f'; filename="{_quoted(file.name)}"'
        for header, value in {"Content-Type": file.media_type, **file.headers}.items():
            head += f"\r\n{header}: {value}"
    return _utf8(f"{head}\r\n\r\n")


_UNSAFE: Final = re.compile('["\x00-\x1f\x7f]')


def _quoted(name: str) -> str:
    """Quote a name as browsers do, and control characters and backslashes as the official SDK does."""
    return _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", name).replace("\\", "\\\\")
