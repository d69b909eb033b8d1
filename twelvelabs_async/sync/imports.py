"""The blocking twin of `twelvelabs_async.resources.imports`."""

from __future__ import annotations

from typing import Final

from ..resources.imports import AsyncImports
from ._pager import blocking_pager
from ._twin import Blocking, blocking


class Imports(Blocking[AsyncImports]):
    """Import files of connected accounts, wait for them, list and retrieve imports."""

    import_files: Final = blocking(AsyncImports.import_files)
    import_files_and_wait: Final = blocking(AsyncImports.import_files_and_wait)
    list_imports: Final = blocking_pager(AsyncImports.list_imports)
    retrieve_import: Final = blocking(AsyncImports.retrieve_import)
    wait_until_ready: Final = blocking(AsyncImports.wait_until_ready)
