"""Official path of `SyncResponseFormat`."""

from ..models.analyze import SyncResponseFormat

__all__ = ["SyncResponseFormat"]
