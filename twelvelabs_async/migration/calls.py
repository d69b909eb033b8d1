"""Calls and attributes that were renamed or removed since earlier versions of the official SDK."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Final

from .._removed import REMOVED, RENAMED
from .clients import Clients
from .edits import Edit, Finding
from .source import Source, dotted

_HTTPX: Final = "No error of httpx is raised here. Catch twelvelabs_async.APIConnectionError."


def call_edits(source: Source, clients: Clients) -> Iterator[Edit]:
    """Yield the edits of attributes, keywords and keys that were renamed."""
    for node in source.nodes:
        match node:
            case ast.Attribute() if new := RENAMED.get(clients.path_below(dotted(node))):
                yield Edit(source.end(node) - len(node.attr), source.end(node), new)
            case ast.Call(keywords=keywords):
                method = _current_path(clients.path_below(dotted(node.func)))
                for keyword in keywords:
                    if new := RENAMED.get(f"{method}({keyword.arg})"):
                        yield Edit(source.start(keyword), source.start(keyword) + len(keyword.arg or ""), new)
                    yield from _edits_of_keys(source, f"{method}({keyword.arg}", keyword.value)
            case _:
                pass


def _edits_of_keys(source: Source, argument: str, value: ast.expr) -> Iterator[Edit]:
    """Yield the edits of keys in a literal list of dictionaries."""
    for item in value.elts if isinstance(value, ast.List) else ():
        for key in item.keys if isinstance(item, ast.Dict) else ():
            if isinstance(key, ast.Constant) and (new := RENAMED.get(f"{argument}[{key.value!r}])")):
                start = source.text.index(str(key.value), source.start(key))
                yield Edit(start, start + len(str(key.value)), new)


def _current_path(path: str) -> str:
    parts = path.split(".")
    return ".".join(RENAMED.get(".".join(parts[: number + 1]), part) for number, part in enumerate(parts))


def call_findings(source: Source, clients: Clients) -> Iterator[Finding]:
    """Yield what the user has to do about names that were removed."""
    paths = [dotted(node) for node in source.of(ast.Attribute)]
    removed_from_hits = [name for name in ("score", "confidence") if any(map(_is_search, paths))]
    for node in source.nodes:
        match node:
            case ast.Attribute(attr=name):
                path = clients.path_below(dotted(node))
                if name in removed_from_hits and not path:
                    yield Finding(source.end(node) - len(name), f"If this is a hit: {REMOVED[f'SearchItem.{name}']}")
                elif f"TwelveLabs.{path}" in REMOVED and path not in RENAMED:
                    yield Finding(source.end(node) - len(name), REMOVED[f"TwelveLabs.{path}"])
            case ast.Call(func=function, keywords=keywords):
                method = "TwelveLabs" if dotted(function) in clients.classes else _last_name(function)
                for keyword in keywords:
                    if hint := REMOVED.get(f"{method}({keyword.arg})"):
                        yield Finding(source.start(keyword), f"{method}({keyword.arg}=): {hint}")
            case ast.ExceptHandler(type=ast.expr() as kind) if any(map(_is_httpx_error(source), ast.walk(kind))):
                yield Finding(source.start(kind), _HTTPX)
            case _:
                pass


def _is_search(path: str) -> bool:
    return path.endswith((".search.query", ".search.create", ".search.retrieve"))


def _last_name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else dotted(function)


def _is_httpx_error(source: Source) -> Callable[[ast.AST], bool]:
    """Return a function that recognizes the classes of httpx, as *source* imports them."""
    names = {
        alias.asname or alias.name
        for node in source.of(ast.ImportFrom)
        if (node.module or "").partition(".")[0] == "httpx"
        for alias in node.names
    }
    return lambda node: dotted(node).startswith("httpx.") or dotted(node) in names
