"""``--record`` and ``--replay``: the conversation of a command with the platform, in a file."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager

import click


@contextmanager
def recorded(path: str) -> Generator[None, None, None]:
    """Record the requests of a command, and their responses.

    Raises:
        ClickException: The recording is incomplete.
    """
    from ..testing import RecordingError, record

    try:
        with record(path) as recorder, _environment({"TWELVELABS_BASE_URL": recorder.url}):
            yield
    except RecordingError as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def replayed(path: str) -> Generator[None, None, None]:
    """Give a command the responses of a recording.

    Raises:
        ClickException: The file is no recording, or the command sent other requests than those that were recorded.
    """
    from ..testing import NotRecordedError, RecordingError, replay

    try:
        with replay(path) as replayer:
            settings = {"TWELVELABS_BASE_URL": replayer.url, "TWELVELABS_API_KEY": replayer.api_key}
            with _environment(settings):
                yield
    except (NotRecordedError, RecordingError) as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def _environment(variables: Mapping[str, str]) -> Generator[None, None, None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
