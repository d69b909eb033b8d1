"""Report of a comparison, in Markdown, short, and without names, texts and ids of the account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ..._version import __version__
from .comparison import Difference

MAX_STEPS: Final = 3
"""Steps that a line names."""
MAX_LINES: Final = 100
"""Lines of a section."""


def report(differences: Sequence[Difference], not_compared: Mapping[str, str], *, service: str) -> str:
    """Return the report.

    Args:
        not_compared: Labels of steps, and the reasons.
        service: Name of the service.
    """
    messages = [one for one in differences if one.place.endswith("message")]
    others = [one for one in differences if one not in messages]
    certain = [one for one in others if one.is_certain]
    perhaps = [one for one in others if not one.is_certain]
    sections = {
        "Differences": _lines(certain),
        "Perhaps differences: the time or the content can be the reason": _lines(perhaps),
        "Other messages": _lines(messages),
        "Not compared": [f"- {step}: {reason}" for step, reason in not_compared.items()],
    }
    counts = ", ".join(f"{title.partition(':')[0].lower()}: {len(lines)}" for title, lines in sections.items())
    head = f"# {service}, and the emulator of twelvelabs_async {__version__}\n\n{counts.capitalize()}.\n"
    return head + "".join(f"\n## {title}\n\n{_cut(lines)}\n" for title, lines in sections.items() if lines)


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
