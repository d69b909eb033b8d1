"""Imports of files through a connection. The user has a file of every name, whose id is its name."""

from __future__ import annotations

from ...media.headers import Media
from ..content import kind_of, mime_type
from ..problem import Json
from ..requests.connections import ImportFiles, ListImports, OneImport
from ..state import Import, ImportedFile, State
from ..views import connections as views
from ..views.page import page
from .connections import find_connection, use_connection
from .operation import Context, operation
from .tables import find


@operation("POST", "/connections/{connection_id}/imports", status=202)
def create(context: Context, request: ImportFiles) -> Json:
    state, connection = context.state, use_connection(context, request.connection_id)
    files = [import_file(state, item.source_id) for item in request.items]
    made = Import(id=state.new_id(), connection=connection, created_at=context.now(), files=files)
    state.imports[made.id] = made
    has_failures = any(file.action == "rejected" for file in files)
    return {"_id": made.id, "has_failures": has_failures, "items": views.import_files(made, state)}


def import_file(state: State, name: str) -> ImportedFile:
    """Import a file as an asset, unless an asset of an earlier import has not failed."""
    for asset in state.assets.values():
        if asset.source and asset.source["source_id"] == name:
            if asset.status(state.now()) != "failed":
                return ImportedFile(source_id=name, action="skipped", asset=asset)
            state.receive_url(asset, name)
            return ImportedFile(source_id=name, action="retried", asset=asset)
    if kind_of(mime_type(name, "", Media())) == "document":
        error = {"code": "unsupported_media_type", "message": f"{name} must be a video, an audio file or an image."}
        return ImportedFile(source_id=name, action="rejected", error=error)
    if failure := state.script(name).failures.get("import"):
        error = {"code": "source_unavailable", "message": failure}
        return ImportedFile(source_id=name, action="rejected", error=error)
    source = {"provider": views.PROVIDER, "source_id": name, "original_filename": name}
    asset = state.add_asset("connector", name, source=source)
    state.receive_url(asset, name)
    return ImportedFile(source_id=name, action="created", asset=asset)


@operation("GET", "/connections/{connection_id}/imports")
def list_(context: Context, request: ListImports) -> Json:
    connection = find_connection(context, request.connection_id)
    found = [made for made in context.state.imports.values() if made.connection is connection]
    return page(request, found[::-1], views.import_summary)


@operation("GET", "/connections/{connection_id}/imports/{import_id}")
def retrieve(context: Context, request: OneImport) -> Json:
    find_connection(context, request.connection_id)
    found = find(context.state.imports, request.import_id, "import", 404)
    return {**views.import_summary(found), "items": views.import_files(found, context.state)}
