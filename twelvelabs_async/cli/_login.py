"""``login``: store an API key in a profile."""

from __future__ import annotations

import os

import click

from ._credentials import chosen_profile, key_variable
from ._output import ask_secret, print_note
from ._profile_store import profiles_file, store_profile

PRECEDENCE = """\
\b
The first of these that exists is the key of a command:
  1. the profile in --profile
  2. TWELVELABS_API_KEY
  3. the profile in TWELVELABS_PROFILE
  4. the profile "default"
"""


@click.command(epilog=PRECEDENCE)
def login() -> None:
    """Store an API key, which commands use from then on.

    The key is typed, or read from stdin: `twelvelabs-async login < key.txt`. It is checked by a request, and stored in
    the keyring of the system if the package keyring is installed, else in a file that only its owner can read. The URL
    in TWELVELABS_BASE_URL is stored with it.

    --profile stores several keys side by side.
    """
    from .._api_key import require_key
    from ..options import BASE_URL
    from ..sync import TwelveLabs

    name = chosen_profile()
    base_url = os.environ.get("TWELVELABS_BASE_URL") or BASE_URL
    key = require_key(ask_secret(f"API key for {base_url}"), "the input")
    with TwelveLabs(api_key=key, base_url=base_url) as client:
        client.indexes.list(page_limit=1)
    profile = store_profile(name, base_url, key)
    place = "the keyring" if profile.storage == "keyring" else f"{profiles_file()}, which only you can read"
    print_note(f"The API key is accepted. The profile {name!r} is stored in {place}.")
    if variable := key_variable():
        print_note(f"{variable} is set, and comes first. Unset it to use the profile without --profile.")
