"""Programs for the official SDK print the same with this package, whether its name is in their imports or not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from twelvelabs_async.testing import Emulator

from support.samples import MEDIA

FOLDER = Path(__file__).parent / "programs"
PROGRAMS = sorted(path.stem for path in FOLDER.glob("[!_]*.py"))
WAYS = ("official", "renamed", "installed")
PICTURE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\2\0\0\0\2\0\x08\x02\0\0\0" + bytes(64)


def run(way: str, folder: Path) -> Mapping[str, str]:
    """Return what each program prints, on an emulator of its own, where jobs take no time.

    Each way has a clip of its own: beside it, the official SDK writes the parts of an upload.
    """
    folder.mkdir()
    clip, picture = folder / "rocket_countdown.mp4", folder / "rocket.png"
    clip.write_bytes((MEDIA / clip.name).read_bytes())
    picture.write_bytes(PICTURE)
    instant = dict.fromkeys(("processing_time", "indexing_time", "analysis_time", "embedding_time"), 0.0)
    with ExitStack() as stack:
        urls = dict[str, str]()
        for program in PROGRAMS:
            emulator = stack.enter_context(Emulator(speed=0, **instant))  # type: ignore[arg-type]
            emulator.serve("https://example.com/clip.mp4", clip)
            emulator.understand("*", transcription=[(0.3, 4.3, "A white rocket"), (10.0, 10.7, "Lift off!")])
            for job in ("indexing", "embedding"):
                emulator.understand("broken.mp4", fail="The video is damaged.", at=job)
            urls[program] = emulator.url
        environment = {"KEY": emulator.api_key, "CLIP": str(clip), "PICTURE": str(picture)}
        environment["PYTHONWARNINGS"] = ""  # the official SDK leaves sockets open
        warnings = ("-W", "ignore::DeprecationWarning")  # pydantic's, for its old names
        process = subprocess.run(
            [sys.executable, *warnings, str(FOLDER), json.dumps(urls), way],
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=50,
        )
    assert (process.returncode, process.stderr) == (0, ""), process.stderr
    return json.loads(process.stdout)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[str, str]]:
    """What each program prints, by the way it is run."""
    folder = tmp_path_factory.mktemp("programs")
    with ThreadPoolExecutor() as threads:
        return dict(zip(WAYS, threads.map(lambda way: run(way, folder / way), WAYS), strict=True))


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_programs_run_with_the_official_sdk(program: str, printed: Mapping[str, Mapping[str, str]]) -> None:
    """The official SDK is the reference: no program fails with it."""
    assert "Traceback" not in printed["official"][program]


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("way", WAYS[1:])
def test_a_program_prints_the_same(program: str, way: str, printed: Mapping[str, Mapping[str, str]]) -> None:
    """Everything that a program for the official SDK prints stays as it is."""
    assert printed[way][program].splitlines() == printed["official"][program].splitlines()
