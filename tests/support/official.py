"""The official SDK as the reference: its methods by dotted name, its models, what it makes of an answer."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator
from functools import cache, reduce
from typing import Any

import httpx
import pydantic
import twelvelabs
from twelvelabs.core.pydantic_utilities import parse_obj_as
from twelvelabs.core.serialization import FieldMetadata

import twelvelabs_async

__all__ = [
    "SINGLE_PAGES",
    "fields",
    "find",
    "method_names",
    "methods",
    "models",
    "our_model",
    "our_name",
    "parse",
    "sync_client",
]

# Lists that the official SDK answers with one page, and no pager: here they are pagers like all others.
SINGLE_PAGES = {
    "analyze_async.tasks.list",
    "data_connectors.list_connections",
    "data_connectors.list_redirect_uris",
    "imports.list_imports",
}

# The official packages use some names several times: for the answers of the three kinds of task.
RENAMED = {
    "twelvelabs.embed.tasks.types.tasks_create_response": "EmbedTasksCreateResponse",
    "twelvelabs.embed.tasks.types.tasks_retrieve_response": "EmbedTasksRetrieveResponse",
    "twelvelabs.embed.v_2.tasks.types.tasks_create_response": "EmbedV2TasksCreateResponse",
}


def sync_client(
    base_url: str = "http://127.0.0.1:9/v1.3", api_key: str = "key", http: httpx.Client | None = None
) -> twelvelabs.TwelveLabs:
    """The official blocking client."""
    return twelvelabs.TwelveLabs(api_key=api_key, base_url=base_url, httpx_client=http or httpx.Client())


@cache
def _unconnected() -> twelvelabs.TwelveLabs:
    return sync_client()


def find(client: object, name: str) -> Any:
    """The attribute of *client* with a dotted name."""
    return reduce(getattr, name.split("."), client)


@cache
def method_names(kind: type = twelvelabs.TwelveLabs) -> tuple[str, ...]:
    """The dotted names of all methods below the official client."""
    client = kind(api_key="key", httpx_client=httpx.Client() if kind is twelvelabs.TwelveLabs else httpx.AsyncClient())
    return tuple(methods(client))


def methods(client: object, prefix: str = "") -> Iterator[str]:
    """The dotted names of the public methods of *client* and of the namespaces below it."""
    for name in sorted({*dir(type(client)), *vars(client)}):
        dotted = prefix + name
        if name.startswith("_") or name in ("with_raw_response", "client_wrapper"):
            continue
        value = getattr(client, name)
        if callable(value):
            yield dotted
        elif type(value).__module__.startswith("twelvelabs."):
            yield from methods(value, f"{dotted}.")


def function(name: str) -> Callable[..., Any]:
    """An official method, of a client that is not connected."""
    return find(_unconnected(), name)  # type: ignore[no-any-return]


def models(name: str, *, returned: bool = False) -> set[type[pydantic.BaseModel]]:
    """All models that an official method takes or returns, or only those it returns, at any depth."""
    found: set[type[pydantic.BaseModel]] = set()

    def walk(kind: Any) -> None:
        if isinstance(kind, type) and issubclass(kind, pydantic.BaseModel) and kind not in found:
            found.add(kind)
            for _, hint, _ in fields(kind).values():
                walk(hint)
        for part in typing.get_args(kind):
            walk(part)

    hints = typing.get_type_hints(function(name))
    if name in SINGLE_PAGES:
        hints["return"] = tuple[*(hint for _, hint, _ in fields(hints["return"]).values())]
    for hint in [hints["return"]] if returned else hints.values():
        walk(hint)
    return found


@cache
def fields(model: Any) -> dict[str, tuple[str, Any, bool]]:
    """The fields of an official model: Python name to wire name, type, and whether it is required."""
    hints = typing.get_type_hints(model, include_extras=True)
    found = {}
    for name, field in model.model_fields.items():
        notes = getattr(hints[name], "__metadata__", ())
        wire = next((note.alias for note in notes if isinstance(note, FieldMetadata)), name)
        found[name] = wire, field.annotation, field.is_required()
    return found


def our_name(name: str, value: object) -> str:
    """Our name for what an official package exports: the same, or the one that `RENAMED` gives it."""
    return RENAMED.get(getattr(value, "__module__", ""), name)


def our_model(model: type) -> type[Any]:
    """Our model for an official one."""
    return getattr(twelvelabs_async, our_name(model.__name__, model))  # type: ignore[no-any-return]


def parse(kind: Any, body: Any) -> Any:
    """What the official SDK makes of a decoded answer.

    Raises:
        pydantic.ValidationError: It does not accept it.
    """
    return parse_obj_as(kind, body)
