"""The pytest fixtures `twelvelabs_emulator` and `twelvelabs_recording`, and short tracebacks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from .._tracebacks import ShortTraceback, callers_frames

if TYPE_CHECKING:
    from . import Emulator, Recorder, Replayer

OPTION: Final = "--twelvelabs-record"
MARK: Final = "twelvelabs_recording"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that selects what is recorded."""
    parser.getgroup("twelvelabs_async").addoption(
        OPTION,
        choices=("none", "once", "all"),
        default="none",
        help="record conversations: none (replay all), once (record those that are missing), all (record anew)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark."""
    config.addinivalue_line(
        "markers", f"{MARK}(path, **settings): replay the recording at a path, with arguments of `replay`"
    )


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let tests with the mark use the fixture."""
    names: list[str] = getattr(item, "fixturenames", [])
    if item.get_closest_marker(MARK) and MARK not in names:
        names.insert(0, MARK)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Let the traceback of an error of this package end at the test's call. ``--full-trace`` shows all frames."""
    if call.excinfo is None or item.config.getoption("fulltrace"):
        return
    error: BaseException = call.excinfo.value
    if isinstance(error, ShortTraceback) and (frames := callers_frames(error.__traceback__)) is not None:
        error.__cause__ = None  # its text is that of the error
        call.excinfo = pytest.ExceptionInfo[BaseException].from_exception(error.with_traceback(frames))


@pytest.fixture
def twelvelabs_emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """Emulator for one test. Clients without a key and URL use it, because the environment names it."""
    # Every run of pytest loads this module, and must not load a web server for that.
    from . import Emulator

    with Emulator() as emulator:
        _name_in_environment(monkeypatch, emulator.url, emulator.api_key)
        yield emulator


@pytest.fixture
def twelvelabs_recording(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Recorder | Replayer]:
    """Recording for one test, in ``recordings/<module>/<test>.jsonl``. Clients without a key and URL use it.

    The mark ``twelvelabs_recording`` has another path, relative to the module, and arguments of `replay`.

    Raises:
        UsageError: There is no recording.
    """
    from .recordings import record, replay

    mark = request.node.get_closest_marker(MARK)
    settings: dict[str, Any] = dict(mark.kwargs) if mark else {}
    path = request.path.parent / (mark.args[0] if mark and mark.args else _default_path(request))
    mode = request.config.getoption(OPTION)
    if mode == "all" or (mode == "once" and not path.exists()):
        path.parent.mkdir(parents=True, exist_ok=True)
        with record(path, scrub_texts=settings.get("scrub_texts", False)) as recorder:
            _name_in_environment(monkeypatch, recorder.url, recorder.api_key)
            yield recorder
    elif path.exists():
        with replay(path, **settings) as replayer:
            _name_in_environment(monkeypatch, replayer.url, replayer.api_key)
            yield replayer
    else:
        raise pytest.UsageError(f"There is no recording {path}. Set TWELVELABS_API_KEY, and run pytest {OPTION}=once.")


def _default_path(request: pytest.FixtureRequest) -> Path:
    name = re.sub(r"[^\w.-]+", "-", request.node.name).strip("-")
    return Path("recordings", request.path.stem, f"{name}.jsonl")


def _name_in_environment(monkeypatch: pytest.MonkeyPatch, url: str, api_key: str) -> None:
    monkeypatch.setenv("TWELVELABS_BASE_URL", url)
    if api_key:
        monkeypatch.setenv("TWELVELABS_API_KEY", api_key)
