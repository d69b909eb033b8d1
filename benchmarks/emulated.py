"""The package's emulator in a process of its own, which counts what it is asked and soon forgets what is over."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, Final

from attrs import frozen

from twelvelabs_async.testing import Emulator, Request
from twelvelabs_async.testing._assets import ASSETS
from twelvelabs_async.testing._indexes import INDEXES

KEPT: Final = 2000
"""The newest jobs that are kept: more than are ever under way. A longer list would take longer to read."""


@frozen
class Emulated:
    """An emulator in another process; its key is ``key``."""

    address: str
    _process: subprocess.Popen[str]

    def counts(self) -> Counter[str]:
        """How many requests have been answered since this was asked last, by method and status: ``POST 201``."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(file=self._process.stdin, flush=True)
        return Counter(json.loads(self._process.stdout.readline()))


@contextmanager
def emulated(**settings: Any) -> Iterator[Emulated]:
    """Start an emulator with these settings."""
    command = [sys.executable, "-m", __spec__.name, json.dumps(settings)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Emulated(process.stdout.readline().strip(), process)
        process.stdin.close()


class _Requests(deque[Request]):
    """The last requests; what was before them is only counted."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()

    def append(self, request: Request) -> None:
        super().append(request)
        if len(self) > KEPT:
            self._count(self.popleft())

    def _count(self, request: Request) -> None:
        self.counts[f"{request.method} {request.status}"] += 1

    def take(self) -> Counter[str]:
        for _ in range(len(self)):
            request = self.popleft()
            if request.status is None:
                super().append(request)  # still under way
            else:
                self._count(request)
        counts, self.counts = self.counts, Counter()
        return counts


def _forget(emulator: Emulator) -> None:
    tables: list[dict[str, Any]] = [emulator._app[ASSETS]]
    tables += [index.indexed_assets for index in emulator._app[INDEXES].values()]
    for table in tables:
        for old in list(table)[:-KEPT]:
            del table[old]
    emulator._loop.call_later(1, _forget, emulator)


def _serve() -> None:
    with Emulator(api_key="key", **json.loads(sys.argv[1])) as emulator:
        emulator.requests = requests = _Requests()  # type: ignore[assignment]
        emulator._loop.call_soon_threadsafe(_forget, emulator)
        print(emulator.url.removesuffix("/v1.3"), flush=True)
        for _ in sys.stdin:
            time.sleep(0.1)  # for the last answers to be on their way
            counts: Future[Counter[str]] = Future()
            emulator._loop.call_soon_threadsafe(lambda counts=counts: counts.set_result(requests.take()))
            print(json.dumps(counts.result()), flush=True)


if __name__ == "__main__":
    _serve()
