"""Notebooks: the code of all cells as one program, and the position of each character in the JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from attrs import frozen

from .edits import Edit, Finding, Migration
from .programs import migrate_program
from .requirements import migrate_pip_commands
from .source import parse

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},]')
_CHARACTER: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.DOTALL
)
_PYTHON_CELL: Final = re.compile(r"%%(?:time|timeit|capture|prun)\b")
_MAGIC: Final = re.compile(
    r"^(?P<indent>[ \t]*)(?:(?:[\w., ]+=[ \t]*)?[!%?](?:.*\\\n)*.*|[^#\n'\"]*\?[ \t]*)$", re.MULTILINE
)


@frozen
class _Character:
    """A character of a cell and its span in the JSON."""

    text: str
    start: int
    end: int


def migrate_notebook(text: str) -> Migration:
    """Return the edits of a notebook, which change nothing but the source of its cells.

    Raises:
        ValueError: *text* is not a notebook.
    """
    notebook: dict[str, Any] = json.loads(text)
    if "cells" not in notebook:
        raise ValueError("it is not a notebook of the format 4; open it in Jupyter and save it")
    if _language(notebook) != "python":
        return Migration()
    cells = _code_cells(text, notebook)
    characters = [character for cell in cells for character in cell]
    findings: list[Finding] = []
    program = "".join(_python_of(cell, findings) for cell in cells)
    source = "".join(character.text for character in characters)
    migration = migrate_program(program)
    edits = [*migration.edits, *migrate_pip_commands(source)]
    return Migration(
        [Edit(_start(characters, edit), characters[edit.end - 1].end, edit.text) for edit in edits],
        [*findings, *(Finding(characters[finding.start].start, finding.message) for finding in migration.findings)],
    )


def _start(characters: Sequence[_Character], edit: Edit) -> int:
    is_insertion = edit.start == edit.end  # after a character, which may be the last one of a string of the JSON
    return characters[edit.end - 1].end if is_insertion else characters[edit.start].start


def _language(notebook: dict[str, Any]) -> str:
    metadata = notebook.get("metadata", {})
    language = metadata.get("language_info", {}).get("name") or metadata.get("kernelspec", {}).get("language")
    return str(language or "python").lower()


def _code_cells(text: str, notebook: dict[str, Any]) -> list[list[_Character]]:
    """Return the characters of each cell with code; a line break follows each cell."""
    cells: dict[int, list[_Character]] = {}
    for path, start, end in _strings(text):
        match path:
            case ("cells", int(number), "source", *_) if notebook["cells"][number].get("cell_type") == "code":
                cells.setdefault(number, []).extend(_characters(text, start, end))
            case _:
                pass
    return [[*cell, _Character("\n", cell[-1].end, cell[-1].end)] for cell in cells.values() if cell]


def _strings(text: str) -> Iterator[tuple[tuple[str | int | None, ...], int, int]]:
    """Yield the path of each string value of a JSON text, and the span between its quotes."""
    path: list[str | int | None] = []  # None where a key is expected
    for token in _TOKEN.finditer(text):
        match token[0]:
            case "{":
                path.append(None)
            case "[":
                path.append(0)
            case "}" | "]":
                path.pop()
            case ",":
                path[-1] = path[-1] + 1 if isinstance(path[-1], int) else None
            case string if path and path[-1] is None:
                path[-1] = json.loads(string)
            case _:
                yield tuple(path), token.start() + 1, token.end() - 1


def _characters(text: str, start: int, end: int) -> Iterator[_Character]:
    for found in _CHARACTER.finditer(text, start, end):
        yield _Character(json.loads(f'"{found[0]}"', strict=False), *found.span())


def _python_of(cell: list[_Character], findings: list[Finding]) -> str:
    """Return the source of a cell, in which spaces replace what is not Python."""
    source = "".join(character.text for character in cell)
    first_line, _, rest = source.partition("\n")
    if first_line.startswith("%%"):
        source = f"{_blank(first_line)}\n{rest if _PYTHON_CELL.match(first_line) else _blank(rest)}"
    try:
        parse(source)
    except SyntaxError:
        source = _MAGIC.sub(lambda found: f"{found['indent']}0{_blank(found[0][len(found['indent']) + 1 :])}", source)
        try:
            parse(source)
        except SyntaxError as error:
            findings.append(Finding(cell[0].start, f"This cell is not changed: {error.msg}."))
            return _blank(source)
    return source


def _blank(source: str) -> str:
    return re.sub(r"[^\n]", " ", source)
