"""Data connectors: access to the files that an account elsewhere holds."""

from datetime import datetime
from typing import Literal, TypeAlias

import attrs

from ._base import Id, Model

__all__ = [
    "AuthorizeConnectionResponse", "Connection", "ConnectionAccount", "ConnectionProvider", "ConnectionStatus",
    "CreateConnectionPickerTokenResponse", "RedirectUri",
]  # fmt: skip

ConnectionProvider: TypeAlias = Literal["google_drive"] | str
ConnectionStatus: TypeAlias = Literal["active", "expired", "revoked"] | str


class AuthorizeConnectionResponse(Model):
    """Where to send the user to grant access; *state* is in the URL, too, and only tells requests apart."""

    authorize_url: str | None = None
    state: str | None = None


class ConnectionAccount(Model):
    """The account at the provider: its lasting id there, and a label such as an e-mail address."""

    external_id: str | None = None
    display_name: str | None = None


class Connection(Model):
    """Access to an account at a provider; *custom_id* is the label it was authorized with."""

    id: Id
    provider: ConnectionProvider | None = None
    status: ConnectionStatus | None = None
    custom_id: str | None = None
    account: ConnectionAccount | None = None
    scopes: list[str] | None = None
    connected_at: datetime | None = None
    last_used_at: datetime | None = None


class CreateConnectionPickerTokenResponse(Model):
    """What the provider's file picker needs.

    Attributes:
        access_token: A token that may only read, for a short time.
        expires_in: Seconds until it expires.
        scope: What it allows, blanks between.
        app_id: For ``setAppId`` of the Google Picker.
        developer_key: For ``setDeveloperKey`` of the Google Picker.
    """

    access_token: str | None = attrs.field(default=None, repr=False)
    expires_in: int | None = None
    scope: str | None = None
    app_id: str | None = None
    developer_key: str | None = None


class RedirectUri(Model):
    """An address that users may be sent back to."""

    id: Id
    redirect_uri: str | None = None
    created_at: datetime | None = None
