"""The official client and both of our_model, connected to one server that records their requests."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Mapping
from inspect import Parameter
from operator import itemgetter
from typing import Any

import httpx
import twelvelabs
import twelvelabs.entity_collections.entities
import twelvelabs.imports
import twelvelabs.indexes.indexed_assets
from attrs import frozen

import twelvelabs_async
from twelvelabs_async import AsyncTwelveLabs, TwelveLabs

from support import official
from support.arguments import build
from support.recorder import Recorder, Request

# Methods that send several requests. Waits differ in what they poll: the upload session, where the official SDK reads
# all pages of parts.
SEVERAL_REQUESTS = {
    "multipart_upload.upload_file",
    "multipart_upload.wait_for_upload_completion",
    "tasks.create_bulk",
    "tasks.wait_for_done",
}
# The official SDK cannot send this request, because it parses the path as a URL with the scheme ``connections``.
NEVER_SENT = "data_connectors.authorize_connection"
METHODS = sorted(set(official.method_names()) - SEVERAL_REQUESTS - {NEVER_SENT})
OFFICIAL = {
    **{
        name: getattr(package, name)
        for package in (
            twelvelabs.entity_collections.entities,
            twelvelabs.imports,
            twelvelabs.indexes,
            twelvelabs.indexes.indexed_assets,
        )
        for name in dir(package)
    },
    **{name: getattr(twelvelabs.types, name) for name in twelvelabs.types.__all__},
}


URL = {"method": "url", "url": "https://example.com/a.mp4"}


@frozen
class ComparedRequest:
    """The part of a request that is compared; parameters and parts are sorted."""

    method: str
    path: str
    query: list[tuple[str, str]]
    key: str
    content_type: str | None
    json: Any
    parts: list[tuple[str, str | None, str | None, bytes]]


def compared(request: Request) -> ComparedRequest:
    return ComparedRequest(
        request.method,
        request.path,
        sorted(request.query),
        request.headers["x-api-key"],
        request.content_type,
        request.json,
        sorted(
            ((part.name, part.filename, part.content_type, part.content) for part in request.parts), key=itemgetter(0)
        ),
    )


class Clients:
    """The official client and both of our_model, connected to one recorder."""

    def __init__(self, recorder: Recorder, runner: asyncio.Runner, http: httpx.Client) -> None:
        self.recorder = recorder
        self.runner = runner
        self.official = official.sync_client(recorder.url, "key", http)
        self.sync = TwelveLabs(api_key="key", base_url=recorder.url)
        self.aio = AsyncTwelveLabs(api_key="key", base_url=recorder.url)

    def official_requests(self, name: str, arguments: Mapping[str, Any]) -> list[Request]:
        self.recorder.requests.clear()
        result = official.find(self.official, name)(**build(arguments, OFFICIAL.__getitem__))
        if inspect.isgenerator(result):
            list(result)
        return [*self.recorder.requests]

    def sync_requests(self, name: str, arguments: Mapping[str, Any]) -> list[Request]:
        self.recorder.requests.clear()
        result = official.find(self.sync, name)(**build(arguments, our_model))
        if inspect.isgenerator(result):
            list(result)
        return [*self.recorder.requests]

    def async_requests(self, name: str, arguments: Mapping[str, Any]) -> list[Request]:
        self.recorder.requests.clear()
        self.async_result(name, arguments)
        return [*self.recorder.requests]

    def async_result(self, name: str, arguments: Mapping[str, Any]) -> Any:
        async def call() -> Any:
            result = official.find(self.aio, name)(**build(arguments, our_model))
            return [item async for item in result] if inspect.isasyncgen(result) else await result

        return self.runner.run(call())


def our_model(name: str) -> Any:
    return getattr(twelvelabs_async, name)


SAMPLES = {
    "index_name": "n",
    "models": [{"model_name": "m", "model_options": ["visual"]}],
    "search_options": ["visual"],
    "user_metadata": {"a": 1},
    "method": "url",
    "filename": "a.mp4",
    "type": "video",
    "total_size": 1,
    "start": 1,
    "count": 1,
    "completed_chunks": [],
    "requests": [{"video": {"type": "asset_id", "asset_id": "x"}}],
    "items": [{"source_id": "a"}],
    "input": [{"type": "message", "role": "user", "content": "?"}],
    "videos": [{"video_url": URL["url"]}],
    "asset_ids": ["x"],
    "item_ids": ["x"],
    "entities": [{"name": "x", "asset_ids": ["x"]}],
    "query": {"text": "x"},
}

VIDEO = {"video": {"type": "url", "url": "https://u.example"}}
# Methods that require one of several optional parameters.
ALTERNATIVES: dict[str, dict[str, Any]] = {
    "analyze": VIDEO,
    "analyze_stream": VIDEO,
    "analyze_async.tasks.create": VIDEO,
    "assets.create": URL,
    "tasks.create": {"index_id": "x", "video_url": "https://example.com/a.mp4"},
    "embed.create": {"model_name": "m", "text": "t"},
    "embed.tasks.create": {"model_name": "m", "video_url": URL["url"]},
}


def required_arguments(name: str) -> dict[str, Any]:
    """Return values for the parameters that a method requires."""
    parameters = inspect.signature(official.function(name)).parameters.values()
    required = [parameter.name for parameter in parameters if parameter.default is Parameter.empty]
    arguments = {parameter: SAMPLES.get(parameter, "x") for parameter in required}
    return ALTERNATIVES.get(name, arguments)
