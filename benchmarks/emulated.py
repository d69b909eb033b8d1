"""Emulator in a process of its own, which counts requests and drops old jobs."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from attrs import frozen

from twelvelabs_async.testing import Emulator

KEPT: Final = 2000
"""Number of the newest jobs that are kept: more than are ever in flight. A longer list takes longer to read."""


@frozen
class Emulated:
    """An emulator in another process; its key is ``key``."""

    address: str
    _process: subprocess.Popen[str]

    def counts(self) -> Counter[str]:
        """Return the number of responses since the previous call, by method and status: ``POST 201``."""
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


def _forget(emulator: Emulator, counts: Counter[str]) -> None:
    """Count and drop the requests that have responses, and drop old jobs."""
    open_requests = [request for request in emulator.requests if request.status is None]
    counts.update(f"{request.method} {request.status}" for request in emulator.requests if request.status is not None)
    emulator.requests[:] = open_requests
    tables: list[dict[str, Any]] = [emulator.state.assets]
    tables += [index.indexed_assets for index in emulator.state.indexes.values()]
    for table in tables:
        for old in list(table)[:-KEPT]:
            del table[old]


def _forget_every_second(emulator: Emulator, counts: Counter[str], is_over: threading.Event) -> None:
    while not is_over.wait(1):
        emulator.call(lambda: _forget(emulator, counts))


def _serve() -> None:
    counts, is_over = Counter[str](), threading.Event()
    with Emulator(api_key="key", **json.loads(sys.argv[1])) as emulator:
        forgetting = threading.Thread(target=_forget_every_second, args=(emulator, counts, is_over))
        forgetting.start()
        print(emulator.url.removesuffix("/v1.3"), flush=True)
        for _ in sys.stdin:
            time.sleep(0.1)  # for the last responses to be sent
            emulator.call(lambda: _forget(emulator, counts))
            print(json.dumps(counts), flush=True)
            counts.clear()
        is_over.set()
        forgetting.join()


if __name__ == "__main__":
    _serve()
