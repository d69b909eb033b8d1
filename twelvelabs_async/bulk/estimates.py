"""Estimate of what one source needs, made once: before it is begun, or for a plan."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Final, cast, get_args

from attrs import define, evolve, field, frozen

from .._threads import run_in_thread
from ..media.types import MediaKind, kind_of
from ..options import MAX_CHUNKS_PER_CALL, MAX_DIRECT_UPLOAD, RateLimitCategory
from .preflight import ExaminedFile, examine_file
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
        refused: Kinds of files that the operation cannot process, and the reasons.
        windows: Start and end in seconds of the part that is processed, by the kind of file. Default: the whole file.
        max_window: Maximum length of that part in seconds. Default: no limit.
        multipart_threshold: Size in bytes above which a file is sent in parts.
    """

    category: RateLimitCategory
    requests: Mapping[RateLimitCategory, float] = field(factory=dict["RateLimitCategory", float])
    tokens: int = 0
    refused: Mapping[MediaKind, str] = field(factory=dict["MediaKind", str])
    windows: Mapping[MediaKind, tuple[float, float]] = field(factory=dict["MediaKind", "tuple[float, float]"])
    max_window: float = math.inf
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

    def refusals(self, file: ExaminedFile) -> list[str]:
        """Return the reasons why the operation cannot process a file, as far as they are certain."""
        kind = kind_of(file.media_type)
        if kind is None or file.has_other_content:
            return []
        if kind in self.refused:
            return [self.refused[kind]]
        start, end = self.windows.get(kind, (0.0, 0.0))
        seconds = file.exact_duration
        if kind not in self.windows or seconds is None:
            return []
        if round(start) > 0 and start >= seconds:
            return [f"The part to process begins at {start:,g} s, but the length is {seconds:,.1f} s."]
        if round(min(end, seconds) - start) > self.max_window:
            return [
                f"The part to process has {min(end, seconds) - start:,.0f} s; expected at most {self.max_window:,.0f}. "
                "State a part of the video with start_time and end_time."
            ]
        return []


def refused_kinds(taken: Collection[MediaKind], page: str, advice: str = "") -> dict[MediaKind, str]:
    """Return the kinds of files that an operation does not take, and the reason for each.

    Args:
        taken: Kinds that the operation takes.
        page: Page of the documents.
        advice: What else to do with other kinds.
    """
    expected = " or ".join(sorted(taken))
    sentences = {kind: f"It is of the kind {kind}; expected {expected} (docs: {page})." for kind in get_args(MediaKind)}
    return {kind: f"{text} {advice}".strip() for kind, text in sentences.items() if kind not in taken}


@frozen
class Estimate:
    """Needs of one source.

    Attributes:
        usage: What it needs.
        violations: Documented limits that its file exceeds.
    """

    usage: Usage
    violations: Sequence[str] = ()


@define
class SharedUploads:
    """Places of the sources that were counted with their upload. Several sources may have one file."""

    _places: set[str] = field(factory=set[str], init=False)

    def usage(self, source: BulkSource, estimate: Estimate, demand: Demand) -> Usage:
        """Return what a source needs, without its upload if that was counted with an earlier source."""
        if "assets" not in estimate.usage.requests:
            return estimate.usage
        if source.place in self._places:
            return evolve(estimate.usage, bytes=0, requests=demand.usage(has_asset=True).requests)
        self._places.add(source.place)
        return estimate.usage


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
    examined = await run_in_thread(examine_file, source.name, models)
    usage = demand.usage(has_asset=has_asset, size=examined.size)
    set_duration(usage, examined.media.duration, examined.media_type, demand)
    return Estimate(usage, [*demand.refusals(examined), *examined.violations])


def set_duration(usage: Usage, seconds: object, media_type: object, demand: Demand) -> None:
    """Set the duration of a source, from its file or its asset. Images and documents have none.

    Args:
        usage: Usage of the source.
        seconds: Duration of the file.
        media_type: Its media type.
        demand: What the operation needs. Only the part of the file counts that it processes.
    """
    kind = kind_of(media_type) if isinstance(media_type, str) else None
    is_known = isinstance(seconds, int | float) and 0 <= seconds < math.inf
    start, end = demand.windows.get(kind or "video", (0.0, math.inf))
    duration = max(0.0, min(end, float(cast("float", seconds))) - start) if is_known else 0.0
    usage.minutes = duration / 60
    usage.unknown = int(kind not in ("image", "document") and not is_known)
