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

ROOT = Path(twelvelabs_async.__file__).parent
# The emulator is imported from `twelvelabs_async.testing`.
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in ROOT.rglob("*.py")
    if re.search(r"^__all__ = ", path.read_text(), re.MULTILINE) and "testing" not in path.parts
}
PUBLIC = [name for module in sorted(MODULES) for name in import_module(f"twelvelabs_async.{module}").__all__]


def modules_whose_names_are_imported_by(path: str) -> set[str]:
    return {*re.findall(r"from \.([\w.]+) import \*", (ROOT / path).read_text())}


def test_type_checkers_see_all_modules_with_public_names() -> None:
    resources = {f"resources.{name}" for name in modules_whose_names_are_imported_by("resources/_all.py")}
    assert modules_whose_names_are_imported_by("__init__.py") - {"resources._all"} | resources == MODULES


def test_no_name_is_public_in_two_modules() -> None:
    assert len(PUBLIC) == len(set(PUBLIC))


def test_dir_lists_the_public_names() -> None:
    assert sorted(dir(twelvelabs_async)) == sorted([*PUBLIC, "__version__", "webhooks"])


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_importable_and_documented(name: str) -> None:
    value = getattr(twelvelabs_async, name)
    assert name in dir(twelvelabs_async)
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
