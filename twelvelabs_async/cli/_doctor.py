"""``doctor``: check the installation, the API key and the connection."""

from __future__ import annotations

import os
import time
from typing import Final, Literal

import click

from .._version import __version__
from ._client import create_client
from ._credentials import find_credentials
from ._errors import describe_error, exit_code_of
from ._output import print_line

EXTRAS: Final = {
    "speedups": ("msgspec", "decodes large responses several times faster"),
    "data": ("pyarrow", "makes tables of results"),
    "media": ("av", "saves clips, and checks MKV, AVI and other files before upload, like ffprobe"),
    "edit": ("opentimelineio", "writes timelines for editors"),
}
TIMEOUT_SECONDS: Final = 15.0
MEASURED_REQUESTS: Final = 4


@click.command()
def doctor() -> None:
    """Check the installation, the API key and the connection.

    Each line begins with "ok", with "failed" and then says what to do, or with "-" for an optional part that is
    missing.
    """
    _check_installation()
    _check_api()


def _check_installation() -> None:
    import platform
    import shutil
    from importlib.metadata import PackageNotFoundError, version

    python = f"{platform.python_implementation()} {platform.python_version()} on {platform.system()}"
    _print_check("ok", "versions", f"twelvelabs_async {__version__}, aiohttp {version('aiohttp')}, {python}")
    for extra, (package, purpose) in EXTRAS.items():
        try:
            _print_check("ok", extra, f"{package} {version(package)}")
        except PackageNotFoundError:
            _print_check("-", extra, f"pip install 'twelvelabs_async[{extra}]': {package} {purpose}")
    ffprobe = shutil.which("ffprobe")
    _print_check("ok" if ffprobe else "-", "ffprobe", ffprobe or "not installed")


def _check_api() -> None:
    from ..errors import APIError, UnauthorizedError
    from ..options import BASE_URL
    from ..sync import TwelveLabs

    exit_with = click.get_current_context().exit
    try:
        credentials = find_credentials()
    except click.ClickException as error:
        _print_check("failed", "key", error.message)
        exit_with(error.exit_code)
    url = credentials.arguments.get("base_url") or os.environ.get("TWELVELABS_BASE_URL") or BASE_URL
    durations: list[float] = []
    with create_client(TwelveLabs) as client:
        try:
            for _ in range(MEASURED_REQUESTS):
                start = time.perf_counter()
                client.indexes.list(
                    page_limit=1, request_options={"timeout_in_seconds": TIMEOUT_SECONDS, "max_retries": 0}
                )
                durations.append(time.perf_counter() - start)
        except APIError as error:
            _print_check("failed", "key" if isinstance(error, UnauthorizedError) else "host", describe_error(error))
            exit_with(exit_code_of(error))
        _print_check("ok", "key", f"the key of {credentials.origin} is accepted")
        _print_check("ok", "host", f"{url} responds within {1000 * min(durations):.0f} ms")
        for category, limit in client.limits.items():
            if limit.limit is not None and limit.remaining is not None:
                _print_check("ok", "limit", f"{limit.remaining:.0f} of {limit.limit:.0f} requests left for {category}")


def _print_check(state: Literal["ok", "-", "failed"], subject: str, text: str) -> None:
    print_line(f"{state:7} {subject:9} {text}")
