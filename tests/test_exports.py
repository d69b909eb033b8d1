"""Public names: documented, importable from the package, and not imported before they are used."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import twelvelabs_async
from twelvelabs_async.models import official_classes, official_names

ROOT = Path(twelvelabs_async.__file__).parent
# The emulator is imported from `twelvelabs_async.testing`. The other packages are paths of the official SDK.
APART = {"testing", "types", "indexes", "tasks", "embed", "core", "wrapper"}
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in ROOT.rglob("*.py")
    if re.search(r"^__all__ = ", path.read_text(), re.MULTILINE) and path.relative_to(ROOT).parts[0] not in APART
} - {"client", "errors.bad_request_error"}
PUBLIC = [name for module in sorted(MODULES) for name in import_module(f"twelvelabs_async.{module}").__all__]
# Importable like all others, but not in `dir()`: completion would be flooded.
OFFICIAL = {*official_classes.__all__, *official_names.__all__}


def modules_whose_names_are_imported_by(path: str) -> set[str]:
    return {*re.findall(r"from \.([\w.]+) import \*", (ROOT / path).read_text())}


def test_type_checkers_see_all_modules_with_public_names() -> None:
    seen = modules_whose_names_are_imported_by("__init__.py")
    for package in ("models", "resources"):
        seen.remove(f"{package}._all")
        seen |= {f"{package}.{name}" for name in modules_whose_names_are_imported_by(f"{package}/_all.py")}
    assert seen == MODULES


def test_no_name_is_public_in_two_modules() -> None:
    assert len(PUBLIC) == len(set(PUBLIC))


def test_dir_lists_the_public_names() -> None:
    modules = ["errors", "types", "webhooks"]
    assert sorted(dir(twelvelabs_async)) == sorted([*({*PUBLIC} - OFFICIAL), "__version__", *modules])


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_importable_and_documented(name: str) -> None:
    value = getattr(twelvelabs_async, name)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert value.__doc__
        if inspect.isclass(value):
            assert value.__doc__ != value.__bases__[0].__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'twelvelabs_async' has no attribute 'TwelveLabsAsync'"):
        twelvelabs_async.TwelveLabsAsync  # noqa: B018


def modules_loaded_by(statement: str) -> set[str]:
    script = f"import sys; before = set(sys.modules); {statement}; print(*set(sys.modules) - before)"
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    return {name for name in output.split() if name.partition(".")[0] not in sys.stdlib_module_names}


def test_importing_the_package_imports_only_its_version() -> None:
    assert modules_loaded_by("import twelvelabs_async") == {"twelvelabs_async", "twelvelabs_async._version"}


def test_importing_a_model_imports_neither_bulk_runs_nor_all_models() -> None:
    loaded = modules_loaded_by("from twelvelabs_async import IndexedAsset")
    assert "twelvelabs_async.models.indexed_assets" in loaded
    assert not loaded & {
        "twelvelabs_async.bulk",
        "twelvelabs_async.models.responses",
        "twelvelabs_async.models.imports",
    }
