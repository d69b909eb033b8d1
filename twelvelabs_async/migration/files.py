"""Files: which ones are migrated, and their text with its encoding."""

from __future__ import annotations

import codecs
import io
import os
import re
import tokenize
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from attrs import frozen

from .._replaced_files import ReplacedFile
from .clients import OFFICIAL
from .edits import Migration, apply
from .notebooks import migrate_notebook
from .programs import migrate_program
from .requirements import migrate_pyproject, migrate_requirements

_IGNORED_FOLDERS: Final = ("__pycache__", "node_modules", "site-packages")


@frozen
class MigratedFile:
    """A file that has been read.

    Attributes:
        text: The text as it is.
        new_text: The text with all edits.
        findings: Lines, numbered from 1, and what the user has to do there.
    """

    path: Path
    encoding: str
    text: str
    new_text: str
    findings: tuple[tuple[int, str], ...]

    def write(self) -> None:
        """Replace the file by one with the new text and the same mode, atomically.

        Raises:
            OSError: The file cannot be written. It is as it was.
        """
        with closing(ReplacedFile(self.path)) as new:
            new.file.write(self.new_text.encode(self.encoding))
            new.commit()


def find_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield *paths*, and in place of a folder the files in it that can be migrated, in order.

    Hidden folders, virtual environments and folders of installed packages are skipped, as are symbolic links.
    """
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for name, folders, files in os.walk(path):
            folder = Path(name)
            folders[:] = sorted(child for child in folders if not _is_ignored(folder / child))
            yield from (folder / file for file in sorted(files) if _is_known(folder / file))


def _is_ignored(folder: Path) -> bool:
    return folder.name.startswith(".") or folder.name in _IGNORED_FOLDERS or (folder / "pyvenv.cfg").exists()


def _is_known(file: Path) -> bool:
    return (
        file.suffix in (".py", ".pyi", ".ipynb") or file.name == "pyproject.toml" or _is_requirements(file)
    ) and not file.is_symlink()


def _is_requirements(file: Path) -> bool:
    return file.suffix in (".txt", ".in") and "requirements" in str(file)


def migrate_file(path: Path, roots: Iterable[Path] = ()) -> MigratedFile:
    """Read a file and return its migration.

    Args:
        path: The path of the file. Its name says what the file is; all but a few names are those of programs.
        roots: Further folders whose modules the file can import.

    Raises:
        OSError: The file cannot be read.
        SyntaxError: The file is an invalid program.
        ValueError: The file is an invalid notebook or ``pyproject.toml``, or its encoding is unknown or wrong.
    """
    content = path.read_bytes()
    is_text = path.suffix in (".ipynb", ".toml") or _is_requirements(path)
    encoding = "utf-8-sig" if content.startswith(codecs.BOM_UTF8) else "utf-8"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # `pip freeze >` in PowerShell
        encoding = "utf-16"
    elif not is_text:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    text = content.decode(encoding)
    migration = _migrate(path, text, roots) if OFFICIAL in text else Migration()
    findings = {(_line_of(text, finding.start), finding.message) for finding in migration.findings}
    return MigratedFile(path, encoding, text, apply(text, migration.edits), tuple(sorted(findings)))


def _migrate(path: Path, text: str, roots: Iterable[Path]) -> Migration:
    if path.suffix == ".ipynb":
        return migrate_notebook(text)
    if path.suffix == ".toml":
        return migrate_pyproject(text)
    if _is_requirements(path):
        return migrate_requirements(text)
    return migrate_program(text, has_local_module=any(map(_has_module, _folders_of_imports(path, roots))))


def _folders_of_imports(path: Path, roots: Iterable[Path]) -> Iterator[Path]:
    """Yield the folders that absolute imports of a program can find modules in."""
    yield from roots
    if not (path.parent / "__init__.py").exists():  # a package's own folder is not searched
        yield path.parent


def _has_module(folder: Path) -> bool:
    return (folder / f"{OFFICIAL}.py").exists() or (folder / OFFICIAL / "__init__.py").exists()


def _line_of(text: str, position: int) -> int:
    return 1 + len(re.findall(r"\r\n|\r|\n", text[:position]))
