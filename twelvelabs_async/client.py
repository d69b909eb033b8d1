"""Official path of both clients."""

from ._client import AsyncTwelveLabs
from .options import OMIT
from .sync.client import TwelveLabs

__all__ = ["OMIT", "AsyncTwelveLabs", "TwelveLabs"]
