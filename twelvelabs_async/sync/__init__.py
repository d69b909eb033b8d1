"""The blocking client: the twin of `twelvelabs_async.AsyncTwelveLabs`."""

from .client import TwelveLabs

__all__ = ["TwelveLabs"]
