"""Options that the bulk operations share, declared and validated in one place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args

from attrs import Attribute, Factory, field, frozen
from attrs.converters import optional

from .._progress_bars import progress_option
from .._request import SLOWEST_UPLOAD_BYTES_PER_SECOND
from .._validators import Validator, between, number, optional_callable, time_limit, whole_number
from .._waiting import POLL_INTERVAL, WAIT_TIMEOUT
from ..errors import InvalidArgumentError, InvalidArgumentTypeError
from ..options import MAX_DIRECT_UPLOAD, RequestOptions
from .budget import Budget
from .journal import JournalTimings, user_journal
from .outcome import OnEvent
from .prices import Prices, to_prices
from .sinks.base import Sink

Existing: TypeAlias = Literal["reuse", "again"]
"""Treatment of content that is on the platform already: use it, or create it again."""

PARTS_PER_UPLOAD: Final = 5
"""Parts of one file that are in flight at the same time."""
MIN_STREAM_BYTES_PER_SECOND: Final = 2 * SLOWEST_UPLOAD_BYTES_PER_SECOND
"""Share of the bandwidth that each upload or part needs to finish before its deadline."""


def _one_of(*choices: str) -> Validator:
    def validate(_: object, attribute: Attribute[Any], value: object) -> None:
        if value not in choices:
            raise ValueError(f"{attribute.name} must be one of {', '.join(map(repr, choices))}; got {value!r:.100}.")

    return validate


def _optional_sink(_: object, attribute: Attribute[Any], value: object) -> None:
    if value is not None and (isinstance(value, type) or not isinstance(value, Sink)):
        raise InvalidArgumentTypeError(
            f"{attribute.name} must be a sink, such as ParquetSink(folder); got {value!r:.100}."
        )


def _optional_budget(_: object, attribute: Attribute[Any], value: object) -> None:
    if not isinstance(value, Budget | None):
        raise InvalidArgumentTypeError(
            f"{attribute.name} must be a Budget with a limit of minutes, requests or cost; got {value!r:.100}."
        )


def journal_path(journal: str | os.PathLike[str] | bool | None, account: str | None, job: str) -> Path | None:
    """Return the path of a run's journal, with ``~`` expanded.

    Args:
        journal: The caller's path. True means the file in the user's state directory.
        account: Digest of the account.
        job: Name of the job.

    Raises:
        ValueError: No file can be named after the account, because its API key may change.
        JournalError: There is no home directory.
    """
    if journal is None or journal is False:
        return None
    if journal is not True:
        return Path(os.path.expanduser(journal))
    if account is None:
        raise InvalidArgumentError("journal=True needs a fixed API key; got a function. Pass the path of a file.")
    return user_journal(account, job)


@frozen(kw_only=True)
class BulkOptions:
    """Settings of a bulk run. The bulk methods document them.

    Attributes:
        max_jobs: Jobs in progress. Default: *concurrency*.
        multipart_threshold: Size in bytes above which a file is sent in parts. At most 200,000,000.
        timings: Time limits of the journal.
        command: Command that makes the run, as JSON, for the journal.
    """

    journal: Path | None = None
    concurrency: int = whole_number(1)
    upload_concurrency: int = whole_number(1, default=1)
    max_bytes_per_second: float | None = field(
        default=None, converter=number, validator=between(MIN_STREAM_BYTES_PER_SECOND)
    )
    budget: Budget | None = field(default=None, validator=_optional_budget)
    prices: Prices | None = field(default=None, converter=optional(to_prices))
    retry_failed: bool = False
    existing: Existing = field(default="reuse", validator=_one_of(*get_args(Existing)))
    on_event: OnEvent | None = field(default=None, validator=optional_callable)
    progress: bool = progress_option()
    sink: Sink | None = field(default=None, validator=_optional_sink)
    timeout: float = time_limit(WAIT_TIMEOUT)
    interval: float = time_limit(POLL_INTERVAL)
    request_options: RequestOptions | None = None
    max_jobs: int = field(default=Factory(lambda self: self.concurrency, takes_self=True))
    multipart_threshold: int = whole_number(0, MAX_DIRECT_UPLOAD, default=MAX_DIRECT_UPLOAD)
    timings: JournalTimings = field(factory=JournalTimings)
    command: str | None = None

    @property
    def has_observer(self) -> bool:
        """Whether anything is done with events."""
        return self.progress or self.on_event is not None

    @property
    def workers(self) -> int:
        """Number of sources in progress: in uploads, in processing, and in jobs."""
        return self.upload_concurrency + self.concurrency + self.max_jobs

    @property
    def max_uploads(self) -> int:
        """Number of uploads for which the bandwidth suffices, at most *upload_concurrency*."""
        return min(self.upload_concurrency, self._streams)

    @property
    def parts_per_upload(self) -> int:
        """Number of parts of each upload for which the bandwidth suffices."""
        return min(PARTS_PER_UPLOAD, self._streams // self.max_uploads)

    @property
    def _streams(self) -> int:
        if self.max_bytes_per_second is None:
            return PARTS_PER_UPLOAD * self.upload_concurrency
        return int(self.max_bytes_per_second // MIN_STREAM_BYTES_PER_SECOND)

    @property
    def waiting(self) -> dict[str, Any]:
        """Keyword arguments of the ``wait_until_ready`` methods."""
        return {"timeout": self.timeout, "interval": self.interval, "request_options": self.request_options}
