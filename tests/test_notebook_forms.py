"""Notebook forms: what Jupyter shows of models, lists, runs and journals."""

from __future__ import annotations

import math
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import twelvelabs_async
from twelvelabs_async import (
    AssetDetail,
    AsyncTwelveLabs,
    EmbeddingTaskResponse,
    HlsObject,
    IndexedAssetDetailed,
    IndexSchema,
    Model,
    Moment,
    Moments,
    MomentVideo,
    SearchItem,
    SearchResults,
    TwelveLabs,
    read_journal,
    structure,
    tabulate,
)
from twelvelabs_async.testing import Emulator

from support.samples import video

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{x}}\x00\x1b\ud800"
TAGS = {
    "div", "style", "p", "span", "b", "br", "time", "figure", "figcaption", "img", "video", "svg", "rect", "circle",
    "title", "g", "a", "table", "thead", "tbody", "tr", "th", "td", "details", "summary",
}  # fmt: skip
MODELS = [
    value
    for name in twelvelabs_async.__all__
    if isinstance(value := getattr(twelvelabs_async, name), type) and issubclass(value, Model)
]


class Form(HTMLParser):
    """A notebook form, parsed.

    Attributes:
        tags: Names of the elements.
        urls: URLs that the form loads.
        text: Text of all elements.
    """

    def __init__(self, shown: Any) -> None:
        super().__init__()
        self.html: str = shown._repr_html_()
        self.tags: list[str] = []
        self.urls: list[str] = []
        self.text = ""
        self.feed(re.sub("<style>.*?</style>", "", self.html))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.urls += [f"{value}" for name, value in attrs if name in ("src", "poster", "href")]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += f"{data} "


VIDEO = MomentVideo(id="v1", filename="talk.mp4", duration=600, hls_url="https://host/talk.m3u8")
HITS = Moments(
    Moment(start=start, end=start + 5, video=VIDEO, rank=rank, text="A rocket.", thumbnail_url="https://host/a.jpg")
    for rank, start in enumerate((0.5, 65.0), start=1)
)


def test_hits_are_cards_whose_players_begin_and_end_with_the_moment() -> None:
    """Each names its video, its time and its rank."""
    form = Form(HITS)
    assert form.urls == [
        "https://host/a.jpg", "https://host/talk.m3u8#t=0.5,5.5", "https://host/a.jpg", "https://host/talk.m3u8#t=65.0,70.0",
    ]  # fmt: skip
    for text in ("2 moments in 1 video", "talk.mp4", "10:00", "1:05\N{EN DASH}1:10", "A rocket."):
        assert text in form.text


def test_hits_without_a_stream_have_pictures_and_others_are_lines() -> None:
    """A matching segment names its video by its id."""
    found = {"data": [{"start": 5, "end": 9, "video_id": "v1", "thumbnail_url": "https://host/a.jpg"}]}
    assert Form(structure(found, SearchResults)).tags.count("img") == 1
    del found["data"][0]["thumbnail_url"]
    form = Form(structure(found, SearchResults))
    assert "img" not in form.tags
    assert "0:05\N{EN DASH}0:09" in form.text


@pytest.mark.parametrize(
    "url", ["http://host/a.jpg", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//host/a"]
)
def test_only_pictures_and_streams_by_https_are_loaded(url: str) -> None:
    """Those of another scheme are shown as text, or not at all."""
    hit = SearchItem(start=1.0, end=2.0, video_id="v1", thumbnail_url=url)
    asset = IndexedAssetDetailed(id="a", hls=HlsObject(video_url=url, thumbnail_urls=[url]))
    moments = Moments([Moment(start=1.0, video=MomentVideo(id="v1", hls_url=url), thumbnail_url=url)])
    for shown in (hit, asset, moments, tabulate([asset])):
        assert Form(shown).urls == []


def test_a_file_is_played_from_the_folder_of_the_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jupyter serves the files in it."""
    monkeypatch.chdir(tmp_path)
    Path("my talk.mp4").touch()
    form = Form(Moments([Moment(start=1.0, video=MomentVideo(file=str(tmp_path / "my talk.mp4")))]))
    assert form.urls == ["./my%20talk.mp4#t=1.0"]


def hostile(cls: type[Model]) -> Any:
    """Return a model in which every field has a hostile value, of the type of the field or of another one."""
    return [
        structure({name: value for name in cls.__match_args__}, cls)
        for value in (HOSTILE, [HOSTILE], {HOSTILE: HOSTILE})
    ]


@pytest.mark.parametrize("cls", MODELS, ids=lambda cls: cls.__name__)
def test_every_model_has_a_form_in_which_all_texts_are_escaped(cls: type[Model]) -> None:
    """Names of files, texts and user metadata are those of others."""
    for model in hostile(cls):
        for shown in (model, tabulate([model, model])):
            form = Form(shown)
            assert {*form.tags} <= TAGS
            assert not form.urls
            assert "\x00" not in form.html
            assert "\x1b" not in form.html
            assert form.html.encode()


@pytest.mark.parametrize("picture", [None, "https://host/a.jpg"], ids=["lines", "cards"])
def test_all_texts_of_moments_are_escaped(picture: str | None) -> None:
    """Those of one video, and those of several, whose cards have its name."""
    moments = [
        Moment(
            start=1.0, video=MomentVideo(id=HOSTILE * number, filename=HOSTILE), thumbnail_url=picture,
            title=HOSTILE, text=HOSTILE, speaker=HOSTILE, metadata={HOSTILE: HOSTILE},
        )
        for number in (1, 2)
    ]  # fmt: skip
    for shown in (Moments(moments), Moments(moments[:1])):
        form = Form(shown)
        assert {*form.tags} <= TAGS
        assert {*form.urls} == {picture} - {None}
        assert "\x1b" not in form.html
        assert form.html.encode()
        assert form.text.count("alert(1)") >= 4


def test_odd_times_and_numbers_are_no_error() -> None:
    """A response may have any of them."""
    for odd in (math.nan, math.inf, -1.0, 10**400, "x", True, None, [1], {}):
        Form(structure({"data": [{"start": odd, "end": odd, "rank": odd}]}, SearchResults))
        Form(structure({"duration": odd, "size": odd, "created_at": odd, "user_metadata": odd}, AssetDetail))
        Form(tabulate([structure({"duration": odd, "size": odd}, AssetDetail)] * 2))


def test_a_model_shows_its_fields_with_the_objects_in_it(emulator: Emulator, sync_client: TwelveLabs) -> None:
    """Empty fields are left out, and so is the metadata of bulk runs. Lengths are shown as players show them."""
    fields = {
        "filename": "talk.mp4", "duration": 75.5, "user_metadata": {"team": "blue", "bulk_sha256": "x"},
        "created_at": "2026-01-02T03:04:05Z", "technical_metadata": {"video_width": 640}, "news": 1, "moments": 2,
    }  # fmt: skip
    asset = structure({"_id": "a1", **fields}, AssetDetail)
    text = Form(asset).text
    for shown in (
        "filename talk.mp4",
        "duration 1:15",
        "team: blue",
        "2026-01-02 03:04:05",
        "video_width 640",
        "news 1",
    ):
        assert shown in text
    assert "bulk_sha256" not in text
    assert "status" not in text


def test_embeddings_are_points() -> None:
    """Without numpy they are a table."""
    data = [{"embedding": [number, 1, 0], "start_sec": number, "end_sec": number + 2} for number in range(3)]
    task = structure({"_id": "t1", "status": "ready", "data": data}, EmbeddingTaskResponse)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "numpy", None)
        assert "circle" not in Form(task).tags
    pytest.importorskip("numpy", reason="needs numpy: pip install 'twelvelabs_async[data]'")
    form = Form(task)
    assert form.tags.count("circle") == 3
    assert "0:02\N{EN DASH}0:04" in form.text


@pytest.mark.usefixtures("autojump_clock")
async def test_runs_and_journals_have_bars_of_their_sources(
    client: AsyncTwelveLabs, index: IndexSchema, folder: Path, emulator: Emulator, tmp_path: Path
) -> None:
    """Outcomes are a table with a bar of their statuses."""
    emulator.understand("b.mp4", fail="too dark", at="processing")
    run = client.bulk.index(index.id, folder, journal=tmp_path / "a.db")
    assert "ready" not in Form(run).text
    outcomes = [outcome async for outcome in run]
    for shown in (run, tabulate(outcomes), read_journal(tmp_path / "a.db")):
        form = Form(shown)
        assert form.tags.count("rect") == 2
        assert "3 ready" in form.text
        assert "1 failed" in form.text
    assert "too dark" in Form(read_journal(tmp_path / "a.db")).text


async def test_a_list_shows_its_own_page_without_a_request(
    client: AsyncTwelveLabs, sync_client: TwelveLabs, emulator: Emulator
) -> None:
    """Lengths and sizes have bars. The name of a file stands first."""
    for number in range(3):
        await client.assets.upload(video(number, size=1000 * (number + 1)), filename=f"{number}.mp4")
    emulator.advance(60)
    unread, aio, blocking = client.assets.list(), await client.assets.list(page_limit=2), sync_client.assets.list()
    before = len(emulator.requests)
    assert "not fetched" in Form(unread).text
    assert (Form(aio).tags.count("tr"), "More pages follow" in Form(aio).text) == (3, True)
    assert (Form(blocking).tags.count("tr"), "More pages follow" in Form(blocking).text) == (4, False)
    assert "--share:33%" in Form(blocking).html
    assert Form(blocking).text.index("2.mp4") < Form(blocking).text.index(str(blocking.items and blocking.items[0].id))
    assert len(emulator.requests) == before


def test_forms_stay_small() -> None:
    """They show the first rows, cards and lines, and short texts of tables."""
    hits = Moments([HITS[0]] * 10_000)
    lines = Moments(Moment(start=float(second), text="word " * 8) for second in range(10_000))
    assets = tabulate([AssetDetail(id=f"{number}", filename="x" * 1000) for number in range(10_000)])
    for shown, rest, kilobytes in (
        (hits, "9,976 more", 16),
        (lines, "9,800 more", 30),
        (assets, "9,980 more rows", 10),
    ):
        form = Form(shown)
        assert rest in form.text
        assert len(form.html) < 1000 * kilobytes
