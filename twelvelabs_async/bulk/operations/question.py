"""Questions of bulk analyses: parameters of an analysis without its video or image."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final, TypeAlias

from ..._json_schemas import json_schema
from ...errors import InvalidArgumentError
from ...models._wire import dumps
from ..sources import BulkSource

Question: TypeAlias = Mapping[str, Any]
"""Parameters of ``analyze_async.tasks.create``. ``image`` has the further images, beside the source itself."""

IMAGE_NAME: Final = "source"
"""Name by which a prompt refers to the image that is the source."""
MAX_IMAGES: Final = 20
SEGMENTATION: Final = "time_based_metadata"
UNLIMITED: Final = "unlimited"
MAX_WINDOW_SECONDS: Final = 2 * 60 * 60.0
MIN_WINDOW_SECONDS: Final = 1.0
BATCH_MODEL: Final = "pegasus1.5"
PEGASUS_1_6: Final = "pegasus1.6"
"""Model that alone analyzes images, and gives answers without a limit."""
PROMPTS: Final = ("prompt", "prompt_v_2")
DURATIONS: Final = ("min_segment_duration", "max_segment_duration")
TIMES: Final = ("start_time", "end_time")
REFERRED: Final = re.compile(r'"#/\$defs/(\w+)"')
REFERENCE: Final = re.compile(r"<@([^<>]+)>")


def question_of(question: Question, source: BulkSource) -> Question:
    """Return the question about a source, whose own parameters replace those of *question*."""
    if not source.parameters:
        return question
    has_prompt = any(name in source.parameters for name in PROMPTS)
    kept = {name: value for name, value in question.items() if not (has_prompt and name in PROMPTS)}
    return {**kept, **source.parameters}


def is_segmentation(question: Question) -> bool:
    """Return whether segments are requested."""
    return bool(question.get("analysis_mode") == SEGMENTATION)


def has_prompt(question: Question) -> bool:
    """Return whether there is something to ask: a prompt, or segments to find."""
    return is_segmentation(question) or any(question.get(name) for name in PROMPTS)


def window_of(question: Question) -> tuple[float, float] | None:
    """Return start and end of the analyzed part in seconds. ``None`` if the segments have parts of their own."""
    if _has_time_ranges(question):
        return None
    start, end = question.get("start_time"), question.get("end_time")
    return float(start or 0.0), math.inf if end is None else float(end)


def validate_question(question: Question, *, in_batches: bool) -> None:
    """Validate a question, before anything is uploaded for it (docs: Create an analysis task; Create a batch).

    Raises:
        ValueError: The API would refuse it.
    """
    for is_invalid, reason in _rules(question, in_batches=in_batches):
        if is_invalid:
            raise InvalidArgumentError(reason)


def require_finite(into: type | None) -> None:
    """Validate that answers of a class have an end.

    Raises:
        ValueError: The class refers to itself. The API documents no schemas that do.
    """
    definitions: Mapping[str, Any] = {} if into is None else json_schema(into).get("$defs", {})
    references = {name: {*REFERRED.findall(dumps(schema).decode())} for name, schema in definitions.items()}
    try:
        TopologicalSorter(references).prepare()
    except CycleError as error:
        raise InvalidArgumentError(
            f"into must not be recursive: {' → '.join(reversed(error.args[1]))}. "
            "Use a list of items that have the name of their parent."
        ) from None


def _rules(question: Question, *, in_batches: bool) -> Sequence[tuple[bool, str]]:
    """Return for each rule whether the question breaks it, and what is expected."""
    model, images = question.get("model_name"), question.get("image")
    segments, has_ranges = is_segmentation(question), _has_time_ranges(question)
    prompts, durations, times = (
        [name for name in names if question.get(name) is not None] for names in (PROMPTS, DURATIONS, TIMES)
    )
    start, end = window_of(question) or (0.0, math.inf)
    may_be_unlimited = segments and model == PEGASUS_1_6 and not has_ranges and not in_batches
    may_have_images = not segments and model == PEGASUS_1_6 and prompts == ["prompt"] and not in_batches
    return (
        (not has_prompt(question), f"The question is missing. Pass a prompt, or analysis_mode {SEGMENTATION!r}."),
        (len(prompts) > 1, "Both prompt and prompt_v_2 are given. Pass one of them."),
        (segments and bool(prompts), f"analysis_mode {SEGMENTATION!r} excludes {' and '.join(prompts)}."),
        (not segments and bool(durations), f"{' and '.join(durations)} requires analysis_mode {SEGMENTATION!r}."),
        (
            in_batches and model not in (None, BATCH_MODEL),
            f"Batches are analyzed with {BATCH_MODEL!r} alone; got {model!r}. Leave out batch or model_name.",
        ),
        (
            has_ranges and bool(durations or times),
            f"Segments with time_ranges exclude {', '.join((*times, *durations))}. Leave out one of them.",
        ),
        (
            end - start < MIN_WINDOW_SECONDS,
            f"end_time must be at least {MIN_WINDOW_SECONDS:g} s after start_time; got {start:g} and {end:g}.",
        ),
        (
            MAX_WINDOW_SECONDS < end - start < math.inf,
            f"At most {MAX_WINDOW_SECONDS:,g} s are analyzed; got start_time {start:g} and end_time {end:g}.",
        ),
        (
            question.get("max_tokens") == UNLIMITED and not may_be_unlimited,
            f"max_tokens {UNLIMITED!r} requires model_name {PEGASUS_1_6!r} and analysis_mode {SEGMENTATION!r}, "
            "without batch and time_ranges.",
        ),
        (
            images is not None and not may_have_images,
            f"image requires model_name {PEGASUS_1_6!r} and prompt, without batch, segments and prompt_v_2.",
        ),
        *(() if images is None else _rules_of_images(str(question.get("prompt")), images)),
    )


def _rules_of_images(prompt: str, images: Sequence[Mapping[str, Any]]) -> Sequence[tuple[bool, str]]:
    names = [IMAGE_NAME, *(str(image.get("name")) for image in images)]
    referred = {*REFERENCE.findall(prompt)}
    expected = ", ".join(f"<@{name}>" for name in names)
    return (
        (len(names) > MAX_IMAGES, f"At most {MAX_IMAGES - 1} images are sent with each source; got {len(images)}."),
        (len({*names}) < len(names), f"Images must have different names, and none {IMAGE_NAME!r}; got {names[1:]}."),
        (
            bool(referred) and referred != {*names},
            f"A prompt refers to all images or to none: {expected}; got {', '.join(sorted(referred))}.",
        ),
    )


def _has_time_ranges(question: Question) -> bool:
    """Return whether a kind of segment has parts of the video of its own."""
    response_format: Mapping[str, Any] = question.get("response_format") or {}
    return any(definition.get("time_ranges") for definition in response_format.get("segment_definitions") or ())
