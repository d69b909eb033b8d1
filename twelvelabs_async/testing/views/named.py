"""JSON that all resources with a name have in common."""

from __future__ import annotations

from ..clock import rfc3339
from ..problem import Json
from ..state import Named


def named(found: Named, now: float) -> Json:
    shown: Json = {
        "_id": found.id,
        "name": found.name,
        "created_at": rfc3339(found.created_at),
        "updated_at": rfc3339(found.updated_at(now)),
    }
    if found.description:
        shown["description"] = found.description
    if found.metadata:
        shown["metadata"] = found.metadata
    return shown
