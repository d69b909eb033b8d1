"""All models: ``from twelvelabs_async.types import VideoSegment``, which loads neither aiohttp nor a client."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..models._all import *

if not TYPE_CHECKING:  # type checkers would accept any name

    def __getattr__(name: str) -> Any:
        from ..models._public_modules import official_modules, public_modules

        modules = chain(public_modules(), official_modules())
        if name == "__all__":
            return [public for module in modules for public in module.__all__]
        for module in () if name.startswith("_") else modules:
            if name in module.__all__:
                value = globals()[name] = getattr(module, name)
                return value
        from .._removed import with_hint

        raise AttributeError(with_hint(f"module {__name__!r} has no attribute {name!r}", name), name=name)

    def __dir__() -> list[str]:
        return sorted(__getattr__("__all__"))
