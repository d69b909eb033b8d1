"""Creation and changes of resources with a name."""

from __future__ import annotations

from typing import Any

from ...options import OMIT, is_given
from ..requests.named import CreateNamed, UpdateNamed
from ..state import Named
from .operation import Context


def new_fields(context: Context, request: CreateNamed, prefix: str = "") -> dict[str, Any]:
    """Return the fields of a new resource. Its id starts with *prefix*."""
    now = context.now()
    return {
        "id": f"{prefix}{context.state.new_id()}",
        "created_at": now,
        "edited_at": now,
        "name": request.name,
        "description": request.description,
        "metadata": request.metadata,
    }


def edit(context: Context, named: Named, request: UpdateNamed) -> None:
    """Apply the changes of a request."""
    if request.name and is_given(request.name):
        named.name = request.name
    if request.description is not OMIT:
        named.description = request.description or None
    if request.metadata is not OMIT:
        named.metadata = request.metadata or {}
    named.edited_at = context.now()
