"""``profiles``: list the profiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import click

from ._credentials import chosen_profile, key_variable
from ._listing import Column, print_table
from ._output import as_json_option, print_json
from ._profile_store import Profile, list_profiles

COLUMNS: Final[Sequence[Column[Profile]]] = (
    Column("PROFILE", lambda profile: profile.name),
    Column("KEY IN", lambda profile: profile.storage),
    Column("URL", lambda profile: profile.base_url),
    Column("", lambda profile: "in use" if _is_used(profile.name) else ""),
)


@click.command()
@as_json_option
def profiles(as_json: bool) -> None:
    """List the profiles that `login` has stored.

    Prints the name of each profile, where its key is, its URL, and which of them commands use. Keys are not printed.
    """
    stored = list_profiles()
    if as_json:
        for profile in stored:
            print_json({**profile._asdict(), "in_use": _is_used(profile.name)})
    else:
        print_table(stored, COLUMNS, empty="There are no profiles. `twelvelabs-async login` stores one.")


def _is_used(name: str) -> bool:
    return key_variable() is None and name == chosen_profile()
