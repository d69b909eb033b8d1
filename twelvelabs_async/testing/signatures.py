"""First bytes of media files, by which content in a known format is told from other content."""

from __future__ import annotations

import re

FIRST_BYTES = 197
"""Bytes that `is_media` needs: the first packet of a transport stream, and the mark of the second one."""

_IMAGES = rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|BM.{4}\0\0\0\0|RIFF....WEBP"
_IMAGE = re.compile(_IMAGES, re.DOTALL)
_MEDIA = re.compile(
    b"|".join(
        (
            rb"....(ftyp|moov|mdat|wide|free|skip|styp)",  # MP4, MOV
            rb"(RIFF|RF64|RIFX)....(AVI |WAVE)",
            rb"\x1a\x45\xdf\xa3",  # Matroska, WebM
            rb"OggS|fLaC|FLV\1|FORM....AIF[FC]|caff|\.snd|DKIF|MAC |TTA1|wvpk|#!AMR|\.RMF|nut/multimedia",
            rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11",  # ASF, WMV, WMA
            rb"\xb7\xd8\x00",  # WTV
            rb"\x47.{187}\x47|.{4}\x47.{191}\x47",  # transport streams, without and with time codes
            rb"\x00\x00\x01[\xb0-\xbf\xe0-\xef]",  # MPEG
            rb"\x06\x0e\x2b\x34",  # MXF
            rb"\x00\x00\x00\x00\x01\xbc",  # GXF
            rb"\x1f\x07\x00",  # DV
            rb"ID3|\xff[\xe2-\xff]|\x0b\x77|\x7f\xfe\x80\x01",  # MP3, AAC, AC-3, DTS
            _IMAGES,
        )
    ),
    re.DOTALL,
)


def is_media(first_bytes: bytes) -> bool:
    """Return whether the first bytes of a file are those of an audio, video or image format.

    The rest of the file may be damaged all the same.
    """
    return _MEDIA.match(first_bytes) is not None


def is_image(first_bytes: bytes) -> bool:
    """Return whether the first bytes of a file are those of a JPEG, PNG, WebP, GIF or BMP."""
    return _IMAGE.match(first_bytes) is not None
