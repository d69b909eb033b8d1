"""Emulated TwelveLabs platform on loopback."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

from . import webhooks
from .clock import Clock
from .content import Script, Segment
from .faults import Fault, Faults
from .handlers.operation import Context
from .rate_limits import Limits, RateLimits
from .request_log import Request
from .server import VERSION, Server
from .state import Asset, IndexedAsset, Settings, State
from .state.state import Seconds
from .storage import Storage

T = TypeVar("T")


class Emulator:
    """TwelveLabs platform on loopback, for tests and trials without an API key.

    It keeps state, validates requests, and runs jobs on a clock that tests advance. It is no model: `understand` sets
    what it understands of a file; other facts are derived from the file's name and header.

    Example:
        ::

            with Emulator() as emulator:
                client = TwelveLabs(api_key=emulator.api_key, base_url=emulator.url)
                asset = client.assets.upload(sample_clip())
                emulator.advance(60)
                assert client.assets.retrieve(asset.id).status == "ready"

    Args:
        port: Port of the API; 0 takes a free one. Uploaded parts go to a second port, always a free one. Default: 0.
        api_key: Value that requests must have in ``x-api-key``.
        speed: Emulated seconds per real second; with 0 the clock moves by `advance` only. Default: 1.
        processing_time: Emulated seconds until an asset is ready, or a function of its file name. Default: 2.
        indexing_time: Emulated seconds until an indexed asset is ready, or a function of its file name. Default: 10.
        analysis_time: Emulated seconds until an asynchronous analysis is ready, or a function of its file name.
            Default: 10.
        embedding_time: Emulated seconds until an embedding task is ready, or a function of its file name. Default: 5.
        chunk_size: Size in bytes of a part of a multipart upload. Default: 5 MiB.
        urls_per_session: Number of part URLs that a new upload session has. Default: 10.
        upload_headers: Headers that parts sent to the first URLs must have. Default: none.
        rate_limits: Limits by category: a number of requests and seconds of the window, such as ``(60, 60)``, or such
            pairs by what they count, as in ``{"request": [(60, 60), (3000, 86_400)], "duration": [(36_000, 3600)]}``.
            They count ``request``, ``duration`` in seconds of media, ``inputtoken`` and ``outputtoken``. Default: no
            limits.
        latency: Real seconds that each response takes. Default: 0.
        strict: Refuse all that the platform refuses, as far as that is known. With `False`, retired models, files that
            are no media and some searches are accepted; see the table of refusals. Default: `True`.
        webhook_secret: Secret with which `send_webhook` signs.

    Attributes:
        state: Everything that the platform stores. While requests are processed, read and change it by `call`.
        requests: Requests that were received, oldest first.

    Raises:
        ValueError: A category or a quantity of *rate_limits* does not exist.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        api_key: str = "tlk_emulator",
        speed: float = 1.0,
        processing_time: Seconds = 2.0,
        indexing_time: Seconds = 10.0,
        analysis_time: Seconds = 10.0,
        embedding_time: Seconds = 5.0,
        chunk_size: int = 5 * 1024 * 1024,
        urls_per_session: int = 10,
        upload_headers: Mapping[str, str] | None = None,
        rate_limits: Limits | None = None,
        latency: float = 0.0,
        strict: bool = True,
        webhook_secret: str = "whs_emulator",  # noqa: S107 - no more secret than the key
    ) -> None:
        self.api_key = api_key
        self.webhook_secret = webhook_secret
        self.requests: list[Request] = []
        settings = Settings(
            strict=strict,
            processing_time=processing_time,
            indexing_time=indexing_time,
            analysis_time=analysis_time,
            embedding_time=embedding_time,
            chunk_size=chunk_size,
            urls_per_session=urls_per_session,
            upload_headers=dict(upload_headers or {}),
        )
        self.state: State = State(Clock(speed), settings)
        self._faults = Faults()
        self._storage = Storage(self.state)
        self._server = Server(
            Context(self.state, self._storage, RateLimits(rate_limits or {}, self.state.clock)),
            port=port,
            api_key=api_key,
            latency=latency,
            faults=self._faults,
            record=lambda request: self.requests.append(request),
        )

    @property
    def url(self) -> str:
        """Base URL, version included."""
        return f"http://127.0.0.1:{self._server.port}/{VERSION}"

    @property
    def storage_url(self) -> str:
        """Base URL of the parts of multipart uploads. A test that puts a proxy before the storage sets it."""
        return self._storage.base_url

    @storage_url.setter
    def storage_url(self, url: str) -> None:
        self._storage.base_url = url

    def start(self) -> Self:
        """Start to serve; return when requests are accepted. An emulator starts once.

        Raises:
            OSError: The port is taken.
        """
        self._server.start()
        return self

    def stop(self) -> None:
        """Close all connections, delete the stored files, and wait for the server's thread to end."""
        self._server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def advance(self, seconds: float) -> None:
        """Move the emulated clock forward."""
        self.state.clock.advance(seconds)

    def call(self, function: Callable[[], T]) -> T:
        """Call a function in the server's thread, between two requests, and return its result."""
        return self._server.call(function)

    @property
    def assets(self) -> Mapping[str, Asset]:
        """Copy of the stored assets by id, with `size` and `sha256` of their bytes."""
        return self.state.assets.copy()

    @property
    def indexed_assets(self) -> Mapping[str, IndexedAsset]:
        """Copy of the indexed assets of all indexes by id; each has its `asset` and `index`."""
        return self.state.indexed_assets

    def understand(
        self,
        filename: str,
        *,
        transcription: Sequence[Segment] | None = None,
        text: str | None = None,
        answers: Mapping[str, Any] | None = None,
        location: tuple[float, float] | None = None,
        fail: str | None = None,
        at: str = "indexing",
    ) -> None:
        """Set what the platform understands of files with a name. Later calls add to earlier ones.

        Args:
            filename: File name, or an `fnmatch` pattern.
            transcription: Start and end in seconds, and words, of each spoken sentence.
            text: Text that the platform writes about the file, and that searches find.
            answers: Answers of analyses and responses, as texts or JSON values, by prompt. A prompt is an `fnmatch`
                pattern without regard to case. Of those that match, a request with a schema gets the first that fits
                the schema, and other requests get the first text.
            location: Latitude and longitude in degrees at which the file was captured.
            fail: Reason why a job of the file fails.
            at: Job that fails: `import`, `processing`, `indexing`, `transcription`, `embedding`, `analysis` for
                asynchronous ones, or `knowledge` for items of knowledge stores. Default: `indexing`.
        """
        failures = {} if fail is None else {at: fail}
        self.state.scripts.add(filename, Script(transcription, text, failures, location, answers or {}))

    def serve(self, url: str, content: bytes | Path) -> None:
        """Set the content of a URL, or of an imported file with this id, as bytes or as the path of a file.

        Nothing is ever fetched.
        """
        self.state.served[url] = content

    def revoke(self, connection_id: str) -> None:
        """Revoke a connection, as its user does at the provider. It imports no more files: that is an error 409.

        Raises:
            KeyError: The connection does not exist.
        """

        def revoke() -> None:
            self.state.connections[connection_id].status = "revoked"

        self.call(revoke)

    def send_webhook(self, url: str, job_id: str) -> int:
        """Post the signed event of a finished indexed asset or analyze task to *url*.

        The call blocks, so a test whose own event loop serves the URL runs it in a thread. An event may be sent again.

        Returns:
            Status of the response.

        Raises:
            LookupError: No job has this id.
            ValueError: The job is not finished, or belongs to a batch, whose tasks have no events.
        """
        return webhooks.post(url, webhooks.event(self.state, job_id), self.webhook_secret)

    def fail(
        self,
        method: str,
        path: str,
        *,
        status: int = 503,
        body: Any = b"",
        headers: Mapping[str, str] | None = None,
        times: int = 1,
        skip: int = 0,
        acted: bool = False,
    ) -> None:
        """Replace the response to the next matching requests, by an error or by anything else.

        Args:
            method: HTTP method; `*` matches all.
            path: Path without the version prefix, or an `fnmatch` pattern.
            status: Status of the response. Default: 503.
            body: Body of the response: text, bytes, or JSON. Default: empty.
            headers: Headers of the response.
            times: Number of requests with this response. Default: 1.
            skip: Number of matching requests that are processed before. Default: 0.
            acted: Process the request all the same, then replace the response. Default: `False`.
        """
        fault = Fault(method, path, times, skip, acted, status=status, body=body, headers=headers or {})
        self._faults.add(fault)

    def drop(self, method: str, path: str, *, times: int = 1, skip: int = 0, acted: bool = False) -> None:
        """Reset the connection of the next matching requests; with `acted`, after processing them. See `fail`."""
        self._faults.add(Fault(method, path, times=times, skip=skip, acted=acted, drop=True))

    def delay(self, method: str, path: str, seconds: float, *, times: int = 1, skip: int = 0) -> None:
        """Process the next matching requests, but respond after real seconds. See `fail`."""
        self._faults.add(Fault(method, path, times=times, skip=skip, acted=True, delay=seconds))
