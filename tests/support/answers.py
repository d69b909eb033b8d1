"""A server between a client and the emulator that changes whole responses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from aiohttp import web
from attrs import define

from support.recorder import Proxy


@define
class Answer:
    """A response; *body* is decoded JSON, or text."""

    status: int
    headers: dict[str, str]
    body: Any


class AnswerProxy(Proxy):
    """A proxy that changes the responses to some requests.

    Attributes:
        pattern: Pattern of method and path.
        change: Function that changes a response.
    """

    def __init__(self, url: str, api_key: str, pattern: str, change: Callable[[Answer], object]) -> None:
        super().__init__(url)
        self.api_key = api_key
        self.pattern = pattern
        self.change = change

    async def _handle(self, request: web.BaseRequest) -> web.Response:
        sent, response, content = await self._forward(request)
        text, headers = content.decode(), dict(response.headers)
        for name in ("Content-Length", "Transfer-Encoding"):
            headers.pop(name, None)
        answer = Answer(response.status, headers, text)
        if re.fullmatch(self.pattern, f"{sent.method} {sent.path.removeprefix('/v1.3')}"):
            if response.content_type == "application/json" and text:
                answer.body = json.loads(text)
            self.change(answer)
        body = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        return web.Response(status=answer.status, headers=answer.headers, body=body.encode())
