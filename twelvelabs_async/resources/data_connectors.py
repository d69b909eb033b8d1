"""``/connections``: access to the files that an account elsewhere holds."""

from __future__ import annotations

from typing import Final

from .._pagination import AsyncPager
from .._transport import path
from ..models.data_connectors import (
    AuthorizeConnectionResponse,
    Connection,
    ConnectionProvider,
    CreateConnectionPickerTokenResponse,
    RedirectUri,
)
from ..options import OMIT, RequestOptions
from ._base import AsyncResource

AUTHORIZE: Final = "/connections:authorize"
CONNECTIONS: Final = "/connections"
CONNECTION: Final = "/connections/{connection_id}"
PICKER: Final = "/connections/{connection_id}/picker-token"
REDIRECT_URIS: Final = "/connections/redirect-uris"
REDIRECT_URI: Final = "/connections/redirect-uris/{redirect_uri_id}"


class AsyncDataConnectors(AsyncResource):
    """Connect accounts at other providers, whose files can then be imported."""

    def list_connections(
        self, *, page: int | None = None, page_limit: int | None = None, request_options: RequestOptions | None = None
    ) -> AsyncPager[Connection]:
        """List the connections, the newest first.

        A page has up to *page_limit* of them, 1 to 50, 10 by default.
        """
        return self._list(CONNECTIONS, Connection, page, request_options, page_limit=page_limit)

    async def authorize_connection(
        self,
        *,
        provider: ConnectionProvider,
        redirect_uri: str,
        custom_id: str | None = OMIT,
        request_options: RequestOptions | None = None,
    ) -> AuthorizeConnectionResponse:
        """Ask for access to a user's account; the user grants it at the URL that is returned.

        From there the user is sent on to *redirect_uri*, whose query then has ``status=ok``, the ``connection_id``
        and the *custom_id*, or an ``error``.

        Args:
            provider: ``google_drive``.
            redirect_uri: Where the user is sent in the end; one of the registered ones, if there are any.
            custom_id: A label for the connection, for your own records; nothing that tells who the person is.

        Raises:
            BadRequestError: An argument is wrong, or the redirect URI is not a registered one.

        Example:
            ::

                started = await client.data_connectors.authorize_connection(
                    provider="google_drive", redirect_uri="https://app.example.com/connected", custom_id="user-17"
                )
                print("Send the user to", started.authorize_url)
        """
        return await self._post(
            AUTHORIZE,
            AuthorizeConnectionResponse,
            request_options,
            json={"provider": provider, "redirect_uri": redirect_uri, "custom_id": custom_id},
            safe=True,  # a URL that nobody follows connects nothing
        )

    async def retrieve_connection(
        self, connection_id: str, *, request_options: RequestOptions | None = None
    ) -> Connection:
        """Describe a connection.

        Raises:
            NotFoundError: There is no such connection.
        """
        return await self._get(path(CONNECTION, connection_id), Connection, request_options)

    async def delete_connection(self, connection_id: str, *, request_options: RequestOptions | None = None) -> None:
        """Give up the access to an account, there and here; imported assets stay.

        Raises:
            NotFoundError: There is no such connection.
        """
        await self._do("DELETE", path(CONNECTION, connection_id), request_options)

    async def create_connection_picker_token(
        self, connection_id: str, *, request_options: RequestOptions | None = None
    ) -> CreateConnectionPickerTokenResponse:
        """Get a short-lived token to read with, for the provider's own file picker.

        Raises:
            NotFoundError: There is no such connection.
            ConflictError: It is not ``active``.
        """
        return await self._post(
            path(PICKER, connection_id), CreateConnectionPickerTokenResponse, request_options, safe=True
        )

    def list_redirect_uris(
        self, *, page: int | None = None, page_limit: int | None = None, request_options: RequestOptions | None = None
    ) -> AsyncPager[RedirectUri]:
        """List the registered redirect URIs, the newest first.

        A page has up to *page_limit* of them, 1 to 50, 10 by default.
        """
        return self._list(REDIRECT_URIS, RedirectUri, page, request_options, page_limit=page_limit)

    async def create_redirect_uri(
        self, *, redirect_uri: str, request_options: RequestOptions | None = None
    ) -> RedirectUri:
        """Register a redirect URI. From the first one on, `authorize_connection` takes registered ones only.

        It is the URI exactly as it will be given: with HTTPS, on a public host, without wildcards.

        Raises:
            ConflictError: It is registered already.
            UnprocessableEntityError: It cannot be registered, or there are too many.
        """
        return await self._post(REDIRECT_URIS, RedirectUri, request_options, json={"redirect_uri": redirect_uri})

    async def delete_redirect_uri(self, redirect_uri_id: str, *, request_options: RequestOptions | None = None) -> None:
        """Take back the registration of a redirect URI, for good.

        Raises:
            NotFoundError: There is no such registration.
        """
        await self._do("DELETE", path(REDIRECT_URI, redirect_uri_id), request_options)
