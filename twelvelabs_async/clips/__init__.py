"""Moments of videos as files: `client.media`."""

from .methods import AsyncMedia
from .sources import VideoSource
from .targets import MediaFormat
from .work import MediaProgress, OnMediaProgress

__all__ = ["AsyncMedia", "MediaFormat", "MediaProgress", "OnMediaProgress", "VideoSource"]
