"""Base of resources that have a name, a description and metadata of the caller."""

from __future__ import annotations

from typing import Any

import attrs


@attrs.define(eq=False, kw_only=True)
class Named:
    """Resource with a name.

    Attributes:
        metadata: Metadata of the caller, replaced as a whole.
    """

    id: str
    created_at: float
    edited_at: float
    name: str
    description: str | None = None
    metadata: dict[str, Any] = attrs.field(factory=dict[str, Any])

    def updated_at(self, now: float) -> float:
        """Return the time of the latest change before a time."""
        return self.edited_at
