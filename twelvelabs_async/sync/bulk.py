"""The blocking twin of `twelvelabs_async.bulk`."""

from __future__ import annotations

from typing import Final

from ..bulk import AsyncBulk
from ._twin import Blocking, blocking_iter


class Bulk(Blocking[AsyncBulk]):
    """Many assets at once."""

    index: Final = blocking_iter(AsyncBulk.index)
