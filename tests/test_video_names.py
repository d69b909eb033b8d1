"""Names of videos: the matches of a search with their files, by few requests."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import attrs
import pytest

from twelvelabs_async import (
    AsyncTwelveLabs,
    InternalServerError,
    Moment,
    MomentVideo,
    TwelveLabs,
)
from twelvelabs_async._video_cache import URL_SECONDS
from twelvelabs_async.testing import Emulator
from twelvelabs_async.testing.state import Index, IndexedAsset

SEARCH: dict[str, Any] = {"search_options": ["visual"], "query_text": "a rocket", "page_limit": 50}


@pytest.fixture
def videos(emulator: Emulator) -> Index:
    """An index to which `add_videos` adds some."""
    return emulator.state.add_index("videos", [("marengo3.0", ["visual", "audio"])], ["thumbnail"])


def add_videos(emulator: Emulator, index: Index, count: int, clips: int = 1) -> list[IndexedAsset]:
    """Add indexed videos without files, with some clips each."""
    added: list[IndexedAsset] = []
    for number in range(count):
        asset = emulator.state.add_asset("direct", f"{len(index.indexed_assets)}.mp4")
        emulator.state.receive_file(asset, None, 1000)
        asset.media = attrs.evolve(asset.media, duration=6.0 * clips)
        metadata = {"number": number}
        added.append(emulator.state.index_asset(index, asset, user_metadata=metadata, enable_video_stream=True))
    emulator.advance(60)
    return added


def requests(emulator: Emulator, index: Index) -> tuple[int, int]:
    """Return how many pages of the index's list, and how many single videos, were requested since the last call."""
    path = f"/indexes/{index.id}/indexed-assets"
    paths = [request.path for request in emulator.requests if request.method == "GET"]
    emulator.requests.clear()
    return paths.count(path), sum(one.startswith(f"{path}/") for one in paths)


def only(*items: IndexedAsset) -> dict[str, Any]:
    """Return the arguments of a search that finds the clips of some videos."""
    return {**SEARCH, "filter": {"id": [item.id for item in items]}}


async def test_matches_have_their_videos(
    client: AsyncTwelveLabs, sync_client: TwelveLabs, emulator: Emulator, videos: Index
) -> None:
    """The user metadata come with the search, if it asks for them."""
    items = {item.id: item for item in add_videos(emulator, videos, 3)}
    query = {"index_id": videos.id, "include_user_metadata": True, **SEARCH, "page_limit": 2}
    found = [item async for item in client.search.query(**query).with_videos()]
    assert len(found) == 3
    for match in found:
        item = items[str(match.video_id)]
        assert match.video == MomentVideo(
            id=item.id,
            asset_id=item.asset.id,
            index_id=videos.id,
            filename=item.asset.filename,
            duration=6.0,
            fps=item.asset.media.fps,
            user_metadata=item.user_metadata,
        )
        [moment] = match.moments()
        assert (moment.video, moment.start, moment.rank, moment.origin) == (match.video, 0.0, match.rank, "search")
    assert [*sync_client.search.query(**query).with_videos()] == found


async def test_the_moments_of_a_search_have_their_videos(
    client: AsyncTwelveLabs, sync_client: TwelveLabs, emulator: Emulator, videos: Index
) -> None:
    """They are those of all pages, or as many as asked for."""
    add_videos(emulator, videos, 3, clips=2)
    query = {"index_id": videos.id, **SEARCH, "page_limit": 2}
    moments = await client.search.query(**query).moments()
    assert [moment.rank for moment in moments] == [1, 2, 3, 4, 5, 6]
    assert {moment.video.filename for moment in moments if moment.video} == {"0.mp4", "1.mp4", "2.mp4"}
    assert [len(found) for _, found in moments.by_video()] == [2, 2, 2]
    emulator.requests.clear()
    assert await client.search.query(**query).moments(limit=3) == moments[:3]
    assert len(emulator.requests) == 2
    assert sync_client.search.query(**query).moments() == moments
    by_video = await client.search.query(**query, group_by="video").moments()
    assert sorted(by_video, key=lambda moment: moment.rank or 0) == [*moments]
    assert (await client.search.query(**query).with_videos().moments()) == moments


@pytest.mark.parametrize("limit", [0, -1, 1.5, "3"])
async def test_an_invalid_number_of_moments_is_refused(client: AsyncTwelveLabs, limit: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=r"limit must be at least 1"):
        await client.search.query(index_id="i", **SEARCH).moments(limit=limit)


async def test_a_fetched_page_is_named_without_another_search(
    client: AsyncTwelveLabs, emulator: Emulator, videos: Index
) -> None:
    add_videos(emulator, videos, 3)
    first = await client.search.query(index_id=videos.id, **{**SEARCH, "page_limit": 2})
    second = await first.next_page()
    assert second is not None
    emulator.requests.clear()
    assert [item.video_id for item in (await first.with_videos()).items or ()] == [
        item.video_id for item in first.items or ()
    ]
    assert len([item async for item in second.with_videos()]) == 1
    assert [request.path for request in emulator.requests] == [f"/indexes/{videos.id}/indexed-assets"]


async def test_a_list_names_all_videos_and_is_not_read_again(
    client: AsyncTwelveLabs, emulator: Emulator, videos: Index
) -> None:
    """The names cost a request for 50 videos; concurrent calls share it, and copies of the client what is known."""
    items = add_videos(emulator, videos, 120)
    some = [items[number] for number in (0, 40, 80, 119)]
    emulator.requests.clear()
    first, second = await asyncio.gather(
        *(client.search.query(index_id=videos.id, **SEARCH).moments() for _ in range(2))
    )
    assert len(first) == len(second) == 120
    assert requests(emulator, videos) == (3, 0)
    again = await client.with_options(timeout=60).search.query(index_id=videos.id, **only(*some)).moments()
    assert {video.filename for video, _ in again.by_video()} == {"0.mp4", "40.mp4", "80.mp4", "119.mp4"}
    assert requests(emulator, videos) == (0, 0)


async def test_a_copy_of_a_client_with_another_key_knows_no_names(
    client: AsyncTwelveLabs, emulator: Emulator, videos: Index
) -> None:
    add_videos(emulator, videos, 1)
    await client.search.query(index_id=videos.id, **SEARCH).moments()
    requests(emulator, videos)
    other = client.with_options(api_key=lambda: emulator.api_key)
    await other.search.query(index_id=videos.id, **SEARCH).moments()
    assert requests(emulator, videos) == (1, 0)


async def test_a_new_video_is_on_the_first_page_of_the_list(
    client: AsyncTwelveLabs, emulator: Emulator, videos: Index
) -> None:
    add_videos(emulator, videos, 120)
    await client.search.query(index_id=videos.id, **SEARCH).moments()
    [new] = add_videos(emulator, videos, 1)
    requests(emulator, videos)
    [moment] = await client.search.query(index_id=videos.id, **only(new)).moments()
    assert moment.video is not None
    assert moment.video.filename == "120.mp4"
    assert requests(emulator, videos) == (1, 0)


async def test_a_few_videos_of_a_large_index_are_retrieved_one_by_one(
    client: AsyncTwelveLabs, emulator: Emulator, videos: Index
) -> None:
    """As soon as that would be many, the list is read."""
    items = add_videos(emulator, videos, 420)  # nine pages
    requests(emulator, videos)
    for number, expected in [(0, (1, 1)), (1, (0, 1)), (0, (0, 0)), (2, (9, 0)), (3, (0, 0))]:
        [moment] = await client.search.query(index_id=videos.id, **only(items[number])).moments()
        assert moment.video is not None
        assert moment.video.filename == f"{number}.mp4"
        assert requests(emulator, videos) == expected


async def test_details_are_retrieved_for_each_video_and_reused_for_minutes(
    client: AsyncTwelveLabs, emulator: Emulator, videos: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = add_videos(emulator, videos, 3, clips=2)
    query = {"index_id": videos.id, **SEARCH}
    emulator.requests.clear()
    moments = await client.search.query(**query).moments(details=True)
    assert requests(emulator, videos) == (0, 3)
    for video, _ in moments.by_video():
        assert video.user_metadata == {"number": [item.id for item in items].index(str(video.id))}
        assert (video.hls_url or "").startswith("http")
        assert (video.thumbnail_url or "").startswith("http")
    assert await client.search.query(**query).moments() == moments
    assert [item.video async for item in client.search.query(**query).with_videos(details=True)]
    assert requests(emulator, videos) == (0, 0)

    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + URL_SECONDS + 1)
    [(video, _), *_] = (await client.search.query(**query).moments()).by_video()
    assert (video.filename is not None, video.hls_url, video.user_metadata) == (True, None, None)
    assert requests(emulator, videos) == (0, 0)
    assert await client.search.query(**query).moments(details=True) == moments
    assert requests(emulator, videos) == (0, 3)


@pytest.mark.parametrize("details", [False, True])
async def test_a_video_that_was_deleted_has_no_name(
    client: AsyncTwelveLabs, emulator: Emulator, videos: Index, details: bool
) -> None:
    deleted, kept = add_videos(emulator, videos, 2)
    first = await client.search.query(index_id=videos.id, **SEARCH)
    await client.indexes.indexed_assets.delete(videos.id, deleted.id)
    emulator.requests.clear()
    for _ in range(2):
        found = {item.video_id: item.video async for item in first.with_videos(details=details)}
        assert found[deleted.id] == MomentVideo(id=deleted.id, index_id=videos.id)
        assert found[kept.id].filename == "1.mp4"
    assert requests(emulator, videos) == ((0, 2) if details else (1, 0))


async def test_a_failed_request_is_raised_and_the_next_call_asks_again(
    client: AsyncTwelveLabs, emulator: Emulator, videos: Index
) -> None:
    add_videos(emulator, videos, 1)
    search = client.search.query(index_id=videos.id, **SEARCH, request_options={"max_retries": 0})
    emulator.fail("GET", f"/indexes/{videos.id}/indexed-assets", status=500)
    with pytest.raises(InternalServerError):
        await search.with_videos()
    assert [item.video.filename for item in (await search.with_videos()).items or ()] == ["0.mp4"]


async def test_the_table_of_named_matches_has_the_files(
    client: AsyncTwelveLabs, sync_client: TwelveLabs, emulator: Emulator, videos: Index
) -> None:
    add_videos(emulator, videos, 2)
    rows = await client.search.query(index_id=videos.id, **SEARCH).with_videos().to_dicts()
    assert {row["video_filename"] for row in rows} == {"0.mp4", "1.mp4"}
    assert rows == (await client.search.query(index_id=videos.id, **SEARCH).moments()).to_dicts()
    assert rows == sync_client.search.query(index_id=videos.id, **SEARCH).with_videos().to_dicts()


async def test_moments_of_any_response_are_named(
    client: AsyncTwelveLabs, sync_client: TwelveLabs, emulator: Emulator, videos: Index
) -> None:
    """By the index and the indexed asset, or by the asset, 50 of which take one request."""
    items = add_videos(emulator, videos, 60)
    by_index = [Moment(start=1, video=MomentVideo(id=item.id, index_id=videos.id)) for item in items[:2]]
    by_asset = [Moment(start=2, video=MomentVideo(asset_id=item.asset.id, file="a.mp4")) for item in items]
    other = [
        Moment(start=3),
        Moment(start=4, video=MomentVideo(file="b.mp4")),
        Moment(start=5, video=by_asset[0].video),
    ]
    gone = [Moment(start=6, video=MomentVideo(asset_id="0" * 24)), Moment(start=7, video=MomentVideo(asset_id=".."))]
    given = [*by_index, *by_asset, *other, *gone]
    emulator.requests.clear()
    named = await client.name_videos(given)
    paths = [f"/indexes/{videos.id}/indexed-assets", "/assets"]
    assert [request.path for request in emulator.requests] == [path for path in paths for _ in range(2)]
    assert [moment.start for moment in named] == [moment.start for moment in given]
    files = [moment.video and moment.video.filename for moment in named]
    assert files == ["0.mp4", "1.mp4", *(f"{number}.mp4" for number in range(60)), None, None, "0.mp4", None, None]
    assert named[2].video is not None
    assert (named[2].video.file, named[2].video.duration) == ("a.mp4", 6.0)

    emulator.requests.clear()
    assert await client.name_videos(given) == await client.name_videos(named) == named
    assert emulator.requests == []
    assert sync_client.name_videos(given) == named


@pytest.mark.usefixtures("autojump_clock")
@pytest.mark.parametrize("details", [False, True])
async def test_hits_of_a_knowledge_store_are_named_by_its_items(
    client: AsyncTwelveLabs, emulator: Emulator, clip: Path, details: bool
) -> None:
    """The details are those of the assets."""
    store = await client.knowledge_stores.create(name="talks")
    asset = await client.assets.create_and_wait(clip, user_metadata={"team": "red"})
    await client.knowledge_store_items.create_and_wait(store.id, asset_id=asset.id)
    hits = await client.knowledge_stores.search(store.id, query={"text": "a ball"})
    moments = hits.moments()
    assert moments
    emulator.requests.clear()
    for _ in range(2):
        named = await client.name_videos(moments, knowledge_store_id=store.id, details=details)
        for moment in named:
            assert moment.video is not None
            assert (moment.video.filename, moment.video.asset_id) == (clip.name, asset.id)
            assert moment.video.user_metadata == ({"team": "red"} if details else None)
    assert [request.path for request in emulator.requests] == [
        f"/knowledge-stores/{store.id}/items",
        *(["/assets"] if details else []),
    ]
