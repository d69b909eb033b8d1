"""Drift: the same conversation with two services, and every difference between them."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import sys
from typing import Any

import pytest

from twelvelabs_async import APIConnectionError, AsyncTwelveLabs
from twelvelabs_async.testing import Emulator
from twelvelabs_async.testing.drift.check import compare_conversations, emulated, new_mark
from twelvelabs_async.testing.drift.conversation import Conversation
from twelvelabs_async.testing.drift.cost import chosen
from twelvelabs_async.testing.drift.report import report
from twelvelabs_async.testing.drift.step import Step
from twelvelabs_async.testing.drift.steps import LEFT_OVER, STEPS
from twelvelabs_async.testing.handlers import OPERATIONS

from support.clients import Connect
from support.drift import LIMITS, NOTHING, converse, run_check_live
from support.until import until

pytestmark = pytest.mark.any_python


def stored(emulator: Emulator) -> dict[str, Any]:
    """Return all that the emulator stores and that can be deleted."""
    names = ("assets", "indexes", "indexing_tasks", "analyze_tasks", "analyze_batches", "entity_collections")
    tables = {name: getattr(emulator.state, name) for name in (*names, "knowledge_stores", "redirect_uris")}
    return {name: table for name, table in tables.items() if table}


@pytest.mark.emulator(rate_limits=LIMITS)
async def test_two_emulators_do_not_differ(emulator: Emulator, client: AsyncTwelveLabs) -> None:
    """The conversation reaches every step, is refused where it should be, and leaves nothing behind."""
    conversation = await converse(emulator, client, STEPS)
    assert (conversation.skipped, conversation.left, stored(emulator)) == ({}, {}, {})
    last = {label: exchanges[-1].response for label, exchanges in conversation.exchanges.items()}
    refused = {label for label, response in last.items() if response and response.status >= 400}
    assert refused == {step.label for step in STEPS if step.is_refused}
    assert compare_conversations(conversation, await emulated(STEPS, conversation.mark)) == NOTHING


def test_every_operation_has_a_step() -> None:
    """The page on which a user agrees is not part of the API."""

    def shape(request: str) -> str:
        return re.sub(r"\$\w+|{[^}]*}|\b0{24}|no-token", "{}", request)

    operations = {shape(f"{one.method} {one.path}") for one in OPERATIONS if not one.path.startswith("/storage/")}
    assert operations - {shape(step.request) for step in STEPS} == set()


def test_only_what_the_conversation_made_is_changed() -> None:
    """A request that changes something has ids that the answers about earlier steps' own things have."""
    own: set[str] = {"etag"}
    for step in STEPS:
        assert step.request.startswith("GET") or step.needs <= own, step.label
        if step.request.startswith("POST") or (step.needs and step.needs <= own):
            own |= step.keep.keys()
        assert not step.undo or re.findall(r"\$(\w+)", step.undo)[-1] in step.keep


def test_all_requests_of_a_billed_method_are_announced() -> None:
    """Further pages as well: no document says that they are free."""
    billed = {step.name for step in STEPS if step.bills}
    free = [step.label for step in STEPS if step.name in billed and not step.bills and not step.is_refused]
    assert free == []


def test_labels_are_unique() -> None:
    assert len({step.label for step in STEPS}) == len(STEPS)


@pytest.mark.parametrize(
    ("only", "last"),
    [
        ("assets.*", "assets.retrieve"),
        ("indexes.indexed_assets.*", "indexes.indexed_assets.list"),
        ("tasks.*", "tasks.list"),
        ("analyze_async.*", "analyze_async.batches.retrieve"),
        ("knowledge_store_items.*", "knowledge_store_items.create"),
    ],
)
async def test_a_cancelled_conversation_leaves_nothing(
    only: str, last: str, emulator: Emulator, client: AsyncTwelveLabs
) -> None:
    def cancel(step: Step) -> None:
        if step.label == last:
            task.cancel()

    task = asyncio.ensure_future(converse(emulator, client, chosen(STEPS, [only]), cancel))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert stored(emulator) == {}


async def test_a_request_that_makes_something_ends_before_a_cancellation(
    emulator: Emulator, client: AsyncTwelveLabs
) -> None:
    """Its response has the id of what is to be deleted."""
    emulator.delay("POST", "/entity-collections", 0.1)
    task = asyncio.ensure_future(converse(emulator, client, chosen(STEPS, ["entity_collections.create"])))
    await until(lambda: bool(emulator.state.entity_collections))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert stored(emulator) == {}


async def test_what_cannot_be_deleted_is_named(emulator: Emulator, client: AsyncTwelveLabs) -> None:
    """Other things are deleted all the same."""
    emulator.fail("DELETE", "/indexes/*", status=403)
    conversation = await converse(emulator, client, chosen(STEPS, ["indexes.retrieve", "entity_collections.retrieve"]))
    [index] = emulator.state.indexes
    assert conversation.left == {f"DELETE /indexes/{index}": "status 403"}
    assert [*stored(emulator)] == ["indexes"]


async def test_without_a_response_no_further_deletion_waits_for_one(emulator: Emulator, connect: Connect) -> None:
    """All that is left is named."""
    emulator.drop("DELETE", "*", times=100)
    async with connect(emulator, max_retries=0) as client:
        steps = chosen(STEPS, ["indexes.retrieve", "entity_collections.retrieve"])
        conversation = await converse(emulator, client, steps)
    [index], [collection] = emulator.state.indexes, emulator.state.entity_collections
    requests = {f"DELETE /indexes/{index}", f"DELETE /entity-collections/{collection}"}
    assert conversation.left == dict.fromkeys(requests, "no response")
    assert len([request for request in emulator.requests if request.method == "DELETE"]) == 1


async def test_things_in_use_are_deleted_later(emulator: Emulator, client: AsyncTwelveLabs) -> None:
    """A running job holds what it uses."""
    emulator.fail("DELETE", "/assets/*", status=409, times=3, skip=1)
    conversation = await converse(emulator, client, chosen(STEPS, ["assets.create"]))
    assert (conversation.left, stored(emulator)) == ({}, {})


async def test_assets_of_others_are_neither_compared_nor_changed(emulator: Emulator, client: AsyncTwelveLabs) -> None:
    """An asset of the account, which has a field that no asset of the conversation has."""
    own = await client.assets.create(method="url", url="https://example.com/a.png")
    steps = chosen(STEPS, ["assets.list"])
    conversation = await converse(emulator, client, steps)
    assert [*emulator.assets] == [own.id]
    found = compare_conversations(conversation, await emulated(steps, conversation.mark))
    assert {one.place for one in found.differences if one.place.startswith("body")} == set()


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (403, "api_not_allowed", "the account may not use it"),
        (429, "too_many_requests", "a limit of the account is used up"),
    ],
)
async def test_what_the_account_may_not_use_is_not_compared(
    status: int, code: str, reason: str, emulator: Emulator, connect: Connect
) -> None:
    emulator.fail("POST", "/entity-collections", status=status, body={"code": code, "message": "No."}, times=2)
    steps = chosen(STEPS, ["entity_collections.*"])
    async with connect(emulator, max_retries=0) as client:
        conversation = await converse(emulator, client, steps)
    found = compare_conversations(conversation, await emulated(steps, conversation.mark))
    assert found.not_compared["entity_collections.create"] == reason
    assert found.not_compared["entity_collections.retrieve"] == "there is no people"


async def test_a_lost_response_ends_the_conversation(emulator: Emulator, connect: Connect) -> None:
    """What the request may have made is named. What was made before is deleted."""
    emulator.drop("POST", "/indexes", acted=True)
    steps = {step.label: step for step in STEPS}
    async with connect(emulator, max_retries=0) as client:
        conversation = Conversation(client, new_mark(), asyncio.Event().wait)
        with pytest.raises(APIConnectionError):
            await conversation.run([steps["entity_collections.create"], steps["indexes.create"]], LEFT_OVER)
    reason = "no response, so it may exist"
    assert conversation.left == {f"POST /indexes, with the mark {conversation.mark}": reason}
    assert [*stored(emulator)] == ["indexes"]


async def test_a_report_is_short(emulator: Emulator, client: AsyncTwelveLabs) -> None:
    """A service that does nothing but fail is one line for each status that it should have had."""
    emulator.fail("*", "*", status=400, body={"oops": True}, times=10_000)
    conversation = await converse(emulator, client, STEPS)
    found = compare_conversations(conversation, await emulated(STEPS, conversation.mark))
    text = report(found, "Another server")
    assert len(text) < 25_000
    assert max(map(len, text.splitlines())) < 500


@pytest.mark.parametrize(
    "body", ["nonsense", "null", '{"data": [null, 1], "status": [], "_id": {}}', '{"_id": "../../x y?z#", "code": {}}']
)
async def test_nonsense_is_a_difference(body: str, emulator: Emulator, client: AsyncTwelveLabs) -> None:
    emulator.fail("*", "*", status=200, body=body, times=1_000)
    steps = chosen(STEPS, ["indexes.retrieve"])
    conversation = await converse(emulator, client, steps)
    assert compare_conversations(conversation, await emulated(steps, conversation.mark)).differences


def test_a_step_needs_the_steps_that_keep_its_values() -> None:
    assert [step.label for step in chosen(STEPS, ["assets.retrieve_transcription"])] == [
        "assets.create",
        "assets.retrieve",
        "assets.retrieve_transcription",
        "assets.retrieve_transcription (unknown id)",
    ]
    with pytest.raises(ValueError, match=r"No step has a name like 'asset'\. Expected .*assets, "):
        chosen(STEPS, ["asset"])


@pytest.mark.usefixtures("shell")
def test_the_command_asks_before_anything_is_billed(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without an answer, nothing is sent."""
    monkeypatch.setattr("builtins.input", lambda: "")
    assert run_check_live("--only", "search") == 2
    report, shown = capsys.readouterr()
    assert report == ""  # which may go to a file, without the question
    assert "It uploads samples" in shown
    assert "Continue? [y/N] " in shown
    assert "indexing: 1 request, 0.2 minutes of video" in shown
    assert "search: 4 requests" in shown
    assert "Nothing was sent." in shown
    assert run_check_live("--only", "indexes.list") == 2
    assert "uploads" not in capsys.readouterr().err
    assert emulator.requests == []


@pytest.mark.usefixtures("shell")
def test_the_command_prints_a_report(emulator: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    """It ends with 1 if there are differences; here, the limits without headers."""
    assert run_check_live("--yes", "--only", "indexes.retrieve", "--only", "retired*") == 1
    shown = capsys.readouterr()
    assert "## Differences\n\n- `header x-ratelimit-request-limit`: live absent; emulated" in shown.out
    assert "Another server" in shown.out
    assert emulator.url not in shown.out
    assert "indexes.retrieve (unknown id)\n" in shown.err


@pytest.mark.usefixtures("shell")
def test_a_service_that_stops_responding_is_reported(emulator: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    """What was compared until then is in the report, and what was not is named."""
    emulator.drop("POST", "/entity-collections", times=1_000)
    assert run_check_live("--yes", "--only", "indexes.retrieve", "--only", "entity_collections.retrieve") == 1
    shown = capsys.readouterr()
    assert "the service did not respond: entity_collections.create" in shown.out
    assert "indexes.retrieve" in shown.out
    assert [*emulator.state.indexes] == []


@pytest.mark.parametrize(
    ("arguments", "key", "expected"),
    [
        (["--only", "nothing"], "tlk_emulator", "No step has a name like 'nothing'"),
        (["--yes"], "tlk_of_someone_else", "status 401 (api_key_invalid)"),
        ([], "", "TWELVELABS_API_KEY"),
    ],
)
@pytest.mark.usefixtures("shell")
def test_the_command_states_what_is_wrong(
    arguments: list[str], key: str, expected: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TWELVELABS_API_KEY", key)
    assert run_check_live(*arguments) == 2
    shown = capsys.readouterr().err
    assert expected in shown
    assert "Continue?" not in shown


@pytest.mark.emulator(processing_time=0, indexing_time=0)
@pytest.mark.usefixtures("shell")
def test_ctrl_c_deletes_what_was_made(emulator: Emulator) -> None:
    command = [sys.executable, "-m", "twelvelabs_async.testing", "check-live", "--yes"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line == "indexes.indexed_assets.list\n":
                process.send_signal(signal.SIGINT)
    assert process.returncode == 130
    assert stored(emulator) == {}
