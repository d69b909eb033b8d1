"""Tables: searches and embeddings as dicts, Arrow, pandas, numpy and HTML."""

from __future__ import annotations

import sys
from typing import Any

import numpy
import pyarrow
import pytest

from twelvelabs_async import (
    APIResponseError,
    AsyncTwelveLabs,
    EmbeddingResponse,
    EmbeddingSuccessResponse,
    EmbeddingTaskResponse,
    EmbedTasksRetrieveResponse,
    IndexedAssetDetailedEmbedding,
    IndexSchema,
    SearchResults,
    TwelveLabs,
    structure,
)
from twelvelabs_async.testing import Emulator

from support.samples import video

MATCHES = ["start", "end", "rank", "thumbnail_url", "transcription", "video_id", "user_metadata"]


@pytest.fixture
def query(emulator: Emulator, sync_client: TwelveLabs, index: IndexSchema) -> dict[str, Any]:
    """Arguments of a search that finds five videos with two clips each, on three pages."""
    for number in range(5):
        emulator.understand(f"{number}.mp4", transcription=[(0, 5, "a rocket"), (7, 12, "a rocket")])
        asset = sync_client.assets.upload(video(number), filename=f"{number}.mp4")
        emulator.advance(60)
        sync_client.indexes.indexed_assets.create(index.id, asset_id=asset.id, user_metadata={"number": number})
    emulator.advance(60)
    return {
        "index_id": index.id,
        "search_options": ["transcription"],
        "query_text": "a rocket",
        "page_limit": 2,
        "include_user_metadata": True,
    }


async def test_a_pager_makes_a_table_of_all_pages_with_a_row_for_each_clip(
    client: AsyncTwelveLabs, sync_client: TwelveLabs, query: dict[str, Any]
) -> None:
    by_clip = await client.search.query(**query).to_dicts()
    by_video = await client.search.query(**query, group_by="video").to_dicts()
    assert len(by_clip) == len(by_video) == 10
    assert {row["video_id"] for row in by_clip} == {row["video_id"] for row in by_video}
    assert sorted(by_clip, key=str) == sorted(by_video, key=str)

    blocking = sync_client.search.query(**query)
    assert blocking.to_dicts() == by_clip
    for table in (await client.search.query(**query).to_arrow(), blocking.to_arrow()):
        assert table.column_names == MATCHES
        assert table["rank"].to_pylist() == [row["rank"] for row in by_clip]
        assert '{"number": 0}' in table["user_metadata"].to_pylist()
    for frame in (await client.search.query(**query).to_pandas(), blocking.to_pandas()):
        assert list(frame.columns) == MATCHES
        assert list(frame["start"]) == [row["start"] for row in by_clip]


async def test_the_table_of_a_later_page_starts_there(sync_client: TwelveLabs, query: dict[str, Any]) -> None:
    following = sync_client.search.query(**query).next_page()
    assert following is not None
    assert len(following.to_dicts()) == 8


PAGES = [
    {"embedding": [0.5, -1, 2], "embedding_option": "visual", "start_page_number": 1},
    {"embedding": [0, 1, 1.5], "embedding_uncertainty": [0.25], "start_sec": 7, "chunk_index": 3},
]
EMBEDDINGS = [
    structure(
        {
            "model_name": "marengo3.0",
            "video_embedding": {
                "segments": [
                    {"float": [0.5, -1, 2], "start_offset_sec": 0, "end_offset_sec": 6.5, "embedding_scope": "clip"},
                    {"float": [0, 1, 1.5], "start_offset_sec": 6.5, "end_offset_sec": 9, "embedding_scope": "clip"},
                ]
            },
        },
        IndexedAssetDetailedEmbedding,
    ),
    structure(
        {
            "text_embedding": {"segments": [{"float": [0.5, -1, 2]}]},
            "audio_embedding": {"segments": [{"float": [0, 1, 1.5], "start_offset_sec": 0, "end_offset_sec": 6}]},
        },
        EmbeddingResponse,
    ),
    structure(
        {"video_embedding": {"segments": [{"float": [0.5, -1, 2]}, {"float": [0, 1, 1.5]}]}}, EmbedTasksRetrieveResponse
    ),
    structure({"data": PAGES}, EmbeddingSuccessResponse),
    structure({"data": PAGES}, EmbeddingTaskResponse),
]


@pytest.mark.parametrize("answer", EMBEDDINGS, ids=lambda answer: type(answer).__name__)
def test_embeddings_are_a_float32_matrix_and_a_column_of_fixed_size_lists(answer: Any) -> None:
    rows, matrix, table, frame = answer.to_dicts(), answer.to_numpy(), answer.to_arrow(), answer.to_pandas()
    [vector] = {"float", "embedding"} & rows[0].keys()
    assert matrix.dtype == numpy.float32
    assert matrix.tolist() == [[0.5, -1, 2], [0, 1, 1.5]]
    assert table.column_names == list(frame.columns) == list(rows[0])
    assert table.schema.field(vector).type == pyarrow.list_(pyarrow.float32(), 3)
    assert table.to_pylist() == rows == frame.astype(object).where(frame.notna(), None).to_dict("records")


@pytest.mark.parametrize("answer", [SearchResults(), *(structure({}, type(answer)) for answer in EMBEDDINGS)])
def test_a_table_without_rows_has_its_columns_with_their_types(answer: Any) -> None:
    assert answer.to_dicts() == []
    assert answer.to_arrow().num_rows == len(answer.to_pandas()) == 0
    assert answer.to_arrow().column_names == list(answer.to_pandas().columns) != []
    assert "null" not in map(str, answer.to_arrow().schema.types)
    assert "<th>" in answer._repr_html_()
    if not isinstance(answer, SearchResults):
        assert answer.to_numpy().shape == (0, 0)


ODD_TABLES: list[Any] = [
    structure({"data": [None, {"embedding": vector}, 5, {"embedding": [1, 2]}]}, EmbeddingSuccessResponse)
    for vector in (5, "x", [1], ["x"], [[1, 2]], {"a": 1}, [2**2000, 1])
]


@pytest.mark.parametrize("answer", ODD_TABLES)
def test_values_that_fit_no_table_are_an_error_and_stay_in_the_dicts(answer: Any) -> None:
    """The error says so."""
    assert len(answer.to_dicts()) == 2
    answer._repr_html_()
    with pytest.raises(APIResponseError, match=r"does not fit a table: .*to_dicts\(\) returns"):
        answer.to_numpy()


@pytest.mark.parametrize("body", [{"data": 5}, {"data": [5, None]}, {"data": {"a": 1}}])
def test_a_table_of_no_objects_has_no_rows(body: Any) -> None:
    for cls in (SearchResults, EmbeddingSuccessResponse, EmbeddingTaskResponse):
        assert structure(body, cls).to_dicts() == []
    assert structure({"video_embedding": body, "text_embedding": 5}, EmbeddingResponse).to_dicts() == []
    assert structure({"video_embedding": {"segments": 5}}, EmbedTasksRetrieveResponse).to_dicts() == []


def test_clips_of_a_video_get_its_id_and_metadata_in_the_table_only() -> None:
    found = structure({"data": [{"id": "v1", "user_metadata": {"a": 1}, "clips": [{"rank": 1}]}]}, SearchResults)
    assert [(row["video_id"], row["user_metadata"], row["rank"]) for row in found.to_dicts()] == [("v1", {"a": 1}, 1)]
    assert found.data[0].clips[0].video_id is None


def test_the_type_of_a_column_does_not_depend_on_its_values() -> None:
    odd = [{"start": 1, "user_metadata": {"a": 1}}, {"start": 1.5, "user_metadata": {"a": ["x"]}}, {}]
    table = structure({"data": odd}, SearchResults).to_arrow()
    assert table.schema.field("start").type == pyarrow.float64()
    assert table["user_metadata"].to_pylist() == ['{"a": 1}', '{"a": ["x"]}', None]


@pytest.mark.parametrize(
    ("method", "package", "how"),
    [
        ("to_numpy", "numpy", r"pip install 'twelvelabs_async\[data\]'"),
        ("to_arrow", "pyarrow", r"pip install 'twelvelabs_async\[data\]'"),
        ("to_pandas", "pandas", "pip install 'pandas'"),
    ],
)
def test_a_missing_package_is_an_error_with_the_command_that_installs_it(
    method: str, package: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=how) as caught:
        getattr(EMBEDDINGS[0], method)()
    assert caught.value.name == package
