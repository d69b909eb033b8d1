"""The recorded response to a request of a replay."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Final, cast

from attrs import evolve

from .format import PAIRS, Body, Exchange, RecordedRequest, RecordedResponse, fields_of
from .scrubbing import without_tokens

READING: Final = ("GET", "HEAD")

ANY_BODY: Final = re.compile(r"POST /assets/multipart-uploads/[^/]+(/presigned-urls)?")
"""Requests whose bodies depend on the order in which the parts of a file arrive."""

PAGING: Final = frozenset({"page", "page_limit", "sort_by", "sort_option"})
"""Parameters of lists that select no items."""

IDS: Final = ("_id", "id", "task_id", "batch_id", "upload_id", "asset_id")
"""Fields that identify an object in a response, the most specific first."""

MAX_DIFFERENCES: Final = 5
"""Differences that a message names."""


class Script:
    """The exchanges of a recording, and which of them were replayed.

    Unless it is strict, a replay allows for the times of requests, which differ from run to run:

    * A request that reads gets the next recorded response, at least as late as the last recorded change that was
      replayed. The last response is repeated, with the last state that any response has of its objects.
    * An object is in lists only after the request that created it.
    * An object that was polled in a list can be retrieved by itself, and the other way round, in its last state.

    Args:
        exchanges: The exchanges, in the order of their requests.
        strict: Replay each response once, and only to the same request.
    """

    def __init__(self, exchanges: Sequence[Exchange], *, strict: bool) -> None:
        self._exchanges = exchanges
        self._strict = strict
        self._unused: dict[str, deque[Exchange]] = {}
        self._last: dict[str, Exchange] = {}
        self._changed_at = 0.0
        self._uncreated = set[str]()
        self._states: dict[str, dict[str, Any]] = {}
        for exchange in exchanges:
            key = request_key(exchange.request)
            self._unused.setdefault(key, deque()).append(exchange)
            self._last[key] = exchange
            self._uncreated |= _created_ids(exchange)
            self._add_states(exchange)

    @property
    def unused(self) -> list[Exchange]:
        """The exchanges that were not replayed, in the order of their requests."""
        return sorted((exchange for unused in self._unused.values() for exchange in unused), key=lambda left: left.at)

    def take(self, sent: RecordedRequest) -> Exchange | None:
        """Return the exchange whose response a request gets; ``None`` if there is none."""
        if self._strict:
            unused = self._unused.get(request_key(sent))
            return unused.popleft() if unused else None
        exchange = self._take_read(sent) if sent.method in READING else self._take_change(sent)
        return exchange and self._without_uncreated(exchange)

    def _take_read(self, sent: RecordedRequest) -> Exchange | None:
        key = request_key(sent)
        if key not in self._last:
            return self._state(sent)
        unused = self._unused[key]
        while unused and unused[0].at < self._changed_at:
            unused.popleft()
        return unused.popleft() if unused else self._in_last_state(self._last[key])

    def _take_change(self, sent: RecordedRequest) -> Exchange | None:
        unused = self._unused.get(request_key(sent), deque())
        if not unused and ANY_BODY.fullmatch(str(sent)):
            unused = next(
                (left for left in self._unused.values() if left and str(left[0].request) == str(sent)), unused
            )
        if not unused:
            return None
        exact = exact_text(sent)
        exchange = next((left for left in unused if exact_text(left.request) == exact), unused[0])
        unused.remove(exchange)
        self._changed_at = max(self._changed_at, exchange.at)
        self._uncreated -= _created_ids(exchange)
        return exchange

    def _add_states(self, exchange: Exchange) -> None:
        request, response = exchange.request, exchange.response
        if request.method != "GET" or response is None or response.status != 200:
            return
        answer, items = _answer_and_items(exchange)
        if items is not None:
            for item in items:
                if item_id := _id_of(item):
                    self._states.setdefault(request.path, {})[item_id] = item
        elif not request.query:
            parent, _, last = request.path.rpartition("/")
            if _id_of(answer) == last:
                self._states.setdefault(parent, {})[last] = answer

    def _state(self, sent: RecordedRequest) -> Exchange | None:
        """Return an exchange that was not recorded: of one object, or of the list of all those that exist."""
        parent, _, last = sent.path.rpartition("/")
        answer: Any = None
        if not sent.query and last in self._states.get(parent, {}):
            answer = self._states[parent][last]
        elif sent.path in self._states:
            selected = [item for item in self._states[sent.path].values() if _is_selected(item, sent.query)]
            is_first = ("page", "1") in sent.query or "page" not in dict(sent.query)
            info = {"page": 1, "total_page": 1, "limit_per_page": 50, "total_results": len(selected)}
            answer = {"data": selected if is_first else [], "page_info": info}
        if answer is None:
            return None
        response = RecordedResponse(200, {"content-type": "application/json"}, Body("json", answer))
        return Exchange(self._changed_at, sent, response)

    def _in_last_state(self, exchange: Exchange) -> Exchange:
        """Return an exchange with the last states of its objects, some of which only other responses may have shown."""
        request, response = exchange.request, exchange.response
        answer, items = _answer_and_items(exchange)
        if response is None or response.status != 200:
            return exchange
        if items is None:
            parent, _, last = request.path.rpartition("/")
            answer = {**answer, **self._states.get(parent, {}).get(last, {})}
        else:
            states = self._states.get(request.path, {})
            shown: dict[str | None, Any] = {_id_of(item): item for item in items}
            if fields_of(answer.get("page_info")).get("total_page", 0) <= 1:
                shown |= {key: item for key, item in states.items() if _is_selected(item, request.query)}
            answer = {**answer, "data": [{**item, **states.get(key or "", {})} for key, item in shown.items()]}
        return evolve(exchange, response=evolve(response, body=Body("json", answer))) if answer else exchange

    def _without_uncreated(self, exchange: Exchange) -> Exchange:
        """Return an exchange whose list lacks the objects that a later request creates."""
        response = exchange.response
        answer, items = _answer_and_items(exchange)
        if response is None or items is None:
            return exchange
        items = [item for item in items if _id_of(item) not in self._uncreated]
        return evolve(exchange, response=evolve(response, body=Body("json", {**answer, "data": items})))

    def explain(self, sent: RecordedRequest) -> str:
        """Return why a request has no response, and what the nearest recorded request is."""
        if request_key(sent) in self._last:
            return f"{sent} was recorded less often than it is sent. Record it again."
        if not self._exchanges:
            return f"{sent} was not recorded: the recording is empty. Record it again."
        nearest = max(self._exchanges, key=lambda exchange: _similarity(exchange.request, sent))
        differences = "; ".join(_differences(nearest.request, sent)[:MAX_DIFFERENCES])
        return (
            f"{sent} was not recorded. The nearest recorded request is {nearest.request} in line {nearest.line}, which "
            f"differs in {differences}. Send what was recorded, or record again."
        )


def request_key(request: RecordedRequest) -> str:
    """Return what equal requests have in common: all but the order of fields, and tokens."""
    return without_tokens(exact_text(request))


def exact_text(request: RecordedRequest) -> str:
    """Return a request as JSON, without its headers, and with its fields in order."""
    return json.dumps([request.method, *_parts(request).values()], sort_keys=True)


def _parts(request: RecordedRequest) -> dict[str, Any]:
    body = request.body
    value = body and (_sorted(body.value) if body.kind in PAIRS else body.value)
    return {"path": request.path, "query": _sorted(request.query), "body": value}


def _sorted(pairs: Sequence[tuple[str, Any]]) -> list[list[Any]]:
    return sorted(([*pair] for pair in pairs), key=json.dumps)


def _answer_and_items(exchange: Exchange) -> tuple[Mapping[str, Any], list[Any] | None]:
    """Return the JSON object of a response, and its items if it is a list."""
    answer = fields_of(exchange.response and exchange.response.json)
    items: Any = answer.get("data") if exchange.request.method == "GET" else None
    return answer, cast("list[Any]", items) if isinstance(items, list) else None


def _created_ids(exchange: Exchange) -> set[str]:
    """Return the ids that the response to a POST contains, but not the request."""
    response = exchange.response
    if exchange.request.method != "POST" or response is None:
        return set()
    answer, sent = fields_of(response.json), exact_text(exchange.request)
    return {answer[name] for name in IDS if isinstance(answer.get(name), str) and answer[name] not in sent}


def _id_of(item: Any) -> str | None:
    fields = fields_of(item)
    return next((fields[name] for name in IDS if isinstance(fields.get(name), str)), None)


def _is_selected(item: Mapping[str, Any], query: Sequence[tuple[str, str]]) -> bool:
    fields = {**fields_of(item.get("user_metadata")), **item}
    wanted: dict[str, list[str]] = {}
    for name, value in query:
        wanted.setdefault(name, []).append(value)
    return all(
        str(_id_of(item) if name.endswith("ids") else fields.get(name)) in values
        for name, values in wanted.items()
        if name not in PAGING
    )


def _similarity(recorded: RecordedRequest, sent: RecordedRequest) -> tuple[bool, float, float]:
    def ratio(first: str, second: str) -> float:
        return SequenceMatcher(None, first[:500], second[:500], autojunk=False).ratio()

    rest = [
        json.dumps([_parts(request)["query"], _parts(request)["body"]], sort_keys=True) for request in (recorded, sent)
    ]
    return recorded.method == sent.method, ratio(recorded.path, sent.path), ratio(*rest)


def _differences(recorded: RecordedRequest, sent: RecordedRequest) -> list[str]:
    """Return where two requests differ, each with what was recorded and what was sent."""
    found = [] if recorded.method == sent.method else [f"the method: recorded {recorded.method}, sent {sent.method}"]
    for name, theirs in _parts(recorded).items():
        ours = _parts(sent)[name]
        fields = [dict(_leaves(value, name)) for value in (theirs, ours)]
        for leaf in dict.fromkeys([*fields[0], *fields[1]]):
            first, second = (json.dumps(each[leaf])[:80] if leaf in each else "nothing" for each in fields)
            if first != second:
                found.append(f"{leaf}: recorded {first}, sent {second}")
    return found


def _leaves(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in cast("Mapping[str, Any]", value).items():
            yield from _leaves(item, f"{name}.{key}")
    elif isinstance(value, list):
        items = cast("list[Any]", value)
        is_pair = len(items) == 2 and isinstance(items[0], str)
        if is_pair and name in ("query", "body"):
            yield f"{name}.{items[0]}", items[1]
        else:
            for index, item in enumerate(items):
                is_field = isinstance(item, list) and name in ("query", "body")
                yield from _leaves(item, name if is_field else f"{name}[{index}]")
    else:
        yield name, value
