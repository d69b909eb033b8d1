"""A journal is checked against the platform: a rerun reports nothing that is gone, and makes it again."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from twelvelabs_async import AsyncTwelveLabs, BadRequestError, IndexSchema, RejectedError, TwelveLabs, TwelveLabsError
from twelvelabs_async.bulk import AsyncRun, Event, Outcome, read_journal
from twelvelabs_async.testing import Emulator

from support.bulk import ANALYZE, DAY, EMBED, created, finish, statuses, url
from support.clients import Connect
from support.samples import MODELS, video

pytestmark = [
    pytest.mark.usefixtures("autojump_clock"),
    pytest.mark.emulator(processing_time=1, indexing_time=4, analysis_time=4, embedding_time=2),
]


def urls(count: int) -> list[str]:
    """Return the URLs of so many videos."""
    return [url(f"{number:04}") for number in range(count)]


def creations(emulator: Emulator) -> Counter[str]:
    """Return the number of creating requests by the ends of their paths."""
    return Counter(request.path.split("/")[-1] for request in emulator.requests if request.method == "POST")


def start(client: AsyncTwelveLabs, method: str, index_id: str, sources: Any, **options: Any) -> AsyncRun[Any]:
    """Start a run of a method."""
    if method == "index":
        return client.bulk.index(index_id, sources, **options)
    arguments = {"embed": EMBED, "analyze": ANALYZE}.get(method, {})
    return getattr(client.bulk, method)(sources, **arguments, **options)


@pytest.mark.parametrize(
    ("method", "workers", "few"),
    [("index", 1, 3), ("upload", 25, 3), ("upload", 1, 3), ("embed", 8, 2), ("analyze", 1, 0)],
)
async def test_a_rerun_over_a_finished_journal_reads_a_page_for_50_sources(
    emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, journal: Path, method: str, workers: int, few: int
) -> None:
    """A rerun over few sources of a large index does not read the index: it looks each of them up by its id."""
    options = {"concurrency": workers, "upload_concurrency": workers}
    first = await finish(start(client, method, index.id, urls(60), journal=journal))
    for sources, pages in ((urls(60), 2), (url("0042"), 2)):
        emulator.requests.clear()
        again = await finish(start(client, method, index.id, sources, journal=journal, **options))
        assert all(first[name].asset_id == outcome.asset_id for name, outcome in again.items())
        assert all(outcome.reused and outcome.replaces is None and not outcome.error for outcome in again.values())
        assert len(emulator.requests) <= pages + few


class TestGone:
    @pytest.mark.parametrize("what", ["indexed asset", "both"])
    async def test_what_was_deleted_from_an_index_is_indexed_again(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path, what: str
    ) -> None:
        first = await finish(client.bulk.index(index.id, folder, journal=journal))
        gone = first["b.mp4"]
        await client.indexes.indexed_assets.delete(index.id, str(gone.indexed_asset_id))
        if what == "both":
            await client.assets.delete(str(gone.asset_id))
        emulator.requests.clear()
        second = await finish(client.bulk.index(index.id, folder, journal=journal))
        assert created(emulator) == (4, 4)
        assert creations(emulator) == ({"assets": 1} if what == "both" else {}) | {"indexed-assets": 1}
        assert {name: outcome.replaces for name, outcome in second.items() if outcome.replaces} == {
            "b.mp4": gone.indexed_asset_id
        }
        assert [name for name, outcome in second.items() if not outcome.reused] == ["b.mp4"]
        assert second["b.mp4"].indexed_asset_id in emulator.indexed_assets
        third = await finish(client.bulk.index(index.id, folder, journal=journal))
        assert created(emulator) == (4, 4)
        assert not any(outcome.replaces for outcome in third.values())

    async def test_copies_of_what_was_deleted_are_one_again(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, tmp_path: Path, journal: Path
    ) -> None:
        """Their entries name the same objects, and so would vouch for each other."""
        folder = tmp_path / "copies"
        folder.mkdir()
        for name in "abcd":
            (folder / f"{name}.mp4").write_bytes(video())
        first = await finish(client.bulk.index(index.id, folder, journal=journal))
        await client.indexes.indexed_assets.delete(index.id, str(first["a.mp4"].indexed_asset_id))
        await client.assets.delete(str(first["a.mp4"].asset_id))
        (folder / "e.mp4").write_bytes(video())
        for workers in (1, 25):
            second = await finish(
                client.bulk.index(index.id, folder, journal=journal, concurrency=workers, upload_concurrency=workers)
            )
            assert statuses(second) == {"ready": 5}
            assert created(emulator) == (1, 1)
            assert {outcome.indexed_asset_id for outcome in second.values()} == set(emulator.indexed_assets)

    @pytest.mark.parametrize("method", ["upload", "embed", "analyze"])
    async def test_a_deleted_asset_is_uploaded_again_if_its_results_are_gone(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path, method: str
    ) -> None:
        """The journal has the results of analyses."""
        first = await finish(start(client, method, index.id, folder, journal=journal))
        await client.assets.delete(str(first["b.mp4"].asset_id))
        emulator.requests.clear()
        second = await finish(start(client, method, index.id, folder, journal=journal))
        assert statuses(second) == {"ready": 4}
        assert creations(emulator) == ({"assets": 1} if method == "upload" else {})
        assert (second["b.mp4"].replaces == first["b.mp4"].asset_id) == (method == "upload")

    @pytest.mark.parametrize("method", ["index", "upload", "embed", "analyze", "delete"])
    async def test_a_platform_without_anything_is_filled_again(
        self, connect: Connect, folder: Path, journal: Path, method: str
    ) -> None:
        """An emulator that was restarted has an index with the same id, and none of the objects."""
        runs = list[dict[str, Outcome[Any]]]()
        for _ in range(2):
            with Emulator(speed=0, processing_time=1, indexing_time=4, analysis_time=4, embedding_time=2) as emulator:
                async with connect(emulator) as client:
                    index = await client.indexes.ensure("tests", models=MODELS)
                    if runs:  # ids that the first run knows, for other contents
                        for number in range(4):
                            asset = await client.assets.create_and_wait(url(number))
                            await client.indexes.indexed_assets.create(index.id, asset_id=asset.id)
                    sources: Any = folder
                    if method == "delete":
                        sources = [f"{number:024}" for number in range(4)]
                    runs.append(await finish(start(client, method, index.id, sources, journal=journal)))
                    counts = creations(emulator)
        first, second = runs
        assert statuses(second) == statuses(first) == {"failed" if method == "delete" else "ready": 4}
        if method == "analyze":
            assert counts["assets"] == 4  # the others
            assert {name: outcome.result for name, outcome in second.items()} == {
                name: outcome.result for name, outcome in first.items()
            }
        elif method != "delete":
            assert counts["assets"] == 4 + 4
            assert {outcome.asset_id: name for name, outcome in second.items()} == {
                asset.id: asset.filename for asset in emulator.assets.values() if asset.filename in second
            }

    async def test_an_index_that_was_deleted_ends_the_run(
        self, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        await finish(client.bulk.index(index.id, folder, journal=journal))
        await client.indexes.delete(index.id)
        with pytest.raises(BadRequestError, match="resource_not_exist"):
            await finish(client.bulk.index(index.id, folder, journal=journal))

    async def test_expired_embeddings_are_reported_and_made_again_on_demand(
        self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path, journal: Path
    ) -> None:
        """The journal no longer counts them as ready."""
        first = await finish(client.bulk.embed(folder, journal=journal, **EMBED))
        emulator.advance(8 * DAY)
        emulator.requests.clear()
        expired = await finish(client.bulk.embed(folder, journal=journal, **EMBED))
        assert statuses(expired) == {"failed": 4}
        assert "have expired: the platform keeps them for seven days" in str(expired["a.mp4"].error)
        assert read_journal(journal).counts == {"uploaded": 4}
        assert not creations(emulator)
        again = await finish(client.bulk.embed(folder, journal=journal, existing="again", **EMBED))
        assert statuses(again) == {"ready": 4}
        assert creations(emulator) == {"tasks": 4}
        assert again["a.mp4"].task_id != first["a.mp4"].task_id

    async def test_a_source_that_failed_is_not_checked(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        emulator.understand("b.mp4", fail="no sense", at="indexing")
        await finish(client.bulk.index(index.id, folder, journal=journal))
        emulator.call(lambda: forget_everything(emulator))
        emulator.requests.clear()
        outcomes = await finish(client.bulk.index(index.id, folder, journal=journal))
        assert statuses(outcomes) == {"ready": 3, "failed": 1}
        assert creations(emulator) == {"assets": 3, "indexed-assets": 3}

    async def test_a_check_that_fails_leaves_the_entry_as_it_is(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, journal: Path
    ) -> None:
        await finish(client.bulk.index(index.id, folder, journal=journal))
        emulator.fail("GET", "/indexes/*/indexed-assets", status=403, times=4)
        outcomes = await finish(client.bulk.index(index.id, folder, journal=journal))
        assert statuses(outcomes) == {"failed": 4}
        assert read_journal(journal).counts == {"ready": 4}
        assert statuses(await finish(client.bulk.index(index.id, folder, journal=journal))) == {"ready": 4}
        assert created(emulator) == (4, 4)


class TestResults:
    @pytest.mark.parametrize(("method", "requests"), [("index", 0), ("upload", 0), ("embed", 1), ("analyze", 0)])
    async def test_results_of_an_earlier_run_are_retrieved_on_demand(
        self,
        emulator: Emulator,
        client: AsyncTwelveLabs,
        index: IndexSchema,
        folder: Path,
        journal: Path,
        method: str,
        requests: int,
    ) -> None:
        """Also after the run, from outcomes that were kept without their results."""
        first = await finish(start(client, method, index.id, folder, journal=journal))
        run = start(client, method, index.id, folder, journal=journal)
        second = await finish(run)
        emulator.requests.clear()
        for name, outcome in second.items():
            result, expected = await run.retrieve_result(outcome), first[name].result
            assert result.data == expected.data if method in ("embed", "analyze") else result.id == expected.id
        assert len(emulator.requests) == 4 * requests
        outcome = evolve(second["a.mp4"], result=None)
        assert type(await run.retrieve_result(outcome)).__name__.startswith(type(expected).__name__)
        assert len(emulator.requests) == 4 * requests + 1

    async def test_a_result_that_is_gone_or_never_was_is_an_error(
        self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path, journal: Path
    ) -> None:
        (folder / "b.mp4").write_bytes(b"")
        run = client.bulk.embed(folder, journal=journal, **EMBED)
        outcomes = await finish(run)
        emulator.advance(8 * DAY)
        with pytest.raises(TwelveLabsError, match="have expired: the platform keeps them for seven days"):
            await run.retrieve_result(evolve(outcomes["a.mp4"], result=None))
        with pytest.raises(RejectedError, match="The size in bytes is 0"):
            await run.retrieve_result(outcomes["b.mp4"])


@pytest.mark.emulator(processing_time=0)
def test_the_blocking_client_retrieves_results(emulator: Emulator, folder: Path, journal: Path) -> None:
    with TwelveLabs(api_key=emulator.api_key, base_url=emulator.url) as client:
        for _ in range(2):
            run = client.bulk.upload(folder / "a.mp4", journal=journal, interval=0.01)
            [outcome] = run
            assert run.retrieve_result(evolve(outcome, result=None)).id == outcome.asset_id


class TestInterrupted:
    """A run that ended in the middle, and what it had created was deleted before the next one."""

    @pytest.mark.parametrize("existing", ["reuse", "again"])
    @pytest.mark.parametrize("kind", ["uploaded", "activity"])
    @pytest.mark.parametrize(
        ("method", "options"),
        [("index", {}), ("upload", {}), ("embed", {}), ("analyze", {}), ("analyze", {"batch": True})],
    )
    async def test_recorded_objects_that_are_gone_are_made_again(
        self,
        emulator: Emulator,
        client: AsyncTwelveLabs,
        index: IndexSchema,
        folder: Path,
        journal: Path,
        method: str,
        options: dict[str, Any],
        kind: str,
        existing: Any,
    ) -> None:
        reached = asyncio.Event()

        def on_event(event: Event) -> None:
            if event.kind not in ("queued", "uploading", *(["uploaded"] if kind == "activity" else [])):
                reached.set()

        sources = folder / "a.mp4"
        run = start(client, method, index.id, sources, journal=journal, on_event=on_event, **options)
        running = asyncio.create_task(finish(run))
        await reached.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        emulator.call(lambda: forget_everything(emulator))
        outcomes = await finish(start(client, method, index.id, sources, journal=journal, existing=existing, **options))
        assert [outcome.error for outcome in outcomes.values()] == [None]
        assert len(emulator.assets) == 1


def forget_everything(emulator: Emulator) -> None:
    """Remove all objects but the indexes."""
    state = emulator.state
    tables: list[dict[str, Any]] = [state.assets, state.indexing_tasks, state.analyze_tasks, state.embedding_tasks]
    for table in (*tables, state.idempotent_analyze_tasks):
        table.clear()
    state.analyze_batches.clear()
    for index in state.indexes.values():
        index.indexed_assets.clear()
