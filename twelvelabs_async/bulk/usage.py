"""What sources need of an account, and what a run has used of it: the same figures, added and subtracted."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, field

from ..options import RateLimitCategory


@define
class Usage:
    """Needs of sources, or usage of a run.

    Attributes:
        sources: Number of sources.
        minutes: Duration of their video and audio in minutes, as far as it is known.
        unknown: Number of sources whose duration is unknown. Images and documents do not count.
        bytes: Bytes to upload.
        tokens: Tokens of the answers, at most.
        requests: Number of requests to the API, by category. Storage that receives the parts of files does not count.
    """

    sources: int = 0
    minutes: float = 0.0
    unknown: int = 0
    bytes: int = 0
    tokens: int = 0
    requests: dict[RateLimitCategory, float] = field(factory=dict["RateLimitCategory", float])

    def add(self, other: Usage, factor: int = 1) -> None:
        """Add *factor* times the figures of another sum. A factor of -1 subtracts them."""
        self.sources += factor * other.sources
        self.minutes += factor * other.minutes
        self.unknown += factor * other.unknown
        self.bytes += factor * other.bytes
        self.tokens += factor * other.tokens
        self.add_requests(other.requests, factor)

    def add_requests(self, requests: Mapping[RateLimitCategory, float], factor: int = 1) -> None:
        """Add *factor* times the numbers of requests."""
        for category, number in requests.items():
            self.requests[category] = self.requests.get(category, 0) + factor * number

    def without_negatives(self) -> Usage:
        """Return the sum with zeros in the place of negative figures."""
        return Usage(
            sources=max(0, self.sources),
            minutes=max(0.0, self.minutes),
            unknown=max(0, self.unknown),
            bytes=max(0, self.bytes),
            tokens=max(0, self.tokens),
            requests={category: max(0.0, number) for category, number in self.requests.items()},
        )

    @property
    def total_requests(self) -> float:
        """Number of requests of all categories."""
        return sum(self.requests.values())
