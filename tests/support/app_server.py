"""A server of a few routes, in the event loop of the test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from attrs import frozen


@frozen
class AppServer:
    """The base URL of a server, and the key for its clients."""

    url: str
    api_key: str = "tlk_0123456789"


@asynccontextmanager
async def serve(*routes: web.RouteDef) -> AsyncIterator[AppServer]:
    """Serve *routes*; a request whose client leaves is cancelled."""
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        yield AppServer(f"http://{host}:{port}/v1.3")
    finally:
        await runner.cleanup()
