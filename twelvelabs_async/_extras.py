"""Imports of packages that this package does not require."""

from importlib import import_module
from typing import Any


def require(package: str, requirement: str) -> Any:
    """Import a package, or raise an error with the requirement that installs it.

    Raises:
        ImportError: The package is not installed.
    """
    try:
        return import_module(package)
    except ImportError as error:
        raise ImportError(f"{package} is not installed. Run: pip install '{requirement}'", name=package) from error
