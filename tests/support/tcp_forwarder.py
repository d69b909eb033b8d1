"""A process that forwards TCP connections, so that tests can kill it in place of a server: ``[PORT TARGET_PORT …]``."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from functools import partial


async def main(*ports: int) -> None:
    for port, target in zip(ports[::2], ports[1::2], strict=True):
        await asyncio.start_server(partial(connect, target), "127.0.0.1", port)
    await asyncio.Event().wait()


async def connect(target: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    there, back = await asyncio.open_connection("127.0.0.1", target)
    await asyncio.gather(pass_on(reader, back), pass_on(there, writer))


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    writer.close()


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
