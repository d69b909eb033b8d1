"""The API key, and its redaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping


class ApiKey:
    """The API key, which no repr shows."""

    __slots__ = ("_reveal",)

    def __init__(self, key: str) -> None:
        self._reveal: Callable[[], str] = lambda: key

    def __repr__(self) -> str:
        return "ApiKey(***)"

    def header(self) -> dict[str, str]:
        """Return the header that authenticates a request."""
        return {"x-api-key": self._reveal()}

    def redact(self, text: str) -> str:
        """Return *text* without the key."""
        return text.replace(self._reveal(), "***")

    def redact_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return *headers*, names in lower case, without the key."""
        return {name.lower(): self.redact(value) for name, value in headers.items()}
