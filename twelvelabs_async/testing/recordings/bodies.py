"""Bodies as they are recorded, from bytes, and back."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

from .format import Body

STREAMED_TYPES: Final = ("text/event-stream", "application/x-ndjson", "application/jsonl")
"""Media types whose responses are recorded line by line."""

_PARAMETER: Final = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def request_body(content: bytes, content_type: str) -> Body | None:
    """Return the body of a request. Of files and parts of files, the size and a digest are recorded."""
    if not content:
        return None
    media_type = content_type.partition(";")[0].strip().lower()
    with suppress(ValueError, RecursionError):
        if media_type == "multipart/form-data":
            return Body("form", [*_fields(content, content_type)])
        if media_type == "application/json":
            return Body("json", json.loads(content))
    return Body("digest", _digest(content))


def response_body(content: bytes) -> Body | None:
    """Return the body of a response that is not streamed."""
    if not content:
        return None
    with suppress(ValueError, RecursionError):
        return Body("json", json.loads(content))
    with suppress(ValueError):
        return Body("text", content.decode())
    return Body("base64", b64encode(content).decode())


def body_bytes(body: Body | None) -> bytes:
    """Return the bytes of the body of a response that is not streamed."""
    match body:
        case None:
            return b""
        case Body("text"):
            return str(body.value).encode()
        case Body("base64"):
            return b64decode(body.value)
        case _:
            return json.dumps(body.value).encode()


def _digest(content: bytes) -> dict[str, Any]:
    return {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _fields(content: bytes, content_type: str) -> Iterator[tuple[str, Any]]:
    """Yield the names and values of a form.

    Raises:
        ValueError: It is no form.
    """
    boundary = content_type.partition("boundary=")[2].partition(";")[0].strip('"').encode()
    first, *parts = (b"\r\n" + content).split(b"\r\n--" + boundary)
    if first or not boundary or not parts:
        raise ValueError("The body has no parts.")
    for part in parts[:-1]:
        head, value = part.removeprefix(b"\r\n").split(b"\r\n\r\n", 1)
        headers = {
            name.lower(): text for name, _, text in (line.partition(": ") for line in head.decode().split("\r\n"))
        }
        names = dict(_PARAMETER.findall(headers.get("content-disposition", "")))
        if "filename" in names:
            facts = {"filename": names["filename"], "type": headers.get("content-type", "")}
            yield names.get("name", ""), facts | _digest(value)
        else:
            yield names.get("name", ""), value.decode()
