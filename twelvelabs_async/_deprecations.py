"""Endpoints that the API is going to remove and models that it has retired, with what replaces them.

Each name warns once per process, at the line of the caller's program.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Final, cast

from ._callbacks import call_back
from ._removed import RETIRED_MODELS

ENDPOINTS: Final[Mapping[str, str]] = {
    "client.embed.create": "will be deprecated in a future version. Use client.embed.v_2.create().",
    "client.embed.tasks": "will be deprecated in a future version. Use client.embed.v_2.tasks.",
    "client.indexes.videos": (
        "will be deprecated in a future version. Use client.indexes.indexed_assets: its ids are the same."
    ),
    "client.tasks": (
        "will be removed in a future version. Upload with client.assets, and index with client.indexes.indexed_assets."
    ),
}
"""Names with what the API's reference says about their endpoints, and with what replaces them."""
ARGUMENTS: Final[Mapping[str, str]] = {"client.knowledge_store_items.create(metadata=…)": "item_metadata=…"}
"""Arguments that the API's reference calls deprecated, with what replaces them."""
OTHER_PACKAGES: Final = (__name__.partition(".")[0], "asyncio", "functools")
"""Packages whose code is not the caller's program."""

_warned: set[str] = set()


def warn_of_endpoint(name: str) -> None:
    """Warn once that the API marks the endpoints behind a name for removal."""
    _warn(name, f"{name} uses endpoints of the API that {ENDPOINTS[name]}")


async def warn_of_method(name: str) -> None:
    """Warn as `warn_of_endpoint` does, in the thread of the caller. For the bodies of coroutine methods."""
    await call_back(warn_of_endpoint, name)


async def warn_of_argument(name: str) -> None:
    """Warn once that the API deprecates an argument, as `warn_of_method` does."""
    message = f"{name} is deprecated by the API. Use {ARGUMENTS[name]}, which means the same."
    await call_back(partial(_warn, name), message)


def warn_of_models(arguments: object) -> None:
    """Warn once of each retired model in the arguments of a method or in the fields of a request."""
    if isinstance(arguments, Mapping):  # the body of `client.request` may be a model
        _warn_of_models(cast("Mapping[str, Any]", arguments))


def _warn_of_models(arguments: Mapping[str, Any]) -> None:
    name = arguments.get("model_name")
    if isinstance(name, str) and name in RETIRED_MODELS:
        _warn(name, f"The model {name} is retired. Use {RETIRED_MODELS[name]}.")
    models = arguments.get("models")
    is_list = isinstance(models, Iterable) and not isinstance(models, str)
    for model in cast("Iterable[Any]", models) if is_list else ():
        is_dict = isinstance(model, Mapping)
        name = cast("Any", model).get("model_name") if is_dict else getattr(model, "model_name", None)
        if isinstance(name, str) and name.startswith("pegasus"):
            reason = "New indexes take no Pegasus models. Leave it out, and analyze assets with client.analyze()."
            _warn(f"indexes of {name}", f"The model {name} is retired in indexes. {reason}")
        elif isinstance(name, str) and name in RETIRED_MODELS:
            _warn(name, f"The model {name} is retired. Use {RETIRED_MODELS[name]}.")


def _warn(name: str, message: str) -> None:
    """Warn unless there was a warning of this name, at the innermost line of the caller's program."""
    if name in _warned:
        return
    _warned.add(name)
    frame, level = sys._getframe(), 1  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - `skip_file_prefixes` requires Python 3.12
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in OTHER_PACKAGES:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, DeprecationWarning, stacklevel=level)
