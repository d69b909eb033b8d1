"""Upload files in all the forms that programs have them."""

import os
from pathlib import Path

from twelvelabs import TwelveLabs
from twelvelabs.types import AssetDetail
from twelvelabs.wrapper.multipart_upload_client_wrapper import UploadError, UploadProgress, UploadResult

CLIP = Path(os.environ["CLIP"])

client = TwelveLabs(api_key=os.environ["KEY"], base_url=os.environ["URL"])


def show(asset_id: str) -> None:
    asset: AssetDetail = client.assets.retrieve(asset_id=asset_id)
    print(asset.status, asset.filename, asset.file_type, asset.size, asset.method)


with CLIP.open("rb") as file:
    show(client.assets.create(method="direct", file=file).id)
with CLIP.open("rb") as file:
    show(client.assets.create(method="direct", file=("mine.mp4", file, "video/mp4"), filename="renamed.mp4").id)
show(client.assets.create(method="direct", file=("bytes.mp4", CLIP.read_bytes())).id)
show(client.assets.create(method="url", url="https://example.com/clip.mp4", user_metadata='{"a": 1}').id)

reports: list[UploadProgress] = []
result: UploadResult = client.multipart_upload.upload_file(
    file_path=str(CLIP), filename="large.mp4", file_type="video", batch_size=5, max_workers=2, max_retries=2,
    retry_delay=0.1, progress_callback=reports.append,
)  # fmt: skip
print(type(result).__name__, bool(result.asset_id))
print(reports[-1].percentage, reports[-1].completed_chunks == reports[-1].total_chunks, type(reports[-1]).__name__)
show(result.asset_id)
print(bool(client.multipart_upload.upload_file(CLIP).asset_id))
try:
    client.multipart_upload.upload_file("absent.mp4")
except FileNotFoundError:
    print("file not found")
except UploadError as error:
    print("upload error", error.message)
print(issubclass(UploadError, Exception), UploadError("no", chunk_index=3).chunk_index)

names = sorted(asset.filename for asset in client.assets.list())
print(names)
for asset in client.assets.list(filename="large.mp4"):
    client.assets.delete(asset.id)
print(len(list(client.assets.list())))
