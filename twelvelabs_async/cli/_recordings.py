"""``--record`` and ``--replay``: the conversation of a command with the platform, in a file."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager

import click


@contextmanager
def recorded(path: str, arguments: Mapping[str, str]) -> Generator[Mapping[str, str], None, None]:
    """Record requests and their responses.

    Args:
        path: The recording.
        arguments: Arguments of the clients without the recording.

    Yields:
        Arguments of the clients that are recorded.

    Raises:
        ClickException: The recording is incomplete.
    """
    from ..testing import RecordingError, record

    try:
        with record(path, base_url=arguments.get("base_url")) as recorder:
            yield {**arguments, "base_url": recorder.url}
    except RecordingError as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def replayed(path: str) -> Generator[Mapping[str, str], None, None]:
    """Replay the responses of a recording.

    Yields:
        Arguments of the clients that receive them.

    Raises:
        ClickException: The file is no recording, or the command sent other requests than those that were recorded.
    """
    from ..testing import NotRecordedError, RecordingError, replay

    try:
        with replay(path) as replayer:
            yield {"base_url": replayer.url, "api_key": replayer.api_key}
    except (NotRecordedError, RecordingError) as error:
        raise click.ClickException(str(error)) from None
