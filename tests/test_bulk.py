"""Many assets at once: each has one outcome, whatever happens to the others."""

from __future__ import annotations

import asyncio
import itertools
import os
import wave
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
    BadRequestError,
    IndexedAsset,
    IndexSchema,
    JobFailedError,
    QuotaExhaustedError,
    RejectedError,
    TwelveLabs,
    UnauthorizedError,
    UploadError,
)
from twelvelabs_async.bulk import Event, Outcome
from twelvelabs_async.testing import Emulator

from support.open_files import open_files
from support.samples import MODELS
from support.until import until

INTERVAL = 0.02


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator whose jobs take hundredths of a second; of ``slow.mp4`` tenths, of ``endless.mp4`` hours."""
    long = {"slow.mp4": 30.0, "endless.mp4": 1e6}
    with Emulator(
        speed=100,
        processing_time=lambda name: long.get(name, 1.0),
        indexing_time=lambda name: long.get(name, 4.0),
    ) as emulator:
        yield emulator


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three media files, one of them in a folder, among other things."""
    for name in ("a.mp4", "b.MOV", "deep/er/c.wav", "notes.txt", ".hidden.mp4", ".cache/d.mp4"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    (tmp_path / "deep" / "loop").symlink_to(tmp_path)
    return tmp_path


def url(number: int) -> str:
    return f"https://example.com/{number}.mp4"


async def index_all(
    client: AsyncTwelveLabs,
    index: IndexSchema,
    sources: Any,
    outcomes: list[Outcome[IndexedAsset]] | None = None,
    **settings: Any,
) -> list[Outcome[IndexedAsset]]:
    """Index everything; the outcomes, which are also put into the list that is given."""
    outcomes = [] if outcomes is None else outcomes
    async for outcome in client.bulk.index(index.id, sources, interval=INTERVAL, **settings):
        outcomes.append(outcome)
    return outcomes


class TestSources:
    async def test_folder(self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path) -> None:
        """A folder stands for the media files in it and in the folders below, hidden ones and links left out."""
        outcomes = await index_all(client, index, folder)
        assert {outcome.source for outcome in outcomes} == {
            str(folder / name) for name in ("a.mp4", "b.MOV", "deep/er/c.wav")
        }
        for outcome in outcomes:
            assert outcome.status == "ready"
            assert outcome.result is not None
            assert outcome.result.id == outcome.indexed_asset_id
            stored = emulator.assets[str(outcome.asset_id)]
            assert stored.filename == Path(outcome.source).name
            assert stored.size == len(str(Path(outcome.source).relative_to(folder)))
        assert len([item async for item in client.indexes.indexed_assets.list(index.id)]) == 3

    @pytest.mark.parametrize(
        ("pattern", "names"), [("*.mp4", ["a.mp4"]), ("**/*.[wm]*", ["a.mp4", "deep/er/c.wav"]), ("?.MOV", ["b.MOV"])]
    )
    async def test_glob(
        self, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, pattern: str, names: list[str]
    ) -> None:
        """A pattern stands for the files that match it, not for folders."""
        (folder / "deep" / "loop").unlink()
        (folder / "x.mp4").mkdir()
        outcomes = await index_all(client, index, f"{folder}/{pattern}")
        assert sorted(outcome.source for outcome in outcomes) == [str(folder / name) for name in names]

    async def test_url_and_asset(self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema) -> None:
        """A URL is left to the platform to fetch, and an asset that is there already is only indexed."""
        (first,) = await index_all(client, index, url(1))
        (second,) = await index_all(client, index, str(first.asset_id))
        assert first.status == second.status == "ready"
        assert first.asset_id == second.asset_id == second.source
        assert len(emulator.assets) == 1

    @pytest.mark.parametrize("form", ["alone", "in a list"])
    async def test_metadata(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, form: str
    ) -> None:
        """Data about a source goes to its asset and into the index."""
        pair = (folder / "a.mp4", {"year": 2026})
        (outcome,) = await index_all(client, index, pair if form == "alone" else [pair])
        stored = emulator.assets[str(outcome.asset_id)].user_metadata
        assert stored.keys() == {"year", "bulk_token"}
        assert stored["year"] == 2026
        item = await client.indexes.indexed_assets.retrieve(index.id, str(outcome.indexed_asset_id))
        assert item.user_metadata == {"year": 2026}

    async def test_unreadable(self, client: AsyncTwelveLabs, index: IndexSchema, folder: Path) -> None:
        """A folder that cannot be read, such as one whose path is too long, does not hide others."""
        at = os.open(folder / "deep", os.O_RDONLY)
        for _ in range(20):
            os.mkdir("x" * 250, dir_fd=at)
            above, at = at, os.open("x" * 250, os.O_RDONLY, dir_fd=at)
            os.close(above)
        os.close(at)
        outcomes = await index_all(client, index, folder)
        assert [outcome.status for outcome in outcomes].count("ready") == 3
        (error,) = (outcome.error for outcome in outcomes if outcome.error is not None)
        assert isinstance(error, OSError)

    async def test_names(self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path) -> None:
        """Every asset has a name that the API takes, also if its URL has none, or one that is too long."""
        os.truncate(folder / "a.mp4", 201_000_000)
        os.rename(folder / "a.mp4", folder / f"{'a' * 251}.mp4")
        sources = ["https://example.com/", f"https://example.com/{'b' * 300}.mp4", folder / f"{'a' * 251}.mp4"]
        for token in ("one", "one", "two"):
            marked = [(source, {"bulk_token": token}) for source in sources]
            outcomes = [outcome async for outcome in client.bulk.upload(marked, interval=INTERVAL)]
            assert [outcome.status for outcome in outcomes] == ["ready"] * 3
        assert sorted(asset.filename for asset in emulator.assets.values()) == sorted(
            f"{token}-{name}"
            for token in ("one", "two")
            for name in ("example.com", f"{'b' * 247}.mp4", f"{'a' * 247}.mp4")
        )

    async def test_tuple(self, client: AsyncTwelveLabs, index: IndexSchema) -> None:
        """Two sources in a tuple are two sources."""
        assert len(await index_all(client, index, (url(1), url(2)))) == 2

    async def test_nothing_there(self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema) -> None:
        """A single path where there is nothing is an error, as is what can be no source at all."""
        with pytest.raises(FileNotFoundError, match="no such file"):
            await index_all(client, index, "no/such/folder")
        with pytest.raises(TypeError, match="Invalid sources: int"):
            await index_all(client, index, 42)
        assert not emulator.assets

    async def test_lazy(self, client: AsyncTwelveLabs, index: IndexSchema) -> None:
        """Sources are read only as they are worked off, however many there are."""
        read = done = ahead = 0

        async def sources() -> AsyncIterator[Any]:
            nonlocal read, ahead
            for read in range(1, 10_001):
                ahead = max(ahead, read - done)
                yield read

        async for outcome in client.bulk.index(index.id, sources(), concurrency=2, upload_concurrency=3):
            assert isinstance(outcome.error, TypeError)
            done += 1
        assert done == read == 10_000
        assert ahead <= 3 + 2 + 2

    async def test_endless(self, client: AsyncTwelveLabs, index: IndexSchema) -> None:
        """Even an endless iterable is indexed as far as outcomes are taken."""
        read = 0

        def sources() -> Iterator[str]:
            nonlocal read
            for read in itertools.count(1):
                yield url(read)

        running = client.bulk.index(index.id, sources(), concurrency=5, upload_concurrency=2, interval=INTERVAL)
        async with aclosing(running):
            for _ in range(20):
                assert (await anext(running)).status == "ready"
        assert read <= 20 + 2 + 5 + 5 + 2


class TestTokens:
    async def test_created_once(self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema) -> None:
        """What is known by a token is created once, whoever asks again; others of that name are not taken for it."""
        sources = [(url(1), {"bulk_token": token, "year": 2026}) for token in ("one", "two")]
        uploaded = {outcome.asset_id async for outcome in client.bulk.upload(sources[:1], interval=INTERVAL)}
        first = await index_all(client, index, sources)
        again = await index_all(client, index, sources)
        assert uploaded < {outcome.asset_id for outcome in first} == set(emulator.assets)
        assert {outcome.indexed_asset_id for outcome in first} == {outcome.indexed_asset_id for outcome in again}
        assert [asset.user_metadata["bulk_token"] for asset in emulator.assets.values()] == ["one", "two"]
        assert len(emulator.indexed_assets) == 2


class TestUpload:
    async def test_ready(self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path) -> None:
        """Uploading alone waits until the assets are ready."""
        sources = [folder, url(1)]
        outcomes = [outcome async for outcome in client.bulk.upload(sources, interval=INTERVAL)]
        assert {Path(outcome.source).name for outcome in outcomes} == {"a.mp4", "b.MOV", "c.wav", "1.mp4"}
        for outcome in outcomes:
            assert outcome.result is not None
            assert outcome.result.status == "ready"
            assert outcome.result.id == outcome.asset_id in emulator.assets


class TestPause:
    async def test_pause(self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema) -> None:
        """A paused run creates nothing until it goes on."""
        running = client.bulk.index(index.id, map(url, range(30)), concurrency=3, interval=INTERVAL)
        outcomes = [await anext(running)]
        running.pause()
        rest = asyncio.create_task(anext(running))
        await asyncio.sleep(0.2)
        before = sum(request.method == "POST" for request in emulator.requests)
        await asyncio.sleep(0.2)
        assert sum(request.method == "POST" for request in emulator.requests) == before < 60
        running.resume()
        outcomes += [await rest, *[outcome async for outcome in running]]
        assert [outcome.status for outcome in outcomes] == ["ready"] * 30

    async def test_stop(self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema) -> None:
        """A run that is stopped ends well, after what was begun."""
        running = client.bulk.index(
            index.id, map(url, itertools.count()), concurrency=2, upload_concurrency=2, interval=INTERVAL
        )
        outcomes = [await anext(running)]
        running.stop()
        outcomes += [outcome async for outcome in running]
        assert [outcome.status for outcome in outcomes] == ["ready"] * len(emulator.assets)
        assert len(outcomes) <= 1 + 2 + 2 + 2


class TestOutcomes:
    async def test_order(self, client: AsyncTwelveLabs, index: IndexSchema) -> None:
        """Outcomes come as they finish, not in the order of the sources."""
        sources = ["https://example.com/slow.mp4", url(1), url(2)]
        outcomes = await index_all(client, index, sources)
        assert outcomes[-1].source == sources[0]

    async def test_failures(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, tmp_path: Path
    ) -> None:
        """What goes wrong with one source is in its outcome, and the others go on."""
        emulator.understand("broken.mp4", fail="no picture", at="processing")
        emulator.understand("odd.mp4", fail="no sense", at="indexing")
        for name in ("good.mp4", "empty.mp4", "broken.mp4", "odd.mp4"):
            (tmp_path / name).write_bytes(b"" if name == "empty.mp4" else b"video")
        sources: list[Any] = [
            42,
            "no/such/file.mp4",
            "http://",
            *(tmp_path / name for name in ("empty.mp4", "broken.mp4", "odd.mp4", "good.mp4")),
        ]
        outcomes = await index_all(client, index, sources)
        errors = {Path(outcome.source).name: outcome.error for outcome in outcomes}
        assert {name: type(error) for name, error in errors.items()} == {
            "42": TypeError,
            "file.mp4": FileNotFoundError,
            "http:": BadRequestError,
            "empty.mp4": RejectedError,
            "broken.mp4": JobFailedError,
            "odd.mp4": JobFailedError,
            "good.mp4": type(None),
        }
        assert "no picture" in str(errors["broken.mp4"])
        assert {Path(outcome.source).name for outcome in outcomes if outcome.indexed_asset_id} == {
            "odd.mp4",
            "good.mp4",
        }

    async def test_beyond_a_limit(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, tmp_path: Path
    ) -> None:
        """A file that the index's models certainly do not take is not uploaded."""
        with wave.open(str(tmp_path / "short.wav"), "wb") as short:
            short.setparams((1, 1, 8000, 0, "NONE", ""))
            short.writeframes(bytes(8000))
        (outcome,) = await index_all(client, index, tmp_path)
        assert isinstance(outcome.error, RejectedError)
        assert "length in seconds is 1; expected 4 to 14,400 for marengo3.0" in str(outcome.error)
        assert not emulator.assets

    async def test_passing_faults(self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema) -> None:
        """Short rate limits and lost answers to looks are ridden out."""
        emulator.fail("POST", "/assets", status=429, headers={"Retry-After": "0"}, times=2)
        emulator.fail("POST", "/indexes/*/indexed-assets", status=429, headers={"Retry-After": "0"})
        emulator.drop("GET", "/assets*")
        outcomes = await index_all(client, index, [url(number) for number in range(5)])
        assert [outcome.status for outcome in outcomes] == ["ready"] * 5

    async def test_passing_faults_at_once(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema
    ) -> None:
        """A burst of refusals right at the beginning is ridden out, too; a quota that is used up then says so."""
        emulator.fail("GET", "/indexes/*", status=429, headers={"Retry-After": "0"}, times=8)
        outcomes = await index_all(client, index, url(1))
        assert [outcome.status for outcome in outcomes] == ["ready"]
        emulator.fail("GET", "/indexes/*", status=429, headers={"Retry-After": "7200"}, times=99)
        with pytest.raises(QuotaExhaustedError):
            await index_all(client, index, url(2))

    async def test_unknown_index(self, emulator: Emulator, client: AsyncTwelveLabs) -> None:
        """An unknown index is found out before anything is uploaded."""
        with pytest.raises(APIStatusError, match="does not exist"):
            await anext(client.bulk.index("66a1b2c3d4e5f600000000ff", [url(1)]))
        assert len(emulator.requests) == 1

    @pytest.mark.parametrize("setting", ["concurrency", "upload_concurrency"])
    async def test_settings(self, client: AsyncTwelveLabs, setting: str) -> None:
        """Nothing can be done by nobody."""
        settings: dict[str, Any] = {setting: 0}
        with pytest.raises(ValueError, match="at least 1"):
            await anext(client.bulk.index("i", [], **settings))


class TestStop:
    """What cannot be the fault of a source ends the run, but no outcome is lost."""

    @pytest.mark.parametrize(
        ("path", "status", "headers", "expected"),
        [
            ("/assets", 401, {}, UnauthorizedError),
            ("/indexes/*/indexed-assets", 401, {}, UnauthorizedError),
            ("/assets", 429, {"Retry-After": "7200"}, QuotaExhaustedError),
            ("/indexes/*/indexed-assets", 429, {"Retry-After": "7200"}, QuotaExhaustedError),
        ],
    )
    async def test_refused(
        self,
        emulator: Emulator,
        client: AsyncTwelveLabs,
        index: IndexSchema,
        path: str,
        status: int,
        headers: dict[str, str],
        expected: type[Exception],
    ) -> None:
        """A key that is refused, or a quota that is used up, ends the run after the outcomes of all that was begun."""
        emulator.fail("POST", path, status=status, headers=headers, skip=3, times=99)
        read: list[str] = []
        outcomes: list[Outcome[IndexedAsset]] = []

        def sources() -> Iterator[str]:
            for number in itertools.count():
                read.append(url(number))
                yield read[-1]

        with pytest.raises(expected) as caught:
            await index_all(client, index, sources(), outcomes, concurrency=4, upload_concurrency=2)
        assert sorted(outcome.source for outcome in outcomes) == sorted(read)
        assert [outcome.status for outcome in outcomes].count("ready") == 3
        assert len(read) <= 3 + 2 + 4 + 4
        if isinstance(caught.value, QuotaExhaustedError):
            assert caught.value.resume_at is not None
            assert abs(caught.value.resume_at - datetime.now(UTC) - timedelta(hours=2)) < timedelta(minutes=1)
            assert f"{caught.value.resume_at:%H:%M} UTC" in str(caught.value)

    async def test_waiting_for_sources(self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema) -> None:
        """A run that is to end does not wait for more sources."""
        emulator.fail("POST", "/assets", status=401)

        async def sources() -> AsyncIterator[str]:
            yield url(1)
            await asyncio.Event().wait()

        with pytest.raises(UnauthorizedError):
            await index_all(client, index, sources())

    async def test_refused_in_parts(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, tmp_path: Path
    ) -> None:
        """It is the same in the middle of a large upload, and the outcome says how to go on with that."""
        path = tmp_path / "day.mp4"
        path.touch()
        os.truncate(path, 201_000_000)
        emulator.fail("POST", "*/presigned-urls", status=401)
        outcomes: list[Outcome[IndexedAsset]] = []
        with pytest.raises(UnauthorizedError):
            await index_all(client, index, path, outcomes)
        (outcome,) = outcomes
        assert isinstance(outcome.error, UploadError)
        assert outcome.error.upload_id

    async def test_sources_fail(self, client: AsyncTwelveLabs, index: IndexSchema) -> None:
        """An iterable that raises ends the run after the outcomes of what it gave before."""

        def sources() -> Iterator[str]:
            yield from (url(1), url(2))
            raise LookupError("mine")

        outcomes: list[Outcome[IndexedAsset]] = []
        with pytest.raises(LookupError, match="mine"):
            await index_all(client, index, sources(), outcomes)
        assert [outcome.status for outcome in outcomes] == ["ready", "ready"]

    async def test_index_gone(self, client: AsyncTwelveLabs, index: IndexSchema) -> None:
        """An index that is deleted meanwhile ends the run, instead of costing uploads that lead nowhere."""
        outcomes: list[Outcome[IndexedAsset]] = []

        async def delete(event: Event) -> None:
            if event.source == url(3) and event.kind == "uploaded":
                await client.indexes.delete(index.id)

        with pytest.raises(APIStatusError, match=f"index with the id {index.id} does not exist"):
            await index_all(client, index, map(url, range(1000)), outcomes, concurrency=2, on_event=delete)
        assert len(outcomes) < 30
        assert outcomes[-1].status == "failed"


class TestEvents:
    async def test_order(self, client: AsyncTwelveLabs, index: IndexSchema, folder: Path) -> None:
        """Every source is followed from the queue to its end; a coroutine function may listen."""
        kinds: dict[str, list[str]] = defaultdict(list)
        events: list[Event] = []

        async def note(event: Event) -> None:
            await asyncio.sleep(0)
            events.append(event)
            if kinds[event.source][-1:] != [event.kind]:
                kinds[event.source].append(event.kind)

        paths = [str(folder / name) for name in ("a.mp4", "b.MOV", "missing.mp4")]
        await index_all(client, index, paths, on_event=note)
        whole = ["queued", "uploading", "uploaded", "indexing", "ready"]
        assert kinds == {paths[0]: whole, paths[1]: whole, paths[2]: ["queued", "failed"]}
        assert all(event.asset_id for event in events if event.kind in ("uploaded", "indexing", "ready"))
        assert all(event.indexed_asset_id for event in events if event.kind in ("indexing", "ready"))
        (failure,) = (event for event in events if event.kind == "failed")
        assert isinstance(failure.error, FileNotFoundError)
        assert [event.progress.percentage for event in events if event.progress] == [100.0] * 4

    @pytest.mark.parametrize("kind", ["queued", "uploading", "uploaded", "indexing", "ready"])
    async def test_listener_fails(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, kind: str
    ) -> None:
        """What a listener raises ends the run at once, and comes out as it is."""

        def complain(event: Event) -> None:
            if event.kind == kind and "endless" not in event.source:
                raise LookupError("mine")

        (folder / "endless.mp4").write_bytes(b"endless")
        with pytest.raises(LookupError, match="mine"):
            await index_all(client, index, [folder / "endless.mp4", folder / "a.mp4"], on_event=complain)
        assert not any(item.asset.filename == "endless.mp4" for item in emulator.indexed_assets.values())


class TestLimits:
    async def test_bandwidth(self, client: AsyncTwelveLabs, tmp_path: Path) -> None:
        """All uploads together keep to the bytes they may send in a second."""
        for name in "abc":
            (tmp_path / f"{name}.mp4").write_bytes(name.encode() * 200_000)
        began = asyncio.get_running_loop().time()
        outcomes = [o async for o in client.bulk.upload(tmp_path, max_bytes_per_second=600_000, interval=INTERVAL)]
        assert [outcome.status for outcome in outcomes] == ["ready"] * 3
        assert asyncio.get_running_loop().time() - began >= 0.9
        with pytest.raises(ValueError, match="at least 262144"):
            client.bulk.upload(tmp_path, max_bytes_per_second=1000)

    async def test_at_once(self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema) -> None:
        """No more is uploaded or indexed at once than was asked for."""
        emulator.delay("POST", "/assets", 0.02, times=40)
        running = asyncio.create_task(
            index_all(client, index, map(url, range(40)), concurrency=6, upload_concurrency=3)
        )
        uploads, jobs = set[int](), set[int]()

        def finished() -> bool:
            # Backwards: what comes after a request that is still under way now was not there when the count began.
            requests = ((r.method, r.path, r.status) for r in reversed(emulator.requests))
            uploads.add(sum(request == ("POST", "/assets", None) for request in requests))
            jobs.add(
                sum(item.status(emulator.state.clock.now()) != "ready" for item in emulator.indexed_assets.values())
            )
            return running.done()

        await until(finished)
        assert max(uploads) == 3
        assert 2 <= max(jobs) <= 6
        assert len(running.result()) == 40

    async def test_few_requests(self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema) -> None:
        """Two hundred assets need two requests each, and few more to look at them all."""
        emulator.requests.clear()
        outcomes = await index_all(client, index, map(url, range(200)), concurrency=50, upload_concurrency=8)
        assert Counter(outcome.status for outcome in outcomes) == {"ready": 200}
        methods = Counter(request.method for request in emulator.requests)
        assert methods["POST"] == 400
        assert methods["GET"] <= 200

    async def test_rate(self) -> None:
        """The account's rate limits are used up but kept to: hardly a request is refused."""
        limits = dict.fromkeys(("assets", "indexing"), (300, 1.0))
        with Emulator(speed=1, processing_time=0.01, indexing_time=0.01, rate_limits=limits) as emulator:
            async with AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.url) as client:
                index = await client.indexes.ensure("tests", models=MODELS)
                began = asyncio.get_running_loop().time()
                outcomes = await index_all(client, index, map(url, range(750)), concurrency=100)
        assert Counter(outcome.status for outcome in outcomes) == {"ready": 750}
        assert sum(request.status == 429 for request in emulator.requests) <= len(emulator.requests) / 100
        assert asyncio.get_running_loop().time() - began >= 2


class TestEnd:
    async def test_break(self, client: AsyncTwelveLabs, index: IndexSchema, folder: Path) -> None:
        """Leaving early leaves nothing behind."""
        before = len(open_files())
        async with aclosing(client.bulk.index(index.id, [folder, url(1)], interval=INTERVAL)) as outcomes:
            async for _ in outcomes:
                break
        assert asyncio.all_tasks() == {asyncio.current_task()}
        await client.close()
        await until(lambda: len(open_files()) <= before)

    @pytest.mark.parametrize("pause", [False, True])
    async def test_close(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, pause: bool
    ) -> None:
        """A run can be closed while somebody waits for its next outcome, to whom it ends then; also while it pauses."""

        async def sources() -> AsyncIterator[Any]:
            yield folder
            await asyncio.Event().wait()

        emulator.delay("POST", "/assets", 30, times=9)
        running = client.bulk.index(index.id, sources())
        if pause:
            running.pause()
        waiting = asyncio.create_task(anext(running, "the end"))
        await until(lambda: len(emulator.requests) > (3 if pause else 4))
        await running.aclose()
        assert await waiting == "the end"
        assert asyncio.all_tasks() == {asyncio.current_task()}

    async def test_close_in_trouble(self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema) -> None:
        """A run that cannot even begin yet can be closed, too."""
        emulator.fail("GET", "/indexes/*", status=503, headers={"Retry-After": "60"}, times=99)
        running = client.bulk.index(index.id, [url(1)])
        before = len(emulator.requests)
        waiting = asyncio.create_task(anext(running, "the end"))
        await until(lambda: len(emulator.requests) > before)
        await running.aclose()
        assert await waiting == "the end"
        assert asyncio.all_tasks() == {asyncio.current_task()}

    async def test_close_at_once(self, client: AsyncTwelveLabs, index: IndexSchema) -> None:
        """A run can be closed in its first moments, too, whoever waits for its first outcome."""
        for rounds in range(12):
            running = client.bulk.index(index.id, [url(1)])
            waiting = asyncio.create_task(anext(running, "the end"))
            for _ in range(rounds):
                await asyncio.sleep(0)
            await running.aclose()
            assert await waiting == "the end"
            assert asyncio.all_tasks() == {asyncio.current_task()}

    @pytest.mark.parametrize("path", ["/assets", "/indexes/*/indexed-assets"])
    async def test_cancel(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path, path: str
    ) -> None:
        """Cancelling leaves nothing behind, whatever is under way."""
        before = len(open_files())
        emulator.delay("POST", path, 30, times=9)
        running = asyncio.create_task(index_all(client, index, folder))
        pattern = path.rpartition("/")[2]
        await until(lambda: sum(r.method == "POST" and r.path.endswith(pattern) for r in emulator.requests) == 3)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert asyncio.all_tasks() == {asyncio.current_task()}
        await client.close()
        await until(lambda: len(open_files()) <= before)

    async def test_cancel_at_once(self, client: AsyncTwelveLabs, index: IndexSchema) -> None:
        """Cancelling in the first moments leaves nothing behind either."""
        for rounds in range(12):
            running = asyncio.create_task(index_all(client, index, [url(1)]))
            for _ in range(rounds):
                await asyncio.sleep(0)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            assert asyncio.all_tasks() == {asyncio.current_task()}


class TestSync:
    def test_outcomes(self, sync_client: TwelveLabs, folder: Path) -> None:
        """The blocking twin yields outcomes, too, and tells of events."""
        index = sync_client.indexes.create(
            index_name="tests", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}]
        )
        kinds: list[str] = []
        outcomes = list(
            sync_client.bulk.index(
                str(index.id), folder, interval=INTERVAL, on_event=lambda event: kinds.append(event.kind)
            )
        )
        assert [outcome.status for outcome in outcomes] == ["ready"] * 3
        assert kinds.count("ready") == 3

    def test_own_list(self, emulator: Emulator, sync_client: TwelveLabs) -> None:
        """Sources may come from the client itself."""
        list(sync_client.bulk.upload([url(1), url(2)], interval=INTERVAL))
        deleted = list(sync_client.bulk.delete(asset.id for asset in sync_client.assets.list()))
        assert [outcome.status for outcome in deleted] == ["ready"] * 2
        assert not emulator.assets

    def test_break(self, emulator: Emulator, sync_client: TwelveLabs) -> None:
        """Leaving the blocking iterator early stops the work."""
        index = sync_client.indexes.create(
            index_name="tests", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}]
        )
        for outcome in sync_client.bulk.index(str(index.id), map(url, itertools.count()), interval=INTERVAL):
            assert outcome.status == "ready"
            break

        def is_quiet() -> bool:
            before = len(emulator.requests)
            for _ in range(5):
                sync_client.indexes.list()
            return len(emulator.requests) == before + 5

        asyncio.run(until(is_quiet))
