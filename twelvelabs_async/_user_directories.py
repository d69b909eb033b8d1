"""Folders of this application in the user's home directory, as the platform defines them."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeAlias

Purpose: TypeAlias = Literal["state", "config"]

APPLICATION: Final = "twelvelabs-async"


class Place(NamedTuple):
    """Place of the files for a purpose.

    Attributes:
        variable: Environment variable that replaces the folder of this application.
        xdg_variable: Variable of the `XDG Base Directory Specification
            <https://specifications.freedesktop.org/basedir/latest/>`_ that names the folder above it.
        xdg_default: The folder above it without this variable.
    """

    variable: str
    xdg_variable: str
    xdg_default: str


PLACES: Final[Mapping[Purpose, Place]] = {
    "state": Place("TWELVELABS_STATE_DIR", "XDG_STATE_HOME", "~/.local/state"),
    "config": Place("TWELVELABS_CONFIG_DIR", "XDG_CONFIG_HOME", "~/.config"),
}


def user_directory(purpose: Purpose) -> Path:
    """Return the folder of this application for *purpose*. It may not exist.

    macOS and Windows have one folder for both purposes: ``Application Support``, and ``LOCALAPPDATA``.

    Raises:
        FileNotFoundError: The environment names no home directory.
    """
    place = PLACES[purpose]
    if given := os.environ.get(place.variable):
        return Path(os.path.abspath(os.path.expanduser(given)))
    if sys.platform == "win32":
        parent = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local")
    elif sys.platform == "darwin":
        parent = os.path.expanduser("~/Library/Application Support")
    else:
        parent = os.environ.get(place.xdg_variable, "")
        if not os.path.isabs(parent):  # the specification says to ignore a relative path
            parent = os.path.expanduser(place.xdg_default)
    if not os.path.isabs(parent):
        raise FileNotFoundError(f"There is no home directory. Set HOME or {place.variable}.")
    return Path(parent, APPLICATION)
