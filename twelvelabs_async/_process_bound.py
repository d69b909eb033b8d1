"""The base of the objects that use connections."""

from __future__ import annotations

from typing import Never


class ProcessBound:
    """An object that uses connections, which no other process and no copy can share."""

    def __reduce_ex__(self, _: object) -> Never:
        raise TypeError(
            f"{type(self).__name__} has no pickled form and no copy, since it uses connections of this process. "
            "Create a client in each process, and pass ids and models between them."
        )
