"""Forecast: how long sources take by the limits of the account and of the run, and what they cost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast, get_args

from attrs import Attribute, asdict, field, frozen

from .._rate_limits import RateLimit
from .._validators import between, number, require_between
from ..errors import InvalidArgumentError, InvalidArgumentTypeError
from ..options import RateLimitCategory
from .options import BulkOptions
from .usage import Usage


def _quantities(_: object, attribute: Attribute[Any], value: Mapping[Any, Any]) -> None:
    for name, window in value.items():
        if not isinstance(window, tuple | list) or len(pair := cast("Sequence[Any]", window)) != 2:
            raise InvalidArgumentTypeError(
                f"{attribute.name} must have pairs of a quantity and seconds, such as (60, 60); got {window!r:.100}."
            )
        quantity, seconds = pair
        require_between(f"{attribute.name}[{name!r}]", quantity, 1)
        require_between(f"the window of {attribute.name}[{name!r}]", seconds, 0.001)


def _known_categories(_: object, attribute: Attribute[Any], value: Mapping[Any, Any]) -> None:
    known = get_args(RateLimitCategory)
    if unknown := [name for name in value if name not in known]:
        raise InvalidArgumentError(
            f"{attribute.name} has the unknown category {unknown[0]!r:.100}. Expected one of {', '.join(known)}."
        )


def _optional_quantity(_: object, attribute: Attribute[Any], value: tuple[float, float] | None) -> None:
    if value is not None:
        _quantities(_, attribute, {attribute.name: value})


@frozen(kw_only=True)
class Assumptions:
    """Assumptions of a forecast about the account and the platform. What is not stated is not counted.

    Attributes:
        rate_limits: Requests in a window, and its length in seconds, by category. Default: what responses to this
            client have reported.
        minutes: Minutes of video and audio in a window, and its length in seconds, such as ``(3600, 86400)``.
        bytes_per_second: Bandwidth of all uploads together. Default: the ``max_bytes_per_second`` of the run.
        processing_seconds: Seconds in which the platform processes an asset.
        processing_seconds_per_minute: Seconds in addition for each minute of video or audio.
        job_seconds: Seconds in which the platform indexes, embeds or analyzes an asset.
        job_seconds_per_minute: Seconds in addition for each minute of video or audio.

    Raises:
        ValueError: A number is not positive, or a category is unknown.
        TypeError: A number or a pair of numbers is something else.
    """

    rate_limits: Mapping[RateLimitCategory, tuple[float, float]] = field(
        factory=dict["RateLimitCategory", "tuple[float, float]"], validator=[_known_categories, _quantities]
    )
    minutes: tuple[float, float] | None = field(default=None, validator=_optional_quantity)
    bytes_per_second: float | None = field(default=None, converter=number, validator=between(1))
    processing_seconds: float = field(default=0.0, converter=number, validator=between(0))
    processing_seconds_per_minute: float = field(default=0.0, converter=number, validator=between(0))
    job_seconds: float = field(default=0.0, converter=number, validator=between(0))
    job_seconds_per_minute: float = field(default=0.0, converter=number, validator=between(0))


POLL_DELAY: Final = 0.75
"""Poll intervals after which a run notices that a job has ended, on average."""
UNKNOWN: Final = "unknown, not counted"


@frozen(kw_only=True)
class Forecast:
    """Needs of sources, with their time and cost.

    Attributes:
        usage: What they need.
        limits: Seconds that each limit allows them to take at least, such as ``requests of indexing`` or ``bandwidth``.
        latency: Seconds in addition: from the first source to the narrowest limit, and from there to the last outcome.
        cost: Cost by the prices of the run, or ``None`` if they do not state it.
        currency: Currency of the cost.
        assumptions: What the forecast assumes, and what it does not count because it is unknown. One sentence each.
    """

    usage: Usage
    limits: Mapping[str, float] = field(factory=dict[str, float])
    latency: float = 0.0
    cost: float | None = None
    currency: str | None = None
    assumptions: tuple[str, ...] = ()

    @property
    def narrowest(self) -> str | None:
        """Name of the limit that determines the time, or ``None`` if no limit is known."""
        return max(self.limits, key=lambda name: self.limits[name], default=None)

    @property
    def seconds(self) -> float | None:
        """Time in seconds, or ``None`` if no limit is known."""
        return None if self.narrowest is None else self.limits[self.narrowest] + self.latency

    def __str__(self) -> str:
        usage = self.usage
        parts = [f"{usage.sources:,} sources", f"{usage.minutes:,.1f} minutes", format_size(usage.bytes)]
        if self.seconds is not None:
            parts.append(format_seconds(self.seconds))
        if self.cost is not None:
            parts.append(f"{self.cost:,.2f} {self.currency}")
        return ", ".join(parts)

    def lines(self) -> list[str]:
        """Return lines of text: requests, time, cost and assumptions. There are none if there is nothing to do."""
        if not self.usage.sources:
            return []
        requests = [f"{math.ceil(count):,} {name}" for name, count in self.usage.requests.items() if count > 0]
        lines = [f"Requests, without polls: {', '.join(requests)}"]
        if self.seconds is not None:
            lines.append(f"Time: {format_seconds(self.seconds)}, by the limit of {self.narrowest}")
        if self.cost is not None:
            lines.append(f"Cost: {self.cost:,.2f} {self.currency}")
        return [*lines, *(f"  {assumption}" for assumption in self.assumptions)]

    def to_dict(self) -> dict[str, Any]:
        """Return the forecast as plain data, for JSON."""
        return {**asdict(self), "narrowest": self.narrowest, "seconds": self.seconds}


def format_size(number: float) -> str:
    """Return a number of bytes as text."""
    for unit in ("kB", "MB", "GB"):
        number /= 1000
        if number < 1000:
            return f"{number:,.1f} {unit}"
    return f"{number / 1000:,.1f} TB"


def format_seconds(seconds: float) -> str:
    """Return a duration as text, in its two largest units."""
    minutes, rest = divmod(math.ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


@frozen
class _Steps:
    """Number of sources in each step, and the seconds that one source takes."""

    uploads: int
    jobs: int
    upload: float
    processing: float
    job: float


def make_forecast(
    usage: Usage,
    category: RateLimitCategory,
    options: BulkOptions,
    assumptions: Assumptions,
    reported: Mapping[str, RateLimit],
) -> Forecast:
    """Return the forecast for the sum of the estimates of sources.

    Args:
        usage: Sum of the estimates.
        category: Category of the requests that create the jobs. An upload has none: its category is ``assets``.
        options: Settings of the run.
        assumptions: What the user states.
        reported: Rate limits that responses have reported.
    """
    known = usage.sources - usage.unknown
    minutes = usage.minutes / known if known else 0.0
    bandwidth = assumptions.bytes_per_second or options.max_bytes_per_second
    uploads, jobs = math.ceil(usage.requests.get("assets", 0)), 0 if category == "assets" else usage.sources
    processing = assumptions.processing_seconds + minutes * assumptions.processing_seconds_per_minute
    job = assumptions.job_seconds + minutes * assumptions.job_seconds_per_minute
    delay = POLL_DELAY * options.interval
    steps = _Steps(
        uploads,
        jobs,
        usage.bytes / bandwidth / uploads if uploads and bandwidth else 0.0,
        processing + delay if uploads and processing else 0.0,
        job + delay if jobs and job else 0.0,
    )
    windows = _windows(assumptions, reported)
    limits = _limits(usage, steps, options, windows)
    notes = [f"At most {limit:,g} requests of {name} in {seconds:,g} s" for name, (limit, seconds) in windows.items()]
    if assumptions.minutes is not None and jobs:
        limit, seconds = assumptions.minutes
        limits["minutes"] = math.floor(max(0.0, minutes * jobs - 1e-6) / limit) * seconds
        notes.append(f"At most {limit:,g} minutes of video and audio in {seconds:,g} s")
    if usage.bytes:
        notes.append(f"Bandwidth: {format_size(bandwidth)} per second" if bandwidth else f"Bandwidth: {UNKNOWN}")
    for name, count, seconds in (("an asset", uploads, processing), ("a job", jobs, job)):
        if count:
            notes.append(f"Time of the platform for {name}: {f'{seconds:,.1f} s' if seconds else UNKNOWN}")
    if usage.unknown:
        notes.append(f"Length of {usage.unknown:,} sources: unknown, taken to be the mean")
    is_priced = options.prices is not None and category in options.prices.categories
    return Forecast(
        usage=usage,
        limits=limits,
        latency=_latency(usage, steps, options, windows, max(limits, key=lambda name: limits[name], default="")),
        cost=options.prices.cost(usage, category) if options.prices is not None and is_priced else None,
        currency=options.prices.currency if options.prices is not None and is_priced else None,
        assumptions=tuple(notes),
    )


def _windows(
    assumptions: Assumptions, reported: Mapping[str, RateLimit]
) -> Mapping[RateLimitCategory, tuple[float, float]]:
    """Return requests and seconds of the windows that are known, by category.

    Sources have no modality here: of limits such as ``embed_audio`` and ``embed_video``, the narrower one counts.
    """
    windows: dict[RateLimitCategory, tuple[float, float]] = {}
    for name, limit in reported.items():
        kind = cast("RateLimitCategory", name.partition("_")[0])
        if limit.limit is not None and limit.window is not None:
            known = windows.get(kind, (math.inf, 1.0))
            windows[kind] = min(known, (limit.limit, limit.window), key=lambda pair: pair[0] / pair[1])
    return {**windows, **assumptions.rate_limits}


def _full_windows(usage: Usage, name: RateLimitCategory, limit: float) -> int:
    """Return the number of windows that pass before the last request of a category is sent."""
    return math.floor(max(0, math.ceil(usage.requests.get(name, 0)) - 1) / limit)


def _limits(
    usage: Usage, steps: _Steps, options: BulkOptions, windows: Mapping[RateLimitCategory, tuple[float, float]]
) -> dict[str, float]:
    """Return the seconds that each limit allows the sources to take at least."""
    limits = {
        f"requests of {name}": _full_windows(usage, name, limit) * seconds
        for name, (limit, seconds) in windows.items()
        if usage.requests.get(name)
    }
    if steps.upload:
        limits["bandwidth"] = steps.uploads * steps.upload
    if steps.job:
        limits["jobs"] = math.ceil(steps.jobs / options.max_jobs) * steps.job
    if steps.processing:
        limits["sources in progress"] = math.ceil(steps.uploads / options.workers) * (steps.processing + steps.job)
    return limits


def _latency(
    usage: Usage,
    steps: _Steps,
    options: BulkOptions,
    windows: Mapping[RateLimitCategory, tuple[float, float]],
    narrowest: str,
) -> float:
    """Return the seconds of the steps before the first and after the last source at the narrowest limit."""
    if narrowest == "sources in progress":
        return steps.upload
    if narrowest == "jobs":
        return steps.upload + steps.processing
    if narrowest == "bandwidth":
        return steps.processing + steps.job
    last = 1.0  # sources that pass the narrowest limit at the end, all at once
    for name, (limit, _) in windows.items():
        if narrowest == f"requests of {name}":
            last = usage.requests[name] - _full_windows(usage, name, limit) * limit
    return steps.upload + steps.processing + math.ceil(last / options.max_jobs) * steps.job
