"""Error responses of the API."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

Json = dict[str, Any]

# Paths whose errors are nested in `error`. Everywhere else, and for these operations, they are flat.
_NESTED_PATHS = ("/embed-v2", "/analyze/tasks", "/analyze/batches")
_FLAT_OPERATIONS = (("GET", "/embed-v2/tasks"), ("GET", "/analyze/tasks"), ("POST", "/analyze/tasks/*/cancel"))


class Problem(Exception):
    """Error response (docs: Error codes).

    Attributes:
        status: HTTP status.
        code: Error code of the API.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code

    def body(self, method: str, path: str) -> Json:
        """Return the documented body for an operation."""
        error = {"code": self.code, "message": str(self)}
        is_nested = path.startswith(_NESTED_PATHS) and not any(
            method == flat and fnmatchcase(path, pattern) for flat, pattern in _FLAT_OPERATIONS
        )
        return {"error": error} if is_nested else error


def invalid(parameter: str, reason: str) -> Problem:
    """Return the error for an invalid value; *reason* completes "it …"."""
    return Problem(400, "parameter_invalid", f"The {parameter} parameter is invalid: it {reason}.")


def not_ready(kind: str, identifier: str, status: str) -> str:
    """Return the message about a resource that is not ready, or has failed."""
    advice = "Its error says why." if status == "failed" else "Retrieve it until its status is ready, then try again."
    if kind == "asset" and status == "processing":
        advice += " An emulator with processing_time=0 needs no such wait."
    return f"The {kind} {identifier} is {status}. {advice}"


def missing(parameter: str) -> Problem:
    """Return the error for a required parameter that is absent."""
    return Problem(400, "parameter_not_provided", f"The {parameter} parameter is required but was not provided.")
