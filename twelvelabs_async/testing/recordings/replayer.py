"""`replay`: a server that gives recorded responses."""

from __future__ import annotations

import asyncio
from pathlib import Path
from time import perf_counter
from typing import Final

from aiohttp import web
from attrs import evolve

from ..loopback import reset_connection
from .bodies import body_bytes
from .format import RecordedRequest, RecordedResponse, Recording
from .matching import Script, exact_text
from .scrubbing import ORIGIN
from .server import RecordingServer

NOT_RECORDED: Final = 501
"""Status of the response to a request that was not recorded. No client retries it."""


class NotRecordedError(AssertionError):
    """A program sent other requests than those that were recorded."""


def replay(
    path: str | Path, *, strict: bool = False, pauses: float = 0.0, scrub_texts: bool = False, port: int = 0
) -> Replayer:
    """Give the responses of a recording to programs, without a network.

    The result is a context manager and a server on loopback. A request gets the response to the same recorded request:
    method, path, query and body are compared. The order of requests does not matter, nor do the times of polls. If a
    request was not recorded, its response has the status 501 and names the nearest recorded request. At the end of the
    ``with`` block, the same text is raised.

    Args:
        path: The recording.
        strict: Replay each response exactly once: a program must send all recorded requests, and no other ones.
            Default: `False`.
        pauses: Factor for the recorded pauses of responses, also within streams. 1 replays them as they were, 0 without
            pauses. Default: 0.
        scrub_texts: The value with which the recording was made.
        port: Port; 0 takes a free one. Default: 0.

    Raises:
        RecordingError: The file is no recording.
        NotRecordedError: At the end of the block, if the program sent other requests.

    Example:
        ::

            with replay("talk.jsonl") as recorded:
                client = TwelveLabs(api_key=recorded.api_key, base_url=recorded.url)
                client.indexes.create("talks", models=["marengo3.0"])
    """
    return Replayer(path, strict=strict, pauses=pauses, scrub_texts=scrub_texts, port=port)


class Replayer(RecordingServer):
    """Server that gives recorded responses; see `replay`.

    Attributes:
        unrecorded: Why requests had no recorded response, a text for each.
    """

    def __init__(self, path: str | Path, *, strict: bool, pauses: float, scrub_texts: bool, port: int) -> None:
        recording = Recording.read(path)
        super().__init__(path, base_url=recording.base_url, api_key="tlk_replay", scrub_texts=scrub_texts, port=port)
        self.unrecorded: list[str] = []
        self._strict = strict
        self._pauses = pauses
        self._script = Script(recording.exchanges, strict=strict)

    def problem(self) -> NotRecordedError | None:
        """Return in what the requests differ from the recorded ones; ``None`` if they do not."""
        if self.unrecorded:
            others = f" {len(self.unrecorded) - 1} more were not." if len(self.unrecorded) > 1 else ""
            return NotRecordedError(f"{self.path}: {self.unrecorded[0]}{others}")
        unused = self._script.unused if self._strict else []
        if unused:
            first = f"{unused[0].request} in line {unused[0].line}"
            return NotRecordedError(
                f"{self.path}: {len(unused)} recorded requests were not sent; the first is {first}."
            )
        return None

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        sent = self._received(request, await request.read())
        exchange = self._script.take(sent)
        if exchange is None:
            return self._not_recorded(sent)
        self._scrubber.bind_tokens(exact_text(exchange.request), exact_text(sent))
        if exchange.response is None:
            return reset_connection(request)
        await asyncio.sleep(exchange.response.seconds * self._pauses)
        return await self._respond(request, exchange.response)

    def _not_recorded(self, sent: RecordedRequest) -> web.Response:
        reason = self._scrubber.restore(self._script.explain(sent), ORIGIN)
        self.unrecorded.append(reason)
        return web.json_response({"code": "not_recorded", "message": reason}, status=NOT_RECORDED)

    async def _respond(self, request: web.Request, recorded: RecordedResponse) -> web.StreamResponse:
        origin, body = self._origin_for(request), recorded.body
        headers = {name: value for name, value in recorded.headers.items() if value != "***"}
        headers = self._scrubber.restore(headers, origin)
        if body and body.kind in ("json", "text", "chunks"):
            body = evolve(body, value=self._scrubber.restore(body.value, origin))
        if body is None or body.kind != "chunks":
            return web.Response(status=recorded.status, headers=headers, body=body_bytes(body))
        response = web.StreamResponse(status=recorded.status, headers=headers)
        await response.prepare(request)
        started_at = perf_counter()
        for seconds, text in body.value:
            await asyncio.sleep(max(0.0, started_at + seconds * self._pauses - perf_counter()))
            if text is None:
                return reset_connection(request)
            await response.write(text.encode(errors="surrogateescape"))
        return response
