"""Log of the requests that the emulator received."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs


@attrs.define(eq=False)
class Request:
    """Request that the emulator received.

    Attributes:
        method: HTTP method, in upper case.
        path: Decoded path without the version prefix: ``/indexes/…``. Parts of a multipart upload have ``/storage/…``.
        query: Decoded name and value pairs, in order.
        headers: Headers; look-up ignores case.
        json: Decoded body, if it is JSON.
        form: Name and value pairs of a form. The value of a file is its name.
        size: Size in bytes of the body, as far as it was read.
        status: Status of the response; `None` until it is sent, and for good if the connection was reset instead.
    """

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    json: Any = None
    form: list[tuple[str, str]] | None = None
    size: int = 0
    status: int | None = None
