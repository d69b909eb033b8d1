"""The names of a program that are clients."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from .source import Source, dotted

OFFICIAL: Final = "twelvelabs"
OURS: Final = "twelvelabs_async"
_CLASSES: Final = ("TwelveLabs", "AsyncTwelveLabs")


class Clients:
    """Classes of clients, functions that return clients, and names that are clients and nothing else.

    Names are compared as text, in all scopes of the program alike: ``client``, ``self.client``.
    """

    def __init__(self, source: Source) -> None:
        self.classes: set[str] = set(_imported_classes(source))
        self._names: set[str] = set()
        for function in source.nodes:
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                returned = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]
                if any(map(self._is_client, (*returned, function.returns))):
                    self.classes |= {function.name, f"self.{function.name}"}
        values = _values(source)
        known = -1
        while known < len(self._names):  # a client can be assigned from another one
            known = len(self._names)
            self._names |= {name for name, found in values.items() if self._are_clients(found)}

    def path_below(self, path: str) -> str:
        """Return the rest of *path* after the name of a client; empty if there is none."""
        for name in self._names:
            if path.startswith(f"{name}."):
                return path.removeprefix(f"{name}.")
        return ""

    def _are_clients(self, values: Sequence[ast.expr]) -> bool:
        others = [value for value in values if not self._is_client(value)]
        return len(others) < len(values) and all(isinstance(value, ast.Constant) for value in others)

    def _is_client(self, value: ast.expr | None) -> bool:
        """Return whether a value, or an annotation, is a client."""
        match value:
            case ast.Call(func=function):
                return dotted(function) in self.classes
            case ast.Name() | ast.Attribute():
                return dotted(value) in self._names or dotted(value) in self.classes
            case ast.Constant(value=str(annotation)):
                return annotation in self.classes
            case ast.BoolOp(values=values):
                return any(map(self._is_client, values))
            case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, op=ast.BitOr(), right=other):
                return self._is_client(one) or self._is_client(other)
            case ast.Subscript(slice=inner) | ast.Await(value=inner) | ast.NamedExpr(value=inner):
                return self._is_client(inner)
            case _:
                return False


def _imported_classes(source: Source) -> Iterator[str]:
    for alias in (alias for node in source.of(ast.Import) for alias in node.names):
        package = alias.name.partition(".")[0]
        if package in (OFFICIAL, OURS):
            yield from (f"{alias.asname or package}.{name}" for name in _CLASSES)
    for alias in (alias for node in source.of(ast.ImportFrom) if is_sdk(node) for alias in node.names):
        if alias.name in _CLASSES:
            yield alias.asname or alias.name


def uses_sdk(source: Source) -> bool:
    """Return whether a program imports the official SDK or this package."""
    return any(map(is_sdk, source.of(ast.ImportFrom))) or any(
        alias.name.partition(".")[0] in (OFFICIAL, OURS) for node in source.of(ast.Import) for alias in node.names
    )


def is_sdk(node: ast.ImportFrom, packages: Sequence[str] = (OFFICIAL, OURS)) -> bool:
    """Return whether *node* imports from one of *packages*."""
    return not node.level and (node.module or "").partition(".")[0] in packages


def _values(source: Source) -> Mapping[str, Sequence[ast.expr]]:
    """Return what is assigned to each name, and its annotations."""
    values: dict[str, list[ast.expr]] = defaultdict(list)
    for node in source.nodes:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    values[dotted(target)].append(value)
            case ast.AnnAssign(target=target, annotation=value) | ast.NamedExpr(target=target, value=value):
                values[dotted(target)].append(value)
            case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
                values[dotted(target)].append(value)
            case ast.arg(arg=name, annotation=ast.expr() as value):
                values[name].append(value)
            case _:
                pass
    values.pop("", None)
    return values
