"""Profiles: API keys that ``login`` stores, in the user's keyring or in a file that its owner alone can read."""

from __future__ import annotations

import io
import re
from collections.abc import Generator
from configparser import Error as ConfigError
from configparser import RawConfigParser
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import click

from .._extras import require
from .._user_directories import user_directory

Storage: TypeAlias = Literal["file", "keyring"]

PROFILE_NAME: Final = re.compile(r"[\w.-]{1,64}", re.ASCII)
SERVICE: Final = "twelvelabs-async"
"""Name of this program in the keyring."""
RECOMMENDED_PRIORITY: Final = 1
"""Priority from which the package keyring uses a backend by itself."""


class Profile(NamedTuple):
    """A profile without its key.

    Attributes:
        base_url: URL of the API that the key belongs to.
        storage: Where the key is.
    """

    name: str
    base_url: str
    storage: Storage


def profiles_file() -> Path:
    """Return the path of the file with all profiles. It may not exist."""
    return user_directory("config") / "profiles.ini"


def require_profile_name(name: str) -> str:
    """Return a valid name of a profile.

    Raises:
        UsageError: The name is invalid.
    """
    if not PROFILE_NAME.fullmatch(name):
        raise click.UsageError(
            f"{name!r} is no name of a profile. Expected at most 64 letters, digits, '.', '_' and '-'."
        )
    return name


def list_profiles() -> list[Profile]:
    """Return the profiles in the order in which they were stored first."""
    parser = _read()
    return [
        Profile(name, section.get("base_url", ""), "file" if "api_key" in section else "keyring")
        for name, section in parser.items()
        if name
    ]


def find_profile(name: str) -> Profile | None:
    """Return the profile with this name."""
    return next((profile for profile in list_profiles() if profile.name == name), None)


def read_key(profile: Profile) -> str:
    """Return the API key of a profile.

    Raises:
        ClickException: The keyring does not have it.
    """
    if profile.storage == "file":
        return _read()[profile.name]["api_key"]
    keyring = _find_keyring()
    key = keyring and _ask(keyring.get_password, SERVICE, profile.name)
    if not key:
        raise click.ClickException(
            f"The keyring does not have the key of the profile {profile.name!r}. Store it again: "
            f"twelvelabs-async login --profile {profile.name}"
        )
    return str(key)


def store_profile(name: str, base_url: str, key: str) -> Profile:
    """Store a profile in the place of a former one, its key in the keyring if there is one."""
    keyring = _find_keyring()
    with _changed_profiles() as parser:
        parser[name] = {"base_url": base_url}
        if keyring is None:
            parser[name]["api_key"] = key
        else:
            _ask(keyring.set_password, SERVICE, name, key)
    return Profile(name, base_url, "file" if keyring is None else "keyring")


def delete_profile(profile: Profile) -> None:
    """Delete a profile and its key."""
    keyring = _find_keyring() if profile.storage == "keyring" else None
    if keyring is not None and _ask(keyring.get_password, SERVICE, profile.name) is not None:
        _ask(keyring.delete_password, SERVICE, profile.name)
    with _changed_profiles() as parser:
        del parser[profile.name]


def _read() -> RawConfigParser:
    parser = RawConfigParser(default_section="")  # no section has this name, so that `default` is like all others
    try:
        with suppress(FileNotFoundError):  # any other file that cannot be read is not to be replaced
            parser.read_string(profiles_file().read_text("utf-8"))
    except (ConfigError, UnicodeDecodeError):  # whose text may contain a key
        raise click.ClickException(f"{profiles_file()} is damaged. Repair or delete it, and log in again.") from None
    return parser


@contextmanager
def _changed_profiles() -> Generator[RawConfigParser, None, None]:
    """Yield the profiles, and store them after the block. Other processes wait, so that no change is lost."""
    from .._folder_lock import folder_lock
    from .._replaced_files import ReplacedFile

    file = profiles_file()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with folder_lock(file.parent):
        parser = _read()
        yield parser
        text = io.StringIO()
        parser.write(text)
        with closing(ReplacedFile(file, is_private=True)) as replaced:
            replaced.file.write(text.getvalue().encode())
            replaced.commit()


def _find_keyring() -> Any:
    """Return the package keyring, if it is installed and has a place for passwords."""
    try:
        keyring = require("keyring", "keyring")
    except ImportError:
        return None
    return keyring if keyring.get_keyring().priority >= RECOMMENDED_PRIORITY else None


def _ask(function: Any, *arguments: str) -> Any:
    """Call a function of the package keyring.

    Raises:
        ClickException: The keyring is locked, or cannot be reached.
    """
    try:
        return function(*arguments)
    except Exception as error:  # backends raise errors of their own
        reason = str(error) or type(error).__name__
        raise click.ClickException(
            f"The keyring failed: {reason}. To keep keys in a file instead, set "
            "PYTHON_KEYRING_BACKEND=keyring.backends.null.Keyring."
        ) from None
