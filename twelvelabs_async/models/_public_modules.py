"""The modules with public models, in the order in which names are looked for."""

from collections.abc import Iterator
from types import ModuleType


def public_modules() -> Iterator[ModuleType]:
    """Import the modules with public models, group by group, until the caller has found a name."""
    from . import _base

    yield _base

    from . import assets, indexed_assets, indexes, moment, moments, search

    yield from (assets, indexed_assets, indexes, moment, moments, search)

    from . import analyze, analyze_async

    yield from (analyze, analyze_async)

    from . import embed, embed_v_2, embed_v_2_inputs, tables

    yield from (embed, embed_v_2, embed_v_2_inputs, tables)

    from . import entity_collections, knowledge_stores, responses

    yield from (entity_collections, knowledge_stores, responses)

    from . import data_connectors, imports, multipart_upload, tasks, videos, webhooks

    yield from (data_connectors, imports, multipart_upload, tasks, videos, webhooks)


def official_modules() -> Iterator[ModuleType]:
    """Import the modules with names that only the official SDK has."""
    from . import official_classes, official_names

    yield from (official_classes, official_names)
