"""Data connectors and imports.

There is one user, who confirms an authorization by a visit of its URL, which creates the connection and redirects to
the redirect URI. The user has a file of every name, whose id is its name.
"""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

import attrs

from ...media.headers import Media
from ..content import asset_kind, mime_type
from ..parameters import Page, has_host, within
from ..problem import Json, Problem, invalid
from ..state import Authorization, Connection, Import, ImportedFile, RedirectUri, State
from .operation import Context, Redirect, operation
from .tables import attributes, find, page

PROVIDER = "google_drive"
SCOPE = "https://www.googleapis.com/auth/drive.readonly"
ACCOUNT = {"external_id": "100000000000000000001", "display_name": "user@example.com"}
MAX_IMPORTED_FILES = 100


def uri(_: Any, field: attrs.Attribute[Any], value: str) -> None:
    """Require a URI with a host."""
    if not has_host(value):
        raise invalid(field.name, f"must be a URI with a host; got {value!r}")


@attrs.frozen(kw_only=True)
class AuthorizeConnection:
    provider: Literal["google_drive"]
    redirect_uri: str = attrs.field(validator=uri)
    custom_id: str | None = attrs.field(default=None, validator=within(1, 255))


@attrs.frozen(kw_only=True)
class CreateRedirectUri:
    redirect_uri: str = attrs.field(validator=uri)


@attrs.frozen(kw_only=True)
class ImportItem:
    source_id: str


@attrs.frozen(kw_only=True)
class ImportFiles:
    items: list[ImportItem] = attrs.field(validator=within(1, MAX_IMPORTED_FILES))

    def __attrs_post_init__(self) -> None:
        if len({item.source_id for item in self.items}) < len(self.items):
            raise invalid("items", "must have a different source_id in each item")


def connection_json(found: Connection) -> Json:
    return {
        "_id": found.id,
        "provider": PROVIDER,
        "account": ACCOUNT,
        "scopes": [SCOPE],
        **attributes(found, "status", "custom_id", "connected_at", "last_used_at"),
    }


def redirect_uri_json(found: RedirectUri) -> Json:
    return {"_id": found.id, "redirect_uri": found.uri, **attributes(found, "created_at")}


def import_json(found: Import) -> Json:
    return {
        "_id": found.id,
        "provider": PROVIDER,
        "connection_id": found.connection.id,
        "item_count": len(found.files),
        **attributes(found.connection, "custom_id"),
        **attributes(found, "created_at"),
    }


def files_json(found: Import, state: State) -> list[Json]:
    """Return the files of an import, without those whose assets were deleted."""
    now = state.now()
    return [_file_json(file, now) for file in found.files if file.asset is None or file.asset.id in state.assets]


def _file_json(found: ImportedFile, now: float) -> Json:
    asset = {"asset_id": found.asset.id, "status": found.asset.status(now)} if found.asset else {}
    return {**attributes(found, "source_id", "action", "error"), **asset}


def find_connection(context: Context, connection_id: str) -> Connection:
    return find(context.state.connections, connection_id, "connection", 404)


def use_connection(context: Context, connection_id: str) -> Connection:
    """Return a connection and record its use. The code of the error is a guess.

    Raises:
        Problem: The connection is not active.
    """
    connection = find_connection(context, connection_id)
    if connection.status != "active":
        message = f"The connection {connection.id} is {connection.status}. Authorize a new one."
        raise Problem(409, "connection_not_active", message)
    connection.last_used_at = context.now()
    return connection


@operation("POST", "/connections:authorize")
def authorize(context: Context, request: AuthorizeConnection) -> Json:
    state = context.state
    registered = [redirect.uri for redirect in state.redirect_uris.values()]
    if registered and request.redirect_uri not in registered:
        raise invalid("redirect_uri", f"must be a registered URI; {request.redirect_uri} is not registered")
    authorization = Authorization(id=state.new_id(), redirect_uri=request.redirect_uri, custom_id=request.custom_id)
    state.authorizations[authorization.id] = authorization
    return {"authorize_url": context.storage.url(f"authorize/{authorization.id}"), "state": authorization.id}


@operation("GET", "/storage/authorize/{authorization_id}")
def confirm(context: Context, authorization_id: str) -> Redirect:
    """Confirm an authorization, as its user does."""
    state = context.state
    authorization = find(state.authorizations, authorization_id, "authorization", 404)
    del state.authorizations[authorization.id]
    connection = Connection(id=state.new_id(), custom_id=authorization.custom_id, connected_at=context.now())
    state.connections[connection.id] = connection
    url = urlsplit(authorization.redirect_uri)
    query = [*parse_qsl(url.query), ("connection_id", connection.id), ("status", "ok")]
    if authorization.custom_id is not None:
        query.append(("custom_id", authorization.custom_id))
    return Redirect(url._replace(query=urlencode(query)).geturl())


@operation("GET", "/connections")
def list_(context: Context, request: Page) -> Json:
    return page(request, [*context.state.connections.values()][::-1], connection_json)


@operation("GET", "/connections/redirect-uris")
def list_redirect_uris(context: Context, request: Page) -> Json:
    return page(request, [*context.state.redirect_uris.values()][::-1], redirect_uri_json)


@operation("POST", "/connections/redirect-uris", status=201)
def create_redirect_uri(context: Context, request: CreateRedirectUri) -> Json:
    state, uri = context.state, request.redirect_uri
    url = urlsplit(uri)
    if url.scheme != "https" or "." not in str(url.hostname) or "*" in uri:
        message = f"The redirect URI {uri} is invalid: it must use HTTPS and a public host, without wildcards."
        raise Problem(422, "redirect_uri_invalid", message)
    if any(redirect.uri == uri for redirect in state.redirect_uris.values()):
        raise Problem(409, "redirect_uri_already_exists", f"The redirect URI {uri} is registered already.")
    redirect = RedirectUri(id=state.new_id(), uri=uri, created_at=context.now())
    state.redirect_uris[redirect.id] = redirect
    return redirect_uri_json(redirect)


@operation("DELETE", "/connections/redirect-uris/{redirect_uri_id}", status=204)
def delete_redirect_uri(context: Context, redirect_uri_id: str) -> None:
    table = context.state.redirect_uris
    del table[find(table, redirect_uri_id, "redirect URI", 404).id]


@operation("GET", "/connections/{connection_id}")
def retrieve(context: Context, connection_id: str) -> Json:
    return connection_json(find_connection(context, connection_id))


@operation("DELETE", "/connections/{connection_id}", status=204)
def delete(context: Context, connection_id: str) -> None:
    del context.state.connections[find_connection(context, connection_id).id]


@operation("POST", "/connections/{connection_id}/picker-token")
def create_picker_token(context: Context, connection_id: str) -> Json:
    connection = use_connection(context, connection_id)
    token = f"{connection.id}-{context.state.new_id()}"
    return {"access_token": token, "expires_in": 3600, "scope": SCOPE}


@operation("POST", "/connections/{connection_id}/imports", status=202)
def import_files(context: Context, request: ImportFiles, connection_id: str) -> Json:
    state, connection = context.state, use_connection(context, connection_id)
    files = [_import_file(state, item.source_id) for item in request.items]
    made = Import(id=state.new_id(), connection=connection, created_at=context.now(), files=files)
    state.imports[made.id] = made
    has_failures = any(file.action == "rejected" for file in files)
    return {"_id": made.id, "has_failures": has_failures, "items": files_json(made, state)}


def _import_file(state: State, name: str) -> ImportedFile:
    """Import a file as an asset, unless an asset of an earlier import has not failed."""
    for asset in state.assets.values():
        if asset.source and asset.source["source_id"] == name:
            has_failed = asset.status(state.now()) == "failed"
            if has_failed:
                state.receive_url(asset, name)
            return ImportedFile(source_id=name, action="retried" if has_failed else "skipped", asset=asset)
    if asset_kind(mime_type(name, "", Media())) == "document":
        error = {"code": "unsupported_media_type", "message": f"{name} must be a video, an audio file or an image."}
        return ImportedFile(source_id=name, action="rejected", error=error)
    if failure := state.scripts.find(name).failures.get("import"):
        error = {"code": "source_unavailable", "message": failure}
        return ImportedFile(source_id=name, action="rejected", error=error)
    source = {"provider": PROVIDER, "source_id": name, "original_filename": name}
    asset = state.add_asset("connector", name, source=source)
    state.receive_url(asset, name)
    return ImportedFile(source_id=name, action="created", asset=asset)


@operation("GET", "/connections/{connection_id}/imports")
def list_imports(context: Context, request: Page, connection_id: str) -> Json:
    connection = find_connection(context, connection_id)
    found = [made for made in context.state.imports.values() if made.connection is connection]
    return page(request, found[::-1], import_json)


@operation("GET", "/connections/{connection_id}/imports/{import_id}")
def retrieve_import(context: Context, connection_id: str, import_id: str) -> Json:
    find_connection(context, connection_id)
    found = find(context.state.imports, import_id, "import", 404)
    return {**import_json(found), "items": files_json(found, context.state)}
