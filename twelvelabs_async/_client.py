"""The asynchronous client: settings, and one attribute per resource."""

from __future__ import annotations

import logging
import os
import platform
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Never, Self

import aiohttp
from attrs import evolve
from yarl import URL

from ._api_key import ApiKey, KeyFunction, call_with_secrets, read_api_key, require_key
from ._connections import Connections, ConnectorFactory, SessionFactory, Trust, choose_lender
from ._logging import log_level, log_to
from ._proxies import Proxies
from ._rate_limits import RateLimits
from ._reachability import Reachability
from ._removed import reject_keywords
from ._request import Settings
from ._transport import Transport
from ._urls import without_credentials
from ._validators import require_between, valid_headers
from ._version import __version__
from .options import BASE_URL, MAX_CONNECTIONS, MAX_RETRIES, REQUEST_TIMEOUT, Limiter, TwelveLabsEnvironment
from .resources._api import AsyncAPI
from .resources._base import resource

if TYPE_CHECKING:
    from .bulk import AsyncBulk
    from .clips.methods import AsyncMedia

__all__ = ["AsyncTwelveLabs"]

USER_AGENT: Final = (
    f"twelvelabs_async/{__version__} (python {platform.python_version()}; aiohttp {aiohttp.__version__})"
)


class AsyncTwelveLabs(AsyncAPI):
    """The client of the TwelveLabs API for asyncio.

    One client serves any number of tasks, and several event loops one after the other. Close it, or use ``async with``.

    Args:
        api_key: The API key, or a function or coroutine function that returns it, called before each request. Default:
            ``TWELVELABS_API_KEY``, else ``TWELVE_LABS_API_KEY``, from the environment.
        base_url: URL of the API with its version. Default: ``TWELVELABS_BASE_URL`` from the environment, else that of
            *environment*.
        environment: Server of the API by name. Default: ``https://api.twelvelabs.io/v1.3``.
        headers: Headers of every request to the API.
        timeout: Seconds for a request with all its retries; uploads get more, by their size. Default: 600.
        max_retries: Retries of a failed request, where they do no harm. Default: 2.
        limiter: Awaited before every request, to share an account between processes.
        ssl: Settings of TLS, as aiohttp takes them. Default: the certificate authorities of the system, or of
            ``SSL_CERT_FILE``, or of certifi.
        proxy: URL of an HTTP proxy for all requests. Default: those of ``HTTPS_PROXY``, ``HTTP_PROXY``, ``ALL_PROXY``
            and ``NO_PROXY``, read at the first request.
        max_connections: Connections at once for each kind of request, such as searches, analyses, or parts of uploads.
            Further requests wait, within their timeout. Default: 100.
        session: An aiohttp session, or a function that returns one, whose connector is used. Nothing else of it is.
        connector: An aiohttp connector, or a function that returns one. It has its own limit of connections. A
            function is called in each event loop, and what it returns is closed with the client.
        trace_configs: aiohttp trace configs.
        middlewares: aiohttp client middlewares.

    Raises:
        TwelveLabsError: There is no API key.
        TypeError: *session* or *connector* is neither one of aiohttp nor a function, or a number has another type.
        ValueError: The API key, the base URL, a header, the proxy or a number is invalid, or *session* is closed.

    An argument of the official SDK that does not exist here is a `TypeError` that names what replaces it.

    Example:
        ::

            async with AsyncTwelveLabs() as client:
                async for index in client.indexes.list():
                    print(index.index_name)
    """

    def __init__(
        self,
        *,
        api_key: str | KeyFunction | None = None,
        base_url: str | None = None,
        environment: TwelveLabsEnvironment = TwelveLabsEnvironment.DEFAULT,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        max_retries: int = MAX_RETRIES,
        limiter: Limiter | None = None,
        ssl: Trust = True,
        proxy: str | None = None,
        max_connections: int = MAX_CONNECTIONS,
        session: aiohttp.ClientSession | SessionFactory | None = None,
        connector: aiohttp.BaseConnector | ConnectorFactory | None = None,
        trace_configs: Sequence[aiohttp.TraceConfig] = (),
        middlewares: Sequence[aiohttp.ClientMiddlewareType] = (),
        **removed: Never,
    ) -> None:
        secrets = [api_key, headers, base_url, environment, proxy]
        del api_key, headers, base_url, proxy  # a traceback that ends here must not show them
        if removed:
            secrets.clear()
        reject_keywords(AsyncTwelveLabs, removed)
        _set_up_logging()
        key, base_url, proxies = call_with_secrets(_read_secrets, secrets)
        settings = Settings(
            base_url=base_url,
            timeout=REQUEST_TIMEOUT if timeout is None else timeout,
            max_retries=max_retries,
            limiter=limiter,
        )
        require_between("max_connections", max_connections, 1, is_whole=True)
        connections = Connections(
            key,
            lender=choose_lender(session, connector),
            trust=ssl,
            proxies=proxies,
            max_connections=max_connections,
            trace_configs=trace_configs,
            middlewares=middlewares,
        )
        super().__init__(Transport(settings, key, connections, RateLimits(), Reachability()))

    def __repr__(self) -> str:
        transport = getattr(self, "_transport", None)  # which a constructor that raises has not set
        return f"{type(self).__name__}({f'base_url={transport.settings.base_url!r}' if transport else ''})"

    @resource
    def bulk(self) -> AsyncBulk:
        """Bulk runs over any number of sources."""
        from .bulk import AsyncBulk

        return AsyncBulk(self)

    @resource
    def media(self) -> AsyncMedia:
        """Clips, pictures and other files of moments."""
        from .clips.methods import AsyncMedia

        return AsyncMedia(self)

    def with_options(
        self,
        *,
        api_key: str | KeyFunction | None = None,
        base_url: str | None = None,
        timeout: float | None = None,
        max_retries: int | None = None,
        headers: Mapping[str, str] | None = None,
        limiter: Limiter | None = None,
    ) -> Self:
        """Return a client with other settings that shares the connections.

        With the same API key and base URL, it also shares the rate limits. Closing one of the clients closes both.

        Args:
            api_key: API key of another account, or a function that returns one.
            base_url: URL of another server, which receives the API key.
            timeout: Seconds for a request with all its retries.
            max_retries: Retries of a failed request.
            headers: Headers to add to this client's, or to replace them.
            limiter: Awaited before every request.

        Raises:
            TwelveLabsError: *api_key* is empty.
            TypeError: *timeout* or *max_retries* is not a number.
            ValueError: One of them is out of range, or the API key, the base URL or a header is invalid.

        Example:
            ::

                tenant = client.with_options(api_key=keys[tenant_id])
                await tenant.indexes.retrieve(index_id)
        """
        changes = {"timeout": timeout, "max_retries": max_retries, "headers": headers, "limiter": limiter}
        secrets = [self._transport, api_key, base_url, changes]
        del api_key, base_url, headers, changes  # a traceback that ends here must not show them
        copy = object.__new__(type(self))
        AsyncAPI.__init__(copy, call_with_secrets(_changed_transport, secrets))
        return copy

    async def close(self) -> None:
        """Close the connections. Afterwards, the client raises `RuntimeError`."""
        await self._transport.connections.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _read_secrets(
    api_key: str | KeyFunction | None,
    headers: Mapping[str, str] | None,
    base_url: str | None,
    environment: TwelveLabsEnvironment,
    proxy: str | None,
) -> tuple[ApiKey, str, Proxies | None]:
    key = read_api_key(api_key, headers, USER_AGENT)
    proxies = None if proxy is None else Proxies.of_setting(str(proxy))
    server = TwelveLabsEnvironment(environment).value
    given = str(base_url or "").strip() or os.environ.get("TWELVELABS_BASE_URL", "").strip()
    return key, _valid_base_url(given or server), proxies


def _valid_base_url(given: str) -> str:
    try:
        url = URL(given)
        is_valid = url.scheme in ("https", "http") and bool(url.host and url.port)
    except ValueError:
        url, is_valid = URL(), False
    if not is_valid or set(given) & set("?#@ ") or not given.isprintable():
        raise ValueError(
            f"base_url must be a URL such as {BASE_URL}, without user, query and fragment; "
            f"got {without_credentials(given)!r}."
        )
    return str(url).rstrip("/")


def _changed_transport(
    transport: Transport, api_key: str | KeyFunction | None, base_url: str | None, changes: Mapping[str, Any]
) -> Transport:
    key, settings = transport.key, _changed_settings(transport.settings, changes)
    if callable(api_key):
        key = key.with_function(api_key)
    elif api_key is not None:
        key = key.with_key(require_key(api_key, "api_key"))
    if base_url is not None:
        settings = evolve(settings, base_url=_valid_base_url(str(base_url).strip()))
    return transport.with_settings(settings, key)


def _changed_settings(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    given = {name: value for name, value in changes.items() if value is not None}
    if "headers" in given:
        given["headers"] = {**settings.headers, **valid_headers("headers", given["headers"])}
    return evolve(settings, **given)


def _set_up_logging() -> None:
    """Log to stderr if ``TWELVELABS_LOG`` names a level, as in ``TWELVELABS_LOG=debug``.

    If the program has set up logging, before or after this, its handlers alone write the log.
    """
    if log_level() and not logging.getLogger("twelvelabs_async").handlers:
        handler = logging.StreamHandler()
        handler.addFilter(lambda _: not logging.getLogger().handlers)
        log_to(handler)
