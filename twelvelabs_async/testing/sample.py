"""Clip to try the package with."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from importlib import resources
from pathlib import Path

NAME = "red_balloon.mp4"


@cache
def sample_clip() -> Path:
    """Return the path of a short video that comes with the package, for a first program.

    A red balloon rises from a green field into a blue sky, and a tone rises with it: 12 seconds of H.264 and AAC,
    480 by 360 pixels, 60 kB. All models accept it. ``examples/media/make_clips.sh`` draws it, and it is dedicated to
    the public domain (CC0 1.0).

    Example:
        ::

            asset = client.assets.create_and_wait(sample_clip())
    """
    packaged = resources.files("twelvelabs_async.testing") / NAME
    if isinstance(packaged, Path):
        return packaged
    # The package is in an archive. `resources.as_file` would change the name, which says what is seen.
    folder = Path(tempfile.mkdtemp(prefix="twelvelabs-sample-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    copy = folder / NAME
    copy.write_bytes(packaged.read_bytes())
    return copy
