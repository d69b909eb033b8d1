"""Turn models into everything that programs turn them into."""

import copy
import json
import os
import pickle
from typing import Any

from twelvelabs import TwelveLabs
from twelvelabs.types import SearchItem, VideoSegment

client = TwelveLabs(api_key=os.environ["KEY"], base_url=os.environ["URL"])
index = client.indexes.retrieve(
    client.indexes.create(
        index_name="dumps", models=[{"model_name": "marengo3.0", "model_options": ["visual", "audio"]}]
    ).id
)
segment = client.embed.create(model_name="marengo3.0", text="a rocket").text_embedding.segments[0]
hit = SearchItem(start=1.0, end=2.5, video_id="v1", rank=1, score=0.5, note=None)


def plain(value: Any) -> Any:
    """Return what most programs make of a response, whatever SDK it is from."""
    if hasattr(value, "model_dump"):
        return value.model_dump()
    if hasattr(value, "dict"):
        return value.dict()
    if hasattr(value, "__dict__"):
        return vars(value)
    return value


def shape(value: Any) -> Any:
    """Return keys and types instead of values that are new at each run."""
    if isinstance(value, dict):
        return {key: shape(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [shape(item) for item in value[:1]]
    return "number" if isinstance(value, (int, float)) else type(value).__name__


print(shape(plain(index)))
print(shape(index.dict()), shape(vars(index).keys() >= {"id", "index_name", "models"}))
print(shape(index.model_dump(mode="json")))
print(shape(json.loads(index.json())), shape(json.loads(index.model_dump_json(exclude_none=True))))
print(sorted(dict(index)), sorted(type(index).model_fields) == sorted(index.model_fields_set))
print(shape(segment.dict()), sorted(segment.model_dump(exclude_none=True)))
print(json.dumps(hit.model_dump(), sort_keys=True))
print(sorted(hit.model_dump(exclude_none=True)), sorted(hit.model_dump(exclude_unset=True)))
print(hit.score, hit.note, hit.model_extra, hasattr(hit, "other"), getattr(hit, "confidence", None))
print(hit.model_dump(include={"start", "score"}), hit.dict(exclude={"start"}).keys() >= {"end", "score"})

changed = hit.model_copy(update={"rank": 2})
print(hit.rank, changed.rank, hit.copy(update={"rank": 3}).rank, changed == hit, hit.copy() == hit)
print(copy.copy(hit) == hit, copy.deepcopy(hit) == hit, pickle.loads(pickle.dumps(hit)) == hit)
print(SearchItem.model_validate({"start": 1, "rank": 4}).rank, SearchItem.parse_obj({"rank": 5, "new": 1}).new)
print(SearchItem(**hit.model_dump()) == hit, SearchItem.model_validate_json('{"rank": 6}').rank)
print(VideoSegment(float_=[0.5], start_offset_sec=0, end_offset_sec=1).float_)
