"""Deletion of several objects by their ids."""

from __future__ import annotations

from collections.abc import Callable

import click

from ._errors import FAILED, describe_error
from ._output import confirm, print_line, print_message

yes_option = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")


def delete_each(
    ids: tuple[str, ...], describe: Callable[[str], str], delete: Callable[[str], None], *, yes: bool
) -> None:
    """Delete objects one after the other and print the ids of the deleted ones.

    A failure does not stop the others.

    Args:
        ids: Ids of the objects.
        describe: Retrieves an object, and returns its name and size for the confirmation.
        delete: Deletes an object.
        yes: Whether to delete without a confirmation.
    """
    existing = list(dict.fromkeys(ids))
    if not yes:
        existing = [object_id for object_id in existing if _attempt(object_id, describe, print_message)]
        if existing:
            confirm("Delete permanently?")
    deleted = [object_id for object_id in existing if _attempt(object_id, delete, print_line)]
    if len(deleted) < len(set(ids)):
        click.get_current_context().exit(FAILED)


def _attempt(object_id: str, call: Callable[[str], str | None], report: Callable[..., None]) -> bool:
    """Call a function with an id and report its result, or print its failure and return False."""
    from ..errors import BadRequestError, ConflictError, NotFoundError

    try:
        result = call(object_id)
    except (BadRequestError, ConflictError, NotFoundError, ValueError) as error:
        print_message(f"{object_id}: {describe_error(error)}")
        return False
    report(*filter(None, (object_id, result)))
    return True
