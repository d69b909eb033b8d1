"""Comparison of two conversations: every place whose kinds of values differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from attrs import frozen

from ..recordings.format import Exchange
from .facts import ABSENT, EMPTY_LIST, Facts, collapsed, facts_of, has_parent, merged, outcome_of

Exchanges: TypeAlias = Mapping[str, Sequence[Exchange]]
"""Exchanges by the label of their step."""
Outcomes: TypeAlias = Mapping[str, Facts]
"""Facts by the outcome of the responses, in the order of time."""
Cases: TypeAlias = Mapping[tuple[str, str], Facts]
"""Facts about all responses of a service, by method and outcome."""

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
    of_live, of_emulated = ({step: _outcomes(found) for step, found in one.items()} for one in (live, emulated))
    cases = _all_cases(of_live), _all_cases(of_emulated)
    return [
        difference
        for step in live
        if step in emulated
        for difference in (
            *_compare_order(step, [*map(outcome_of, live[step])], [*map(outcome_of, emulated[step])]),
            *_compare_facts(step, of_live[step], of_emulated[step], *cases),
        )
    ]


def compare_other_requests(live: Exchanges, emulated: Exchanges) -> list[Difference]:
    """Return what the first service sends and the second one never does.

    The requests differ, so what is missing in the responses of the first service is no difference.

    Args:
        live: Exchanges with other requests than those of the conversation.
    """
    known = _all_cases({step: _outcomes(found) for step, found in emulated.items()})
    found: list[Difference] = []
    for step, exchanges in live.items():
        for outcome, facts in _outcomes(exchanges).items():
            expected = known.get((_method(step), outcome))
            if expected is None:
                found.append(Difference(step, "", "outcome", outcome, "never", is_certain=False))
                continue
            for place, kinds in facts.items():
                others = expected.get(place, {ABSENT})
                if has_parent(expected, place) and kinds - others - NOTHING:
                    found.append(Difference(step, outcome, place, _listed(kinds), _listed(others)))
    return found


def _outcomes(exchanges: Sequence[Exchange]) -> Outcomes:
    outcomes = dict.fromkeys(map(outcome_of, exchanges))
    return {
        outcome: merged(facts_of(exchange) for exchange in exchanges if outcome_of(exchange) == outcome)
        for outcome in outcomes
    }


def _all_cases(steps: Mapping[str, Outcomes]) -> Cases:
    found: dict[tuple[str, str], list[Facts]] = {}
    for step, outcomes in steps.items():
        for outcome, facts in outcomes.items():
            found.setdefault((_method(step), outcome), []).append(facts)
    return {case: merged(all_facts) for case, all_facts in found.items()}


def _method(step: str) -> str:
    return step.partition(" (")[0]


def _compare_order(step: str, live: Iterable[str], emulated: Iterable[str]) -> Iterator[Difference]:
    first, second = collapsed(live), collapsed(emulated)
    if first != second:
        # A poll can miss a state that is short, but not make up one.
        rest = iter(second)
        is_certain = not all(outcome in rest for outcome in first)
        yield Difference(step, "", "outcome", " → ".join(first), " → ".join(second), is_certain)


def _compare_facts(
    step: str, live: Outcomes, emulated: Outcomes, live_cases: Cases, emulated_cases: Cases
) -> Iterator[Difference]:
    for outcome in live:
        if outcome not in emulated:
            continue
        first, second, case = live[outcome], emulated[outcome], (_method(step), outcome)
        for place in dict.fromkeys((*first, *second)):
            if not (has_parent(first, place) and has_parent(second, place)):
                continue  # the place that it is in differs
            found, expected = first.get(place, {ABSENT}), second.get(place, {ABSENT})
            if found != expected:
                is_optional = _is_known(found, place, emulated_cases[case]) and _is_known(
                    expected, place, live_cases[case]
                )
                is_certain = not (is_optional or _can_be_content(found, expected))
                yield Difference(step, outcome, place, _listed(found), _listed(expected), is_certain)


def _is_known(kinds: set[str], place: str, facts: Facts) -> bool:
    """Return whether other requests to the same endpoint have the same kinds in their responses."""
    return kinds <= facts.get(place, {ABSENT})


def _can_be_content(found: set[str], expected: set[str]) -> bool:
    """Return whether both have the same kinds but where one has no content."""
    has_no_content = ABSENT not in found | expected and bool(found <= NOTHING or expected <= NOTHING)
    return found - NOTHING == expected - NOTHING or has_no_content


def _listed(kinds: set[str]) -> str:
    return " or ".join(sorted(kinds))
