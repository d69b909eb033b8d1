"""Pages to look at: what stands in the file. `test_page_browser.py` opens it."""

from __future__ import annotations

import io
import math
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twelvelabs_async import APIStatusError, AsyncTwelveLabs, Moment, Moments, MomentVideo, TwelveLabs, tabulate
from twelvelabs_async.bulk import Outcome
from twelvelabs_async.pages.document import document
from twelvelabs_async.pages.page import Card, Group, Page
from twelvelabs_async.pages.projection import project
from twelvelabs_async.testing import Emulator

from support.samples import MEDIA, MODELS

HLS_URL = "https://videos.example.com/1/stream.m3u8?Signature=a&b"
TALK = MomentVideo(id="v1", filename="talk.mp4", duration=60.0, user_metadata={"camera": 4, "bulk_token": "t"})


class Parsed(HTMLParser):
    """The elements of a page with their attributes, its text, and the elements that have an id."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._skipped = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._skipped = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._skipped = False

    def handle_data(self, data: str) -> None:
        self.text += "" if self._skipped else data

    def find(self, tag: str, name: str = "") -> list[dict[str, str | None]]:
        """Return the attributes of the elements of a tag and a class."""
        return [a for found, a in self.elements if found == tag and name in ["", *(a.get("class") or "").split()]]


def written(table: Any, **options: Any) -> Parsed:
    """Return the page of a table."""
    file = io.BytesIO()
    table.to_html(file, **options)
    return Parsed(file.getvalue().decode())


def policy(page: Parsed) -> dict[str, list[str]]:
    """Return the content security policy of a page."""
    [text] = [a["content"] or "" for a in page.find("meta") if a.get("http-equiv") == "Content-Security-Policy"]
    return {rule.split()[0]: rule.split()[1:] for rule in text.split(";")}


def test_a_page_has_the_moments_of_each_video() -> None:
    """The times are those of players, and the user metadata that bulk runs write is left out."""
    moments = [
        Moment(start=5, end=9.5, rank=2, video=TALK, text="five, four", speaker="Ann"),
        Moment(start=3725, video=MomentVideo(id="v2", filename="b.mp4"), rank=1, title="The end"),
        Moment(start=61, end=62, video=TALK, metadata={"goal": True}),
    ]
    page = written(Moments(moments), title="A rocket")
    words = " ".join(page.text.split())
    assert "A rocket3 moments in 2 videos" in words
    assert re.search(r"talk\.mp4 ?1:00 ?camera 4", words)
    assert (
        "2 0:05\N{EN DASH}0:09 Ann five, four" in " ".join(re.sub(r"(\d)(\d:\d\d)", r"\1 \2", words).split()) or words
    )
    assert "1:02:05" in words
    assert "The end" in words
    assert "goal true" in words
    assert "bulk_token" not in words
    assert len(page.find("section")) == 2
    assert len(page.find("a", "card")) == 3


def test_videos_with_one_moment_each_stand_in_one_grid() -> None:
    """Each card then names its video."""
    page = written(Moments(Moment(start=1, end=2, video=MomentVideo(filename=f"{n}.mp4")) for n in range(3)))
    assert page.find("section") == []
    assert len(page.find("strong", "file")) == 3


def test_a_page_is_named_after_its_file(tmp_path: Path) -> None:
    """An existing file is replaced when the page is complete."""
    file = tmp_path / "hits.html"
    file.write_text("old")
    Moments([Moment(start=1, video=TALK)]).to_html(file)
    assert "<title>hits</title>" in file.read_text()
    assert [*tmp_path.iterdir()] == [file]


def test_an_empty_page_says_so() -> None:
    assert "Nothing was found." in written(Moments()).text


HOSTILE = "</script><script>alert(1)</script>\"' onerror=alert(1) <img src=x>&amp;\x00\x1b[31m\ud800"


@given(st.text(min_size=1) | st.just(HOSTILE))
@settings(max_examples=30)  # each writes and parses two pages
def test_texts_of_others_stay_texts(text: str) -> None:
    """Names, words and metadata add no element and no attribute."""
    video = MomentVideo(id=text, filename=text, user_metadata={text: text}, hls_url=text, thumbnail_url=text)
    named = Moment(
        start=1, end=2, video=video, title=text, text=text, speaker=text, thumbnail_url=text, metadata={text: [text]}
    )
    plain = named.copy(video=TALK, title="t", text="t", speaker="t", thumbnail_url=None, metadata={"t": ["t"]})
    hostile, harmless = (written(Moments([moment, moment]), title=moment.title) for moment in (named, plain))
    kinds = {tag: set().union(*(a for found, a in harmless.elements if found == tag)) for tag, _ in harmless.elements}
    for tag, attributes in hostile.elements:
        assert attributes.keys() <= kinds[tag], (tag, attributes)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "http://example.com/a.jpg",
        "//example.com/a.jpg",
        "file:///etc/passwd",
        "/etc/passwd",
        "data:text/html;base64,PHNjcmlwdD4=",
        "data:image/svg+xml;base64,PHN2Zz4=",
        "https://[broken/a.jpg",
        "ftp://127.0.0.1/a.jpg",
        "http://localhost:port/a.jpg",
        "http://localhost@example.com/a.jpg",
    ],
)
def test_a_page_loads_nothing_by_other_urls(url: str) -> None:
    """Pictures and streams come by https, from this machine, or are in the page."""
    video = MomentVideo(id="v1", hls_url=url)
    page = written(Moments([Moment(start=1, end=2, video=video, thumbnail_url=url)]))
    assert page.find("img") == []
    assert [a.get("href") for a in page.find("a", "card")] == [None]


@pytest.mark.parametrize(
    "url", ["https://example.com/a.jpg?b=1&c=2", "http://127.0.0.1:80/a.jpg", "data:image/png;base64,aGk="]
)
def test_pictures_are_loaded_late(url: str) -> None:
    page = written(Moments([Moment(start=1, end=2, video=TALK, thumbnail_url=url)]))
    assert page.find("img") == [{"src": url, "alt": "", "loading": "lazy", "decoding": "async"}]


def test_the_policy_of_a_page_permits_its_own_scripts_alone() -> None:
    """hls.js is there if a stream needs it. A server on this machine may be used if the page names it."""
    local = MomentVideo(id="v2", hls_url="http://127.0.0.1:8080/a.m3u8")
    plain, streaming = (
        written(Moments([Moment(start=1, end=2, video=video)])) for video in (TALK, TALK.copy(hls_url=HLS_URL))
    )
    both = written(Moments([Moment(start=1, video=local, thumbnail_url="http://localhost:8081/a.jpg")]))
    assert (len(plain.find("script")), len(streaming.find("script"))) == (1, 2)
    assert policy(plain)["default-src"] == ["'none'"]
    assert policy(plain)["img-src"] == ["https:", "data:"]
    assert all(source.startswith("'sha256-") for source in policy(streaming)["script-src"])
    assert policy(both)["img-src"][2:] == ["http://localhost:8081"]
    assert policy(both)["connect-src"][1:] == ["http://127.0.0.1:8080"]


def test_a_url_adds_nothing_but_its_origin_to_the_policy() -> None:
    """What precedes the host could end the policy, or permit further scripts."""
    url = "http://;script-src-attr 'unsafe-inline';\"><img src=x onerror=alert(1)>@LOCALHOST:80/a.jpg"
    page = written(Moments([Moment(start=1, video=MomentVideo(id="v1", hls_url=url), thumbnail_url=url)]))
    assert [*policy(page)] == [*policy(written(Moments()))]
    assert policy(page)["img-src"] == ["https:", "data:", "http://localhost:80"]
    assert len(page.find("img")) == 1


def test_cards_link_to_their_moments_without_the_script() -> None:
    """Browsers keep to the times in the URL."""
    video = TALK.copy(hls_url=HLS_URL)
    page = written(Moments([Moment(start=1.23456, end=2.5, video=video), Moment(start=3, video=video)]))
    links = [a["href"] for a in page.find("a", "card")]
    assert links == [f"{HLS_URL}#t=1.235,2.5", f"{HLS_URL}#t=3"]


@pytest.mark.parametrize("name", ["talk.mp4", "a b#c?d%20e.mp4", "c:d.mp4", "\N{SNOWMAN}'\".mp4", "javascript:x.mp4"])
def test_files_are_named_relative_to_the_page(tmp_path: Path, name: str) -> None:
    """So the page and its videos can be moved together. In an open file, the path is absolute."""
    video = tmp_path / "videos" / name
    video.parent.mkdir()
    video.touch()
    (tmp_path / "pages").mkdir()
    moments = Moments([Moment(start=1, end=2, video=MomentVideo(file=str(video), hls_url=HLS_URL))])
    moments.to_html(tmp_path / "pages" / "hits.html")
    [relative] = Parsed((tmp_path / "pages" / "hits.html").read_text()).find("a", "card")
    [absolute] = written(moments).find("a", "card")
    url = urlsplit(str(relative["href"]))
    assert (url.scheme, url.netloc, url.query, url.fragment) == ("", "", "", "t=1,2")
    assert (tmp_path / "pages" / unquote(url.path)).resolve() == video.resolve()
    assert unquote(urlsplit(str(absolute["href"])).path) == str(video)
    assert name in written(moments).text


def test_a_video_has_what_any_of_its_moments_knows(tmp_path: Path) -> None:
    """Its file may be known to the last one only."""
    file = tmp_path / "talk.mp4"
    file.touch()
    known = TALK.copy(file=str(file))
    page = written(Moments([Moment(start=1, video=MomentVideo(id=TALK.id)), Moment(start=2, video=known)]))
    assert [unquote(urlsplit(str(a["href"])).path) for a in page.find("a", "card")] == [str(file)] * 2
    assert "camera" in page.text


def test_odd_values_do_not_fail(tmp_path: Path) -> None:
    """Times that are no times, and values of another type than the API documents."""
    odd: Any = [math.nan, math.inf, -1.0, "12", None, [1]]
    moments = [Moment(start=a, end=b, rank=a, text=b, video=MomentVideo(duration=a)) for a in odd for b in odd]
    moments[0].video = odd
    page = written(Moments(moments))
    assert len(page.find("a", "card")) == len(moments)
    assert "nan" not in page.text.lower().replace("next", "")


async def test_a_search_writes_the_names_and_streams_of_its_videos(
    client: AsyncTwelveLabs, sync_client: TwelveLabs, searched: str, tmp_path: Path
) -> None:
    """Both clients, with all pages of the search."""
    search: Any = {"index_id": searched, "search_options": ["visual"], "query_text": "a ball", "page_limit": 1}
    await client.search.query(**search).to_html(tmp_path / "a.html")
    sync_client.search.query(**search).to_html(tmp_path / "b.html", title="a")
    page = Parsed((tmp_path / "a.html").read_text())
    assert "<title>a ball</title>" in (tmp_path / "a.html").read_text()
    assert "<title>a</title>" in (tmp_path / "b.html").read_text()
    assert "bouncing_ball.mp4" in page.text
    assert "rocket_countdown.mp4" in page.text
    assert all(".m3u8" in str(a["href"]) for a in page.find("a", "card"))
    assert len(page.find("img")) == len(page.find("a", "card")) == 3
    assert len(page.find("a", "card")) == len(Parsed((tmp_path / "b.html").read_text()).find("a", "card"))


async def test_an_index_writes_its_videos(
    client: AsyncTwelveLabs, sync_client: TwelveLabs, searched: str, tmp_path: Path
) -> None:
    """The page has the name of the index. Nothing is left of a page that could not be written."""
    await client.indexes.to_html(searched, tmp_path / "a.html")
    sync_client.indexes.to_html(searched, tmp_path / "b.html")
    page = (tmp_path / "a.html").read_text()
    assert "<title>videos</title>" in page
    assert "2 videos" in Parsed(page).text
    assert [".m3u8" in str(a["href"]) for a in Parsed(page).find("a", "card")] == [True, True]
    with pytest.raises(APIStatusError):
        await client.indexes.to_html("6" * 24, tmp_path / "c.html")
    assert not (tmp_path / "c.html").exists()


@pytest.mark.usefixtures("autojump_clock")
async def test_a_run_writes_its_outcomes(client: AsyncTwelveLabs, tmp_path: Path) -> None:
    """With the reasons of failures. Files are played from their paths."""
    sources = [MEDIA / "bouncing_ball.mp4", tmp_path / "missing.mp4"]
    await client.bulk.upload(sources).to_html(tmp_path / "run.html")
    page = Parsed((tmp_path / "run.html").read_text())
    assert "2 sources" in page.text
    assert [a["data-badge"] for a in page.find("span", "badge")] == ["failed", "ready"]
    assert re.search(r"missing\.mp4.*no file that matches.*bouncing_ball\.mp4", page.text, re.DOTALL)
    assert [str(a.get("href")).rpartition("/")[2] for a in page.find("a", "card")] == [
        "None",
        "bouncing_ball.mp4#t=0.0",
    ]


def test_failed_sources_come_first() -> None:
    page = written(tabulate([Outcome("a.mp4"), Outcome("b.mp4", error=ValueError("too long")), Outcome("c.mp4")]))
    assert [a["data-badge"] for a in page.find("span", "badge")] == ["failed", "ready", "ready"]
    assert re.search("b.mp4.*too long.*a.mp4.*c.mp4", page.text, re.DOTALL)


@pytest.mark.usefixtures("autojump_clock")
async def test_embeddings_are_points_of_a_picture(
    client: AsyncTwelveLabs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is a link to its card, and names its moment. Without numpy, only the cards remain."""
    run = client.bulk.embed([MEDIA / "bouncing_ball.mp4", MEDIA / "rocket_countdown.mp4"], model_name="marengo3.0")
    outcomes = [outcome async for outcome in run]
    page = written(tabulate(outcomes))
    circles = page.find("circle")
    assert len(circles) == len(page.find("a", "card")) > 10
    assert {a["href"] for a in page.find("a") if (a.get("href") or "").startswith("#")} == {
        f"#{a['id']}" for a in page.find("a", "card")
    }
    assert page.text.count("bouncing_ball.mp4 · 0:00") >= 1
    monkeypatch.setitem(sys.modules, "numpy", None)
    without = written(tabulate(outcomes))
    assert without.find("circle") == []
    assert len(without.find("a", "card")) == len(circles)


def test_near_vectors_are_near_points() -> None:
    """The projection keeps distances where two dimensions can, and is the same each time."""
    pytest.importorskip("numpy")
    flat = [[0.0, 0.0, 1.0], [3.0, 0.0, 1.0], [0.0, 4.0, 1.0], [3.0, 4.0, 1.0]]
    points = project(flat)
    distances = [math.dist(a, b) for a in points for b in points]
    assert distances == pytest.approx([math.dist(a, b) for a in flat for b in flat])
    assert project(flat) == points
    assert project([]) == []
    assert project([[1.0, 2.0]]) == [(0.0, 0.0)]
    assert all(
        map(math.isfinite, (value for point in project([[math.nan, 1], [2, math.inf], [1, 1]]) for value in point))
    )


@pytest.mark.parametrize("count", [2, 59, 60, 61, 250])
def test_long_lists_are_split(count: int) -> None:
    """Browsers take minutes to filter one list of 10,000 cards."""
    group = Group(title="a.mp4", cards=[Card(start=n, end=n + 1, rank=n) for n in range(count)])
    lists = Parsed(document(Page(title="t", groups=[group, group]))).find("ol", "cards")
    assert len(lists) == 2 * math.ceil(count / 60)


@pytest.fixture
def searched(emulator: Emulator, sync_client: TwelveLabs) -> str:
    """An index with two videos that have streams and thumbnails."""
    pytest.importorskip("av", reason="streams of the emulator need the extra media")
    index = sync_client.indexes.create(index_name="videos", models=MODELS, addons=["thumbnail"])
    for name in ("bouncing_ball.mp4", "rocket_countdown.mp4"):
        asset = sync_client.assets.upload(MEDIA / name)
        emulator.advance(60)
        sync_client.indexes.indexed_assets.create(index.id, asset_id=asset.id, enable_video_stream=True)
    emulator.advance(60)
    return index.id
