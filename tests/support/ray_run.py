"""A process that embeds objects on a Ray cluster, to be killed by tests: ``ray_run LISTING TABLE FOLDER``.

The workers leave a file with their process id in the folder.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import ray

from twelvelabs_async.ray import BulkWorker, SharedLimiter

WORKERS = 3
BATCH = 25


def presign(key: str) -> str:
    """Return a URL that no other call returns."""
    return f"https://bucket.example.com/{key}?X-Amz-Date={time.time_ns()}&X-Amz-Signature=5ec8e7{time.time_ns()}"


class ListedWorker(BulkWorker):
    """A worker that can be found."""

    def __init__(self, folder: str, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        Path(folder, f"{os.getpid()}").touch()


def main(listing: str, table: str, folder: str) -> None:
    """Embed the objects of a listing, and write a Lance table with a row for each vector."""
    api = {name: value for name, value in os.environ.items() if name.startswith("TWELVELABS_")}
    ray.init(
        address=os.environ["RAY_ADDRESS"],
        runtime_env={"env_vars": api},
        log_to_driver=False,
        logging_level="error",
    )
    objects = ray.data.read_parquet(listing).repartition(4 * WORKERS)
    embedded = objects.map_batches(
        ListedWorker,
        fn_constructor_args=[folder],
        fn_constructor_kwargs={
            "operation": "embed",
            "model_name": "marengo3.0",
            "video": {"embedding_option": ["visual"], "embedding_scope": ["asset"]},
            "key": "object",
            "presign": presign,
            "limiter": SharedLimiter(),
            "interval": 0.1,
        },
        compute=ray.data.ActorPoolStrategy(size=WORKERS),
        num_cpus=0,
        batch_size=BATCH,
        batch_format="pyarrow",
    )
    embedded.write_lance(table)


if __name__ == "__main__":
    main(*sys.argv[1:])
