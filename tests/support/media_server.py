"""Files on a raw server, with or without ranges."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from .raw_server import Connection, Reply, Server, respond


def serve(files: Mapping[str, bytes], *, has_ranges: bool = True) -> Reply:
    """Return a reply that sends files, by their paths without the query."""

    def reply(connection: Connection) -> None:
        content = files.get(connection.request.target.partition("?")[0])
        if content is None:
            respond(404)(connection)
        else:
            send_file(connection, content, has_ranges=has_ranges)

    return reply


def send_file(connection: Connection, content: bytes, *, has_ranges: bool = True) -> None:
    """Send a file, or the range of it that is asked for. Unlike `respond`, change no byte."""
    wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", connection.request.headers.get("range", ""))
    status, range = "200 OK", ""
    if wanted and has_ranges:
        first, last = int(wanted[1]), min(int(wanted[2] or len(content)), len(content) - 1)
        status, range = "206 Partial Content", f"Content-Range: bytes {first}-{last}/{len(content)}\r\n"
        content = content[first : last + 1]
    connection.send(f"HTTP/1.1 {status}\r\n{range}Content-Length: {len(content)}\r\n\r\n".encode())
    connection.send(content)


def requested_ranges(server: Server) -> list[tuple[int, int]]:
    """Return the first and last bytes of the ranges that were requested, in their order in the file."""
    ranges = (re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("range", "")) for request in server.requests)
    return sorted((int(found[1]), int(found[2])) for found in ranges if found)


def folder_files(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by their paths on the server."""
    return {f"/{path.name}": path.read_bytes() for path in folder.iterdir()}
