"""The pytest fixture `twelvelabs_emulator`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from . import Emulator


@pytest.fixture
def twelvelabs_emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """Emulator for one test. Clients without a key and URL use it, because the environment names it."""
    # Every run of pytest loads this module, and must not load a web server for that.
    from . import Emulator

    with Emulator() as emulator:
        monkeypatch.setenv("TWELVELABS_API_KEY", emulator.api_key)
        monkeypatch.setenv("TWELVELABS_BASE_URL", emulator.url)
        yield emulator
