"""``doctor``."""

from __future__ import annotations

import os
import time
from typing import Final, Literal

import click

from .._version import __version__
from ._errors import NoKey, connect, exit_code

OPTIONAL: Final = {
    "speedups": ("msgspec", "decodes large answers several times faster"),
    "data": ("pyarrow", "makes tables of results"),
    "media": ("av", "checks MKV, AVI and the like before they are sent, as ffprobe does; MP4 and MOV need neither"),
}
PATIENCE: Final = 15.0
TRIES: Final = 4


@click.command()
def doctor() -> None:
    """Check the installation, the API key and the connection.

    Each line says "ok", "failed" and what to do, or "-" for something that could be there and is not.
    """
    import platform
    import shutil
    from importlib.metadata import PackageNotFoundError, version

    python = f"{platform.python_implementation()} {platform.python_version()} on {platform.system()}"
    _tell("ok", "versions", f"twelvelabs_async {__version__}, aiohttp {version('aiohttp')}, {python}")
    for extra, (package, purpose) in OPTIONAL.items():
        try:
            _tell("ok", extra, f"{package} {version(package)}")
        except PackageNotFoundError:
            _tell("-", extra, f"pip install 'twelvelabs_async[{extra}]': {package} {purpose}")
    ffprobe = shutil.which("ffprobe")
    _tell("ok" if ffprobe else "-", "ffprobe", ffprobe or "not installed")
    _ask_the_api()


def _tell(state: Literal["ok", "-", "failed"], what: str, text: str) -> None:
    click.echo(f"{state:7} {what:9} {text}")


def _ask_the_api() -> None:
    from ..client import KEY_VARIABLES
    from ..errors import APIError, UnauthorizedError
    from ..options import BASE_URL
    from ..sync import TwelveLabs

    end = click.get_current_context().exit
    variable = next(filter(os.environ.get, KEY_VARIABLES), None)
    if variable is None:
        _tell("failed", "key", NoKey().message)
        end(NoKey.exit_code)
    url = os.environ.get("TWELVELABS_BASE_URL") or BASE_URL
    seconds: list[float] = []
    with connect(TwelveLabs) as client:
        try:
            for _ in range(TRIES):
                began = time.perf_counter()
                client.indexes.list(page_limit=1, request_options={"timeout_in_seconds": PATIENCE, "max_retries": 0})
                seconds.append(time.perf_counter() - began)
        except APIError as error:
            _tell("failed", "key" if isinstance(error, UnauthorizedError) else "host", str(error))
            end(exit_code(error))
        _tell("ok", "key", f"the one in {variable} is accepted")
        _tell("ok", "host", f"{url} answers within {1000 * min(seconds):.0f} ms")
        for category, limit in client.limits.items():
            if limit.limit is not None and limit.remaining is not None:
                _tell("ok", "limit", f"{limit.remaining:.0f} of {limit.limit:.0f} requests left for {category}")
