"""``logout``: delete a profile."""

from __future__ import annotations

import click

from ._credentials import chosen_profile, key_variable
from ._output import print_note
from ._profile_store import delete_profile, find_profile


@click.command()
def logout() -> None:
    """Delete a profile and its API key from this machine.

    The key stays valid: the TwelveLabs Playground revokes it.
    """
    name = chosen_profile()
    profile = find_profile(name)
    if profile is None:
        raise click.UsageError(f"There is no profile {name!r}. `twelvelabs-async profiles` lists those that exist.")
    delete_profile(profile)
    print_note(f"The profile {name!r} is deleted.")
    if variable := key_variable():
        print_note(f"{variable} is set, so that commands still have an API key.")
