"""Names of earlier versions of the API and of the official SDK, with what replaces them.

Two tables of names have one key for each:

* a public name or a module: ``ResponseFormat``, ``HttpClient``, ``exceptions``, ``tasks.transfers``
* an attribute of a class, as the blocking client names the class: ``TwelveLabs.task``, ``SearchItem.score``
* a keyword of a method, by its path below a client, or of a constructor: ``search.query(options)``,
  ``TwelveLabs(httpx_client)``
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

_ANALYZE: Final = 'Use client.analyze(video={"type": "asset_id", "asset_id": …}, prompt=…).'
_VIDEO: Final = 'Pass video={"type": "asset_id", "asset_id": …}; an indexed asset has its asset_id.'
_NO_GIST: Final = f"The API has no operation gist any more. {_ANALYZE}"
_NO_GENERATE: Final = f"The API has no operation generate any more. {_ANALYZE}"
_NO_SUMMARIZE: Final = f"The API has no operation summarize any more. {_ANALYZE}"
_NO_CLASSIFY: Final = "The API has no operation classify any more. Use client.analyze() with response_format=."
_NO_OPERATION: Final = "The API has no such operation any more."
_NO_PARAMETER: Final = "The API has no such parameter any more: leave it out."
_NO_SCORE: Final = "The API returns no scores any more. Use rank: the best hit has rank 1."
_NO_PROGRESS: Final = "The API returns no progress any more. Use status."
_NO_TRANSFERS: Final = "The API has no transfers any more. Use client.data_connectors and client.imports."
_RAW: Final = "Use with_raw_response of the client or of one of its resources."
_SENDING: Final = "It is internal code of the official SDK. Requests are sent by client.request()."
_ENCODING: Final = "It is internal code of the official SDK. Models have to_dict() and to_json()."
_DECODING: Final = "It is internal code of the official SDK. Use structure(data, cls) to make models from JSON."
_FILES: Final = "It is internal code of the official SDK. Pass files as paths, bytes or file objects."
_HTTPX: Final = "This package uses aiohttp, not httpx. Pass timeout=, connector=, ssl= or proxy=."
_IGNORED: Final = "The API ignores it: leave it out. Hits are in the order of their rank."
_NO_PAGINATION: Final = "Use list(): what it returns has items, page_info and next_page()."
_WAIT: Final = "Use client.tasks.wait_for_done(task.id)."
_RETRIEVE: Final = "Use client.tasks.retrieve(task.id)."
_EMBED_WAIT: Final = "Use client.embed.tasks.wait_for_done(task.id)."
_EMBED_STATUS: Final = "Use client.embed.tasks.status(task.id)."
_SEGMENTS: Final = "Use client.embed.tasks.retrieve(task.id).video_embedding.segments."
_SYSTEM: Final = "Use system_metadata; metadata of your own is user_metadata."

RENAMED: Final[Mapping[str, str]] = {
    "index": "indexes",
    "index.video": "videos",
    "task": "tasks",
    "embed.task": "tasks",
    "embed.create(engine_name)": "model_name",
    "embed.tasks.create(engine_name)": "model_name",
    "embed.tasks.create(video_embedding_scopes)": "video_embedding_scope",
    "embed.tasks.create_bulk(engine_name)": "model_name",
    "embed.tasks.retrieve(id)": "task_id",
    "indexes.create(engines)": "models",
    "indexes.create(name)": "index_name",
    "indexes.create(models['name'])": "model_name",
    "indexes.create(models['options'])": "model_options",
    "indexes.delete(id)": "index_id",
    "indexes.list(engine_family)": "model_family",
    "indexes.list(engine_options)": "model_options",
    "indexes.list(name)": "index_name",
    "indexes.retrieve(id)": "index_id",
    "indexes.update(id)": "index_id",
    "indexes.update(name)": "index_name",
    "indexes.videos.delete(id)": "video_id",
    "indexes.videos.list(metadata)": "user_metadata",
    "indexes.videos.retrieve(id)": "video_id",
    "indexes.videos.update(id)": "video_id",
    "indexes.videos.update(metadata)": "user_metadata",
    "search.query(options)": "search_options",
    "search.query(query)": "query_text",
    "tasks.create(file)": "video_file",
    "tasks.create(url)": "video_url",
    "tasks.create_bulk(files)": "video_files",
    "tasks.create_bulk(urls)": "video_urls",
    "tasks.delete(id)": "task_id",
    "tasks.retrieve(id)": "task_id",
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
    # Attributes of clients and resources.
    **{f"TwelveLabs.{old}": f"Use client.{RENAMED[old]}." for old in ("index", "task")},
    "TwelveLabs.classify": _NO_CLASSIFY,
    "TwelveLabs.engine": "The API has no list of engines any more. Pass the name of a model.",
    "TwelveLabs.generate": _NO_GENERATE,
    "TwelveLabs.gist": _NO_GIST,
    "TwelveLabs.manage_entities": "Use client.entity_collections.entities.",
    "TwelveLabs.summarize": _NO_SUMMARIZE,
    "Embed.task": "Use client.embed.tasks.",
    "Indexes.video": "Use client.indexes.videos.",
    "Search.by_page_token": "Use client.search.retrieve(page_token).",
    "Search.combined_query": "Use client.search.query(search_options=…, operator=…).",
    "Tasks.external_provider": "Use client.tasks.create(video_url=…) with a direct link.",
    "Tasks.status": "Use client.tasks.list(index_id=…, status=…).",
    "Tasks.transfer": _NO_TRANSFERS,
    "Tasks.transfers": _NO_TRANSFERS,
    "Videos.transcription": "Use client.indexes.videos.retrieve(index_id, video_id, transcription=True).",
    **{f"Videos.{name}": _NO_OPERATION for name in ("logo", "text_in_video", "thumbnail")},
    **{f"{name}.list_pagination": _NO_PAGINATION for name in ("EmbedTasks", "Indexes", "Tasks", "Videos")},
    # Attributes of models.
    "IndexSchema.create_task": "Use client.tasks.create(index_id=index.id, …).",
    "IndexSchema.engines": "Use models.",
    "IndexSchema.list_video": "Use client.indexes.videos.list(index.id).",
    "IndexSchema.name": "Use index_name.",
    "IndexSchema.to_html": "Use client.indexes.to_html(index.id, file).",
    "IndexSchema.query": "Use client.search.query(index_id=index.id, …).",
    "IndexSchema.video": "Use client.indexes.videos.",
    **{
        f"{name}.{old}": hint
        for name in ("SearchItem", "SearchItemClipsItem")
        for old, hint in (("score", _NO_SCORE), ("confidence", _NO_SCORE), ("modules", _NO_SCORE))
    },
    "SearchItem.metadata": "Use client.indexes.videos.retrieve(index_id, hit.video_id).",
    **{f"TasksCreateResponse.{name}": _RETRIEVE for name in ("retrieve", "status", "update_status")},
    "TasksCreateResponse.wait_for_done": _WAIT,
    "VideoIndexingTask.estimated_time": _NO_PROGRESS,
    "VideoIndexingTask.metadata": _SYSTEM,
    "VideoIndexingTask.process": _NO_PROGRESS,
    "VideoIndexingTask.update_status": _RETRIEVE,
    "VideoIndexingTask.wait_for_done": _WAIT,
    "EmbedTasksCreateResponse.retrieve": "Use client.embed.tasks.retrieve(task.id).",
    "EmbedTasksCreateResponse.status": _EMBED_STATUS,
    "EmbedTasksCreateResponse.update_status": _EMBED_STATUS,
    "EmbedTasksCreateResponse.video_embedding": _SEGMENTS,
    "EmbedTasksCreateResponse.video_embeddings": _SEGMENTS,
    "EmbedTasksCreateResponse.wait_for_done": _EMBED_WAIT,
    "EmbedTasksRetrieveResponse.video_embeddings": "Use video_embedding.segments.",
    "EmbeddingResponse.engine_name": "Use model_name.",
    **{
        f"{name}.{old}": "Use float_."
        for name in ("AudioSegment", "BaseSegment", "VideoSegment")
        for old in ("embedding", "embeddings_float", "values")
    },
    "VideoVector.generate_gist": _NO_GIST,
    "VideoVector.generate_summarize": _NO_SUMMARIZE,
    "VideoVector.generate_text": _ANALYZE,
    "VideoVector.metadata": _SYSTEM,
    # Keywords.
    "TwelveLabs(follow_redirects)": "Redirects within the API's origin are always followed.",
    "TwelveLabs(httpx_client)": _HTTPX,
    "TwelveLabs(version)": "Pass base_url=, which ends with the version.",
    "analyze(video_id)": f"Videos are not analyzed by their ids in an index any more. {_VIDEO}",
    "analyze_stream(video_id)": f"Videos are not analyzed by their ids in an index any more. {_VIDEO}",
    "analyze_async.tasks.list(video_id)": "Pass asset_id= or video_url=.",
    "embed.create(text_truncate)": _NO_PARAMETER,
    "search.query(conversation_option)": "Leave it out, or pass transcription_options=.",
    **{f"search.create({name})": _IGNORED for name in ("adjust_confidence_level", "sort_option", "threshold")},
    "tasks.create(disable_video_stream)": "Pass enable_video_stream=False.",
    **{f"tasks.create({name})": _NO_PARAMETER for name in ("language", "transcription_file", "transcription_url")},
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
            "core.pydantic_utilities.Model", "parse_obj_as", "universal_field_validator", "universal_root_validator",
            "update_forward_refs",
        ),
        _DECODING,
    ),
    **dict.fromkeys(("convert_file_dict_to_httpx_tuples", "with_content_type"), _FILES),
}  # fmt: skip

OF_MEDIA: Final = frozenset({"contact_sheet", "save", "supercut"})
"""Methods of ``client.media``, which are looked for on moments, and on what has moments."""
OF_MOMENTS: Final = frozenset(
    {
        "by_video", "clamp", "merge", "shift", "to_chapters", "to_edl", "to_ffmetadata", "to_otio", "to_srt", "to_txt",
        "to_vtt", "whole", "with_margins", "within",
    }
)  # fmt: skip
"""Methods of `Moments`, which are looked for on what has moments, such as searches and transcriptions."""

RETIRED_MODELS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("marengo2.6", "marengo2.7", "Marengo-retrieval-2.6", "Marengo-retrieval-2.7"), "marengo3.0"),
    **dict.fromkeys(("pegasus1", "pegasus1.1", "pegasus1.2"), "pegasus1.5"),
}
"""Models that the platform has retired, with what replaces them."""

_PATHS: Final[Mapping[str, str]] = {
    "Analyze": "",
    "AnalyzeTasks": "analyze_async.tasks",
    "TwelveLabs": "",
    "Videos": "indexes.videos",
}
"""Paths of resources with keywords in the tables, if the names of their classes are others."""


def find_hint(key: str) -> str | None:
    """Return the replacement of *key*, whose owner is a class or the path of a resource below a client."""
    return _hints().get(_normalized(key))


def with_hint(message: str, key: str) -> str:
    """Return *message*, followed by the replacement of *key* if that was removed."""
    hint = find_hint(key)
    return message if hint is None else f"{message.rstrip('.')}. {hint}"


@cache
def _hints() -> Mapping[str, str]:
    renamed = {key: f"Pass {new}=." for key, new in RENAMED.items() if key.endswith(")")}
    return {_normalized(key): hint for key, hint in {**renamed, **REMOVED}.items()}


def _normalized(key: str) -> str:
    """Return a key without the differences between paths and classes, such as ``embed.tasks`` and ``EmbedTasks``."""
    owner, bracket, keyword = key.partition("(")
    return owner.replace(".", "").replace("_", "").lower() + bracket + keyword


def reject_keywords(method: Callable[..., Any], keywords: dict[str, Any]) -> None:
    """Validate that a call has no unknown keywords.

    Args:
        method: The method or class that was called.
        keywords: The keyword arguments that no parameter took.

    Raises:
        TypeError: There is one; the message names its replacement.
    """
    names = [*keywords]
    keywords.clear()  # a mistyped api_key= is among them, which a traceback must not show
    for name in names:
        raise _unexpected_keyword(method.__name__, method, name)


def misuse_error(error: TypeError, name: str, method: Callable[..., Any], keywords: Iterable[str]) -> TypeError:
    """Return the error for arguments that a method does not take.

    Args:
        error: Python's error.
        name: The name of the method that the user called, which calls *method*.
        method: The method.
        keywords: The keywords of the call.
    """
    known = inspect.signature(method).parameters
    for keyword in keywords:
        if keyword not in known:
            return _unexpected_keyword(name, method, keyword)
    return TypeError(str(error).replace(method.__qualname__, name, 1))


def _unexpected_keyword(name: str, method: Callable[..., Any], keyword: str) -> TypeError:
    owner, _, own_name = method.__qualname__.removeprefix("Async").rpartition(".")
    message = f"{name}() got an unexpected keyword argument {keyword!r}"
    explained = with_hint(message, f"{_PATHS.get(owner, owner)}.{own_name}({keyword})")
    if explained is message:
        from difflib import get_close_matches  # takes long to import

        similar = get_close_matches(keyword, inspect.signature(method).parameters, n=1)
        explained += f". Did you mean {similar[0]!r}?" if similar else ""
    return TypeError(explained)


def missing_attribute(owner: object, name: str) -> AttributeError:
    """Return the error for an attribute that *owner* does not have."""
    kind = type(owner).__name__
    hint = find_hint(f"{kind.removeprefix('Async')}.{name}") or _hint_at_moments(type(owner), name)
    message = f"{kind!r} object has no attribute {name!r}" + (f". {hint}" if hint else "")
    return AttributeError(message, name=name, obj=owner)


class HintedAttributes:
    """Base of classes whose errors for missing attributes say what to use."""

    __slots__ = ()

    if not TYPE_CHECKING:  # type checkers would accept any name

        def __getattr__(self, name: str) -> Any:
            raise missing_attribute(self, name)


def _hint_at_moments(kind: type, name: str) -> str | None:
    """Return where a method for moments is, if *kind* is a class of moments, or of what has them."""
    has_moments = hasattr(kind, "moments")
    if name in OF_MEDIA and (has_moments or kind.__name__ in ("Moment", "Moments")):
        return f"Use client.media.{name}({'its moments()' if has_moments else 'moments'}, target)."
    if name in OF_MOMENTS and has_moments:
        return f"Its moments() have {name}()."
    return None


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
