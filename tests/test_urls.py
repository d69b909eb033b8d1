"""URLs as they are pasted, and paths that begin with a tilde."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async import APIStatusError, AsyncTwelveLabs, IndexSchema, read_journal
from twelvelabs_async._urls import is_url, web_url
from twelvelabs_async.testing import Emulator

from support.samples import video

pytestmark = pytest.mark.emulator(speed=1000)

URL = "https://example.com/talk.mp4"
PASTED = [
    (URL, URL),
    ("HTTPS://example.com/talk.mp4", URL),
    ("Http://Example.com/A.mp4", "http://Example.com/A.mp4"),
    (f" {URL}\n", URL),
    (f"\ufeff\xa0{URL}\u200b", URL),
    (f"<{URL}>", URL),
    (f'"{URL}"', URL),
    (f"'<{URL}>'", URL),
    ("https://example.com/a-\r\n  talk.mp4", "https://example.com/a-talk.mp4"),
    ("https://example.com/my talk.mp4?a=b c", "https://example.com/my%20talk.mp4?a=b%20c"),
    ("https://example.com/a%20b.mp4?X-Sig=%2B+&y=%7E#t=3", "https://example.com/a%20b.mp4?X-Sig=%2B+&y=%7E#t=3"),
    ("https://müller.example/Käse.mp4", "https://müller.example/Käse.mp4"),
    ("https://[2001:db8::1]:8443/talk.mp4", "https://[2001:db8::1]:8443/talk.mp4"),
    ("https://user:secret@example.com/talk.mp4", "https://user:secret@example.com/talk.mp4"),
    ("https://youtu.be/dQw4w9WgXcQ?si=x", "https://youtu.be/dQw4w9WgXcQ?si=x"),
]
REFUSED = [
    ("s3://bucket/talk.mp4", "presigned https URL"),
    ("GS://bucket/talk.mp4", "presigned https URL"),
    ("azure://container/talk.mp4", "presigned https URL"),
    ("file:///home/me/talk.mp4", "Pass the path"),
    ("ftp://user:secret@example.com/talk.mp4", r"got 'ftp://\*\*\*@example.com/talk.mp4'.*Pass an https URL"),
    ("ftp://user:a/b@secret@example.com/talk.mp4", r"got 'ftp://\*\*\*@example.com/talk.mp4'"),
    ("rtsp://example.com/live", "Pass an https URL"),
    ("data:video/mp4;base64," + "A" * 10_000, "Pass the decoded bytes"),
    ("https://", "valid host"),
    ("https:///talk.mp4", "valid host"),
    ("https://exa mple.com/talk.mp4", "valid host"),
    ("https://example.com:port/talk.mp4", "valid host"),
    ("https://[::1/talk.mp4?token=secret", "valid host"),
]
NO_URLS = [("", "public http or https URL"), ("example.com/talk.mp4", "public http"), ("talk.mp4", "Pass an https URL")]

Call = Callable[[AsyncTwelveLabs, str], Any]
MULTI: Any = {"input_type": "multi_input", "model_name": "marengo3.5"}
CALLS: dict[str, Call] = {
    "assets.create": lambda client, url: client.assets.create(method="url", url=url),
    "tasks.create": lambda client, url: client.tasks.create(index_id="i1", video_url=url),
    "tasks.create_bulk": lambda client, url: client.tasks.create_bulk(index_id="i1", video_urls=[url]),
    "embed.create": lambda client, url: client.embed.create(model_name="marengo3.0", image_url=url),
    "embed.tasks.create": lambda client, url: client.embed.tasks.create(model_name="marengo3.0", video_url=url),
    "embed.tasks.create_bulk": lambda client, url: client.embed.tasks.create_bulk(
        model_name="marengo3.0", videos=[{"video_url": url}]
    ),
    "search": lambda client, url: client.search.query(
        index_id="i1", search_options=["visual"], query_media_type="image", query_media_urls=[url]
    ),
    "analyze": lambda client, url: client.analyze(video={"type": "url", "url": url}, prompt="What?"),
    "analyze images": lambda client, url: client.analyze(image=[{"name": "a", "url": url}], prompt="What?"),
    "embed.v_2": lambda client, url: client.embed.v_2.create(
        **MULTI, multi_input={"media_sources": [{"media_type": "image", "url": url}]}
    ),
    "batches": lambda client, url: client.analyze_async.batches.create(
        model_name="pegasus1.5", analysis_mode="general", requests=[{"video": {"type": "url", "url": url}}]
    ),
}


@pytest.mark.parametrize(("pasted", "sent"), PASTED)
def test_a_pasted_url_is_cleaned(pasted: str, sent: str) -> None:
    """What is valid stays as it is."""
    assert is_url(pasted)
    assert web_url(pasted) == web_url(sent) == sent


@pytest.mark.parametrize("call", CALLS.values(), ids=[*CALLS])
async def test_every_url_is_sent_clean(emulator: Emulator, client: AsyncTwelveLabs, call: Call) -> None:
    """In forms and in JSON, at any depth."""
    with suppress(APIStatusError):
        await call(client, " HTTPS://example.com/my talk.mp4\n")
    request = emulator.requests[0]
    assert "'https://example.com/my%20talk.mp4'" in str(request.json or request.form)


# Methods for several videos report the failure of one without an exception.
SINGLE = {name: call for name, call in CALLS.items() if "bulk" not in name}


@pytest.mark.parametrize("call", SINGLE.values(), ids=[*SINGLE])
@pytest.mark.parametrize(("url", "message"), [*REFUSED[:7:3], REFUSED[8], *NO_URLS[1:]])
async def test_a_url_that_is_not_served_is_refused(
    emulator: Emulator, client: AsyncTwelveLabs, call: Call, url: str, message: str
) -> None:
    """The error names the argument, and what to pass. Nothing is sent."""
    with pytest.raises(ValueError, match=rf"url is invalid: .*{message}"):
        await call(client, url)
    assert not emulator.requests


@pytest.mark.parametrize(("url", "message"), REFUSED)
async def test_a_source_that_is_not_served_is_refused(
    emulator: Emulator, client: AsyncTwelveLabs, url: str, message: str
) -> None:
    """It is not taken for a path. As one of several sources, it fails alone. Secrets are not shown."""
    for attempt in (client.assets.upload(url), anext(client.bulk.upload(url))):
        with pytest.raises(ValueError, match=message) as caught:
            await attempt
        assert "secret" not in str(caught.value)
        assert len(str(caught.value)) < 300
    outcomes = [outcome async for outcome in client.bulk.upload([url, URL], interval=0.02)]
    assert {outcome.source: outcome.status for outcome in outcomes} == {url: "failed", URL: "ready"}


async def test_a_pasted_url_is_a_source(client: AsyncTwelveLabs, emulator: Emulator, tmp_path: Path) -> None:
    """It is the same source as the clean URL."""
    await client.assets.upload(" HTTPS://example.com/talk.mp4")
    pasted = [f" {URL}\n", f"<{URL}>"]
    outcomes = [outcome async for outcome in client.bulk.upload(pasted, journal=tmp_path / "j.db", interval=0.02)]
    assert [outcome.source for outcome in outcomes] == [URL, URL]
    assert len({outcome.asset_id for outcome in outcomes}) == 1
    assert all(asset.filename == "talk.mp4" for asset in emulator.assets.values())


@pytest.mark.parametrize("name", ["talk: 1.mp4", "C:talk.mp4", "a:b.mp4", "http.mp4", "https.d/x.mp4", "~talk.mp4"])
async def test_a_path_is_not_taken_for_a_url(
    client: AsyncTwelveLabs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(video("spoken"))
    assert (await client.assets.upload(name)).filename == Path(name).name
    assert [outcome.status async for outcome in client.bulk.upload(name, interval=0.02)] == ["ready"]


async def test_a_url_in_metadata_is_the_users(emulator: Emulator, client: AsyncTwelveLabs) -> None:
    """It stays as it is, as do filters for it."""
    await client.assets.upload(URL, user_metadata={"url": "S3://b/ k"})
    assert [asset.user_metadata for asset in emulator.assets.values()] == [{"url": "S3://b/ k"}]
    await client.assets.replace_user_metadata(*emulator.assets, user_metadata={"url": " s3://"})
    assert emulator.requests[-1].json == {"user_metadata": {"url": " s3://"}}


async def test_a_tilde_is_the_home_folder(
    client: AsyncTwelveLabs, index: IndexSchema, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In folders, patterns, files and journals. Outcomes have the whole path."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "talk.mp4").write_bytes(video("spoken"))
    for place in ("~/clips", "~/clips/*.mp4", Path("~/clips/talk.mp4")):
        run = client.bulk.index(index.id, place, journal="~/run.db", interval=0.02)
        assert [outcome.source async for outcome in run] == [str(tmp_path / "clips" / "talk.mp4")]
        assert (await client.bulk.plan(index.id, place, journal="~/run.db")).finished == 1
    assert read_journal("~/run.db").counts == {"ready": 1}
    assert (await client.assets.upload("~/clips/talk.mp4")).filename == "talk.mp4"
    result = await client.multipart_upload.upload_file("~/clips/talk.mp4")
    assert result.asset_id


@given(st.text() | st.from_regex(r"[ <]?(https?|s3|x)://[^ ]{0,5}"))
def test_any_text_is_a_clean_url_or_refused(text: str) -> None:
    """A clean URL is not changed again."""
    try:
        url = web_url(text)
    except ValueError:
        return
    assert web_url(url) == url
    assert url.startswith(("http://", "https://"))
