"""This package under the official SDK's name, ``twelvelabs``."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Final, cast

__all__ = ["install_as_twelvelabs"]

PACKAGE: Final = __name__.rpartition(".")[0]
OFFICIAL: Final = "twelvelabs"


class _TwelveLabsFinder:
    """Finder and loader of ``twelvelabs.x.y``, which is the module ``twelvelabs_async.x.y`` itself.

    Without it, the import system would find the files by the path of the package, and execute each a second time.
    """

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if not name.startswith(f"{OFFICIAL}."):
            return None
        original = name.replace(OFFICIAL, PACKAGE, 1)
        return ModuleSpec(name, cast("Any", self), origin=original) if find_spec(original) else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module of this package."""
        module = import_module(cast("str", spec.origin))
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Restore the module's own spec, which the import system has replaced. Its code ran when it was created."""
        module.__spec__ = cast("ModuleSpec", module.__spec__).loader_state


def install_as_twelvelabs() -> None:
    """Let ``import twelvelabs`` import this package, for libraries that import the official SDK themselves.

    Every path below ``twelvelabs`` is the same module as below ``twelvelabs_async``, with the same classes. Call it
    before anything imports ``twelvelabs``; further calls have no effect. It holds for this process: processes that
    `multiprocessing` spawns call it again. ``importlib.metadata.version("twelvelabs")`` remains the version of the
    official SDK, if that is installed.

    Raises:
        RuntimeError: Another ``twelvelabs`` has been imported.

    Example:
        ::

            import twelvelabs_async

            twelvelabs_async.install_as_twelvelabs()
            from haystack_integrations.components.embedders.twelvelabs import TwelveLabsTextEmbedder
    """
    package, imported = sys.modules[PACKAGE], sys.modules.get(OFFICIAL)
    if imported is package:
        return
    if imported is not None:
        raise RuntimeError(
            f"{OFFICIAL} has been imported from {getattr(imported, '__file__', None)}. "
            f"Call install_as_twelvelabs() before anything imports {OFFICIAL}."
        )
    sys.modules[OFFICIAL] = package
    sys.meta_path.insert(0, cast("Any", _TwelveLabsFinder()))
