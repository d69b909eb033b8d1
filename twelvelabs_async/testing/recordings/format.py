"""The format of recordings: a line of JSON with facts about the file, and a line for each exchange.

Example:
    The first line, and an exchange. Each is one line of the file::

        {"recording": 1, "recorded_at": "2026-11-28T09:00:00Z", "base_url": "https://api.twelvelabs.io/v1.3"}
        {"at": 0.21, "request": {"method": "GET", "path": "/indexes", "query": [["page", "1"]]},
         "response": {"status": 200, "headers": {"content-type": "application/json"}, "seconds": 0.14,
                      "json": {"data": [], "page_info": {"page": 1, "total_page": 0}}}}
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, Self, TypeAlias, cast, get_args

from attrs import field, frozen

VERSION: Final = 1
"""Version of the format. A reader refuses files of a later one."""

BodyKind: TypeAlias = Literal["json", "form", "text", "base64", "digest", "chunks"]
"""Key of a body in its line, which says what the value is.

* ``json``: The decoded JSON.
* ``form``: The name and value of each field of a form, in order. The value of a file is an object with ``filename``,
  ``type``, ``size`` and ``sha256``.
* ``text``: Other text.
* ``base64``: Other bytes of a response.
* ``digest``: ``size`` and ``sha256`` of other bytes of a request.
* ``chunks``: A streamed response: the seconds since its headers, and the text, of each line. The last text is ``null``
  if the connection broke.
"""

PAIRS: Final = ("form", "chunks")
"""Kinds of bodies that are lists of pairs."""


class RecordingError(ValueError):
    """A file is no recording, or of a later version of the format."""


@frozen
class Body:
    """A body that is not empty."""

    kind: BodyKind
    value: Any


@frozen
class RecordedRequest:
    """A request.

    Attributes:
        method: HTTP method, in upper case.
        path: Decoded path without the version prefix: ``/indexes/…``. The URLs of the storage are ``/elsewhere/…``.
        query: Decoded name and value pairs, in order.
        headers: Recorded headers, with names in lower case. The value of the API key is ``***``.
        body: The body; ``None`` if it is empty.
    """

    method: str
    path: str
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(factory=dict[str, str])
    body: Body | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def json(self) -> Any:
        """The decoded body, if it is JSON."""
        return self.body.value if self.body and self.body.kind == "json" else None


@frozen
class RecordedResponse:
    """A response.

    Attributes:
        status: Status.
        headers: Headers, with names in lower case. Values that are not recorded are ``***``.
        body: The body; ``None`` if it is empty.
        seconds: Seconds from the request to the headers.
    """

    status: int
    headers: Mapping[str, str] = field(factory=dict[str, str])
    body: Body | None = None
    seconds: float = 0.0

    @property
    def json(self) -> Any:
        """The decoded body, if it is JSON."""
        return self.body.value if self.body and self.body.kind == "json" else None


@frozen
class Exchange:
    """A request and its response.

    Attributes:
        at: Seconds from the start of the recording to the request.
        response: The response; ``None`` if the connection broke before its headers.
        line: Line of the file; 0 for an exchange that is in no file.
    """

    at: float
    request: RecordedRequest
    response: RecordedResponse | None
    line: int = field(default=0, eq=False)


@frozen
class Recording:
    """A recorded conversation.

    Attributes:
        base_url: URL of the service, version included.
        recorded_at: Time of the recording, in RFC 3339.
        exchanges: The exchanges, in the order of their requests.
    """

    base_url: str
    recorded_at: str
    exchanges: Sequence[Exchange] = ()

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Read a recording.

        Raises:
            RecordingError: The file is no recording, or of a later version of the format.
            OSError: The file cannot be read.
        """
        header: dict[str, Any] = {}
        exchanges: list[Exchange] = []
        with Path(path).open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                try:
                    fields = json.loads(line.decode("utf-8-sig"))  # editors may add a byte order mark
                    if not header:
                        header = _valid_header(fields, path)
                    else:
                        exchanges.append(_exchange(fields, number))
                except RecordingError:
                    raise
                except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
                    # A process that was killed while it wrote leaves half a line behind.
                    raise RecordingError(
                        f"{path}, line {number}: expected a line of a recording ({error!r}). Delete it, or record "
                        "again."
                    ) from None
        if not header:
            raise RecordingError(f"{path} is empty. Record it again.")
        exchanges.sort(key=lambda exchange: exchange.at)
        return cls(header["base_url"], header["recorded_at"], exchanges)

    def write(self, path: str | Path) -> None:
        """Write the recording to a file, which is replaced."""
        lines = [self.header_line(), *(line_of(exchange_fields(exchange)) for exchange in self.exchanges)]
        Path(path).write_text("".join(lines), encoding="utf-8")

    def header_line(self) -> str:
        """Return the first line of the file."""
        return line_of({"recording": VERSION, "recorded_at": self.recorded_at, "base_url": self.base_url})


def exchange_fields(exchange: Exchange) -> dict[str, Any]:
    """Return an exchange as the JSON of its line."""
    request, response = exchange.request, exchange.response
    fields: dict[str, Any] = {"method": request.method, "path": request.path}
    optional = {"query": _lists(request.query), "headers": dict(request.headers)}
    fields |= {name: value for name, value in optional.items() if value}
    answer = response and {
        "status": response.status,
        "headers": dict(response.headers),
        "seconds": response.seconds,
        **_body_fields(response.body),
    }
    return {"at": exchange.at, "request": fields | _body_fields(request.body), "response": answer}


def line_of(fields: Any) -> str:
    """Return JSON as a line of a recording."""
    # Escapes keep characters such as U+2028, at which some programs split lines, out of the file.
    return json.dumps(fields) + "\n"


def _valid_header(fields: Any, path: str | Path) -> dict[str, Any]:
    header = cast("dict[str, Any]", fields) if isinstance(fields, dict) else {}
    version = header.get("recording")
    if not isinstance(version, int):
        raise RecordingError(f"{path} is no recording: expected the key 'recording' in its first line.")
    if version > VERSION:
        raise RecordingError(
            f"{path} has version {version} of the format; expected at most {VERSION}. Update twelvelabs_async."
        )
    return {"base_url": _text(header["base_url"]), "recorded_at": _text(header["recorded_at"])}


def _exchange(fields: Mapping[str, Any], line: int) -> Exchange:
    sent, received = fields["request"], fields["response"]
    query = [(_text(name), _text(value)) for name, value in sent.get("query", ())]
    headers = _headers(sent.get("headers", {}))
    request = RecordedRequest(_text(sent["method"]), _text(sent["path"]), query, headers, _body(sent))
    response = received and RecordedResponse(
        _status(received["status"]), _headers(received["headers"]), _body(received), float(received["seconds"])
    )
    return Exchange(float(fields["at"]), request, response, line)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a string, got {value!r}")
    return value


def _status(value: object) -> int:
    if not isinstance(value, int) or not 200 <= value < 600:
        raise ValueError(f"expected a status from 200 to 599, got {value!r}")
    return value


def _headers(fields: Mapping[str, Any]) -> dict[str, str]:
    return {name: _text(value) for name, value in fields.items()}


def _pair(kind: BodyKind, first: Any, second: Any) -> tuple[Any, Any]:
    """Return the name and value of a form field, or the time and text of a line of a stream."""
    if kind == "form":
        return _text(first), second
    return float(first), None if second is None else _text(second)


def _body(fields: Mapping[str, Any]) -> Body | None:
    kind: BodyKind
    for kind in get_args(BodyKind):
        if kind in fields:
            value = fields[kind]
            if kind in PAIRS:
                value = [_pair(kind, *pair) for pair in value]
            elif kind == "base64":
                b64decode(_text(value), validate=True)
            elif kind == "text":
                _text(value)
            return Body(kind, value)
    return None


def _body_fields(body: Body | None) -> dict[str, Any]:
    return {body.kind: _lists(body.value) if body.kind in PAIRS else body.value} if body else {}


def _lists(pairs: Iterable[tuple[Any, Any]]) -> list[list[Any]]:
    return [[*pair] for pair in pairs]


def fields_of(value: Any) -> Mapping[str, Any]:
    """Return a JSON object, or an empty one in place of other JSON."""
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
