"""Transcriptions of assets."""

from __future__ import annotations

import attrs

from ..problem import Json, Problem, invalid
from ..state import Asset
from .assets import find_asset
from .operation import Context, operation

SEGMENTATIONS = ("words", "sentences", "utterances")


@attrs.frozen(kw_only=True)
class RetrieveTranscription:
    """Each item of `include` is one segmentation, or several with commas between."""

    include: list[str] = attrs.field(factory=lambda: ["words"])


def transcription_json(found: Asset, segmentations: list[str]) -> Json:
    """Return the transcription of a ready asset in some segmentations."""
    sentences = found.content.sentences
    by_name: Json = {
        "words": [word for sentence in sentences for word in _timed_words(sentence)],
        "sentences": sentences,
        "utterances": [{**sentence, "speaker": "speaker_0"} for sentence in sentences],
    }
    return {"status": "ready", **{name: by_name[name] for name in segmentations}}


def _timed_words(sentence: Json) -> list[Json]:
    """Return the words of a sentence, with equal shares of its time."""
    values = str(sentence["value"]).split()
    share = (sentence["end"] - sentence["start"]) / max(1, len(values))
    return [
        {"start": sentence["start"] + share * number, "end": sentence["start"] + share * (number + 1), "value": value}
        for number, value in enumerate(values)
    ]


@operation("GET", "/assets/{asset_id}/transcription")
def retrieve(context: Context, request: RetrieveTranscription, asset_id: str) -> Json:
    asset, segmentations = find_asset(context.state, asset_id, 404), ",".join(request.include).split(",")
    if not {*segmentations} <= {*SEGMENTATIONS}:
        raise invalid("include", f"must be some of {', '.join(SEGMENTATIONS)}; got {','.join(segmentations)!r}")
    if not asset.content.sentences:
        raise Problem(404, "resource_not_exist", f"The asset {asset.id} has no transcription.")
    status, failure = asset.status(context.now()), asset.content.failure("transcription")
    if status == "processing":
        return {"status": "processing"}
    if status == "failed" or failure:
        return {"status": "failed", "error": {"message": failure or "The asset failed."}}
    return transcription_json(asset, segmentations)
