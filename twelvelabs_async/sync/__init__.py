"""The blocking client: the twin of `twelvelabs_async.AsyncTwelveLabs`."""

from ._pager import SyncPager
from .bulk import Run
from .client import TwelveLabs
from .search import SyncSearchPager

__all__ = ["Run", "SyncPager", "SyncSearchPager", "TwelveLabs"]
