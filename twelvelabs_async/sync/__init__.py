"""The blocking client: the twin of `twelvelabs_async.AsyncTwelveLabs`."""

from ._pager import SyncPager
from .client import TwelveLabs

__all__ = ["SyncPager", "TwelveLabs"]
