"""Budgets: a bulk run does not exceed them, and the next run takes the sources that are left."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async import (
    AsyncTwelveLabs,
    Budget,
    BudgetExceededError,
    IndexSchema,
    Outcome,
    Price,
    Prices,
    TwelveLabs,
    read_journal,
)
from twelvelabs_async.testing import Emulator

from support.bulk import created, finish, url, write_recording
from support.samples import MODELS

pytestmark = pytest.mark.usefixtures("autojump_clock")

PRICES = Prices(currency="EUR", categories={"indexing": Price(per_minute=0.5, per_request=0.25)})


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """A folder with ten different recordings of one minute."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    for number in range(10):
        write_recording(folder / f"{number}.wav", 60, seed=number)
    return folder


def left(outcomes: Iterable[Outcome[Any]]) -> int:
    """Return the number of sources that the budget did not suffice for."""
    return sum(isinstance(outcome.error, BudgetExceededError) for outcome in outcomes)


async def test_a_run_indexes_no_more_minutes_than_its_budget_has(
    client: AsyncTwelveLabs, index: IndexSchema, emulator: Emulator, recordings: Path
) -> None:
    outcomes = await finish(client.bulk.index(index.id, recordings, budget=Budget(minutes=4.5)))
    assert left(outcomes.values()) == 6
    assert created(emulator) == (4, 4)
    assert {outcome.status for outcome in outcomes.values()} == {"ready", "failed"}


async def test_the_next_run_takes_what_is_left_and_pays_nothing_for_the_rest(
    client: AsyncTwelveLabs, index: IndexSchema, emulator: Emulator, recordings: Path, journal: Path
) -> None:
    """Sources that are left have not failed: the journal has no failure of them."""
    budget = Budget(minutes=4)
    assert left((await finish(client.bulk.index(index.id, recordings, budget=budget, journal=journal))).values()) == 6
    assert read_journal(journal).counts == {"ready": 4, "queued": 6}
    assert read_journal(journal).failures == []
    assert left((await finish(client.bulk.index(index.id, recordings, budget=budget))).values()) == 2
    assert left((await finish(client.bulk.index(index.id, recordings, budget=budget, journal=journal))).values()) == 0
    assert created(emulator) == (10, 10)


async def test_a_duration_that_the_platform_states_counts_before_the_asset_is_indexed(
    client: AsyncTwelveLabs, index: IndexSchema, emulator: Emulator, recordings: Path
) -> None:
    """The length of what a URL leads to is unknown until the platform has fetched it."""
    for number in range(4):
        emulator.serve(url(number), recordings / f"{number}.wav")
    outcomes = await finish(client.bulk.index(index.id, map(url, range(4)), budget=Budget(minutes=2)))
    assert left(outcomes.values()) == 2
    assert created(emulator) == (4, 2)
    run = client.bulk.index(index.id, map(url, range(4)), budget=Budget(minutes=2))
    assert left((await finish(run)).values()) == 0
    assert created(emulator) == (4, 4)
    assert run.used.minutes == 2


async def test_minutes_that_may_have_been_paid_for_count(
    client: AsyncTwelveLabs, emulator: Emulator, recordings: Path
) -> None:
    """A response is lost, and the API has no means to find the embedding task."""
    emulator.drop("POST", "/embed-v2/tasks", acted=True)
    run = client.bulk.embed(recordings, model_name="marengo3.0", concurrency=1, budget=Budget(minutes=3))
    assert left((await finish(run)).values()) == 7
    assert run.used.minutes == 3


async def test_minutes_of_a_refused_job_do_not_count(
    client: AsyncTwelveLabs, index: IndexSchema, emulator: Emulator, recordings: Path
) -> None:
    emulator.fail("POST", "/indexes/*/indexed-assets", status=400, times=2)
    run = client.bulk.index(index.id, recordings, concurrency=1, upload_concurrency=1, budget=Budget(minutes=3))
    outcomes = await finish(run)
    assert len(emulator.indexed_assets) == 3
    assert left(outcomes.values()) == 5
    assert run.used.minutes == 3


@pytest.mark.parametrize("requests", [60, 120, 200])
async def test_a_run_sends_no_more_requests_than_its_budget_has(
    client: AsyncTwelveLabs, index: IndexSchema, emulator: Emulator, requests: int
) -> None:
    """Polls count as well."""
    before = len(emulator.requests)
    run = client.bulk.index(index.id, map(url, range(100)), budget=Budget(requests=requests))
    outcomes = await finish(run)
    sent = len(emulator.requests) - before
    assert 0 < left(outcomes.values()) < 100
    assert requests / 2 < sent <= requests
    assert run.used.total_requests == sent


async def test_retries_and_lost_responses_count_as_requests(
    client: AsyncTwelveLabs, index: IndexSchema, emulator: Emulator
) -> None:
    emulator.fail("POST", "/assets", status=429, skip=1)
    emulator.drop("POST", "/assets", skip=3, acted=True)
    before = len(emulator.requests)
    run = client.bulk.index(index.id, map(url, range(4)), budget=Budget(requests=1000))
    assert left((await finish(run)).values()) == 0
    assert run.used.total_requests == len(emulator.requests) - before
    assert run.used.requests["assets"] == 5


async def test_a_run_costs_no_more_than_its_budget_has(
    client: AsyncTwelveLabs, index: IndexSchema, emulator: Emulator, recordings: Path, tmp_path: Path
) -> None:
    """Each recording costs 0.50 EUR for its minute and 0.25 EUR for its request."""
    file = tmp_path / "prices.toml"
    file.write_text('currency = "EUR"\n[indexing]\nper_minute = 0.5\nper_request = 0.25\n')
    for prices in (PRICES, file):
        run = client.bulk.index(index.id, recordings, budget=Budget(cost=1.6), prices=prices)
        await finish(run)
        assert run.cost == 1.5
    assert created(emulator) == (4, 4)


async def test_nothing_is_begun_without_budget(client: AsyncTwelveLabs, index: IndexSchema, emulator: Emulator) -> None:
    before = len(emulator.requests)
    outcomes = await finish(client.bulk.index(index.id, map(url, range(5)), budget=Budget(requests=0)))
    assert left(outcomes.values()) == 5
    assert len(emulator.requests) - before == 1  # the index was retrieved


def test_the_blocking_client_has_budgets(sync_client: TwelveLabs, folder: Path) -> None:
    index = sync_client.indexes.ensure("tests", models=MODELS)
    run = sync_client.bulk.index(index.id, folder, budget=Budget(requests=1), prices=PRICES)
    assert left(run) == 4
    assert run.used.total_requests == 1
    assert run.cost == 0


@pytest.mark.parametrize(
    ("limits", "error"),
    [
        ({}, "must have a limit"),
        ({"minutes": -1}, "minutes must be at least 0"),
        ({"requests": 1.5}, "requests must be at least 0, as an int"),
        ({"cost": "20"}, "cost must be at least 0"),
    ],
)
def test_an_invalid_budget_is_refused(limits: dict[str, Any], error: str) -> None:
    with pytest.raises((ValueError, TypeError), match=error):
        Budget(**limits)


async def test_a_cost_requires_prices(client: AsyncTwelveLabs) -> None:
    with pytest.raises(ValueError, match="requires prices of the category 'embed'"):
        client.bulk.embed([], model_name="marengo3.0", budget=Budget(cost=1), prices=PRICES)
    with pytest.raises(TypeError, match=r"budget must be a Budget with a limit of minutes, requests or cost; got 600"):
        client.bulk.upload([], budget=600)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("p.toml", "currency = 1", "currency must be a text"),
        ("p.toml", 'currency = "USD"\n[index]\nper_minute = 1', "unknown category 'index'"),
        ("p.toml", 'currency = "USD"\n[indexing]\nminute = 1', "unknown price 'minute'"),
        ("p.toml", 'currency = "USD"\n[indexing]', "must have at least one of"),
        ("p.json", '{"currency": "USD", "indexing": {"per_minute": -1}}', "per_minute must be at least 0"),
        ("p.json", "[]", "expected an object"),
        ("p.json", "currency", "Expecting value"),
        ("p.toml", "currency = '\xe9'", r"Invalid prices in .*p.toml: 'utf-8' codec"),
    ],
)
def test_an_invalid_price_file_is_refused(tmp_path: Path, name: str, text: str, error: str) -> None:
    file = tmp_path / name
    file.write_text(text, "latin-1")
    with pytest.raises(ValueError, match=error):
        Prices.read(file)


def test_prices_of_other_types_are_refused(client: AsyncTwelveLabs) -> None:
    with pytest.raises(TypeError, match="prices must be a Prices, or the path of a file; got"):
        client.bulk.upload([], prices={"currency": "USD"})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a Price for each category"):
        Prices(currency="USD", categories={"embed": 3})  # type: ignore[dict-item]


def test_prices_are_read_from_json(tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    file.write_text('{"currency": "EUR", "indexing": {"per_minute": 0.5, "per_request": 0.25}}')
    assert Prices.read(file) == PRICES
