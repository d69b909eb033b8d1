"""Fixtures that all tests share."""

from __future__ import annotations

import asyncio
import logging
import math
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from twelvelabs_async import AsyncTwelveLabs, IndexSchema, TwelveLabs
from twelvelabs_async._threads import ThreadPool
from twelvelabs_async._waiting import WaitOptions
from twelvelabs_async.testing import Emulator

from support.clients import Connect
from support.clock import Clock, TurnableLoop
from support.raw_server import Server
from support.recorder import Recorder
from support.samples import MEDIA, MODELS, video

if TYPE_CHECKING:
    import httpx
    import twelvelabs

    from support.command_line import Run
    from support.counted_videos import CountedVideos
    from support.three_clients import Clients

# A shell starts its background jobs with SIGINT ignored, which the processes that tests interrupt would inherit.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The processes that tests start, and xdist's workers, would otherwise compile every module they import.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
    os.environ["PYTHONPYCACHEPREFIX"] = str(Path(__file__).parents[1] / ".pytest_cache" / "bytecode")

# On a busy machine, examples are slow. Without a database, all runs do the same work.
settings.register_profile("tests", deadline=None, database=None, suppress_health_check=list(HealthCheck))
settings.load_profile("tests")


def pytest_asyncio_loop_factories() -> dict[str, type[asyncio.AbstractEventLoop]]:
    """Run every test in an event loop whose time can be turned."""
    return {"turnable": TurnableLoop}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest tests, so that no worker is left with one of them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("any_python") is None)


@pytest.fixture(scope="session", autouse=True)
def state_directory(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A state directory for this process and those that tests start, which is not the user's."""
    os.environ["TWELVELABS_STATE_DIR"] = str(tmp_path_factory.mktemp("state"))


OTHERS_VARIABLES = {"PYTEST_CURRENT_TEST", "_RJEM_MALLOC_CONF"}
"""Variables that pytest sets, and Polars on import."""


@pytest.fixture(autouse=True)
def unchanged_environment() -> Iterator[None]:
    """A test that leaves a variable behind fails, instead of one after it that reads the variable."""
    before = dict(os.environ)
    yield
    changed = {name for name, _ in before.items() ^ os.environ.items()} - OTHERS_VARIABLES
    assert not changed


@pytest.fixture(scope="session", autouse=True)
def no_development_mode_of_programs() -> None:
    """Programs that tests start are not in development mode: their asyncio would report each slow step on stderr."""
    os.environ.pop("PYTHONDEVMODE", None)


@pytest.fixture
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulator of the API, whose clock stands still until it is advanced.

    The marks ``emulator`` have its settings; of several, the closest one counts.
    """
    settings: dict[str, Any] = {"speed": 0}
    for mark in reversed([*request.node.iter_markers("emulator")]):
        settings |= mark.kwargs
    with Emulator(**settings) as emulator:
        yield emulator


@pytest.fixture
async def clock() -> Clock:
    """The clock of the event loop, which a test can advance; in a blocking test, a clock without effect."""
    loop = asyncio.get_running_loop()
    return loop.clock if isinstance(loop, TurnableLoop) else Clock()


@pytest.fixture
async def autojump_clock(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Clock]:
    """The clock of the event loop, which jumps to the next timer when nothing else can happen."""
    monkeypatch.setattr(ThreadPool, "submit", clock.count_calls(ThreadPool.submit))
    # The clock would jump over this timeout while a slow disk syncs the last records of a run.
    monkeypatch.setattr("twelvelabs_async.bulk.journal.journal.CLOSE_SECONDS", math.inf)
    clock.autojump = True
    yield clock
    clock.autojump = False  # the end of the loop waits for worker threads, up to a timeout


@pytest.fixture
def connect(clock: Clock) -> Connect:
    """A function that makes an asynchronous client of a server, given the client's settings.

    Its requests keep the clock from jumping. Advancing the clock advances the server, if that is an emulator.
    """

    def connect(server: Server | Recorder | Emulator, **settings: Any) -> AsyncTwelveLabs:
        if isinstance(server, Emulator):
            clock.drive(server.advance)
        defaults = {"api_key": server.api_key, "base_url": server.url, "middlewares": [clock.middleware]}
        return AsyncTwelveLabs(**defaults | settings)

    return connect


@pytest.fixture
async def client(emulator: Emulator, connect: Connect) -> AsyncIterator[AsyncTwelveLabs]:
    """An asynchronous client of the emulator; tasks left behind and unhandled errors fail the test."""
    problems: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
    before = asyncio.all_tasks()
    async with connect(emulator) as client:
        yield client
        assert asyncio.all_tasks() <= before | {asyncio.current_task()}
    assert not problems


@pytest.fixture
def sync_client(emulator: Emulator) -> Iterator[TwelveLabs]:
    """A blocking client of the emulator."""
    with TwelveLabs(api_key=emulator.api_key, base_url=emulator.url) as client:
        yield client


@pytest.fixture
def api(emulator: Emulator) -> Iterator[httpx.Client]:
    """A plain HTTP client of the emulator."""
    from support.plain_http import connect  # httpx takes long to import

    with connect(emulator) as api:
        yield api


@pytest.fixture
def sdk(emulator: Emulator) -> Iterator[twelvelabs.TwelveLabs]:
    """The official SDK's blocking client of the emulator."""
    import httpx

    from support.official import sync_client  # the official SDK takes a second to import

    with httpx.Client(verify=False, timeout=60) as http:
        yield sync_client(emulator.url, emulator.api_key, http)


@pytest.fixture
async def index(client: AsyncTwelveLabs) -> IndexSchema:
    """An index to search and analyze."""
    return await client.indexes.ensure("tests", models=MODELS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with four videos."""
    folder = tmp_path / "videos"
    folder.mkdir()
    for name in ("a.mp4", "b.mp4", "c.mp4", "d.mp4"):
        (folder / name).write_bytes(video(name))
    return folder


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """The path of a journal that does not exist yet."""
    return tmp_path / "run.db"


@pytest.fixture
def clip() -> Path:
    """A small real video."""
    return MEDIA / "bouncing_ball.mp4"


@pytest.fixture(scope="session")
def counted_videos(tmp_path_factory: pytest.TempPathFactory) -> CountedVideos:
    """Videos that count their pictures and samples."""
    from support.counted_videos import CountedVideos  # needs the extra "media"

    return CountedVideos(tmp_path_factory.mktemp("videos"))


@pytest.fixture
def shell(emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An environment that directs commands to the emulator, and an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("TWELVE_LABS_API_KEY", "TWELVELABS_LOG", "TWELVELABS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TWELVELABS_BASE_URL", emulator.url)
    monkeypatch.setenv("TWELVELABS_API_KEY", emulator.api_key)
    monkeypatch.setenv("TWELVELABS_STATE_DIR", str(tmp_path / ".state"))
    monkeypatch.setenv("TWELVELABS_CONFIG_DIR", str(tmp_path / ".config"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    yield
    logger = logging.getLogger("twelvelabs_async")
    logger.handlers.clear()
    logger.setLevel(logging.NOTSET)


@pytest.fixture
def run(shell: None, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A function that runs a command in this process, with environment variables set or removed; it polls often."""
    from support.command_line import run  # needs the extra "cli"

    monkeypatch.setattr(WaitOptions, "pause", lambda *_: 0.01)
    return run


@pytest.fixture(scope="module")
def clients() -> Iterator[Clients]:
    """The official client and both of ours, connected to one recorder."""
    import httpx

    from support.three_clients import Clients  # the official SDK takes a second to import

    with Recorder() as recorder, httpx.Client(trust_env=False, timeout=60) as http, asyncio.Runner() as runner:
        clients = Clients(recorder, runner, http)
        yield clients
        clients.sync.close()
        runner.run(clients.aio.close())


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    """A server that records requests and returns the responses a test gives it."""
    with Recorder() as recorder:
        yield recorder
