"""Bulk runs: each source has one outcome, whatever happens to the others."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import (
    APIStatusError,
    AsyncTwelveLabs,
    IndexedAsset,
    IndexSchema,
    InvalidArgumentError,
    JobFailedError,
    QuotaExhaustedError,
    RejectedError,
    UnauthorizedError,
    UploadError,
)
from twelvelabs_async.bulk import AsyncBulk, Event, Outcome
from twelvelabs_async.bulk.throttle import Throttle
from twelvelabs_async.errors import MissingFileError
from twelvelabs_async.testing import Emulator

from support.bulk import count_requests, finish, statuses, url, write_recording
from support.clock import Clock
from support.open_files import open_files
from support.samples import MODELS, content_of, video
from support.until import until

pytestmark = [pytest.mark.usefixtures("autojump_clock"), pytest.mark.emulator(processing_time=2, indexing_time=5)]

WORKERS: dict[str, Any] = {"concurrency": 2, "upload_concurrency": 3}
MAX_SOURCES_READ = 3 + 2 + 2 + 1
"""Sources in progress with these settings: in uploads, in processing, in jobs; and one that was read ahead."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three media files, one of them in a subfolder, among other files."""
    for name in ("a.mp4", "b.MOV", "deep/er/c.wav", "notes.txt", ".hidden.mp4", ".cache/d.mp4"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content_of(name))
    (tmp_path / "deep" / "loop").symlink_to(tmp_path)
    return tmp_path


async def index_all(
    client: AsyncTwelveLabs,
    index: IndexSchema,
    sources: Any,
    outcomes: list[Outcome[IndexedAsset]] | None = None,
    **options: Any,
) -> list[Outcome[IndexedAsset]]:
    """Index *sources* and return the outcomes, which are appended to *outcomes* even if the run raises."""
    outcomes = [] if outcomes is None else outcomes
    async for outcome in client.bulk.index(index.id, sources, **options):
        outcomes.append(outcome)
    return outcomes


class TestSources:
    async def test_a_folder_stands_for_its_media_files_without_hidden_ones_and_links(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path
    ) -> None:
        outcomes = await finish(client.bulk.index(index.id, folder))
        assert outcomes.keys() == {"a.mp4", "b.MOV", "c.wav"}
        for name, outcome in outcomes.items():
            assert outcome.status == "ready"
            assert outcome.result is not None
            assert outcome.result.id == outcome.indexed_asset_id
            assert emulator.assets[str(outcome.asset_id)].filename == name
        assert {asset.size for asset in emulator.assets.values()} == {
            len(video(name)) for name in ("a.mp4", "b.MOV", "deep/er/c.wav")
        }

    @pytest.mark.parametrize(
        ("pattern", "names"), [("*.mp4", {"a.mp4"}), ("**/*.[wm]*", {"a.mp4", "c.wav"}), ("?.MOV", {"b.MOV"})]
    )
    async def test_a_pattern_stands_for_the_files_that_match_it(
        self, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, pattern: str, names: set[str]
    ) -> None:
        (folder / "deep" / "loop").unlink()
        (folder / "x.mp4").mkdir()
        assert (await finish(client.bulk.index(index.id, f"{folder}/{pattern}"))).keys() == names

    async def test_the_platform_fetches_urls_and_assets_are_not_uploaded_again(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema
    ) -> None:
        (first,) = await index_all(client, index, url(1))
        (second,) = await index_all(client, index, str(first.asset_id))
        assert first.status == second.status == "ready"
        assert first.asset_id == second.asset_id == second.source
        assert len(emulator.assets) == 1

    @pytest.mark.parametrize("is_single", [True, False])
    async def test_metadata_goes_to_the_asset_and_to_the_indexed_asset(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, is_single: bool
    ) -> None:
        pair = (folder / "a.mp4", {"year": 2026})
        (outcome,) = await index_all(client, index, pair if is_single else [pair])
        stored = emulator.assets[str(outcome.asset_id)].user_metadata
        assert stored.keys() == {"year", "bulk_token", "bulk_sha256"}
        assert stored["year"] == 2026
        item = await client.indexes.indexed_assets.retrieve(index.id, str(outcome.indexed_asset_id))
        assert item.user_metadata == stored

    async def test_an_unreadable_folder_is_one_failure(
        self, client: AsyncTwelveLabs, index: IndexSchema, folder: Path
    ) -> None:
        descriptor = os.open(folder / "deep", os.O_RDONLY)
        for _ in range(20):  # the path becomes too long to be opened
            os.mkdir("x" * 250, dir_fd=descriptor)
            parent, descriptor = descriptor, os.open("x" * 250, os.O_RDONLY, dir_fd=descriptor)
            os.close(parent)
        os.close(descriptor)
        outcomes = await index_all(client, index, folder)
        assert statuses(outcomes) == {"ready": 3, "failed": 1}
        (error,) = (outcome.error for outcome in outcomes if outcome.error is not None)
        assert isinstance(error, OSError)

    async def test_assets_have_names_of_at_most_255_characters(
        self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path
    ) -> None:
        long_name = folder / f"{'a' * 251}.mp4"
        (folder / "a.mp4").rename(long_name)
        sources = ["https://example.com/", f"https://example.com/{'b' * 300}.mp4", long_name]
        for token in ("one", "one", "two"):
            pairs: list[Any] = [(source, {"bulk_token": f"{token}-{n}"}) for n, source in enumerate(sources)]
            outcomes = await finish(client.bulk.upload(pairs))
            assert statuses(outcomes) == {"ready": 3}
        assert sorted(asset.filename for asset in emulator.assets.values()) == sorted(
            f"{token}-{n}-{name}"
            for token in ("one", "two")
            for n, name in enumerate(("example.com", f"{'b' * 245}.mp4", f"{'a' * 245}.mp4"))
        )

    async def test_a_tuple_of_two_sources_is_two_sources(self, client: AsyncTwelveLabs, index: IndexSchema) -> None:
        assert len(await index_all(client, index, (url(1), url(2)))) == 2

    async def test_a_single_path_that_does_not_exist_is_an_error(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema
    ) -> None:
        with pytest.raises(FileNotFoundError, match="no such file"):
            await index_all(client, index, "no/such/folder")
        with pytest.raises(TypeError, match="Invalid sources: int"):
            await index_all(client, index, 42)
        assert not emulator.assets

    async def test_sources_are_read_only_as_they_are_processed(
        self, client: AsyncTwelveLabs, index: IndexSchema
    ) -> None:
        read = done = read_ahead = 0

        async def sources() -> AsyncIterator[Any]:
            nonlocal read, read_ahead
            for read in range(1, 2001):
                read_ahead = max(read_ahead, read - done)
                yield read

        async for outcome in client.bulk.index(index.id, sources(), **WORKERS):
            assert isinstance(outcome.error, TypeError)
            done += 1
        assert done == read == 2000
        assert read_ahead <= MAX_SOURCES_READ

    async def test_an_endless_iterable_is_indexed_as_far_as_outcomes_are_taken(
        self, client: AsyncTwelveLabs, index: IndexSchema
    ) -> None:
        read = 0

        def sources() -> Iterator[str]:
            nonlocal read
            for read in itertools.count(1):
                yield url(read)

        async with aclosing(client.bulk.index(index.id, sources(), **WORKERS)) as run:
            for _ in range(20):
                assert (await anext(run)).status == "ready"
        assert read <= 20 + MAX_SOURCES_READ


class TestTokens:
    async def test_what_has_a_token_is_created_once(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema
    ) -> None:
        sources: list[Any] = [(url(1), {"bulk_token": token, "year": 2026}) for token in ("one", "two")]
        (uploaded,) = (await finish(client.bulk.upload(sources[:1]))).values()
        first = await index_all(client, index, sources)
        second = await index_all(client, index, sources)
        assert {uploaded.asset_id} < {outcome.asset_id for outcome in first} == set(emulator.assets)
        assert {outcome.indexed_asset_id for outcome in first} == {outcome.indexed_asset_id for outcome in second}
        assert [asset.user_metadata["bulk_token"] for asset in emulator.assets.values()] == ["one", "two"]
        assert len(emulator.indexed_assets) == 2

    async def test_an_asset_with_the_same_name_and_another_token_is_not_taken(
        self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path
    ) -> None:
        """Neither at first nor after a lost response."""
        foreign = await client.assets.create_and_wait(folder / "b.MOV", filename="mine-a.mp4")
        emulator.drop("POST", "/assets")  # not processed, so that only the foreign asset has the name
        source: Any = (folder / "a.mp4", {"bulk_token": "mine"})
        (outcome,) = (await finish(client.bulk.upload(source))).values()
        assert outcome.status == "ready"
        assert outcome.asset_id != foreign.id
        assert len(emulator.assets) == 2


class TestUpload:
    async def test_upload_waits_until_the_assets_are_ready(
        self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path
    ) -> None:
        outcomes = await finish(client.bulk.upload([folder, url(1)]))
        assert outcomes.keys() == {"a.mp4", "b.MOV", "c.wav", "notes.txt", "1.mp4"}
        for outcome in outcomes.values():
            assert outcome.result is not None
            assert outcome.result.status == "ready"
            assert outcome.result.id == outcome.asset_id in emulator.assets


class TestPause:
    async def test_a_paused_run_creates_nothing_until_it_is_resumed(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema
    ) -> None:
        def posts() -> int:
            return sum(request.method == "POST" for request in emulator.requests)

        run = client.bulk.index(index.id, map(url, range(30)), concurrency=3)
        outcomes = [await anext(run)]
        run.pause()
        rest = asyncio.create_task(anext(run))
        await asyncio.sleep(60)  # requests in flight when the run was paused
        before = posts()
        await asyncio.sleep(600)
        assert posts() == before < 60
        run.resume()
        outcomes += [await rest, *[outcome async for outcome in run]]
        assert statuses(outcomes) == {"ready": 30}

    async def test_a_stopped_run_finishes_the_sources_in_progress(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema
    ) -> None:
        run = client.bulk.index(index.id, map(url, itertools.count()), **WORKERS)
        outcomes = [await anext(run)]
        run.stop()
        outcomes += [outcome async for outcome in run]
        assert statuses(outcomes) == {"ready": len(emulator.assets)}
        assert len(outcomes) <= 1 + MAX_SOURCES_READ


class TestOutcomes:
    @pytest.mark.parametrize("number", [1, 12])
    async def test_results_do_not_depend_on_the_kind_of_poll(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, number: int
    ) -> None:
        """One job is polled by itself, and many by the list, which has fewer fields."""
        urls = [url(str(name)) for name in range(number)]
        for _ in ("new", "indexed already"):
            outcomes = [outcome async for outcome in client.bulk.index(index.id, urls)]
            assert [type(outcome.result) for outcome in outcomes] == [IndexedAsset] * number
            assert {outcome.result.system_metadata is not None for outcome in outcomes if outcome.result} == {True}

    @pytest.mark.emulator(indexing_time=lambda name: 300.0 if name == "slow.mp4" else 5.0)
    async def test_outcomes_come_in_the_order_in_which_sources_finish(
        self, client: AsyncTwelveLabs, index: IndexSchema
    ) -> None:
        outcomes = await index_all(client, index, [url("slow"), url(1), url(2)])
        assert outcomes[-1].source == url("slow")

    async def test_a_failure_is_the_outcome_of_its_source_alone(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, tmp_path: Path
    ) -> None:
        emulator.understand("broken.mp4", fail="no picture", at="processing")
        emulator.understand("odd.mp4", fail="no sense", at="indexing")
        for name in ("good.mp4", "empty.mp4", "broken.mp4", "odd.mp4"):
            (tmp_path / name).write_bytes(b"" if name == "empty.mp4" else video(name))
        sources: list[Any] = [42, "no/such/file.mp4", "http://", tmp_path]
        outcomes = await finish(client.bulk.index(index.id, sources))
        assert {name: type(outcome.error) for name, outcome in outcomes.items()} == {
            "42": TypeError,
            "file.mp4": MissingFileError,
            "http:": InvalidArgumentError,
            "empty.mp4": RejectedError,
            "broken.mp4": JobFailedError,
            "odd.mp4": JobFailedError,
            "good.mp4": type(None),
        }
        assert "no picture" in str(outcomes["broken.mp4"].error)
        assert {name for name, outcome in outcomes.items() if outcome.indexed_asset_id} == {"odd.mp4", "good.mp4"}

    async def test_a_file_that_exceeds_a_limit_of_the_models_is_not_uploaded(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, tmp_path: Path
    ) -> None:
        write_recording(tmp_path / "short.wav", seconds=1)
        (outcome,) = await index_all(client, index, tmp_path)
        assert isinstance(outcome.error, RejectedError)
        assert "length in seconds is 1; expected 4 to 14,400 for marengo3.0" in str(outcome.error)
        assert not emulator.assets

    async def test_transient_failures_are_retried(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema
    ) -> None:
        emulator.fail("POST", "/assets", status=429, headers={"Retry-After": "0"}, times=2)
        emulator.fail("POST", "/indexes/*/indexed-assets", status=429, headers={"Retry-After": "0"})
        emulator.drop("GET", "/assets*")
        assert statuses(await index_all(client, index, map(url, range(5)))) == {"ready": 5}

    async def test_refusals_at_the_start_are_retried_unless_the_quota_is_exhausted(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema
    ) -> None:
        emulator.fail("GET", "/indexes/*", status=429, headers={"Retry-After": "0"}, times=8)
        assert statuses(await index_all(client, index, url(1))) == {"ready": 1}
        emulator.fail("GET", "/indexes/*", status=429, headers={"Retry-After": "7200"}, times=99)
        with pytest.raises(QuotaExhaustedError):
            await index_all(client, index, url(2))

    async def test_an_unknown_index_is_found_before_anything_is_uploaded(
        self, emulator: Emulator, client: AsyncTwelveLabs
    ) -> None:
        with pytest.raises(APIStatusError, match="does not exist"):
            await anext(client.bulk.index("66a1b2c3d4e5f600000000ff", [url(1)]))
        assert len(emulator.requests) == 1

    @pytest.mark.parametrize(
        ("option", "value", "message"),
        [
            ("concurrency", 0, "concurrency must be at least 1; got 0"),
            ("upload_concurrency", True, "upload_concurrency must be at least 1; got True"),
            ("max_bytes_per_second", 1000, "max_bytes_per_second must be at least 262144; got 1000"),
            ("interval", 0, "interval must be positive; got 0"),
            ("timeout", -1, "timeout must be positive; got -1"),
        ],
    )
    async def test_invalid_options_are_refused_by_the_call(
        self, client: AsyncTwelveLabs, option: str, value: Any, message: str
    ) -> None:
        options: dict[str, Any] = {option: value}
        with pytest.raises(ValueError, match=message):
            client.bulk.index("index", [], **options)
        with pytest.raises(TypeError, match="on_event must be callable; got 42"):
            client.bulk.upload([], on_event=42)  # type: ignore[arg-type]


class TestFailuresOfTheRun:
    @pytest.mark.parametrize("path", ["/assets", "/indexes/*/indexed-assets"])
    @pytest.mark.parametrize(
        ("status", "headers", "expected"),
        [(401, {}, UnauthorizedError), (429, {"Retry-After": "7200"}, QuotaExhaustedError)],
    )
    async def test_a_revoked_key_or_exhausted_quota_ends_the_run_after_all_outcomes(
        self,
        emulator: Emulator,
        client: AsyncTwelveLabs,
        index: IndexSchema,
        path: str,
        status: int,
        headers: dict[str, str],
        expected: type[Exception],
    ) -> None:
        emulator.fail("POST", path, status=status, headers=headers, skip=3, times=99)
        read: list[str] = []
        outcomes: list[Outcome[IndexedAsset]] = []

        def sources() -> Iterator[str]:
            for number in itertools.count():
                read.append(url(number))
                yield read[-1]

        with pytest.raises(expected) as caught:
            await index_all(client, index, sources(), outcomes, **WORKERS)
        # The thread may just be reading a source, which is no longer taken.
        assert sorted(outcome.source for outcome in outcomes) in (sorted(read), sorted(read[:-1]))
        assert statuses(outcomes)["ready"] == 3
        assert len(read) <= 3 + MAX_SOURCES_READ
        if isinstance(caught.value, QuotaExhaustedError):
            assert caught.value.resume_at is not None
            assert abs(caught.value.resume_at - datetime.now(UTC) - timedelta(hours=2)) < timedelta(minutes=1)
            assert f"{caught.value.resume_at:%H:%M} UTC" in str(caught.value)

    @pytest.mark.emulator(latency=0.05)  # time to read as many sources as the workers take, and one more
    async def test_a_source_that_was_read_before_a_key_was_revoked_is_not_sent_after_it(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema
    ) -> None:
        emulator.fail("POST", "/assets", status=401, times=99)
        outcomes: list[Outcome[IndexedAsset]] = []
        with pytest.raises(UnauthorizedError):
            await index_all(client, index, map(url, range(9)), outcomes, concurrency=1, upload_concurrency=1)
        workers = 1 + 1 + 1
        assert len(outcomes) == workers + 1
        assert count_requests(emulator, "POST", "/assets") == workers

    async def test_a_run_that_ends_does_not_wait_for_more_sources(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema
    ) -> None:
        emulator.fail("POST", "/assets", status=401)

        async def sources() -> AsyncIterator[str]:
            yield url(1)
            await asyncio.Event().wait()

        with pytest.raises(UnauthorizedError):
            await index_all(client, index, sources())

    async def test_an_upload_in_parts_that_is_refused_can_be_resumed(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, tmp_path: Path
    ) -> None:
        (tmp_path / "large.mp4").write_bytes(video(size=2000))
        emulator.fail("POST", "/assets/multipart-uploads/*", status=401)
        run = AsyncBulk(client, multipart_threshold=1000).index(index.id, tmp_path)
        outcome = await anext(run)
        with pytest.raises(UnauthorizedError):
            await anext(run)
        assert isinstance(outcome.error, UploadError)
        assert outcome.error.upload_id in emulator.state.uploads

    async def test_an_iterable_that_raises_ends_the_run_after_the_outcomes_of_what_it_yielded(
        self, client: AsyncTwelveLabs, index: IndexSchema
    ) -> None:
        def sources() -> Iterator[str]:
            yield from (url(1), url(2))
            raise LookupError("mine")

        outcomes: list[Outcome[IndexedAsset]] = []
        with pytest.raises(LookupError, match="mine"):
            await index_all(client, index, sources(), outcomes)
        assert statuses(outcomes) == {"ready": 2}

    async def test_an_index_that_is_deleted_ends_the_run(self, client: AsyncTwelveLabs, index: IndexSchema) -> None:
        outcomes: list[Outcome[IndexedAsset]] = []

        async def delete(event: Event) -> None:
            if event.source == url(3) and event.kind == "uploaded":
                await client.indexes.delete(index.id)

        with pytest.raises(APIStatusError, match=f"index with the id {index.id} does not exist"):
            await index_all(client, index, map(url, range(1000)), outcomes, **WORKERS, on_event=delete)
        assert len(outcomes) <= 3 + MAX_SOURCES_READ
        assert outcomes[-1].status == "failed"


class TestEvents:
    async def test_events_report_each_step_of_a_source(
        self, client: AsyncTwelveLabs, index: IndexSchema, folder: Path
    ) -> None:
        kinds: dict[str, list[str]] = defaultdict(list)
        events: list[Event] = []

        async def on_event(event: Event) -> None:
            await asyncio.sleep(0)
            events.append(event)
            if kinds[event.source][-1:] != [event.kind]:
                kinds[event.source].append(event.kind)

        paths = [str(folder / name) for name in ("a.mp4", "b.MOV", "missing.mp4")]
        await index_all(client, index, paths, on_event=on_event)
        every_step = ["queued", "uploading", "uploaded", "indexing", "ready"]
        assert kinds == {paths[0]: every_step, paths[1]: every_step, paths[2]: ["queued", "failed"]}
        assert all(event.asset_id for event in events if event.kind in ("uploaded", "indexing", "ready"))
        assert all(event.indexed_asset_id for event in events if event.kind in ("indexing", "ready"))
        (failure,) = (event for event in events if event.kind == "failed")
        assert isinstance(failure.error, FileNotFoundError)
        assert [event.progress.percentage for event in events if event.progress] == [100.0] * 4

    @pytest.mark.emulator(indexing_time=1e6)
    @pytest.mark.parametrize("kind", ["queued", "uploading", "uploaded", "indexing"])
    async def test_an_error_of_the_callback_ends_the_run_at_once(
        self, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, kind: str
    ) -> None:
        def on_event(event: Event) -> None:
            if event.kind == kind and event.source == str(folder / "a.mp4"):
                raise LookupError("mine")

        with pytest.raises(LookupError, match="mine"):
            await index_all(client, index, [folder / "b.MOV", folder / "a.mp4"], on_event=on_event)

    async def test_an_error_of_the_callback_at_the_end_of_a_source_ends_the_run(
        self, client: AsyncTwelveLabs, index: IndexSchema
    ) -> None:
        def on_event(event: Event) -> None:
            if event.kind == "ready":
                raise LookupError("mine")

        with pytest.raises(LookupError, match="mine"):
            await index_all(client, index, url(1), on_event=on_event)


class TestLimits:
    async def test_all_uploads_together_keep_to_the_bandwidth(self, client: AsyncTwelveLabs, tmp_path: Path) -> None:
        for name in "abc":
            (tmp_path / f"{name}.mp4").write_bytes(video(name, size=100_000))
        sent_at = list[float]()

        def on_event(event: Event) -> None:
            if event.progress is not None:
                sent_at.append(asyncio.get_running_loop().time())

        began = asyncio.get_running_loop().time()
        run = client.bulk.upload(tmp_path, max_bytes_per_second=300_000, on_event=on_event)
        assert statuses(await finish(run)) == {"ready": 3}
        assert max(sent_at) - began >= 3 * 100_000 / 300_000

    @pytest.mark.emulator(chunk_size=131_072)
    async def test_no_byte_of_a_part_counts_twice_for_the_bandwidth(
        self, client: AsyncTwelveLabs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Parts report their bytes while others wait for the bandwidth."""
        (tmp_path / "large.mp4").write_bytes(video(size=(size := 20 * 131_072)))
        acquired = list[int]()
        acquire = Throttle.acquire

        async def spy(throttle: Throttle, size: int) -> None:
            acquired.append(size)
            await acquire(throttle, size)

        monkeypatch.setattr(Throttle, "acquire", spy)
        bulk = AsyncBulk(client, multipart_threshold=131_072)
        assert statuses(await finish(bulk.upload(tmp_path, max_bytes_per_second=size))) == {"ready": 1}
        assert sum(acquired) == size

    @pytest.mark.emulator(chunk_size=1000)
    async def test_the_bandwidth_is_divided_among_parts_so_that_each_can_finish_in_time(
        self, emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path, clock: Clock
    ) -> None:
        """Two shares of 262,144 bytes per second: two parts are in flight, and not five."""
        (tmp_path / "large.mp4").write_bytes(video(size=20_000))
        emulator.delay("PUT", "/storage/*", 60, times=99)
        bulk = AsyncBulk(client, multipart_threshold=1000)
        run = asyncio.create_task(finish(bulk.upload(tmp_path, upload_concurrency=1, max_bytes_per_second=2 * 262_144)))

        def parts_in_flight() -> int:
            return sum(request.method == "PUT" and request.status is None for request in emulator.requests)

        await until(lambda: parts_in_flight() == 2)
        clock.advance(5)
        await asyncio.sleep(0.1)
        assert parts_in_flight() == 2
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)

    async def test_uploads_and_jobs_keep_to_their_concurrency(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema
    ) -> None:
        uploads, jobs = set[int](), set[int]()

        def on_event(_: Event) -> None:
            # Backwards: a request that is in flight now may have ended before an earlier one is counted.
            posts = [r.status for r in reversed(emulator.requests) if (r.method, r.path) == ("POST", "/assets")]
            uploads.add(posts.count(None))
            now = emulator.state.clock.now()
            jobs.add(sum(item.status(now) != "ready" for item in emulator.indexed_assets.values()))

        emulator.delay("POST", "/assets", 0.02, times=40)
        options: dict[str, Any] = {"concurrency": 6, "upload_concurrency": 3, "on_event": on_event}
        assert statuses(await index_all(client, index, map(url, range(40)), **options)) == {"ready": 40}
        assert max(uploads) <= 3
        assert 2 <= max(jobs) <= 6

    async def test_two_hundred_assets_need_two_requests_each_and_few_polls(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema
    ) -> None:
        emulator.requests.clear()
        outcomes = await index_all(client, index, map(url, range(200)), concurrency=50)
        assert statuses(outcomes) == {"ready": 200}
        methods = Counter(request.method for request in emulator.requests)
        assert methods["POST"] == 400
        assert methods["GET"] <= 200

    async def test_rate_limits_are_used_up_and_hardly_a_request_is_refused(self, clock: Clock) -> None:
        clock.autojump = False  # the windows of the rate limits are real time
        limits: Any = dict.fromkeys(("assets", "indexing"), (150, 0.5))
        with Emulator(speed=1, processing_time=0.01, indexing_time=0.01, rate_limits=limits) as emulator:
            async with AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.url) as client:
                index = await client.indexes.ensure("tests", models=MODELS)
                began = asyncio.get_running_loop().time()
                outcomes = await index_all(client, index, map(url, range(400)), concurrency=100, interval=0.02)
        assert statuses(outcomes) == {"ready": 400}
        assert sum(request.status == 429 for request in emulator.requests) <= len(emulator.requests) / 100
        assert asyncio.get_running_loop().time() - began >= 1.0


class TestEnd:
    async def test_leaving_the_iteration_leaves_nothing_behind(
        self, client: AsyncTwelveLabs, index: IndexSchema, folder: Path
    ) -> None:
        before = len(open_files())
        async with aclosing(client.bulk.index(index.id, [folder, url(1)])) as outcomes:
            async for _ in outcomes:
                break
        assert asyncio.all_tasks() == {asyncio.current_task()}
        await client.close()
        await until(lambda: len(open_files()) <= before)

    @pytest.mark.parametrize("is_paused", [False, True])
    async def test_a_run_can_be_closed_while_another_task_waits_for_its_next_outcome(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, is_paused: bool
    ) -> None:
        async def sources() -> AsyncIterator[Any]:
            yield folder
            await asyncio.Event().wait()

        emulator.delay("POST", "/assets", 30, times=9)
        run = client.bulk.index(index.id, sources())
        if is_paused:
            run.pause()
        before = len(emulator.requests)
        waiting = asyncio.create_task(anext(run, "the end"))
        await until(lambda: len(emulator.requests) >= before + (1 if is_paused else 4))
        await run.aclose()
        assert await waiting == "the end"
        assert asyncio.all_tasks() == {asyncio.current_task()}

    async def test_a_run_can_be_closed_before_it_could_start(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, clock: Clock
    ) -> None:
        clock.autojump = False
        emulator.fail("GET", "/indexes/*", status=503, headers={"Retry-After": "60"}, times=99)
        run = client.bulk.index(index.id, [url(1)])
        before = len(emulator.requests)
        waiting = asyncio.create_task(anext(run, "the end"))
        await until(lambda: len(emulator.requests) > before)
        await run.aclose()
        assert await waiting == "the end"
        assert asyncio.all_tasks() == {asyncio.current_task()}

    @pytest.mark.parametrize("end", ["close", "cancel"])
    async def test_a_run_can_be_ended_at_each_of_its_first_steps(
        self, client: AsyncTwelveLabs, index: IndexSchema, end: str
    ) -> None:
        for steps in range(15):
            run = client.bulk.index(index.id, [url(1)])
            waiting = asyncio.create_task(anext(run, "the end"))
            for _ in range(steps):
                await asyncio.sleep(0)
            if end == "close":
                await run.aclose()
                assert await waiting == "the end"
            else:
                waiting.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await waiting
            assert asyncio.all_tasks() == {asyncio.current_task()}

    @pytest.mark.parametrize("path", ["/assets", "/indexes/*/indexed-assets"])
    async def test_cancellation_leaves_nothing_behind(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, path: str
    ) -> None:
        before = len(open_files())
        emulator.delay("POST", path, 30, times=9)
        running = asyncio.create_task(index_all(client, index, folder))
        name = path.rpartition("/")[2]
        await until(lambda: sum(r.method == "POST" and r.path.endswith(name) for r in emulator.requests) == 3)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert asyncio.all_tasks() == {asyncio.current_task()}
        await client.close()
        await until(lambda: len(open_files()) <= before)
