"""``TWELVELABS_LOG``: what is logged to stderr."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator

import pytest

from twelvelabs_async import TwelveLabs

from support.raw_server import KEY, OK, Server

LOGGER = logging.getLogger("twelvelabs_async")


@pytest.fixture(autouse=True)
def _default_level() -> Iterator[None]:
    yield
    LOGGER.setLevel(logging.NOTSET)


def remove_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the handlers of pytest, which it adds when the test begins, and those of other tests."""
    for logger in (logging.getLogger(), LOGGER):
        monkeypatch.setattr(logger, "handlers", [])


def log_of_request(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the lines that a request writes to stderr."""
    with Server(OK) as server, TwelveLabs(api_key=KEY, base_url=server.url) as client:
        client.indexes.retrieve("i1")
        client.with_options(timeout=5).indexes.retrieve("i2")
    return capsys.readouterr().err.splitlines()


@pytest.mark.parametrize("level", ["info", "INFO", " Debug "])
@pytest.mark.parametrize("configure", [None, "before", "after"])
def test_each_line_is_logged_once(
    level: str, configure: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also if the program sets up logging, before or after it makes the first client."""
    remove_handlers(monkeypatch)
    monkeypatch.setenv("TWELVELABS_LOG", level)
    if configure == "before":
        logging.basicConfig(stream=sys.stderr)
    TwelveLabs(api_key=KEY).close()
    if configure == "after":
        logging.basicConfig(stream=sys.stderr)
    lines = log_of_request(capsys)
    assert [line.partition("GET ")[2].partition(" in ")[0] for line in lines] == [
        "/indexes/i1: 200",
        "/indexes/i2: 200",
    ]


@pytest.mark.parametrize("level", ["", "verbose", "1"])
def test_an_invalid_level_is_reported_once(
    level: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No request is logged."""
    remove_handlers(monkeypatch)
    monkeypatch.setenv("TWELVELABS_LOG", level)
    TwelveLabs(api_key=KEY).close()
    lines = log_of_request(capsys)
    assert len(lines) == bool(level)
    assert all(f"must be a level such as debug, info or warning; got {level!r}" in line for line in lines)


def test_a_level_that_is_set_later_counts(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The next client reads it."""
    remove_handlers(monkeypatch)
    monkeypatch.delenv("TWELVELABS_LOG", raising=False)
    assert not log_of_request(capsys)
    monkeypatch.setenv("TWELVELABS_LOG", "info")
    assert len(log_of_request(capsys)) == 2
