"""Official path of errors, files, options, pagers and responses."""

from .._file_inputs import File
from .._http_responses import AsyncHttpResponse, HttpResponse
from .._pagination import AsyncPager
from .._sync_pager import SyncPager
from ..errors import ApiError
from ..models._base import Model as UniversalBaseModel
from ..models._base import Model as UniversalRootModel
from ..options import RequestOptions
from . import api_error as api_error
from . import request_options as request_options

__all__ = [
    "ApiError", "AsyncHttpResponse", "AsyncPager", "File", "HttpResponse", "RequestOptions", "SyncPager",
    "UniversalBaseModel", "UniversalRootModel",
]  # fmt: skip
