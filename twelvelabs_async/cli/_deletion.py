"""Deletion of several objects, after a question with their names and sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import click

from ._errors import FAILED, describe_error
from ._output import confirm, format_count, print_line, print_message

T = TypeVar("T")

yes_option = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")


class Kind(NamedTuple):
    """Kind of objects in a question: one of them, several of them, and the unit of their sizes."""

    singular: str
    plural: str
    unit: str

    def measure(self, size: object) -> str:
        """Return a size with its unit."""
        return f"{format_count(size)} {self.unit.removesuffix('s') if size == 1 else self.unit}"


class Deletable(NamedTuple):
    """An object to delete. Its size is not known if it is ``None``."""

    id: str
    name: object
    size: float | None


def confirm_deletion(found: Sequence[Deletable], kind: Kind, *, question: str = "Delete {} permanently?") -> None:
    """Ask whether to delete objects, and end the command unless the answer is yes.

    Several objects are listed before the question, which has their number and the sum of their sizes.
    """
    if len(found) == 1:
        [(_, name, size)] = found
        subject = f"the {kind.singular} {name!r} with {kind.measure(size)}"
    else:
        for object_id, name, size in found:
            print_message(object_id, f"{name!r} with {kind.measure(size)}")
        subject = f"these {len(found)} {kind.plural} with {kind.measure(sum(thing.size or 0 for thing in found))}"
    confirm(question.format(subject))


def delete_each(
    ids: Sequence[str],
    find: Callable[[str], Deletable],
    delete: Callable[[str], None],
    kind: Kind,
    *,
    yes: bool,
) -> None:
    """Delete objects one after the other and print the ids of the deleted ones.

    A failure does not stop the others.

    Args:
        ids: Ids of the objects.
        find: Retrieves an object for the confirmation.
        delete: Deletes an object.
        kind: Kind of the objects.
        yes: Whether to delete without a confirmation.
    """
    existing = list(dict.fromkeys(ids))
    if not yes:
        found = [thing for object_id in existing if (thing := _attempt(find, object_id))]
        existing = [thing.id for thing in found]
        if found:
            confirm_deletion(found, kind)

    def delete_one(object_id: str) -> str:
        delete(object_id)
        print_line(object_id)
        return object_id

    deleted = [object_id for object_id in existing if _attempt(delete_one, object_id)]
    if len(deleted) < len(set(ids)):
        click.get_current_context().exit(FAILED)


def _attempt(call: Callable[[str], T], object_id: str) -> T | None:
    """Return the result of a function of an id, or print its failure and return None."""
    from ..errors import BadRequestError, ConflictError, NotFoundError

    try:
        return call(object_id)
    except (BadRequestError, ConflictError, NotFoundError, ValueError) as error:
        print_message(f"{object_id}: {describe_error(error)}")
        return None
