"""Pickling: errors and models pass between processes, clients and what they return lazily do not."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from twelvelabs_async import AsyncTwelveLabs, IndexSchema, JobFailedError, TwelveLabs, TwelveLabsError, errors
from twelvelabs_async.testing import Emulator

from support.samples import fail_job

ARGUMENTS: dict[str, dict[str, Any]] = {
    "APIError": {
        "status_code": 409,
        "headers": {"x-request-id": "r1"},
        "body": {"a": [1]},
        "code": "c",
        "message": "m",
    },
    "InvalidArgumentError": {},
    "JobFailedError": {"job": IndexSchema(id="i1"), "reason": "no"},
    "WaitTimeoutError": {"job": IndexSchema(id="i1")},
    "UploadError": {"chunk_index": 3, "original_error": errors.ConflictError("no", status_code=409), "upload_id": "u1"},
    "QuotaExhaustedError": {"resume_at": datetime(2026, 1, 1, tzinfo=UTC)},
}
ERRORS = [
    cls
    for name in errors.__all__
    if isinstance(cls := getattr(errors, name), type) and issubclass(cls, TwelveLabsError) and name != "ApiError"
]


def example(cls: type[TwelveLabsError]) -> TwelveLabsError:
    """Return an error with all attributes."""
    arguments = next((ARGUMENTS[base.__name__] for base in cls.__mro__ if base.__name__ in ARGUMENTS), {})
    return cls("It failed.", **arguments)


@pytest.mark.parametrize("cls", ERRORS)
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_errors_keep_all_attributes(cls: type[TwelveLabsError], copied: Callable[[Any], Any]) -> None:
    """There is no error class that a process pool could not return."""
    error = example(cls)
    found = copied(error)
    assert type(found) is cls
    assert str(found) == str(error) == "It failed."
    assert repr(vars(found)) == repr(vars(error))


def test_a_process_pool_returns_errors() -> None:
    """A pool hangs or breaks if it cannot read the error of a worker."""
    with (
        ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool,
        pytest.raises(JobFailedError) as caught,
    ):
        pool.submit(fail_job).result(60)
    assert caught.value.job == IndexSchema(id="i1")


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
def test_what_uses_connections_is_refused_by_name(emulator: Emulator, copied: Callable[[Any], Any]) -> None:
    """The error says what to do instead."""
    client = AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.url)
    with TwelveLabs(api_key=emulator.api_key, base_url=emulator.url) as blocking:
        for thing in (
            client,
            client.indexes,
            client.indexes.list(),
            client.bulk,
            client.bulk.index("i1", ["https://host/a.mp4"]),
            blocking,
            blocking.indexes,
            blocking.indexes.list(),
            blocking.bulk,
            blocking.bulk.index("i1", ["https://host/a.mp4"]),
        ):
            with pytest.raises(
                TypeError, match=f"^{type(thing).__name__} has no pickled form.*Create a client in each"
            ):
                copied(thing)
    with pytest.raises(TypeError, match=r"^AsyncIndexes has no pickled form"):
        pickle.dumps(client.indexes.retrieve)
