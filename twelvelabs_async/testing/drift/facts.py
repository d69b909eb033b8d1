"""Facts about a response: the kind of value at each place, without the values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from ..converter import is_list, is_object
from ..recordings.format import Exchange
from .answers import content_of, state_of

Facts: TypeAlias = dict[str, set[str]]
"""Kinds of values by place, such as ``data[].hls.status`` or ``header retry-after``."""

ABSENT: Final = "absent"
EMPTY_LIST: Final = "empty list"
OBJECT: Final = "object"
LIST: Final = "list"
CONTAINERS: Final = frozenset({OBJECT, LIST})
NO_KINDS: Final = frozenset[str]()
SECONDS_IN_2001: Final = 10**9
VECTOR_LENGTH: Final = 64
"""A list with at least this many numbers is a vector, whose length counts."""

# What the network adds, and what the size and the time of a response decide.
IGNORED_HEADERS: Final = re.compile(
    r"accept-ranges|access-control-.*|age|alt-svc|cache-control|cf-.*|connection|content-(encoding|length)|date|etag|"
    r"expect-ct|keep-alive|last-modified|nel|pragma|referrer-policy|report-to|server.*|set-cookie|"
    r"strict-transport-security|transfer-encoding|vary|via|x-amz-.*|x-(cache|cloud-trace|content-type-options|"
    r"envoy|forwarded|frame-options|powered-by|xss-protection).*"
)
ENUMERATED: Final = re.compile(
    r"(action|code|direction|format|kind|method|modality|modalities|mode|model|model_name|object|option|"
    r"phase|provider|quadrant|reason|role|scope|status|strategy|type)s?|.*_(mode|option|reason|scope|status|type)s?"
)
"""Fields whose values are names that the API defines."""
SETTINGS: Final = re.compile(r"limit_per_page|chunk_size|total_chunks|embedding_dimension|max_tokens")
"""Fields whose numbers the API defines."""
USERS_OWN: Final = re.compile(r"(user_|item_|enriched_)?metadata|user|required|properties|enum")
"""Fields whose keys and values are those of users."""
MESSAGE: Final = re.compile(r"message$")

KINDS: Final = {
    r"[0-9a-f]{24}": "id of 24 hex digits",
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}": "UUID",
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z": "time in UTC",
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d": "time with an offset",
    r"\d{4}-\d\d-\d\d.*": "time in another format",
    r"\d{10}": "seconds since 1970",
    r"\d{13}": "milliseconds since 1970",
    r"-?\d+(\.\d+)?": "number as text",
    r"https?://.*": "URL",
    r"": "empty text",
}
"""Kinds of texts by pattern."""


def outcome_of(exchange: Exchange) -> str:
    """Return the status of a response, and the state of the job in it."""
    if exchange.response is None:
        return "no response"
    return f"{exchange.response.status} {state_of(exchange.response)}".rstrip()


def collapsed(items: Iterable[str]) -> list[str]:
    """Return items without repetitions of the same one."""
    found: list[str] = []
    for item in items:
        if found[-1:] != [item]:
            found.append(item)
    return found


def facts_of(exchange: Exchange) -> Facts:
    """Return the facts about a response."""
    response, facts = exchange.response, Facts()
    if response is None:
        return {"response": {ABSENT}}
    for name, value in response.headers.items():
        if not IGNORED_HEADERS.fullmatch(name):
            media_type = value.partition(";")[0]
            facts[f"header {name}"] = {media_type if name == "content-type" else _text_kind(value)}
    content = content_of(response)
    if is_list(content):
        facts["order of events"] = {" → ".join(collapsed(map(variant_of, content)))}
    return facts | _facts_in(content, "body", "", dict(_sent(exchange)))


def merged(all_facts: Iterable[Facts]) -> Facts:
    """Return the facts about several responses. A place that some of them lack is also absent."""
    found = [*all_facts]
    places = {place: None for facts in found for place in facts}
    return {
        place: {kind for facts in found for kind in facts.get(place, {ABSENT} if has_parent(facts, place) else ())}
        for place in places
    }


def has_parent(facts: Facts, place: str) -> bool:
    """Return whether a response could have a place: it has the object or the list that the place is in."""
    parent = place[: place.rfind("[" if place.endswith("]") else ".")]
    return parent == place[:-1] or not facts.get(parent, NO_KINDS).isdisjoint(CONTAINERS)


def _facts_in(value: Any, place: str, name: str, sent: Mapping[str, Any]) -> Facts:
    """Return the facts about a value and everything in it.

    Args:
        name: Name of the field that the value is in.
        sent: Values of the request by the names of their fields.
    """
    if is_object(value) and not (value and USERS_OWN.fullmatch(name)):
        parts = [_facts_in(item, f"{place}.{key}", key, sent) for key, item in value.items()]
        return {place: {OBJECT}} | {found: kinds for part in parts for found, kinds in part.items()}
    if is_list(value) and value and not _is_vector(value):
        return {place: {LIST}} | merged(_facts_in(item, f"{place}[{variant_of(item)}]", name, sent) for item in value)
    return {place: {"as sent" if sent.get(name) == value is not None else _kind(value, name)}}


def _is_vector(items: list[Any]) -> bool:
    return len(items) >= VECTOR_LENGTH and all(isinstance(item, int | float) for item in items)


def variant_of(item: Any) -> str:
    """Return the type that an object of a list states."""
    found = item.get("event_type", item.get("type")) if is_object(item) else None
    return found if isinstance(found, str) else ""


def _kind(value: Any, name: str) -> str:
    """Return the kind of a value that is no list or object to look into."""
    if isinstance(value, str):
        return _text_kind(value, name)
    if is_list(value):
        return f"{len(value)} numbers" if value else EMPTY_LIST
    if is_object(value):
        return "object of the user"
    if value is None or isinstance(value, bool) or SETTINGS.fullmatch(name):
        return json.dumps(value)
    return "seconds since 1970" if value > SECONDS_IN_2001 else "number"


def _text_kind(text: str, name: str = "") -> str:
    if MESSAGE.search(name):
        return scrubbed(text)
    if kind := next((kind for pattern, kind in KINDS.items() if re.fullmatch(pattern, text)), ""):
        return kind
    if ENUMERATED.fullmatch(name) and re.fullmatch(r"[\w./:+ -]{1,40}", text):
        return repr(text)
    prefix = re.fullmatch(r"([a-z]+_)[A-Za-z0-9]{6,}", text)
    return f"id with the prefix {prefix[1]}" if prefix else "text"


def scrubbed(text: str) -> str:
    """Return a message with ellipses for what it quotes: ids, numbers, URLs, addresses and names."""
    quoted = r"https?://\S+|\S+@\S+|'[^']*'|\"[^\"]*\"|`[^`]*`|\b\w*\d[\w.-]*"
    return re.sub(quoted, "…", text)


def _sent(exchange: Exchange) -> Iterator[tuple[str, Any]]:
    """Yield the name and value of each field of a request, those in objects included."""
    yield from exchange.request.query
    body = exchange.request.body
    pairs = dict(body.value) if body and body.kind == "form" else body.value if body and body.kind == "json" else {}
    yield from _leaves("", pairs)


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if is_object(value):
        for key, item in value.items():
            yield from _leaves(key, item)
    elif not isinstance(value, bool) and value:
        yield name, value
