"""A process that calls a server whose responses do not end: ``endless URL KEY NAME…``.

For each name it prints the class of the error, and the largest memory so far beyond that of a small response.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from twelvelabs_async import AsyncTwelveLabs, TwelveLabsError, _pagination, _transport, webhooks

UNTIL_TIMEOUT = ("event of comments", "header of blanks", "hints before the response", "chunk extension")
"""Responses that only the timeout ends."""
VIDEO: Any = {"type": "asset_id", "asset_id": "a"}
QUESTION: Any = {"knowledge_store_id": "ks", "input": [{"type": "message", "role": "user", "content": "?"}]}


async def retrieve(client: AsyncTwelveLabs) -> object:
    return await client.indexes.retrieve("i")


async def read(stream: Any) -> None:
    async for _ in stream:
        pass


CALLS: dict[str, Callable[[AsyncTwelveLabs], Awaitable[object]]] = {
    "line": lambda client: read(client.analyze_stream(video=VIDEO, prompt="?")),
    "event": lambda client: read(client.responses.create_stream(**QUESTION)),
    "list": lambda client: client.indexes.ensure("a", models=[{"model_name": "a", "model_options": ["visual"]}]),
    "search": lambda client: client.search.query(index_id="i", search_options=["visual"], query_text="a").to_arrow(),
    "upload": lambda client: client.assets.upload(Path(__file__), multipart_threshold=0),
    "webhook": lambda _: asyncio.to_thread(webhooks.unwrap, b"a" * 100_000_000, {"TL-Signature": "t=1,v1=a"}, "secret"),
}
"""How a response is read, by the first part of the name. All others are read as JSON."""


def peak() -> int:
    """Return the largest memory so far in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


async def main(url: str, key: str, *names: str) -> None:
    """Make each call, and print its error as JSON."""
    _pagination.MAX_PAGES = 300  # type: ignore[misc]  # the real limits would take minutes
    limit = _transport.MAX_RESPONSE_BYTES
    async with AsyncTwelveLabs(api_key=key, base_url=url, max_retries=0) as client:
        await client.indexes.retrieve("small")
        start = peak()
        for name in names:
            call = CALLS.get(name.partition(" ")[0], retrieve)
            settings: Any = {"timeout": 0.4} if name in UNTIL_TIMEOUT else {}
            _transport.MAX_RESPONSE_BYTES = limit if name == "JSON" else limit // 8  # type: ignore[misc]
            error = ""
            try:
                await call(client.with_options(headers={"x-answer": name}, **settings))
            except TwelveLabsError as caught:
                error = type(caught).__name__
            print(json.dumps([name, error, peak() - start]), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
