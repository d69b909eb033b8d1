"""The official SDK as the reference: its methods by dotted name, its models, and its decoding of responses."""

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

# Lists of which the official SDK returns one page. Here they are pagers like all others.
SINGLE_PAGES = {
    "analyze_async.tasks.list",
    "data_connectors.list_connections",
    "data_connectors.list_redirect_uris",
    "imports.list_imports",
}

# Names that the official packages use for the responses of several kinds of task.
RENAMED = {
    "twelvelabs.embed.tasks.types.tasks_create_response": "EmbedTasksCreateResponse",
    "twelvelabs.embed.tasks.types.tasks_retrieve_response": "EmbedTasksRetrieveResponse",
    "twelvelabs.embed.v_2.tasks.types.tasks_create_response": "EmbedV2TasksCreateResponse",
}


def sync_client(
    base_url: str = "http://127.0.0.1:9/v1.3", api_key: str = "key", http: httpx.Client | None = None
) -> twelvelabs.TwelveLabs:
    """Return the official blocking client."""
    return twelvelabs.TwelveLabs(api_key=api_key, base_url=base_url, httpx_client=http or httpx.Client(timeout=60))


@cache
def _unconnected() -> twelvelabs.TwelveLabs:
    return sync_client()


def find(client: object, name: str) -> Any:
    """Return the attribute of *client* with a dotted name."""
    return reduce(getattr, name.split("."), client)


@cache
def method_names(kind: type = twelvelabs.TwelveLabs) -> tuple[str, ...]:
    """Return the dotted names of all methods below the official client."""
    client = kind(api_key="key", httpx_client=httpx.Client() if kind is twelvelabs.TwelveLabs else httpx.AsyncClient())
    return tuple(methods(client))


def methods(client: object, prefix: str = "") -> Iterator[str]:
    """Yield the dotted names of the public methods of *client* and of the namespaces below it."""
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
    """Return an official method, of a client without a connection."""
    return find(_unconnected(), name)  # type: ignore[no-any-return]


def models(name: str, *, returned: bool = False) -> set[type[pydantic.BaseModel]]:
    """Return the models in the parameters and the result of an official method, or only in the result, at any depth."""
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
    """Return the fields of an official model: Python name to JSON name, type, and whether it is required."""
    hints = typing.get_type_hints(model, include_extras=True)
    found = {}
    for name, field in model.model_fields.items():
        notes = getattr(hints[name], "__metadata__", ())
        wire = next((note.alias for note in notes if isinstance(note, FieldMetadata)), name)
        found[name] = wire, field.annotation, field.is_required()
    return found


def our_name(name: str, value: object) -> str:
    """Return our name of an object in an official package: the same, or that in `RENAMED`."""
    return RENAMED.get(getattr(value, "__module__", ""), name)


def our_model(model: type) -> type[Any]:
    """Return our model of an official one."""
    return getattr(twelvelabs_async, our_name(model.__name__, model))  # type: ignore[no-any-return]


def parse(kind: Any, body: Any) -> Any:
    """Return *body* as the official SDK decodes it.

    Raises:
        pydantic.ValidationError: The official SDK does not accept *body*.
    """
    return parse_obj_as(kind, body)
