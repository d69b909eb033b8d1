"""An emulated TwelveLabs platform on loopback, for tests and for trying things out without a key.

Example:
    ::

        with Emulator() as emulator:
            client = AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.url)

``python -m twelvelabs_async.testing --port 8080`` serves one from the command line. With the package installed, pytest
knows the fixture ``twelvelabs_emulator``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._emulator import Emulator as Emulator
    from ._http import Request as Request

__all__ = ["Emulator", "Request"]


def __getattr__(name: str) -> object:
    # Importing the pytest plugin imports this package, and must not import a web server.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import _emulator

    return getattr(_emulator, name)
