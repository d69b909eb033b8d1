"""Imports of packages that this package does not require."""

from importlib import import_module
from typing import Any

from .errors import MissingPackageError


def require(package: str, requirement: str) -> Any:
    """Import a package, or raise an error with the requirement that installs it.

    Raises:
        MissingPackageError: The package is not installed.
    """
    try:
        return import_module(package)
    except ImportError as error:
        text = f"{package} is not installed. Run: pip install '{requirement}'"
        raise MissingPackageError(text, name=package) from error
