"""The public names: each is where the package says, documented, and costs nothing until it is used."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import twelvelabs_async

ROOT = Path(twelvelabs_async.__file__).parent
PUBLIC = [name for module in twelvelabs_async._modules() for name in module.__all__]


def test_every_module_is_looked_in() -> None:
    """A module with public names is looked in, by type checkers too, but for `testing`, imported by its name."""
    found = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in ROOT.rglob("*.py")
        if re.search(r"^__all__ = ", path.read_text(), re.MULTILINE)
    }
    seen = re.findall(r"from \.([\w.]+) import \*", (ROOT / "__init__.py").read_text())
    assert {name for name in found if not name.startswith("testing")} == {*twelvelabs_async._MODULES} == {*seen}


def test_names_are_unique() -> None:
    """No name is public in two modules."""
    assert len(PUBLIC) == len(set(PUBLIC))


@pytest.mark.parametrize("name", PUBLIC)
def test_public_name_is_there_and_documented(name: str) -> None:
    """A public name can be imported from the package, is listed, and is documented if it is a class or a function."""
    value = getattr(twelvelabs_async, name)
    assert name in dir(twelvelabs_async)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert value.__doc__
        if inspect.isclass(value):
            assert value.__doc__ != value.__bases__[0].__doc__


def test_unknown_name_is_refused() -> None:
    """A name that is not public is refused as Python does it."""
    with pytest.raises(AttributeError, match="'twelvelabs_async' has no attribute 'TwelveLabsAsync'"):
        twelvelabs_async.TwelveLabsAsync  # noqa: B018


def test_importing_the_package_imports_nothing_heavy() -> None:
    """``import twelvelabs_async`` loads none of the dependencies, and none of its own modules but the version."""
    script = """if True:
        import sys
        before = set(sys.modules)
        import twelvelabs_async
        print(*set(sys.modules) - before)
    """
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    loaded = {name for name in output.split() if name.partition(".")[0] not in sys.stdlib_module_names}
    assert loaded == {"twelvelabs_async", "twelvelabs_async._version"}
