"""The blocking twin of `twelvelabs_async.resources.assets`."""

from __future__ import annotations

from typing import Final

from ..resources._raw import Blocked
from ..resources.assets import AsyncAssets, RawAssets
from ._pager import blocking_pager
from ._twin import BlockingResource, blocking


class Assets(BlockingResource[AsyncAssets]):
    """Upload files, wait for them, list, retrieve and delete them."""

    with_raw_response: RawAssets[Blocked]

    create: Final = blocking(AsyncAssets.create)
    create_and_wait: Final = blocking(AsyncAssets.create_and_wait)
    delete: Final = blocking(AsyncAssets.delete)
    delete_user_metadata: Final = blocking(AsyncAssets.delete_user_metadata)
    list: Final = blocking_pager(AsyncAssets.list)
    replace_user_metadata: Final = blocking(AsyncAssets.replace_user_metadata)
    retrieve: Final = blocking(AsyncAssets.retrieve)
    retrieve_transcription: Final = blocking(AsyncAssets.retrieve_transcription)
    update_user_metadata: Final = blocking(AsyncAssets.update_user_metadata)
    upload: Final = blocking(AsyncAssets.upload)
    wait_for_transcription: Final = blocking(AsyncAssets.wait_for_transcription)
    wait_until_ready: Final = blocking(AsyncAssets.wait_until_ready)
