"""Cost of the conversation, and the choice of its steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from .step import Step


def chosen(steps: Sequence[Step], patterns: Iterable[str]) -> list[Step]:
    """Return the steps whose names match a pattern, with those that they need.

    Args:
        patterns: Names, parts of names before a dot, or `fnmatch` patterns.

    Raises:
        ValueError: A pattern matches no step.
    """
    found: set[str] = set()
    for pattern in patterns:
        matching = {step.label for step in steps if _matches(step, pattern)}
        if not matching:
            names = ", ".join(sorted({step.name.partition(".")[0] for step in steps}))
            raise ValueError(f"No step has a name like {pattern!r}. Expected a name or a part of one: {names}.")
        found |= matching
    for step in reversed(steps):  # what a step needs comes before it
        if step.label in found:
            found |= {maker.label for maker in steps if maker.keep.keys() & step.needs and not maker.is_refused}
    return [step for step in steps if step.label in found]


def _matches(step: Step, pattern: str) -> bool:
    return step.name.startswith(f"{pattern}.") or any(fnmatchcase(name, pattern) for name in (step.name, step.label))


def cost_of(steps: Iterable[Step]) -> str:
    """Return what the platform bills for steps, in one line for each kind of work; empty if nothing is billed."""
    requests: dict[str, int] = {}
    minutes: dict[str, float] = {}
    for step in steps:
        if step.bills:
            requests[step.bills] = requests.get(step.bills, 0) + 1
            minutes[step.bills] = minutes.get(step.bills, 0.0) + step.minutes
    return "\n".join(
        f"  {work}: {_plural(number, 'request')}, {minutes[work]:.1f} minutes of video"
        if minutes[work]
        else f"  {work}: {_plural(number, 'request')}"
        for work, number in requests.items()
    )


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
