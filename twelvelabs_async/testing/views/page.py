"""Pages of lists."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

from ..problem import Json
from ..requests.common import Page

T = TypeVar("T")


def page(request: Page, items: Sequence[T], view: Callable[[T], Json], *, field: str = "data") -> Json:
    """Return one page of a list, with the items in *field*. Only its items are rendered."""
    first = (request.page - 1) * request.page_limit
    info = {
        "limit_per_page": request.page_limit,
        "page": request.page,
        "total_page": math.ceil(len(items) / request.page_limit),
        "total_results": len(items),
    }
    return {field: [view(item) for item in items[first : first + request.page_limit]], "page_info": info}
