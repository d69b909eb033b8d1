"""Names of earlier versions of the API and of the official SDK, with what replaces them.

`REMOVED` is the one table. A key is one of:

* a public name, or the path of a module or name below the package: ``ResponseFormat``, ``models``, ``core.HttpClient``
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
_VERSION_0: Final = "Version 0 of the official SDK had it. Import classes from twelvelabs_async.types."
_INTERNAL: Final = "It is internal code of the official SDK."
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

REMOVED: Final[Mapping[str, str]] = {
    # Public names and paths.
    "ResponseFormat": "Use SyncResponseFormat for analyze(), and AsyncResponseFormat for analyze_async.tasks.create().",
    "Gist": _NO_GIST,
    "SummarizeResult": _NO_SUMMARIZE,
    "models": _VERSION_0,
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
    # The official SDK's own machinery.
    **dict.fromkeys(
        (
            "core.AsyncClientWrapper", "core.BaseClientWrapper", "core.SyncClientWrapper", "core.client_wrapper",
            "core.AsyncHttpClient", "core.HttpClient", "core.http_client",
        ),
        f"{_INTERNAL} Requests are sent by client.request().",
    ),
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
