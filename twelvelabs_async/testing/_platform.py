"""What all resources of one emulated platform share: its clock, its ids, its settings, the files it was sent."""

from __future__ import annotations

import fnmatch
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
from aiohttp import web

from ._clock import Clock, rfc3339
from ._content import Script

Seconds = float | Callable[[str], float]


def _ids() -> Iterator[str]:
    return (f"{0x66A1B2C3D4E5F60000000000 + number:024x}" for number in itertools.count(1))


@attrs.define(eq=False)
class Platform:
    """Settings and services of one emulator; the tables of the resources stand beside it in the application."""

    clock: Clock
    processing_time: Seconds
    indexing_time: Seconds
    analysis_time: Seconds
    embedding_time: Seconds
    chunk_size: int
    urls_per_session: int
    upload_headers: dict[str, str]
    folder: Path = Path()
    storage_url: str = ""
    served: dict[str, bytes | Path] = attrs.field(factory=dict[str, "bytes | Path"])
    _patterns: list[tuple[str, Script]] = attrs.field(factory=list[tuple[str, Script]])
    _scripts: dict[str, Script] = attrs.field(factory=dict[str, Script])
    _ids: Iterator[str] = attrs.field(factory=_ids)

    def new_id(self) -> str:
        """24 hex digits, the same ones in each run: ids count up."""
        return next(self._ids)

    def now(self) -> float:
        return self.clock.now()

    def timestamp(self) -> str:
        return rfc3339(self.clock.now())

    def script(self, filename: str, script: Script) -> None:
        if any(sign in filename for sign in "*?["):
            self._patterns.append((filename, script))
        else:
            self._scripts[filename] = self._scripts.get(filename, Script()).overlaid(script)

    def scripted(self, filename: str) -> Script:
        """What was scripted for a file name: by patterns in the order they were given, then by the very name."""
        found = Script()
        for pattern, script in self._patterns:
            if filename == pattern or fnmatch.fnmatchcase(filename, pattern):
                found = found.overlaid(script)
        return found.overlaid(self._scripts.get(filename, Script()))


PLATFORM = web.AppKey("platform", Platform)


def seconds(time: Seconds, filename: str) -> float:
    return time(filename) if callable(time) else time
