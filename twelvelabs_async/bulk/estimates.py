"""Estimate of what one source needs, made once: before it is begun, or for a plan."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, cast

from attrs import field, frozen

from .._threads import run_in_thread
from ..media.types import kind_of, media_type_of
from ..options import MAX_CHUNKS_PER_CALL, MAX_DIRECT_UPLOAD, RateLimitCategory
from .preflight import examine_file
from .sources import BulkSource
from .usage import Usage

PART_BYTES: Final = 5 * 1024 * 1024
"""Size of a part, for the number of requests. The API decides about it, and no document states it."""


@frozen(kw_only=True)
class Demand:
    """Needs of an operation for each source, beside an asset.

    Attributes:
        category: Category of the requests that create the jobs.
        requests: Number of requests by category, without polls.
        tokens: Tokens of the answer, at most.
        multipart_threshold: Size in bytes above which a file is sent in parts.
    """

    category: RateLimitCategory
    requests: Mapping[RateLimitCategory, float] = field(factory=dict["RateLimitCategory", float])
    tokens: int = 0
    multipart_threshold: int = MAX_DIRECT_UPLOAD

    def usage(self, *, has_asset: bool, size: int = 0) -> Usage:
        """Return what a source needs, apart from its duration.

        Args:
            has_asset: Whether the source has been uploaded.
            size: Size of the file in bytes. 0 if the source is no file.
        """
        usage = Usage(sources=1, tokens=self.tokens)
        usage.add_requests(self.requests)
        if not has_asset:
            usage.bytes = size
            usage.add_requests({"assets": 1})
        if not has_asset and size > self.multipart_threshold:
            parts = math.ceil(size / PART_BYTES)  # one report for each, URLs for 50, and one for the asset's metadata
            usage.add_requests({"other": parts + math.ceil(parts / MAX_CHUNKS_PER_CALL) + 1})
        return usage


@frozen
class Estimate:
    """Needs of one source.

    Attributes:
        usage: What it needs.
        violations: Documented limits that its file exceeds.
    """

    usage: Usage
    violations: Sequence[str] = ()


async def estimate_source(
    source: BulkSource, demand: Demand, models: Sequence[str], *, has_asset: bool = False
) -> Estimate:
    """Return the estimate of a source. The header of a file is read.

    Args:
        source: The source.
        demand: What the operation needs for each source.
        models: Models that the asset is for.
        has_asset: Whether the source has been uploaded.

    Raises:
        OSError: The file cannot be read.
    """
    if source.kind != "file":
        usage = demand.usage(has_asset=has_asset or source.kind == "asset")
        usage.unknown = 1
        return Estimate(usage)
    media, size, violations = await run_in_thread(examine_file, source.name, models)
    usage = demand.usage(has_asset=has_asset, size=size)
    set_duration(usage, media.duration, media_type_of(source.name))
    return Estimate(usage, violations)


def set_duration(usage: Usage, seconds: object, media_type: object) -> None:
    """Set the duration of a source, from its file or its asset. Images and documents have none."""
    is_known = isinstance(seconds, int | float) and 0 <= seconds < math.inf
    usage.minutes = float(cast("float", seconds)) / 60 if is_known else 0.0
    has_duration = not isinstance(media_type, str) or kind_of(media_type) not in ("image", "document")
    usage.unknown = int(has_duration and not is_known)
