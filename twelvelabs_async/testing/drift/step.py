"""A step of the conversation: one request, as data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from string import Template
from typing import Any, Final, Literal, TypeAlias

from attrs import evolve, frozen

from ..converter import is_list, is_object

UNKNOWN_ID: Final = "0" * 24
REFUSED_PAGES: Final = {"page 0": {"page": 0}, "51 items": {"page_limit": 51}}
PAST_THE_END: Final = {"page": 9_999}

Work: TypeAlias = Literal["indexing", "embedding", "analysis", "search", "knowledge"]
"""Work that the platform bills (docs: Pricing)."""


@frozen(eq=False)
class Step:
    """A request of the conversation. In its path and its values, ``$name`` stands for what an earlier step kept.

    Attributes:
        name: Method of the client that sends the same request, such as ``assets.retrieve``.
        request: HTTP method and path below the base URL.
        case: What distinguishes the request from others with the same name.
        query: Parameters of the query.
        json: JSON body.
        form: Fields of a form.
        files: Samples to send in the form, by the names of their fields.
        headers: Headers to add.
        keep: Values for later steps, by their names there: places in the answer, such as ``data.0._id``.
        until: Final states. The request is repeated until the answer has one of them. With another one than the first,
            nothing is kept.
        after: Names of kept values that the request does not send, but that show that it has something to work on.
        own: Name of a kept value. Items of the answer's ``data`` without it are not compared, since they are not ours.
        undo: Path to delete what the step makes.
        bills: Work that the platform bills.
        minutes: Minutes of video that the bill counts.
        is_refused: True if the platform should refuse the request. Then nothing is kept.
    """

    name: str
    request: str
    case: str = ""
    query: Mapping[str, Any] | None = None
    json: Mapping[str, Any] | None = None
    form: Mapping[str, Any] | None = None
    files: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    keep: Mapping[str, str] = {}
    until: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    own: str = ""
    undo: str = ""
    bills: Work | None = None
    minutes: float = 0.0
    is_refused: bool = False

    @property
    def label(self) -> str:
        """Name and case, which no other step of a conversation has."""
        return f"{self.name} ({self.case})" if self.case else self.name

    @property
    def needs(self) -> set[str]:
        """Names of the values that earlier steps have to keep."""
        parts = (self.request, self.query, self.json, self.form, *(f"${name}" for name in (*self.after, self.own)))
        return {name for part in parts for name in _names(part)} - {"mark"}

    def filled(self, known: Mapping[str, str]) -> Step:
        """Return the step with known values in the place of their names."""
        values = {name: fill(getattr(self, name), known) for name in ("request", "query", "json", "form", "headers")}
        return evolve(self, **values)


def fill(part: Any, known: Mapping[str, str]) -> Any:
    """Return JSON with known values in the place of their names."""
    if isinstance(part, str):
        return Template(part).safe_substitute(known)
    if is_object(part):
        return {name: fill(value, known) for name, value in part.items()}
    return [fill(item, known) for item in part] if is_list(part) else part


def _names(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield from re.findall(r"\$(\w+)", part)
    for item in part.values() if is_object(part) else part if is_list(part) else ():
        yield from _names(item)


def with_mistakes(steps: Iterable[Step]) -> Iterator[Step]:
    """Yield steps, each followed by the same request with usual mistakes, and with a page past the end."""
    for step in steps:
        yield step
        if not step.case:
            yield from _mistakes(step)


def _mistakes(step: Step) -> Iterator[Step]:
    wrong = evolve(step, until=(), bills=None, minutes=0.0, is_refused=True)
    if step.own:
        query = step.query or {}
        yield evolve(wrong, case="past the end", query={**query, **PAST_THE_END}, is_refused=False)
        for case, page in REFUSED_PAGES.items():
            yield evolve(wrong, case=case, query={**query, **page})
    elif " /" in step.request and (without_id := _with_unknown_id(step.request)) != step.request:
        yield evolve(wrong, case="unknown id", request=without_id)
    if step.request.startswith("POST"):
        if step.json is not None:
            yield evolve(wrong, case="no fields", json={})
        elif step.form is not None:
            yield evolve(wrong, case="no fields", form={}, files=None)
    if step.undo:
        yield Step(deletion_of(step.name), f"DELETE {_with_unknown_id(step.undo)}", "unknown id", is_refused=True)


def deletion_of(name: str) -> str:
    """Return the name of the method that deletes what a method creates, or finds."""
    resource, _, method = name.rpartition(".")
    return f"{resource}.{method.replace('create', 'delete') if 'create' in method else 'delete'}"


def _with_unknown_id(request: str) -> str:
    """Replace the last id in a path."""
    return re.sub(r"\$\w+(?!.*\$)", UNKNOWN_ID, request)
