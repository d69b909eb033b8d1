"""Moments of videos as files: `client.media`."""

from .methods import AsyncMedia
from .progress import MediaProgress, OnMediaProgress
from .sources import VideoSource
from .targets import MediaFormat

__all__ = ["AsyncMedia", "MediaFormat", "MediaProgress", "OnMediaProgress", "VideoSource"]
