"""What the emulator answers has the shapes that the API's OpenAPI file describes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from twelvelabs_async.testing import Emulator

OPENAPI = Path(__file__).parents[2] / "shared" / "api" / "openapi.json"
CLIP = Path(__file__).parent.parent / "examples" / "media" / "rocket_countdown.mp4"

pytestmark = pytest.mark.skipif(not OPENAPI.exists(), reason=f"needs the OpenAPI file at {OPENAPI}")

# Newer than the file: states and fields that the official SDK knows.
NEWER = {"validating", "prev_page_token"}
TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": int | float,
    "boolean": bool,
    "array": list,
    "object": dict,
}


def misfits(spec: Any, schema: Any, value: Any, place: str = "") -> Iterator[str]:
    """Where a value is of another type than its schema says, or has a field that the schema does not know."""
    while "$ref" in schema:
        target = spec
        for part in schema["$ref"].split("/")[1:]:
            target = target[part]
        schema = target
    if "oneOf" in schema:
        found = [list(misfits(spec, option, value, place)) for option in schema["oneOf"]]
        yield from min(found, key=len)
        return
    expected = TYPES.get(schema.get("type"), object)
    if not isinstance(value, expected) or (expected is not bool and isinstance(value, bool) and expected is not object):
        yield f"{place} is {value!r}, not {schema.get('type')}"
    elif "enum" in schema and value not in schema["enum"] and value not in NEWER:
        yield f"{place} is {value!r}, none of {schema['enum']}"
    elif isinstance(value, dict) and "properties" in schema:
        for name in schema.get("required", []):
            if name not in value:
                yield f"{place}.{name} is missing"
        for name, item in value.items():
            if (name, item) == ("uploaded_at", None):
                continue  # says the field's description
            if name in schema["properties"]:
                yield from misfits(spec, schema["properties"][name], item, f"{place}.{name}")
            elif name not in NEWER:
                yield f"{place}.{name} is unknown"
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from misfits(spec, schema.get("items", {}), item, f"{place}[{number}]")


def test_shapes() -> None:
    """Every answer of an end to end run fits the schema of its operation and status."""
    spec = json.loads(OPENAPI.read_text())
    seen = dict[str, list[str]]()

    with (
        Emulator(speed=0, chunk_size=1000) as emulator,
        httpx.Client(base_url=emulator.url, headers={"x-api-key": emulator.api_key}) as client,
    ):

        def call(method: str, template: str, path: str | None = None, **arguments: Any) -> Any:
            response = client.request(method, path or template, **arguments)
            described = spec["paths"][template][method.lower()]["responses"]
            status = "200" if response.status_code == 204 else str(response.status_code)
            assert status in described, (method, template, status, response.text)
            body = response.json() if response.content else None
            schema = described[status].get("content", {}).get("application/json", {}).get("schema")
            if schema is not None:
                seen.setdefault(f"{method} {template}", []).extend(misfits(spec, schema, body))
            return body

        models = [{"model_name": "marengo3.0", "model_options": ["visual", "audio"]}]
        index = call("POST", "/indexes", json={"index_name": "a", "models": models, "addons": ["thumbnail"]})["_id"]
        call("POST", "/indexes", json={})
        emulator.understand("bad.mp4", fail="no", at="processing")
        assets = []
        for name in ("rocket_countdown.mp4", "bad.mp4", "a.png", "a.wav", "a.pdf"):
            data = {"method": "direct", "enable_thumbnail": "true", "user_metadata": '{"a": 1}'}
            files = {"file": (name, CLIP.read_bytes() if name == CLIP.name else b"")}
            assets.append(call("POST", "/assets", data=data, files=files)["_id"])
        call("GET", "/assets")
        emulator.advance(60)
        call("GET", "/assets")
        for asset in assets:
            call("GET", "/assets/{asset_id}", f"/assets/{asset}")
        call("PATCH", "/assets/{asset_id}/user-metadata", f"/assets/{asset}/user-metadata", json={"user_metadata": {}})

        items = "/indexes/{index-id}/indexed-assets"
        body = {"asset_id": assets[0], "enable_video_stream": True, "user_metadata": {"a": 1}}
        item = call("POST", items, f"/indexes/{index}/indexed-assets", json=body)["_id"]
        for _ in range(12):
            call("GET", items, f"/indexes/{index}/indexed-assets")
            path = f"/indexes/{index}/indexed-assets/{item}?embedding_option=visual&transcription=true"
            call("GET", f"{items}/{{indexed-asset-id}}", path)
            emulator.advance(1)
        call("GET", "/indexes")
        call("GET", "/indexes/{index-id}", f"/indexes/{index}")
        call("GET", "/assets/{asset_id}/indexed-assets", f"/assets/{assets[0]}/indexed-assets")
        call(
            "PATCH",
            f"{items}/{{indexed-asset-id}}",
            f"/indexes/{index}/indexed-assets/{item}",
            json={"user_metadata": {}},
        )

        for group in ("clip", "video"):
            query = {
                "index_id": index,
                "search_options": "visual",
                "query_text": "rocket",
                "group_by": group,
                "page_limit": "1",
                "include_user_metadata": "true",
            }
            page = call("POST", "/search", files={name: (None, value) for name, value in query.items()})
            if token := page["page_info"].get("next_page_token"):
                call("GET", "/search/{page-token}", f"/search/{token}")
        video = {"type": "asset_id", "asset_id": assets[0]}
        call("POST", "/analyze", json={"video": video, "prompt": "?", "stream": False})

        uploads = "/assets/multipart-uploads"
        session = call("POST", uploads, json={"filename": "a.mp4", "type": "video", "total_size": 2500})
        path = f"{uploads}/{session['upload_id']}"
        call("POST", f"{uploads}/{{upload_id}}/presigned-urls", f"{path}/presigned-urls", json={"start": 1, "count": 2})
        for part in session["upload_urls"]:
            size = 500 if part["chunk_index"] == 3 else 1000
            etag = httpx.put(part["url"], content=bytes(size), headers=session["upload_headers"]).headers["ETag"]
            report = {"chunk_index": part["chunk_index"], "proof": etag, "proof_type": "etag", "chunk_size": size}
            call("POST", f"{uploads}/{{upload_id}}", path, json={"completed_chunks": [report]})
            call("GET", uploads)
            call("GET", f"{uploads}/{{upload_id}}", path)
        call("DELETE", "/assets/{asset_id}", f"/assets/{assets[0]}")
        call("DELETE", f"{items}/{{indexed-asset-id}}", f"/indexes/{index}/indexed-assets/{item}")
        call("DELETE", "/assets/{asset_id}", f"/assets/{assets[0]}")
        call("PUT", "/indexes/{index-id}", f"/indexes/{index}", json={"index_name": "b"})
        call("DELETE", "/indexes/{index-id}", f"/indexes/{index}")

    assert len(seen) > 15
    assert {operation: sorted(set(found)) for operation, found in seen.items() if found} == {}
