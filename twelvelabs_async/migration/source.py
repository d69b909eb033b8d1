"""The source of a program: its syntax tree, and the position of each node in the text."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from typing import Protocol, TypeVar

N = TypeVar("N", bound=ast.AST)


class _Node(Protocol):
    """A node that has a position."""

    lineno: int
    col_offset: int
    end_lineno: int | None
    end_col_offset: int | None


class Source:
    """A program.

    Raises:
        SyntaxError: *text* is invalid in this version of Python.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.nodes: list[ast.AST] = list(ast.walk(parse(text)))
        self._lines = [0, *(found.end() for found in re.finditer(r"\r\n|\r|\n", text))]

    def start(self, node: _Node) -> int:
        """Return the position of the first character of *node*."""
        return self._position(node.lineno, node.col_offset)

    def end(self, node: _Node) -> int:
        """Return the position after the last character of *node*."""
        return self._position(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def of(self, kind: type[N]) -> Iterator[N]:
        """Yield the nodes of a kind."""
        return (node for node in self.nodes if isinstance(node, kind))

    def _position(self, line: int, column: int) -> int:
        start = self._lines[line - 1]
        return start + len(self.text[start : start + column].encode()[:column].decode())  # ast counts bytes


def parse(text: str) -> ast.Module:
    """Parse a program without the warnings of the compiler.

    Raises:
        SyntaxError: *text* is invalid in this version of Python.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (ValueError, RecursionError, MemoryError) as error:  # null bytes, lone surrogates, deep nesting
            raise SyntaxError(str(error) or "it is nested too deeply") from None


def dotted(node: ast.AST | None) -> str:
    """Return names joined by dots, such as ``self.client.tasks``; empty for another expression."""
    if isinstance(node, ast.Attribute):
        owner = dotted(node.value)
        return owner and f"{owner}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
