"""The blocking twin of `twelvelabs_async.resources.multipart_upload`."""

from __future__ import annotations

from typing import Final

from ..resources._raw import Blocked
from ..resources.multipart_upload import AsyncMultipartUpload, RawMultipartUpload
from ._pager import blocking_pager
from ._twin import BlockingResource, blocking


class MultipartUpload(BlockingResource[AsyncMultipartUpload]):
    """Upload files in parts: at once by `upload_file`, or step by step."""

    with_raw_response: RawMultipartUpload[Blocked]

    create: Final = blocking(AsyncMultipartUpload.create)
    get_additional_presigned_urls: Final = blocking(AsyncMultipartUpload.get_additional_presigned_urls)
    get_status: Final = blocking_pager(AsyncMultipartUpload.get_status)
    list_incomplete_uploads: Final = blocking_pager(AsyncMultipartUpload.list_incomplete_uploads)
    retrieve: Final = blocking(AsyncMultipartUpload.retrieve)
    report_chunk_batch: Final = blocking(AsyncMultipartUpload.report_chunk_batch)
    upload_file: Final = blocking(AsyncMultipartUpload.upload_file)
    wait_for_upload_completion: Final = blocking(AsyncMultipartUpload.wait_for_upload_completion)
    wait_until_ready: Final = blocking(AsyncMultipartUpload.wait_until_ready)
