"""Imports point one way: from what callers use down to what stands alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from importlib.util import resolve_name
from pathlib import Path

import pytest

import twelvelabs_async

ROOT = Path(twelvelabs_async.__file__).parent

# From the bottom up. A module may import those of the lines above its own, and of its own package.
LAYERS = """
    _api_key _extras _version errors media options
    _failures models
    _retry _structured_output
    _files _rate_limits
    _encoding
    _connections _request
    _responses
    _transport
    _pagination _streams
    _jobs _upload_session
    _waiting _list_polls _uploads
    _shared_poller
    resources
    bulk webhooks
    client
    ray sync
    testing
    cli
""".strip().splitlines()
RANKS = {name: rank for rank, names in enumerate(LAYERS) for name in names.split()}


def module_name(path: Path) -> str:
    """The name of a module below the package; the package itself is empty."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix("__init__").removesuffix(".")


MODULES = {module_name(path): path for path in sorted(ROOT.rglob("*.py"))}


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a module, those in functions too, but not what only type checkers import."""
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield child
            yield from statements(child)


def imports(name: str) -> set[str]:
    """The modules of the package that a module imports."""
    path = MODULES[name]
    package = ".".join(["twelvelabs_async", *path.relative_to(ROOT).parent.parts])
    found: list[str] = []
    for node in statements(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            origin = resolve_name("." * node.level + (node.module or ""), package)
            found += [f"{origin}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "part":
            found.append(f"twelvelabs_async.{'sync' if name.startswith('sync') else 'resources'}.{node.args[0].value}")
    return {module for module in map(owner, found) if module is not None} - {name}


def owner(name: str) -> str | None:
    """The module of the package that a dotted name is in, or is; ``None`` if it is another package's."""
    top, _, inner = name.partition(".")
    if top != "twelvelabs_async":
        return None
    return inner if inner in MODULES else inner.rpartition(".")[0]


GRAPH = {name: imports(name) for name in MODULES if name}


def top(name: str) -> str:
    """The package or module directly below the root that a module belongs to."""
    return name.partition(".")[0]


def test_every_module_has_a_layer() -> None:
    """No module stands outside of the order."""
    assert {top(name) for name in GRAPH} <= RANKS.keys()


@pytest.mark.parametrize("name", GRAPH)
def test_imports_point_down(name: str) -> None:
    """A module imports from layers below its own only, be it at the start or on first use."""
    allowed = {below for below, rank in RANKS.items() if rank < RANKS[top(name)]} | {top(name)}
    assert {found for found in GRAPH[name] if top(found) not in allowed} == set()


def test_there_are_no_circles() -> None:
    """No module imports itself by way of others."""
    assert list(TopologicalSorter(GRAPH).static_order())


def test_the_reader_of_imports_sees_them() -> None:
    """Imports at the start and on first use are seen, and those for type checkers are not."""
    assert {"_transport", "resources._api", "bulk"} <= GRAPH["client"]
    assert {"resources.analyze", "resources.search"} <= GRAPH["resources._api"]
    assert "client" not in GRAPH["bulk"]
