"""Python programs."""

from __future__ import annotations

from .calls import call_edits, call_findings
from .clients import Clients, uses_sdk
from .edits import Finding, Migration
from .imports import import_edits, import_findings
from .source import Source


def migrate_program(text: str, *, has_local_module: bool = False) -> Migration:
    """Return the edits of a program.

    Each edit is within one line. Comments are not changed, nor are strings, except those that `importlib` takes.

    Args:
        text: The program, with line breaks of any kind.
        has_local_module: True if ``twelvelabs`` is a module beside the program, and not the official SDK.

    Raises:
        SyntaxError: *text* is not a program of this version of Python.
    """
    source = Source(text)
    edits = list(import_edits(source))
    if has_local_module:
        message = (
            "This import is not changed. It is that of another module, beside the file or in a folder that was given."
        )
        return Migration([], [Finding(edit.start, message) for edit in edits])
    findings = list(import_findings(source))
    if uses_sdk(source):
        clients = Clients(source)
        edits += call_edits(source, clients)
        findings += call_findings(source, clients)
    return Migration(edits, findings)
