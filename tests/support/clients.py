"""Clients of the servers that tests run."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from twelvelabs_async import AsyncTwelveLabs

Connect = Callable[..., AsyncTwelveLabs]
"""The fixture `connect`: makes a client from a server and the client's settings."""


def method_names(client: Any, prefix: str = "") -> Iterator[str]:
    """Yield the dotted names of the public methods of one of our clients, and of the resources below it."""
    for name in dir(type(client)):
        if name.startswith("_") or name in ("limits", "reachability", "with_raw_response"):
            continue
        value = getattr(client, name)
        if inspect.isfunction(value) or inspect.ismethod(value):
            yield prefix + name
        else:
            yield from method_names(value, f"{prefix}{name}.")
