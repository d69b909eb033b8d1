"""Sinks: each row of a bulk run exactly once, in the table of the caller's choice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import AsyncTwelveLabs, LanceSink, ParquetSink, SinkError, TwelveLabsError
from twelvelabs_async.bulk.sinks import parquet as parquet_sink
from twelvelabs_async.testing import Emulator
from twelvelabs_async.testing.content import Content

from support.bulk import finish, statuses, url, write_recording
from support.samples import MODELS

arrow = pytest.importorskip("pyarrow", reason="sinks need the extra data")
parquet = pytest.importorskip("pyarrow.parquet")

DAY = 24 * 3600.0
EMBED: dict[str, Any] = {"model_name": "marengo3.0"}

pytestmark = [
    pytest.mark.usefixtures("autojump_clock"),
    pytest.mark.emulator(processing_time=1, indexing_time=4, analysis_time=4, embedding_time=2),
]


class Place:
    """Where a test writes: sinks for it, each as of a new run, and its rows."""

    def __init__(self, kind: str, folder: Path) -> None:
        self._kind, self.folder = kind, folder

    def sink(self) -> Any:
        return ParquetSink(self.folder) if self._kind == "parquet" else LanceSink(self.folder, table="clips")

    def table(self) -> Any:
        if self._kind == "parquet":
            return parquet.read_table(self.folder)
        import lance

        return lance.dataset(self.folder / "clips.lance").to_table()

    def rows(self) -> list[dict[str, Any]]:
        """Return all rows in an order that does not depend on commits."""
        return sorted(self.table().to_pylist(), key=lambda row: (row["key"], row["row"]))


@pytest.fixture(params=["parquet", "lance"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "lance":
        pytest.importorskip("lance", reason="needs the extra lance")
    return Place(request.param, tmp_path / "table")


def urls(count: int) -> list[str]:
    return [url(number) for number in range(count)]


def files_of(folder: Path) -> list[str]:
    return sorted({path.name for path in folder.iterdir()} - {".lock"})


def rows_of(rows: Iterable[dict[str, Any]]) -> Counter[str]:
    return Counter(row["source"] for row in rows)


async def test_embeddings_are_rows_with_fixed_size_vectors(client: AsyncTwelveLabs, place: Place) -> None:
    sources: Any = [(url(0), {"shelf": 7}), url(1)]
    outcomes = await finish(client.bulk.embed(sources, **EMBED, sink=place.sink()))
    assert statuses(outcomes) == {"ready": 2}
    assert place.table().schema.field("vector").type == arrow.list_(arrow.float32(), 512)
    for outcome in outcomes.values():
        rows = [row for row in place.rows() if row["source"] == outcome.source]
        task = await client.embed.v_2.tasks.retrieve(str(outcome.task_id))
        assert [row["vector"] for row in rows] == task.to_arrow()["embedding"].to_pylist()
        assert [(row["start"], row["end"], row["option"], row["scope"]) for row in rows] == [
            (item.start_sec, item.end_sec, item.embedding_option, item.embedding_scope) for item in task.data or []
        ]
        assert {(row["asset_id"], row["task_id"], row["model"]) for row in rows} == {
            (outcome.asset_id, outcome.task_id, "marengo3.0")
        }
    assert {row["user_metadata"] for row in place.rows()} == {'{"shelf": 7}', None}


async def test_uncertainties_are_vectors_as_well(client: AsyncTwelveLabs, place: Place) -> None:
    run = client.bulk.embed(
        urls(1),
        model_name="marengo3.5",
        embedding_dimension=128,
        embedding_uncertainty=True,
        video={"embedding_scope": ["clip"]},
        sink=place.sink(),
    )
    [outcome] = (await finish(run)).values()
    assert outcome.error is None
    assert {(len(row["vector"]), len(row["uncertainty"])) for row in place.rows()} == {(128, 128)}


@dataclass
class Speaker:
    name: str


@dataclass
class Scene:
    title: str
    speakers: list[Speaker]


async def test_answers_are_rows_with_the_columns_of_a_class(client: AsyncTwelveLabs, place: Place) -> None:
    outcomes = await finish(client.bulk.analyze(urls(2), prompt="What happens?", into=Scene, sink=place.sink()))
    rows = {row["source"]: row for row in place.rows()}
    assert rows.keys() == {*urls(2)}
    for outcome in outcomes.values():
        row = rows[str(outcome.source)]
        assert outcome.result is not None
        answer = json.loads(outcome.result.data)
        assert (row["title"], row["speakers"]) == (answer["title"], answer["speakers"])
        assert (row["text"], row["finish_reason"]) == (outcome.result.data, outcome.result.finish_reason)
        assert (row["task_id"], row["output_tokens"]) == (outcome.task_id, outcome.result.usage.output_tokens)


async def test_an_answer_that_does_not_fit_its_class_is_kept_as_text(
    emulator: Emulator, client: AsyncTwelveLabs, place: Place
) -> None:
    emulator.understand("0.mp4", text="A long story. " * 1000)
    run = client.bulk.analyze(urls(1), prompt="?", into=Scene, max_tokens=512, sink=place.sink())
    [outcome] = (await finish(run)).values()
    assert (outcome.status, outcome.error) == ("ready", None)
    [row] = place.rows()
    assert outcome.result is not None
    assert (row["text"], row["finish_reason"]) == (outcome.result.data, "length")
    assert (row["title"], row["speakers"]) == (None, None)
    assert "cut off at max_tokens" in row["error"]


async def test_assets_and_indexed_assets_are_rows(client: AsyncTwelveLabs, tmp_path: Path) -> None:
    index = await client.indexes.ensure("library", models=MODELS[:1])
    indexed = await finish(client.bulk.index(str(index.id), urls(2), sink=ParquetSink(tmp_path / "indexed")))
    rows = {row["indexed_asset_id"]: row for row in parquet.read_table(tmp_path / "indexed").to_pylist()}
    assert rows.keys() == {outcome.indexed_asset_id for outcome in indexed.values()}
    assert {(row["status"], row["filename"]) for row in rows.values()} == {("ready", "0.mp4"), ("ready", "1.mp4")}
    uploaded = await finish(client.bulk.upload(urls(2), sink=ParquetSink(tmp_path / "assets")))
    rows = {row["asset_id"]: row for row in parquet.read_table(tmp_path / "assets").to_pylist()}
    assert rows.keys() == {outcome.asset_id for outcome in uploaded.values()}
    assert all(row["duration"] and row["status"] == "ready" for row in rows.values())


async def test_what_a_sink_has_is_not_requested_again(
    emulator: Emulator, client: AsyncTwelveLabs, place: Place
) -> None:
    await finish(client.bulk.embed(urls(3), **EMBED, sink=place.sink()))
    before, requests = place.rows(), len(emulator.requests)
    outcomes = await finish(client.bulk.embed(urls(3), **EMBED, sink=place.sink()))
    assert statuses(outcomes) == {"ready": 3}
    assert all(outcome.reused for outcome in outcomes.values())
    assert len(emulator.requests) == requests
    assert place.rows() == before


async def test_again_replaces_the_rows(emulator: Emulator, client: AsyncTwelveLabs, place: Place) -> None:
    await finish(client.bulk.embed(urls(3), **EMBED, sink=place.sink()))
    before = place.rows()
    outcomes = await finish(client.bulk.embed(urls(2), **EMBED, existing="again", sink=place.sink()))
    after = place.rows()
    assert rows_of(after) == rows_of(before)
    changed = {row["source"] for row, old in zip(after, before, strict=True) if row["task_id"] != old["task_id"]}
    assert changed == {outcome.source for outcome in outcomes.values()}


async def test_other_parameters_do_not_mix(client: AsyncTwelveLabs, place: Place) -> None:
    for scope in ("clip", "asset"):
        await finish(client.bulk.embed(urls(1), **EMBED, video={"embedding_scope": [scope]}, sink=place.sink()))
    rows = place.rows()
    assert len({row["key"] for row in rows}) == 2
    assert all(row["scope"] in row["job"] for row in rows)


def test_a_key_with_fewer_rows_leaves_none_of_the_old_ones(place: Place) -> None:
    schema = arrow.schema(
        [("key", arrow.string()), ("row", arrow.int64()), ("vector", arrow.list_(arrow.float32(), 2))]
    )

    def rows(**counts: int) -> Any:
        made = [{"key": key, "row": row, "vector": [row, row]} for key, count in counts.items() for row in range(count)]
        return arrow.Table.from_pylist(made, schema)

    def write(**counts: int) -> None:
        sink = place.sink()
        sink.open(schema)
        sink.write(list(counts), rows(**counts))

    write(a=3, b=2)
    write(a=1, c=2)
    assert Counter(row["key"] for row in place.rows()) == {"a": 1, "b": 2, "c": 2}
    write(b=0, a=2)
    assert Counter(row["key"] for row in place.rows()) == {"a": 2, "c": 2}
    assert "b" not in place.sink().open(schema)


def test_two_sinks_that_write_in_turn_have_each_key_once(place: Place) -> None:
    schema = arrow.schema([("key", arrow.string()), ("row", arrow.int64()), ("writer", arrow.int64())])
    sinks = [place.sink(), place.sink()]
    for sink in sinks:
        sink.open(schema)
    for number, sink in enumerate([*sinks, *sinks]):
        keys = [f"{key}" for key in range(number, number + 3)]
        sink.write(keys, arrow.table([keys, [0, 0, 0], [number] * 3], schema=schema))
    assert [(row["key"], row["writer"]) for row in place.rows()] == [
        ("0", 0), ("1", 1), ("2", 2), ("3", 3), ("4", 3), ("5", 3)
    ]  # fmt: skip


async def test_copies_of_a_file_have_the_rows_of_one_of_them(client: AsyncTwelveLabs, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_recording(tmp_path / f"{name}.wav", 5)
    sink = ParquetSink(tmp_path / "vectors")
    outcomes = await finish(client.bulk.embed([tmp_path / "a.wav", tmp_path / "b.wav"], **EMBED, sink=sink))
    assert statuses(outcomes) == {"ready": 2}
    table = parquet.read_table(tmp_path / "vectors")
    [source], [asset_id] = {*table["source"].to_pylist()}, {*table["asset_id"].to_pylist()}
    assert Path(source).name in ("a.wav", "b.wav")
    assert {outcome.asset_id for outcome in outcomes.values()} == {asset_id}
    assert {content.partition("-")[0] for content in table["content"].to_pylist()} == {"sha256"}


async def test_rows_that_a_sink_has_lost_are_restored_without_creating_anything(
    emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path
) -> None:
    index = await client.indexes.ensure("library", models=MODELS[:1])
    runs: dict[str, Callable[..., Any]] = {
        "embed": lambda **options: client.bulk.embed(urls(2), **EMBED, **options),
        "analyze": lambda **options: client.bulk.analyze(urls(2), prompt="?", **options),
        "index": lambda **options: client.bulk.index(str(index.id), urls(2), **options),
        "upload": lambda **options: client.bulk.upload(urls(2), **options),
    }
    for name, run in runs.items():
        journal = tmp_path / f"{name}.db"
        await finish(run(journal=journal))
        posts = Counter(request.method for request in emulator.requests)["POST"]
        outcomes = await finish(run(journal=journal, sink=ParquetSink(tmp_path / name)))
        assert statuses(outcomes) == {"ready": 2}, name
        assert {*rows_of(parquet.read_table(tmp_path / name).to_pylist())} == {*urls(2)}, name
        assert Counter(request.method for request in emulator.requests)["POST"] == posts, name


@pytest.mark.parametrize("has_journal", [True, False])
async def test_expired_embeddings_are_made_again_only_when_asked(
    emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path, has_journal: bool
) -> None:
    journal = tmp_path / "journal.db" if has_journal else None
    await finish(client.bulk.embed(urls(2), **EMBED, journal=journal))
    emulator.advance(8 * DAY)
    outcomes = await finish(client.bulk.embed(urls(2), **EMBED, journal=journal, sink=ParquetSink(tmp_path / "t")))
    assert statuses(outcomes) == {"failed": 2}
    assert all('existing="again"' in str(outcome.error) for outcome in outcomes.values())
    assert len(emulator.state.embedding_tasks) == 2
    run = client.bulk.embed(urls(2), **EMBED, journal=journal, existing="again", sink=ParquetSink(tmp_path / "t"))
    assert statuses(await finish(run)) == {"ready": 2}
    assert len(emulator.state.embedding_tasks) == 4
    assert {*rows_of(parquet.read_table(tmp_path / "t").to_pylist())} == {*urls(2)}
    run = client.bulk.embed(urls(2), **EMBED, journal=journal, existing="reuse", sink=ParquetSink(tmp_path / "t"))
    assert statuses(await finish(run)) == {"ready": 2}
    assert len(emulator.state.embedding_tasks) == 4


class ListSink:
    """A sink in memory, which fails when it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.rows: list[dict[str, Any]] = []
        self._failures = failures

    def open(self, schema: Any) -> set[str]:
        return {row["key"] for row in self.rows}

    def write(self, keys: Sequence[str], rows: Any) -> None:
        if self._failures:
            self._failures -= 1
            raise OSError(28, "No space left on device")
        self.rows = [row for row in self.rows if row["key"] not in keys] + rows.to_pylist()


@pytest.mark.parametrize("has_journal", [True, False])
async def test_a_sink_that_fails_ends_the_run_and_loses_nothing(
    emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path, has_journal: bool
) -> None:
    sink, journal = ListSink(failures=1), tmp_path / "journal.db" if has_journal else None
    with pytest.raises(SinkError, match="No space left on device"):
        await anext(client.bulk.embed(urls(5), **EMBED, journal=journal, sink=sink))
    assert not sink.rows
    assert statuses(await finish(client.bulk.embed(urls(5), **EMBED, journal=journal, sink=sink))) == {"ready": 5}
    assert {*rows_of(sink.rows)} == {*urls(5)}
    assert len(emulator.state.embedding_tasks) == 5


async def test_a_source_that_fails_has_no_rows(emulator: Emulator, client: AsyncTwelveLabs, place: Place) -> None:
    emulator.understand("1.mp4", fail="no picture", at="embedding")
    outcomes = await finish(client.bulk.embed(urls(3), **EMBED, sink=place.sink()))
    assert "no picture" in str(outcomes["1.mp4"].error)
    assert {*rows_of(place.rows())} == {url(0), url(2)}


async def test_a_response_that_does_not_fit_the_table_fails_its_source_alone(
    client: AsyncTwelveLabs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete = Content.embedding

    def embedding(content: Content, *settings: Any) -> list[float]:
        return complete(content, *settings)[: 1 if content.filename == "1.mp4" else None]

    monkeypatch.setattr(Content, "embedding", embedding)
    outcomes = await finish(client.bulk.embed(urls(3), **EMBED, sink=ParquetSink(tmp_path)))
    assert statuses(outcomes) == {"ready": 2, "failed": 1}
    assert "a vector has 1 numbers in the place of 512" in str(outcomes["1.mp4"].error)
    assert len(rows_of(parquet.read_table(tmp_path).to_pylist())) == 2


async def test_wrong_sinks_are_refused_before_anything_is_sent(
    emulator: Emulator, client: AsyncTwelveLabs, place: Place
) -> None:
    with pytest.raises(TypeError, match=r"must be a sink, such as ParquetSink\(folder\); got 'vectors/'"):
        client.bulk.embed(urls(1), **EMBED, sink="vectors/")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"must be a sink, such as ParquetSink\(folder\); got <class"):
        client.bulk.embed(urls(1), **EMBED, sink=ParquetSink)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="table must have letters"):
        LanceSink("db", table="../clips")
    with pytest.raises(ValueError, match="local disk"):
        LanceSink("s3://bucket/db", table="clips")
    await finish(client.bulk.embed(urls(1), **EMBED, sink=place.sink()))
    requests = len(emulator.requests)
    with pytest.raises(SinkError, match="has other columns"):
        await finish(client.bulk.analyze(urls(1), prompt="?", sink=place.sink()))
    with pytest.raises(SinkError, match="has other columns"):
        await finish(client.bulk.embed(urls(1), model_name="marengo3.5", embedding_dimension=128, sink=place.sink()))

    @dataclass
    class Clashing:
        source: str
        answer_source: str

    with pytest.raises(ValueError, match="its own column 'answer_source'"):
        await finish(client.bulk.analyze(urls(1), prompt="?", into=Clashing, sink=place.sink()))
    place.folder.with_name("file").touch()
    with pytest.raises(SinkError, match="cannot be opened: FileExistsError"):
        await finish(client.bulk.embed(urls(1), **EMBED, sink=ParquetSink(place.folder.with_name("file"))))
    foreign = place.folder.with_name("foreign")
    foreign.mkdir()
    (foreign / "notes.parquet").write_text("notes")
    with pytest.raises(SinkError, match=r"notes\.parquet cannot be read as Parquet"):
        await finish(client.bulk.embed(urls(1), **EMBED, sink=ParquetSink(foreign)))
    assert len(emulator.requests) == requests


async def test_what_the_table_has_already_has_no_result_to_retrieve(
    emulator: Emulator, client: AsyncTwelveLabs, place: Place
) -> None:
    await finish(client.bulk.embed(urls(1), **EMBED, sink=place.sink()))
    requests = len(emulator.requests)
    run = client.bulk.embed(urls(1), **EMBED, sink=place.sink())
    [outcome] = [outcome async for outcome in run]
    with pytest.raises(TwelveLabsError, match="are in the table"):
        await run.retrieve_result(outcome)
    assert len(emulator.requests) == requests


async def test_small_commits_fill_one_file_until_it_is_large(
    client: AsyncTwelveLabs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        await finish(client.bulk.embed([url(number)], **EMBED, sink=ParquetSink(tmp_path)))
    assert len(files_of(tmp_path)) == 1
    monkeypatch.setattr(parquet_sink, "MAX_APPENDED_BYTES", 1)
    await finish(client.bulk.embed([url(4)], **EMBED, sink=ParquetSink(tmp_path)))
    assert len(files_of(tmp_path)) == 2
    assert {*rows_of(parquet.read_table(tmp_path).to_pylist())} == {*urls(5)}


async def test_what_an_interrupted_commit_has_left_is_removed_and_never_read(
    client: AsyncTwelveLabs, tmp_path: Path
) -> None:
    (tmp_path / ".0.parquet.tmp").write_bytes(b"half a file")
    await finish(client.bulk.embed(urls(1), **EMBED, sink=ParquetSink(tmp_path)))
    [name] = files_of(tmp_path)
    assert name.endswith(".parquet")


async def test_a_stopped_run_commits_the_sources_in_progress(client: AsyncTwelveLabs, place: Place) -> None:
    run = client.bulk.embed(urls(50), **EMBED, concurrency=2, upload_concurrency=2, sink=place.sink())
    outcomes = []
    async for outcome in run:
        outcomes.append(outcome)
        run.stop()
    assert 0 < len(outcomes) < 50
    assert {*rows_of(place.rows())} == {outcome.source for outcome in outcomes}


@pytest.mark.timeout(300)
def test_the_recipes_run() -> None:
    for package in ("duckdb", "qdrant_client"):
        pytest.importorskip(package, reason="needs tox -e sinks")
    program = Path(__file__).parent.parent / "examples" / "sinks.py"
    environment = {name: value for name, value in os.environ.items() if "TWELVE" not in name}
    ended = subprocess.run([sys.executable, program], env=environment, capture_output=True, text=True, timeout=250)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count(" ready") == 4
