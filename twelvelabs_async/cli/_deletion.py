"""Deletion of several objects by their ids."""

from __future__ import annotations

from collections.abc import Callable

import click

from ._errors import FAILED

yes_option = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")


def delete_each(ids: tuple[str, ...], delete: Callable[[str], None], *, yes: bool) -> None:
    """Delete objects one after the other and print the ids of the deleted ones.

    A failure does not stop the others.
    """
    from ..errors import BadRequestError, ConflictError, NotFoundError

    if not yes:
        click.confirm(f"Delete {', '.join(ids)} permanently?", abort=True, err=True)
    failed = False
    for object_id in ids:
        try:
            delete(object_id)
        except (BadRequestError, ConflictError, NotFoundError) as error:
            failed = True
            click.echo(f"{object_id}: {error}", err=True)
        else:
            click.echo(object_id)
    if failed:
        click.get_current_context().exit(FAILED)
