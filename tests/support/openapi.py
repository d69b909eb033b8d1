"""OpenAPI file of the API, with corrections where its own text or the official SDK contradicts it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[3] / "shared" / "api" / "openapi-2026-11.json"

# Values that may be null, although the schemas of their components admit none: the name of a component, the name of a
# property, and the reason.
NULLABLE = [
    ("ChunkInfo", "uploaded_at", "null for parts that are not uploaded, by its description"),
    ("UserMetadata", None, "null deletes a key, by the descriptions of the operations"),
]
# The official SDK sends integers, as the responses have them.
DIMENSIONS = ("CreateEmbeddingsRequestEmbeddingDimension", "CreateAsyncEmbeddingRequestEmbeddingDimension")
# Responses that are streams, although the file declares other content types.
STREAMS = [
    ("post", "/analyze", "application/x-ndjson"),
    ("get", "/analyze/batches/{batch_id}/results", "application/jsonl"),
    ("post", "/responses", "text/event-stream"),
]
# Errors that every operation can return (docs: Error codes), in addition to those in the file, which mentions 422 for
# JSON schemas in descriptions only.
ERRORS = ("400", "401", "403", "404", "409", "413", "422", "429", "500", "503")
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
    document: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    for name, part, _ in NULLABLE:
        schema = document["components"]["schemas"][name]
        holder, key = (schema["properties"], part) if part else (schema, "additionalProperties")
        holder[key] = {"anyOf": [holder[key], {"type": "null"}]}
    for name in DIMENSIONS:
        document["components"]["schemas"][name] = {"enum": ["128", "256", "512", 128, 256, 512]}
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
        operation["operationId"] = f"{verb} {path}"  # says more in a failed test than the ids of the file
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


def _reachable(document: dict[str, Any], part: Any, seen: set[str] | None = None) -> Iterator[dict[str, Any]]:
    """Yield all mappings in a part of the document, those in referenced components included."""
    seen = set() if seen is None else seen
    for mapping in _mappings(part):
        yield mapping
        name = str(mapping.get("$ref", "")).rpartition("/")[2]
        if name and name not in seen:
            seen.add(name)
            yield from _reachable(document, document["components"]["schemas"][name], seen)


def _admit_empty(schema: dict[str, Any]) -> None:
    """Admit null and an empty text for the optional properties of an object in a request.

    The emulator takes them for absent. The API's behavior is not documented.
    """
    if schema.get("type") != "object":
        return
    for name in schema.get("properties", {}).keys() - set(schema.get("required", ())):
        part = schema["properties"][name]
        part.pop("minLength", None)
        schema["properties"][name] = {"anyOf": [part, {"type": "null"}]}


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
                schema.pop("minLength", None)  # the emulator takes an empty field for an absent one
                if "anyOf" in resolved(schema):  # a single value, or several
                    form["schema"]["properties"][name] = {"type": "array", "items": {"type": "string"}}
                elif resolved(schema).get("type") in ("boolean", "integer", "number"):
                    form["encoding"][name] = {"contentType": "application/json"}
        for schema in _reachable(document, operation["requestBody"]["content"].get("application/json")):
            _admit_empty(schema)
    responses = operation["responses"]
    if "content" not in responses.get("200", {"content": {}}):
        responses["204"] = responses["200"]  # as in earlier versions of the file
    for status in ERRORS:
        content = {"application/json": {"schema": ERROR}}
        responses.setdefault(status, {"description": "An error", "content": content})
