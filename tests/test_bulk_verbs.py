"""Analyzing, embedding and deleting in bulk: each source once, whatever happens in between."""

from __future__ import annotations

import asyncio
import wave
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any, TypeVar

import pytest

from twelvelabs_async import (
    AsyncTwelveLabs,
    BadRequestError,
    ConflictError,
    IndexSchema,
    JobFailedError,
    QuotaExhaustedError,
    RejectedError,
    TwelveLabs,
    TwelveLabsError,
    UnauthorizedError,
    read_journal,
)
from twelvelabs_async.bulk import AsyncRun, Event, Outcome
from twelvelabs_async.testing import Emulator

from support.until import until

T = TypeVar("T")

INTERVAL = 0.02
DAY = 24 * 3600.0
ASKED: dict[str, Any] = {"prompt": "What happens?", "interval": INTERVAL}
PACKED: dict[str, Any] = {"prompt": "What happens?", "interval": 0.1, "batch": True}  # time for all to gather
MODEL: dict[str, Any] = {"model_name": "marengo3.5", "interval": INTERVAL}

both = pytest.mark.parametrize(("path", "asked"), [("/analyze/tasks", ASKED), ("/analyze/batches", PACKED)])


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator whose jobs take hundredths of a second, but some analyses days: those of some files only at first."""
    late = {"late.mp4": 10 * DAY, "stuck.mp4": 2 * DAY}

    def analysis_time(name: str) -> float:
        return DAY / 2 if name.startswith("long") else late.pop(name, 4.0)

    with Emulator(speed=100, processing_time=1.0, analysis_time=analysis_time, embedding_time=2.0) as emulator:
        yield emulator


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four videos."""
    folder = tmp_path / "videos"
    folder.mkdir()
    for name in ("a.mp4", "b.mp4", "c.mp4", "d.mp4"):
        (folder / name).write_bytes(name.encode())
    return folder


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Where the journal is to be."""
    return tmp_path / "run.db"


def url(name: object) -> str:
    return f"https://example.com/{name}.mp4"


VIDEOS = [url(name) for name in "abcd"]


def stored(emulator: Emulator, number: int) -> list[str]:
    """The ids of many assets that are there already."""
    for name in range(number):
        asset = emulator.state.add_asset("url", f"{name}.mp4")
        emulator.state.receive_file(asset, None, 1_000_000)
    return list(emulator.assets)


def posts(emulator: Emulator, path: str) -> int:
    """How often the emulator was asked to create such a thing, whether or not it answered."""
    return sum((request.method, request.path) == ("POST", path) for request in emulator.requests)


def batch_sizes(emulator: Emulator) -> list[int]:
    """How many requests each of the emulator's batches has."""
    return [len(batch.tasks) for batch in emulator.state.analyze_batches.values()]


async def finish(run: AsyncRun[T]) -> dict[str, Outcome[T]]:
    """The outcomes by the names of their sources."""
    return {Path(outcome.source).name: outcome async for outcome in run}


def statuses(outcomes: dict[str, Outcome[T]]) -> Counter[str]:
    return Counter(outcome.status for outcome in outcomes.values())


async def leave(run: AsyncRun[Any], done: int) -> None:
    """Leave a run when so many outcomes have come, in the middle of others."""
    async with aclosing(run):
        for _ in range(done):
            await anext(run)
        await asyncio.sleep(0.01)


async def leave_unanswered(run: AsyncRun[Any], emulator: Emulator, method: str, path: str, requests: int) -> None:
    """Leave a run while the emulator has done what it was asked for, but not yet said so."""
    emulator.delay(method, path, 30, times=requests)
    running = asyncio.create_task(finish(run))
    pattern = path.removesuffix("*")
    await until(lambda: sum(r.method == method and r.path.startswith(pattern) for r in emulator.requests) >= requests)
    await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


class TestAnalyze:
    @both
    async def test_answers(
        self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path, journal: Path, path: str, asked: dict[str, Any]
    ) -> None:
        """Files, URLs and assets are analyzed; a later run tells the same answers, and asks for nothing."""
        emulator.understand("a.mp4", text="A rocket takes off.")
        asset = await client.assets.create_and_wait(url("there"), interval=INTERVAL)
        settings: dict[str, Any] = {**asked, "journal": journal}
        kinds: dict[str, list[str]] = defaultdict(list)
        sources = [folder, url(1), asset.id]
        outcomes = await finish(
            client.bulk.analyze(sources, **settings, on_event=lambda event: kinds[event.source].append(event.kind))
        )
        assert statuses(outcomes) == {"ready": 6}
        assert outcomes["a.mp4"].result is not None
        assert "A rocket takes off." in outcomes["a.mp4"].result.data
        assert {outcome.task_id for outcome in outcomes.values()} == set(emulator.state.analyze_tasks)
        assert sum(batch_sizes(emulator)) == (6 if asked is PACKED else 0)
        assert kinds[str(folder / "a.mp4")] == ["queued", "uploading", "uploading", "uploaded", "analyzing", "ready"]
        assert kinds[asset.id] == ["queued", "analyzing", "ready"]
        emulator.requests.clear()
        again = await finish(client.bulk.analyze(sources, **settings))
        assert {name: outcome.result for name, outcome in again.items()} == {
            name: outcome.result for name, outcome in outcomes.items()
        }
        assert not emulator.requests

    @both
    async def test_failures(
        self, emulator: Emulator, client: AsyncTwelveLabs, journal: Path, path: str, asked: dict[str, Any]
    ) -> None:
        """A failed analysis is the failure of one source, and not tried again until somebody wants it."""
        emulator.understand("b.mp4", fail="no sense", at="analysis")
        settings: dict[str, Any] = {**asked, "journal": journal}
        first = await finish(client.bulk.analyze(VIDEOS, **settings))
        assert statuses(first) == {"ready": 3, "failed": 1}
        assert isinstance(first["b.mp4"].error, JobFailedError)
        assert "no sense" in str(first["b.mp4"].error)
        second = await finish(client.bulk.analyze(VIDEOS, **settings))
        assert isinstance(second["b.mp4"].error, RejectedError)
        assert len(emulator.state.analyze_tasks) == 4
        third = await finish(client.bulk.analyze(VIDEOS, **ASKED, journal=journal, retry_failed=True))
        assert statuses(third) == {"ready": 3, "failed": 1}
        assert len(emulator.state.analyze_tasks) == 5
        assert len(emulator.assets) == 4

    @both
    @pytest.mark.parametrize("done", [0, 1, 3])
    async def test_left_early(
        self,
        emulator: Emulator,
        client: AsyncTwelveLabs,
        journal: Path,
        path: str,
        asked: dict[str, Any],
        done: int,
    ) -> None:
        """A run that was left goes on, and nothing is analyzed for a second time."""
        settings: dict[str, Any] = {**asked, "journal": journal}
        await leave(client.bulk.analyze(VIDEOS, **settings), done)
        assert statuses(await finish(client.bulk.analyze(VIDEOS, **settings))) == {"ready": 4}
        assert len(emulator.state.analyze_tasks) == len(emulator.assets) == 4

    @both
    async def test_left_unanswered(
        self, emulator: Emulator, client: AsyncTwelveLabs, journal: Path, path: str, asked: dict[str, Any]
    ) -> None:
        """What was created when a run ended is found, whichever way the next run goes."""
        run = client.bulk.analyze(VIDEOS, **asked, journal=journal)
        await leave_unanswered(run, emulator, "POST", path, 1 if asked is PACKED else 4)
        assert read_journal(journal).counts == {"analyzing": 4}
        other = ASKED if asked is PACKED else PACKED
        assert statuses(await finish(client.bulk.analyze(VIDEOS, **other, journal=journal))) == {"ready": 4}
        assert len(emulator.state.analyze_tasks) == 4

    @both
    @pytest.mark.parametrize("times", [1, 4])
    async def test_lost_answer(
        self, emulator: Emulator, client: AsyncTwelveLabs, path: str, asked: dict[str, Any], times: int
    ) -> None:
        """If the answer to a creating call is lost, the API is asked whether it was successful."""
        emulator.drop("POST", path, times=times, acted=True)
        assert statuses(await finish(client.bulk.analyze(VIDEOS, **asked))) == {"ready": 4}
        assert len(emulator.state.analyze_tasks) == 4

    async def test_lost_and_unlisted(self, emulator: Emulator, client: AsyncTwelveLabs) -> None:
        """Even a task that the API does not tell of is not created twice."""
        emulator.drop("POST", "/analyze/tasks", times=3, acted=True)
        emulator.fail("GET", "/analyze/tasks", status=200, body={"data": []}, times=99)
        assert statuses(await finish(client.bulk.analyze(url(1), **ASKED))) == {"ready": 1}
        assert len(emulator.state.analyze_tasks) == 1
        assert posts(emulator, "/analyze/tasks") == 4

    @both
    async def test_quota(
        self, emulator: Emulator, client: AsyncTwelveLabs, journal: Path, path: str, asked: dict[str, Any]
    ) -> None:
        """A quota that is used up ends the run; the next one does not look for what was never created."""
        emulator.fail("POST", path, status=429, headers={"Retry-After": "7200"}, times=4)
        settings: dict[str, Any] = {**asked, "journal": journal}
        with pytest.raises(QuotaExhaustedError):
            await finish(client.bulk.analyze(VIDEOS, **settings))
        assert read_journal(journal).counts == {"uploaded": 4}

    async def test_nothing_to_ask(self, client: AsyncTwelveLabs, journal: Path) -> None:
        """There has to be a question, and a journal belongs to one."""
        with pytest.raises(ValueError, match="question is missing"):
            client.bulk.analyze(VIDEOS)
        await finish(client.bulk.analyze(VIDEOS, **ASKED, journal=journal))
        with pytest.raises(ValueError, match=r"belongs to another job: .*What happens\?"):
            await finish(client.bulk.analyze(VIDEOS, prompt="Why?", journal=journal))


class TestBatches:
    async def test_packing(self, emulator: Emulator, client: AsyncTwelveLabs) -> None:
        """1,200 videos are 2 batches, whose results are read once each, however late some ask for them."""
        sources = stored(emulator, 1200)

        def read() -> int:
            return sum(request.path.endswith("/results") for request in emulator.requests)

        async def dawdle(event: Event) -> None:
            if event.kind == "analyzing" and event.source in (sources[0], sources[-1]):
                await until(lambda: read() == 2)

        settings: dict[str, Any] = {**PACKED, "interval": 0.2, "concurrency": 1200, "on_event": dawdle}
        outcomes = await finish(client.bulk.analyze(sources, **settings))
        assert statuses(outcomes) == {"ready": 1200}
        assert batch_sizes(emulator) == [1000, 200]
        assert len({outcome.task_id for outcome in outcomes.values()}) == 1200
        assert read() == 2
        assert not any(request.path.startswith("/analyze/tasks") for request in emulator.requests)

    async def test_expired(self, emulator: Emulator, client: AsyncTwelveLabs) -> None:
        """What was not done before a batch expired goes into another one."""
        running = asyncio.create_task(finish(client.bulk.analyze([url("late"), url("stuck"), url("quick")], **PACKED)))
        await until(lambda: batch_sizes(emulator) == [3])
        emulator.advance(DAY)
        assert statuses(await running) == {"ready": 3}
        assert batch_sizes(emulator) == [3, 2]

    async def test_at_most_five(self, emulator: Emulator, client: AsyncTwelveLabs) -> None:
        """No more batches are begun than an account may have under way, those of others included."""
        asset = await client.assets.create_and_wait(url("long"), interval=INTERVAL)
        video: Any = {"type": "asset_id", "asset_id": asset.id}
        settings: dict[str, Any] = {"model_name": "pegasus1.5", "analysis_mode": "general"}
        for _ in range(5):
            await client.analyze_async.batches.create(
                **settings, requests=[{"video": video, "prompt": {"input_text": "Why?"}}]
            )
        running = asyncio.create_task(finish(client.bulk.analyze(url(1), **PACKED)))
        await until(lambda: sum(r.path == "/analyze/batches" and r.method == "GET" for r in emulator.requests) > 2)
        assert posts(emulator, "/analyze/batches") == 5
        emulator.advance(DAY / 2)
        assert statuses(await running) == {"ready": 1}
        assert posts(emulator, "/analyze/batches") == 6

    async def test_spoiled(self, emulator: Emulator, client: AsyncTwelveLabs) -> None:
        """A request for which a whole batch is refused fails alone."""
        picture = "https://example.com/picture.png"
        outcomes = await finish(client.bulk.analyze([*map(url, range(6)), picture], **PACKED))
        assert statuses(outcomes) == {"ready": 6, "failed": 1}
        assert isinstance(outcomes["picture.png"].error, BadRequestError)
        assert sum(batch_sizes(emulator)) == 6

    async def test_too_large(self, emulator: Emulator, client: AsyncTwelveLabs) -> None:
        """A batch that takes the API too long to create is made smaller."""
        emulator.fail("POST", "/analyze/batches", status=504)
        assert statuses(await finish(client.bulk.analyze(VIDEOS, **PACKED))) == {"ready": 4}
        assert batch_sizes(emulator) == [2, 2]

    @pytest.mark.parametrize("path", ["/analyze/batches", "/analyze/batches/*/results"])
    async def test_refused(self, emulator: Emulator, client: AsyncTwelveLabs, path: str) -> None:
        """What is refused to the one who asks for all need not be asked for by the others."""
        emulator.fail("GET", path, status=401, times=99)
        with pytest.raises(UnauthorizedError):
            await finish(client.bulk.analyze(VIDEOS, **PACKED))
        assert sum(request.status == 401 for request in emulator.requests) == 1

    async def test_faults(self, emulator: Emulator, client: AsyncTwelveLabs) -> None:
        """Faults of looks at batches are ridden out."""
        emulator.fail("GET", "/analyze/batches", status=503, times=3, headers={"Retry-After": "0"})
        emulator.drop("GET", "/analyze/batches/*/results")
        assert statuses(await finish(client.bulk.analyze(VIDEOS, **PACKED))) == {"ready": 4}
        assert len(emulator.state.analyze_tasks) == 4


class TestEmbed:
    async def test_vectors(self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path, journal: Path) -> None:
        """Each kind of media is embedded as what it is, and as was asked for; later runs know the tasks."""
        for name in ("sound.wav", "picture.png", "paper.pdf"):
            (folder / name).write_bytes(name.encode())
        kinds: list[str] = []
        settings: dict[str, Any] = {
            **MODEL,
            "journal": journal,
            "embedding_dimension": 8,
            "video": {"embedding_option": ["visual"], "embedding_scope": ["asset"]},
        }
        run = client.bulk.embed([folder, url(1)], **settings, on_event=lambda event: kinds.append(event.kind))
        outcomes = await finish(run)
        assert statuses(outcomes) == {"ready": 8}
        assert kinds.count("embedding") == 8
        for name, kind in {"a.mp4": "video", "1.mp4": "video", "sound.wav": "audio", "picture.png": "image"}.items():
            task = outcomes[name].result
            assert task is not None
            assert task.metadata is not None
            assert task.metadata.input_type == kind
            assert {len(found.embedding) for found in task.data or []} == {8}
            if kind == "video":
                assert [(found.embedding_option, found.embedding_scope) for found in task.data or []] == [
                    ("visual", "asset")
                ]
        emulator.requests.clear()
        again = await finish(client.bulk.embed([folder, url(1)], **settings))
        assert not emulator.requests
        assert statuses(again) == {"ready": 8}
        task = await client.embed.v_2.tasks.retrieve(str(again["a.mp4"].task_id))
        assert task.data

    @pytest.mark.parametrize("done", [0, 1, 3])
    async def test_left_early(self, emulator: Emulator, client: AsyncTwelveLabs, journal: Path, done: int) -> None:
        """A run that was left goes on, and nothing is embedded for a second time."""
        await leave(client.bulk.embed(VIDEOS, **MODEL, journal=journal, concurrency=1), done)
        outcomes = await finish(client.bulk.embed(VIDEOS, **MODEL, journal=journal))
        unclear = statuses(outcomes)["failed"]  # it may have been on its way
        assert unclear <= 1
        assert 4 - unclear <= posts(emulator, "/embed-v2/tasks") <= len(emulator.assets) == 4

    @pytest.mark.parametrize("how", ["dropped", "left"])
    async def test_lost_answer(self, emulator: Emulator, client: AsyncTwelveLabs, journal: Path, how: str) -> None:
        """If nobody knows whether there is a task, there is no second one until somebody wants it."""
        run = client.bulk.embed(VIDEOS[0], **MODEL, journal=journal)
        if how == "dropped":
            emulator.drop("POST", "/embed-v2/tasks", acted=True)
            await finish(run)
        else:
            await leave_unanswered(run, emulator, "POST", "/embed-v2/tasks", 1)
        outcomes = await finish(client.bulk.embed(VIDEOS, **MODEL, journal=journal))
        assert statuses(outcomes) == {"ready": 3, "failed": 1}
        assert type(outcomes["a.mp4"].error) is TwelveLabsError
        assert "retry_failed=True" in str(outcomes["a.mp4"].error)
        assert posts(emulator, "/embed-v2/tasks") == 4
        outcomes = await finish(client.bulk.embed(VIDEOS, **MODEL, journal=journal, retry_failed=True))
        assert statuses(outcomes) == {"ready": 4}
        assert posts(emulator, "/embed-v2/tasks") == 5
        assert len(emulator.assets) == 4

    async def test_too_short(self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path) -> None:
        """What the model certainly does not take is not even uploaded."""
        with wave.open(str(folder / "click.wav"), "wb") as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", ""))
            sound.writeframes(bytes(16000))
        outcomes = await finish(client.bulk.embed(folder, model_name="marengo3.0", interval=INTERVAL))
        assert statuses(outcomes) == {"ready": 4, "failed": 1}
        assert isinstance(outcomes["click.wav"].error, RejectedError)
        assert len(emulator.assets) == 4

    async def test_faults(self, emulator: Emulator, client: AsyncTwelveLabs) -> None:
        """What certainly created nothing is tried again; what the platform cannot embed fails."""
        emulator.fail("POST", "/embed-v2/tasks", status=429, headers={"Retry-After": "0"}, times=5)
        emulator.understand("b.mp4", fail="no picture", at="embedding")
        outcomes = await finish(client.bulk.embed(VIDEOS, **MODEL))
        assert statuses(outcomes) == {"ready": 3, "failed": 1}
        assert isinstance(outcomes["b.mp4"].error, JobFailedError)


class TestDelete:
    async def test_gone(self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, journal: Path) -> None:
        """Assets are deleted, those that are indexed with force only."""
        *others, indexed = stored(emulator, 5)
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

    async def test_list(self, emulator: Emulator, client: AsyncTwelveLabs) -> None:
        """All that a list has is deleted, though its pages shift meanwhile."""
        stored(emulator, 9)
        listed = (asset.id async for asset in client.assets.list(page_limit=2))
        assert statuses(await finish(client.bulk.delete(listed))) == {"ready": 9}
        assert not emulator.assets

    @pytest.mark.parametrize("retries", [2, 0])
    async def test_lost_answer(self, emulator: Emulator, client: AsyncTwelveLabs, retries: int) -> None:
        """If the answer is lost, an asset that is no longer there was deleted."""
        emulator.drop("DELETE", "/assets/*", acted=True)
        run = client.bulk.delete(stored(emulator, 2), request_options={"max_retries": retries})
        outcomes = await finish(run)
        assert statuses(outcomes) == {"ready": 2}

    async def test_left_unanswered(self, emulator: Emulator, client: AsyncTwelveLabs, journal: Path) -> None:
        """An asset that was deleted when a run ended is done; one that was never there is not, however often."""
        (asset,) = stored(emulator, 1)
        await leave_unanswered(client.bulk.delete(asset, journal=journal), emulator, "DELETE", "/assets/*", 1)
        emulator.fail("DELETE", f"/assets/{'0' * 24}", status=404, times=99)
        for _ in range(2):
            outcomes = await finish(client.bulk.delete([asset, "0" * 24], journal=journal))
            assert outcomes[asset].status == "ready"
            assert outcomes["0" * 24].status == "failed"

    async def test_settings(self, client: AsyncTwelveLabs) -> None:
        """Nothing can be done by nobody, or with what is no id."""
        with pytest.raises(ValueError, match="at least 1"):
            client.bulk.delete([], concurrency=0)
        (outcome,) = (await finish(client.bulk.delete([".."]))).values()
        assert isinstance(outcome.error, ValueError)


def test_sync(sync_client: TwelveLabs) -> None:
    """The blocking twins do the same."""
    answers = list(sync_client.bulk.analyze(VIDEOS, **ASKED))
    assert all(outcome.result is not None and outcome.result.data for outcome in answers)
    assert all(
        outcome.result is not None and outcome.result.data for outcome in sync_client.bulk.embed(VIDEOS, **MODEL)
    )
    deleted = list(sync_client.bulk.delete(str(outcome.asset_id) for outcome in answers))
    assert [outcome.status for outcome in deleted] == ["ready"] * 4
