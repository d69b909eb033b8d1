"""What can be set for a client or for a single call, and the limits the API puts on requests."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, Literal, Protocol, TypedDict, cast

__all__ = ["OMIT", "Limiter", "RateLimitCategory", "RequestOptions"]

RateLimitCategory = Literal["indexing", "assets", "search", "analyze", "embed", "knowledge", "other"]
"""Operations that share a rate limit (docs: Rate limits). ``knowledge`` is the search of knowledge stores."""

BASE_URL: Final = "https://api.twelvelabs.io/v1.3"
DEFAULT_TIMEOUT: Final = 600.0
DEFAULT_MAX_RETRIES: Final = 2

MAX_PAGE_LIMIT: Final = 50
"""Most items on a page (docs: every list method)."""
MAX_DIRECT_UPLOAD: Final = 200 * 1000 * 1000
"""Most bytes of a file sent in one request (docs: Direct uploads)."""
MAX_CHUNKS_PER_CALL: Final = 50
"""Most parts named in one call: fresh URLs, or reports (docs: Multipart uploads)."""
MAX_BATCH_REQUESTS: Final = 1000
"""Most requests in a batch (docs: Create a batch)."""
MAX_RESPONSE_SIZE: Final = 256 * 1024 * 1024
"""Most bytes of an answer, unpacked: some hours of embeddings fit, a decompression bomb does not."""


class _Omit(Enum):
    OMIT = "OMIT"

    def __repr__(self) -> str:
        return "OMIT"


OMIT: Final[Any] = _Omit.OMIT
"""Leaves an optional field out of a request; ``None`` sends JSON ``null``."""


def is_given(value: object) -> bool:
    """Whether an optional argument has a value."""
    return value is not None and value is not OMIT


class RequestOptions(TypedDict, total=False):
    """Settings for one call; they hold for every request it makes: retries, later pages, polls, parts.

    Attributes:
        timeout_in_seconds: Seconds for a request with all its retries. Default, also if ``None``: the client's, 600.
        max_retries: How often a failed request is sent again. Default: the client's, 2.
        additional_headers: Headers to send besides, or instead of, the usual ones.
        additional_query_parameters: Query parameters to add.
        additional_body_parameters: Fields to add to the body.
        chunk_size: Bytes to read at once from a streamed answer. Default: whatever has arrived.
    """

    timeout_in_seconds: float | None
    max_retries: int
    additional_headers: Mapping[str, Any]
    additional_query_parameters: Mapping[str, Any]
    additional_body_parameters: Mapping[str, Any]
    chunk_size: int


def check_options(options: RequestOptions) -> None:
    """Complain of settings that cannot be.

    Raises:
        TypeError: There is no setting of that name.
        ValueError: It is out of its range.
    """
    given, known = cast("Mapping[str, Any]", options), RequestOptions.__annotations__
    for name in given:
        if name not in known:
            from difflib import get_close_matches  # here, since it takes a while to load

            names = get_close_matches(name, known, cutoff=0.5) or known
            raise TypeError(f"request_options has no {name!r}: did you mean {' or '.join(map(repr, names))}?")
    timeout, retries = given.get("timeout_in_seconds"), given.get("max_retries", 0)
    if timeout is not None and not timeout > 0:
        raise ValueError(f"timeout_in_seconds must be above 0, not {timeout}")
    if retries is None or not retries >= 0:
        raise ValueError(f"max_retries must be 0 or more, not {retries}")


class Limiter(Protocol):
    """Lets several clients or processes share one account: awaited before each request is sent.

    Example:
        A fixed share of the account's rate for this process::

            class Share:
                async def __call__(self, category: str) -> None:
                    await my_token_bucket.take()

            client = AsyncTwelveLabs(limiter=Share())
    """

    async def __call__(self, category: str) -> None:
        """Return when a request may be sent.

        Args:
            category: The endpoints that share a rate limit: ``indexing``, ``assets``, ``search``, ``analyze``,
                ``embed``, ``knowledge`` (searches of knowledge stores), or ``other``.
        """
        ...
