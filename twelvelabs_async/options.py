"""Request options, limits of the API, and defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final, Literal, Protocol, TypeAlias, TypedDict

__all__ = ["OMIT", "Limiter", "RateLimitCategory", "RequestOptions", "TwelveLabsEnvironment"]

BASE_URL: Final = "https://api.twelvelabs.io/v1.3"
REQUEST_TIMEOUT: Final = 600.0
CONNECT_TIMEOUT: Final = 30.0
MAX_RETRIES: Final = 2
MAX_CONNECTIONS: Final = 100
"""Connections that serve requests of one kind at once, unless ``max_connections`` is given."""

MAX_PAGE_LIMIT: Final = 50
"""At most 50 items are on a page (docs: every list method)."""
MAX_DIRECT_UPLOAD: Final = 200 * 1000 * 1000
"""At most this many bytes of a file are sent in one request (docs: Direct uploads)."""
MAX_UPLOAD: Final = 10 * 1024**3
"""At most this many bytes of a file are sent in parts (docs: Multipart uploads)."""
MAX_ANALYZED_SECONDS: Final = 2 * 60 * 60
"""At most two hours of a video are analyzed at once, the tightest limit of its length (docs: Analyze videos)."""
MAX_CHUNKS_PER_CALL: Final = 50
"""At most 50 parts are named in one request for URLs or report (docs: Multipart uploads)."""
MAX_BATCH_REQUESTS: Final = 1000
"""At most 1,000 requests are in a batch (docs: Create a batch)."""

RateLimitCategory: TypeAlias = Literal[
    "indexing",
    "assets",
    "search",
    "analyze",
    "analyze_tasks",
    "embed",
    "embed_audio",
    "embed_video",
    "knowledge",
    "responses",
    "other",
]
"""Requests that share a rate limit (docs: Rate limits).

``analyze_tasks`` is for batches as well. ``embed`` is for all inputs but audio and video. ``knowledge`` is search in
knowledge stores.
"""
EMBED_CATEGORIES: Final[Mapping[str, RateLimitCategory]] = {"audio": "embed_audio", "video": "embed_video"}
"""Rate limits of embeddings by type of input. All other types count as ``embed``."""


class _Omit(Enum):
    OMIT = "OMIT"

    def __repr__(self) -> str:
        return "OMIT"


OMIT: Final[Any] = _Omit.OMIT
"""Leaves an optional field out of a request; ``None`` sends JSON ``null``."""


def is_given(value: object) -> bool:
    """Return whether an optional argument has a value."""
    return value is not None and value is not OMIT


class RequestOptions(TypedDict, total=False):
    """Settings for every request of one call: retries, later pages, polls and parts included.

    Attributes:
        timeout_in_seconds: Seconds for a request with all its retries. Default, also if ``None``: the client's, 600.
        max_retries: Retries of a failed request. Default: the client's, 2.
        additional_headers: Headers to add or replace.
        additional_query_parameters: Query parameters to add.
        additional_body_parameters: Fields to add to the body.
        chunk_size: Bytes to read at once from a stream. Default: as many as have arrived.
    """

    timeout_in_seconds: float | None
    max_retries: int
    additional_headers: Mapping[str, Any]
    additional_query_parameters: Mapping[str, Any]
    additional_body_parameters: Mapping[str, Any]
    chunk_size: int


class TwelveLabsEnvironment(Enum):
    """Base URLs of the API, by the official SDK's names."""

    DEFAULT = BASE_URL


class Limiter(Protocol):
    """A rate limiter that several clients or processes share. It is awaited before each request.

    Example:
        A fixed share of the account's rate for this process::

            class Share:
                async def __call__(self, category: str) -> None:
                    await my_token_bucket.take()

            client = AsyncTwelveLabs(limiter=Share())
    """

    async def __call__(self, category: RateLimitCategory) -> Callable[[Mapping[str, str]], object] | None:
        """Return when a request may be sent.

        Args:
            category: The rate limit that the request counts against.

        Returns:
            A function that is called once the request is over, with the headers of the response, or without any if
            none arrived. ``None`` if nothing is to be called.
        """
        ...
