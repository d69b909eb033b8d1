"""Resources with a name, a description and metadata of the caller."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeVar

import attrs

from ...options import OMIT, is_given
from ..parameters import Page, Validator, not_null, user_metadata, within
from ..problem import Json, invalid
from ..state import Named
from .operation import Context
from .tables import attributes, ordered, page

N = TypeVar("N", bound=Named)

MAX_METADATA_PAIRS = 10
MAX_METADATA_CHARACTERS = 2_048
MAX_METADATA_KEY_CHARACTERS = 128


def own_metadata(pairs: int, characters: int, *, admits_null: bool = False) -> Validator:
    """Require metadata of limited size (docs: Create a knowledge store).

    Args:
        pairs: Most keys.
        characters: Most characters of a text.
        admits_null: Admit null as a value, which deletes a key. Default: `False`.
    """

    def validate(request: Any, field: attrs.Attribute[Any], value: Json | None) -> None:
        given = value if is_given(value) and value else {}
        user_metadata(request, field, given)
        if len(given) > pairs:
            raise invalid(field.name, f"must have at most {pairs} pairs; got {len(given)}")
        if None in given.values() and not admits_null:
            raise invalid(field.name, "must not have null as a value")
        if any(len(key) > MAX_METADATA_KEY_CHARACTERS for key in given):
            raise invalid(field.name, f"must have keys of at most {MAX_METADATA_KEY_CHARACTERS} characters")
        if any(isinstance(text, str) and len(text) > characters for text in given.values()):
            raise invalid(field.name, f"must have texts of at most {characters} characters")

    return validate


named_metadata: Validator = own_metadata(MAX_METADATA_PAIRS, MAX_METADATA_CHARACTERS)


@attrs.frozen(kw_only=True)
class CreateNamed:
    name: str
    description: str | None = None
    metadata: Json = attrs.field(factory=dict[str, Any], validator=named_metadata)


@attrs.frozen(kw_only=True)
class UpdateNamed:
    """Changes of a resource. A field that is left out stays; null clears the description and the metadata."""

    name: str | None = attrs.field(default=OMIT, validator=[not_null, within(1, math.inf)])
    description: str | None = OMIT
    metadata: Json | None = attrs.field(default=OMIT, validator=named_metadata)


@attrs.frozen(kw_only=True)
class ListNamed(Page):
    name: str | None = None
    sort_by: Literal["created_at", "updated_at", "name"] = "created_at"
    sort_option: Literal["asc", "desc"] = "desc"


def named_json(found: Named, now: float) -> Json:
    given = {name: value for name in ("description", "metadata") if (value := getattr(found, name))}
    return {"_id": found.id, **attributes(found, "name", "created_at", "updated_at", now=now), **given}


def list_named(request: ListNamed, resources: Iterable[N], view: Callable[[N, float], Json], now: float) -> Json:
    """Return a page of the resources that have the name in a query, or of all."""
    found = [resource for resource in resources if request.name in (None, resource.name)]
    return page(request, ordered(request, found, now), lambda resource: view(resource, now))


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
