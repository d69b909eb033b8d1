"""OpenAPI file of the API, with corrections of what is invalid in it and additions that are newer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[3] / "shared" / "api" / "openapi.json"

# Additions to the file: component, list or mapping in it, addition, and reason.
DIFFERENCES: list[tuple[str, str, Any, str]] = [
    ("AnalyzeTaskError", "properties", {"code": {"type": "string"}}, "the official SDK is newer"),
    ("AnalyzeTaskResponse", "properties", {"batch_id": {"type": "string"}}, "the official SDK is newer"),
    ("AnalyzeTaskStatus", "enum", ["canceled"], "the official SDK is newer"),
    ("AssetDetailMethod", "enum", ["connector"], "the official SDK is newer"),
    ("AssetMethod", "enum", ["connector"], "the official SDK is newer"),
    (
        "AudioEmbeddingMetadata",
        "properties",
        {"audio_embedding_option": {"type": "array"}, "audio_embedding_scope": {"type": "array"}},
        "the official SDK has the names without the s",
    ),
    (
        "ChunkInfo",
        "properties",
        {"uploaded_at": {"type": ["string", "null"]}},
        "the description allows null until the part is uploaded",
    ),
    ("ImportItem", "properties", {"action": {"type": "string"}}, "the official SDK is newer"),
    ("IndexedAssetDetailedStatus", "enum", ["validating"], "the official SDK is newer"),
    ("IndexedAssetStatus", "enum", ["validating"], "the official SDK is newer"),
    ("IndexesIndexIdIndexedAssetsGetParametersStatusSchemaItems", "enum", ["validating"], "the official SDK is newer"),
    (
        "VideoEmbeddingMetadata",
        "properties",
        {"video_embedding_option": {"type": "array"}},
        "the official SDK is newer",
    ),
    ("ResponseObject", "properties", {"object": {"type": "string"}}, "the official SDK is newer"),
    ("ResponseObject", "properties", {"incomplete_details": {"type": ["object", "null"]}}, "the official SDK is newer"),
    ("ResponseOutputContentPart", "properties", {"annotations": {"type": "array"}}, "the official SDK is newer"),
    ("ResponseOutputItem", "properties", {"phase": {"type": "string"}}, "the official SDK is newer"),
]
# Operations that are newer than the file, as the official SDK has them.
NEWER = [
    ("post", "/analyze/tasks/{task_id}/cancel", "task_id"),
    ("get", "/assets/{asset_id}/transcription", "asset_id"),
]
# Responses that are streams, although the file declares other content types.
STREAMS = [
    ("post", "/analyze", "application/x-ndjson"),
    ("get", "/analyze/batches/{batch_id}/results", "application/jsonl"),
    ("post", "/responses", "text/event-stream"),
]
# Errors that every operation can return (docs: Error codes), in addition to those in the file.
ERRORS = ("400", "401", "403", "404", "409", "413", "429", "500", "503")
ERROR = {
    "type": "object",
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "docs_url": {"type": "string"},
    },
}


def load() -> dict[str, Any]:
    """Return the corrected document."""
    text = FILE.read_text("utf-8")
    for name in re.findall(r'"(Data connectors_[^"]+)":', text):
        text = text.replace(name, name.replace(" ", "-"))  # names of components must not have blanks
    document: dict[str, Any] = json.loads(text)
    for name, part, addition, _ in DIFFERENCES:
        value = document["components"]["schemas"][name][part]
        document["components"]["schemas"][name][part] = (
            [*value, *addition] if isinstance(value, list) else {**value, **addition}
        )
    for verb, path, name in NEWER:
        parameter = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        response = {"description": "", "content": {"application/json": {}}}
        document["paths"][path] = {verb: {"parameters": [parameter], "responses": {"200": response}}}
    respond = document["paths"]["/responses"]["post"]  # the official SDK also requests responses without a stream
    respond["requestBody"]["content"]["application/json"]["schema"]["properties"]["stream"] = {"type": "boolean"}
    whole = {"schema": {"$ref": "#/components/schemas/ResponseObject"}}
    respond["responses"]["200"]["content"]["application/json"] = whole
    for schema in _mappings(document):
        # A value that fits several variants is invalid as `oneOf`, and variants without names as `discriminator`.
        schema.pop("discriminator", None)
        if isinstance(schema.get("oneOf"), list):
            schema["anyOf"] = schema.pop("oneOf")
        for prose in ("description", "title"):  # parsing them takes half of the time
            if isinstance(schema.get(prose), str):
                del schema[prose]
    for path, verb, operation in operations(document):
        operation["operationId"] = f"{verb} {path}"  # 97 operations share 36
        _correct(document, operation)
    for verb, path, content_type in STREAMS:
        document["paths"][path][verb]["responses"]["200"]["content"][content_type] = {}
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the path, the verb and the description of each operation."""
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            yield path, verb, operation


def find(document: dict[str, Any], method: str, path: str) -> tuple[str, dict[str, Any]] | None:
    """Return the path template and the operation of a request; literal parts take precedence over parameters."""
    fitting = [
        (template.count("{"), template, operation)
        for template, verb, operation in operations(document)
        if verb == method.lower() and re.fullmatch(re.sub(r"{[^}]*}", "[^/]+", template), path.removeprefix("/v1.3"))
    ]
    return min(fitting, key=lambda found: found[:2])[1:] if fitting else None


def _mappings(part: Any) -> Iterator[dict[str, Any]]:
    """Yield all mappings in a part of the document."""
    if isinstance(part, dict):
        yield part
    for item in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _mappings(item)


def _correct(document: dict[str, Any], operation: dict[str, Any]) -> None:
    """Correct the parameters, the body and the responses of an operation."""

    def resolved(schema: dict[str, Any]) -> dict[str, Any]:
        name = schema.get("$ref", "").rpartition("/")[2]
        return document["components"]["schemas"][name] if name else schema

    for parameter in operation["parameters"]:
        if resolved(parameter["schema"]).get("type") == "object" and parameter["name"] != "user_metadata":
            parameter.update(style="deepObject", explode=True)  # as in duration[gte]=1; user_metadata is at the root
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True
        if form := operation["requestBody"]["content"].get("multipart/form-data"):
            form["encoding"] = {}
            for name, schema in form["schema"]["properties"].items():
                if "anyOf" in resolved(schema):  # a single value, or several
                    form["schema"]["properties"][name] = {"type": "array", "items": {"type": "string"}}
                elif resolved(schema).get("type") in ("boolean", "integer", "number"):
                    form["encoding"][name] = {"contentType": "application/json"}
    responses = operation["responses"]
    if "content" not in responses.get("200", {"content": {}}):
        responses["204"] = responses["200"]  # as in earlier versions of the file
    for status in ERRORS:
        content = {"application/json": {"schema": ERROR}}
        responses.setdefault(status, {"description": "An error", "content": content})
