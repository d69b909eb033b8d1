"""Bulk analyses with several questions, parts of videos, segments and images."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from twelvelabs_async import AsyncTwelveLabs, RejectedError
from twelvelabs_async.bulk import AnalyzeSource, Outcome, ParquetSink
from twelvelabs_async.testing import Emulator

from support.bulk import count_requests, finish, url, write_recording
from support.images import png

pytestmark = [pytest.mark.usefixtures("autojump_clock"), pytest.mark.emulator(processing_time=1, analysis_time=4)]

BATCH: dict[str, Any] = {"batch": True, "interval": 0.1}
SEGMENTS: dict[str, Any] = {
    "analysis_mode": "time_based_metadata",
    "response_format": {
        "type": "segment_definitions",
        "segment_definitions": [
            {"id": "goals", "description": "A goal", "time_ranges": [{"start_time": 0, "end_time": 9}]}
        ],
    },
}
IMAGES: dict[str, Any] = {"model_name": "pegasus1.6", "prompt": "What is it?"}

in_both_ways = pytest.mark.parametrize("options", [{}, BATCH], ids=["tasks", "batch"])


@attrs.define
class Report:
    """An answer whose fields have the names of columns."""

    error: str
    text: str


async def outcomes_of(run: Any) -> list[Outcome[Any]]:
    """Return the outcomes of a run, in the order of their parameters."""
    return sorted([outcome async for outcome in run], key=lambda outcome: str(outcome.parameters))


class TestQuestions:
    @in_both_ways
    async def test_each_source_may_have_its_own_question(
        self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path, journal: Path, options: dict[str, Any]
    ) -> None:
        """The file is uploaded once. A resumed run sends no request."""
        video = folder / "a.mp4"
        sources = [
            AnalyzeSource(video, prompt="Who scores?"),
            AnalyzeSource(video, start_time=2, end_time=9),
            AnalyzeSource(video, prompt_v_2={"input_text": "Who wins?"}),
            video,
        ]
        found = await outcomes_of(client.bulk.analyze(sources, prompt="Who plays?", journal=journal, **options))
        assert [outcome.error for outcome in found] == [None] * 4
        assert [outcome.parameters for outcome in found] == [
            None,
            {"prompt": "Who scores?"},
            {"prompt_v_2": {"input_text": "Who wins?"}},
            {"start_time": 2, "end_time": 9},
        ]
        assert len(emulator.assets) == 1
        asked = [emulator.state.analyze_tasks[str(outcome.task_id)].parameters for outcome in found]
        prompts = [given.get("prompt") or given["prompt_v2"]["input_text"] for given in asked]
        assert prompts == ["Who plays?", "Who scores?", "Who wins?", "Who plays?"]
        assert [given.get("end_time") for given in asked] == [None, None, None, 9]
        emulator.requests.clear()
        again = await outcomes_of(client.bulk.analyze(sources, prompt="Who plays?", journal=journal, **options))
        assert [outcome.task_id for outcome in again] == [outcome.task_id for outcome in found]
        assert not emulator.requests
        other = AnalyzeSource(video, prompt="Who coaches?")
        [new] = await outcomes_of(client.bulk.analyze(other, prompt="Who plays?", journal=journal, **options))
        assert new.task_id not in {outcome.task_id for outcome in found}
        assert len(emulator.assets) == 1

    async def test_the_same_questions_from_another_machine_are_not_asked_again(
        self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path
    ) -> None:
        sources = [AnalyzeSource(folder / "a.mp4", prompt=prompt) for prompt in ("Who scores?", "Who wins?")]
        first = await outcomes_of(client.bulk.analyze(sources))
        second = await outcomes_of(client.bulk.analyze(sources))
        assert [outcome.task_id for outcome in first] == [outcome.task_id for outcome in second]
        assert [outcome.reused for outcome in [*first, *second]] == [False, False, True, True]

    async def test_tables_tell_the_questions_of_a_file_apart(self, client: AsyncTwelveLabs, folder: Path) -> None:
        questions = [AnalyzeSource(folder / "a.mp4", prompt=prompt) for prompt in ("Who scores?", "Who wins?")]
        frame = await client.bulk.analyze([*questions, folder / "b.mp4"], prompt="Who plays?").to_pandas()
        given = [{"prompt": "Who scores?"}, {"prompt": "Who wins?"}]
        assert sorted(map(json.loads, frame["parameters"].dropna()), key=str) == given

    async def test_the_upload_of_a_file_with_two_questions_is_planned_once(
        self, client: AsyncTwelveLabs, folder: Path
    ) -> None:
        """What remains of the plan has it once as well, until the first of its sources is settled."""
        video, other = folder / "a.mp4", folder / "b.mp4"
        run = client.bulk.analyze([*(AnalyzeSource(video, prompt=prompt) for prompt in "ab"), other], prompt="c")
        plan = await run.plan()
        size = video.stat().st_size + other.stat().st_size
        assert (plan.files, plan.bytes, plan.assets) == (2, size, 0)
        assert plan.forecast.usage.sources == 3
        assert plan.forecast.usage.requests["assets"] == 2
        left = [run.remaining.usage.bytes async for _ in run if run.remaining]
        assert left[-1] == 0
        assert {*left} <= {0, video.stat().st_size, other.stat().st_size}

    async def test_a_question_holds_for_all_files_of_a_folder(
        self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path
    ) -> None:
        found = await finish(client.bulk.analyze(AnalyzeSource((folder, {"team": "red"}), prompt="Who scores?")))
        assert len(found) == 4
        assert {task.parameters["prompt"] for task in emulator.state.analyze_tasks.values()} == {"Who scores?"}
        assert {asset.user_metadata["team"] for asset in emulator.assets.values()} == {"red"}

    async def test_a_source_without_a_question_fails_alone(self, emulator: Emulator, client: AsyncTwelveLabs) -> None:
        """If no source can have a question of its own, the call fails."""
        sources: list[Any] = [url("a"), AnalyzeSource(url("b"), prompt="Who?"), AnalyzeSource(url("c"), end_time=0.5)]
        found = await finish(client.bulk.analyze(sources))
        assert str(found["a.mp4"].error).startswith("The question is missing.")
        assert found["b.mp4"].error is None
        assert found["c.mp4"].error is not None
        assert len(emulator.assets) == 1
        for given in (url("a"), [url("a")]):
            with pytest.raises(ValueError, match="The question is missing"):
                client.bulk.analyze(given)

        def lazily() -> Iterator[AnalyzeSource]:
            yield AnalyzeSource(url("d"), prompt="Who?")

        assert (await finish(client.bulk.analyze(lazily())))["d.mp4"].error is None

    async def test_other_methods_take_no_questions(self, emulator: Emulator, client: AsyncTwelveLabs) -> None:
        found = await finish(client.bulk.upload(AnalyzeSource(url("a"), prompt="Who?")))  # type: ignore[arg-type]
        assert str(found["a.mp4"].error) == "Only bulk.analyze takes an AnalyzeSource. Pass what it contains."
        assert not emulator.requests


class TestTables:
    async def test_the_rows_of_each_question_are_kept(
        self, client: AsyncTwelveLabs, folder: Path, tmp_path: Path
    ) -> None:
        """They name the question, and are written once."""
        dataset = pytest.importorskip("pyarrow.dataset")
        sources = [AnalyzeSource(folder / "a.mp4", prompt=prompt) for prompt in ("Who scores?", "Who wins?")]
        for _ in range(2):
            await finish(client.bulk.analyze(sources, sink=ParquetSink(tmp_path / "answers")))
        rows = dataset.dataset(tmp_path / "answers").to_table().to_pylist()
        assert sorted(row["job"] for row in rows) == [
            'analyze {"prompt":"Who scores?"}',
            'analyze {"prompt":"Who wins?"}',
        ]

    async def test_fields_with_the_names_of_columns_have_a_prefix_with_and_without_a_sink(
        self, emulator: Emulator, client: AsyncTwelveLabs, folder: Path, tmp_path: Path
    ) -> None:
        arrow = pytest.importorskip("pyarrow.parquet")
        emulator.understand("a.mp4", text='{"error": "none", "text": "A goal."}')
        question: dict[str, Any] = {"prompt": "Who?", "into": Report}
        table = await client.bulk.analyze(folder / "a.mp4", **question).to_arrow()
        await finish(client.bulk.analyze(folder / "a.mp4", **question, sink=ParquetSink(tmp_path / "answers")))
        [file] = (tmp_path / "answers").glob("*.parquet")
        for found in (table, arrow.read_table(file)):
            [row] = found.to_pylist()
            assert (row["answer_error"], row["answer_text"], row["error"]) == ("none", "A goal.", None)


class TestParts:
    async def test_only_the_part_counts_that_is_analyzed(self, client: AsyncTwelveLabs, tmp_path: Path) -> None:
        """So do the minutes of budgets and plans (docs: Create an analysis task)."""
        video = write_recording(tmp_path / "talk.mp4", 60)
        plan = await client.bulk.analyze(video, prompt="Who?", start_time=15, end_time=45).plan()
        assert plan.seconds == pytest.approx(30)
        parts = [AnalyzeSource(video, start_time=15), AnalyzeSource(video, end_time=50)]
        assert (await client.bulk.analyze(parts, prompt="Who?").plan()).seconds == pytest.approx(45 + 50)

    @pytest.mark.parametrize(
        ("part", "reason"),
        [
            ({}, "The part to process has 7,300 s; expected at most 7,200"),
            ({"start_time": 50}, "The part to process has 7,250 s"),
            ({"start_time": 7300}, "begins at 7,300 s, but the length is 7,300.0 s"),
        ],
    )
    async def test_a_part_that_cannot_be_analyzed_is_refused_before_the_upload(
        self, emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path, part: dict[str, Any], reason: str
    ) -> None:
        """At most two hours of a video are analyzed (docs: Create an analysis task)."""
        video = write_recording(tmp_path / "talk.mp4", 7300)
        found = await finish(client.bulk.analyze(video, prompt="Who?", **part))
        with pytest.raises(RejectedError, match=reason):
            raise found["talk.mp4"].error or AssertionError
        assert not emulator.requests
        fitting = await client.bulk.analyze(AnalyzeSource(video, start_time=1000), prompt="Who?").plan()
        assert fitting.files == 1


async def test_segments_are_found_without_a_limit(emulator: Emulator, client: AsyncTwelveLabs) -> None:
    """The tokens of such an answer are estimated by the largest limit that can be stated."""
    question: dict[str, Any] = {
        "model_name": "pegasus1.6",
        "analysis_mode": "time_based_metadata",
        "max_tokens": "unlimited",
        "min_segment_duration": 2,
        "response_format": {
            "type": "segment_definitions",
            "segment_definitions": [{"id": "goals", "description": "A goal"}],
        },
    }
    run = client.bulk.analyze(url("a"), **question)
    assert (await run.plan()).forecast.usage.tokens == 98_304
    assert (await finish(run))["a.mp4"].error is None
    [task] = emulator.state.analyze_tasks.values()
    assert (task.parameters["max_tokens"], task.parameters["min_segment_duration"]) == ("unlimited", 2)


class TestImages:
    async def test_images_are_analyzed_instead_of_videos(
        self, emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path
    ) -> None:
        """They are found again from any machine."""
        images = [tmp_path / "a.png", tmp_path / "b.png"]
        for image in images:
            image.write_bytes(png(640, 480) + image.name.encode())
        (tmp_path / "c.mp4").write_bytes(b"video")
        logo = await client.assets.create_and_wait(url("logo").replace("mp4", "png"))
        question = {**IMAGES, "prompt": "Is <@logo> on <@source>?", "image": [{"name": "logo", "asset_id": logo.id}]}
        first = await finish(client.bulk.analyze(tmp_path, **question))
        assert {*first} == {"a.png", "b.png"}
        [task, _] = emulator.state.analyze_tasks.values()
        assert [given["name"] for given in task.parameters["image"]] == ["source", "logo"]
        second = await finish(client.bulk.analyze(images, **question))
        assert {name: found.task_id for name, found in second.items()} == {
            name: found.task_id for name, found in first.items()
        }
        assert count_requests(emulator, "POST", "/analyze/tasks") == 2

    async def test_an_image_whose_response_was_lost_is_analyzed_once(
        self, emulator: Emulator, client: AsyncTwelveLabs, tmp_path: Path
    ) -> None:
        (tmp_path / "a.png").write_bytes(png(640, 480))
        emulator.drop("POST", "/analyze/tasks", acted=True, times=4)
        found = await finish(client.bulk.analyze(tmp_path, **IMAGES, image=[]))
        assert found["a.png"].error is None
        assert len(emulator.state.analyze_tasks) == 1

    @pytest.mark.parametrize(
        ("name", "options", "reason"),
        [
            ("a.png", {"prompt": "Who?"}, "It is of the kind image; expected video"),
            ("a.mp3", {"prompt": "Who?"}, "It is of the kind audio; expected video"),
            ("a.mp4", {**IMAGES, "image": []}, "It is of the kind video; expected image"),
            ("a.pdf", {**IMAGES, "image": []}, "It is of the kind document; expected image"),
        ],
    )
    async def test_files_of_another_kind_are_refused_before_the_upload(
        self,
        emulator: Emulator,
        client: AsyncTwelveLabs,
        tmp_path: Path,
        name: str,
        options: dict[str, Any],
        reason: str,
    ) -> None:
        (tmp_path / name).write_bytes(b"content")
        found = await finish(client.bulk.analyze(tmp_path / name, **options))
        with pytest.raises(RejectedError, match=reason):
            raise found[name].error or AssertionError
        assert not emulator.requests


async def test_the_platform_decides_about_the_kinds_of_urls_and_assets(
    emulator: Emulator, client: AsyncTwelveLabs
) -> None:
    """What is of another kind is not analyzed."""
    picture = url("picture").replace("mp4", "png")
    asset = await client.assets.create_and_wait(picture.replace("picture", "other"))
    found = await finish(client.bulk.analyze([picture, asset.id, url("a")], prompt="Who?"))
    assert "It is of the kind image; expected video" in str(found["picture.png"].error)
    assert "It is of the kind image; expected video" in str(found[asset.id].error)
    assert found["a.mp4"].error is None
    assert count_requests(emulator, "POST", "/analyze/tasks") == 1


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ({"prompt": "Who?", "prompt_v_2": {"input_text": "Who?"}}, "Both prompt and prompt_v_2"),
        ({**SEGMENTS, "prompt": "Who?"}, "analysis_mode 'time_based_metadata' excludes prompt"),
        ({"prompt": "Who?", "min_segment_duration": 3}, "min_segment_duration requires analysis_mode"),
        ({**SEGMENTS, "start_time": 3}, "Segments with time_ranges exclude start_time"),
        ({**SEGMENTS, "max_tokens": "unlimited", "model_name": "pegasus1.6"}, "max_tokens 'unlimited' requires"),
        ({"prompt": "Who?", "max_tokens": "unlimited", "model_name": "pegasus1.6"}, "max_tokens 'unlimited' requires"),
        ({"prompt": "Who?", "start_time": 5, "end_time": 5.5}, "at least 1 s after start_time; got 5 and 5.5"),
        ({"prompt": "Who?", "end_time": 7201}, "At most 7,200 s are analyzed; got start_time 0 and end_time 7201"),
        ({"prompt": "Who?", "image": []}, "image requires model_name 'pegasus1.6'"),
        ({**IMAGES, "image": [], "batch": True}, "Batches are analyzed with 'pegasus1.5' alone; got 'pegasus1.6'"),
        ({**IMAGES, "image": [{"name": "source", "asset_id": "1"}]}, "Images must have different names"),
        ({**IMAGES, "image": [{"name": str(number)} for number in range(20)]}, "At most 19 images .* got 20"),
        ({**IMAGES, "prompt": "Is it <@logo>?", "image": [{"name": "logo"}]}, "to all images or to none: <@source>"),
    ],
)
async def test_a_question_that_the_api_refuses_is_refused_at_the_call(
    emulator: Emulator, client: AsyncTwelveLabs, question: dict[str, Any], reason: str
) -> None:
    """The rules are those of the pages Create an analysis task and Create a batch."""
    with pytest.raises(ValueError, match=reason):
        client.bulk.analyze(url("a"), **question)
    assert not emulator.requests


@attrs.define
class Scene:
    """An answer that contains answers."""

    name: str
    scenes: list[Scene]


@attrs.define
class Film:
    """An answer that contains an endless one."""

    first: Scene | None


@pytest.mark.parametrize("into", [Scene, Film])
async def test_a_recursive_class_is_refused_at_the_call(client: AsyncTwelveLabs, into: type) -> None:
    with pytest.raises(ValueError, match="into must not be recursive: Scene → Scene"):
        client.bulk.analyze(url("a"), prompt="Which scenes?", into=into)
