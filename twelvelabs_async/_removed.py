"""Names of earlier versions of the API and of the official SDK, with what replaces them.

`REMOVED` is the one table. A key is one of:

* a public name or a module: ``ResponseFormat``, ``HttpClient``, ``exceptions``, ``tasks.transfers``
* an attribute of a class, as the blocking client names the class: ``TwelveLabs.task``, ``SearchItem.score``
* a keyword of a method or constructor: ``analyze(video_id)``, ``TwelveLabs(httpx_client)``
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

_ANALYZE: Final = 'Use client.analyze(video={"type": "asset_id", "asset_id": …}, prompt=…).'
_VIDEO: Final = 'Pass video={"type": "asset_id", "asset_id": …}; an indexed asset has its asset_id.'
_NO_GIST: Final = f"The API has no operation gist any more. {_ANALYZE}"
_NO_GENERATE: Final = f"The API has no operation generate any more. {_ANALYZE}"
_NO_SUMMARIZE: Final = f"The API has no operation summarize any more. {_ANALYZE}"
_NO_SCORE: Final = "The API returns no scores any more. Use rank: the best hit has rank 1."
_NO_TRANSFERS: Final = "Use client.data_connectors and client.imports."
_RAW: Final = "Use with_raw_response of the client or of one of its resources."
_SENDING: Final = "It is internal code of the official SDK. Requests are sent by client.request()."
_ENCODING: Final = "It is internal code of the official SDK. Models have to_dict() and to_json()."
_DECODING: Final = "It is internal code of the official SDK. Use structure(data, cls) to make models from JSON."
_FILES: Final = "It is internal code of the official SDK. Pass files as paths, bytes or file objects."
_HTTPX: Final = "This package uses aiohttp, not httpx. Pass timeout=, connector=, ssl= or proxy=."

RENAMED: Final[Mapping[str, str]] = {
    "index": "indexes",
    "index.video": "videos",
    "task": "tasks",
    "embed.task": "tasks",
    "indexes.create(name)": "index_name",
    "indexes.create(models['name'])": "model_name",
    "indexes.create(models['options'])": "model_options",
    "indexes.list(name)": "index_name",
    "indexes.update(name)": "index_name",
    "tasks.create(file)": "video_file",
    "tasks.create(url)": "video_url",
    "tasks.create_bulk(files)": "video_files",
    "tasks.create_bulk(urls)": "video_urls",
    "search.query(options)": "search_options",
}
"""Paths of attributes below a client, and keywords of methods by the methods' new names; with the new name.

``models['name']`` is a key of the dictionaries in a list.
"""

RENAMED_CLASSES: Final[Mapping[str, str]] = {
    "AuthenticationError": "UnauthorizedError",
    "CreateEmbeddingsResult": "EmbeddingResponse",
    "EmbeddingsTask": "MediaEmbeddingTask",
    "EmbeddingsTaskStatus": "TasksStatusResponse",
    "GenerateOpenEndedTextResult": "NonStreamAnalyzeResponse",
    "Index": "IndexSchema",
    "IndexModel": "IndexesCreateRequestModelsItem",
    "PermissionDeniedError": "ForbiddenError",
    "RateLimitError": "TooManyRequestsError",
    "SearchData": "SearchItem",
    "SearchResult": "SearchResults",
    "SegmentEmbedding": "VideoSegment",
    "Task": "VideoIndexingTask",
    "Video": "VideoVector",
}

REMOVED: Final[Mapping[str, str]] = {
    # Public names and modules.
    "ResponseFormat": "Use SyncResponseFormat for analyze(), and AsyncResponseFormat for analyze_async.tasks.create().",
    "ResponseFormatType": "Use SyncResponseFormatType or AsyncResponseFormatType.",
    "GenerateResponse": _NO_GENERATE,
    **dict.fromkeys(("Gist", "GistRequestTypesItem"), _NO_GIST),
    **dict.fromkeys(
        (
            "SummarizeResponse", "SummarizeResponse_Chapter", "SummarizeResponse_Highlight",
            "SummarizeResponse_Summary", "SummarizeResult",
        ),
        _NO_SUMMARIZE,
    ),
    **dict.fromkeys(("Confidence", "ScoreSearchTerms", "ThresholdSearch", "SearchCreateRequestSortOption"), _NO_SCORE),
    **dict.fromkeys(
        (
            "ImportLog", "ImportLogFailedFilesItem", "ImportLogVideoStatus", "VideoItem", "VideoItemFailed",
            "tasks.transfers",
        ),
        _NO_TRANSFERS,
    ),
    **{old: f"Its name is {new}." for old, new in RENAMED_CLASSES.items()},
    "exceptions": "Import errors from twelvelabs_async.errors.",
    "models": "Import models from twelvelabs_async.types.",
    "manage_entities": "Use client.entity_collections.entities.",
    "manage_videos": "Use client.indexes.videos.",
    # Attributes.
    "SearchItem.score": _NO_SCORE,
    "SearchItem.confidence": _NO_SCORE,
    "SearchItem.clips": 'Hits are grouped by search.create(group_by="video").',
    **{f"TwelveLabs.{old}": f"Use client.{RENAMED[old]}." for old in ("index", "task")},
    "TwelveLabs.generate": _NO_GENERATE,
    "TwelveLabs.summarize": _NO_SUMMARIZE,
    "TwelveLabs.gist": _NO_GIST,
    # Keywords.
    "TwelveLabs(httpx_client)": _HTTPX,
    "TwelveLabs(follow_redirects)": "Redirects within the API's origin are always followed.",
    "analyze(video_id)": f"Videos are not analyzed by their ids in an index any more. {_VIDEO}",
    "analyze_stream(video_id)": f"Videos are not analyzed by their ids in an index any more. {_VIDEO}",
    # Modules and names that the official SDK uses internally.
    **dict.fromkeys(("raw_base_client", "raw_client"), _RAW),
    **dict.fromkeys(
        (
            "AsyncClientWrapper", "AsyncHttpClient", "BaseClientWrapper", "HttpClient", "SyncClientWrapper",
            "client_wrapper", "force_multipart", "http_client",
        ),
        _SENDING,
    ),
    **dict.fromkeys(
        (
            "FieldMetadata", "convert_and_respect_annotation_metadata", "datetime_utils", "encode_by_type",
            "encode_query", "jsonable_encoder", "query_encoder", "remove_none_from_dict", "serialization",
            "serialize_datetime", "to_jsonable_with_fallback",
        ),
        _ENCODING,
    ),
    **dict.fromkeys(
        (
            "AnyCallable", "IS_PYDANTIC_V2", "PydanticField", "V2RootModel", "deep_union_pydantic_dicts",
            "parse_obj_as", "pydantic_utilities.Model", "universal_field_validator", "universal_root_validator",
            "update_forward_refs",
        ),
        _DECODING,
    ),
    **dict.fromkeys(("convert_file_dict_to_httpx_tuples", "with_content_type"), _FILES),
}  # fmt: skip


def with_hint(message: str, key: str) -> str:
    """Return *message*, followed by the replacement of *key* if that was removed."""
    hint = REMOVED.get(key)
    return message if hint is None else f"{message.rstrip('.')}. {hint}"


def reject_keywords(method: str, keywords: Iterable[str]) -> None:
    """Validate that a call has no unknown keywords.

    Args:
        method: The name of the method or class, as the user wrote it.
        keywords: The keywords that no parameter took.

    Raises:
        TypeError: There is one; the message names its replacement.
    """
    for keyword in keywords:
        message = f"{method}() got an unexpected keyword argument {keyword!r}"
        raise TypeError(with_hint(message, f"{method.removeprefix('Async')}({keyword})"))


def missing_attribute(owner: object, name: str) -> AttributeError:
    """Return the error for an attribute that *owner* does not have."""
    kind = type(owner).__name__
    message = f"{kind!r} object has no attribute {name!r}"
    return AttributeError(with_hint(message, f"{kind.removeprefix('Async')}.{name}"), name=name, obj=owner)


def hint_for_path(path: str) -> str | None:
    """Return what replaces a module or a name at a path below the package, such as ``types.gist`` or ``models.Task``.

    The name of a class and that of its module count as one, and a removed module stands for everything below it.
    """
    removed = {_folded(key): hint for key, hint in REMOVED.items()}
    names = _folded(path).split(".")
    parents = (".".join(names[:count]) for count in range(len(names) - 1, 0, -1))
    return next((removed[key] for key in (".".join(names), names[-1], *parents) if key in removed), None)


def _folded(name: str) -> str:
    return name.replace("_", "").lower()
