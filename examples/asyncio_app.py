"""A web service that indexes uploaded videos in the background and searches them.

Run ``python examples/asyncio_app.py``; then, for example::

    curl -F file=@examples/media/rocket_countdown.mp4 localhost:8080/videos
    curl localhost:8080/videos
    curl 'localhost:8080/search?q=lift+off'
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

from aiohttp import BodyPartReader, web

from twelvelabs_async import AsyncTwelveLabs, TwelveLabsError

from demo import MODELS, platform

CLIENT = web.AppKey("client", AsyncTwelveLabs)
INDEX_ID = web.AppKey("index_id", str)
QUEUE = web.AppKey("queue", asyncio.Queue[Path])
STATES = web.AppKey("states", dict[str, str])


async def run_client(app: web.Application) -> AsyncIterator[None]:
    """Run a client, and a task that indexes, as long as the application runs."""
    async with AsyncTwelveLabs() as client:
        app[CLIENT] = client
        app[INDEX_ID] = (await client.indexes.ensure("app", models=MODELS)).id
        indexing = asyncio.create_task(index_uploads(app))
        yield
        indexing.cancel()
        with suppress(asyncio.CancelledError):
            await indexing


async def index_uploads(app: web.Application) -> None:
    """Index the files in the queue, in order of arrival."""

    async def sources() -> AsyncIterator[Path]:
        while True:
            yield await app[QUEUE].get()

    async for outcome in app[CLIENT].bulk.index(app[INDEX_ID], sources(), interval=0.5):
        app[STATES][Path(outcome.source).name] = f"{outcome.status} {outcome.error or ''}".strip()
        await asyncio.to_thread(os.unlink, outcome.source)


async def post_video(request: web.Request) -> web.Response:
    """Accept a file and queue it for indexing."""
    part = await (await request.multipart()).next()
    if not isinstance(part, BodyPartReader) or not part.filename:
        raise web.HTTPBadRequest(text="Send a form with a file.")
    path = Path(tempfile.mkdtemp()) / Path(part.filename).name
    with await asyncio.to_thread(path.open, "wb") as file:
        while chunk := await part.read_chunk(1 << 20):
            await asyncio.to_thread(file.write, chunk)
    request.app[STATES][path.name] = "indexing"
    await request.app[QUEUE].put(path)
    return web.json_response({"file": path.name}, status=202)


async def get_videos(request: web.Request) -> web.Response:
    """Return the status of each file."""
    return web.json_response(request.app[STATES])


async def get_search(request: web.Request) -> web.Response:
    """Search the files that are indexed so far."""
    app = request.app
    try:
        page = await app[CLIENT].search.query(
            index_id=app[INDEX_ID],
            search_options=["visual", "audio", "transcription"],
            query_text=request.query.get("q", ""),
        )
    except TwelveLabsError as error:
        raise web.HTTPBadGateway(text=str(error)) from error
    return web.json_response(
        [
            {"video": match.video_id, "start": match.start, "end": match.end, "transcription": match.transcription}
            for match in page.items or []
        ]
    )


def make_app() -> web.Application:
    app = web.Application(client_max_size=1 << 30)
    app[QUEUE], app[STATES] = asyncio.Queue(), {}
    app.cleanup_ctx.append(run_client)
    app.router.add_post("/videos", post_video)
    app.router.add_get("/videos", get_videos)
    app.router.add_get("/search", get_search)
    return app


if __name__ == "__main__":
    with platform():
        web.run_app(make_app(), host="127.0.0.1", port=8080)
