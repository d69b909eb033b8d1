"""Imports of the official SDK, and other places that name its modules."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pkgutil import resolve_name
from typing import Final

from .._removed import hint_for_path
from .clients import OFFICIAL, OURS, is_sdk
from .edits import Edit, Finding
from .source import Source, dotted

_IMPORTERS: Final = ("__import__", "find_spec", "import_module", "importorskip")
"""Functions that take the name of a module."""
_DISTRIBUTIONS: Final = ("distribution", "get_distribution", "metadata", "require", "requires", "version")
"""Functions that take the name of an installed distribution."""
_PATH: Final = re.compile(rf"{OFFICIAL}(?:\.(?!(?:io|com)\b)[A-Za-z_]\w*)+")
"""A path of a module or name, which a host of the platform is not."""
_REQUIREMENT: Final = re.compile(rf"{OFFICIAL}\s*[<>=!~].*")


def import_edits(source: Source) -> Iterator[Edit]:
    """Yield the edits of all imports of the official SDK."""
    for node in source.nodes:
        match node:
            case ast.Import(names=names):
                yield from _edits_of_import(source, names)
            case ast.ImportFrom() if is_sdk(node, [OFFICIAL]):
                yield _word(source, source.start(node))
            case ast.Call(func=function, args=args, keywords=keywords) if _last(function) in _IMPORTERS:
                for value in (*args, *(keyword.value for keyword in keywords)):
                    if isinstance(value, ast.Constant) and _names_module(value.value):
                        yield _word(source, source.start(value))
            case _:
                pass


def _edits_of_import(source: Source, names: list[ast.alias]) -> Iterator[Edit]:
    """Yield the edits of ``import a, b``, after which the program's name for the package is the same."""
    is_bound = any(alias.name == OFFICIAL and not alias.asname for alias in names)
    for alias in names:
        if alias.name.partition(".")[0] != OFFICIAL:
            continue
        yield _word(source, source.start(alias))
        end = source.end(alias)
        if alias.name == OFFICIAL and not alias.asname:
            yield Edit(end, end, f" as {OFFICIAL}")
        elif not alias.asname and not is_bound:
            is_bound = True
            yield Edit(end, end, f", {OURS} as {OFFICIAL}")


def import_findings(source: Source) -> Iterator[Finding]:
    """Yield what the user has to do about imports and names of modules."""
    imported = {id(value) for node in source.of(ast.Call) if _last(node.func) in _IMPORTERS for value in ast.walk(node)}
    for node in source.nodes:
        match node:
            case ast.Import(names=names):
                for alias in names:
                    if alias.name.partition(".")[0] == OFFICIAL and (message := _import_error(alias.name)):
                        yield Finding(source.start(alias), message)
            case ast.ImportFrom(module=str(module), names=names) if is_sdk(node):
                for alias in names:
                    if message := _import_error(module, alias.name):
                        yield Finding(source.start(alias), message)
            case ast.Call(func=function, args=[ast.Constant(value="twelvelabs") as value, *_]) if (
                _last(function) in _DISTRIBUTIONS
            ):
                yield Finding(source.start(value), f"This name is not changed. The distribution is {OURS}.")
            case ast.Constant(value=str(text)) if _PATH.fullmatch(text) and id(node) not in imported:
                ours = text.replace(OFFICIAL, OURS, 1)
                yield Finding(
                    source.start(node),
                    f"This string is not changed. If it is the path of a module or name, write {ours}.",
                )
            case ast.Constant(value=str(text)) if _REQUIREMENT.fullmatch(text):
                yield Finding(source.start(node), f"This requirement is not changed. Require {OURS}.")
            case ast.Call() | ast.Subscript() if _is_about_sys_modules(node):
                for part in ast.walk(node):
                    if isinstance(part, ast.Constant) and part.value == OFFICIAL:
                        yield Finding(
                            source.start(part), f"This key of sys.modules is not changed. The module is {OURS}."
                        )
            case _:
                pass


def _is_about_sys_modules(node: ast.Call | ast.Subscript) -> bool:
    parts = [node.value] if isinstance(node, ast.Subscript) else [node.func, *node.args]
    return any(
        dotted(part).startswith("sys.modules") or (isinstance(part, ast.Constant) and part.value == "sys.modules")
        for part in parts
    )


def _import_error(module: str, name: str = "*") -> str:
    """Return the message of the error that an import raises after the migration; empty if it raises none."""
    path = OURS + module.removeprefix(OURS).removeprefix(OFFICIAL) + ("" if name == "*" else f".{name}")
    try:
        resolve_name(path)
    except (ImportError, AttributeError) as error:
        hint = hint_for_path(path.removeprefix(f"{OURS}."))
        return f"{path} does not exist. {hint or error}"
    return ""


def _word(source: Source, start: int) -> Edit:
    """Return the edit of the first word ``twelvelabs`` after a position."""
    start = source.text.index(OFFICIAL, start)
    return Edit(start, start + len(OFFICIAL), OURS)


def _names_module(value: object) -> bool:
    return isinstance(value, str) and (value == OFFICIAL or _PATH.fullmatch(value) is not None)


def _last(function: ast.expr) -> str:
    return dotted(function).rpartition(".")[2]
