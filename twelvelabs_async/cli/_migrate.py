"""``migrate``: rewrite programs for the official SDK. It needs no click, which few of those who migrate have."""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from ..migration.files import MigratedFile, find_files, migrate_file
from ._escape import escape, print_plain

DONE: Final = 0
LEFT: Final = 1
FAILED: Final = 2
DESCRIPTION: Final = """\
Rewrite programs for the official SDK, so that they use twelvelabs_async.

Imports, attributes and keywords that were renamed, requirements, and the code of notebooks are rewritten. Lines that
need a decision are listed on stderr. Nothing is written without --write: the changes are printed as a patch.
"""
EPILOG: Final = """\
exit codes:
  0  nothing is left to do
  1  something is left: changes that --write makes, or listed lines
  2  a file could not be read, parsed or written, or an argument is invalid
"""


def main(arguments: Sequence[str]) -> int:
    """Migrate the files that *arguments* name, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m twelvelabs_async migrate",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="a file or a folder")
    parser.add_argument("--write", action="store_true", help="replace the files")
    options = parser.parse_args(arguments)
    codes = [_migrate(path, options.paths, write=options.write) for path in find_files(options.paths)]
    if not codes:
        _report("There are no programs, notebooks or requirements in these folders.")
    return max(codes, default=DONE)


def _migrate(path: Path, roots: Sequence[Path], *, write: bool) -> int:
    """Migrate a file and report about it."""
    try:
        file = migrate_file(path, [root for root in roots if root.is_dir()])
        is_changed = file.new_text != file.text
        if is_changed and write:
            file.write()
    except SyntaxError as error:
        _report(f"{path}:{error.lineno or 1}: This file is not changed: {error.msg}.")
        return FAILED
    except (OSError, ValueError) as error:
        _report(f"{path}: This file is not changed: {getattr(error, 'strerror', None) or error}.")
        return FAILED
    for line, message in file.findings:
        _report(f"{path}:{line}: {message}")
    if is_changed and write:
        print_plain(f"changed {escape(path)}\n", sys.stdout)
    elif is_changed:
        patch = "".join(_patch(file))
        print_plain(escape(patch, keep="\n\t") if sys.stdout.isatty() else patch, sys.stdout)
    return LEFT if file.findings or (is_changed and not write) else DONE


def _patch(file: MigratedFile) -> Iterator[str]:
    """Yield the lines of a unified diff."""
    before, after = (re.findall(r"[^\n]*\n|[^\n]+", text) for text in (file.text, file.new_text))
    name = file.path.as_posix().lstrip("/")
    for line in difflib.unified_diff(before, after, f"a/{name}", f"b/{name}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _report(message: str) -> None:
    print_plain(f"{escape(message)}\n", sys.stderr)
