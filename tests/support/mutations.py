"""Servers between a client and the emulator that change the JSON of responses."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import aiohttp
from aiohttp import web

from support.recorder import Recorder

DEEP: Final = "[" * 10_000 + "]" * 10_000
ODD: Final = [
    "null", "true", "false", "0", "-1", "5", str(2**70), "1e999", "-1e999", "1.5", "NaN", "9" * 5000, "[]", "{}",
    '""', '"."', '"x"', '"ready"', '"failed"', '"\\ud800"', '"\\u0000"', '"a\\nb"', '"http://[bad"', '"2024-01-01"',
    '"2024-01-01T00:00:00Z"', '"https://example.com"', '["ready"]', "[null]", "[1, null, []]", '[{"_id": null}]',
    '{"message": 5}', '{"a": {"b": [1]}}', "[[" * 25 + "]]" * 25,
    "[" * 90 + "]" * 90, '{"a":' * 400 + "1" + "}" * 400, DEEP,
]  # fmt: skip
"""Values as JSON, which any value of a response may be replaced by."""


def encode(value: Any) -> str:
    """Return *value* as JSON; instances of `Raw` in it stand for themselves."""
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, dict):
        return f"{{{', '.join(f'{json.dumps(str(key))}: {encode(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(encode, value))}]"
    return json.dumps(value)


class Raw:
    """JSON text in the place of a value."""

    def __init__(self, text: str) -> None:
        self.text = text


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each container in a JSON value with each of its keys."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from places(value[key])


def mutate(text: str, chance: random.Random) -> str:
    """Return a JSON text with one to three changes: another value, a missing one, one twice."""
    value = json.loads(text)
    for _ in range(chance.randint(1, 3)):
        found = [*places(value)]
        if not found or chance.random() < 0.03:
            return chance.choice(ODD)
        container, key = chance.choice(found)
        how = chance.random()
        if how < 0.7:
            container[key] = Raw(chance.choice(ODD))
        elif how < 0.9 or isinstance(container, list):
            del container[key]
        else:  # a key twice
            container[key] = Raw(f"{encode(container[key])}, {json.dumps(key)}: {chance.choice(ODD)}")
    return encode(value)


class ChangingProxy(Recorder):
    """A recorder that forwards requests to the server at *url*, and changes what that responds."""

    def __init__(self, url: str, api_key: str) -> None:
        super().__init__()
        self.api_key = api_key
        self._target = url.removesuffix("/v1.3")
        self._session: aiohttp.ClientSession | None = None

    def change(self, request: str, text: str, content_type: str) -> str:
        """Return the body of the response to a request, given as its method and path."""
        raise NotImplementedError

    async def _handle(self, request: web.BaseRequest) -> web.Response:
        self._session = self._session or aiohttp.ClientSession(self._target)
        headers = {name: value for name, value in request.headers.items() if name != "Host"}
        body = await request.read()
        async with self._session.request(request.method, request.raw_path, headers=headers, data=body) as response:
            text, status, kind = await response.text(), response.status, response.content_type
        if status < 300 and text:
            text = self.change(f"{request.method} {request.path.removeprefix('/v1.3')}", text, kind)
        return web.Response(status=status, body=text.encode(), content_type=kind)

    async def _serve(self, started: Any) -> None:
        await super()._serve(started)
        if self._session is not None:
            await self._session.close()


class Mutator(ChangingProxy):
    """A proxy that mutates at random.

    Attributes:
        chance: Decides about the changes.
    """

    chance: random.Random

    def change(self, request: str, text: str, content_type: str) -> str:
        if content_type == "application/json":
            return mutate(text, self.chance) if self.chance.random() < 0.5 else text
        lines = text.split("\n")  # of a stream
        for number, line in enumerate(lines):
            start = line.find("{")
            if start >= 0 and self.chance.random() < 0.3:
                lines[number] = line[:start] + mutate(line[start:], self.chance)
        return "\n".join(lines)


class OddAnswers(ChangingProxy):
    """A proxy that changes every second response to matching requests, until each change was made once.

    Attributes:
        pattern: Pattern of method and path.
        changes: Functions that take the JSON of a response and return another.
    """

    def __init__(self, url: str, api_key: str) -> None:
        super().__init__(url, api_key)
        self.pattern = ""
        self.changes: list[Callable[[Any], Any]] = []
        self._is_next = False

    def change(self, request: str, text: str, content_type: str) -> str:
        if not (self.changes and re.fullmatch(self.pattern, request)):
            return text
        self._is_next = not self._is_next
        return encode(self.changes.pop(0)(json.loads(text))) if self._is_next else text
