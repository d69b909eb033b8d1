"""Decoding: models from the bodies of responses, without a request."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, Final

import httpx
import msgspec
import twelvelabs
from twelvelabs.core.pydantic_utilities import parse_obj_as
from twelvelabs.indexes.indexed_assets.types.indexed_assets_list_response import IndexedAssetsListResponse

import twelvelabs_async
from twelvelabs_async import structure

from . import payloads
from .measure import Case, Row, interleaved


class IndexedAssetPage(twelvelabs_async.Model):
    """A page of indexed assets."""

    data: list[twelvelabs_async.IndexedAsset] | None = None
    page_info: twelvelabs_async.PageInfo | None = None


DETAILED: Final = (twelvelabs_async.IndexedAssetDetailed, twelvelabs.IndexedAssetDetailed)
PAGE: Final = (IndexedAssetPage, IndexedAssetsListResponse)
EMBEDDINGS: Final = "600 x 512 embeddings"
SEARCH: Final = (twelvelabs_async.SearchResults, twelvelabs.SearchResults)


async def decoding(_: str) -> AsyncIterator[Row]:
    """Bodies of the usual sizes, and one with fields that neither client knows."""
    for body_name, data, (ours, official), times in (
        ("page of 50 assets", payloads.page(1), PAGE, 100),
        ("page of 50 assets with an unknown field each", payloads.page(1, unknown={"tier": "gold"}), PAGE, 100),
        ("search page of 50", payloads.search(), SEARCH, 100),
        ("2,000 transcript segments", payloads.transcription(), DETAILED, 20),
        (EMBEDDINGS, payloads.embeddings(), DETAILED, 1),
    ):
        body = payloads.encoded(data)

        async def with_msgspec(body: bytes = body, ours: Any = ours) -> None:
            structure(msgspec.json.decode(body), ours)

        async def with_json(body: bytes = body, ours: Any = ours) -> None:
            structure(json.loads(body), ours)

        async def with_official(body: bytes = body, official: Any = official) -> None:
            parse_obj_as(official, httpx.Response(200, content=body).json())

        got = await interleaved(
            rounds=9,
            repeat={"msgspec": times, "json": times, "official": -(-times // 20)},
            msgspec=with_msgspec,
            json=with_json,
            official=with_official,
        )
        yield Row(f"decode {body_name}, msgspec: official / ours", got.ratio("official", "msgspec"), at_least=40)
        # Nearly all of our time with embeddings is that of json.loads.
        at_least = 20 if body_name != EMBEDDINGS else None
        yield Row(f"decode {body_name}, json: official / ours", got.ratio("official", "json"), at_least=at_least)


CASES: Final[dict[str, Case]] = {"decoding": decoding}
