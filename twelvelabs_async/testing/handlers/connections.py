"""Data connectors.

There is one user, who confirms an authorization by a visit of its URL, which creates the connection and redirects to
the redirect URI.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

from ..problem import Json, Problem, invalid
from ..requests.common import Page
from ..requests.connections import (
    AuthorizeConnection,
    CreateRedirectUri,
    OneAuthorization,
    OneConnection,
    OneRedirectUri,
)
from ..state import Authorization, Connection, RedirectUri
from ..views import connections as views
from ..views.page import page
from .operation import Context, Redirect, operation
from .tables import find


def find_connection(context: Context, connection_id: str) -> Connection:
    return find(context.state.connections, connection_id, "connection", 404)


def use_connection(context: Context, connection_id: str) -> Connection:
    """Return a connection and record its use."""
    connection = find_connection(context, connection_id)
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


@operation("GET", "/storage/authorize/{state}")
def confirm(context: Context, request: OneAuthorization) -> Redirect:
    """Confirm an authorization, as its user does."""
    state = context.state
    authorization = find(state.authorizations, request.state, "authorization", 404)
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
    return page(request, [*context.state.connections.values()][::-1], views.connection)


@operation("GET", "/connections/redirect-uris")
def list_redirect_uris(context: Context, request: Page) -> Json:
    return page(request, [*context.state.redirect_uris.values()][::-1], views.redirect_uri)


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
    return views.redirect_uri(redirect)


@operation("DELETE", "/connections/redirect-uris/{redirect_uri_id}", status=204)
def delete_redirect_uri(context: Context, request: OneRedirectUri) -> None:
    table = context.state.redirect_uris
    del table[find(table, request.redirect_uri_id, "redirect URI", 404).id]


@operation("GET", "/connections/{connection_id}")
def retrieve(context: Context, request: OneConnection) -> Json:
    return views.connection(find_connection(context, request.connection_id))


@operation("DELETE", "/connections/{connection_id}", status=204)
def delete(context: Context, request: OneConnection) -> None:
    del context.state.connections[find_connection(context, request.connection_id).id]


@operation("POST", "/connections/{connection_id}/picker-token", parameters="query")
def create_picker_token(context: Context, request: OneConnection) -> Json:
    connection = use_connection(context, request.connection_id)
    token = f"{connection.id}-{context.state.new_id()}"
    return {"access_token": token, "expires_in": 3600, "scope": views.SCOPE}
