"""Embed the clips of a folder into Parquet, which DuckDB queries, and into Qdrant.

Run ``python examples/sinks.py``, with ``pip install 'twelvelabs_async[data]' duckdb qdrant-client``.
"""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path
from typing import Any

import duckdb
from qdrant_client import QdrantClient, models

from twelvelabs_async import ParquetSink, TwelveLabs

from demo import platform


def query_with_duckdb(folder: str, vector: list[float]) -> Any:
    """Return the clips that are next to a vector."""
    return duckdb.execute(
        f"""
        SELECT source, start, "end", array_cosine_similarity(vector::FLOAT[512], ?::FLOAT[512]) AS score
        FROM '{folder}/*.parquet' ORDER BY score DESC LIMIT 5
        """,
        [vector],
    ).fetchall()


class QdrantSink:
    """Collection of Qdrant, with the vectors as points and the other columns as their payload."""

    def __init__(self, client: QdrantClient, collection: str) -> None:
        self.client, self.collection = client, collection

    def open(self, schema: Any) -> set[str]:
        if not self.client.collection_exists(self.collection):
            size = schema.field("vector").type.list_size
            vectors = models.VectorParams(size=size, distance=models.Distance.COSINE)
            self.client.create_collection(self.collection, vectors_config=vectors)
        points, _ = self.client.scroll(self.collection, limit=10_000_000, with_payload=["key", "last"])
        return {point.payload["key"] for point in points if point.payload["last"]}

    def write(self, keys: list[str], rows: Any) -> None:
        of_keys = models.FieldCondition(key="key", match=models.MatchAny(any=keys))
        self.client.delete(self.collection, models.Filter(must=[of_keys]))
        payloads = rows.drop_columns("vector").to_pylist()
        for payload, following in zip(payloads, [*payloads[1:], None], strict=True):
            payload["last"] = following is None or following["row"] == 0  # written last: the source is complete
        ids = [str(uuid.uuid5(uuid.NAMESPACE_OID, f"{row['key']} {row['row']}")) for row in payloads]
        vectors = rows["vector"].combine_chunks().flatten().to_numpy().reshape(len(rows), -1)
        self.client.upsert(self.collection, models.Batch(ids=ids, vectors=vectors.tolist(), payloads=payloads))


def main(folder: str) -> None:
    qdrant = QdrantClient(path=f"{folder}/qdrant")
    with TwelveLabs() as client:
        media = Path(__file__).parent / "media"
        for sink in (ParquetSink(f"{folder}/vectors"), QdrantSink(qdrant, "clips")):
            for outcome in client.bulk.embed(media, include="*.mp4", model_name="marengo3.0", sink=sink):
                print(outcome.source, outcome.status, outcome.error or "")
        [text] = client.embed.v_2.create(
            input_type="text", model_name="marengo3.0", text={"input_text": "a rocket takes off"}
        ).data
    print(query_with_duckdb(f"{folder}/vectors", text.embedding))
    print([point.payload for point in qdrant.query_points("clips", query=text.embedding, limit=5).points])
    qdrant.close()


if __name__ == "__main__":
    with platform(), tempfile.TemporaryDirectory() as folder:
        main(folder)
