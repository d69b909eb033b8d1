"""``analyze``: ask a question about videos."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, cast

import click

from ._bulk import bulk_options, run_in_bulk
from ._client import create_client
from ._output import print_message, print_text
from ._sources import find_asset, is_single, is_source

if TYPE_CHECKING:
    from ..bulk import Outcome
    from ..bulk.options import Existing
    from ..models.analyze import VideoContext
    from ..sync import TwelveLabs

RECORDED: Final = ("as_json", "journal", "sink", "budget", "dry_run", "retry_failed")
"""Options of `bulk_options` with which the analysis of a single video is a run as well."""


def _read_schema(_: click.Context, __: click.Parameter, path: str | None) -> dict[str, Any] | None:
    """Return the JSON schema in a file."""
    if path is None:
        return None
    try:
        with open(path, "rb") as file:
            schema: object = json.load(file)
    except OSError as error:
        raise click.BadParameter(f"{path}: {error.strerror}.") from None
    except ValueError as error:
        raise click.BadParameter(f"{path} is not JSON: {error}.") from None
    if not isinstance(schema, dict):
        raise click.BadParameter(f"{path} contains no JSON object. Expected a JSON schema.")
    return cast("dict[str, Any]", schema)


@click.command()
@click.option("--prompt", metavar="TEXT", help="Question about each video.  [default: the last argument]")
@click.option(
    "--schema", metavar="FILE", callback=_read_schema, help="JSON schema of the answers. They are JSON objects then."
)
@click.option("--model", "model_name", help="Model that answers.  [default: the platform's]")
@click.option(
    "--start", "start_time", type=float, metavar="SECONDS", help="Start of the part to analyze of each video."
)
@click.option("--end", "end_time", type=float, metavar="SECONDS", help="End of the part to analyze.")
@click.option("--max-tokens", type=int, help="Maximum number of tokens of an answer.  [default: 4096]")
@click.option("--images", is_flag=True, help="Analyze images instead of videos, with Pegasus 1.6.")
@click.option("--batch", is_flag=True, help="Let the platform decide when to analyze, within 24 hours.")
@bulk_options
def analyze(
    sources: Sequence[str],
    prompt: str | None,
    schema: dict[str, Any] | None,
    images: bool,
    batch: bool,
    **settings: Any,
) -> None:
    """Ask the same question about videos or images, many at once.

    A SOURCE is a folder, a file, a glob pattern, a public URL, or the id of an asset. Files are uploaded first and stay
    as assets. Without --prompt, the last argument is the question.

    The answer about a single video is printed while it is generated. With several sources, a folder, or --json, --sink,
    --budget or --journal, a journal records what was done. After an interruption, the same command resumes the run,
    and nothing is uploaded or analyzed twice. Prints the outcome and the answer of each video.
    """
    if prompt is None:
        *sources, prompt = sources
        if not sources or is_source(prompt):
            raise click.UsageError("The question is missing: pass --prompt TEXT, or the question as the last argument.")
    question: dict[str, Any] = {"prompt": prompt}
    if schema is not None:
        question["response_format"] = {"type": "json_schema", "json_schema": schema}
    for name in ("model_name", "start_time", "end_time", "max_tokens"):
        if (value := settings.pop(name)) is not None:
            question[name] = value
    start, end = question.get("start_time", 0.0), question.get("end_time", math.inf)
    if not 0 <= start < end:
        raise click.UsageError(f"--start must be at least 0 and before --end; got {start:g} and {end:g}.")
    if images:
        question = {"model_name": "pegasus1.6", "image": [], **question}
    keeps_record = batch or images or any(settings[name] for name in RECORDED)
    if len(sources) == 1 and is_single(sources[0]) and not keeps_record:
        _print_answer(sources[0], question, settings["existing"])
        return

    def results_of(outcome: Outcome[Any]) -> dict[str, object]:
        answer = outcome.result and outcome.result.data
        return {
            "asset_id": outcome.asset_id,
            "task_id": outcome.task_id,
            "answer": answer if schema is None else _decode(answer),
        }

    run_in_bulk("analyze", {"batch": batch, **question}, results_of, prints_results=True, sources=sources, **settings)


def _decode(answer: Any) -> Any:
    """Return an answer as JSON, or as text if it is incomplete."""
    try:
        return answer and json.loads(answer)
    except ValueError:
        return answer


def _print_answer(source: str, question: dict[str, Any], existing: Existing) -> None:
    """Print the answer about one video while it is generated."""
    from ..models.analyze import StreamAnalyzeResponse_StreamEnd, StreamAnalyzeResponse_TextGeneration
    from ..sync import TwelveLabs

    with create_client(TwelveLabs) as client:
        for event in client.analyze_stream(video=_video(client, source, existing), **question):
            if isinstance(event, StreamAnalyzeResponse_TextGeneration):
                print_text(event.text or "")
            elif isinstance(event, StreamAnalyzeResponse_StreamEnd):
                print_text("\n")
                if event.finish_reason == "length":
                    print_message("The answer is incomplete: it reached the model's length limit.")


def _video(client: TwelveLabs, source: str, existing: Existing) -> VideoContext:
    from .._urls import is_url
    from ..models.analyze import VideoContext_AssetId, VideoContext_Url

    if is_url(source):
        return VideoContext_Url(url=source)
    return VideoContext_AssetId(asset_id=find_asset(client, source, existing))
