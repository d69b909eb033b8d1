"""The API key of a command, and the URL that it is sent to."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Final, NamedTuple

import click

from ._errors import NoApiKeyError

PROFILE_VARIABLE: Final = "TWELVELABS_PROFILE"
DEFAULT_PROFILE: Final = "default"


class Credentials(NamedTuple):
    """Arguments of a client, and where its key is from.

    Attributes:
        arguments: ``api_key`` and ``base_url``, unless they are those of the environment.
        origin: Environment variable or profile.
    """

    arguments: dict[str, str]
    origin: str


def _choose_profile(context: click.Context, _: click.Parameter, name: str | None) -> None:
    from ._profile_store import require_profile_name

    if name is not None:
        context.meta[PROFILE_VARIABLE] = require_profile_name(name)


def _complete_profile(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    from ._profile_store import list_profiles

    with suppress(Exception):  # of a damaged file
        return [profile.name for profile in list_profiles() if profile.name.startswith(incomplete)]
    return []


profile_option = click.Option(
    ["--profile"],
    metavar="NAME",
    expose_value=False,
    callback=_choose_profile,
    shell_complete=_complete_profile,
    help="Profile of `login` whose API key is used.",
)


def chosen_profile() -> str:
    """Return the name of the profile that this command uses or stores, if it uses one."""
    from ._profile_store import require_profile_name

    given: str | None = click.get_current_context().meta.get(PROFILE_VARIABLE)
    return given or require_profile_name(os.environ.get(PROFILE_VARIABLE) or DEFAULT_PROFILE)


def profile_arguments() -> list[str]:
    """Return the option that chose the profile of this command, for another command."""
    name: str | None = click.get_current_context().meta.get(PROFILE_VARIABLE)
    return [] if name is None else ["--profile", name]


def key_variable() -> str | None:
    """Return the environment variable with an API key, if there is one."""
    from .._api_key import KEY_VARIABLES

    return next(filter(os.environ.get, KEY_VARIABLES), None)


def find_credentials() -> Credentials:
    """Return the key of this command.

    The first one counts: the profile of ``--profile``, the key of the environment, the profile that
    ``TWELVELABS_PROFILE`` names, the profile ``default``.

    Raises:
        NoApiKeyError: There is none.
        UsageError: The profile does not exist, or ``TWELVELABS_BASE_URL`` names another URL than that of the profile.
    """
    from ._profile_store import find_profile, read_key

    is_given = PROFILE_VARIABLE in click.get_current_context().meta
    variable = key_variable()
    if variable and not is_given:
        return Credentials({}, variable)
    name = chosen_profile()
    profile = find_profile(name)
    if profile is not None:
        url = os.environ.get("TWELVELABS_BASE_URL") or profile.base_url
        if url != profile.base_url and not is_given:  # the user may mean either
            raise click.UsageError(
                f"TWELVELABS_BASE_URL is {url}, but the profile {name!r} belongs to {profile.base_url}. "
                f"Pass --profile {name} to use the profile, or set TWELVELABS_API_KEY to use the other URL."
            )
        arguments = {"api_key": read_key(profile), "base_url": profile.base_url}
        return Credentials(arguments, f"the profile {name!r}")
    if is_given or os.environ.get(PROFILE_VARIABLE):
        raise click.UsageError(
            f"There is no profile {name!r}: `twelvelabs-async login --profile {name}` stores one, and "
            "`twelvelabs-async profiles` lists those that exist."
        )
    raise NoApiKeyError
