"""A source of bulk analyses with parameters of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from attrs import asdict, field, frozen

from ..models._base import UserMetadata
from ..models._wire import unstructure
from ..models.analyze import AnalyzePromptV2, AnalyzePromptV2Params
from ..models.analyze_async import AsyncResponseFormat, AsyncResponseFormatParams, MaxTokens
from ..options import OMIT, is_given


@frozen
class AnalyzeSource:
    """Source of ``client.bulk.analyze`` with parameters of its own, which replace those of the run.

    A source may be given several times with different parameters, such as a long video with several time ranges. Each
    has an outcome, and the file is uploaded once.

    Attributes:
        source: Path, folder, glob pattern, URL or id of an asset, or a pair of one of these and its metadata.
        prompt: The question.
        prompt_v_2: The question together with images.
        temperature: Randomness of the answer. 0 to 1.
        max_tokens: Maximum number of tokens of the answer.
        response_format: JSON schema of the answer, or the segments to find.
        min_segment_duration: Minimum duration of a segment in seconds.
        max_segment_duration: Maximum duration of a segment in seconds.
        start_time: Start of the analyzed part of the video in seconds.
        end_time: End of the analyzed part of the video in seconds.

    Example:
        ::

            halves = [AnalyzeSource("match.mp4", start_time=start, end_time=start + 2700) for start in (0, 3600)]
            async for outcome in client.bulk.analyze(halves, prompt="Who scores?"):
                print(outcome.parameters, outcome.result.data if outcome.result else outcome.error)
    """

    source: str | os.PathLike[str] | tuple[str | os.PathLike[str], UserMetadata]
    prompt: str | None = field(default=OMIT, kw_only=True)
    prompt_v_2: AnalyzePromptV2 | AnalyzePromptV2Params | None = field(default=OMIT, kw_only=True)
    temperature: float | None = field(default=OMIT, kw_only=True)
    max_tokens: MaxTokens | None = field(default=OMIT, kw_only=True)
    response_format: AsyncResponseFormat | AsyncResponseFormatParams | None = field(default=OMIT, kw_only=True)
    min_segment_duration: float | None = field(default=OMIT, kw_only=True)
    max_segment_duration: float | None = field(default=OMIT, kw_only=True)
    start_time: float | None = field(default=OMIT, kw_only=True)
    end_time: float | None = field(default=OMIT, kw_only=True)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Parameters that were given, as plain data."""
        return given_parameters(**asdict(self, recurse=False, filter=lambda attribute, _: attribute.name != "source"))


def given_parameters(**parameters: Any) -> dict[str, Any]:
    """Return the parameters that were given, as plain data, under their names in Python."""
    return {name: unstructure(value) for name, value in parameters.items() if is_given(value)}
