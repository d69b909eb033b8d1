"""Data connectors: access to files in accounts of other providers."""

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
    """Address at which the user grants access.

    Attributes:
        state: Token that identifies the request. The URL contains the same token.
    """

    authorize_url: str | None = None
    state: str | None = None


class ConnectionAccount(Model):
    """Account at a provider.

    Attributes:
        external_id: Permanent id at the provider.
        display_name: Label, such as an e-mail address.
    """

    external_id: str | None = None
    display_name: str | None = None


class Connection(Model):
    """Access to an account at a provider.

    Attributes:
        custom_id: Label that was given when the access was authorized.
    """

    id: Id
    provider: ConnectionProvider | None = None
    status: ConnectionStatus | None = None
    custom_id: str | None = None
    account: ConnectionAccount | None = None
    scopes: list[str] | None = None
    connected_at: datetime | None = None
    last_used_at: datetime | None = None


class CreateConnectionPickerTokenResponse(Model):
    """Parameters of a provider's file picker.

    Attributes:
        access_token: Short-lived token for reading.
        expires_in: Seconds until the token expires.
        scope: Permissions of the token, separated by spaces.
        app_id: Argument of ``setAppId`` of the Google Picker.
        developer_key: Argument of ``setDeveloperKey`` of the Google Picker.
    """

    access_token: str | None = attrs.field(default=None, repr=False)
    expires_in: int | None = None
    scope: str | None = None
    app_id: str | None = None
    developer_key: str | None = None


class RedirectUri(Model):
    """Address that users may be redirected to after they granted access."""

    id: Id
    redirect_uri: str | None = None
    created_at: datetime | None = None
