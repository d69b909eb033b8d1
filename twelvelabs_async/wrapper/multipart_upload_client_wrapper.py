"""Official path of the client of multipart uploads, and of its results."""

from ..errors import UploadError
from ..models.multipart_upload import UploadProgress, UploadResult, UploadStatus
from ..options import OMIT
from ..resources.multipart_upload import AsyncMultipartUpload as AsyncMultipartUploadClientWrapper
from ..sync.multipart_upload import MultipartUpload as MultipartUploadClientWrapper

__all__ = [
    "OMIT", "AsyncMultipartUploadClientWrapper", "MultipartUploadClientWrapper", "UploadError", "UploadProgress",
    "UploadResult", "UploadStatus",
]  # fmt: skip
