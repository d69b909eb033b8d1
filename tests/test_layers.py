"""Imports point one way: up the list of modules in ARCHITECTURE.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from importlib.util import resolve_name
from pathlib import Path, PurePosixPath

import pytest

import twelvelabs_async

PACKAGE = "twelvelabs_async"
ROOT = Path(twelvelabs_async.__file__).parent
REPOSITORY = Path(__file__).parent.parent
FILES = dict.fromkeys(sorted(path.relative_to(ROOT) for path in ROOT.rglob("*.py")))


def listed_modules() -> list[PurePosixPath]:
    """Return the modules and packages that ARCHITECTURE.md lists, in its order."""
    text = (REPOSITORY / "ARCHITECTURE.md").read_text()
    section = text.partition("\n## Modules\n")[2].partition("\n## ")[0]
    packages = [PurePosixPath()]
    listed: list[PurePosixPath] = []
    for indent, name in re.findall(r"^( *)- `([^`]+)`: ", section, re.MULTILINE):
        del packages[len(indent) // 2 + 1 :]
        listed.append(packages[-1] / name)
        packages.append(listed[-1])
    return listed


LISTED = listed_modules()
LEVELS = {entry: level for level, entry in enumerate(LISTED)}


def entries_of(package: PurePosixPath) -> list[PurePosixPath]:
    """Return the entries that stand below that of a package."""
    return [entry for entry in LISTED if package in entry.parents]


def entry_of(file: Path) -> PurePosixPath | None:
    """Return the entry of a file: its own, that of the other files of its package, or that of the whole package."""
    own, package = PurePosixPath(file), PurePosixPath(file.parent)
    if own in LEVELS:
        return own
    if package / "*.py" in LEVELS and file.name != "__init__.py":
        return package / "*.py"
    return next((entry for entry in own.parents if entry in LEVELS and not entries_of(entry)), None)


def level_of(file: Path) -> int:
    """Return the position of a file in the list. An ``__init__.py`` stands at the last module that it imports."""
    entry = entry_of(file)
    if entry is None:
        package = PurePosixPath(file.parent)
        return max([LEVELS[package], *(level_of(found) for found in GRAPH[file] if package in found.parents)])
    return LEVELS[entry]


def file_of(module: str) -> Path | None:
    """Return the file that a dotted name is in: a module, or the module that defines the last name."""
    top, *parts = module.split(".")
    if top != PACKAGE:
        return None
    for names in (parts, parts[:-1]):
        for file in (Path(*names).with_suffix(".py") if names else Path("__init__.py"), Path(*names, "__init__.py")):
            if file in FILES:
                return file
    raise LookupError(f"No module defines {module}.")


def imports(file: Path) -> Iterator[Path]:
    """Yield the files that a file imports, those in functions and for type checkers included."""
    package = ".".join([PACKAGE, *file.parent.parts])
    for node in ast.walk(ast.parse((ROOT / file).read_text())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            origin = resolve_name("." * node.level + (node.module or ""), package)
            names = [f"{origin}.{alias.name}" for alias in node.names]
        yield from (found for found in map(file_of, names) if found is not None and found != file)


GRAPH = {file: set(imports(file)) for file in FILES}


def test_the_list_names_existing_modules_once() -> None:
    """Every entry of the list is a file or a package, and no entry stands twice."""
    assert len(LISTED) == len(LEVELS)
    assert [entry for entry in LISTED if not [*ROOT.glob(str(entry))]] == []


def is_listed(file: Path) -> bool:
    """Return whether a module has an entry of its own, or one that it shares with other files of its package."""
    return entry_of(file) is not None or (file.name == "__init__.py" and PurePosixPath(file.parent) in LEVELS)


def test_every_module_is_listed() -> None:
    assert [str(file) for file in FILES if not is_listed(file)] == []


def test_imports_point_up_the_list() -> None:
    """A module imports only from entries above its own, and from the files that share its entry."""
    levels = {file: level_of(file) for file in FILES if is_listed(file)}
    assert [f"{file}: {found}" for file in levels for found in GRAPH[file] if levels.get(found, 0) > levels[file]] == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    """There is no circle of imports."""
    assert list(TopologicalSorter(GRAPH).static_order())


def test_no_module_is_imported_by_a_string() -> None:
    """Go-to-definition and this test see every import, but those of optional dependencies and of official paths."""
    by_string = {file.name for file in FILES if re.search(r"\b(import_module|__import__)\(", (ROOT / file).read_text())}
    assert by_string <= {"_extras.py", "_official_paths.py", "_as_twelvelabs.py"}


def test_few_modules_know_aiohttp() -> None:
    """Requests go through five modules that do; the two clients name its types, and the servers are made of it."""
    aware = {
        str(file) for file in FILES if re.search(r"^(from|import) aiohttp", (ROOT / file).read_text(), re.MULTILINE)
    }
    requests = {"_connections.py", "_network_errors.py", "_payloads.py", "_resolver.py", "_transport.py"}
    servers = {
        "loopback",
        "server",
        "storage_routes",
        "recordings/server",
        "recordings/recorder",
        "recordings/replayer",
    }
    assert aware == requests | {"_client.py", "sync/client.py"} | {f"testing/{name}.py" for name in servers}


def test_hidden_imports_are_seen() -> None:
    """Imports in functions and under ``TYPE_CHECKING`` count."""
    assert Path("bulk/__init__.py") in GRAPH[Path("_client.py")]


NAMED_IN_FILES = re.findall(r"`([\w.]+)` \(`([\w/]+\.py)`", (REPOSITORY / "ARCHITECTURE.md").read_text())


@pytest.mark.parametrize(("name", "file"), NAMED_IN_FILES)
def test_a_hop_is_where_the_architecture_says(name: str, file: str) -> None:
    """The ways through the package name functions and classes that exist, in the files that define them."""
    definitions = set[str]()
    for node in ast.walk(ast.parse((ROOT / file).read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            definitions.add(node.name)
        elif isinstance(node, ast.AnnAssign):  # the twins of the blocking client
            definitions.add(ast.unparse(node.target))
    assert set(name.split(".")) <= definitions
