"""Async-first client for the TwelveLabs video understanding API, with a blocking twin.

>>> from twelvelabs_async import AsyncTwelveLabs, TwelveLabs
"""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ._version import __version__ as __version__

if TYPE_CHECKING:
    from . import webhooks as webhooks
    from ._client import *
    from ._file_inputs import *
    from ._http_responses import *
    from ._pagination import *
    from ._rate_limits import *
    from ._reachability import *
    from ._structured_output import *
    from ._sync_pager import *
    from ._uploads import *
    from ._waiting import *
    from .bulk import *
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
    from .resources._all import *
    from .sync import *
    from .sync.bulk import *


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

    from . import _file_inputs, _rate_limits, _reachability, _structured_output, _waiting

    yield from (_file_inputs, _rate_limits, _reachability, _structured_output, _waiting)

    from . import _http_responses, _pagination, _sync_pager

    yield from (_http_responses, _pagination, _sync_pager)
    yield from _public_models()

    from . import _uploads
    from .resources import _all as resources

    yield from (_uploads, resources)

    import twelvelabs_async.bulk as bulk
    from twelvelabs_async.sync import bulk as sync_bulk

    yield from (sync_bulk, bulk)


def _public_models() -> Iterator[ModuleType]:
    from .models import _base, _wire

    yield from (_base, _wire)

    from .models import assets, indexed_assets, indexes, search

    yield from (assets, indexed_assets, indexes, search)

    from .models import analyze, analyze_async

    yield from (analyze, analyze_async)

    from .models import embed, embed_v_2, embed_v_2_inputs, tables

    yield from (embed, embed_v_2, embed_v_2_inputs, tables)

    from .models import entity_collections, knowledge_stores, responses

    yield from (entity_collections, knowledge_stores, responses)

    from .models import data_connectors, imports, multipart_upload, tasks, videos, webhooks

    yield from (data_connectors, imports, multipart_upload, tasks, videos, webhooks)

    from .models import official_names

    yield official_names


def _public_names(module: ModuleType) -> list[str]:
    """Return the names that ``from module import *`` imports."""
    return getattr(module, "__all__", None) or [name for name in vars(module) if name[0].isalpha()]


if not TYPE_CHECKING:  # type checkers would accept any name

    def __getattr__(name: str) -> Any:
        if name == "webhooks":  # the one public module: its functions are used by its name
            import twelvelabs_async.webhooks as webhooks

            return webhooks
        for module in () if name.startswith("_") else _public_modules():
            if name in _public_names(module):
                value = globals()[name] = getattr(module, name)
                return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*sorted(name for module in _public_modules() for name in _public_names(module)), "__version__", "webhooks"]
