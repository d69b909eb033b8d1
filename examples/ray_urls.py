"""Index the URLs in a parquet file by two workers of Ray Data.

On a cluster, there can be many workers on many machines.

Run ``python examples/ray_urls.py [FILE]``, with ``pip install 'twelvelabs_async[ray]'``. The file has a column ``url``.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pyarrow
import pyarrow.parquet
import ray

from twelvelabs_async import TwelveLabs
from twelvelabs_async.ray import BulkWorker, SharedLimiter

from demo import MODELS, platform


def main(file: Path) -> None:
    with TwelveLabs() as client:
        index = client.indexes.ensure("ray", models=MODELS)
    urls = ray.data.read_parquet(str(file)).repartition(8)
    limiter = SharedLimiter({"assets": 600, "indexing": 600})
    indexed = urls.map_batches(
        BulkWorker,
        fn_constructor_kwargs={"operation": "index", "index_id": index.id, "limiter": limiter},
        compute=ray.data.ActorPoolStrategy(size=2),
        num_cpus=0,  # workers mostly wait; with more, reading the file may find no free CPU and never start
        batch_size=25,
        batch_format="pyarrow",
    )
    indexed.write_parquet(str(file.with_suffix(".indexed")), mode="overwrite")


def write_list(file: Path) -> None:
    """Write a list of URLs, one of them invalid."""
    urls = [f"https://example.com/{number}.mp4" for number in range(60)]
    pyarrow.parquet.write_table(pyarrow.table({"url": [*urls, "nowhere"]}), file)


if __name__ == "__main__":
    file = Path(sys.argv[1] if len(sys.argv) > 1 else f"{tempfile.mkdtemp()}/urls.parquet")
    if not file.exists():
        write_list(file)
    with platform():
        ray.init(log_to_driver=False)
        main(file)
        ray.shutdown()
    results = pyarrow.parquet.read_table(file.with_suffix(".indexed"))
    for row in results.to_pylist():
        print(row["url"], row["status"], row["indexed_asset_id"], row["error"] or "")
