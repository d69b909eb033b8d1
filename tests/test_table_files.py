"""Tables in files: CSV, JSON Lines and Parquet, written some rows at a time, complete or not at all."""

from __future__ import annotations

import asyncio
import csv
import dataclasses
import io
import json
import os
import stat
import sys
import threading
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pandas
import polars
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twelvelabs_async import (
    APIError,
    APIResponseError,
    Asset,
    AsyncTwelveLabs,
    EmbeddingData,
    SearchItem,
    TwelveLabs,
    structure,
    tabulate,
)
from twelvelabs_async.models import _table_files
from twelvelabs_async.testing import Emulator

from support.samples import video

TEXT = st.text(st.characters(codec="utf-8"))
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)


@dataclasses.dataclass
class Row:
    text: str | None
    whole: int | None
    number: float | None
    flag: bool | None
    at: datetime | None
    texts: list[str] | None
    free: dict[str, Any] | None


ROWS = st.lists(
    st.builds(
        Row,
        st.none() | TEXT,
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | st.floats(allow_nan=False),
        st.none() | st.booleans(),
        st.none() | st.datetimes(timezones=st.just(UTC)),
        st.none() | st.lists(TEXT, max_size=3),
        st.none() | st.dictionaries(TEXT, PLAIN, max_size=3),
    ),
    min_size=1,
    max_size=5,
)


def written(rows: list[Any], method: str) -> bytes:
    file = io.BytesIO()
    getattr(tabulate(rows), method)(file)
    return file.getvalue()


@settings(max_examples=25)
@given(ROWS)
def test_parquet_returns_the_rows_that_were_written(rows: list[Row]) -> None:
    table = pyarrow.parquet.read_table(io.BytesIO(written(rows, "to_parquet")))
    assert table.schema == tabulate(rows).to_arrow().schema
    found = [{**row, "free": row["free"] and json.loads(row["free"])} for row in table.to_pylist()]
    assert found == [
        {**row, "free": row["free"] and json.loads(json.dumps(row["free"]))} for row in tabulate(rows).to_dicts()
    ]


@settings(max_examples=25)
@given(ROWS)
def test_json_lines_return_the_dicts(rows: list[Row]) -> None:
    lines = written(rows, "to_jsonl").decode().removesuffix("\n").split("\n")
    found = [json.loads(line) for line in lines]
    for row in found:
        row["at"] = row["at"] and datetime.fromisoformat(row["at"])
    finite = [
        {**row, "number": None if row["number"] in (float("inf"), float("-inf")) else row["number"]}
        for row in tabulate(rows).to_dicts()
    ]
    assert found == finite


@settings(max_examples=25)
@given(ROWS)
def test_csv_returns_texts_with_quotes_commas_and_line_breaks(rows: list[Row]) -> None:
    text = written(rows, "to_csv").decode()
    found = [*csv.DictReader(io.StringIO(text, newline=""))]
    assert [row["text"] for row in found] == [row.text or "" for row in rows]
    assert [row["whole"] for row in found] == ["" if row.whole is None else f"{row.whole}" for row in rows]
    assert [row["number"] and float(row["number"]) for row in found] == [
        "" if row.number is None else row.number for row in rows
    ]
    for row, cells in zip(rows, found, strict=True):
        assert (json.loads(cells["texts"]) if cells["texts"] else None) == row.texts
        assert (json.loads(cells["free"]) if cells["free"] else None) == row.free


ODD = Asset(
    id="a1",
    filename='=HYPERLINK("x"), \r\n"quoted"',
    created_at=datetime(2026, 5, 1, 12, tzinfo=UTC),
    user_metadata={"名": ["a", "b"]},
)


def test_a_csv_file_has_a_header_and_values_as_they_are() -> None:
    """Pandas and polars read it: nothing is changed for spreadsheets."""
    text = written([ODD], "to_csv").decode()
    assert text == (
        "id,method,status,filename,file_type,created_at,user_metadata,source_type,source_details_provider,"
        "source_details_source_id,source_details_source_link,source_details_original_filename\r\n"
        'a1,,,"=HYPERLINK(""x""), \r\n""quoted""",,2026-05-01T12:00:00Z,"{""名"": [""a"", ""b""]}",,,,,\r\n'
    )
    for frame in (pandas.read_csv(io.StringIO(text, newline="")), polars.read_csv(text.encode())):
        assert frame["filename"][0] == ODD.filename
        assert json.loads(frame["user_metadata"][0]) == ODD.user_metadata


def test_booleans_and_lists_of_objects_are_json_in_a_csv_file() -> None:
    @dataclasses.dataclass
    class Flag:
        is_set: bool
        at: datetime

    Listed = dataclasses.make_dataclass("Listed", [("flags", list[Flag]), ("is_set", bool)])
    text = written([Listed([Flag(True, datetime(2026, 5, 1, tzinfo=UTC))], False)], "to_csv").decode()
    assert text.splitlines()[1] == '"[{""is_set"": true, ""at"": ""2026-05-01T00:00:00Z""}]",false'


def test_names_that_are_no_text_are_escaped_in_every_form_but_dicts() -> None:
    """Names of files have lone surrogates in the place of bytes that are not UTF-8."""
    name = os.fsdecode(b"\xff.mp4")
    table = tabulate([Asset(id="a1", filename=name, user_metadata={"name": name})])
    assert table.to_dicts()[0]["filename"] == name
    escaped = r"\udcff.mp4"
    [line] = written([Asset(id="a1", filename=name, user_metadata={"name": name})], "to_jsonl").splitlines()
    frames = [
        table.to_pandas(),
        table.to_polars(),
        table.to_arrow().to_pandas(),
        polars.read_ndjson(line),
        pandas.DataFrame([json.loads(line)]),
        polars.read_csv(written([Asset(id="a1", filename=name)], "to_csv")),
        polars.read_parquet(written([Asset(id="a1", filename=name)], "to_parquet")),
    ]
    assert [frame["filename"][0] for frame in frames] == [escaped] * len(frames)
    assert json.loads(table.to_arrow()["user_metadata"][0].as_py()) == {"name": escaped}


def test_parquet_has_vectors_of_a_fixed_size_in_groups_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_table_files, "ROW_GROUP_ROWS", 2)
    rows = [EmbeddingData(embedding=[n, 0.5]) for n in range(5)]
    file = pyarrow.parquet.ParquetFile(io.BytesIO(_in_pages(rows)))
    assert file.schema_arrow.field("embedding").type == pyarrow.list_(pyarrow.float32(), 2)
    assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == [2, 2, 1]
    assert file.read()["embedding"].to_pylist() == [[n, 0.5] for n in range(5)]


def test_parquet_with_missing_vectors_can_be_read_by_all_versions() -> None:
    """Older ones cannot read lists of a fixed size that are null."""
    rows = [EmbeddingData(embedding=[0, 0.5]), structure({}, EmbeddingData)]
    table = pyarrow.parquet.read_table(io.BytesIO(_in_pages(rows)))
    assert table["embedding"].to_pylist() == [[0, 0.5], None]


def _in_pages(rows: list[Any]) -> bytes:
    file = io.BytesIO()
    table = _table_files.TableFile(file, _table_files.Parquet(tabulate(rows).__columns__()))
    for row in rows:
        table.write([row])
    table.commit()
    return file.getvalue()


def test_a_later_vector_of_another_size_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_table_files, "ROW_GROUP_ROWS", 1)
    with pytest.raises(APIResponseError, match="does not fit a table"):
        _in_pages([EmbeddingData(embedding=[1, 2]), EmbeddingData(embedding=[1, 2, 3])])


@pytest.fixture
def assets(emulator: Emulator, sync_client: TwelveLabs) -> list[str]:
    """Names of five assets, of which two are on a page."""
    for number in range(5):
        sync_client.assets.upload(video(number), filename=f"{number}.mp4")
    return [f"{number}.mp4" for number in range(5)]


READERS = {
    "to_csv": lambda path: polars.read_csv(path)["filename"].to_list(),
    "to_jsonl": lambda path: [json.loads(line)["filename"] for line in path.read_text().splitlines()],
    "to_parquet": lambda path: polars.read_parquet(path)["filename"].to_list(),
}


@pytest.mark.parametrize("method", READERS)
async def test_lists_are_written_page_by_page(
    client: AsyncTwelveLabs, sync_client: TwelveLabs, assets: list[str], tmp_path: Path, method: str
) -> None:
    await getattr(client.assets.list(page_limit=2), method)(tmp_path / "a")
    getattr(sync_client.assets.list(page_limit=2), method)(str(tmp_path / "b"))
    for name in ("a", "b"):
        assert sorted(READERS[method](tmp_path / name)) == assets
    assert sorted(os.listdir(tmp_path)) == ["a", "b"]


async def test_lists_convert_to_frames(client: AsyncTwelveLabs, sync_client: TwelveLabs, assets: list[str]) -> None:
    for frame in (
        await client.assets.list(page_limit=2).to_pandas(),
        await client.assets.list(page_limit=2).to_polars(),
        sync_client.assets.list(page_limit=2).to_pandas(),
        sync_client.assets.list(page_limit=2).to_polars(),
        polars.DataFrame(await client.assets.list(page_limit=2).to_dicts()),
    ):
        assert sorted(frame["filename"]) == assets
    empty = await client.indexes.list().to_polars()
    assert empty.height == 0
    assert "index_name" in empty.columns


async def test_the_items_of_a_page_are_a_table(client: AsyncTwelveLabs, assets: list[str]) -> None:
    page = await client.assets.list(page_limit=2)
    assert tabulate(page.items or []).to_polars().height == 2
    assert page._repr_html_().count("<tr>") == 3
    assert "technical_metadata" not in page._repr_html_()


async def test_a_file_appears_only_when_it_is_complete(
    client: AsyncTwelveLabs, sync_client: TwelveLabs, emulator: Emulator, assets: list[str], tmp_path: Path
) -> None:
    """Until then, the former file stays, and nothing is left of the new one."""
    path = tmp_path / "assets.csv"
    path.write_text("before")
    for skip, write in (
        (1, client.assets.list(page_limit=2).to_csv),
        (0, partial(asyncio.to_thread, sync_client.assets.list(page_limit=2).to_csv)),  # which has its first page
    ):
        emulator.fail("GET", "/assets", status=403, skip=skip)
        with pytest.raises(APIError):
            await write(path)
        assert path.read_text() == "before"
        assert os.listdir(tmp_path) == ["assets.csv"]


async def test_a_cancelled_export_leaves_nothing_behind(
    client: AsyncTwelveLabs, assets: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, may_continue = asyncio.Event(), threading.Event()
    loop, write = asyncio.get_running_loop(), _table_files.TableFile.write

    def slow_write(self: Any, items: Any) -> None:
        loop.call_soon_threadsafe(started.set)
        may_continue.wait(10)
        write(self, items)

    monkeypatch.setattr(_table_files.TableFile, "write", slow_write)
    export = asyncio.create_task(client.assets.list(page_limit=2).to_csv(tmp_path / "assets.csv"))
    await started.wait()
    export.cancel()
    loop.call_later(0, may_continue.set)
    with pytest.raises(asyncio.CancelledError):
        await export
    assert os.listdir(tmp_path) == []


async def test_what_is_missing_is_reported_before_the_first_request(
    client: AsyncTwelveLabs, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(emulator.requests)
    with pytest.raises(FileNotFoundError, match=r"assets\.csv"):
        await client.assets.list().to_csv(tmp_path / "missing" / "assets.csv")
    for wrong in (io.StringIO(), None):
        with pytest.raises(TypeError, match="file must be a path or an open binary file"):
            await client.assets.list().to_jsonl(wrong)  # type: ignore[arg-type]
    for package, how in (("pyarrow", r"twelvelabs_async\[data\]"), ("polars", "polars"), ("pandas", "pandas")):
        monkeypatch.setitem(sys.modules, package, None)
        calls = {"pyarrow": ["to_arrow", "to_polars"], "polars": ["to_polars"], "pandas": ["to_pandas"]}[package]
        for call in calls:
            with pytest.raises(ImportError, match=f"pip install '{how}'"):
                await getattr(client.assets.list(), call)()
    with pytest.raises(ImportError, match="pyarrow is not installed"):
        await client.assets.list().to_parquet(tmp_path / "assets.parquet")
    assert os.listdir(tmp_path) == []
    assert len(emulator.requests) == before


def test_dicts_csv_and_json_lines_need_no_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("numpy", "pandas", "polars", "pyarrow"):
        monkeypatch.setitem(sys.modules, package, None)
    table = tabulate([ODD])
    table.to_csv(tmp_path / "a.csv")
    table.to_jsonl(tmp_path / "a.jsonl")
    assert len(table.to_dicts()) == len((tmp_path / "a.jsonl").read_text().splitlines()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs modes of files, symbolic links and named pipes")
def test_a_file_keeps_its_mode_and_its_links_and_a_pipe_is_written_to(tmp_path: Path) -> None:
    table = tabulate([SearchItem(video_id="v", start=1.5)])
    target, link, pipe = tmp_path / "target.csv", tmp_path / "link.csv", tmp_path / "pipe"
    target.write_text("before")
    target.chmod(0o640)
    link.symlink_to(target)
    table.to_csv(link)
    assert link.is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert target.read_text().startswith("start,end")
    os.mkfifo(pipe)
    reading: list[bytes] = []
    reader = threading.Thread(target=lambda: reading.append(pipe.read_bytes()))
    reader.start()
    table.to_csv(pipe)
    reader.join()
    assert reading == [target.read_bytes()]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
