"""Formats of clips, audio, previews and pictures: containers and codecs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from attrs import field, frozen

Filter: TypeAlias = tuple[str, str]
"""Name and arguments of one of FFmpeg's filters."""


@frozen(kw_only=True)
class ClipFormat:
    """A format of files. Without a codec for pictures or sound, it has none.

    Attributes:
        container: FFmpeg's name of the container.
        options: Options of the container.
        video_options: Options of the codec for pictures.
        pixel_format: Pixel format of the pictures.
        max_width: Width in pixels to which larger pictures are reduced.
        filters: Filters of the pictures, beyond those that fit them into the size.
    """

    container: str
    options: Mapping[str, str] = field(factory=dict[str, str])
    audio_codec: str | None = None
    video_codec: str | None = None
    video_options: Mapping[str, str] = field(factory=dict[str, str])
    pixel_format: str = "yuv420p"
    max_width: int | None = None
    filters: tuple[Filter, ...] = ()


@frozen
class PictureFormat:
    """A codec for single pictures."""

    codec: str
    pixel_format: str
    options: Mapping[str, str] = field(factory=dict[str, str])


PREVIEW_WIDTH: Final = 480
PREVIEW_RATE: Final = ("fps", "10")

CLIP_FORMATS: Final[Mapping[str, ClipFormat]] = {
    "mp4": ClipFormat(
        container="mp4",
        audio_codec="aac",
        video_codec="h264",
        # Losses that are hardly visible. Frames in order, so that the file has the length of the last one as well.
        video_options={"crf": "20", "preset": "veryfast", "bf": "0"},
    ),
    "m4a": ClipFormat(container="ipod", audio_codec="aac"),
    "mp3": ClipFormat(container="mp3", audio_codec="libmp3lame"),
    "wav": ClipFormat(container="wav", audio_codec="pcm_s16le"),
    "gif": ClipFormat(
        container="gif",
        video_codec="gif",
        pixel_format="pal8",
        max_width=PREVIEW_WIDTH,
        # A palette for each picture: one for all of them would take all of them in memory.
        filters=(PREVIEW_RATE, ("paletteuse", "new=1")),
    ),
    "webp": ClipFormat(
        container="webp",
        options={"loop": "0"},
        video_codec="libwebp_anim",
        max_width=PREVIEW_WIDTH,
        filters=(PREVIEW_RATE,),
    ),
}

PICTURE_FORMATS: Final[Mapping[str, PictureFormat]] = {
    "jpg": PictureFormat("mjpeg", "yuvj420p", {"qmin": "3", "qmax": "3"}),  # 2 is the best of 31
    "png": PictureFormat("png", "rgb24"),
}
