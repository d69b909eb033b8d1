"""Faults that tests inject: responses that fail, come late, or never come."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from typing import Any

import attrs


@attrs.define
class Fault:
    """Fault of the next matching requests; see `Emulator.fail`, `drop` and `delay`.

    Attributes:
        acted: The request is processed all the same.
        status: Status of the response; `None` keeps the platform's own response.
        drop: The connection is reset instead of a response.
        delay: Real seconds before the response.
    """

    method: str
    path: str
    times: int = 1
    skip: int = 0
    acted: bool = False
    status: int | None = None
    body: Any = None
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    drop: bool = False
    delay: float = 0.0


class Faults:
    """Faults that are still to happen."""

    def __init__(self) -> None:
        self._pending: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Add a fault after those that were added before."""
        self._pending.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """Return the oldest fault that matches a request and count it."""
        for fault in self._pending:
            if matches(fault.method, fault.path, method, path):
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                if not fault.times:
                    self._pending.remove(fault)
                return fault
        return None


def matches(expected: str, pattern: str, method: str, path: str) -> bool:
    """Return whether a request has a method, or any for ``*``, and a path that matches an `fnmatch` pattern."""
    return expected in ("*", method) and fnmatch.fnmatchcase(path, pattern)
