"""Pages to look at in Chromium, driven by Playwright: `tox run -e browser`."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import Moment, Moments, MomentVideo, TwelveLabs
from twelvelabs_async.pages.document import document
from twelvelabs_async.pages.page import Card, Group, Page, Point
from twelvelabs_async.testing import Emulator

from support.samples import MEDIA

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright and axe-playwright-python")
axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.any_python,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium, for example by apt-get install chromium"),
]

ROCKET = MomentVideo(filename="rocket.mp4", duration=15.0, file=str(MEDIA / "rocket_countdown.mp4"))
BALL = MomentVideo(filename="ball.mp4", duration=10.0, file=str(MEDIA / "bouncing_ball.mp4"))
MOMENTS = Moments(
    [
        Moment(start=2.0, end=3.0, rank=1, video=ROCKET, text="five, four, three", speaker="Ann"),
        Moment(start=9.0, end=12.0, rank=3, video=ROCKET, text="it lifts off", title="The launch"),
        Moment(start=4.0, end=5.0, rank=2, video=BALL, text="a ball"),
        Moment(start=7.0, rank=4, video=BALL, metadata={"color": "orange"}),
    ]
)

each_player = pytest.mark.parametrize("has_native_hls", [True, False], ids=["browser", "hls.js"])
NO_NATIVE_HLS = "HTMLMediaElement.prototype.canPlayType = () => ''"
AFTER_FRAMES = "new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium without a window."""
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--mute-audio", "--autoplay-policy=no-user-gesture-required"],
        )
        yield browser
        browser.close()


@pytest.fixture
def errors() -> Iterator[list[str]]:
    """What the pages of the tab report as errors, which fails the test."""
    errors: list[str] = []
    yield errors
    assert errors == []


@pytest.fixture
def page(browser: Any, errors: list[str]) -> Iterator[Any]:
    """A tab."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    yield page
    context.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The page of some moments of two files."""
    MOMENTS.to_html(tmp_path / "hits.html", title="A rocket")
    return tmp_path / "hits.html"


def span(start: str, end: str) -> str:
    """Return the times of a moment as a card shows them."""
    return f"{start}\N{EN DASH}{end}"


def shown(page: Any) -> list[str]:
    """Return the times of the cards that the filter shows."""
    times: list[str] = page.locator("li:not([hidden]) time").all_text_contents()
    return times


def time_of(page: Any) -> float:
    """Return the second at which the player is."""
    return float(page.evaluate("document.querySelector('#player video').currentTime"))


def wait_until(page: Any, condition: str) -> None:
    """Wait for a condition in the page. Playwright's own function evaluates a text, which the policy refuses."""
    page.evaluate(
        f"new Promise(done => {{ const check = () => {condition} ? done() : setTimeout(check, 20); check(); }})"
    )


def wait_until_paused(page: Any) -> None:
    wait_until(page, "(video => video.paused && video.currentTime)(document.querySelector('#player video'))")


def test_a_click_plays_a_moment_from_its_start_to_its_end(page: Any, file: Path) -> None:
    """The player stops at the end, and plays on from there if asked to."""
    page.goto(file.as_uri())
    page.get_by_role("link", name="five, four, three").click()
    wait_until(page, "document.querySelector('#player video').currentTime > 0")
    assert time_of(page) >= 2.0
    wait_until_paused(page)
    assert 3.0 <= time_of(page) < 3.5
    assert page.locator("#player-title").text_content() == "rocket.mp4"
    assert page.locator("#player-text").text_content() == "Ann five, four, three"
    page.keyboard.press("Space")
    wait_until(page, "document.querySelector('#player video').currentTime > 3.6")


def test_the_keyboard_moves_plays_and_closes(page: Any, file: Path) -> None:
    """Arrows move between cards, and in the player between moments. What was played last has the focus again."""
    page.goto(file.as_uri())
    focused = "document.activeElement.querySelector('time').textContent"
    seen: list[str] = []
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowRight", "ArrowUp", "Home", "End", "ArrowLeft"):
        page.keyboard.press(key)
        seen.append(page.evaluate(focused))
    launch, first, last, second = span("0:09", "0:12"), span("0:02", "0:03"), "0:07", span("0:04", "0:05")
    assert seen == [first, launch, last, last, launch, first, last, second]
    page.keyboard.press("Enter")
    assert page.locator("#player-time").text_content() == span("0:04", "0:05")
    page.keyboard.press("ArrowLeft")
    assert page.locator("#player-title").text_content() == "rocket.mp4 · The launch"
    wait_until(page, "document.querySelector('#player video').currentTime >= 9")
    page.keyboard.press("Escape")
    assert not page.locator("#player").is_visible()
    assert page.evaluate(focused) == span("0:09", "0:12")


def test_the_filter_shows_the_cards_with_all_words(page: Any, file: Path) -> None:
    """Words of the text, the file and the metadata count. Videos without a card are hidden."""
    page.goto(file.as_uri())
    page.keyboard.press("/")
    for words, times in {
        "BALL": [span("0:04", "0:05"), "0:07"],
        "ball orange": ["0:07"],
        "ann FOUR": [span("0:02", "0:03")],
        "nothing": [],
    }.items():
        page.locator("#filter").fill(words)
        assert shown(page) == times
        assert page.locator("#count").text_content() == f"{len(times)} shown"
        assert page.locator("section:visible").count() == min(len(times), 1)
    page.keyboard.press("Escape")
    assert len(shown(page)) == 4
    assert page.locator("#count").text_content() == ""


def test_a_phone_has_room_for_the_filter(page: Any, file: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(file.as_uri())
    assert page.locator("#filter").bounding_box()["width"] > 200
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("is_playing", [False, True], ids=["cards", "player"])
def test_axe_finds_nothing_serious(page: Any, file: Path, scheme: str, is_playing: bool) -> None:
    """Contrast, names and roles, in both schemes, of the cards and of the player."""
    page.emulate_media(color_scheme=scheme)
    page.goto(file.as_uri())
    if is_playing:
        page.locator("a.card").first.click()
    found = axe_playwright.Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


def test_a_page_can_be_read_without_javascript(browser: Any, file: Path) -> None:
    """The cards are links to the moments in the videos, and what needs the script is not shown."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.get_by_text("five, four, three").is_visible()
    assert not page.locator("#filter").is_visible()
    assert not page.locator("#player").is_visible()
    page.get_by_role("link", name="it lifts off").click()
    page.wait_for_url("**/rocket_countdown.mp4#t=9.0,12.0")
    context.close()


@pytest.mark.emulator(processing_time=0)
@each_player
def test_a_stream_plays_from_the_moment(
    page: Any, has_native_hls: bool, sync_client: TwelveLabs, emulator: Emulator, tmp_path: Path
) -> None:
    """By the browser, or by hls.js in browsers that cannot. Only the segments around the moment are requested."""
    pytest.importorskip("av", reason="needs the extra 'media'")
    created = sync_client.assets.upload(MEDIA / "rocket_countdown.mp4", enable_hls=True, enable_thumbnail=True)
    asset = sync_client.assets.retrieve(created.id)
    assert asset.hls is not None
    assert asset.thumbnail is not None
    video = MomentVideo(filename="rocket.mp4", hls_url=asset.hls.manifest_url)
    picture = asset.thumbnail.representative_url
    Moments([Moment(start=13.0, end=14.0, video=video, thumbnail_url=picture)]).to_html(tmp_path / "hits.html")
    if not has_native_hls:
        page.add_init_script(NO_NATIVE_HLS)
    page.goto((tmp_path / "hits.html").as_uri())
    wait_until(page, "document.querySelector('img').naturalWidth > 0")
    page.locator("a.card").click()
    wait_until(page, "document.querySelector('#player video').currentTime > 13")
    wait_until_paused(page)
    assert 14.0 <= time_of(page) < 14.5
    assert page.locator("#player-error").text_content() == ""
    assert page.evaluate("document.querySelector('#player video').src.startsWith('blob:')") is not has_native_hls
    if not has_native_hls:
        parts = {request.path.rpartition("/")[2] for request in emulator.requests if "/hls/" in request.path}
        assert "part0.m4s" not in parts


@each_player
def test_an_expired_url_is_reported(page: Any, errors: list[str], has_native_hls: bool, tmp_path: Path) -> None:
    """The player says why it shows nothing."""
    url = "https://videos.example.com/a/stream.m3u8"
    Moments([Moment(start=1.0, end=2.0, video=MomentVideo(hls_url=url))]).to_html(tmp_path / "hits.html")
    page.route(
        re.compile("^https:"), lambda route: route.fulfill(status=403, headers={"Access-Control-Allow-Origin": "*"})
    )
    if not has_native_hls:
        page.add_init_script(NO_NATIVE_HLS)
    page.goto((tmp_path / "hits.html").as_uri())
    page.locator("a.card").click()
    wait_until(page, "document.querySelector('#player-error').textContent.includes('expired')")
    assert errors
    errors.clear()


def test_a_page_of_10000_moments_opens_soon(page: Any, tmp_path: Path) -> None:
    """Within two seconds of the browser's main thread. The filter takes less than that."""
    signature = "?Policy=" + "a" * 400 + "&Signature=" + "b" * 340
    videos = [
        MomentVideo(
            id=f"v{n}", filename=f"talk {n}.mp4", duration=3600.0, hls_url=f"https://example.com/{n}{signature}"
        )
        for n in range(5000)
    ]
    moments = Moments(
        Moment(
            start=n % 3000 + 0.5,
            end=n % 3000 + 6.0,
            rank=n + 1,
            video=videos[n % 5000],
            text="and so we see the rocket lift off while everybody is watching " * 2,
            thumbnail_url=f"https://example.com/{n}.jpg{signature}",
        )
        for n in range(10_000)
    )
    moments.to_html(tmp_path / "hits.html")
    page.route(re.compile("^https:"), lambda route: route.fulfill(status=200, content_type="image/jpeg", body=b""))
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def seconds() -> float:
        metrics = {metric["name"]: metric["value"] for metric in devtools.send("Performance.getMetrics")["metrics"]}
        return float(metrics["TaskDuration"])

    page.goto((tmp_path / "hits.html").as_uri())
    page.evaluate(AFTER_FRAMES)
    opened = seconds()
    assert opened < 2
    page.locator("#filter").fill("talk 77")
    page.evaluate(AFTER_FRAMES)
    assert seconds() - opened < 2
    assert page.locator("#count").text_content() == "399 shown"


def test_files_without_a_picture_show_their_frame(page: Any, errors: list[str], tmp_path: Path) -> None:
    """Also in the place of a picture whose URL has expired."""
    expired = "https://example.com/a.jpg"
    Moments([MOMENTS[0], MOMENTS[1].copy(thumbnail_url=expired)]).to_html(tmp_path / "hits.html")
    page.route(re.compile("^https:"), lambda route: route.fulfill(status=403))
    page.goto((tmp_path / "hits.html").as_uri())
    wait_until(page, "document.querySelectorAll('.picture video').length === 2")
    wait_until(page, "[...document.querySelectorAll('.picture video')].every(frame => frame.readyState >= 2)")
    assert page.evaluate("[...document.querySelectorAll('.picture video')].map(f => f.currentTime)") == [2, 9]
    errors.clear()


def test_a_point_opens_its_moment(page: Any, tmp_path: Path) -> None:
    """The picture of embeddings names each moment, and plays it by a click."""
    group = Group(title="ball.mp4", file=BALL.file, cards=[Card(start=1.0, end=2.0), Card(start=4.0, end=5.0)])
    points = [Point(x=0.0, y=0.0, group=0, card=0), Point(x=1.0, y=1.0, group=0, card=1)]
    (tmp_path / "points.html").write_text(document(Page(title="Alike", groups=[group], points=points)))
    page.goto((tmp_path / "points.html").as_uri())
    point = page.locator("circle").nth(1)
    assert page.locator("a:has(circle) title").nth(1).text_content() == f"ball.mp4 · {span('0:04', '0:05')}"
    point.click()
    assert page.locator("#player-time").text_content() == span("0:04", "0:05")
    wait_until(page, "document.querySelector('#player video').currentTime >= 4")
    found = axe_playwright.Axe().run(page).response["violations"]
    assert [one["id"] for one in found] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_player_in_a_notebook_keeps_to_its_moment(
    page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    """It loads nothing before it is played. The form takes the colors of the notebook, and is accessible."""
    monkeypatch.chdir(tmp_path)
    form = tmp_path / "form.html"
    colors = {"light": "background: #fff; color: #111", "dark": "background: #111; color: #ddd"}[scheme]
    form.write_text(
        f"<!doctype html><html lang=en><title>form</title><body style='{colors}'><main>{MOMENTS._repr_html_()}</main>"
    )
    page.goto(form.as_uri())
    player = page.locator("video").first
    assert player.evaluate("video => [video.readyState, video.paused]") == [0, True]
    began = player.evaluate("async video => { video.muted = true; await video.play(); return video.currentTime; }")
    assert began == pytest.approx(2, abs=0.2)
    page.wait_for_function("document.querySelector('video').paused")
    assert 2.9 < player.evaluate("video => video.currentTime") < 4  # browsers notice the end several times a second
    violations = axe_playwright.Axe().run(page).response["violations"]
    assert [found["id"] for found in violations if found["impact"] in ("serious", "critical")] == []
