"""Values of other libraries as arguments: each is sent as what it stands for, or refused by its argument's name."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from collections.abc import Callable
from decimal import Decimal
from enum import Enum, IntEnum
from fractions import Fraction
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async import AsyncTwelveLabs, TwelveLabs
from twelvelabs_async._encoding import json_body, query_string
from twelvelabs_async._validators import LONGEST_SECONDS
from twelvelabs_async._waiting import WaitOptions
from twelvelabs_async.bulk.journal import JournalTimings
from twelvelabs_async.testing import Emulator

from support.samples import video


class Color(str, Enum):  # noqa: UP042 - the text of its members is their name
    RED = "red"


class Level(IntEnum):
    HIGH = 3


class Timestamp(dt.datetime):
    """A time like those of pandas, which refuse to convert a time without a zone."""

    def astimezone(self, tz: dt.tzinfo | None = None) -> Timestamp:
        raise TypeError("Cannot convert tz-naive Timestamp")


class NaT(dt.datetime):
    """A missing time like that of pandas, which is a datetime and not equal to itself."""

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True

    __hash__ = dt.datetime.__hash__


pytestmark = pytest.mark.emulator(speed=1000)


NOON = dt.datetime(2024, 8, 16, 12, tzinfo=dt.UTC)
SENT: list[tuple[Any, Any]] = [
    (np.int64(5), 5),
    (np.uint8(5), 5),
    (np.float64(0.5), 0.5),
    (np.float32(0.5), 0.5),
    (np.bool_(True), True),
    (np.str_("red"), "red"),
    (np.array(5), 5),
    (np.array(["red", "blue"]), ["red", "blue"]),
    (Decimal(5), 5),
    (Decimal("5.0"), 5),
    (Decimal("0.5"), 0.5),
    (Fraction(1, 2), 0.5),
    (Color.RED, "red"),
    (Level.HIGH, 3),
    (uuid.UUID(int=5), "00000000-0000-0000-0000-000000000005"),
    (PurePosixPath("a/b.mp4"), "a/b.mp4"),
    (NOON, "2024-08-16T12:00:00Z"),
    (NOON.astimezone(dt.timezone(dt.timedelta(hours=2))), "2024-08-16T12:00:00Z"),
    (Timestamp(2024, 8, 16, 12, tzinfo=dt.UTC), "2024-08-16T12:00:00Z"),
    (dt.date(2024, 8, 16), "2024-08-16"),
    (("red", "blue"), ["red", "blue"]),
    ({"red"}, ["red"]),
    ({"red": 1}.keys(), ["red"]),
    ((color for color in ["red", "blue"]), ["red", "blue"]),
]
REFUSED: list[tuple[Any, type[Exception], str]] = [
    (math.nan, ValueError, ""),
    (np.float64("inf"), ValueError, ""),
    (np.float32("nan"), ValueError, ""),
    (Decimal("NaN"), ValueError, ""),
    (Decimal("sNaN"), ValueError, ""),
    (Decimal("1e400"), ValueError, ""),
    (b"red", TypeError, "bytes: b'red'"),
    (np.bytes_(b"red"), TypeError, "bytes_"),
    (np.datetime64("2024-08-16", "ns"), TypeError, "datetime64"),
    (np.array(["2024-08-16"], "datetime64[ns]"), TypeError, "ndarray"),
    (NaT(1, 1, 1), ValueError, "expected a time"),
    (dt.datetime.min, ValueError, "out of range"),
    (dt.timedelta(seconds=3), TypeError, "timedelta"),
    (1j, TypeError, "complex"),
    (object(), TypeError, "object"),
    (len, TypeError, "builtin_function"),
]


@pytest.mark.parametrize(("value", "expected"), SENT)
async def test_a_value_is_sent_as_what_it_stands_for(
    emulator: Emulator, client: AsyncTwelveLabs, value: Any, expected: Any
) -> None:
    """In JSON, also in nested and in free-form fields, and in forms."""
    value = [*value] if hasattr(value, "send") else value  # is read more than once here
    if isinstance(expected, list | str | int | float):
        await client.assets.upload(b"spoken", filename="a.mp4", user_metadata={"color": value})
        [asset] = emulator.assets.values()
        assert asset.user_metadata == {"color": expected}
        await client.assets.replace_user_metadata(asset.id, user_metadata={"color": value})
        assert emulator.requests[-1].json == {"user_metadata": {"color": expected}}


def as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(("value", "expected"), SENT)
def test_a_value_is_encoded_in_queries(value: Any, expected: Any) -> None:
    """Lists repeat the key."""
    value = iter(["red", "blue"]) if hasattr(value, "send") else value
    texts = expected if isinstance(expected, list) else [expected]
    assert query_string({"color": value}) == query_string({"color": [as_text(text) for text in texts]})
    assert query_string({"color": {"gte": MappingProxyType({"x": 1})}}) == query_string({"color[gte][x]": 1})


@pytest.mark.parametrize(("value", "error", "message"), REFUSED)
async def test_a_value_that_stands_for_nothing_is_refused(
    emulator: Emulator, client: AsyncTwelveLabs, value: Any, error: type[Exception], message: str
) -> None:
    """The error names the argument, and the value inside of it. Nothing is sent."""
    attempts: dict[str, Callable[[], Any]] = {
        r"user_metadata\.scores\.1": lambda: client.assets.replace_user_metadata(
            "a1", user_metadata={"scores": [1, value]}
        ),
        r"user_metadata\.score": lambda: client.assets.upload(b"spoken", user_metadata={"score": value}),
        r"video\.start_time": lambda: client.analyze(video={"type": "url", "start_time": value}, prompt="What?"),
        "duration": lambda: client.indexes.indexed_assets.list("i1", duration={"gte": value}).next_page(),
        "score": lambda: client.indexes.indexed_assets.list("i1", user_metadata={"score": value}).next_page(),
        "more": lambda: client.assets.delete("a1", request_options={"additional_body_parameters": {"more": value}}),
    }
    for name, attempt in attempts.items():
        with pytest.raises(error, match=f"^{name} is invalid: .*{message}"):
            await attempt()
    assert not emulator.requests


@pytest.mark.parametrize("depth", [2, 100_000])
def test_what_contains_itself_or_is_nested_too_deeply_is_refused(depth: int) -> None:
    value: list[Any] = []
    if depth == 2:
        value.append(value)
    for _ in range(depth):
        value = [value]
    for encode in (query_string, json_body):
        with pytest.raises(ValueError, match=r"nested too deeply|Circular"):
            encode({"color": value})


@pytest.mark.parametrize("number", [np.int64(2), np.uint8(2), Decimal(2)])
async def test_numbers_of_pages_are_taken(emulator: Emulator, client: AsyncTwelveLabs, number: Any) -> None:
    """The list continues after such a page."""
    for name in "abcdefg":
        await client.assets.upload(b"spoken", filename=f"{name}.mp4")
    emulator.requests.clear()
    assert len([asset async for asset in client.assets.list(page=number, page_limit=number).prefetch(number)]) == 5
    assert dict(emulator.requests[0].query) == {"page": "2", "page_limit": "2"}


WRONG_PAGES: list[tuple[Any, type[Exception]]] = [
    (0, ValueError),
    (-1, ValueError),
    (True, ValueError),
    ("5", TypeError),
    (0.5, TypeError),
    (math.nan, TypeError),
    (b"5", TypeError),
]


@pytest.mark.parametrize(("number", "error"), WRONG_PAGES)
@pytest.mark.parametrize("argument", ["page", "page_limit"])
async def test_a_page_that_is_no_positive_whole_number_is_refused(
    emulator: Emulator, client: AsyncTwelveLabs, argument: str, number: Any, error: type[Exception]
) -> None:
    with pytest.raises(error, match=f"{argument} must be at least 1"):
        await client.assets.list(**{argument: number})
    assert not emulator.requests


async def test_an_enum_as_an_id_stands_for_its_value(emulator: Emulator, client: AsyncTwelveLabs) -> None:
    """Its text would be its name."""

    class Assets(str, Enum):  # noqa: UP042
        FIRST = "66a1b2c3d4e5f60000000001"

    await client.assets.upload(b"spoken", filename="a.mp4")
    [asset_id] = emulator.assets
    assert asset_id == Assets.FIRST.value
    assert (await client.assets.retrieve(Assets.FIRST)).id == asset_id


DURATIONS: list[tuple[Any, float]] = [
    (np.float32(2.5), 2.5),
    (np.int64(3), 3),
    (Decimal("2.5"), 2.5),
    (Fraction(5, 2), 2.5),
    (math.inf, LONGEST_SECONDS),
    (1e300, LONGEST_SECONDS),
    (10**400, LONGEST_SECONDS),
    (Decimal("Infinity"), LONGEST_SECONDS),
]
WRONG_DURATIONS: list[tuple[Any, type[Exception]]] = [
    (0, ValueError),
    (-1, ValueError),
    (-math.inf, ValueError),
    (math.nan, ValueError),
    (Decimal("NaN"), ValueError),
    (True, ValueError),
    (np.bool_(True), TypeError),
    ("5", TypeError),
    (dt.timedelta(seconds=5), TypeError),
    (5j, TypeError),
]
TIME_LIMITS: list[tuple[str, Callable[..., Any]]] = [
    ("timeout", WaitOptions),
    ("interval", WaitOptions),
    ("lease", JournalTimings),
    ("timeout", lambda **given: AsyncTwelveLabs(api_key="k", **given)._transport.settings),  # noqa: SLF001
    ("timeout", lambda **given: AsyncTwelveLabs(api_key="k").with_options(**given)._transport.settings),  # noqa: SLF001
]


@pytest.mark.parametrize(("argument", "settings"), TIME_LIMITS)
@pytest.mark.parametrize(("given", "expected"), DURATIONS)
def test_time_limits_are_numbers_of_any_library(
    argument: str, settings: Callable[..., Any], given: Any, expected: float
) -> None:
    """Infinity is no limit."""
    taken = getattr(settings(**{argument: given}), argument)
    assert (taken, type(taken) in (int, float)) == (expected, True)


@pytest.mark.parametrize(("argument", "settings"), TIME_LIMITS)
@pytest.mark.parametrize(("given", "error"), WRONG_DURATIONS)
def test_a_time_limit_that_is_no_positive_number_is_refused(
    argument: str, settings: Callable[..., Any], given: Any, error: type[Exception]
) -> None:
    with pytest.raises(error, match=f"{argument} must be positive"):
        settings(**{argument: given})


@pytest.mark.parametrize("limit", [math.inf, 1e300, np.float64("inf"), np.int64(60), Decimal(60), Fraction(60)])
async def test_requests_and_waits_can_have_any_time_limit(
    emulator: Emulator, client: AsyncTwelveLabs, limit: Any
) -> None:
    """So can the requests of the client, of a call, and of the blocking client."""
    options: Any = {"timeout_in_seconds": limit, "max_retries": np.int64(1), "chunk_size": np.int64(8)}
    asset = await client.assets.upload(video("spoken"), filename="a.mp4", request_options=options)
    await client.assets.wait_until_ready(asset.id, timeout=limit, interval=0.02)
    await client.with_options(timeout=limit).assets.retrieve(asset.id)
    with TwelveLabs(api_key=emulator.api_key, base_url=emulator.url, timeout=limit, max_retries=0) as blocking:
        blocking.assets.wait_until_ready(asset.id, timeout=limit, interval=0.02)


@pytest.mark.parametrize(("given", "error"), WRONG_DURATIONS)
async def test_a_time_limit_of_a_call_that_is_no_positive_number_is_refused(
    emulator: Emulator, client: AsyncTwelveLabs, given: Any, error: type[Exception]
) -> None:
    options: Any = {"timeout_in_seconds": given}
    with pytest.raises(error, match="timeout_in_seconds must be positive"):
        await client.assets.retrieve("a1", request_options=options)
    assert not emulator.requests


@pytest.mark.parametrize("wrong", [0, -1, 1.5, "8", True, math.nan, None])
@pytest.mark.parametrize("option", ["max_retries", "chunk_size"])
async def test_an_option_that_is_no_whole_number_is_refused(
    emulator: Emulator, client: AsyncTwelveLabs, option: str, wrong: Any
) -> None:
    """The client has a limit of retries, too."""
    if (option, wrong) in [("max_retries", 0), ("chunk_size", None)]:
        pytest.skip("valid")
    options: Any = {option: wrong}
    with pytest.raises((TypeError, ValueError), match=f"{option} must be at least [01]"):
        await client.assets.retrieve("a1", request_options=options)
    if option == "max_retries":
        with pytest.raises((TypeError, ValueError), match="max_retries must be at least 0"):
            AsyncTwelveLabs(api_key="k", max_retries=wrong)
    assert not emulator.requests


async def test_limits_of_a_bulk_run_are_numbers_of_any_library(client: AsyncTwelveLabs) -> None:
    limits: dict[str, Any] = {
        "concurrency": np.int64(2),
        "upload_concurrency": Decimal(2),
        "max_bytes_per_second": np.float64(1e9),
        "timeout": math.inf,
        "interval": np.float32(0.02),
    }
    run = client.bulk.upload([f"https://example.com/{number}.mp4" for number in range(5)], **limits)
    assert [outcome.status async for outcome in run] == ["ready"] * 5
    for wrong in (1.5, "2", math.nan, None):
        with pytest.raises((TypeError, ValueError), match="concurrency"):
            client.bulk.upload([], concurrency=wrong)  # type: ignore[arg-type]


ODD = st.sampled_from([value for value, *_ in [*SENT, *REFUSED] if not hasattr(value, "send")]) | st.one_of(
    st.integers(), st.floats(), st.decimals(), st.fractions(), st.datetimes(), st.dates(), st.binary(), st.uuids()
)


@given(st.recursive(ODD, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2)))
def test_any_value_is_encoded_or_refused_by_name(value: Any) -> None:
    """Nothing else is raised."""
    for encode in (query_string, json_body):
        try:
            encode({"color": value})
        except (TypeError, ValueError) as error:
            if not str(error).startswith("color"):
                raise
