"""``/connections``: access to the files of accounts at other providers."""

from __future__ import annotations

from typing import Final

from .._pagination import AsyncPager
from .._request import url_path
from ..models.data_connectors import (
    AuthorizeConnectionResponse,
    Connection,
    ConnectionProvider,
    CreateConnectionPickerTokenResponse,
    RedirectUri,
)
from ..options import OMIT, RequestOptions
from ._base import AsyncResource
from ._raw import Awaited, Mode, Raw, raw, raw_page, raw_responses_of

__all__ = ["AsyncDataConnectors"]


class AsyncDataConnectors(AsyncResource):
    """Connect accounts at other providers, so that their files can be imported."""

    with_raw_response: RawDataConnectors[Awaited]

    def list_connections(
        self, *, page: int | None = None, page_limit: int | None = None, request_options: RequestOptions | None = None
    ) -> AsyncPager[Connection]:
        """List the connections, the newest first.

        Args:
            page: Number of the first page to read. Default: 1.
            page_limit: Connections on a page. 1 to 50. Default: 10.
        """
        return self._list("/connections", Connection, page, request_options, page_limit=page_limit)

    async def authorize_connection(
        self,
        *,
        provider: ConnectionProvider,
        redirect_uri: str,
        custom_id: str | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> AuthorizeConnectionResponse:
        """Request access to a user's account.

        The user grants it at the URL that is returned.

        The provider then redirects the user to *redirect_uri*, with ``status=ok``, ``connection_id`` and *custom_id* in
        the query, or with ``error``.

        Args:
            provider: ``google_drive``.
            redirect_uri: URL to redirect the user to. If redirect URIs are registered, it must be one of them.
            custom_id: Your identifier of the connection, without personal data. At most 255 characters.

        Raises:
            BadRequestError: An argument is invalid, or the redirect URI is not registered.

        Example:
            ::

                started = await client.data_connectors.authorize_connection(
                    provider="google_drive", redirect_uri="https://app.example.com/connected", custom_id="user-17"
                )
                print("Send the user to", started.authorize_url)
        """
        return await self._post(
            "/connections:authorize",
            AuthorizeConnectionResponse,
            request_options,
            json={"provider": provider, "redirect_uri": redirect_uri, "custom_id": custom_id},
            is_idempotent=True,  # nothing is connected until the user opens the URL
        )

    async def retrieve_connection(
        self, connection_id: str, *, request_options: RequestOptions | None = None
    ) -> Connection:
        """Retrieve a connection.

        Raises:
            NotFoundError: No connection has this id.
        """
        path = url_path("/connections/{connection_id}", connection_id=connection_id)
        return await self._get(path, Connection, request_options)

    async def delete_connection(self, connection_id: str, *, request_options: RequestOptions | None = None) -> None:
        """Delete a connection, and revoke the access at the provider.

        Imported assets remain.

        Raises:
            NotFoundError: No connection has this id.
        """
        path = url_path("/connections/{connection_id}", connection_id=connection_id)
        await self._send("DELETE", path, request_options)

    async def create_connection_picker_token(
        self, connection_id: str, *, request_options: RequestOptions | None = None
    ) -> CreateConnectionPickerTokenResponse:
        """Create a short-lived token with read access, for the provider's file picker.

        Raises:
            NotFoundError: No connection has this id.
            ConflictError: The connection is not ``active``.
        """
        path = url_path("/connections/{connection_id}/picker-token", connection_id=connection_id)
        return await self._post(path, CreateConnectionPickerTokenResponse, request_options, is_idempotent=True)

    def list_redirect_uris(
        self, *, page: int | None = None, page_limit: int | None = None, request_options: RequestOptions | None = None
    ) -> AsyncPager[RedirectUri]:
        """List the registered redirect URIs, the newest first.

        Args:
            page: Number of the first page to read. Default: 1.
            page_limit: Redirect URIs on a page. 1 to 50. Default: 10.
        """
        return self._list("/connections/redirect-uris", RedirectUri, page, request_options, page_limit=page_limit)

    async def create_redirect_uri(
        self, *, redirect_uri: str, request_options: RequestOptions | None = None
    ) -> RedirectUri:
        """Register a redirect URI.

        `authorize_connection` then accepts only registered ones.

        Args:
            redirect_uri: The complete URI, with HTTPS, on a public host, without wildcards.

        Raises:
            ConflictError: The URI is registered already.
            UnprocessableEntityError: The URI is not accepted, or there are too many.
        """
        body = {"redirect_uri": redirect_uri}
        return await self._post("/connections/redirect-uris", RedirectUri, request_options, json=body)

    async def delete_redirect_uri(self, redirect_uri_id: str, *, request_options: RequestOptions | None = None) -> None:
        """Delete the registration of a redirect URI.

        Raises:
            NotFoundError: No registration has this id.
        """
        path = url_path("/connections/redirect-uris/{redirect_uri_id}", redirect_uri_id=redirect_uri_id)
        await self._send("DELETE", path, request_options)


@raw_responses_of(AsyncDataConnectors)
class RawDataConnectors(Raw[Mode]):
    """The methods of `AsyncDataConnectors`, which return the whole response."""

    list_connections: Final = raw_page(AsyncDataConnectors.list_connections)
    authorize_connection: Final = raw(AsyncDataConnectors.authorize_connection)
    retrieve_connection: Final = raw(AsyncDataConnectors.retrieve_connection)
    delete_connection: Final = raw(AsyncDataConnectors.delete_connection)
    create_connection_picker_token: Final = raw(AsyncDataConnectors.create_connection_picker_token)
    list_redirect_uris: Final = raw_page(AsyncDataConnectors.list_redirect_uris)
    create_redirect_uri: Final = raw(AsyncDataConnectors.create_redirect_uri)
    delete_redirect_uri: Final = raw(AsyncDataConnectors.delete_redirect_uri)
