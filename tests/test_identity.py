"""Identity of assets: bytes go only into the session of their own content, on any machine, journal or not."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from contextlib import aclosing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import AsyncTwelveLabs, TwelveLabsError
from twelvelabs_async.bulk import AsyncBulk, Event
from twelvelabs_async.models.multipart_upload import CreateAssetUploadResponse
from twelvelabs_async.testing import Emulator

from support.bulk import finish, statuses
from support.clock import Clock
from support.samples import random_video

CHUNK = 20_000
SIZE = 5 * CHUNK
"""Size of every file, so that size distinguishes nothing."""

pytestmark = [
    pytest.mark.usefixtures("autojump_clock"),
    pytest.mark.emulator(processing_time=60, chunk_size=CHUNK),
]


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two files of one size."""
    paths = [tmp_path / name for name in ("a.mp4", "b.mp4")]
    for path in paths:
        path.write_bytes(random_video(SIZE))
    return paths


@pytest.fixture
def bulk(client: AsyncTwelveLabs) -> AsyncBulk:
    """Bulk methods that send small files in parts, as on a machine without a journal."""
    return AsyncBulk(client, multipart_threshold=CHUNK)


def with_tokens(*paths: Path) -> list[Any]:
    """Return files with their names as tokens."""
    return [(path, {"bulk_token": path.name}) for path in paths]


async def upload_until(bulk: AsyncBulk, source: Any, *, parts: int = 0, kind: str = "uploading") -> None:
    """Upload on a machine that is lost when an event occurs, or when some parts are sent."""
    reached = asyncio.Event()

    def on_event(event: Event) -> None:
        completed = 0 if event.progress is None else event.progress.completed_chunks
        if event.kind == kind and completed >= parts:
            reached.set()

    async with aclosing(bulk.upload(source, on_event=on_event)) as run:
        outcome = asyncio.ensure_future(anext(run))
        await reached.wait()
        outcome.cancel()
        await asyncio.gather(outcome, return_exceptions=True)


async def begin_session(client: AsyncTwelveLabs, path: Path) -> CreateAssetUploadResponse:
    """Create a session of a file with its name as token, which nobody records."""
    return await client.multipart_upload.create(
        filename=f"{path.name}-{path.name}",
        type="video",
        total_size=SIZE,
        user_metadata={"bulk_token": path.name},
    )


def contents(emulator: Emulator) -> Counter[tuple[str, str]]:
    """Return the tokens and digests of the assets that have bytes."""
    return Counter(
        (asset.user_metadata["bulk_token"], asset.sha256) for asset in emulator.assets.values() if asset.size
    )


def expected(*paths: Path) -> Counter[tuple[str, str]]:
    return Counter((path.name, sha256(path.read_bytes()).hexdigest()) for path in paths)


def sent_parts(emulator: Emulator) -> Counter[str]:
    return Counter(request.path for request in emulator.requests if request.method == "PUT")


class TestOtherMachines:
    @pytest.mark.parametrize("lost_requests", [0, 1])
    async def test_files_of_one_size_are_never_mixed(
        self, emulator: Emulator, bulk: AsyncBulk, files: list[Path], autojump_clock: Clock, lost_requests: int
    ) -> None:
        """One machine has sent a file, which is processed, and begun another. A second machine uploads both."""
        a, b = with_tokens(*files)
        autojump_clock.autojump = False
        await upload_until(bulk, a, kind="uploaded")
        await upload_until(bulk, b, parts=1)
        autojump_clock.autojump = True
        if lost_requests:
            emulator.drop("POST", "/assets/multipart-uploads", times=lost_requests)
        for source in (a, b):
            assert statuses(await finish(bulk.upload(source))) == {"ready": 1}
        assert contents(emulator) == expected(*files)
        assert len(emulator.assets) == 2

    @pytest.mark.parametrize("parts", [0, 1, 3])
    async def test_an_upload_is_resumed_with_the_parts_that_are_missing(
        self, emulator: Emulator, bulk: AsyncBulk, files: list[Path], parts: int
    ) -> None:
        (source,) = with_tokens(files[0])
        await upload_until(bulk, source, parts=parts)
        assert statuses(await finish(bulk.upload(source))) == {"ready": 1}
        assert contents(emulator) == expected(files[0])
        assert len(emulator.assets) == 1
        assert sent_parts(emulator).total() <= 5 + 5  # the parts in flight when the machine was lost

    async def test_machines_that_upload_at_the_same_time_never_mix_files(
        self, emulator: Emulator, bulk: AsyncBulk, files: list[Path]
    ) -> None:
        """Some complete an upload that another one has begun and goes on with."""
        sources = with_tokens(*files)
        for source in sources:
            await upload_until(bulk, source, parts=1)
        runs = [finish(bulk.upload(order)) for order in (sources, sources[::-1])]
        results = await asyncio.gather(*runs)
        assert not [outcome.error for outcomes in results for outcome in outcomes.values() if outcome.error]
        assert set(contents(emulator)) == set(expected(*files))

    @pytest.mark.parametrize("end", ["completed", "deleted", "expired"])
    async def test_a_session_that_ends_after_another_machine_has_joined_it_fails_nothing(
        self, emulator: Emulator, client: AsyncTwelveLabs, bulk: AsyncBulk, files: list[Path], end: str
    ) -> None:
        """Its creator completes the upload or withdraws the asset, or it expires."""
        (source,) = with_tokens(files[0])
        await upload_until(bulk, source, parts=1)
        (begun,) = emulator.assets
        has_ended = False

        async def end_session(event: Event) -> None:
            nonlocal has_ended
            if has_ended or event.progress is None:
                return
            has_ended = True
            match end:
                case "completed":
                    await client.multipart_upload.upload_file(files[0], upload_id=event.progress.upload_id)
                case "deleted":
                    await client.assets.delete(begun)
                case _:
                    emulator.advance(25 * 3600)

        (outcome,) = (await finish(bulk.upload(source, on_event=end_session))).values()
        assert outcome.error is None
        assert (outcome.asset_id == begun) == (end == "completed")
        assert contents(emulator) == expected(files[0])

    async def test_an_asset_that_is_processed_is_waited_for(
        self, emulator: Emulator, bulk: AsyncBulk, files: list[Path]
    ) -> None:
        (source,) = with_tokens(files[0])
        await upload_until(bulk, source, kind="uploaded")
        (outcome,) = (await finish(bulk.upload(source))).values()
        assert [outcome.asset_id] == list(emulator.assets)

    async def test_a_session_that_nobody_recorded_is_left_to_expire(
        self, emulator: Emulator, client: AsyncTwelveLabs, bulk: AsyncBulk, files: list[Path]
    ) -> None:
        begun = await begin_session(client, files[0])
        (outcome,) = (await finish(bulk.upload(with_tokens(files[0])))).values()
        assert outcome.asset_id != begun.asset_id
        assert contents(emulator) == expected(files[0])
        assert not any(begun.upload_id in path for path in sent_parts(emulator))

    @pytest.mark.parametrize("upload_id", ["none", 5, "..", "../assets"])
    async def test_a_record_that_names_no_session_is_ignored(
        self, emulator: Emulator, client: AsyncTwelveLabs, bulk: AsyncBulk, files: list[Path], upload_id: str | int
    ) -> None:
        begun = await begin_session(client, files[0])
        await client.assets.update_user_metadata(begun.asset_id, user_metadata={"bulk_upload_id": upload_id})
        assert statuses(await finish(bulk.upload(with_tokens(files[0])))) == {"ready": 1}
        assert contents(emulator) == expected(files[0])

    async def test_an_expired_session_is_not_resumed(
        self, emulator: Emulator, bulk: AsyncBulk, files: list[Path]
    ) -> None:
        (source,) = with_tokens(files[0])
        await upload_until(bulk, source, parts=1)
        emulator.advance(25 * 3600)
        assert statuses(await finish(bulk.upload(source))) == {"ready": 1}
        assert contents(emulator) == expected(files[0])

    async def test_a_file_may_have_another_name(
        self, emulator: Emulator, client: AsyncTwelveLabs, bulk: AsyncBulk, files: list[Path]
    ) -> None:
        """The token and the content are the same."""
        link = files[0].with_name("link.mp4")
        link.symlink_to(files[0])
        sources: list[Any] = [(path, {"bulk_token": files[0].name}) for path in (files[0], link)]
        await upload_until(bulk, sources[0], parts=1)
        for source in sources:
            assert statuses(await finish(bulk.upload(source))) == {"ready": 1}
        assert contents(emulator) == expected(files[0])

    async def test_an_asset_that_names_no_content_is_found_by_its_name(
        self, emulator: Emulator, client: AsyncTwelveLabs, bulk: AsyncBulk, files: list[Path]
    ) -> None:
        """It has the token, but was not created by a run."""
        (path, token), name = with_tokens(files[0])[0], f"{files[0].name}-{files[0].name}"
        asset = await client.assets.create_and_wait(path, filename=name, user_metadata=token)
        (outcome,) = (await finish(bulk.upload((path, token)))).values()
        assert [outcome.asset_id] == [asset.id] == list(emulator.assets)

    async def test_a_session_is_recorded_in_its_asset_although_the_requests_fail_at_first(
        self, emulator: Emulator, bulk: AsyncBulk, files: list[Path]
    ) -> None:
        """More often than the client retries a request."""
        emulator.fail("PATCH", "/assets/*/user-metadata", status=503, times=5)
        assert statuses(await finish(bulk.upload(with_tokens(files[0])))) == {"ready": 1}
        (asset,) = emulator.assets.values()
        assert "bulk_upload_id" in asset.user_metadata

    async def test_a_platform_that_takes_no_metadata_of_an_incomplete_asset_costs_the_resumption_alone(
        self, emulator: Emulator, bulk: AsyncBulk, files: list[Path], caplog: pytest.LogCaptureFixture
    ) -> None:
        emulator.fail("PATCH", "/assets/*/user-metadata", status=409)
        assert statuses(await finish(bulk.upload(with_tokens(files[0])))) == {"ready": 1}
        assert "Only this machine can resume the upload of" in caplog.text
        assert contents(emulator) == expected(files[0])


class TestContents:
    async def test_one_token_for_two_contents_makes_two_assets(
        self, emulator: Emulator, bulk: AsyncBulk, files: list[Path]
    ) -> None:
        for path in files:
            await finish(bulk.upload((path, {"bulk_token": "one"})))
        assert contents(emulator) == {("one", digest): 1 for _, digest in expected(*files)}

    @pytest.mark.parametrize("has_journal", [True, False])
    async def test_a_file_that_changed_after_its_upload_began_is_sent_whole(
        self, emulator: Emulator, bulk: AsyncBulk, files: list[Path], journal: Path, has_journal: bool
    ) -> None:
        """Its size is the same, and so is its token."""
        (source,) = with_tokens(files[0])
        await upload_until(bulk, source, parts=1)
        files[0].write_bytes(random_video(SIZE))
        outcomes = await finish(bulk.upload(source, journal=journal if has_journal else None))
        assert statuses(outcomes) == {"ready": 1}
        assert contents(emulator) == expected(files[0])

    @pytest.mark.parametrize("threshold", [CHUNK, SIZE])
    async def test_what_changes_during_its_upload_leaves_no_asset_behind(
        self, emulator: Emulator, client: AsyncTwelveLabs, files: list[Path], threshold: int
    ) -> None:
        """Other machines would find it by its token."""

        def change(event: Event) -> None:
            if event.kind == "uploading":
                files[0].write_bytes(random_video(SIZE))

        bulk = AsyncBulk(client, multipart_threshold=threshold)
        (source,) = with_tokens(files[0])
        (outcome,) = (await finish(bulk.upload(source, on_event=change))).values()
        assert isinstance(outcome.error, TwelveLabsError)
        assert "was changed during its upload" in str(outcome.error)
        assert not emulator.assets
        assert statuses(await finish(bulk.upload(source))) == {"ready": 1}
        assert contents(emulator) == expected(files[0])

    @pytest.mark.parametrize("has_journal", [True, False])
    async def test_a_source_that_is_given_twice_is_uploaded_once(
        self, emulator: Emulator, bulk: AsyncBulk, files: list[Path], journal: Path, has_journal: bool
    ) -> None:
        """Under one name or two."""
        link = files[0].with_name("link.mp4")
        os.link(files[0], link)
        sources: list[Any] = [(path, {"bulk_token": "a.mp4"}) for path in (files[0], link, files[0])]
        run = bulk.upload(sources, journal=journal if has_journal else None)
        assert statuses([outcome async for outcome in run]) == {"ready": 3}
        assert contents(emulator) == expected(files[0])
