"""Calls and attributes that were renamed or removed since earlier versions of the official SDK."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Final

from .._removed import RENAMED, find_hint
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
    is_searching = any(_is_search(dotted(node)) for node in source.of(ast.Attribute))
    is_httpx_error = _error_test(source)
    for node in source.nodes:
        match node:
            case ast.Attribute(attr=name):
                path = clients.path_below(dotted(node))
                if path and path not in RENAMED and (hint := _hint_for_path(_current_path(path))):
                    yield Finding(source.end(node) - len(name), hint)
                elif not path and is_searching and name in ("confidence", "score"):
                    yield Finding(source.end(node) - len(name), f"If this is a hit: {find_hint(f'SearchItem.{name}')}")
                elif name == "wait_for_done" and not dotted(node.value).endswith(("tasks", ".task")):
                    hint = find_hint("VideoIndexingTask.wait_for_done")
                    yield Finding(source.end(node) - len(name), f"If this is a task: {hint}")
            case ast.Call(func=function, keywords=keywords):
                is_class = dotted(function) in clients.classes
                method = "TwelveLabs" if is_class else _current_path(clients.path_below(dotted(function)))
                for keyword in keywords:
                    key = f"{method or _last_name(function)}({keyword.arg})"
                    if key not in RENAMED and (hint := find_hint(key)):
                        yield Finding(source.start(keyword), f"{_last_name(function)}({keyword.arg}=): {hint}")
            case ast.ExceptHandler(type=ast.expr() as kind) if any(map(is_httpx_error, ast.walk(kind))):
                yield Finding(source.start(kind), _HTTPX)
            case _:
                pass


def _hint_for_path(path: str) -> str | None:
    """Return the hint for a path below a client: an attribute of the client, or of a resource by its path or name."""
    last_names = ".".join(path.split(".")[-2:])
    return find_hint(path) or find_hint(last_names) if "." in path else find_hint(f"TwelveLabs.{path}")


def _is_search(path: str) -> bool:
    return path.endswith((".search.query", ".search.create", ".search.retrieve"))


def _last_name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else dotted(function)


def _error_test(source: Source) -> Callable[[ast.AST], bool]:
    """Return a function that recognizes the classes of httpx, as *source* imports them."""
    names = {
        alias.asname or alias.name
        for node in source.of(ast.ImportFrom)
        if (node.module or "").partition(".")[0] == "httpx"
        for alias in node.names
    }
    return lambda node: dotted(node).startswith("httpx.") or dotted(node) in names
