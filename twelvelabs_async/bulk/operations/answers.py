"""Answers of analyses as rows of tables."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from operator import attrgetter
from typing import Any, Final, cast

from attrs import evolve, frozen

from ..._structured_output import from_analysis
from ...errors import APIResponseError
from ...models._columns import Column, Columns, columns_of
from ...models.analyze_async import AnalyzeTaskResult
from ..outcome import OUTCOME_COLUMNS
from ..sinks.rows import ROW_COLUMN, SHARED_COLUMNS

PREFIX: Final = "answer_"
"""Prefix of the column of a field whose name another column of a table has, with or without a sink."""


@frozen
class Answer:
    """Row of an answer.

    Attributes:
        result: The answer.
        value: Instance of the caller's class, if the answer fits it.
        error: Reason why the answer does not fit.
    """

    result: AnalyzeTaskResult
    value: object = None
    error: str | None = None


def make_answer(result: AnalyzeTaskResult, into: type[Any] | None) -> Answer:
    """Return the row of an answer, with an instance of *into* if the answer fits it."""
    if into is None:
        return Answer(result)
    try:
        return Answer(result, from_analysis(result.data, result.finish_reason, into))
    except APIResponseError as error:
        return Answer(result, error=str(error))


def answer_columns(model: object, into: type[Any] | None) -> Columns:
    """Return the columns of an `Answer`.

    Args:
        model: Model of the analyses.
        into: Class of the answers, whose fields are columns.
    """
    columns = [
        Column("model", str, lambda _: model),
        Column("text", str, attrgetter("result.data")),
        Column("finish_reason", str, attrgetter("result.finish_reason")),
        Column("input_tokens", int, lambda answer: getattr(answer.result.usage, "input_tokens", None)),
        Column("output_tokens", int, lambda answer: getattr(answer.result.usage, "output_tokens", None)),
    ]
    if into is None:
        return columns
    columns.append(Column("error", str, attrgetter("error")))
    taken = {*OUTCOME_COLUMNS, *SHARED_COLUMNS, ROW_COLUMN, *(column.name for column in columns)}
    for column in columns_of(cast("Hashable", into)):
        name = f"{PREFIX}{column.name}" if column.name in taken else column.name
        columns.append(evolve(column, name=name, read=partial(_read_value, column.read)))
    return columns


def _read_value(read: Callable[[Any], Any], answer: Answer) -> Any:
    return None if answer.value is None else read(answer.value)
