"""Bulk operations on the rows of Ray Data, and rate limits that all workers of a cluster share."""

from __future__ import annotations

import asyncio
import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial
from typing import Any, Final, Literal, TypeAlias

from ._api_key import redact_signatures
from ._client import AsyncTwelveLabs
from ._extras import require
from ._rate_limits import RateLimits, Slot
from ._urls import web_url
from .bulk.outcome import Outcome
from .bulk.run import AsyncRun
from .bulk.sinks.base import ArrowSchema, ArrowTable
from .bulk.sinks.rows import SHARED_COLUMNS
from .bulk.sources import TOKEN_KEY, BulkSource
from .errors import InvalidArgumentError
from .options import Limiter, RateLimitCategory

Operation: TypeAlias = Literal["index", "upload", "embed", "analyze"]
"""Name of a bulk method."""

IDS: Final[Mapping[Operation, Sequence[str]]] = {
    "index": ("asset_id", "indexed_asset_id"),
    "upload": ("asset_id",),
    "embed": ("asset_id", "task_id"),
    "analyze": ("asset_id", "task_id"),
}
"""Ids that rows get, by operation."""
MAX_WAITING: Final = 100_000
"""Requests of all workers that wait for a slot. Each worker has one for each category."""
LOST_SECONDS: Final = 60.0
"""Time without a response after which the worker of a request counts as killed."""


class BulkWorker:
    """A class for ``Dataset.map_batches`` that indexes, uploads, embeds or analyzes the URLs of rows.

    Rows get the ids of what was created, the columns that the operation has in a sink, ``status`` (``ready`` or
    ``failed``), ``error`` and ``reused``. They replace columns with the same names; the others are kept. With
    ``embed``, there is a row for each vector.

    Rows are known on the platform by their keys, so that nothing is created twice when Ray runs rows again.

    The workers mostly wait, so give them no CPU (``num_cpus=0``): if too little is left for the tasks that read the
    rows, these never start.

    Args:
        operation: ``index``, ``upload``, ``embed`` or ``analyze``.
        key: Column whose values identify rows. The signature of a presigned URL does not count. Default: ``url``.
        presign: Function that returns the URL of a key. It is called in the worker, just before the row is processed.
            Default: the URLs are in the column ``url``.
        limiter: Awaited before every request, such as a `SharedLimiter`.
        **arguments: Arguments of the bulk method, such as ``index_id`` or ``model_name``. With ``sink``, the results go
            to this sink, and the rows get no columns of it.

    Raises:
        ValueError: There is no such operation.

    Example:
        ::

            arguments = {"operation": "embed", "model_name": "marengo3.0", "key": "object", "presign": presign}
            vectors = objects.map_batches(BulkWorker, fn_constructor_kwargs=arguments, batch_size=100, num_cpus=0)
            vectors.write_lance("vectors.lance")
    """

    def __init__(
        self,
        operation: Operation,
        *,
        key: str = "url",
        presign: Callable[[str], str] | None = None,
        limiter: Limiter | None = None,
        **arguments: Any,
    ) -> None:
        if operation not in IDS:
            raise InvalidArgumentError(f"operation must be one of {', '.join(map(repr, IDS))}; got {operation!r:.100}.")
        self._run: Callable[..., AsyncRun[Any]] = getattr(AsyncTwelveLabs(limiter=limiter).bulk, operation)
        self._ids, self._key, self._presign, self._arguments = IDS[operation], key, presign, arguments

    async def __call__(self, batch: ArrowTable) -> ArrowTable:
        """Process a batch of rows, and return it with the new columns.

        Raises:
            TwelveLabsError: The API key is refused or a quota is exhausted. This ends the run.
        """
        rows = require("pyarrow", "twelvelabs_async[ray]").table(batch)
        keys = rows[self._key].to_pylist()
        urls = keys if self._presign else rows["url"].to_pylist()
        tokens = [key if key is None else BulkSource(str(key), "url").content_token(None) for key in keys]
        outcomes, sent, sink = dict[str | None, Outcome[Any]](), defaultdict[str, list[str]](list), _Tables()

        def sources() -> Generator[tuple[str, dict[str, str]], None, None]:
            """Yield each key once, when the run has a free place for it."""
            for token, url in dict(zip(tokens, urls, strict=True)).items():
                try:
                    if token is None or url is None:
                        raise InvalidArgumentError("The row has no key or no URL. Expected both.")
                    signed = web_url(self._presign(url) if self._presign else url)
                except Exception as error:  # the failure of this row
                    outcomes[token] = Outcome(str(url), error=error)
                else:
                    sent[signed].append(token)
                    yield signed, {TOKEN_KEY: token}

        async for outcome in self._run(sources=sources(), **{"sink": sink, **self._arguments}):
            outcomes |= {token: outcome for token in sent[outcome.source]}
        return _join(rows, sink.tables, tokens, [outcomes[token] for token in tokens], self._ids)


def _join(
    rows: ArrowTable,
    tables: Sequence[ArrowTable],
    tokens: Sequence[str | None],
    outcomes: Sequence[Outcome[Any]],
    ids: Sequence[str],
) -> ArrowTable:
    """Return rows with what a sink got about their tokens. A row about which it got nothing remains one row."""
    arrow = require("pyarrow", "twelvelabs_async[ray]")
    results = arrow.concat_tables(tables) if tables else arrow.table({"content": arrow.array([], arrow.string())})
    numbers = defaultdict[str | None, list[int | None]](list)
    for number, token in enumerate(results["content"].to_pylist()):
        numbers[token].append(number)
    pairs = [(row, number) for row, token in enumerate(tokens) for number in numbers.get(token, [None])]
    of_row = arrow.array([row for row, _ in pairs], arrow.int64())
    of_result = arrow.array([number for _, number in pairs], arrow.int64())
    texts = {name: [getattr(outcome, name) for outcome in outcomes] for name in (*ids, "status")}
    texts["error"] = [outcome.error and redact_signatures(str(outcome.error)) for outcome in outcomes]
    columns = {name: arrow.array(values, arrow.string()) for name, values in texts.items()}
    columns["reused"] = arrow.array([outcome.reused for outcome in outcomes], arrow.bool_())
    names = [name for name in results.column_names if name not in {*SHARED_COLUMNS, *ids}]
    table = (
        {name: rows[name].take(of_row) for name in rows.column_names}
        | {name: results[name].take(of_result) for name in names}
        | {name: column.take(of_row) for name, column in columns.items()}
    )
    if "error" in names:  # of an answer that does not fit its class
        compute = require("pyarrow.compute", "twelvelabs_async[ray]")
        table["error"] = compute.coalesce(table["error"], results["error"].take(of_result).combine_chunks())
    return arrow.table(table)


class _Tables:
    """A sink that keeps the rows of one batch."""

    def __init__(self) -> None:
        self.tables = list[ArrowTable]()

    def open(self, schema: ArrowSchema) -> Sequence[str]:
        """Begin with an empty table, which has the columns."""
        self.tables.append(schema.empty_table())
        return ()

    def write(self, keys: Sequence[str], rows: ArrowTable) -> None:
        """Keep rows."""
        self.tables.append(rows)


class SharedLimiter:
    """A limiter that keeps all workers of a cluster together within the rate limits of the account.

    What one worker learns of a limit from a response holds for all, as in one client: how many requests remain until
    when, for each category, and when minutes of media or tokens are used up. A worker that is killed gives its requests
    back after a minute.

    Args:
        per_minute: Maximum requests per minute, by rate-limit category, evenly distributed. Without it, and where the
            API reports no limits, nothing is limited.
        name: Name of the Ray actor that the workers share. Use one name for each account.
    """

    def __init__(
        self, per_minute: Mapping[RateLimitCategory, float] | None = None, *, name: str = "twelvelabs_async"
    ) -> None:
        ray = require("ray", "twelvelabs_async[ray]")
        survive = {"lifetime": "detached", "max_restarts": -1, "max_task_retries": -1}
        actor = ray.remote(_SharedLimits).options(
            name=name, namespace=name, get_if_exists=True, num_cpus=0, max_concurrency=MAX_WAITING, **survive
        )
        self._limits = actor.remote()
        self._per_minute = dict(per_minute or {})
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def __call__(self, category: RateLimitCategory) -> Callable[[Mapping[str, str]], object]:
        """Wait until a request may be sent, and return a function for the headers of its response."""
        async with self._locks[category]:
            number = await self._limits.acquire.remote(category, self._per_minute.get(category))
        return partial(self._release, number)

    def _release(self, number: int, headers: Mapping[str, str]) -> None:
        names = [name for name in headers if name.lower().startswith(("date", "retry-after", "x-ratelimit-"))]
        self._limits.release.remote(number, {name.lower(): headers[name] for name in names})


class _SharedLimits:
    """Rate limits of an account, in an actor for all workers of a cluster."""

    def __init__(self) -> None:
        self._limits = RateLimits()
        self._slots = dict[int, Slot]()
        self._numbers = itertools.count()
        self._next = dict[str, float]()

    async def acquire(self, category: RateLimitCategory, per_minute: float | None) -> int:
        """Wait until a request may be sent, and return its number."""
        loop = asyncio.get_running_loop()
        if per_minute:
            start = max(loop.time(), self._next.get(category, 0.0))
            self._next[category] = start + 60 / per_minute
            await asyncio.sleep(start - loop.time())
        slot = self._limits.slot(category, deadline=math.inf, limiter=None, request=category)
        await slot.acquire()
        number = next(self._numbers)
        self._slots[number] = slot
        loop.call_later(LOST_SECONDS, self._release, number, None)
        return number

    async def release(self, number: int, headers: Mapping[str, str]) -> None:
        """Record the headers of a response, which are empty if none arrived."""
        self._release(number, headers)

    def _release(self, number: int, headers: Mapping[str, str] | None) -> None:
        if (slot := self._slots.pop(number, None)) is not None:
            if headers:
                slot.record(headers)
            slot.release()
