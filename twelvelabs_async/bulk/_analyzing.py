"""From a source to what is said about it, once: by a task of its own, or in a batch with others."""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import anyio
from attrs import define, field

from .._failures import is_about_input, was_not_processed
from ..errors import (
    APIError,
    GatewayTimeoutError,
    JobFailedError,
    NotFoundError,
    WaitTimeoutError,
)
from ..models.analyze_async import AnalyzeTaskResponse, AnalyzeTaskResult, BatchResultItem
from ..options import MAX_BATCH_REQUESTS, MAX_PAGE_LIMIT, RequestOptions
from ._engine import ATTEMPTS, Work
from ._journal import Entry
from ._uploading import Ingesting, look_again

if TYPE_CHECKING:
    from ..client import AsyncTwelveLabs

Analysis: TypeAlias = Work[AnalyzeTaskResult]

# docs: Create a batch. Its 2,000 hours of video are no matter: each of the 1,000 may have 2 hours.
MAX_ACTIVE: Final = 5
"""Most batches of an account that are under way."""
LIFETIME: Final = 25 * 3600.0
"""Seconds after which a batch has ended for certain: it expires after 24 hours."""
TOO_LATE: Final = "batch_processing_timeout"
"""Error code of what was being analyzed when its batch expired."""
QUIET: Final = 5
"""Intervals without anything new after which a batch is sent."""


@define(eq=False)
class Batch:
    """A batch, how many will still ask what became of it, and what the first of them found out, by task."""

    askers: int = 0
    asking: asyncio.Lock = field(factory=asyncio.Lock)
    found: Mapping[str, BatchResultItem] | Exception | None = None


@define(eq=False)
class Batches:
    """Packs analyses into batches, and tells what becomes of them.

    Nothing is at work here that could outlive the run: whoever is first in the line sends what waits behind, too, and
    who first asks what became of a batch finds out for all.
    """

    client: AsyncTwelveLabs
    question: Mapping[str, Any]
    interval: float
    options: RequestOptions | None
    _most: int = field(default=MAX_BATCH_REQUESTS, init=False)
    _line: asyncio.Lock = field(factory=asyncio.Lock, init=False)
    _waiting: deque[Analysis] = field(factory=deque[Analysis], init=False)
    _errors: dict[Analysis, Exception] = field(factory=dict[Analysis, Exception], init=False)
    _batches: dict[str, Batch] = field(factory=dict[str, Batch], init=False)

    async def submit(self, work: Analysis) -> None:
        """Bring an analysis into a batch: its entry has the ids of both then."""
        self._waiting.append(work)
        async with self._line:
            if work.entry.task_id is None and work not in self._errors:
                try:
                    await self._room()
                except Exception as refusal:  # no other would fare better
                    self._errors |= dict.fromkeys(self._waiting, refusal)
                    self._waiting.clear()
                else:
                    await self._send()
        if (error := self._errors.pop(work, None)) is not None:
            raise error.with_traceback(None)  # others raise it, too

    async def _room(self) -> None:
        """Wait until enough has gathered, or nothing new comes, and the account may have one more batch."""
        seen = 0
        while seen < len(self._waiting) < self._most:
            seen = len(self._waiting)
            await asyncio.sleep(QUIET * self.interval)
        while True:
            under_way = await self.client.analyze_async.batches.list(
                status=["pending", "processing", "canceling"], page_limit=MAX_ACTIVE, request_options=self.options
            )
            if len(under_way.items or ()) < MAX_ACTIVE:
                return
            await asyncio.sleep(QUIET * self.interval)

    async def _send(self) -> None:
        """Make a batch of those that have waited longest."""
        pack = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        intents = (work.intend("analyzing") for work in pack)
        for work, error in zip(pack, await asyncio.gather(*intents, return_exceptions=True), strict=True):
            if isinstance(error, Exception):
                self._errors[work] = error
        await self._create([work for work in pack if work not in self._errors])

    async def _create(self, pack: Sequence[Analysis]) -> None:
        """Create a batch; of one that is refused, halves, until it is clear which requests are to blame."""
        defaults: Any = {**self.question}
        model_name, mode = defaults.pop("model_name", "pegasus1.5"), defaults.pop("analysis_mode", "general")
        if "prompt" in defaults:
            defaults["prompt"] = {"input_text": defaults["prompt"]}
        try:
            created = await self.client.analyze_async.batches.create(
                model_name=model_name,
                analysis_mode=mode,
                defaults=defaults,
                requests=[{"video": _video(work.entry), "custom_id": str(work.entry.token)} for work in pack],
                request_options=self.options,
            )
            tasks = {item.custom_id: item.task_id for item in created.items}
            for work in pack:
                work.entry.task_id, work.entry.batch_id = tasks[work.entry.token], created.batch_id
            self._batches[created.batch_id] = Batch(len(pack))
        except Exception as error:  # whatever it is, all have to hear of it
            if is_about_input(error) and len(pack) > 1:
                middle = len(pack) // 2
                await self._create(pack[:middle])
                await self._create(pack[middle:])
                return
            if isinstance(error, GatewayTimeoutError):
                self._most = max(1, len(pack) // 2)  # docs: Create a batch
            for work in pack:
                self._errors[work] = error
                if was_not_processed(error):  # nothing was created that would have to be looked for
                    work.entry.state = "uploaded"

    async def results(self, batch_id: str) -> Mapping[str, BatchResultItem]:
        """Wait until a batch has ended, in whatever way, and return what became of its requests, by task."""
        batch = self._batches.setdefault(batch_id, Batch())
        async with batch.asking:
            batch.found = batch.found or await self._find_out(batch_id)
        batch.askers -= 1
        if batch.askers <= 0 or isinstance(batch.found, Exception):
            self._batches.pop(batch_id, None)
        if isinstance(batch.found, Exception):
            raise batch.found.with_traceback(None)
        return batch.found

    async def _find_out(self, batch_id: str) -> Mapping[str, BatchResultItem] | Exception:
        batches = self.client.analyze_async.batches
        try:
            with suppress(JobFailedError):  # it was canceled, or expired
                await batches.wait_until_ready(
                    batch_id, timeout=LIFETIME, interval=self.interval, request_options=self.options
                )
            results = batches.results(batch_id, request_options=self.options)
            return {item.task_id: item async for item in results}
        except (APIError, WaitTimeoutError) as error:
            return error


@define(eq=False)
class Analyzing:
    """Uploads and analyzes.

    Attributes:
        question: What is asked of each video.
        batches: Where the analyses are that are in batches.
        batch: Whether new ones are.
        ingest: Brings a source to an asset that is ready.
        places: Room for the assets that are being analyzed at once.
        timeout: Seconds that a task may take if it is in no batch.
    """

    client: AsyncTwelveLabs
    question: Mapping[str, Any]
    batches: Batches
    batch: bool
    ingest: Ingesting
    places: anyio.Semaphore
    timeout: float
    interval: float
    options: RequestOptions | None

    async def begin(self) -> None:
        """Every account can analyze."""

    async def __call__(self, work: Analysis) -> AnalyzeTaskResult:
        """Return what is said about a source."""
        entry = work.entry
        for _ in range(ATTEMPTS):
            if entry.task_id is None:
                await self.ingest(work)
            async with self.places:
                if entry.task_id is None:
                    await self._recall(entry)
                    if entry.task_id is None:
                        await (self.batches.submit(work) if self.batch else self._create(work))
                    await work.save()
                    await work.tell("analyzing")
                with suppress(NotFoundError):  # it was deleted, or its 30 days are over
                    if (answer := await self._answer(entry)) is not None:
                        return answer
            entry.state, entry.task_id, entry.batch_id = "uploaded", None, None
        raise JobFailedError(f"Its analysis was submitted {ATTEMPTS} times, and not once carried out.")

    async def _recall(self, entry: Entry) -> None:
        """Note the task that an earlier try has created, or a name for the one to come."""
        if entry.state != "analyzing":
            entry.token = uuid.uuid4().hex
            return

        async def look() -> AnalyzeTaskResponse | None:
            tasks = self.client.analyze_async.tasks.list(
                asset_id=entry.asset_id, page_limit=MAX_PAGE_LIMIT, request_options=self.options
            )
            async for task in tasks:
                if task.custom_id == entry.token:
                    return task
            return None

        if (task := await look_again(look, self.interval)) is not None:
            entry.task_id, entry.batch_id = task.task_id, task.batch_id

    async def _create(self, work: Analysis) -> None:
        entry = work.entry
        options: RequestOptions = {**(self.options or {})}
        options["additional_headers"] = {**options.get("additional_headers", {}), "Idempotency-Key": entry.token}
        await work.intend("analyzing")
        try:
            created = await self.client.analyze_async.tasks.create(
                custom_id=str(entry.token), video=_video(entry), request_options=options, **self.question
            )
        except APIError as error:
            if was_not_processed(error):
                entry.state = "uploaded"
            raise
        entry.task_id = created.task_id

    async def _answer(self, entry: Entry) -> AnalyzeTaskResult | None:
        """What is said in the end; ``None`` if the batch has ended without it."""
        task_id = str(entry.task_id)
        if entry.batch_id is None:
            task = await self.client.analyze_async.tasks.wait_until_ready(
                task_id, timeout=self.timeout, interval=self.interval, request_options=self.options
            )
            return task.result
        item = (await self.batches.results(entry.batch_id)).get(task_id)
        if item is None or (item.error is not None and item.error.code == TOO_LATE):
            return None
        if item.status == "failed":
            reason = item.error.message if item.error is not None else "the API gives no reason"
            raise JobFailedError(f"The analyze task {task_id} failed: {reason}.", job=item, reason=reason)
        return item.data


def _video(entry: Entry) -> Any:
    return {"type": "asset_id", "asset_id": str(entry.asset_id)}
