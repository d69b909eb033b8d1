"""Requests to an emulator over plain HTTP, without any SDK."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from twelvelabs_async.testing import Emulator

from .samples import video

VIDEO = video()
MARENGO = [{"model_name": "marengo3.0", "model_options": ["visual", "audio"]}]


@contextmanager
def connect(emulator: Emulator) -> Iterator[httpx.Client]:
    """Yield an HTTP client of an emulator, with its key and base URL."""
    # Without `verify`, loading certificates would take longer than a test.
    with httpx.Client(base_url=emulator.url, headers={"x-api-key": emulator.api_key}, verify=False, timeout=60) as api:
        yield api


def create_index(api: httpx.Client, name: str = "clips") -> str:
    """Create an index with Marengo and return its id."""
    return str(api.post("/indexes", json={"index_name": name, "models": MARENGO}).json()["_id"])


def upload(api: httpx.Client, filename: str, content: bytes = VIDEO, **fields: str) -> str:
    """Upload a file in one request and return the id of its asset."""
    files = {"file": (filename, content)}
    return str(api.post("/assets", data={"method": "direct", **fields}, files=files).json()["_id"])


def index_files(api: httpx.Client, emulator: Emulator, index_id: str, *filenames: str, **fields: Any) -> list[str]:
    """Upload and index files, advance the clock until they are ready, and return the ids of the indexed assets."""
    assets = [upload(api, filename) for filename in filenames]
    emulator.advance(60)
    items = [api.post(f"/indexes/{index_id}/indexed-assets", json={"asset_id": asset, **fields}) for asset in assets]
    emulator.advance(60)
    return [item.json()["_id"] for item in items]


def error(response: httpx.Response) -> tuple[int, str]:
    """Return the status and the code of an error response, whose error may be nested."""
    body = response.json()
    return response.status_code, body.get("error", body)["code"]
