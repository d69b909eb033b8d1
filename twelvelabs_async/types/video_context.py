"""Official path of `VideoContext` and its variants."""

from ..models.analyze import VideoContext, VideoContext_AssetId, VideoContext_Base64String, VideoContext_Url

__all__ = ["VideoContext", "VideoContext_AssetId", "VideoContext_Base64String", "VideoContext_Url"]
