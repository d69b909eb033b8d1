"""Fields of responses, compared with the models that the client makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, get_args, get_origin, get_type_hints

import attrs

from ..._client import AsyncTwelveLabs
from ..._pagination import AsyncPager
from ...models._base import Model
from ...models._wire import fields_of, structure
from ..converter import is_list, is_object
from ..recordings.format import Exchange
from .answers import content_of
from .facts import variant_of

BODY: Final = "body"


@attrs.frozen
class ModelFields:
    """Fields of responses that differ from the models: names of methods, with places in their responses.

    Attributes:
        unknown: Fields that no model has.
        missing: Fields that a model requires, but a response lacks.
    """

    unknown: Sequence[str]
    missing: Sequence[str]


def compare_with_models(exchanges: Mapping[str, Sequence[Exchange]]) -> ModelFields:
    """Compare successful responses with the models that the client makes of them."""
    client = AsyncTwelveLabs(api_key="tlk_sends_nothing")
    found: dict[bool, dict[str, None]] = {False: {}, True: {}}
    for label, of_step in exchanges.items():
        name = label.partition(" (")[0]
        kind = _returned_type(client, name)
        contents = [content_of(one.response) for one in of_step if one.response and one.response.status < 300]
        for is_known, place in (difference for content in contents for difference in _differences(content, kind)):
            found[is_known][f"{name}: {place.removeprefix('body').lstrip('.')}"] = None
    return ModelFields(unknown=[*found[False]], missing=[*found[True]])


def _returned_type(client: AsyncTwelveLabs, name: str) -> Any:
    """Return what a method of the client returns; ``None`` if there is no such method."""
    method: Any = client
    for part in name.split("."):
        method = getattr(method, part, None)
    if method is None:
        return None
    annotations = {"returned": method.__annotations__["return"]}  # the others may be for type checkers only
    holder = type("Holder", (), {"__annotations__": annotations})
    return get_type_hints(holder, globalns=method.__func__.__globals__)["returned"]


def _differences(content: Any, kind: Any) -> Iterator[tuple[bool, str]]:
    origin, parts = get_origin(kind), get_args(kind)
    if origin is AsyncPager and is_object(content):
        yield from _in_list(content.get("data"), parts[0], f"{BODY}.data")
    elif is_list(content) and parts:  # the events of a stream
        yield from _in_list(content, parts[0], BODY)
    elif isinstance(kind, type) and issubclass(kind, Model) and is_object(content):
        yield from _in_model(structure(content, kind), content, BODY)


def _in_list(items: Any, kind: Any, place: str) -> Iterator[tuple[bool, str]]:
    for item in items if is_list(items) else ():
        if is_object(item):
            yield from _in_model(structure(item, kind), item, f"{place}[{variant_of(item)}]")


def _in_model(value: Any, content: Any, place: str) -> Iterator[tuple[bool, str]]:
    """Yield the places of unknown fields, and those of missing ones, which are known."""
    if is_list(value) and is_list(content):
        for item, raw in zip(value, content, strict=False):
            yield from _in_model(item, raw, f"{place}[{variant_of(raw)}]")
    elif isinstance(value, Model) and is_object(content):
        for name in value.extra:
            yield False, f"{place}.{name}"
        required = {one.name for one in attrs.fields(type(value)) if one.default is attrs.NOTHING}
        for field in fields_of(type(value)):
            if field.key in content:
                yield from _in_model(getattr(value, field.name), content[field.key], f"{place}.{field.key}")
            elif field.name in required:
                yield True, f"{place}.{field.key}"
