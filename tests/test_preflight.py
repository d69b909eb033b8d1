"""Checks before an upload: files that exceed a documented limit are found, and no others."""

from __future__ import annotations

import os
import shutil
import sqlite3
import wave
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async import APIStatusError, AsyncTwelveLabs, IndexSchema, JournalError, TwelveLabs
from twelvelabs_async.bulk import Plan
from twelvelabs_async.bulk.preflight import examine_file, find_violations
from twelvelabs_async.media.headers import Media
from twelvelabs_async.testing import Emulator

CLIPS = Path(__file__).parent.parent / "examples" / "media"
GB, MB = 2**30, 2**20
FINE = Media(container="mp4", duration=60.0, width=1280, height=720, fps=25.0, has_audio=True)


def video(**facts: Any) -> Media:
    return attrs.evolve(FINE, **facts)


pytestmark = pytest.mark.emulator(speed=100, processing_time=1.0, indexing_time=1.0)


class TestLimits:
    @pytest.mark.parametrize(
        ("media", "media_type", "size", "model", "fact"),
        [
            (FINE, "video/mp4", 0, "marengo3.0", "size in bytes is 0"),
            (FINE, "video/mp4", 10 * GB + 1, "marengo3.0", "size in bytes is 10,737,418,241"),
            (FINE, "application/octet-stream", 10 * GB + 1, "any", "size in bytes"),
            (Media(container="png", width=640, height=480), "image/png", 32 * MB + 1, "any", "size in bytes"),
            (Media(), "application/pdf", 200 * MB + 1, "any", "size in bytes"),
            (Media(container="gif"), "image/gif", 20 * MB + 1, "pegasus1.6", "size in bytes is 20,971,521"),
            (Media(container="bmp", width=4097, height=4096), "image/bmp", 1, "pegasus1.6", "pixels is 16,781,312"),
            (video(duration=3.4), "video/mp4", 1, "marengo3.5", "length in seconds is 3;"),
            (video(duration=3.4), "video/mp4", 1, "marengo3.0", "length in seconds is 3;"),
            (video(duration=14_401.0), "video/mp4", 1, "marengo3.0", "length in seconds is 14,401;"),
            (video(duration=14_401.0), "video/mp4", 1, "pegasus1.2", "length in seconds"),
            (video(duration=0.4), "video/mp4", 1, "pegasus1.5", "length in seconds is 0;"),
            (Media(container="wav", duration=3.0, has_audio=True), "audio/wav", 1, "marengo3.0", "length in seconds"),
            (video(width=640, height=358), "video/mp4", 1, "marengo3.0", "shorter side in pixels is 358;"),
            (video(width=358, height=640), "video/mp4", 1, "pegasus1.2", "shorter side in pixels"),
            (video(width=4000, height=3000), "video/mp4", 1, "marengo3.0", "shorter side in pixels"),
            (video(width=5186, height=2160), "video/mp4", 1, "marengo3.0", "longer side in pixels"),
            (video(width=1000, height=400), "video/mp4", 1, "marengo3.0", "aspect ratio is 2.5; expected 1 to 2.4"),
            (video(width=400, height=1000), "video/mp4", 1, "pegasus1.2", "aspect ratio"),
            (video(width=1280, height=360, sizes=((960, 360),)), "video/mp4", 1, "marengo3.0", "aspect ratio is 3.6"),
        ],
    )
    def test_each_violation_is_a_sentence_with_value_limit_and_page(
        self, media: Media, media_type: str, size: int, model: str, fact: str
    ) -> None:
        (sentence,) = find_violations(media, media_type, size, [model])
        assert fact in sentence
        assert "(docs: " in sentence
        assert (model if "size" not in fact or model == "pegasus1.6" else "an upload") in sentence

    @pytest.mark.parametrize(
        ("media", "media_type", "size", "model"),
        [
            (FINE, "video/mp4", 10 * GB, "marengo3.0"),
            (video(duration=3.6), "video/mp4", 1, "marengo3.0"),
            (video(duration=14_400.4), "video/mp4", 1, "marengo3.0"),
            (video(duration=1.0), "video/mp4", 1, "pegasus1.2"),
            (video(duration=1.0), "video/mp4", 1, "marengo9"),
            (video(duration=1.0, container="mpegts"), "video/mp2t", 1, "marengo3.0"),
            (video(duration=20_000.0, container="mp3"), "audio/mpeg", 1, "marengo3.0"),
            (video(width=2160, height=5184), "video/mp4", 1, "marengo3.0"),
            (video(width=1280, height=532), "video/mp4", 1, "marengo3.0"),
            (video(width=1280, height=360, sizes=((640, 360),)), "video/mp4", 1, "marengo3.0"),
            (video(width=640, height=480, sizes=((352, 480),)), "video/mp4", 1, "marengo3.0"),
            (Media(container="png", width=10, height=10), "image/png", 32 * MB, "marengo3.0"),
            (Media(container="mp3", duration=60.0, width=10, height=10), "audio/mpeg", 1, "marengo3.0"),
            (Media(), "application/pdf", 200 * MB, "marengo3.0"),
            (Media(container="webp", width=4096, height=4096), "image/webp", 20 * MB, "pegasus1.6"),
            (Media(container="gif", width=9000, height=9000), "image/gif", 32 * MB, "marengo3.5"),
        ],
    )
    def test_files_within_the_limits_and_files_with_unknown_facts_pass(
        self, media: Media, media_type: str, size: int, model: str
    ) -> None:
        assert find_violations(media, media_type, size, [model]) == []

    def test_limits_that_models_share_are_reported_once(self) -> None:
        found = find_violations(
            video(duration=0.1, width=100, height=200), "video/mp4", 1, ["marengo3.0", "pegasus1.2"]
        )
        assert len(found) == 4
        assert found[0] == "The length in seconds is 0; expected 4 to 14,400 for marengo3.0 (docs: Marengo)."
        assert "for marengo3.0 and pegasus1.2" in found[2]

    @pytest.mark.parametrize(
        ("media", "media_type", "size", "can_split"),
        [
            (video(duration=14_401.0), "video/mp4", 1, True),
            (FINE, "video/mp4", 10 * GB + 1, True),
            (video(duration=1.0), "video/mp4", 1, False),
            (Media(), "application/pdf", 200 * MB + 1, False),
        ],
    )
    def test_a_file_that_is_too_long_or_too_large_is_to_be_split(
        self, media: Media, media_type: str, size: int, can_split: bool
    ) -> None:
        (sentence,) = find_violations(media, media_type, size, ["marengo3.0"])
        assert sentence.endswith(" Split it with client.media.split().") == can_split

    FACTS = st.builds(
        Media,
        container=st.sampled_from([None, "mp4", "wav", "mpegts"]),
        duration=st.none() | st.floats(0.01, 100_000),
        width=st.none() | st.integers(1, 10_000),
        height=st.none() | st.integers(1, 10_000),
        sizes=st.lists(st.tuples(st.integers(1, 10_000), st.integers(1, 10_000)), max_size=2).map(tuple),
    )
    TYPES = st.sampled_from(["video/mp4", "audio/wav", "image/png", "application/pdf", "application/octet-stream"])
    MODELS = st.lists(st.sampled_from(["marengo3.0", "pegasus1.2", "other"]))

    @given(FACTS, TYPES, st.integers(1, 20 * GB), MODELS, st.sampled_from(["duration", "width", "height", "container"]))
    def test_fewer_facts_never_add_a_violation(
        self, media: Media, media_type: str, size: int, models: list[str], fact: str
    ) -> None:
        less = attrs.evolve(media, **{fact: None}, sizes=() if fact in ("width", "height") else media.sizes)
        assert set(find_violations(less, media_type, size, models)) <= set(
            find_violations(media, media_type, size, models)
        )

    @given(
        st.floats(4, 14_400),
        st.integers(360, 2160),
        st.floats(1, 2.4),
        st.booleans(),
        TYPES,
        st.integers(1, 32 * MB),
        MODELS,
    )
    def test_a_file_within_all_limits_never_violates_one(
        self, seconds: float, shorter: int, shape: float, upright: bool, media_type: str, size: int, models: list[str]
    ) -> None:
        sides = (shorter, int(shorter * shape))
        media = video(duration=seconds, width=sides[not upright], height=sides[upright])
        assert find_violations(media, media_type, size, models) == []

    def test_a_picture_that_is_named_like_a_video_has_no_limits_of_videos(self) -> None:
        assert find_violations(Media(container="png", width=33, height=21), "video/mp4", 1, ["marengo3.0"]) == []

    @given(FACTS, TYPES, st.integers(1, 20 * GB), MODELS)
    def test_rotating_a_video_changes_nothing(
        self, media: Media, media_type: str, size: int, models: list[str]
    ) -> None:
        turned = attrs.evolve(media, width=media.height, height=media.width)
        assert find_violations(turned, media_type, size, models) == find_violations(media, media_type, size, models)


class TestExamineFile:
    def test_the_header_of_a_file_is_read(self) -> None:
        found = examine_file(CLIPS / "bouncing_ball.mp4", ["marengo3.0"])
        assert (found.media.container, found.media.width, found.violations) == ("mp4", 480, [])

    def test_a_document_has_no_header_of_a_video(self, tmp_path: Path) -> None:
        path = shutil.copy(CLIPS / "bouncing_ball.mp4", tmp_path / "a.txt")
        os.truncate(path, 200 * MB + 1)
        found = examine_file(str(path), ["marengo3.0"])
        assert found.media == Media()
        assert "209,715,200" in "".join(found.violations)

    @pytest.mark.parametrize(
        ("name", "content", "reasons"),
        [
            ("a.pdf", b"%PDF-1.7", []),
            ("a.PDF", b"\xef\xbb\xbf%PDF-1.7", []),
            ("a.md", b"# Title", []),
            ("a.pdf", b"# Title", ["The content is no PDF although the name is that of one (docs: Direct uploads)."]),
            ("a.md", b"%PDF-1.7", ["The content is a PDF although the name is that of a text (docs: Direct uploads)."]),
        ],
    )
    def test_the_content_of_a_document_fits_its_name(
        self, tmp_path: Path, name: str, content: bytes, reasons: list[str]
    ) -> None:
        (tmp_path / name).write_bytes(content)
        assert examine_file(tmp_path / name, []).violations == reasons

    def test_a_missing_file_raises_file_not_found_error(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            examine_file(tmp_path / "a.mp4", [])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good clip, a short one, an empty one, a broken link, and a file without a known header."""
    folder = tmp_path / "talks"
    folder.mkdir()
    shutil.copy(CLIPS / "bouncing_ball.mp4", folder)
    with wave.open(str(folder / "short.wav"), "wb") as writer:
        writer.setparams((1, 2, 8000, 0, "NONE", ""))
        writer.writeframes(bytes(2 * 2 * 8000))
    (folder / "empty.mp4").touch()
    (folder / "gone.mp4").symlink_to(tmp_path / "nowhere")
    (folder / "odd.ts").write_bytes(b"odd")
    return folder


class TestPlan:
    async def test_a_plan_counts_the_sources_and_names_those_that_are_skipped(
        self, client: AsyncTwelveLabs, index: IndexSchema, folder: Path
    ) -> None:
        picture = folder.parent / "a.png"
        picture.write_bytes(b"\x89PNG\r\n\x1a\n")
        sources: list[Any] = [folder, picture, "no.mp4", "https://example.com/a.mp4", "66a1b2c3d4e5f600000000aa", 42]
        plan = await client.bulk.plan(index.id, sources)
        size = (folder / "bouncing_ball.mp4").stat().st_size
        assert (plan.files, plan.bytes, plan.unknown, plan.urls, plan.assets) == (2, size + 3, 1, 1, 1)
        assert plan.seconds == pytest.approx(10, abs=0.1)
        assert [(Path(source).name, reason.split(";")[0]) for source, reason in plan.skipped] == [
            ("empty.mp4", "The size in bytes is 0"),
            ("gone.mp4", f"[Errno 2] No such file or directory: '{folder / 'gone.mp4'}'"),
            ("short.wav", "The length in seconds is 2"),
            ("a.png", "It is of the kind image"),
            ("no.mp4", "no such file, no file in that folder, or no file that matches. Check the path."),
            ("42", "Invalid source 42. Expected a path, a URL or an asset id."),
        ]
        first, *others = str(plan).splitlines()
        assert first == (
            f"2 files, 0.2 minutes and 1 of unknown length, {plan.bytes / 1000:.1f} kB to upload;"
            " 1 URL; 1 asset already uploaded; 6 skipped:"
        )
        assert others[:6] == [f"  {source}: {reason}" for source, reason in plan.skipped]
        assert others[6] == "Requests, without polls: 4 indexing, 3 assets"

    async def test_a_plan_creates_nothing_and_retrieves_only_the_index(
        self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, folder: Path
    ) -> None:
        emulator.requests.clear()
        before = sorted(folder.parent.rglob("*"))
        await client.bulk.plan(index.id, folder, journal=folder.parent / "talks.db")
        assert [(request.method, request.path) for request in emulator.requests] == [("GET", f"/indexes/{index.id}")]
        assert sorted(folder.parent.rglob("*")) == before

    @pytest.mark.emulator(strict=False)
    async def test_the_limits_are_those_of_the_models_of_the_index(self, client: AsyncTwelveLabs, folder: Path) -> None:
        index = await client.indexes.create(
            index_name="other", models=[{"model_name": "pegasus1.2", "model_options": ["visual"]}]
        )
        assert (await client.bulk.plan(index.id, folder / "short.wav")).files == 1

    async def test_a_plan_without_sources_is_short(self, client: AsyncTwelveLabs, index: IndexSchema) -> None:
        assert str(await client.bulk.plan(index.id, [])) == "0 files, 0.0 minutes, 0.0 kB to upload"

    async def test_a_plan_names_at_most_1000_skipped_sources(self, client: AsyncTwelveLabs, index: IndexSchema) -> None:
        plan = await client.bulk.plan(index.id, (f"no/{number}.mp4" for number in range(1500)))
        assert (len(plan.skipped), plan.more_skipped, plan.skipped[999][0]) == (1000, 500, "no/999.mp4")
        assert "; 1,500 skipped:" in str(plan)
        assert len(str(plan).splitlines()) == 22
        assert str(plan).endswith("\n  and 1,480 more")

    async def test_an_error_of_the_callers_iterable_is_raised(
        self, client: AsyncTwelveLabs, index: IndexSchema, folder: Path
    ) -> None:

        def sources() -> Iterator[Path]:
            yield folder
            raise LookupError("mine")

        with pytest.raises(LookupError, match="mine"):
            await client.bulk.plan(index.id, sources())

    async def test_a_missing_path_or_index_is_an_error(self, client: AsyncTwelveLabs, index: IndexSchema) -> None:
        with pytest.raises(FileNotFoundError):
            await client.bulk.plan(index.id, "no/a.mp4")
        with pytest.raises(APIStatusError):
            await client.bulk.plan("66a1b2c3d4e5f600000000ff", [])

    def test_the_blocking_client_makes_plans(self, sync_client: TwelveLabs, folder: Path) -> None:
        index = sync_client.indexes.create(
            index_name="tests", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}]
        )
        assert sync_client.bulk.plan(index.id, folder).files == 2


class TestJournal:
    @pytest.fixture
    async def journal(self, emulator: Emulator, client: AsyncTwelveLabs, index: IndexSchema, tmp_path: Path) -> Path:
        """The journal of a run in which one clip was indexed and another one failed."""
        emulator.understand("bad.mp4", fail="-", at="indexing")
        for name in ("good.mp4", "bad.mp4"):
            shutil.copy(CLIPS / "bouncing_ball.mp4", tmp_path / name)
            with (tmp_path / name).open("ab") as file:
                file.write(name.encode())
        path = tmp_path / "talks.db"
        async for _ in client.bulk.index(index.id, tmp_path / "*.mp4", journal=path, interval=0.02):
            pass
        return path

    async def plan(self, client: AsyncTwelveLabs, index: IndexSchema, journal: Path) -> Plan:
        return await client.bulk.plan(index.id, journal.parent / "*.mp4", journal=journal)

    async def test_sources_that_an_earlier_run_finished_are_counted(
        self, client: AsyncTwelveLabs, index: IndexSchema, journal: Path
    ) -> None:
        """Those that failed are named, with the reason."""
        plan = await self.plan(client, index, journal)
        assert (plan.files, plan.assets, plan.finished) == (0, 0, 1)
        [(bad, why)] = plan.skipped
        assert Path(bad).name == "bad.mp4"
        assert "the API gives no reason. This is the result of an earlier run." in why
        assert "; 1 finished by an earlier run; 1 skipped:\n" in str(plan)

    async def test_a_file_that_changed_is_uploaded_again(
        self, client: AsyncTwelveLabs, index: IndexSchema, journal: Path
    ) -> None:
        os.utime(journal.parent / "bad.mp4", (1, 1))
        plan = await self.plan(client, index, journal)
        assert (plan.files, plan.finished, plan.skipped) == (1, 1, [])

    async def test_a_file_that_was_uploaded_but_not_indexed_is_an_asset(
        self, client: AsyncTwelveLabs, index: IndexSchema, journal: Path
    ) -> None:
        with closing(sqlite3.connect(journal, isolation_level=None)) as db:
            db.execute("UPDATE entries SET state = 'job_started'")
            assert (await self.plan(client, index, journal)).assets == 2
            db.execute("UPDATE entries SET state = 'upload_requested'")
            assert (await self.plan(client, index, journal)).files == 2

    async def test_another_jobs_journal_and_other_files_are_refused(
        self, client: AsyncTwelveLabs, index: IndexSchema, journal: Path
    ) -> None:
        with closing(sqlite3.connect(journal, isolation_level=None)) as db:
            db.execute("UPDATE job SET name = 'upload'")
        with pytest.raises(ValueError, match="another job"):
            await self.plan(client, index, journal)
        shutil.copy(CLIPS / "bouncing_ball.mp4", journal)
        with pytest.raises(JournalError, match="is not a readable journal"):
            await self.plan(client, index, journal)
