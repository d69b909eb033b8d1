"""Before anything is sent: what certainly cannot be taken is found, and nothing else is held up."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async._media import Media
from twelvelabs_async.bulk._preflight import inspect, violations

CLIPS = Path(__file__).parent.parent / "examples" / "media"
GB, MB = 2**30, 2**20
FINE = Media("mp4", 60.0, 1280, 720, 25.0, True)


def film(**facts: Any) -> Media:
    return attrs.evolve(FINE, **facts)


class TestLimits:
    @pytest.mark.parametrize(
        ("media", "media_type", "size", "model", "fact"),
        [
            (FINE, "video/mp4", 0, "marengo3.0", "size in bytes is 0"),
            (FINE, "video/mp4", 10 * GB + 1, "marengo3.0", "size in bytes is 10,737,418,241"),
            (FINE, "application/octet-stream", 10 * GB + 1, "any", "size in bytes"),
            (Media("png", width=640, height=480), "image/png", 32 * MB + 1, "any", "size in bytes"),
            (Media(), "application/pdf", 200 * MB + 1, "any", "size in bytes"),
            (film(duration=3.4), "video/mp4", 1, "marengo3.0", "length in seconds is 3,"),
            (film(duration=14_401.0), "video/mp4", 1, "marengo3.0", "length in seconds is 14,401,"),
            (film(duration=14_401.0), "video/mp4", 1, "pegasus1.2", "length in seconds"),
            (film(duration=0.4), "video/mp4", 1, "pegasus1.5", "length in seconds is 0,"),
            (Media("wav", 3.0, has_audio=True), "audio/wav", 1, "marengo3.0", "length in seconds"),
            (film(width=640, height=358), "video/mp4", 1, "marengo3.0", "shorter side in pixels is 358,"),
            (film(width=358, height=640), "video/mp4", 1, "pegasus1.2", "shorter side in pixels"),
            (film(width=4000, height=3000), "video/mp4", 1, "marengo3.0", "shorter side in pixels"),
            (film(width=5186, height=2160), "video/mp4", 1, "marengo3.0", "longer side in pixels"),
            (film(width=1000, height=400), "video/mp4", 1, "marengo3.0", "aspect ratio is 2.5, and may be 1 to 2.4"),
            (film(width=400, height=1000), "video/mp4", 1, "pegasus1.2", "aspect ratio"),
            (film(width=1280, height=360, stored=(960, 360)), "video/mp4", 1, "marengo3.0", "aspect ratio is 3.6"),
        ],
    )
    def test_beyond(self, media: Media, media_type: str, size: int, model: str, fact: str) -> None:
        """Each limit is a sentence that says what is wrong, with which model, and where that is documented."""
        (sentence,) = violations(media, media_type, size, [model])
        assert fact in sentence
        assert "(docs: " in sentence
        assert (model if "size" not in fact else "an upload") in sentence

    @pytest.mark.parametrize(
        ("media", "media_type", "size", "model"),
        [
            (FINE, "video/mp4", 10 * GB, "marengo3.0"),
            (film(duration=3.6), "video/mp4", 1, "marengo3.0"),
            (film(duration=14_400.4), "video/mp4", 1, "marengo3.0"),
            (film(duration=1.0), "video/mp4", 1, "pegasus1.2"),
            (film(duration=1.0), "video/mp4", 1, "marengo9"),
            (film(duration=1.0, container="mpegts"), "video/mp2t", 1, "marengo3.0"),
            (film(duration=20_000.0, container="mp3"), "audio/mpeg", 1, "marengo3.0"),
            (film(width=2160, height=5184), "video/mp4", 1, "marengo3.0"),
            (film(width=1280, height=532), "video/mp4", 1, "marengo3.0"),
            (film(width=1280, height=360, stored=(640, 360)), "video/mp4", 1, "marengo3.0"),
            (film(width=640, height=480, stored=(352, 480)), "video/mp4", 1, "marengo3.0"),
            (Media("png", width=10, height=10), "image/png", 32 * MB, "marengo3.0"),
            (Media("mp3", 60.0, 10, 10), "audio/mpeg", 1, "marengo3.0"),
            (Media(), "application/pdf", 200 * MB, "marengo3.0"),
        ],
    )
    def test_within(self, media: Media, media_type: str, size: int, model: str) -> None:
        """What is within the limits passes, and so does whatever is not certain."""
        assert violations(media, media_type, size, [model]) == []

    def test_several(self) -> None:
        """Every limit of every model is told; those that models have in common, once."""
        found = violations(film(duration=0.1, width=100, height=200), "video/mp4", 1, ["marengo3.0", "pegasus1.2"])
        assert len(found) == 4
        assert found[0] == "Its length in seconds is 0, and may be 4 to 14,400 for marengo3.0 (docs: Marengo)."
        assert "for marengo3.0 and pegasus1.2" in found[2]

    FACTS = st.builds(
        Media,
        container=st.sampled_from([None, "mp4", "wav", "mpegts"]),
        duration=st.none() | st.floats(0.01, 100_000),
        width=st.none() | st.integers(1, 10_000),
        height=st.none() | st.integers(1, 10_000),
        stored=st.none() | st.tuples(st.integers(1, 10_000), st.integers(1, 10_000)),
    )
    TYPES = st.sampled_from(["video/mp4", "audio/wav", "image/png", "application/pdf", "application/octet-stream"])
    MODELS = st.lists(st.sampled_from(["marengo3.0", "pegasus1.2", "other"]))

    @given(FACTS, TYPES, st.integers(1, 20 * GB), MODELS, st.sampled_from(["duration", "width", "height", "container"]))
    def test_missing_facts(self, media: Media, media_type: str, size: int, models: list[str], fact: str) -> None:
        """Knowing less never makes anything wrong that was not before."""
        less = attrs.evolve(media, **{fact: None}, stored=None if fact in ("width", "height") else media.stored)
        assert set(violations(less, media_type, size, models)) <= set(violations(media, media_type, size, models))

    @given(
        st.floats(4, 14_400),
        st.integers(360, 2160),
        st.floats(1, 2.4),
        st.booleans(),
        TYPES,
        st.integers(1, 32 * MB),
        MODELS,
    )
    def test_all_within(
        self, seconds: float, shorter: int, shape: float, upright: bool, media_type: str, size: int, models: list[str]
    ) -> None:
        """A file within all limits is never held up."""
        sides = (shorter, int(shorter * shape))
        media = film(duration=seconds, width=sides[not upright], height=sides[upright])
        assert violations(media, media_type, size, models) == []

    @given(FACTS, TYPES, st.integers(1, 20 * GB), MODELS)
    def test_turned(self, media: Media, media_type: str, size: int, models: list[str]) -> None:
        """A picture may be turned by a quarter: no reader says how it will be shown."""
        turned = attrs.evolve(media, width=media.height, height=media.width)
        assert violations(turned, media_type, size, models) == violations(media, media_type, size, models)


class TestInspect:
    async def test_file(self) -> None:
        """The header of a file is read and held against the limits."""
        media, found = await inspect(CLIPS / "bouncing_ball.mp4", ["marengo3.0"])
        assert (media.container, media.width, found) == ("mp4", 480, [])

    async def test_large(self, tmp_path: Path) -> None:
        """Size alone is enough, whatever the header says."""
        path = tmp_path / "a.pdf"
        path.touch()
        os.truncate(path, 200 * MB + 1)
        media, (sentence,) = await inspect(str(path), ["marengo3.0"])
        assert media == Media()
        assert "209,715,200" in sentence

    async def test_not_there(self, tmp_path: Path) -> None:
        """A file that cannot be read raises what it always raises."""
        with pytest.raises(FileNotFoundError):
            await inspect(tmp_path / "a.mp4", [])
