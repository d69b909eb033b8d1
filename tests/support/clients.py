"""Clients of the servers that tests run."""

from __future__ import annotations

from collections.abc import Callable

from twelvelabs_async import AsyncTwelveLabs

Connect = Callable[..., AsyncTwelveLabs]
"""The fixture `connect`: makes a client from a server and the client's settings."""
