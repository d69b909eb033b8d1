"""Hypothesis strategies for the arguments of every method, by the names of the parameters."""

from __future__ import annotations

import inspect
import io
from collections.abc import Callable, Mapping
from functools import cache
from inspect import Parameter
from typing import Any

from attrs import frozen
from hypothesis import strategies as st

from support import official


@frozen
class Built:
    """An argument that is built anew for each client.

    Attributes:
        of: A function, or the name that a model has in both packages.
        fields: Its arguments.
    """

    of: str | Callable[..., Any]
    fields: Mapping[str, Any] = {}


def build(value: Any, find_model: Callable[[str], Any]) -> Any:
    """Return *value* with every `Built` in it replaced by what it describes."""
    if isinstance(value, Built):
        of = find_model(value.of) if isinstance(value.of, str) else value.of
        return of(**build(value.fields, find_model))
    if isinstance(value, dict):
        return {key: build(item, find_model) for key, item in value.items()}
    if isinstance(value, list):
        return [build(item, find_model) for item in value]
    return value


ID = st.from_regex(r"[A-Za-z0-9_-]{1,24}", fullmatch=True)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBER = st.integers(0, 10**6) | st.floats(0, 1e6)
RANGE = NUMBER | st.fixed_dictionaries({}, optional={"gte": NUMBER, "lte": NUMBER})
KEY = st.from_regex(r"[a-z]{1,3}[0-9]", fullmatch=True)
SCALAR = TEXT | st.integers() | st.floats(-1e9, 1e9) | st.booleans()
METADATA = st.dictionaries(TEXT, SCALAR | st.lists(TEXT, max_size=2) | st.none(), max_size=3)
URL = st.from_regex(r"https?://[a-z]{1,8}\.example/[A-Za-z0-9._~%-]{0,12}", fullmatch=True)
ONE_OR_SOME = TEXT.filter(bool) | st.lists(TEXT, max_size=3)
MEDIA = st.binary(min_size=1, max_size=50)
MEDIA_NAME = st.from_regex(r"[a-z]{1,5}\.(mp4|mov|png|jpg|mp3|pdf)", fullmatch=True)
FILE = st.one_of(
    MEDIA,
    st.builds(lambda content: Built(io.BytesIO, {"initial_bytes": content}), MEDIA),
    st.tuples(MEDIA_NAME, MEDIA),
    st.tuples(MEDIA_NAME, MEDIA, st.sampled_from(["video/mp4", "image/png", None])),
)


def model(name: str, required: dict[str, Any], optional: dict[str, Any] | None = None) -> st.SearchStrategy[Any]:
    """Draw a nested value: a dict with the official SDK's names of fields, or a model."""
    optional = {key: value | st.none() for key, value in (optional or {}).items()}
    fields = st.fixed_dictionaries(required, optional=optional)
    return fields | fields.map(lambda fields: Built(name, fields))


IDS = st.lists(ID, min_size=1, max_size=2)
SCHEMA = st.dictionaries(TEXT | st.sampled_from(["schema_", "in_"]), st.fixed_dictionaries({"type": TEXT}), max_size=2)
ENRICHMENT = st.one_of(
    model("EnrichmentConfig_Description", {"type": st.just("description"), "description": TEXT}),
    model(
        "EnrichmentConfig_JsonSchema",
        {
            "type": st.just("json_schema"),
            "json_schema": model(
                "EnrichmentConfigJsonSchemaJsonSchema", {"type": st.just("object"), "properties": SCHEMA}
            ),
        },
    ),
)
SOURCE = {"url": URL, "asset_id": ID, "base_64_string": TEXT}
VIDEO = st.one_of(
    model("VideoContext_Url", {"type": st.just("url"), "url": URL}),
    model("VideoContext_AssetId", {"type": st.just("asset_id"), "asset_id": ID}),
    model("VideoContext_Base64String", {"type": st.just("base64_string"), "base_64_string": TEXT}),
)
IMAGES = st.lists(model("AnalyzeImageInput", {"name": TEXT}, SOURCE), max_size=2)
MEDIA_SOURCES = st.lists(model("SmeMediaSource", {"name": TEXT, "media_type": TEXT}, SOURCE), max_size=2)
JSON_SCHEMA = st.dictionaries(TEXT | st.sampled_from(["schema_", "base_64_string"]), SCALAR, max_size=2)
FIELD = {"name": TEXT, "type": TEXT, "description": TEXT}
CHOICES = st.lists(TEXT, max_size=2)
EVENT_FIELD = model(
    "TimeArrayItemField", FIELD, {"enum": CHOICES, "items": model("TimeArrayItemFieldItems", {"type": TEXT})}
)
SEGMENT_FIELD = model(
    "SegmentField",
    FIELD,
    {
        "format": TEXT,
        "enum": CHOICES,
        "items": model("SegmentFieldItems", {"type": TEXT}, {"fields": st.lists(EVENT_FIELD, max_size=1)}),
    },
)
SEGMENTS = model(
    "SegmentDefinition",
    {"id": ID, "description": TEXT},
    {
        "fields": st.lists(SEGMENT_FIELD, max_size=1),
        "media_sources": MEDIA_SOURCES,
        "time_ranges": st.lists(model("AnalyzeTimeRange", {"start_time": NUMBER, "end_time": NUMBER}), max_size=2),
    },
)
ASYNC_FORMAT = model(
    "AsyncResponseFormat",
    {"type": TEXT},
    {
        "json_schema": JSON_SCHEMA,
        "segment_definitions": st.lists(SEGMENTS, max_size=2),
        "segment_time_format": TEXT,
    },
)
BATCH_OPTIONS = {
    "prompt": model("BatchPrompt", {"input_text": TEXT}, {"media_sources": MEDIA_SOURCES}),
    "response_format": ASYNC_FORMAT,
    "max_tokens": st.integers(1, 10**4),
    **dict.fromkeys(["temperature", "min_segment_duration", "max_segment_duration", "start_time", "end_time"], NUMBER),
}
BATCH_ITEM = model(
    "BatchItemRequest",
    {"video": model("BatchVideoContext", {"type": st.just("asset_id"), "asset_id": ID})},
    {"custom_id": st.uuids().map(str), **BATCH_OPTIONS},
)
MEDIA_SOURCE = model("MediaSource", {}, SOURCE)
NAMES = st.lists(TEXT, max_size=2)
HOW = {"embedding_option": NAMES, "embedding_scope": NAMES, "embedding_type": NAMES}


def segmentation(kind: str, inner: str, strategy: str, field: str) -> st.SearchStrategy[Any]:
    """Draw a segmentation of a file into clips."""
    return model(kind, {"strategy": st.just(strategy), strategy: model(inner, {field: st.integers(2, 5)})})


AUDIO_SEGMENTATION = segmentation("AudioSegmentation", "AudioSegmentationFixed", "fixed", "duration_sec")
VIDEO_SEGMENTATION, TEMPORAL_SEGMENTATION = (
    segmentation(f"{kind}_Fixed", f"{kind}FixedFixed", "fixed", "duration_sec")
    | segmentation(f"{kind}_Dynamic", f"{kind}DynamicDynamic", "dynamic", "min_duration_sec")
    for kind in ("VideoSegmentation", "TemporalSegmentation")
)
TEMPORAL = model("AsyncTemporalSegmentation", {"temporal": TEMPORAL_SEGMENTATION})
STRETCH = {"start_sec": NUMBER, "end_sec": NUMBER, **HOW}
WORDS = {
    "time_based_metadata": st.lists(
        model("TimeBasedMetadataEntry", {"start": NUMBER, "end": NUMBER, "text": TEXT}), max_size=2
    )
}
DOCUMENT_SEGMENTATION = model(
    "DocumentSegmentation",
    {},
    {
        "spatial": model("DocumentSpatialSegmentation", {}, {"strategy": TEXT}),
        "sequential": model(
            "DocumentSequentialSegmentation",
            {"strategy": st.just("sentence"), "max_sentences": st.integers(1, 9)},
            {"overlap_sentences": st.integers(0, 9)},
        ),
    },
)


def media_input(
    name: str, required: dict[str, Any] | None = None, optional: dict[str, Any] | None = None
) -> st.SearchStrategy[Any]:
    """Draw the input of an embedding."""
    return model(name, {"media_source": MEDIA_SOURCE, **(required or {})}, optional)


VIDEO_TO_EMBED = {
    "video_start_offset_sec": NUMBER,
    "video_end_offset_sec": NUMBER,
    "video_clip_length": NUMBER,
    "video_embedding_scope": NAMES,
}
PROMPT = model("AnalyzePromptV2", {"input_text": TEXT}, {"media_sources": MEDIA_SOURCES})
VALUES: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(["audio_url", "image_url", "query_media_url", "url", "video_url"], URL),
    "page": st.integers(1, 99),
    "page_limit": st.integers(1, 50),
    "duration": RANGE,
    "fps": RANGE,
    "width": RANGE,
    "height": RANGE,
    "size": RANGE,
    "status": ONE_OR_SOME,
    "asset_ids": ONE_OR_SOME,
    "asset_types": ONE_OR_SOME,
    "embedding_option": ONE_OR_SOME,
    "include": ONE_OR_SOME,
    "addons": st.lists(TEXT, max_size=2),
    "total_size": st.integers(0, 10**10),
    "start": st.integers(1, 100),
    "count": st.integers(1, 50),
    "temperature": NUMBER,
    "max_tokens": st.integers(1, 10**4),
    "start_time": NUMBER,
    "end_time": NUMBER,
    "search_options": st.lists(TEXT, min_size=1, max_size=3),
    "transcription_options": st.lists(TEXT, max_size=2),
    "query_media_file": FILE,
    "query_media_files": st.lists(FILE, max_size=2),
    "query_media_urls": st.lists(URL, max_size=2),
    "file": FILE,
    "user_metadata": METADATA,
    "audio_file": FILE,
    "image_file": FILE,
    "video_file": FILE,
    "audio_start_offset_sec": NUMBER,
    **VIDEO_TO_EMBED,
    "embed.tasks.create_bulk videos": st.lists(
        st.fixed_dictionaries({"video_url": URL}, optional=VIDEO_TO_EMBED)
        | st.fixed_dictionaries({"video_file": FILE}, optional=VIDEO_TO_EMBED),
        min_size=1,
        max_size=1,
    ),
    "sleep_interval": st.floats(0.1, 10),
    "callback": st.none(),
    "embedding_dimension": st.integers(1, 4096),
    "embed.v_2.create text": model("TextInputRequest", {"input_text": TEXT}),
    "embed.v_2.create image": media_input("ImageInputRequest"),
    "embed.v_2.create text_image": media_input("TextImageInputRequest", {"input_text": TEXT}),
    "embed.v_2.create audio": media_input(
        "AudioInputRequest", optional={"segmentation": AUDIO_SEGMENTATION, **STRETCH}
    ),
    "embed.v_2.create video": media_input(
        "VideoInputRequest", optional={"segmentation": VIDEO_SEGMENTATION, **STRETCH}
    ),
    "embed.v_2.create multi_input": model(
        "MultiInputRequest",
        {},
        {
            "input_text": TEXT,
            "media_sources": st.lists(
                model("MultiInputMediaSource", {"media_type": TEXT}, {"name": TEXT, **SOURCE}), max_size=2
            ),
        },
    ),
    "embed.v_2.tasks.create audio": media_input(
        "AsyncAudioInputRequest",
        optional={"segmentation": AUDIO_SEGMENTATION | TEMPORAL, **STRETCH, **WORDS},
    ),
    "embed.v_2.tasks.create video": media_input(
        "AsyncVideoInputRequest", optional={"segmentation": VIDEO_SEGMENTATION | TEMPORAL, **STRETCH, **WORDS}
    ),
    "embed.v_2.tasks.create document": media_input(
        "AsyncDocumentInputRequest", optional={"segmentation": DOCUMENT_SEGMENTATION, **HOW}
    ),
    "embed.v_2.tasks.create image": media_input("AsyncImageInputRequest", optional=HOW),
    "indexes.indexed_assets.list user_metadata": st.dictionaries(KEY, SCALAR | st.none(), max_size=3),
    "indexes.videos.list user_metadata": st.dictionaries(KEY, SCALAR | st.none(), max_size=3),
    "assets.create user_metadata": TEXT,
    "tasks.create user_metadata": TEXT,
    "tasks.list duration": NUMBER,
    "tasks.list width": NUMBER,
    "tasks.list height": NUMBER,
    "items": st.lists(model("ImportFilesRequestItemsItem", {"source_id": TEXT}), min_size=1, max_size=2),
    "models": st.lists(
        model("IndexesCreateRequestModelsItem", {"model_name": TEXT, "model_options": st.lists(TEXT, max_size=2)}),
        min_size=1,
        max_size=2,
    ),
    "ingestion_config": model("IngestionConfig", {"enrichment_config": ENRICHMENT}),
    "knowledge_stores.search query": model("KnowledgeStoreSearchQuery", {"text": TEXT}),
    "knowledge_stores.search filter": model(
        "SearchKnowledgeStoreFilter",
        {},
        {
            "asset_type": model("AssetTypeFilter", {}, {"eq": TEXT, "in_": st.lists(TEXT, max_size=2)}),
            "item_id": model("ItemIdFilter", {}, {"eq": ID, "in_": st.lists(ID, max_size=2)}),
        },
    ),
    "knowledge_stores.search search_options": model(
        "SearchKnowledgeStoreOptions",
        {"video": model("VideoSearchOptions", {"modalities": st.lists(TEXT, max_size=2)})},
    ),
    "page_size": st.integers(1, 50),
    "metadata": METADATA,
    "item_ids": IDS,
    "entity_collections.entities.create asset_ids": IDS,
    "entity_collections.entities.create_assets asset_ids": IDS,
    "entity_collections.entities.delete_assets asset_ids": IDS,
    "entities": st.lists(
        model(
            "EntitiesCreateBulkRequestEntitiesItem",
            {"name": TEXT, "asset_ids": IDS},
            {"description": TEXT, "metadata": METADATA},
        ),
        min_size=1,
        max_size=2,
    ),
    "entity_collections.entities.list status": TEXT,
    "completed_chunks": st.lists(
        model("CompletedChunk", {"chunk_index": NUMBER.map(int), "proof": TEXT, "proof_type": st.just("etag"),
                                 "chunk_size": NUMBER.map(int)}),
        max_size=2,
    ),
    "video": VIDEO,
    "image": IMAGES,
    "prompt_v_2": PROMPT,
    "response_format": model("SyncResponseFormat", {"type": st.just("json_schema"), "json_schema": JSON_SCHEMA}),
    "analyze_async.tasks.create response_format": ASYNC_FORMAT,
    "analyze_async.tasks.create max_tokens": st.integers(1, 10**4) | st.just("unlimited"),
    "analyze_async.batches.list analysis_mode": ONE_OR_SOME,
    "min_segment_duration": NUMBER,
    "max_segment_duration": NUMBER,
    "defaults": model("BatchDefaults", {}, BATCH_OPTIONS),
    "requests": st.lists(BATCH_ITEM, min_size=1, max_size=2),
    "input": st.lists(
        model("ResponseInputItem", {"type": st.just("message"), "role": st.just("user"), "content": TEXT}),
        min_size=1,
        max_size=2,
    ),
    "selections": st.lists(model("ResponseSelection", {"kind": TEXT, "id": ID}), max_size=2),
    **dict.fromkeys(["responses.create text", "responses.create_stream text"], model("TextParam", {}, {
        "format": model("TextParamFormat_Text", {"type": st.just("text")}) | model(
            "TextParamFormat_JsonSchema",
            {"type": st.just("json_schema"), "name": TEXT, "schema_": st.dictionaries(TEXT, SCALAR, max_size=2)},
            {"description": TEXT, "strict": st.booleans()},
        ),
    })),
}  # fmt: skip
# Arguments that are only valid together.
TOGETHER = {
    **dict.fromkeys(
        ["analyze", "analyze_stream", "analyze_async.tasks.create"],
        st.one_of(
            st.fixed_dictionaries({"video": VIDEO, "image": st.none(), "prompt": TEXT, "prompt_v_2": st.none()}),
            st.fixed_dictionaries({"video": VIDEO, "image": st.none(), "prompt": st.none(), "prompt_v_2": PROMPT}),
            st.fixed_dictionaries({"video": st.none(), "image": IMAGES, "prompt": TEXT, "prompt_v_2": st.none()}),
        ),
    ),
    "assets.create": st.one_of(
        st.fixed_dictionaries({"method": st.just("direct"), "file": FILE}),
        st.fixed_dictionaries({"method": st.just("url"), "url": URL}),
    ),
    "tasks.create": st.one_of(
        st.fixed_dictionaries({"video_file": FILE, "video_url": st.none()}),
        st.fixed_dictionaries({"video_file": st.none(), "video_url": URL}),
    ),
    "embed.create": st.fixed_dictionaries({"text": TEXT.filter(bool)}),
    "embed.v_2.create": st.fixed_dictionaries(
        {"input_type": st.just("video"), "video": VALUES["embed.v_2.create video"]}
    ),
    "embed.v_2.tasks.create": st.fixed_dictionaries(
        {"input_type": st.just("audio"), "audio": VALUES["embed.v_2.tasks.create audio"]}
    ),
    "embed.tasks.create": st.fixed_dictionaries({"video_url": URL}),
}
FLAGS = (
    "auto_truncate",
    "embedding_uncertainty",
    "enable_hls",
    "enable_thumbnail",
    "enable_video_stream",
    "transcription",
    "force",
    "include_metadata",
    "include_user_metadata",
)


def values(method: str, parameter: str) -> st.SearchStrategy[Any]:
    """Draw values of a parameter of a method."""
    if parameter in FLAGS:
        return st.booleans()
    if parameter.endswith("_id") or parameter == "page_token":
        return ID
    return VALUES.get(f"{method} {parameter}", VALUES.get(parameter, TEXT))


@cache
def arguments(method: str) -> dict[str, st.SearchStrategy[dict[str, Any]]]:
    """Return strategies for the arguments of *method*: the required ones, all, and any."""
    parameters = inspect.signature(official.function(method)).parameters
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for name, parameter in parameters.items():
        if name != "request_options":
            (required if parameter.default is Parameter.empty else optional)[name] = values(method, name)
    together = TOGETHER.get(method, st.just({}))
    nullable = {
        name: value | st.none() if parameters[name].default in (None, ...) else value
        for name, value in optional.items()
    }
    minimum = st.fixed_dictionaries(required)
    return {
        "required": st.builds(dict.__or__, minimum, together),
        "all": st.builds(dict.__or__, st.fixed_dictionaries(required | optional), together),
        "any": st.builds(dict.__or__, st.fixed_dictionaries(required, optional=nullable), together),
    }
