"""Requirement lines: ``requirements.txt``, the dependencies of ``pyproject.toml``, and ``pip install`` in notebooks."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final

from .edits import Edit, Finding, Migration

_NAME_AND_VERSION: Final = r"(twelvelabs(?:[ \t]*,?[ \t]*(?:===|[<>=!~]=|[<>])[ \t]*[\w.*+!-]+)*)"
_LINE: Final = re.compile(rf"^[ \t]*{_NAME_AND_VERSION}(?=[ \t]*(?:[;#\r\n]|\Z))", re.MULTILINE | re.IGNORECASE)
_STRING: Final = re.compile(rf"""(?<=["']){_NAME_AND_VERSION}(?=[ \t]*(?:;[^"'\n]*)?["'])""", re.IGNORECASE)
_ARGUMENT: Final = re.compile(rf"""(?<=[ \t"']){_NAME_AND_VERSION}(?=["'\s;&|]|\Z)""", re.IGNORECASE)
_PIP_COMMAND: Final = re.compile(r"^[ \t]*[!%].*\bpip3? install\b(?:.*\\\n)*.*$", re.MULTILINE)
_OTHER: Final = re.compile(r"^[^#\n]*(?<![\w./@:-])(twelvelabs)(?![\w/.-])", re.MULTILINE | re.IGNORECASE)


def migrate_requirements(text: str) -> Migration:
    """Return the edits of a file of requirements.

    The version is removed with the name: it is one of the official SDK.
    """
    return _with_findings(text, list(map(_edit, _LINE.finditer(text))))


def migrate_pyproject(text: str) -> Migration:
    """Return the edits of a ``pyproject.toml``. A string is replaced only if all that are equal to it are dependencies.

    Raises:
        ValueError: *text* is invalid TOML.
    """
    strings = list(_STRING.finditer(text))
    dependencies = [item for item in _dependencies(tomllib.loads(text)) if _STRING.match(f'"{item}"', 1)]
    return _with_findings(text, list(map(_edit, strings)) if len(strings) == len(dependencies) else [])


def migrate_pip_commands(text: str) -> list[Edit]:
    """Return the edits of the lines ``!pip install`` in a cell of a notebook."""
    commands = [found.span() for found in _PIP_COMMAND.finditer(text)]
    return [_edit(found) for start, end in commands for found in _ARGUMENT.finditer(text, start, end)]


def _edit(found: re.Match[str]) -> Edit:
    return Edit(*found.span(1), "twelvelabs_async")


def _with_findings(text: str, edits: list[Edit]) -> Migration:
    edited = {edit.start for edit in edits}
    message = "This requirement is not changed. Require twelvelabs_async."
    others = [found.start(1) for found in _OTHER.finditer(text) if found.start(1) not in edited]
    return Migration(edits, [Finding(start, message) for start in others])


def _dependencies(project: dict[str, Any]) -> Iterator[str]:
    """Yield the requirements of a project, those of its extras and groups included."""
    metadata = project.get("project", {})
    optional = metadata.get("optional-dependencies", {}).values()
    for items in (metadata.get("dependencies", []), *optional, *project.get("dependency-groups", {}).values()):
        yield from (item for item in items if isinstance(item, str))
