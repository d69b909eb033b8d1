"""The blocking twin of `twelvelabs_async.resources.tasks`."""

from __future__ import annotations

from typing import Final

from ..resources._raw import Blocked
from ..resources.tasks import AsyncTasks, RawTasks
from ._pager import blocking_pager
from ._twin import BlockingResource, blocking


class Tasks(BlockingResource[AsyncTasks]):
    """Upload videos and index each in one job.

    The API will remove these endpoints. Upload assets and index them instead.
    """

    with_raw_response: RawTasks[Blocked]

    create: Final = blocking(AsyncTasks.create)
    create_and_wait: Final = blocking(AsyncTasks.create_and_wait)
    create_bulk: Final = blocking(AsyncTasks.create_bulk)
    delete: Final = blocking(AsyncTasks.delete)
    list: Final = blocking_pager(AsyncTasks.list)
    retrieve: Final = blocking(AsyncTasks.retrieve)
    wait_for_done: Final = blocking(AsyncTasks.wait_for_done)
    wait_until_ready: Final = blocking(AsyncTasks.wait_until_ready)
