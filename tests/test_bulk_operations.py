"""Bulk analyses, embeddings and deletions: each source once, whatever happens in between."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import (
    AsyncTwelveLabs,
    BadRequestError,
    ConflictError,
    IndexSchema,
    JobFailedError,
    QuotaExhaustedError,
    RejectedError,
    TwelveLabsError,
    UnauthorizedError,
    read_journal,
)
from twelvelabs_async.bulk import AnalyzeSource, AsyncRun, Event, ParquetSink
from twelvelabs_async.testing import Emulator

from support.bulk import count_requests, finish, statuses, url, write_recording
from support.clients import Connect
from support.clock import Clock
from support.images import png
from support.samples import video
from support.until import until

DAY = 24 * 3600.0
SINGLE: dict[str, Any] = {"prompt": "What happens?"}
BATCH: dict[str, Any] = {"prompt": "What happens?", "batch": True, "interval": 0.1}
MODEL: dict[str, Any] = {"model_name": "marengo3.5"}
VIDEOS = [url(name) for name in "abcd"]

pytestmark = [
    pytest.mark.usefixtures("autojump_clock"),
    pytest.mark.emulator(processing_time=1, analysis_time=4, embedding_time=2),
]
in_both_ways = pytest.mark.parametrize(("path", "options"), [("/analyze/tasks", SINGLE), ("/analyze/batches", BATCH)])


def store_assets(emulator: Emulator, count: int) -> list[str]:
    """Store assets on the platform and return their ids."""
    for name in range(count):
        asset = emulator.state.add_asset("url", f"{name}.mp4")
        emulator.state.receive_file(asset, None, 1_000_000)
    return list(emulator.state.assets)


def batch_sizes(emulator: Emulator) -> list[int]:
    """Return the number of tasks of each batch."""
    return [len(batch.tasks) for batch in emulator.state.analyze_batches.values()]


async def leave(run: AsyncRun[Any], outcomes: int) -> None:
    """Leave a run after some outcomes, while other sources are in progress."""
    async with aclosing(run):
        for _ in range(outcomes):
            await anext(run)
        await asyncio.sleep(0.01)


async def leave_before_response(run: AsyncRun[Any], emulator: Emulator, method: str, path: str, requests: int) -> None:
    """Leave a run after the emulator has processed some requests, but before it responds."""
    emulator.delay(method, path, 30, times=requests)
    running = asyncio.create_task(finish(run))
    prefix = path.removesuffix("*")
    await until(lambda: sum(r.method == method and r.path.startswith(prefix) for r in emulator.requests) >= requests)
    await until(lambda: emulator.call(lambda: True))  # the requests are processed
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


class TestAnalyze:
    @in_both_ways
    async def test_files_urls_and_assets_are_analyzed_and_the_journal_keeps_the_results(
        self,
        emulator: Emulator,
        client: AsyncTwelveLabs,
        folder: Path,
        journal: Path,
        path: str,
        options: dict[str, Any],
    ) -> None:
        emulator.understand("a.mp4", text="A rocket takes off.")
        asset = await client.assets.create_and_wait(url("there"))
        kinds: dict[str, list[str]] = defaultdict(list)
        sources: list[Any] = [folder, url(1), asset.id]
        run = client.bulk.analyze(
            sources, **options, journal=journal, on_event=lambda event: kinds[event.source].append(event.kind)
        )
        outcomes = await finish(run)
        assert statuses(outcomes) == {"ready": 6}
        assert outcomes["a.mp4"].result is not None
        assert "A rocket takes off." in outcomes["a.mp4"].result.data
        assert {outcome.task_id for outcome in outcomes.values()} == set(emulator.state.analyze_tasks)
        assert sum(batch_sizes(emulator)) == (6 if options is BATCH else 0)
        assert kinds[str(folder / "a.mp4")] == ["queued", "uploading", "uploading", "uploaded", "analyzing", "ready"]
        assert kinds[asset.id] == ["queued", "analyzing", "ready"]
        emulator.requests.clear()
        again = await finish(client.bulk.analyze(sources, **options, journal=journal))
        assert {name: outcome.result for name, outcome in again.items()} == {
            name: outcome.result for name, outcome in outcomes.items()
        }
        assert not emulator.requests

    @in_both_ways
    async def test_a_failed_analysis_is_one_failure_and_retried_only_on_demand(
        self, emulator: Emulator, client: AsyncTwelveLabs, journal: Path, path: str, options: dict[str, Any]
    ) -> None:
        emulator.understand("b.mp4", fail="no sense", at="analysis")
        first = await finish(client.bulk.analyze(VIDEOS, **options, journal=journal))
        assert statuses(first) == {"ready": 3, "failed": 1}
        assert isinstance(first["b.mp4"].error, JobFailedError)
        assert "no sense" in str(first["b.mp4"].error)
        second = await finish(client.bulk.analyze(VIDEOS, **options, journal=journal))
        assert isinstance(second["b.mp4"].error, RejectedError)
        assert len(emulator.state.analyze_tasks) == 4
        third = await finish(client.bulk.analyze(VIDEOS, **SINGLE, journal=journal, retry_failed=True))
        assert statuses(third) == {"ready": 3, "failed": 1}
        assert len(emulator.state.analyze_tasks) == 5
        assert len(emulator.assets) == 4

    @in_both_ways
    @pytest.mark.parametrize("outcomes", [0, 1, 3])
    async def test_a_run_that_was_left_resumes_and_analyzes_nothing_twice(
        self,
        emulator: Emulator,
        client: AsyncTwelveLabs,
        journal: Path,
        path: str,
        options: dict[str, Any],
        outcomes: int,
    ) -> None:
        await leave(client.bulk.analyze(VIDEOS, **options, journal=journal), outcomes)
        assert statuses(await finish(client.bulk.analyze(VIDEOS, **options, journal=journal))) == {"ready": 4}
        assert len(emulator.state.analyze_tasks) == len(emulator.assets) == 4

    @in_both_ways
    async def test_tasks_whose_responses_were_not_awaited_are_found_by_either_way(
        self, emulator: Emulator, client: AsyncTwelveLabs, journal: Path, path: str, options: dict[str, Any]
    ) -> None:
        run = client.bulk.analyze(VIDEOS, **options, journal=journal)
        await leave_before_response(run, emulator, "POST", path, 1 if options is BATCH else 4)
        assert read_journal(journal).counts == {"analyzing": 4}
        other = SINGLE if options is BATCH else BATCH
        assert statuses(await finish(client.bulk.analyze(VIDEOS, **other, journal=journal))) == {"ready": 4}
        assert len(emulator.state.analyze_tasks) == 4

    @in_both_ways
    @pytest.mark.parametrize("times", [1, 4])
    async def test_after_a_lost_response_the_task_is_looked_up(
        self, emulator: Emulator, client: AsyncTwelveLabs, path: str, options: dict[str, Any], times: int
    ) -> None:
        emulator.drop("POST", path, times=times, acted=True)
        assert statuses(await finish(client.bulk.analyze(VIDEOS, **options))) == {"ready": 4}
        assert len(emulator.state.analyze_tasks) == 4

    async def test_a_task_that_the_list_lacks_is_requested_again_with_the_same_idempotency_key(
        self, emulator: Emulator, client: AsyncTwelveLabs
    ) -> None:
        emulator.drop("POST", "/analyze/tasks", times=3, acted=True)
        emulator.fail("GET", "/analyze/tasks", status=200, body={"data": []}, times=99)
        assert statuses(await finish(client.bulk.analyze(url(1), **SINGLE))) == {"ready": 1}
        assert len(emulator.state.analyze_tasks) == 1
        assert count_requests(emulator, "POST", "/analyze/tasks") == 4

    @in_both_ways
    async def test_an_exhausted_quota_withdraws_the_intents(
        self, emulator: Emulator, client: AsyncTwelveLabs, journal: Path, path: str, options: dict[str, Any]
    ) -> None:
        """So the next run looks up nothing that was never created."""
        emulator.fail("POST", path, status=429, headers={"Retry-After": "7200"}, times=4)
        with pytest.raises(QuotaExhaustedError):
            await finish(client.bulk.analyze(VIDEOS, **options, journal=journal))
        assert read_journal(journal).counts == {"uploaded": 4}
        emulator.requests.clear()
        assert statuses(await finish(client.bulk.analyze(VIDEOS, **SINGLE, existing="again", journal=journal))) == {
            "ready": 4
        }
        lookups = [r for r in emulator.requests if r.path == "/analyze/tasks" and "asset_id" in dict(r.query)]
        assert not lookups

    async def test_a_question_is_required_and_a_journal_belongs_to_one(
        self, client: AsyncTwelveLabs, journal: Path
    ) -> None:
        with pytest.raises(ValueError, match="question is missing"):
            client.bulk.analyze(VIDEOS)
        with pytest.raises(ValueError, match="question is missing"):
            client.bulk.analyze(VIDEOS, prompt="")
        await finish(client.bulk.analyze(VIDEOS, **SINGLE, journal=journal))
        with pytest.raises(ValueError, match=r"belongs to another job: .*What happens\?"):
            await finish(client.bulk.analyze(VIDEOS, prompt="Why?", journal=journal))


class TestBatches:
    async def test_1200_videos_are_two_batches_whose_results_are_read_once_each(
        self, emulator: Emulator, client: AsyncTwelveLabs
    ) -> None:
        sources = store_assets(emulator, 1200)

        def reads() -> int:
            return sum(request.path.endswith("/results") for request in emulator.requests)

        async def delay_two_sources(event: Event) -> None:
            if event.kind == "analyzing" and event.source in (sources[0], sources[-1]):
                await until(lambda: reads() == 2)

        run = client.bulk.analyze(sources, **BATCH, concurrency=1200, on_event=delay_two_sources, existing="again")
        outcomes = await finish(run)
        assert statuses(outcomes) == {"ready": 1200}
        assert batch_sizes(emulator) == [1000, 200]
        assert len({outcome.task_id for outcome in outcomes.values()}) == 1200
        assert reads() == 2
        assert not any(request.path.startswith("/analyze/tasks") for request in emulator.requests)

    async def test_what_a_batch_has_not_done_when_it_expires_goes_into_another_one(
        self, connect: Connect, clock: Clock
    ) -> None:
        first_times = {"late.mp4": 10 * DAY, "stuck.mp4": 2 * DAY}
        with Emulator(analysis_time=lambda name: first_times.pop(name, 4.0)) as emulator:
            async with connect(emulator) as client:
                sources = [url("late"), url("stuck"), url("quick")]
                running = asyncio.create_task(finish(client.bulk.analyze(sources, **BATCH)))
                await until(lambda: batch_sizes(emulator) == [3])
                clock.advance(DAY)
                assert statuses(await running) == {"ready": 3}
            assert batch_sizes(emulator) == [3, 2]

    @pytest.mark.emulator(analysis_time=lambda name: DAY / 2 if name == "long.mp4" else 4.0)
    async def test_no_more_than_five_batches_of_the_account_are_active(
        self, emulator: Emulator, client: AsyncTwelveLabs, clock: Clock
    ) -> None:
        asset = await client.assets.create_and_wait(url("long"))
        video: Any = {"type": "asset_id", "asset_id": asset.id}
        for _ in range(5):
            await client.analyze_async.batches.create(
                model_name="pegasus1.5",
                analysis_mode="general",
                requests=[{"video": video, "prompt": {"input_text": "Why?"}}],
            )
        running = asyncio.create_task(finish(client.bulk.analyze(url(1), **BATCH)))
        await until(lambda: count_requests(emulator, "GET", "/analyze/batches") > 2)
        assert count_requests(emulator, "POST", "/analyze/batches") == 5
        clock.advance(DAY / 2)
        assert statuses(await running) == {"ready": 1}
        assert count_requests(emulator, "POST", "/analyze/batches") == 6

    async def test_a_request_for_which_a_batch_is_refused_fails_alone(
        self, emulator: Emulator, client: AsyncTwelveLabs
    ) -> None:
        beyond_the_end = AnalyzeSource(url("short"), start_time=90_000)
        outcomes = await finish(client.bulk.analyze([*map(url, range(6)), beyond_the_end], **BATCH))
        assert statuses(outcomes) == {"ready": 6, "failed": 1}
        assert isinstance(outcomes["short.mp4"].error, BadRequestError)
        assert sum(batch_sizes(emulator)) == 6

    async def test_a_batch_that_takes_the_api_too_long_is_made_smaller(
        self, emulator: Emulator, client: AsyncTwelveLabs
    ) -> None:
        emulator.fail("POST", "/analyze/batches", status=504)
        assert statuses(await finish(client.bulk.analyze(VIDEOS, **BATCH))) == {"ready": 4}
        assert batch_sizes(emulator) == [2, 2]

    @pytest.mark.parametrize("path", ["/analyze/batches", "/analyze/batches/*/results"])
    async def test_a_refusal_holds_for_all_sources_of_a_batch(
        self, emulator: Emulator, client: AsyncTwelveLabs, path: str
    ) -> None:
        emulator.fail("GET", path, status=401, times=99)
        with pytest.raises(UnauthorizedError):
            await finish(client.bulk.analyze(VIDEOS, **BATCH))
        assert sum(request.status == 401 for request in emulator.requests) == 1

    async def test_transient_failures_of_polls_are_retried(self, emulator: Emulator, client: AsyncTwelveLabs) -> None:
        emulator.fail("GET", "/analyze/batches", status=503, times=3)
        emulator.drop("GET", "/analyze/batches/*/results")
        assert statuses(await finish(client.bulk.analyze(VIDEOS, **BATCH))) == {"ready": 4}
        assert len(emulator.state.analyze_tasks) == 4


class TestEmbed:
    async def test_each_kind_of_media_is_embedded_with_its_own_parameters(
        self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path, journal: Path
    ) -> None:
        for name, content in {"sound.wav": video(1), "picture.png": png(9, 9), "paper.pdf": b"%PDF-1.7"}.items():
            (folder / name).write_bytes(content)
        kinds: list[str] = []
        options: dict[str, Any] = {
            **MODEL,
            "journal": journal,
            "embedding_dimension": 128,
            "video": {"embedding_option": ["visual"], "embedding_scope": ["asset"]},
        }
        run = client.bulk.embed([folder, url(1)], **options, on_event=lambda event: kinds.append(event.kind))
        outcomes = await finish(run)
        assert statuses(outcomes) == {"ready": 8}
        assert kinds.count("embedding") == 8
        for name, kind in {"a.mp4": "video", "1.mp4": "video", "sound.wav": "audio", "picture.png": "image"}.items():
            task = outcomes[name].result
            assert task is not None
            assert task.metadata is not None
            assert task.metadata.input_type == kind
            assert {len(found.embedding) for found in task.data or []} == {128}
            if kind == "video":
                assert [(found.embedding_option, found.embedding_scope) for found in task.data or []] == [
                    ("visual", "asset")
                ]
        emulator.requests.clear()
        again = await finish(client.bulk.embed([folder, url(1)], **options))
        assert {(request.method, request.path) for request in emulator.requests} == {("GET", "/embed-v2/tasks")}
        assert statuses(again) == {"ready": 8}
        task = await client.embed.v_2.tasks.retrieve(str(again["a.mp4"].task_id))
        assert task.data

    @pytest.mark.parametrize("done", [0, 1, 3])
    async def test_a_run_that_was_left_resumes_and_embeds_nothing_twice(
        self, emulator: Emulator, client: AsyncTwelveLabs, journal: Path, done: int
    ) -> None:
        await leave(client.bulk.embed(VIDEOS, **MODEL, journal=journal, concurrency=1), done)
        outcomes = await finish(client.bulk.embed(VIDEOS, **MODEL, journal=journal))
        unknown = statuses(outcomes)["failed"]  # the request that was in flight
        assert unknown <= 1
        assert 4 - unknown <= count_requests(emulator, "POST", "/embed-v2/tasks") <= len(emulator.assets) == 4

    @pytest.mark.parametrize("has_sink", [False, True], ids=["interrupted", "without rows"])
    async def test_embeddings_that_exist_are_retrieved_before_others_are_requested(
        self, client: AsyncTwelveLabs, journal: Path, tmp_path: Path, has_sink: bool
    ) -> None:
        """They expire after seven days. Each source that is given has its outcome, also if it is given twice."""
        requested, seen = url("c"), list[str]()

        def note(event: Event) -> None:
            if event.kind == "queued":
                seen.append(event.source)
            elif event.kind == "embedding" and not has_sink and len(seen) == 1:
                running.cancel()

        options: dict[str, Any] = {**MODEL, "journal": journal, "on_event": note}
        running = asyncio.create_task(finish(client.bulk.embed(requested, **options)))
        await asyncio.wait([running])
        seen.clear()
        if has_sink:
            pytest.importorskip("pyarrow", reason="sinks need the extra data")
            options["sink"] = ParquetSink(tmp_path / "vectors")
        outcomes = [outcome async for outcome in client.bulk.embed([*VIDEOS, requested], **options)]
        assert statuses(outcomes) == {"ready": 5}
        assert seen == [requested, requested, url("a"), url("b"), url("d")]

    @pytest.mark.parametrize("is_dropped", [True, False])
    async def test_a_task_that_may_exist_is_created_again_only_on_demand(
        self,
        emulator: Emulator,
        client: AsyncTwelveLabs,
        journal: Path,
        monkeypatch: pytest.MonkeyPatch,
        is_dropped: bool,
    ) -> None:
        monkeypatch.setattr("twelvelabs_async.bulk.uninterrupted.CANCEL_SECONDS", 0.01)  # the response comes too late
        run = client.bulk.embed(VIDEOS[0], **MODEL, journal=journal)
        if is_dropped:
            emulator.drop("POST", "/embed-v2/tasks", acted=True)
            await finish(run)
        else:
            await leave_before_response(run, emulator, "POST", "/embed-v2/tasks", 1)
        outcomes = await finish(client.bulk.embed(VIDEOS, **MODEL, journal=journal))
        assert statuses(outcomes) == {"ready": 3, "failed": 1}
        assert type(outcomes["a.mp4"].error) is TwelveLabsError
        assert "retry_failed=True" in str(outcomes["a.mp4"].error)
        assert count_requests(emulator, "POST", "/embed-v2/tasks") == 4
        outcomes = await finish(client.bulk.embed(VIDEOS, **MODEL, journal=journal, retry_failed=True))
        assert statuses(outcomes) == {"ready": 4}
        assert count_requests(emulator, "POST", "/embed-v2/tasks") == 5
        assert len(emulator.assets) == 4

    async def test_a_file_that_exceeds_a_limit_of_the_model_is_not_uploaded(
        self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path
    ) -> None:
        write_recording(folder / "click.wav", seconds=1)
        outcomes = await finish(client.bulk.embed(folder, model_name="marengo3.0"))
        assert statuses(outcomes) == {"ready": 4, "failed": 1}
        assert isinstance(outcomes["click.wav"].error, RejectedError)
        assert len(emulator.assets) == 4

    async def test_requests_that_were_not_processed_are_retried(
        self, emulator: Emulator, client: AsyncTwelveLabs
    ) -> None:
        emulator.fail("POST", "/embed-v2/tasks", status=429, headers={"Retry-After": "0"}, times=5)
        emulator.understand("b.mp4", fail="no picture", at="embedding")
        outcomes = await finish(client.bulk.embed(VIDEOS, **MODEL))
        assert statuses(outcomes) == {"ready": 3, "failed": 1}
        assert isinstance(outcomes["b.mp4"].error, JobFailedError)


class TestDelete:
    async def test_assets_are_deleted_and_indexed_ones_only_by_force(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, journal: Path
    ) -> None:
        *others, indexed = store_assets(emulator, 5)
        emulator.advance(10)
        await client.indexes.indexed_assets.create(index.id, asset_id=indexed)
        kinds: list[str] = []
        run = client.bulk.delete(
            [*others, indexed, "0" * 24], journal=journal, on_event=lambda event: kinds.append(event.kind)
        )
        outcomes = await finish(run)
        assert [*emulator.assets] == [indexed]
        assert isinstance(outcomes[indexed].error, ConflictError)
        assert isinstance(outcomes["0" * 24].error, BadRequestError)
        assert Counter(kinds) == {"queued": 6, "deleting": 6, "ready": 4, "failed": 2}
        emulator.requests.clear()
        outcomes = await finish(client.bulk.delete([*others, indexed], force=True, journal=journal))
        assert statuses(outcomes) == {"ready": 5}
        assert not emulator.assets
        assert len(emulator.requests) == 1

    async def test_all_assets_of_a_list_are_deleted_although_its_pages_shift(
        self, emulator: Emulator, client: AsyncTwelveLabs
    ) -> None:
        store_assets(emulator, 9)
        listed = (asset.id async for asset in client.assets.list(page_limit=2))
        assert statuses(await finish(client.bulk.delete(listed))) == {"ready": 9}
        assert not emulator.assets

    @pytest.mark.parametrize("retries", [2, 0])
    async def test_an_asset_that_is_missing_after_a_lost_response_was_deleted(
        self, emulator: Emulator, client: AsyncTwelveLabs, retries: int
    ) -> None:
        emulator.drop("DELETE", "/assets/*", acted=True)
        run = client.bulk.delete(store_assets(emulator, 2), request_options={"max_retries": retries})
        assert statuses(await finish(run)) == {"ready": 2}

    async def test_an_asset_that_never_existed_fails_in_every_run(
        self, emulator: Emulator, client: AsyncTwelveLabs, journal: Path
    ) -> None:
        """Unlike one whose deletion was requested by the run before."""
        (asset,) = store_assets(emulator, 1)
        await leave_before_response(client.bulk.delete(asset, journal=journal), emulator, "DELETE", "/assets/*", 1)
        emulator.fail("DELETE", f"/assets/{'0' * 24}", status=404, times=99)
        for _ in range(2):
            outcomes = await finish(client.bulk.delete([asset, "0" * 24], journal=journal))
            assert outcomes[asset].status == "ready"
            assert outcomes["0" * 24].status == "failed"

    async def test_an_invalid_id_is_the_failure_of_one_source(self, client: AsyncTwelveLabs) -> None:
        (outcome,) = (await finish(client.bulk.delete([".."]))).values()
        assert isinstance(outcome.error, ValueError)
