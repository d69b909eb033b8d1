"""The blocking twin of `twelvelabs_async._media`."""

from __future__ import annotations

from typing import Final

from ..clips.methods import AsyncMedia
from ._twin import Blocking, blocking


class Media(Blocking[AsyncMedia]):
    """Moments as files: clips, audio, pictures, contact sheets and supercuts; and parts of long files.

    The extra ``media`` is needed. The work is done in threads. Memory does not grow with the length of a video, and an
    interrupted call leaves no incomplete file behind.
    """

    save: Final = blocking(AsyncMedia.save)
    contact_sheet: Final = blocking(AsyncMedia.contact_sheet)
    supercut: Final = blocking(AsyncMedia.supercut)
    split: Final = blocking(AsyncMedia.split)
