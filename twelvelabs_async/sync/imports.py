"""The blocking twin of `twelvelabs_async.resources.imports`."""

from __future__ import annotations

from typing import Final

from ..resources._raw import Blocked
from ..resources.imports import AsyncImports, RawImports
from ._pager import blocking_pager
from ._twin import BlockingResource, blocking


class Imports(BlockingResource[AsyncImports]):
    """Import files of connected accounts, wait for them, list and retrieve imports."""

    with_raw_response: RawImports[Blocked]

    import_files: Final = blocking(AsyncImports.import_files)
    import_files_and_wait: Final = blocking(AsyncImports.import_files_and_wait)
    list_imports: Final = blocking_pager(AsyncImports.list_imports)
    retrieve_import: Final = blocking(AsyncImports.retrieve_import)
    wait_until_ready: Final = blocking(AsyncImports.wait_until_ready)
