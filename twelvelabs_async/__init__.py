"""Async-first client for the TwelveLabs video understanding API, with a blocking twin.

>>> from twelvelabs_async import AsyncTwelveLabs, TwelveLabs
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from ._version import __version__ as __version__

if TYPE_CHECKING:
    from . import webhooks as webhooks
    from ._files import *
    from ._pagination import *
    from ._rate_limits import *
    from ._structured_output import *
    from ._uploads import *
    from ._waiting import *
    from .bulk import *
    from .client import *
    from .errors import *
    from .models._base import *
    from .models._wire import *
    from .models.analyze import *
    from .models.analyze_async import *
    from .models.assets import *
    from .models.data_connectors import *
    from .models.embed import *
    from .models.embed_v_2 import *
    from .models.embed_v_2_inputs import *
    from .models.entity_collections import *
    from .models.imports import *
    from .models.indexed_assets import *
    from .models.indexes import *
    from .models.knowledge_stores import *
    from .models.multipart_upload import *
    from .models.official_names import *
    from .models.responses import *
    from .models.search import *
    from .models.tables import *
    from .models.tasks import *
    from .models.videos import *
    from .models.webhooks import *
    from .options import *
    from .resources.analyze import *
    from .resources.analyze_async import *
    from .resources.assets import *
    from .resources.data_connectors import *
    from .resources.embed import *
    from .resources.embed_tasks import *
    from .resources.embed_v_2 import *
    from .resources.entities import *
    from .resources.entity_collections import *
    from .resources.imports import *
    from .resources.indexed_assets import *
    from .resources.indexes import *
    from .resources.knowledge_store_item_collections import *
    from .resources.knowledge_store_items import *
    from .resources.knowledge_stores import *
    from .resources.multipart_upload import *
    from .resources.responses import *
    from .resources.search import *
    from .resources.tasks import *
    from .resources.videos import *
    from .sync import *
    from .sync.bulk import *
    from .sync.search import *

# Where to look for a name: in the ``__all__`` of these, one after the other. Nothing is imported before it is looked
# for, so that importing this package costs next to nothing.
_MODULES: Final = [
    "errors",
    "options",
    "client",
    "sync",
    "_files",
    "_rate_limits",
    "_pagination",
    "_structured_output",
    "models._wire",
    "models._base",
    "models.assets",
    "models.indexes",
    "models.indexed_assets",
    "models.search",
    "models.analyze",
    "models.analyze_async",
    "models.multipart_upload",
    "models.tasks",
    "models.videos",
    "models.embed",
    "models.embed_v_2",
    "models.embed_v_2_inputs",
    "models.entity_collections",
    "models.knowledge_stores",
    "models.responses",
    "models.data_connectors",
    "models.imports",
    "models.webhooks",
    "models.tables",
    "models.official_names",
    "resources.embed_tasks",
    "resources.analyze",
    "resources.analyze_async",
    "resources.assets",
    "resources.data_connectors",
    "resources.embed",
    "resources.embed_v_2",
    "resources.entities",
    "resources.entity_collections",
    "resources.imports",
    "resources.indexed_assets",
    "resources.indexes",
    "resources.knowledge_store_item_collections",
    "resources.knowledge_store_items",
    "resources.knowledge_stores",
    "resources.multipart_upload",
    "resources.responses",
    "resources.search",
    "resources.tasks",
    "resources.videos",
    "_waiting",
    "_uploads",
    "bulk",
    "sync.bulk",
    "sync.search",
]


def _modules() -> Iterator[ModuleType]:
    return (import_module(f"{__name__}.{module}") for module in _MODULES)


if not TYPE_CHECKING:  # else type checkers would take any name for one of ours

    def __getattr__(name: str) -> Any:
        if name == "webhooks":  # the one module whose functions are used by its name
            return import_module(f"{__name__}.webhooks")
        for module in () if name.startswith("_") else _modules():
            if name in module.__all__:
                value = globals()[name] = getattr(module, name)
                return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*sorted(name for module in _modules() for name in module.__all__), "__version__", "webhooks"]
