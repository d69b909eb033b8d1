"""Data connectors and imports.

There is one user, who consents by visiting an authorize URL, and is sent on to the redirect URI: then the connection is
there. The user's files have their names as ids, and there is a file of every name.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs
from aiohttp import web
from yarl import URL

from ..media.headers import Media
from ._assets import ASSETS, Asset, reserve
from ._content import kind_of, mime_type
from ._http import page, read_json
from ._input import Json, Refused, a_list, an_object, find, invalid, pick, required, text
from ._platform import PLATFORM

routes = web.RouteTableDef()

_PROVIDER = {"provider": "google_drive"}
_SCOPE = "https://www.googleapis.com/auth/drive.readonly"
_ACCOUNT = {"external_id": "100000000000000000001", "display_name": "user@example.com"}


@attrs.frozen(eq=False)
class Import:
    """An import: what is shown of it in lists, what was done with each file, and the file's asset if there is one."""

    summary: Json
    items: list[tuple[Json, Asset | None]]

    def show_items(self, request: web.Request) -> list[Json]:
        """The files and the status of their assets now; those whose assets were deleted are left out."""
        now = request.app[PLATFORM].now()
        return [
            item | ({} if asset is None else {"asset_id": asset.id, "status": asset.status(now)})
            for item, asset in self.items
            if asset is None or asset.id in request.app[ASSETS]
        ]


AUTHORIZATIONS = web.AppKey("authorizations", dict[str, Json])
CONNECTIONS = web.AppKey("connections", dict[str, Json])
REDIRECT_URIS = web.AppKey("redirect_uris", dict[str, Json])
IMPORTS = web.AppKey("imports", dict[str, Import])
tables = (AUTHORIZATIONS, CONNECTIONS, REDIRECT_URIS, IMPORTS)


def _redirect_uri(body: Json) -> URL:
    try:
        url = URL(text(body, "redirect_uri"), encoded=True)
    except ValueError:
        url = URL()
    if not url.host:
        raise invalid("redirect_uri", "it has to be a URI")
    return url


@routes.post("/connections:authorize")
async def authorize(request: web.Request) -> web.Response:
    platform, body = request.app[PLATFORM], await read_json(request)
    uri = str(_redirect_uri(body))
    text(body, "provider", [_PROVIDER["provider"]])
    registered = [redirect["redirect_uri"] for redirect in request.app[REDIRECT_URIS].values()]
    if registered and uri not in registered:
        raise invalid("redirect_uri", "it is not registered")
    label = {"custom_id": text(body, "custom_id")} if "custom_id" in body else {}
    state = platform.new_id()
    request.app[AUTHORIZATIONS][state] = {"redirect_uri": uri, "label": label}
    return web.json_response({"authorize_url": f"{platform.storage_url}/storage/authorize/{state}", "state": state})


@routes.get("/storage/authorize/{state}")
async def consent(request: web.Request) -> web.Response:
    platform, state = request.app[PLATFORM], request.match_info["state"]
    asked = find(request.app[AUTHORIZATIONS], state, "authorization", status=404)
    del request.app[AUTHORIZATIONS][state]
    connection: Json = {
        "_id": platform.new_id(),
        **_PROVIDER,
        **asked["label"],
        "status": "active",
        "account": _ACCOUNT,
        "scopes": [_SCOPE],
        "connected_at": platform.timestamp(),
    }
    request.app[CONNECTIONS][connection["_id"]] = connection
    outcome = URL(asked["redirect_uri"]).update_query(
        {"connection_id": connection["_id"], "status": "ok", **asked["label"]}
    )
    return web.Response(status=302, headers={"Location": str(outcome)})


def _newest_first(request: web.Request, items: Iterable[Json]) -> web.Response:
    return page(request, [*items][::-1], lambda item, _: item)


@routes.get("/connections")
async def list_connections(request: web.Request) -> web.Response:
    return _newest_first(request, request.app[CONNECTIONS].values())


@routes.get("/connections/redirect-uris")
async def list_redirect_uris(request: web.Request) -> web.Response:
    return _newest_first(request, request.app[REDIRECT_URIS].values())


@routes.post("/connections/redirect-uris")
async def create_redirect_uri(request: web.Request) -> web.Response:
    platform, table, url = request.app[PLATFORM], request.app[REDIRECT_URIS], _redirect_uri(await read_json(request))
    if url.scheme != "https" or "." not in str(url.host) or "*" in str(url):
        raise Refused(422, "redirect_uri_invalid", f"{url} has to use HTTPS and a public host, without wildcards.")
    if any(redirect["redirect_uri"] == str(url) for redirect in table.values()):
        raise Refused(409, "redirect_uri_already_exists", f"{url} is registered already.")
    redirect = {"_id": platform.new_id(), "redirect_uri": str(url), "created_at": platform.timestamp()}
    table[redirect["_id"]] = redirect
    return web.json_response(redirect, status=201)


@routes.delete("/connections/redirect-uris/{redirect_uri_id}")
async def delete_redirect_uri(request: web.Request) -> web.Response:
    table = request.app[REDIRECT_URIS]
    del table[find(table, request.match_info["redirect_uri_id"], "redirect URI", status=404)["_id"]]
    return web.Response(status=204)


def _find(request: web.Request) -> Json:
    return find(request.app[CONNECTIONS], request.match_info["connection_id"], "connection", status=404)


def _use(request: web.Request) -> Json:
    connection = _find(request)
    connection["last_used_at"] = request.app[PLATFORM].timestamp()
    return connection


@routes.get("/connections/{connection_id}")
async def retrieve_connection(request: web.Request) -> web.Response:
    return web.json_response(_find(request))


@routes.delete("/connections/{connection_id}")
async def delete_connection(request: web.Request) -> web.Response:
    del request.app[CONNECTIONS][_find(request)["_id"]]
    return web.Response(status=204)


@routes.post("/connections/{connection_id}/picker-token")
async def create_picker_token(request: web.Request) -> web.Response:
    token = f"{_use(request)['_id']}-{request.app[PLATFORM].new_id()}"
    return web.json_response({"access_token": token, "expires_in": 3600, "scope": _SCOPE})


@routes.post("/connections/{connection_id}/imports")
async def import_files(request: web.Request) -> web.Response:
    platform, connection = request.app[PLATFORM], _use(request)
    given = a_list(required(await read_json(request), "items"), "items", 1, 100)
    names = [text(an_object(item, "items"), "source_id") for item in given]
    if len(set(names)) < len(names):
        raise invalid("items", "each source_id has to be another one")
    summary: Json = {
        **pick(connection, "provider", "custom_id"),
        "_id": platform.new_id(),
        "connection_id": connection["_id"],
        "item_count": len(names),
        "created_at": platform.timestamp(),
    }
    made = request.app[IMPORTS][summary["_id"]] = Import(summary, [_import(request, name) for name in names])
    rejected = any(asset is None for _, asset in made.items)
    answer = {"_id": summary["_id"], "has_failures": rejected, "items": made.show_items(request)}
    return web.json_response(answer, status=202)


def _import(request: web.Request, name: str) -> tuple[Json, Asset | None]:
    """Import a file, unless it was imported before and has not failed since."""
    platform = request.app[PLATFORM]
    for asset in request.app[ASSETS].values():
        if asset.source and asset.source["source_id"] == name:
            if asset.status(platform.now()) != "failed":
                return {"source_id": name, "action": "skipped"}, asset
            asset.fetch(name)
            return {"source_id": name, "action": "retried"}, asset
    error = {"code": "source_unavailable", "message": platform.scripted(name).failures.get("import")}
    if kind_of(mime_type(name, "", Media())) == "document":
        error = {"code": "unsupported_media_type", "message": f"{name} is no video, audio or image."}
    if error["message"]:
        return {"source_id": name, "action": "rejected", "error": error}, None
    asset = reserve(request, "connector", name, {}, hls=True)
    asset.source = {**_PROVIDER, "source_id": name, "original_filename": name}
    asset.fetch(name)
    return {"source_id": name, "action": "created"}, asset


@routes.get("/connections/{connection_id}/imports")
async def list_imports(request: web.Request) -> web.Response:
    summaries = [found.summary for found in request.app[IMPORTS].values()]
    return _newest_first(request, [one for one in summaries if one["connection_id"] == _find(request)["_id"]])


@routes.get("/connections/{connection_id}/imports/{import_id}")
async def retrieve_import(request: web.Request) -> web.Response:
    _find(request)
    found = find(request.app[IMPORTS], request.match_info["import_id"], "import", status=404)
    return web.json_response(found.summary | {"items": found.show_items(request)})
