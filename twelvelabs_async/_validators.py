"""Validation of options and arguments, with one form of error messages."""

from __future__ import annotations

import math
import os
import re
import stat
from collections.abc import Callable, Mapping
from decimal import Decimal
from numbers import Integral, Real
from typing import Any, Final, TypeAlias

from attrs import NOTHING, Attribute, field

from .errors import InvalidArgumentError, InvalidArgumentTypeError

Validator: TypeAlias = Callable[[object, "Attribute[Any]", Any], None]
"""A validator of an attrs field."""

LONGEST_SECONDS: Final = 1e9
"""Time limits are at most this long, about 31 years: event loops cannot wait for an infinite time."""


def number(value: Any) -> Any:
    """Return a number of another library, such as NumPy, as Python's. Return anything else as it is."""
    if type(value) is float or isinstance(value, int):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real | Decimal):
        as_float = float(value)
        return int(value) if isinstance(value, Decimal) and as_float.is_integer() else as_float
    return value


def seconds(value: Any) -> Any:
    """Return a number of seconds as `number` does, with `LONGEST_SECONDS` in the place of more."""
    value = number(value)
    return min(value, LONGEST_SECONDS) if isinstance(value, (float, int)) else value


def require_between(
    name: str, value: Any, minimum: float, maximum: float = math.inf, *, is_whole: bool = False
) -> None:
    """Validate a number.

    Args:
        name: The argument's name, for the error message.
        value: The argument.
        minimum: Smallest valid value.
        maximum: Largest valid value. Default: any finite number.
        is_whole: True if only whole numbers are valid.

    Raises:
        TypeError: *value* is not a number, or not a whole one.
        ValueError: *value* is out of range.
    """
    expected = f"at least {minimum}" if maximum == math.inf else f"from {minimum} to {maximum}"
    value = number(value)
    if not isinstance(value, int if is_whole else (int, float)):
        raise InvalidArgumentTypeError(
            f"{name} must be {expected}, as {'an int' if is_whole else 'a number'}; got {value!r:.100}."
        )
    if isinstance(value, bool) or not minimum <= value <= maximum or value == math.inf:
        raise InvalidArgumentError(f"{name} must be {expected}; got {value!r:.100}.")


def require_positive(name: str, value: Any) -> None:
    """Validate a positive number of seconds, which may be infinite.

    Raises:
        TypeError: *value* is not a number.
        ValueError: *value* is not positive.
    """
    value = number(value)
    if not isinstance(value, (int, float)):
        raise InvalidArgumentTypeError(f"{name} must be positive, as a number of seconds; got {value!r:.100}.")
    if isinstance(value, bool) or not value > 0:
        raise InvalidArgumentError(f"{name} must be positive; got {value!r:.100}.")


def between(minimum: float, maximum: float = math.inf) -> Validator:
    """Return a validator of a number that may be ``None``; see `require_between`."""

    def validate(_: object, attribute: Attribute[Any], value: float | None) -> None:
        if value is not None:
            require_between(attribute.name, value, minimum, maximum)

    return validate


def whole_number(minimum: int, maximum: float = math.inf, default: Any = NOTHING) -> Any:
    """Return an attrs field for a whole number."""

    def validate(_: object, attribute: Attribute[Any], value: int) -> None:
        require_between(attribute.name, value, minimum, maximum, is_whole=True)

    return field(converter=number, validator=validate, default=default)


def time_limit(default: float) -> Any:
    """Return an attrs field for a positive number of seconds. Infinity stands for no limit."""

    def validate(_: object, attribute: Attribute[Any], value: float) -> None:
        require_positive(attribute.name, value)

    return field(default=default, converter=seconds, validator=validate)


def optional_callable(_: object, attribute: Attribute[Any], value: object) -> None:
    """Validate a function that may be ``None``."""
    if value is not None and not callable(value):
        raise InvalidArgumentTypeError(f"{attribute.name} must be callable; got {value!r:.100}.")


HEADER_NAME: Final = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
"""A token of HTTP (RFC 9110, section 5.6.2)."""


def require_header(argument: str, name: object, value: object) -> None:
    """Validate a header.

    Args:
        argument: The argument with the header, for the error message.
        name: Name of the header.
        value: Its value, which is sent as text.

    Raises:
        ValueError: The name is not a token of HTTP, or the value is not printable text in one line.
    """
    if not (isinstance(name, str) and HEADER_NAME.fullmatch(name) and str(value).isprintable()):
        raise InvalidArgumentError(
            f"{argument}: {name!r} must be ASCII without spaces, its value printable text in one line."
        )


def valid_headers(argument: str, headers: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers of *argument* as text; ``None`` leaves a header out.

    Raises:
        ValueError: A header is invalid. The error does not show its value, which may be a secret.
    """
    for name, value in headers.items():
        require_header(argument, name, value)
    return {name: str(value) for name, value in headers.items() if value is not None}


def require_regular_file(path: str | os.PathLike[str]) -> os.stat_result:
    """Return the status of a file, which is not opened: to open a pipe or a device may block for good.

    Raises:
        ValueError: The path is that of something else than a regular file.
        OSError: The file does not exist, or cannot be reached.
    """
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        kind = _FILE_KINDS.get(stat.S_IFMT(status.st_mode), "no file")
        raise InvalidArgumentError(f"{os.fspath(path)} is {kind}; expected a regular file.{_HINTS.get(kind, '')}")
    return status


_FILE_KINDS: Final[Mapping[int, str]] = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_HINTS: Final[Mapping[str, str]] = {
    "a directory": " client.bulk.index() takes directories.",
    "a pipe": " client.assets.upload() takes a pipe that the caller has opened.",
}
