"""Embed the objects of a bucket by two workers of Ray Data, into a table with a row for each vector.

Run ``python examples/ray_objects.py``, with ``pip install 'twelvelabs_async[ray]'``.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pyarrow
import pyarrow.parquet
import ray

from twelvelabs_async.ray import BulkWorker, SharedLimiter

from demo import platform


def presign(key: str) -> str:
    """Return a URL of an object that is valid for a short time, such as one of ``s3.generate_presigned_url``."""
    return f"https://bucket.example.com/{key}?X-Amz-Expires=3600&X-Amz-Date={time.time():.0f}&X-Amz-Signature=secret"


def main(listing: Path, vectors: Path) -> None:
    objects = ray.data.read_parquet(str(listing)).repartition(4)
    embedded = objects.map_batches(
        BulkWorker,
        fn_constructor_kwargs={
            "operation": "embed",
            "model_name": "marengo3.0",
            "video": {"embedding_option": ["visual"], "embedding_scope": ["clip"]},
            "key": "object",
            "presign": presign,
            "limiter": SharedLimiter(),
        },
        compute=ray.data.ActorPoolStrategy(size=2),
        num_cpus=0,
        batch_size=25,
        batch_format="pyarrow",
    )
    embedded.write_parquet(str(vectors))  # or `write_lance`, with `pip install pylance`


if __name__ == "__main__":
    folder = Path(tempfile.mkdtemp())
    listing, vectors = folder / "listing.parquet", folder / "vectors"
    pyarrow.parquet.write_table(pyarrow.table({"object": [f"talks/{number}.mp4" for number in range(20)]}), listing)
    with platform():
        ray.init(log_to_driver=False)
        main(listing, vectors)
        ray.shutdown()
    table = pyarrow.parquet.read_table(vectors)
    print(len(set(table["object"].to_pylist())), "objects,", len(table), "vectors of the type", table["vector"].type)
