"""Values that JSON does not have but can stand for: numbers of NumPy and pandas, decimals, times, enums, ids, sets."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import PurePath
from typing import Any, cast
from uuid import UUID

from .._validators import number
from ._lazy import ModelType


def plain(value: Any) -> Any:
    """Return the form in JSON of a value that is no text, number, list or dict of Python.

    Raises:
        TypeError: There is no such form.
        ValueError: The value is a missing time.
        OverflowError: The time has no form in UTC.
    """
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID | PurePath):
        return str(value)
    if isinstance(value, Mapping) or isinstance(type(value), ModelType):
        return dict(cast("Mapping[Any, Any]", value))
    if (as_number := number(value)) is not value:
        return as_number
    is_bytes = isinstance(value, bytes | bytearray | memoryview)
    is_time = getattr(getattr(value, "dtype", None), "kind", None) in ("m", "M")  # NumPy's would become integers
    if hasattr(value, "tolist") and not is_bytes and not is_time:  # scalars and arrays of NumPy, series of pandas
        return value.tolist()
    if isinstance(value, Iterable) and not is_bytes and not is_time:
        return [*cast("Iterable[Any]", value)]
    raise TypeError(
        "expected text, a number, a boolean, a datetime, a list or a dict; "
        f"got {type(cast('Any', value)).__name__}: {reprlib.repr(cast('Any', value))}"
    )


def rfc3339(value: datetime) -> str:
    """Return RFC 3339 in UTC; a time without a zone is local time."""
    if type(value) is not datetime:  # pandas refuses to convert a time without a zone
        if value != value:
            raise ValueError(f"expected a time; got {value!r}")
        value = datetime.combine(value.date(), value.timetz())
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
