"""The blocking twin of `twelvelabs_async.resources.data_connectors`."""

from __future__ import annotations

from typing import Final

from ..resources._raw import Blocked
from ..resources.data_connectors import AsyncDataConnectors, RawDataConnectors
from ._pager import blocking_pager
from ._twin import BlockingResource, blocking


class DataConnectors(BlockingResource[AsyncDataConnectors]):
    """Connect accounts at other providers, so that their files can be imported."""

    with_raw_response: RawDataConnectors[Blocked]

    authorize_connection: Final = blocking(AsyncDataConnectors.authorize_connection)
    create_connection_picker_token: Final = blocking(AsyncDataConnectors.create_connection_picker_token)
    create_redirect_uri: Final = blocking(AsyncDataConnectors.create_redirect_uri)
    delete_connection: Final = blocking(AsyncDataConnectors.delete_connection)
    delete_redirect_uri: Final = blocking(AsyncDataConnectors.delete_redirect_uri)
    list_connections: Final = blocking_pager(AsyncDataConnectors.list_connections)
    list_redirect_uris: Final = blocking_pager(AsyncDataConnectors.list_redirect_uris)
    retrieve_connection: Final = blocking(AsyncDataConnectors.retrieve_connection)
