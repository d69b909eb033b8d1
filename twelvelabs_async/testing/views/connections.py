"""JSON of data connectors and imports."""

from __future__ import annotations

from ..clock import rfc3339
from ..problem import Json
from ..state import Connection, Import, ImportedFile, RedirectUri, State

PROVIDER = "google_drive"
SCOPE = "https://www.googleapis.com/auth/drive.readonly"
ACCOUNT = {"external_id": "100000000000000000001", "display_name": "user@example.com"}


def connection(found: Connection) -> Json:
    shown: Json = {
        "_id": found.id,
        "provider": PROVIDER,
        **_custom_id(found),
        "status": "active",
        "account": ACCOUNT,
        "scopes": [SCOPE],
        "connected_at": rfc3339(found.connected_at),
    }
    if found.last_used_at is not None:
        shown["last_used_at"] = rfc3339(found.last_used_at)
    return shown


def redirect_uri(found: RedirectUri) -> Json:
    return {"_id": found.id, "redirect_uri": found.uri, "created_at": rfc3339(found.created_at)}


def import_summary(found: Import) -> Json:
    return {
        "provider": PROVIDER,
        **_custom_id(found.connection),
        "_id": found.id,
        "connection_id": found.connection.id,
        "item_count": len(found.files),
        "created_at": rfc3339(found.created_at),
    }


def import_files(found: Import, state: State) -> list[Json]:
    """Return the files of an import, without those whose assets were deleted."""
    now = state.now()
    return [_file(file, now) for file in found.files if file.asset is None or file.asset.id in state.assets]


def _file(found: ImportedFile, now: float) -> Json:
    shown: Json = {"source_id": found.source_id, "action": found.action}
    if found.error is not None:
        shown["error"] = found.error
    if found.asset is not None:
        shown |= {"asset_id": found.asset.id, "status": found.asset.status(now)}
    return shown


def _custom_id(found: Connection) -> Json:
    return {} if found.custom_id is None else {"custom_id": found.custom_id}
