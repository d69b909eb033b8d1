"""Report of a comparison, in Markdown, short, and without names, texts and ids of the account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import frozen

from ..._version import __version__
from .comparison import Difference
from .model_fields import ModelFields

MAX_STEPS: Final = 3
"""Steps that a line names."""
MAX_LINES: Final = 100
"""Lines of a section."""


@frozen
class Findings:
    """Results of a check.

    Attributes:
        differences: Differences between the service and the emulator.
        not_compared: Labels of steps that were not compared, and the reasons.
        model_fields: Differences between the service and the models.
    """

    differences: Sequence[Difference]
    not_compared: Mapping[str, str]
    model_fields: ModelFields

    def __bool__(self) -> bool:
        """Return whether there is any difference."""
        return bool(self.differences or self.model_fields.unknown or self.model_fields.missing)


def report(found: Findings, service: str) -> str:
    """Return the report about a service."""
    messages = [one for one in found.differences if one.place.endswith("message")]
    others = [one for one in found.differences if one not in messages]
    sections = {
        "Differences": _lines(one for one in others if one.is_certain),
        "Perhaps differences: the time or the content can be the reason": _lines(
            one for one in others if not one.is_certain
        ),
        "Fields that no model has": [f"- {field}" for field in found.model_fields.unknown],
        "Missing fields that a model requires": [f"- {field}" for field in found.model_fields.missing],
        "Other messages": _lines(messages),
        "Not compared": _reasons(found.not_compared),
    }
    counts = ", ".join(f"{title.partition(':')[0].lower()}: {len(lines)}" for title, lines in sections.items())
    head = f"# {service}, and the emulator of twelvelabs_async {__version__}\n\n{counts.capitalize()}.\n"
    return head + "".join(f"\n## {title}\n\n{_cut(lines)}\n" for title, lines in sections.items() if lines)


def _reasons(not_compared: Mapping[str, str]) -> list[str]:
    """Return a line for each reason, with the steps."""
    steps: dict[str, list[str]] = {}
    for step, reason in not_compared.items():
        steps.setdefault(reason, []).append(step)
    return [f"- {reason}: {_few(sorted(found))}" for reason, found in steps.items()]


def _lines(differences: Iterable[Difference]) -> list[str]:
    """Return a line for each kind of difference, with the steps that have it."""
    steps: dict[tuple[str, str, str], list[str]] = {}
    for one in differences:
        steps.setdefault((one.place, one.live, one.emulated), []).append(f"{one.step} {one.outcome}".strip())
    return [
        f"- `{place.removeprefix('body').lstrip('.') or 'body'}`: live {live}; emulated {emulated} ({_few(found)})"
        for (place, live, emulated), found in steps.items()
    ]


def _few(steps: Sequence[str]) -> str:
    rest = len(steps) - MAX_STEPS
    return ", ".join(steps[:MAX_STEPS]) + (f" and {rest} more" if rest > 0 else "")


def _cut(lines: Sequence[str]) -> str:
    rest = len(lines) - MAX_LINES
    return "\n".join([*lines[:MAX_LINES], *([f"- and {rest} more"] if rest > 0 else [])])
