"""Async-first client for the TwelveLabs video understanding API, with a blocking twin.

>>> from twelvelabs_async import AsyncTwelveLabs, TwelveLabs
"""

from __future__ import annotations

import sys

from ._version import __version__ as __version__

TYPE_CHECKING = False  # importing `typing.TYPE_CHECKING` would take most of the time of importing this package
if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any, Final

    from . import core as core
    from . import embed as embed
    from . import errors as errors
    from . import indexes as indexes
    from . import tasks as tasks
    from . import types as types
    from . import webhooks as webhooks
    from ._as_twelvelabs import *
    from ._client import *
    from ._file_inputs import *
    from ._http_responses import *
    from ._json_schemas import *
    from ._pagination import *
    from ._rate_limits import *
    from ._reachability import *
    from ._structured_output import *
    from ._sync_pager import *
    from ._uploads import *
    from ._waiting import *
    from .bulk import *
    from .clips import *
    from .errors import *
    from .models._all import *
    from .models._wire import *
    from .options import *
    from .resources._all import *
    from .sync import *
    from .sync.bulk import *

# Modules that are used by their names: the one of webhooks, and the packages of the official SDK.
_PACKAGES: Final = (
    "analyze_async", "assets", "core", "data_connectors", "embed", "entity_collections", "errors", "imports", "indexes",
    "knowledge_store_item_collections", "knowledge_store_items", "knowledge_stores", "multipart_upload", "responses",
    "search", "tasks", "types", "webhooks", "wrapper",
)  # fmt: skip


def _public_modules() -> Iterator[ModuleType]:
    """Import the modules with public names, group by group, until the caller has found a name.

    The package alone imports none of them, so that importing it takes almost no time. ``from . import errors`` would
    look for the module in this package first, and so call `__getattr__`.
    """
    import twelvelabs_async.errors as errors
    import twelvelabs_async.options as options

    yield from (errors, options)

    from . import _client

    yield _client

    import twelvelabs_async.sync as sync

    yield sync

    from . import _file_inputs, _json_schemas, _rate_limits, _reachability, _structured_output, _waiting

    yield from (_file_inputs, _json_schemas, _rate_limits, _reachability, _structured_output, _waiting)

    from . import _http_responses, _pagination, _sync_pager

    yield from (_http_responses, _pagination, _sync_pager)

    from .models import _wire
    from .models._public_modules import public_modules

    yield _wire
    yield from public_modules()

    from . import _as_twelvelabs, _uploads
    from .resources import _all as resources

    yield from (_as_twelvelabs, _uploads, resources)

    import twelvelabs_async.bulk as bulk
    from twelvelabs_async.sync import bulk as sync_bulk

    yield from (sync_bulk, bulk)

    import twelvelabs_async.clips as clips

    yield clips


def _importable_modules() -> Iterator[ModuleType]:
    """Import the modules with public names, and then those with names that only the official SDK has."""
    yield from _public_modules()

    from .models._public_modules import official_modules

    yield from official_modules()


def _public_names(module: ModuleType) -> list[str]:
    """Return the names that ``from module import *`` imports."""
    return getattr(module, "__all__", None) or [name for name in vars(module) if name[0].isalpha()]


class _OfficialPaths:
    """Finder of the official SDK's paths. Their table is loaded with the first one that is not a file."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if not name.startswith(f"{__name__}."):
            return None
        from ._official_paths import find_official_path

        return find_official_path(name)


sys.meta_path.append(_OfficialPaths)


if not TYPE_CHECKING:  # type checkers would accept any name

    def __getattr__(name: str) -> Any:
        if name in _PACKAGES:
            from ._official_paths import import_package

            return import_package(name)
        if name == "__all__":
            return [public for module in _importable_modules() for public in _public_names(module)]
        message = f"module {__name__!r} has no attribute {name!r}"
        if not name.startswith("_"):  # the import of a module of this package asks for its name first
            for module in _importable_modules():
                if name in _public_names(module):
                    value = globals()[name] = getattr(module, name)
                    return value
            from ._removed import with_hint

            message = with_hint(message, name)
        raise AttributeError(message, name=name, obj=sys.modules[__name__])


def __dir__() -> list[str]:
    """Return the public names. Those that only the official SDK has would flood completion."""
    names = [name for module in _public_modules() for name in _public_names(module)]
    return [*sorted(names), "__version__", "errors", "types", "webhooks"]
