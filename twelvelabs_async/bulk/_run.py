"""A bulk run as its user sees it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Generic, Self, TypeVar

from ._engine import Engine
from ._outcome import Outcome

T = TypeVar("T")


class AsyncRun(Generic[T]):
    """A bulk run: iterate it for the outcomes, in the order in which sources finish. It begins with the first step.

    Leaving the iteration early, cancelling it, or `aclose` ends the run at once and leaves nothing running here; with a
    journal, the same call goes on later.
    """

    def __init__(self, engine: Engine[T], outcomes: AsyncGenerator[Outcome[T], None]) -> None:
        self._engine = engine
        self._outcomes = outcomes

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Outcome[T]:
        return await anext(self._outcomes)

    async def aclose(self) -> None:
        """End the run at once, whoever iterates it, and wait until nothing of it is left running."""
        await self._engine.end()
        with suppress(RuntimeError):  # somebody waits for the next outcome, and gets to the end by that
            await self._outcomes.aclose()

    def pause(self) -> None:
        """Ask the API for nothing new until `resume`; what is under way, uploads too, goes on."""
        self._engine.running.clear()

    def resume(self) -> None:
        """Go on after `pause`."""
        self._engine.running.set()

    def stop(self) -> None:
        """Begin with no more sources; the iteration ends after the outcomes of those that were begun."""
        self._engine.stop()
