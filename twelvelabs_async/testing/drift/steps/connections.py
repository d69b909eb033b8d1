"""Data connectors and imports.

Most are asked for ids that do not exist: a connection needs a person who agrees in a browser.
"""

from __future__ import annotations

from typing import Final

from ..step import UNKNOWN_ID, Step

REDIRECT: Final = "https://$mark.example.com/done"
CONNECTION: Final = f"/connections/{UNKNOWN_ID}"

CONNECTIONS: Final = (
    Step(
        "data_connectors.create_redirect_uri",
        "POST /connections/redirect-uris",
        json={"redirect_uri": REDIRECT},
        keep={"redirect": "_id"},
        undo="/connections/redirect-uris/$redirect",
    ),
    Step(
        "data_connectors.create_redirect_uri",
        "POST /connections/redirect-uris",
        case="registered",
        json={"redirect_uri": REDIRECT},
        after=("redirect",),
        is_refused=True,
    ),
    Step(
        "data_connectors.create_redirect_uri",
        "POST /connections/redirect-uris",
        case="without TLS",
        json={"redirect_uri": "http://$mark.example.com/done"},
        keep={"redirect": "_id"},
        undo="/connections/redirect-uris/$redirect",
        is_refused=True,
    ),
    Step(
        "data_connectors.list_redirect_uris", "GET /connections/redirect-uris", query={"page_limit": 50}, own="redirect"
    ),
    Step(
        "data_connectors.authorize_connection",
        "POST /connections:authorize",
        json={"provider": "google_drive", "redirect_uri": REDIRECT},
    ),
    Step("data_connectors.list_connections", "GET /connections", query={"page_limit": 50}, own="mark"),
    Step("data_connectors.retrieve_connection", f"GET {CONNECTION}", case="unknown id", is_refused=True),
    Step("data_connectors.delete_connection", f"DELETE {CONNECTION}", case="unknown id", is_refused=True),
    Step(
        "data_connectors.create_connection_picker_token",
        f"POST {CONNECTION}/picker-token",
        case="unknown id",
        is_refused=True,
    ),
    Step(
        "imports.import_files",
        f"POST {CONNECTION}/imports",
        case="unknown id",
        json={"items": [{"source_id": "$mark"}]},
        is_refused=True,
    ),
    Step("imports.list_imports", f"GET {CONNECTION}/imports", case="unknown id", is_refused=True),
    Step("imports.retrieve_import", f"GET {CONNECTION}/imports/{UNKNOWN_ID}", case="unknown id", is_refused=True),
)
