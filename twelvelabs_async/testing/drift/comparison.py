"""Comparison of two conversations: every place whose kinds of values differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from attrs import frozen

from ..recordings.format import Exchange
from .facts import ABSENT, EMPTY_LIST, Facts, collapsed, facts_of, has_parent, merged, outcome_of

Exchanges: TypeAlias = Mapping[str, Sequence[Exchange]]
"""Exchanges by the label of their step."""

NOTHING: Final = {ABSENT, "null", EMPTY_LIST}


@frozen
class Difference:
    """A place at which two services differ.

    Attributes:
        step: Label of the step.
        outcome: Status of the responses, and the state of their job; empty if these differ.
        place: Place in the responses.
        live: What the first service sends there.
        emulated: What the second one sends there.
        is_certain: False if the time or the content can be the reason.
    """

    step: str
    outcome: str
    place: str
    live: str
    emulated: str
    is_certain: bool = True


def compare(live: Exchanges, emulated: Exchanges) -> list[Difference]:
    """Return the differences of the steps that both services have answered."""
    return [
        difference
        for step in live
        if step in emulated
        for difference in _compare_step(step, live[step], emulated[step])
    ]


def _compare_step(step: str, live: Sequence[Exchange], emulated: Sequence[Exchange]) -> Iterator[Difference]:
    of_live, of_emulated = collapsed(map(outcome_of, live)), collapsed(map(outcome_of, emulated))
    if of_live != of_emulated:
        # A poll can miss a state that is short, but not make up one.
        is_certain = not _is_part(of_live, of_emulated)
        yield Difference(step, "", "outcome", " → ".join(of_live), " → ".join(of_emulated), is_certain)
    for outcome in dict.fromkeys(of_live):
        if outcome in of_emulated:
            first, second = _facts_about(outcome, live), _facts_about(outcome, emulated)
            for place in dict.fromkeys((*first, *second)):
                yield from _compare_place(step, outcome, place, first, second)


def _facts_about(outcome: str, exchanges: Iterable[Exchange]) -> Facts:
    return merged(facts_of(exchange) for exchange in exchanges if outcome_of(exchange) == outcome)


def _is_part(items: Sequence[str], others: Sequence[str]) -> bool:
    """Return whether *others* has *items* in their order, perhaps with more between them."""
    rest = iter(others)
    return all(item in rest for item in items)


def _compare_place(step: str, outcome: str, place: str, live: Facts, emulated: Facts) -> Iterator[Difference]:
    if not (has_parent(live, place) and has_parent(emulated, place)):
        return  # the place that it is in differs
    first, second = live.get(place, {ABSENT}), emulated.get(place, {ABSENT})
    if first != second:
        is_same_value = first - NOTHING == second - NOTHING
        has_no_content = ABSENT not in first | second and bool(first <= NOTHING or second <= NOTHING)
        is_certain = not (is_same_value or has_no_content)
        yield Difference(step, outcome, place, _listed(first), _listed(second), is_certain)


def _listed(kinds: set[str]) -> str:
    return " or ".join(sorted(kinds))
