"""The one place that creates objects on the platform: find, record the intent, create, withdraw the intent.

The intent is durable before the request is sent. A later attempt or run therefore knows that the object may exist, and
looks it up before it sends the request again.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import partial
from typing import Any, Final, Literal, TypeAlias

import anyio
from attrs import frozen

from .._failures import is_missing, is_transient, was_not_processed
from .._response_values import require_id
from ..errors import APIStatusError, TwelveLabsError
from .journal import LeaseLostError
from .states import State
from .task import BulkTask, Stray
from .uninterrupted import uninterrupted

Find: TypeAlias = Callable[[BulkTask[Any]], Awaitable[object | None]]
"""Function that returns the id of an object, or ``None`` if the platform does not have it."""

Delete: TypeAlias = Callable[[BulkTask[Any], str], Awaitable[None]]
"""Function that deletes the object with an id."""

FIND_ATTEMPTS: Final = 6
"""Lookups of an object whose creating request may still be in progress, with a poll interval between them."""

log: Final = logging.getLogger("twelvelabs_async")


@frozen(kw_only=True)
class Creation:
    """A kind of object that an operation creates.

    Attributes:
        noun: Name of the object in messages.
        column: Column of the journal that holds the id.
        find: Function that finds the object. ``None`` if the API has no means to find it.
        create: Function that sends the request and returns the id.
        delete: Function that deletes the object. ``None`` if the API has no means to do so.
        reservation: Context manager around the intent and the request. Its entry waits until the request may be sent.
    """

    noun: str
    column: Literal["asset_id", "job_id"]
    find: Find | None
    create: Callable[[BulkTask[Any]], Awaitable[object]]
    delete: Delete | None = None
    reservation: Callable[[BulkTask[Any]], AbstractAsyncContextManager[object]] = nullcontext

    @property
    def requested(self) -> State:
        """State while the outcome of the request is unknown."""
        return State.UPLOAD_REQUESTED if self.column == "asset_id" else State.JOB_REQUESTED


async def exactly_once(task: BulkTask[Any], creation: Creation, *, find_first: bool) -> str:
    """Return the id of an object. Create the object if it does not exist.

    Args:
        task: The source.
        creation: The kind of object.
        find_first: Whether the object may exist although this job has not requested it.

    Raises:
        LeaseLostError: Another run has taken over the source. Nothing is created after that. An object that was created
            before the loss was noticed is a stray of the task.
        APIResponseError: The id in the response is invalid.
        BudgetExceededError: The budget of the run does not suffice for the object.
        TwelveLabsError: The outcome of an earlier request is unknown, and the API has no means to find the object.
    """
    entry, column = task.entry, creation.column
    found: object = getattr(entry, column)
    is_ours = found is None and (found := task.take_stray(column)) is not None
    if found is None:
        was_requested = entry.state is creation.requested
        found = await _find(task, creation, find_first=find_first)
        if is_ours := found is None:
            found = await _create(task, creation)
        task.created.pop(column, None)  # of an object that no longer exists
        if is_ours or was_requested:
            task.record_creation(column)
    object_id = require_id(f"The request for an {creation.noun}", column, found, advice="Run again.")
    setattr(entry, column, object_id)
    entry.state = entry.confirmed_state
    try:
        if creation.find is None:  # no other place has the id
            await task.context.journal.record(entry, is_durable=True)
        await task.context.journal.confirm_lease(entry)
    except LeaseLostError:
        if is_ours:
            delete = creation.delete and partial(creation.delete, task, object_id)
            task.strays.append(Stray(column, object_id, delete))
        raise
    await task.move_to(entry.state)
    return object_id


async def withdraw(task: BulkTask[Any], creation: Creation, object_id: str) -> bool:
    """Delete an object of this run, because another machine had created one before.

    Returns:
        Whether the object no longer exists. The API may refuse to delete an object that is in use.
    """
    if creation.delete is None:
        return False
    try:
        await creation.delete(task, object_id)
    except APIStatusError as error:
        if is_transient(error):
            raise
        if not is_missing(error):
            task.entry.unchecked = None
            log.warning(
                "Another machine created the %s of %s as well. The duplicate %s remains: %s",
                creation.noun,
                task.source.label,
                object_id,
                error,
            )
            return False
    task.created.pop(creation.column, None)
    return True


async def _find(task: BulkTask[Any], creation: Creation, *, find_first: bool) -> object | None:
    find, options = creation.find, task.context.options
    if task.entry.state is not creation.requested:
        return await find(task) if find is not None and find_first else None
    if find is not None:
        return await _find_eventually(task, find)
    if not options.retry_failed:
        raise _unknown_outcome(creation.noun)
    return None


async def _create(task: BulkTask[Any], creation: Creation) -> object:
    task.reserve_content()
    async with creation.reservation(task), recorded_intent(task, creation.requested):
        try:
            if creation.find is None:  # only the response names the object
                return await uninterrupted(creation.create(task))
            return await creation.create(task)
        except Exception as error:
            if creation.find is None and not was_not_processed(error):
                raise _unknown_outcome(creation.noun) from error
            raise


@asynccontextmanager
async def recorded_intent(task: BulkTask[Any], requested: State) -> AsyncGenerator[None, None]:
    """Record the intent of a request, and withdraw it if the request was not processed.

    Waits while the run is paused.

    Args:
        task: The source.
        requested: State while the outcome of the request is unknown.
    """
    await task.context.pause_switch.wait()
    task.entry.state = requested
    await task.context.journal.record_intent(task.entry)
    try:
        yield
    except Exception as error:
        if task.entry.state is requested and was_not_processed(error):
            task.entry.state = task.entry.confirmed_state
        raise


async def _find_eventually(task: BulkTask[Any], find: Find) -> object | None:
    """Return what *find* returns, and call it again while that is ``None``: the request may still be in progress."""
    for attempt in range(FIND_ATTEMPTS):
        if attempt:
            await anyio.sleep(task.context.options.interval)
        if (found := await find(task)) is not None:
            return found
    return None


def _unknown_outcome(noun: str) -> TwelveLabsError:
    return TwelveLabsError(
        f"The outcome of the request for an {noun} is unknown, and the API has no means to find the {noun}. "
        "Run again with retry_failed=True to request it again, possibly for the second time."
    )
