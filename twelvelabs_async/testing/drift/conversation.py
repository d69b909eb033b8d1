"""A conversation with one service: requests in order, and the deletion of what they made."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any, Final

from attrs import define, field

from ..._client import AsyncTwelveLabs
from ..._files import open_files
from ...errors import APIConnectionError, APIStatusError, InvalidArgumentError
from ...models.multipart_upload import PresignedUrlChunk
from ..recordings.format import Body, Exchange, RecordedRequest, RecordedResponse
from .answers import answer, code_of, state_of, text_at, without_others
from .samples import sample
from .step import Step, deletion_of

MAX_POLLS: Final = 120
MAX_DELETIONS: Final = 36
"""Attempts to delete what is in use."""
MAX_LEFT_OVER: Final = 3
NOT_FOUND: Final = 404
KEPT: Final = re.compile(r"https?://\S+|(?!\.+$)[^\s/?#%]+")
"""Values that later paths can contain: URLs, ids and tokens."""
NO_RESPONSE: Final = "no response"
IN_USE: Final = ("status 400", "status 409")


@define
class Conversation:
    """A conversation with one service.

    Args:
        client: Client of the service.
        mark: Part of the names of everything that the conversation makes.
        pause: Awaited between two requests for the state of a job.
        notify: Called with each step before its first request.

    Attributes:
        exchanges: Requests and responses by the label of their step.
        skipped: Steps without a request, and the reasons.
    """

    client: AsyncTwelveLabs
    mark: str
    pause: Callable[[], Awaitable[None]]
    notify: Callable[[Step], object] = lambda _: None
    exchanges: dict[str, list[Exchange]] = field(factory=dict[str, list[Exchange]], init=False)
    skipped: dict[str, str] = field(factory=dict[str, str], init=False)
    _known: dict[str, str] = field(factory=dict[str, str], init=False)
    _made: list[Step] = field(factory=list[Step], init=False)
    _left: dict[str, str] = field(factory=dict[str, str], init=False)

    @property
    def left(self) -> dict[str, str]:
        """Return the requests that would delete what is left, with the reasons why they have not done it."""
        return self._left | {step.request: "interrupted" for step in self._made}

    async def run(self, steps: Iterable[Step], left_over: Step) -> None:
        """Send the requests of *steps*, and delete what they made, also after a failure or a cancellation.

        Args:
            left_over: Finds something that was made although no step has kept its id.

        Raises:
            APIConnectionError: The service does not respond.
        """
        self._known["mark"] = self.mark
        try:
            for step in steps:
                await (_to_its_end(self._take(step)) if step.undo else self._take(step))
        finally:
            await self._delete_all()
            with suppress(APIConnectionError):
                for _ in range(MAX_LEFT_OVER):
                    await self._take(left_over)
                    await self._delete_all()

    async def _take(self, step: Step) -> None:
        """Send the request of a step, until its job is done, and keep what later steps need."""
        if missing := step.needs - self._known.keys():
            self.skipped[step.label] = f"there is no {', '.join(sorted(missing))}"
            return
        self.notify(step)
        filled = step.filled(self._known)
        response = await self._send(filled)
        for _ in range(MAX_POLLS):
            if not step.until or response.status >= 400 or state_of(response) in step.until:
                break
            await self.pause()
            response = await self._send(filled)
        if response.status >= 400 or (step.until and state_of(response) != step.until[0]):
            return
        kept = {
            name: text
            for name, place in step.keep.items()
            if (text := text_at(response, place)) and KEPT.fullmatch(text)
        }
        if step.undo and kept:
            self._made.append(Step(deletion_of(step.name), f"DELETE {step.undo}").filled(self._known | kept))
        if not step.is_refused:
            self._known |= kept

    async def _delete_all(self) -> None:
        """Delete what was made, the latest first, and what is in use after what uses it."""
        for _ in range(MAX_DELETIONS):
            for step in reversed([*self._made]):
                reason = await self._delete(step)
                if reason == NO_RESPONSE:  # each further request would wait as long
                    self._left |= {made.request: reason for made in self._made}
                    self._made.clear()
                    return
                if reason not in IN_USE:
                    self._made.remove(step)
                    self._left |= {step.request: reason} if reason else {}
            if not self._made:
                return
            await self.pause()
        self._left |= {step.request: "in use" for step in self._made}
        self._made.clear()

    async def _delete(self, step: Step) -> str:
        """Delete something. Return the reason if it is not gone."""
        try:
            response = await self._send(step)
        except APIConnectionError:
            return NO_RESPONSE
        is_gone = response.status < 300 or response.status == NOT_FOUND or code_of(response) == "resource_not_exist"
        return "" if is_gone else f"status {response.status}"

    async def _send(self, step: Step) -> RecordedResponse:
        """Send a request, and note it with its response.

        Raises:
            APIConnectionError: There is no response.
        """
        method, _, path = step.request.partition(" ")
        sent = Body("json", step.json if step.form is None else step.form)
        request = RecordedRequest(method, path, [*(step.query or {}).items()], body=sent)
        try:
            response = await (self._send_part(path) if "://" in path else self._request(method, path, step))
        except InvalidArgumentError:  # has no response: this client has not sent the request
            raise
        except APIStatusError as error:
            content = error.body if isinstance(error.body, str) else json.dumps(error.body)
            response = answer(error.status_code or 0, error.headers, content.encode())
        except APIConnectionError:
            if step.undo:
                self._left[f"{step.request}, with the mark {self.mark}"] = "no response, so it may exist"
            raise
        shown = without_others(response, self._known[step.own]) if step.own else response
        self.exchanges.setdefault(step.label, []).append(Exchange(0.0, request, shown))
        return response

    async def _request(self, method: str, path: str, step: Step) -> RecordedResponse:
        response = await self.client.with_raw_response.request(
            method,
            path,
            query=step.query,
            json=step.json,
            form=step.form,
            files={name: sample(kind, self.mark) for name, kind in (step.files or {}).items()} or None,
            headers=step.headers,
            into=bytes,
        )
        return answer(response.status_code, response.headers, response.data)

    async def _send_part(self, url: str) -> RecordedResponse:
        """Upload the clip to the storage."""
        async with open_files(file=sample("clip", self.mark)) as [(_, file)]:
            part = await file.part(0, file.size)
            transport = self.client._transport  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
            return answer(200, await transport.send_part(PresignedUrlChunk(url=url), part, {}))


async def _to_its_end(step: Coroutine[Any, Any, None]) -> None:
    """Await a step that makes something. A cancellation waits for the response, which has the id of what is made."""
    task = asyncio.create_task(step)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
    finally:
        task.cancel()  # at a second cancellation
