"""The steps of the conversation: each endpoint and the usual mistakes, in the order of need."""

from __future__ import annotations

from typing import Final

from ...retired import ENDPOINTS
from ..step import Step, with_mistakes
from .analyses import ANALYSES
from .assets import ASSETS, LEFT_OVER, UPLOADS
from .connections import CONNECTIONS
from .embeddings import EMBEDDINGS
from .indexes import INDEXES, SEARCHES, TASKS
from .knowledge import ENTITIES, KNOWLEDGE

__all__ = ["LEFT_OVER", "STEPS"]

RETIRED: Final = tuple(Step(f"retired {path}", f"POST {path}", json={}, is_refused=True) for path in ENDPOINTS)

STEPS: Final = tuple(
    with_mistakes(
        (
            *ASSETS,
            *UPLOADS,
            *INDEXES,
            *SEARCHES,
            *TASKS,
            *ANALYSES,
            *EMBEDDINGS,
            *ENTITIES,
            *KNOWLEDGE,
            *CONNECTIONS,
            *RETIRED,
        )
    )
)
