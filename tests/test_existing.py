"""Content that is on the platform already: it is found by its identity, from any machine, without a journal."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Literal

import aiohttp
import pytest

from twelvelabs_async import AsyncTwelveLabs, IndexSchema, TwelveLabsError
from twelvelabs_async.bulk import AsyncBulk, Event
from twelvelabs_async.bulk.sources import BulkSource, Source
from twelvelabs_async.testing import Emulator

from support.bulk import ANALYZE, DAY, EMBED, created, finish, statuses, url
from support.clients import Connect
from support.clock import Clock, Stopwatch
from support.samples import video
from support.until import until

pytestmark = [
    pytest.mark.usefixtures("autojump_clock"),
    pytest.mark.emulator(processing_time=1, indexing_time=4, analysis_time=4, embedding_time=2),
]


def write_files(folder: Path, names: str, prefix: str = "") -> Path:
    """Write one file for each letter, whose content is the letter."""
    folder.mkdir()
    for name in names:
        (folder / f"{prefix}{name}.mp4").write_bytes(video(name))
    return folder


def signed_files(folder: Path) -> list[Path]:
    """Return the files that contain a signature."""
    return [path for path in folder.iterdir() if b"ignature" in path.read_bytes()]


def fill(emulator: Emulator, index_id: str, names: range, *, is_indexed: bool = True) -> None:
    """Store what bulk runs over the URLs of *names* have created."""
    state = emulator.state
    for name in names:
        metadata = {"bulk_token": BulkSource(url(f"{name:04}"), "url").content_token(None)}
        asset = state.add_asset("url", f"{name:04}.mp4", user_metadata=metadata)
        state.receive_file(asset, None, 1_000_000)
        if is_indexed:
            state.index_asset(state.indexes[index_id], asset, user_metadata=metadata, enable_video_stream=False)
    emulator.advance(60)


def add_older_at(kind: str, emulator: Emulator) -> Callable[[Event], None]:
    """Return a callback that stores what another machine created first, at the first event of *kind*."""
    is_done = False

    def add(event: Event) -> None:
        nonlocal is_done
        if event.kind == kind and not is_done:
            is_done = True
            emulator.call(lambda: _add_older(emulator, str(event.asset_id), event.indexed_asset_id))

    return add


def _add_older(emulator: Emulator, asset_id: str, indexed_asset_id: str | None) -> None:
    state, asset = emulator.state, emulator.state.assets[asset_id]
    metadata = asset.user_metadata
    older: Any
    if indexed_asset_id is None:
        older = state.add_asset("url", "0001.mp4", user_metadata=metadata)
        state.receive_file(older, None, 1_000_000)
    else:
        index = next(iter(state.indexes.values()))
        older = state.index_asset(index, asset, user_metadata=metadata, enable_video_stream=False)
    older.stages = tuple((moment - 100, status) for moment, status in older.stages)


def creations(emulator: Emulator) -> Counter[str]:
    """Return the number of creating requests by path."""
    return Counter(request.path.split("/")[-1] for request in emulator.requests if request.method == "POST")


class TestIndex:
    @pytest.mark.parametrize("names", ["the same", "others"])
    async def test_the_same_files_are_indexed_once_from_any_machine(
        self,
        emulator: Emulator,
        client: AsyncTwelveLabs,
        connect: Connect,
        index: IndexSchema,
        tmp_path: Path,
        names: str,
    ) -> None:
        first = await finish(client.bulk.index(index.id, write_files(tmp_path / "a", "abcdefgh")))
        assert [outcome.reused for outcome in first.values()] == [False] * 8
        emulator.requests.clear()
        copies = write_files(tmp_path / "b", "abcdefgh", "" if names == "the same" else "copy of ")
        async with connect(emulator) as other_machine:
            second = await finish(other_machine.bulk.index(index.id, copies))
        assert created(emulator) == (8, 8)
        assert len(emulator.requests) <= 8 + 2
        assert {outcome.indexed_asset_id for outcome in second.values()} == {
            outcome.indexed_asset_id for outcome in first.values()
        }
        assert all(
            outcome.reused and outcome.result and outcome.result.status == "ready" for outcome in second.values()
        )

    async def test_copies_under_several_names_are_one(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, tmp_path: Path
    ) -> None:
        for name in "abc":
            (tmp_path / f"{name}.mp4").write_bytes(video())
        outcomes = await finish(client.bulk.index(index.id, tmp_path, concurrency=1, upload_concurrency=1))
        assert created(emulator) == (1, 1)
        assert sorted(outcome.reused for outcome in outcomes.values()) == [False, True, True]

    async def test_a_file_that_another_index_has_is_not_uploaded_again(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path
    ) -> None:
        other = await client.indexes.ensure("other", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}])
        await finish(client.bulk.index(other.id, folder))
        outcomes = await finish(client.bulk.index(index.id, folder))
        assert created(emulator) == (4, 8)
        assert [outcome.reused for outcome in outcomes.values()] == [False] * 4

    async def test_a_changed_file_is_another_content(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path
    ) -> None:
        await finish(client.bulk.index(index.id, folder))
        (folder / "a.mp4").write_bytes(video("new"))
        outcomes = await finish(client.bulk.index(index.id, folder))
        assert created(emulator) == (5, 5)
        assert {name for name, outcome in outcomes.items() if not outcome.reused} == {"a.mp4"}

    async def test_content_is_created_again_on_demand(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path
    ) -> None:
        await finish(client.bulk.index(index.id, folder))
        outcomes = await finish(client.bulk.index(index.id, folder, existing="again"))
        assert created(emulator) == (8, 8)
        assert not any(outcome.reused for outcome in outcomes.values())

    async def test_an_indexed_asset_that_failed_is_indexed_again(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path
    ) -> None:
        emulator.understand("a.mp4", fail="no sense", at="indexing")
        assert statuses(await finish(client.bulk.index(index.id, folder))) == {"ready": 3, "failed": 1}
        assert statuses(await finish(client.bulk.index(index.id, folder))) == {"ready": 3, "failed": 1}
        assert created(emulator) == (4, 5)

    @pytest.mark.parametrize("what", ["asset", "indexed asset"])
    async def test_what_was_deleted_is_created_again(
        self,
        emulator: Emulator,
        client: AsyncTwelveLabs,
        index: IndexSchema,
        folder: Path,
        what: Literal["asset", "indexed asset"],
    ) -> None:
        (outcome, *_) = (await finish(client.bulk.index(index.id, folder))).values()
        await client.indexes.indexed_assets.delete(index.id, str(outcome.indexed_asset_id))
        if what == "asset":
            await client.assets.delete(str(outcome.asset_id))
        again = await finish(client.bulk.index(index.id, folder))
        assert statuses(again) == {"ready": 4}
        assert created(emulator) == (4, 4)
        assert sum(not outcome.reused for outcome in again.values()) == 1

    @pytest.mark.parametrize("journal", [None, "videos.db"])
    @pytest.mark.parametrize(
        "query",
        [
            "X-Amz-Credential={0}1%2F20261128&X-Amz-Date=20261128T05{0}&X-Amz-Signature={0}e1f",
            "AWSAccessKeyId={0}AK&Signature={0}%3D&Expires=17000{0}",
            "GoogleAccessId=me&X-Goog-Expires=60&X-Goog-Signature={0}e1f",
            "sv=2026&se=2026-11-28T05%3A{0}&sig={0}e1f",
        ],
        ids=["Amazon", "Amazon's version 2", "Google", "Azure"],
    )
    async def test_a_presigned_url_is_known_by_its_object(
        self,
        emulator: Emulator,
        client: AsyncTwelveLabs,
        index: IndexSchema,
        tmp_path: Path,
        query: str,
        journal: str | None,
    ) -> None:
        """Neither its identity nor the journal has a signature. All other parameters may select another content."""
        path = journal and tmp_path / journal
        sources = [f"{url('talk')}?{query}", *(f"{url('talk')}?{name}=7&{query}" for name in ("versionId", "id"))]
        for signature in ("41", "42"):
            signed = [source.format(signature) for source in sources]
            outcomes = await finish(client.bulk.index(index.id, signed, journal=path))
            assert statuses(outcomes) == {"ready": 3}
        assert created(emulator) == (3, 3)
        assert signed_files(tmp_path) == []

    async def test_an_unknown_choice_is_refused(self, client: AsyncTwelveLabs, index: IndexSchema) -> None:
        with pytest.raises(ValueError, match="existing must be one of 'reuse', 'again'; got 'skip'"):
            client.bulk.index(index.id, [], existing="skip")  # type: ignore[arg-type]


class TestRequests:
    async def test_an_empty_index_costs_no_lookups(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema
    ) -> None:
        emulator.requests.clear()
        await finish(client.bulk.index(index.id, [url(f"{name:04}") for name in range(60)]))
        listed = [request for request in emulator.requests if request.method == "GET" and "bulk_token" in request.query]
        assert not listed
        assert creations(emulator) == {"assets": 60, "indexed-assets": 60}

    @pytest.mark.parametrize("count", [10, 60])
    async def test_a_large_index_is_read_once_or_each_source_is_looked_up(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, count: int
    ) -> None:
        """An index and an account of 30 pages each."""
        fill(emulator, index.id, range(1500))
        emulator.requests.clear()
        outcomes = await finish(
            client.bulk.index(index.id, [url(f"{name:04}") for name in range(0, 1500, 1500 // count)])
        )
        assert all(outcome.reused for outcome in outcomes.values())
        assert not creations(emulator)
        assert len(emulator.requests) <= min(count, 2 * 30) + 4

    @pytest.mark.parametrize(("count", "is_counted", "limit"), [(50, True, 50), (75, False, 75), (300, False, 3 * 60)])
    async def test_lists_are_read_only_if_that_is_cheaper_than_lookups(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, count: int, is_counted: bool, limit: int
    ) -> None:
        """An index and an account have 30 pages each. The number of sources may be unknown."""
        fill(emulator, index.id, range(1500))
        emulator.requests.clear()
        sources = [url(f"{name:04}") for name in range(count)]
        given = sources if is_counted else (source for source in sources)
        outcomes = await finish(client.bulk.index(index.id, given))
        assert all(outcome.reused for outcome in outcomes.values())
        assert len(emulator.requests) <= limit + 4

    async def test_a_deletion_while_pages_are_read_hides_nothing(
        self, emulator: Emulator, clock: Clock, connect: Connect, index: IndexSchema
    ) -> None:
        """It moves the first item of the next page to one that was read already."""
        fill(emulator, index.id, range(200))
        deleted, state = dict[bool, str](), emulator.state
        emulator.requests.clear()

        async def delete_newest(
            request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
        ) -> aiohttp.ClientResponse:
            is_index = "indexes" in request.url.path
            if request.url.query.get("page") == "2" and is_index not in deleted:
                objects: Any = state.indexes[index.id].indexed_assets if is_index else state.assets
                deleted[is_index] = max(objects)
                emulator.call(lambda: objects.pop(deleted[is_index]))
            return await handler(request)

        async with connect(emulator, middlewares=[delete_newest, clock.middleware]) as client:
            outcomes = await finish(client.bulk.index(index.id, [url(f"{name:04}") for name in range(199)]))
        assert len(deleted) == 2
        assert all(outcome.reused for outcome in outcomes.values())
        assert not creations(emulator)

    async def test_a_deletion_after_the_list_was_read_is_noticed(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema
    ) -> None:
        fill(emulator, index.id, range(3))
        is_read = asyncio.Event()

        async def sources() -> AsyncIterator[str]:
            yield url("0000")
            await is_read.wait()
            (*_, last) = emulator.indexed_assets
            await client.indexes.indexed_assets.delete(index.id, last)
            await asyncio.sleep(10)
            yield url("0002")

        def on_event(event: Event) -> None:
            if event.kind == "ready":
                is_read.set()

        emulator.requests.clear()
        outcomes = await finish(client.bulk.index(index.id, sources(), on_event=on_event))
        assert [outcome.reused for outcome in outcomes.values()] == [True, False]
        assert {outcome.indexed_asset_id for outcome in outcomes.values()} < emulator.indexed_assets.keys()
        assert not [request for request in emulator.requests if request.status == 404]

    @pytest.mark.emulator(processing_time=0, indexing_time=0)
    async def test_a_check_for_an_older_object_holds_no_other_source_up(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, clock: Clock
    ) -> None:
        """The second check waits for as long as polls are apart, so that many sources share it."""
        fill(emulator, index.id, range(1))
        reached: Counter[str] = Counter()
        watches = list[Stopwatch]()

        async def sources() -> AsyncIterator[str]:
            for number in (1, 2):
                yield url(f"new {number}")
                await until(lambda number=number: reached["uploaded"] == number)  # type: ignore[misc]
            await asyncio.sleep(10)
            watches.append(Stopwatch(clock))
            yield url("0000")

        run = client.bulk.index(
            index.id,
            sources(),
            interval=1000,
            timeout=1e5,
            on_event=lambda event: reached.update([event.kind]),
        )
        async for outcome in run:
            if outcome.source == url("0000"):
                assert watches[0].advanced < 500

    async def test_a_large_account_is_read_once_or_each_source_is_looked_up(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema
    ) -> None:
        fill(emulator, index.id, range(1500), is_indexed=False)
        emulator.requests.clear()
        outcomes = await finish(client.bulk.upload([url(f"{name:04}") for name in range(10)]))
        assert all(outcome.reused for outcome in outcomes.values())
        lookups = [r for r in emulator.requests if r.path == "/assets" and "asset_ids" not in dict(r.query)]
        assert len(lookups) <= 10 + 2  # without the polls for the states of assets

    async def test_a_token_of_the_caller_is_found_in_a_large_account_under_another_name(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema
    ) -> None:
        """The name of the asset begins with the token."""
        await finish(client.bulk.upload([(url("first"), {"bulk_token": "launch"})]))
        fill(emulator, index.id, range(1500), is_indexed=False)
        (outcome,) = (await finish(client.bulk.upload([(url("second"), {"bulk_token": "launch"})]))).values()
        assert outcome.reused


class TestAnalyze:
    @pytest.mark.parametrize("options", [{}, {"batch": True, "interval": 0.1}])
    async def test_the_same_question_is_asked_once(
        self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path, options: dict[str, Any]
    ) -> None:
        first = await finish(client.bulk.analyze(folder, **ANALYZE, **options))
        emulator.requests.clear()
        second = await finish(client.bulk.analyze(folder, **ANALYZE, **options))
        assert not creations(emulator)
        assert {name: outcome.task_id for name, outcome in second.items()} == {
            name: outcome.task_id for name, outcome in first.items()
        }
        assert all(outcome.reused and outcome.result and outcome.result.data for outcome in second.values())

    async def test_another_question_is_asked_about_the_same_assets(
        self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path
    ) -> None:
        await finish(client.bulk.analyze(folder, **ANALYZE))
        outcomes = await finish(client.bulk.analyze(folder, prompt="Who is there?"))
        assert len(emulator.assets) == 4
        assert len(emulator.state.analyze_tasks) == 8
        assert not any(outcome.reused for outcome in outcomes.values())

    async def test_an_analysis_that_failed_is_asked_for_again(
        self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path
    ) -> None:
        emulator.understand("a.mp4", fail="no sense", at="analysis")
        assert statuses(await finish(client.bulk.analyze(folder, **ANALYZE))) == {"ready": 3, "failed": 1}
        assert statuses(await finish(client.bulk.analyze(folder, **ANALYZE))) == {"ready": 3, "failed": 1}
        assert len(emulator.state.analyze_tasks) == 5

    async def test_it_is_asked_again_on_demand(self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path) -> None:
        await finish(client.bulk.analyze(folder, **ANALYZE))
        await finish(client.bulk.analyze(folder, **ANALYZE, existing="again"))
        assert len(emulator.state.analyze_tasks) == 8


class TestEmbed:
    async def test_the_same_files_are_embedded_once(
        self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path
    ) -> None:
        first = await finish(client.bulk.embed(folder, **EMBED))
        emulator.requests.clear()
        second = await finish(client.bulk.embed(folder, **EMBED))
        assert not creations(emulator)
        assert {name: outcome.task_id for name, outcome in second.items()} == {
            name: outcome.task_id for name, outcome in first.items()
        }
        assert all(outcome.reused and outcome.result and outcome.result.data for outcome in second.values())

    @pytest.mark.parametrize("has_journal", [False, True], ids=["no journal", "journal"])
    async def test_a_cancelled_run_loses_no_embeddings_that_it_has_requested(
        self, emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path, has_journal: bool
    ) -> None:
        """The list of embedding tasks has nothing by which one could be found, so that the response is waited for."""
        options = {**EMBED, "journal": tmp_path / "journal.db" if has_journal else None}
        folder = write_files(tmp_path / "a", "abcdef")
        emulator.delay("POST", "/embed-v2/tasks", 0.2, times=6)
        run = asyncio.create_task(finish(client.bulk.embed(folder, **options)))
        await until(lambda: creations(emulator)["tasks"] > 0)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        requested = creations(emulator)["tasks"]
        outcomes = await finish(client.bulk.embed(folder, **options))
        assert statuses(outcomes) == {"ready": 6}
        assert sum(outcome.reused for outcome in outcomes.values()) == requested
        assert creations(emulator)["tasks"] == 6

    async def test_other_parameters_make_other_embeddings(
        self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path
    ) -> None:
        await finish(client.bulk.embed(folder, **EMBED))
        await finish(client.bulk.embed(folder, **EMBED, video={"embedding_option": ["visual"]}))
        assert len(emulator.assets) == 4
        assert len(emulator.state.embedding_tasks) == 8

    async def test_embeddings_that_have_expired_are_made_again_only_on_demand(
        self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path
    ) -> None:
        await finish(client.bulk.embed(folder / "a.mp4", **EMBED))
        emulator.advance(8 * DAY)
        (outcome,) = (await finish(client.bulk.embed(folder / "a.mp4", **EMBED))).values()
        with pytest.raises(TwelveLabsError, match="have expired: the platform keeps them for seven days"):
            raise outcome.error or AssertionError
        (outcome,) = (await finish(client.bulk.embed(folder / "a.mp4", **EMBED, existing="again"))).values()
        assert outcome.status == "ready"

    async def test_a_message_shows_no_signature_of_a_presigned_url(
        self, emulator: Emulator, client: AsyncTwelveLabs
    ) -> None:
        for signature in ("e1f41", "e1f42"):
            signed = f"{url('talk')}?X-Amz-Date=20261128T05&X-Amz-Signature={signature}"
            (outcome,) = (await finish(client.bulk.embed(signed, **EMBED))).values()
            emulator.advance(8 * DAY)
        assert "talk.mp4?X-Amz-Date=20261128T05&X-Amz-Signature=*** have expired" in str(outcome.error)


class TestTwoMachines:
    @pytest.mark.parametrize("delayed", ["/assets", "/indexes/*/indexed-assets"])
    async def test_content_that_both_create_at_the_same_time_remains_once(
        self,
        emulator: Emulator,
        client: AsyncTwelveLabs,
        connect: Connect,
        index: IndexSchema,
        folder: Path,
        delayed: str,
    ) -> None:
        """The responses come late, so that each machine looks before the other has created something."""
        emulator.delay("GET", delayed, 1, times=2)
        emulator.delay("POST", delayed, 3, times=8)
        async with connect(emulator) as other_machine:
            runs = [finish(machine.bulk.index(index.id, folder)) for machine in (client, other_machine)]
            first, second = await asyncio.gather(*runs)
        assert creations(emulator)["assets"] > 4 or delayed != "/assets"
        assert created(emulator) == (4, 4)
        for name in first:
            assert first[name].error is second[name].error is None
            assert first[name].indexed_asset_id == second[name].indexed_asset_id
        assert sum(outcome.reused for outcome in [*first.values(), *second.values()]) == 4

    @pytest.mark.parametrize("failing", [("GET", "/assets"), ("DELETE", "/assets/*")])
    async def test_a_check_for_an_older_asset_is_made_again_after_a_failure(
        self, emulator: Emulator, client: AsyncTwelveLabs, failing: tuple[str, str]
    ) -> None:
        emulator.fail(*failing, times=4, skip=failing[0] == "GET")
        run = client.bulk.upload(url("0001"), on_event=add_older_at("uploaded", emulator))
        (outcome,) = (await finish(run)).values()
        assert outcome.error is None
        assert outcome.reused
        assert list(emulator.assets) == [outcome.asset_id]

    @pytest.mark.parametrize("kind", ["uploaded", "indexing"])
    async def test_a_run_that_ended_before_its_check_leaves_the_check_to_the_next_run(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, journal: Path, kind: str
    ) -> None:
        """Only its journal proves which of two objects is its own."""
        add_older = add_older_at(kind, emulator)

        def end(event: Event) -> None:
            add_older(event)
            if event.kind == kind:
                running.cancel()

        running = asyncio.create_task(finish(client.bulk.index(index.id, url("0001"), journal=journal, on_event=end)))
        await asyncio.wait([running])
        assert 2 in created(emulator)
        (outcome,) = (await finish(client.bulk.index(index.id, url("0001"), journal=journal))).values()
        assert outcome.error is None
        assert outcome.reused == (kind == "indexing")
        assert created(emulator) == (1, 1)

    async def test_an_indexed_asset_that_the_list_lacks_is_not_withdrawn(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema
    ) -> None:
        """The other one may be newer, and its machine withdraws it."""

        def add_newer(event: Event) -> None:
            if event.kind == "indexing" and len(emulator.indexed_assets) == 1:
                emulator.call(lambda: add(str(event.asset_id)))

        def add(asset_id: str) -> None:
            state, asset = emulator.state, emulator.state.assets[asset_id]
            found = state.index_asset(
                state.indexes[index.id], asset, user_metadata=asset.user_metadata, enable_video_stream=False
            )
            item = {"_id": found.id, "asset_id": asset_id, "status": "ready", "created_at": "2030-01-01T00:00:00Z"}
            path = f"/indexes/{index.id}/indexed-assets"
            emulator.fail("GET", path, status=200, body={"data": [item], "page_info": {"total_page": 1}})

        (outcome,) = (await finish(client.bulk.index(index.id, url("0001"), on_event=add_newer))).values()
        assert outcome.error is None
        assert not outcome.reused
        assert outcome.indexed_asset_id == min(emulator.indexed_assets)

    @pytest.mark.parametrize(("status", "remaining"), [(409, 2), (503, 1)])
    async def test_an_indexed_asset_is_withdrawn_if_the_platform_allows_that(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, status: int, remaining: int
    ) -> None:
        path = f"/indexes/{index.id}/indexed-assets/*"
        emulator.fail("DELETE", path, status=status, times=4)
        run = client.bulk.index(index.id, url("0001"), on_event=add_older_at("indexing", emulator))
        (outcome,) = (await finish(run)).values()
        assert outcome.error is None
        assert outcome.reused == (remaining == 1)
        assert len(emulator.indexed_assets) == remaining

    async def test_an_older_asset_that_was_deleted_is_created_again(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema
    ) -> None:
        """The list of the run still has the indexed asset on which the run waits."""
        fill(emulator, index.id, range(1))
        (other,) = emulator.indexed_assets.values()
        other.stages = (*other.stages[:-1], (other.ends_at + 1000, "ready"))

        async def delete(event: Event) -> None:
            if event.kind == "indexing" and event.indexed_asset_id == other.id:
                await client.indexes.indexed_assets.delete(index.id, other.id)

        (outcome,) = (await finish(client.bulk.index(index.id, url("0000"), on_event=delete))).values()
        assert outcome.error is None
        assert list(emulator.indexed_assets) == [outcome.indexed_asset_id]
        assert not outcome.reused

    async def test_an_asset_that_another_machine_withdraws_is_replaced(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema
    ) -> None:
        fill(emulator, index.id, range(1), is_indexed=False)
        (other,) = emulator.assets.values()
        other.stages = (*other.stages[:-1], (other.ends_at + 1000, "ready"))

        async def delete(event: Event) -> None:
            if event.kind == "uploaded" and event.asset_id == other.id:
                await client.assets.delete(other.id)

        (outcome,) = (await finish(client.bulk.index(index.id, url("0000"), on_event=delete))).values()
        assert outcome.error is None
        assert list(emulator.assets) == [outcome.asset_id]


class TestReused:
    @pytest.mark.parametrize("path", ["/assets", "/indexes/*/indexed-assets"])
    async def test_an_object_whose_response_was_lost_is_not_reused(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, path: str
    ) -> None:
        emulator.drop("POST", path, acted=True)
        (outcome,) = (await finish(client.bulk.index(index.id, url("0000")))).values()
        assert outcome.error is None
        assert not outcome.reused
        assert created(emulator) == (1, 1)

    async def test_an_upload_that_continues_after_a_failure_is_not_reused(
        self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path
    ) -> None:
        emulator.fail("PATCH", "/assets/*/user-metadata", times=4)
        (outcome,) = (await finish(AsyncBulk(client, multipart_threshold=1).upload(folder / "a.mp4"))).values()
        assert outcome.error is None
        assert not outcome.reused

    async def test_a_lost_response_for_an_asset_does_not_make_it_reused(
        self, emulator: Emulator, client: AsyncTwelveLabs
    ) -> None:
        emulator.drop("POST", "/assets", acted=True)
        (outcome,) = (await finish(client.bulk.upload(url("0000")))).values()
        assert outcome.error is None
        assert not outcome.reused

    async def test_files_with_one_token_of_the_caller_have_answers_of_their_own(
        self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path
    ) -> None:
        sources: list[Source] = [(folder / name, {"bulk_token": "launch"}) for name in ("a.mp4", "b.mp4")]
        outcomes = await finish(client.bulk.analyze(sources, **ANALYZE))
        assert len({outcome.task_id for outcome in outcomes.values()}) == 2
        assert len({task.custom_id for task in emulator.state.analyze_tasks.values()}) == 2
