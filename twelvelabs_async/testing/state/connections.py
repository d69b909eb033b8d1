"""Connections to storage providers, and imports."""

from __future__ import annotations

import attrs

from .assets import Asset


@attrs.frozen(eq=False, kw_only=True)
class Authorization:
    """Authorization that the user has not confirmed yet."""

    id: str
    redirect_uri: str
    custom_id: str | None


@attrs.define(eq=False, kw_only=True)
class Connection:
    """Connection to the user's files.

    Attributes:
        status: `active`, `expired` or `revoked`.
    """

    id: str
    custom_id: str | None
    connected_at: float
    status: str = "active"
    last_used_at: float | None = None


@attrs.frozen(eq=False, kw_only=True)
class RedirectUri:
    """Registered redirect URI."""

    id: str
    uri: str
    created_at: float


@attrs.frozen(eq=False, kw_only=True)
class ImportedFile:
    """File of an import.

    Attributes:
        action: `created`, `retried`, `skipped` or `rejected`.
        error: Code and message of a rejection.
    """

    source_id: str
    action: str
    asset: Asset | None = None
    error: dict[str, str] | None = None


@attrs.frozen(eq=False, kw_only=True)
class Import:
    """Import of files through a connection."""

    id: str
    connection: Connection
    created_at: float
    files: list[ImportedFile]
