"""Paths of requests."""

from __future__ import annotations

from urllib.parse import quote


def url_path(template: str, **ids: str) -> str:
    """Fill percent-encoded *ids* into *template*.

    Example:
        >>> url_path("/indexes/{index_id}", index_id="a/b")
        '/indexes/a%2Fb'

    Raises:
        TypeError: An id is not a string.
        ValueError: An id is empty, ``.`` or ``..``.
    """
    for name, value in ids.items():
        ids[name] = _quoted_id(name, value)
    return template.format_map(ids)


def require_ids(**ids: str) -> None:
    """Validate ids that later requests will use; raise as `url_path` does."""
    for name, value in ids.items():
        _quoted_id(name, value)


def _quoted_id(name: str, value: str) -> str:
    if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"{name} must be a str; got {type(value).__name__}: {value!r}.")
    if value.isalnum() and value.isascii():  # as ids are; quoting takes longer than the rest of this module
        return value
    if value.strip() in ("", ".", ".."):
        raise ValueError(f"{name} must be the id of a resource; got {value!r}.")
    return quote(value, safe="")
