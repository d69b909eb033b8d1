"""The program ``twelvelabs-async``, installed with the extra ``cli``."""

from __future__ import annotations

import sys
from importlib.util import find_spec


def main() -> None:
    """Run the program, or exit with a message if its dependencies are missing."""
    if not all(map(find_spec, ("click", "tqdm"))):
        sys.exit("twelvelabs-async needs click and tqdm: pip install 'twelvelabs_async[cli]'")
    from ._commands import program

    program(prog_name="twelvelabs-async")
