"""All text by which an exception can disclose a secret."""

from __future__ import annotations

import traceback


def disclosed_text(error: BaseException, *, variables: bool = False) -> str:
    """Return the messages, attributes, causes and tracebacks of *error*, as a logger may write them.

    Args:
        error: The exception.
        variables: Include the local variables of each frame, as error trackers do.
    """
    texts: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        texts += [str(seen), repr(seen), repr(seen.args), repr(vars(seen))]
        seen = seen.__cause__ or seen.__context__
    texts += traceback.TracebackException.from_exception(error, capture_locals=variables).format()
    return "\n".join(texts)
