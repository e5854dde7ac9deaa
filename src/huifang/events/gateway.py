"""The gateway: a bare ASGI application that takes events in over HTTP, as Segment and 神策 do.

It answers 200 only after the commit. No Django: a request costs parsing and little else.
"""

import asyncio
import hmac
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool

from huifang.events import batcher, body, ingest, metrics, partitions, sensors, sensorsform, settings, store
from huifang.events.exchange import (
    CORS,
    FRESH,
    RETRY_SECONDS,
    Handler,
    Reply,
    Request,
    Scope,
    Send,
    basic_user,
    database_away,
    encode,
    refuse,
)
from huifang.events.keys import KeyCache
from huifang.events.message import Arrival
from huifang.events.records import Declaration, declaration_of
from huifang.kernel import clock, space

_log = logging.getLogger(__name__)
MESSAGES_MAX = 10_000
_POOL_SECONDS = 3.0
_NO_KEY = "Send a write key as the user name of HTTP Basic, or as token=… in a 神策 address."
_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_FORWARDED = frozenset({b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via"})

# Path below /v1/ to the kind of its one message, "" for a batch. The short ones are those of browsers.
PATHS: dict[str, str] = {
    "batch": "",
    "import": "",
    "b": "",
    "track": "track",
    "t": "track",
    "identify": "identify",
    "i": "identify",
    "page": "page",
    "p": "page",
    "screen": "screen",
    "s": "screen",
    "group": "group",
    "g": "group",
    "alias": "alias",
    "a": "alias",
}


class _TooFast(Exception):
    """A write key sends more than its share."""


@dataclass(slots=True)
class _Allowance:
    """How many messages one source may still send now; grows with time up to one second's worth."""

    left: float
    at: float


@dataclass(slots=True)
class Gateway:
    """The ASGI application. *routes* adds paths of other rooms, such as callbacks of providers."""

    routes: Mapping[str, Handler] = field(default_factory=dict)
    database_url: str = settings.DATABASE_URL
    _pool: AsyncConnectionPool[psycopg.AsyncConnection[tuple[Any, ...]]] | None = None
    _keys: KeyCache | None = None
    _batcher: batcher.Batcher | None = None
    _is_prepared: bool = False
    _strict: Mapping[str, Declaration] = field(default_factory=dict)
    _allowances: dict[int, _Allowance] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: body.Receive, send: Send) -> None:
        """Serve one request, or the start and end of the process."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _live(self, receive: body.Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    @property
    def _address(self) -> str:
        return self.database_url or "postgresql:///huifang"

    async def start(self) -> None:
        """Open the way to the database; it need not be there yet."""
        self._pool = AsyncConnectionPool(
            self._address,
            min_size=1,
            max_size=batcher.FLUSHERS + 2,
            kwargs={"autocommit": True},
            configure=self._configure,
            timeout=_POOL_SECONDS,
            reconnect_timeout=_POOL_SECONDS,
            open=False,
        )
        await self._pool.open()
        self._keys = KeyCache(self._load_keys)
        self._batcher = batcher.Batcher(self._write, queue_max=settings.QUEUE_MAX)
        self._batcher.start()

    async def stop(self) -> None:
        """Write what waits, then close."""
        if self._batcher is not None:
            await self._batcher.close()
        if self._pool is not None:
            await self._pool.close()

    async def _serve(self, scope: Scope, receive: body.Receive, send: Send) -> None:
        path = scope["path"]
        try:
            reply = await self._answer(scope, receive)
        except body.ClientGoneError:
            return
        except body.TooLargeError:
            text = f"A body may have {body.BODY_BYTES_MAX} bytes, before and after unpacking."
            reply = refuse(413, "body_too_large", text)
        except body.TooSlowError:
            text = f"The body did not come within {body.BODY_SECONDS_MAX:.0f} seconds. Send it again."
            reply = refuse(408, "body_too_slow", text)
        except body.BadEncodingError:
            reply = refuse(400, "bad_encoding", "The body cannot be unpacked; gzip and deflate can.")
        is_ours = path.removeprefix("/v1/") in PATHS or path in sensorsform.PATHS
        label = path if is_ours or path in self.routes else "other"
        metrics.requests.labels(label, str(reply.status)).inc()
        headers = [
            (b"content-type", reply.content_type),
            (b"content-length", str(len(reply.body)).encode()),
            *(CORS if is_ours else ()),
            *reply.headers,
        ]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    async def _answer(self, scope: Scope, receive: body.Receive) -> Reply:
        path, method = scope["path"], scope["method"]
        is_sensors = path in sensorsform.PATHS
        if method in {"GET", "HEAD"} and not is_sensors:
            return await self._look(path, scope)
        kind = PATHS.get(path.removeprefix("/v1/")) if path.startswith("/v1/") else None
        handler = self._take_sensors if is_sensors else self.routes.get(path)
        if kind is None and handler is None:
            return refuse(404, "not_found", "There is nothing at this address.")
        if method == "OPTIONS":
            return Reply(status=204, body=b"")
        if method not in ({"GET", "POST"} if is_sensors else {"POST"}):
            return refuse(405, "method_not_allowed", "Send it as POST.")
        headers = dict(scope["headers"])
        request = Request(
            method=method,
            path=path,
            query=scope.get("query_string", b""),
            headers=headers,
            body=await body.read(receive, headers),
        )
        return await (handler(request) if handler else self._take(request, kind or ""))

    async def _look(self, path: str, scope: Scope) -> Reply:
        if path == "/healthz":
            return Reply(status=200, body=b"ok\n", content_type=b"text/plain")
        if path == "/metrics" and _may_measure(scope):
            assert self._batcher is not None
            metrics.waiting.set(self._batcher.rows_waiting)
            return Reply(status=200, body=metrics.text(), content_type=b"text/plain; version=0.0.4")
        if path == "/readyz":
            try:
                await self._load_keys()
            except psycopg.Error:
                return Reply(status=503, body=b"database unreachable\n", content_type=b"text/plain")
            if space.is_full():
                return Reply(status=503, body=b"disk full\n", content_type=b"text/plain")
            return Reply(status=200, body=b"ready\n", content_type=b"text/plain")
        return refuse(404, "not_found", "There is nothing at this address.")

    async def _take(self, request: Request, kind: str) -> Reply:
        """Take messages of Segment."""
        opener = ingest.open_single if kind else ingest.open_batch
        return await self._receive(
            request, open_body=lambda: opener(request.body), parse=ingest.parse_all, kind=kind
        )

    async def _take_sensors(self, request: Request) -> Reply:
        """Take messages of Sensors Analytics; their pages of the web want to be answered by a picture."""
        try:
            form = sensorsform.read(query=request.query, content=request.body)
        except ingest.UnreadableBodyError as fault:
            return refuse(400, "malformed", f"The body cannot be read: {fault}")
        parse = partial(sensors.parse_all, ids_are_logins=form.ids_are_logins)
        opener = partial(sensorsform.open_form, form)
        reply = await self._receive(request, open_body=opener, parse=parse, key=form.token)
        if reply.status == 200 and request.path.endswith(".gif"):
            return Reply(status=200, body=sensorsform.PIXEL, content_type=b"image/gif", headers=FRESH)
        return reply

    async def _receive(
        self,
        request: Request,
        *,
        open_body: Callable[[], ingest.Envelope],
        parse: Callable[..., ingest.Parsed],
        kind: str = "",
        key: str = "",
    ) -> Reply:
        """Recognise the key, parse the messages, wait for the commit."""
        received_at = clock.now()
        envelope, fault = None, None
        try:
            envelope = open_body()
        except ingest.UnreadableBodyError as error:
            fault = error
        try:
            source_id = await self._recognise(request.headers, envelope, key)
        except psycopg.Error:
            return database_away()
        if source_id is None:
            return refuse(401, "unknown_write_key", _NO_KEY)
        arrival = Arrival(
            source_id=source_id,
            received_at=received_at,
            now=received_at,
            age_days_max=settings.AGE_DAYS_MAX,
            kind=kind,
            sent_at=envelope.sent_at if envelope else None,
            context=bytes(envelope.context) if envelope else b"",
            strict=self._strict,
        )
        if envelope is None:
            assert fault is not None
            parsed = ingest.unreadable(request.body, fault, arrival=arrival)
            return await self._store(parsed) or refuse(400, "malformed", parsed.faults[0].message)
        if len(envelope.batch) > MESSAGES_MAX:
            return refuse(413, "too_many_messages", f"A batch may have {MESSAGES_MAX} messages.")
        if not self._allow(source_id, len(envelope.batch)):
            return refuse(429, "too_fast", "This write key sends too much.", retry_seconds=RETRY_SECONDS)
        parsed = parse(envelope.batch, arrival=arrival)
        return await self._store(parsed) or _accepted(parsed, len(envelope.batch))

    async def _recognise(
        self, headers: Mapping[bytes, bytes], envelope: ingest.Envelope | None, key: str
    ) -> int | None:
        """The source of the key in the header, else of that in the body, where browsers put it."""
        assert self._keys is not None
        key = basic_user(headers.get(b"authorization", b"")) or key
        if not key and envelope is not None and isinstance(envelope.write_key, str):
            key = envelope.write_key
        return await self._keys.source_of(key) if key else None

    def _allow(self, source_id: int, messages: int) -> bool:
        rate = settings.PER_SECOND_MAX
        if not rate:
            return True
        present = time.monotonic()
        allowance = self._allowances.setdefault(source_id, _Allowance(rate, present))
        allowance.left = min(rate, allowance.left + (present - allowance.at) * rate)
        allowance.at = present
        # One batch larger than the rate may pass when the allowance is whole; it is paid off afterwards.
        if allowance.left < min(messages, rate):
            return False
        allowance.left -= messages
        return True

    async def _store(self, parsed: ingest.Parsed) -> Reply | None:
        """Wait for the commit; an answer only where there is none."""
        assert self._batcher is not None
        try:
            await self._batcher.store(parsed)
        except batcher.QueueFullError:
            return refuse(429, "queue_full", "Too much waits to be stored.", retry_seconds=RETRY_SECONDS)
        except batcher.DatabaseAwayError:
            return database_away()
        for fault in parsed.faults:
            metrics.rejected.labels(fault.code).inc()
        return None

    async def _write(self, batch: Sequence[ingest.Parsed]) -> None:
        """Store all of *batch* in one transaction. Raises `psycopg.Error`."""
        assert self._pool is not None
        events = [event for parsed in batch for event in parsed.events]
        rejected = [row for parsed in batch for row in parsed.rejected]
        began = time.perf_counter()
        async with self._pool.connection() as connection:
            if not rejected:
                await connection.execute(store.STORE, [store.event_rows(events)])
            else:
                async with connection.transaction():
                    if events:
                        await connection.execute(store.STORE, [store.event_rows(events)])
                    await connection.execute(store.REJECT, [store.rejected_rows(rejected)])
        metrics.flushes.observe(len(batch))
        metrics.flush_seconds.observe(time.perf_counter() - began)

    async def _configure(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Insist on commits that survive a crash; make the partitions before the first event."""
        await connection.execute(
            "SELECT set_config('synchronous_commit', 'on', false)"
            " WHERE current_setting('synchronous_commit') = 'off'"
        )
        if not self._is_prepared:
            self._is_prepared = await asyncio.to_thread(_prepare, self._address)

    async def _load_keys(self) -> dict[bytes, int]:
        assert self._pool is not None
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(store.SOURCES)).fetchall()
            declared = await (await connection.execute(store.STRICT)).fetchall()
        self._strict = {name: declaration_of(name, properties) for name, properties in declared}
        return {bytes(digest): source_id for source_id, digest in rows}


def _accepted(parsed: ingest.Parsed, sent: int) -> Reply:
    """The answer to a batch that is committed."""
    count = sent - len(parsed.faults) - len(parsed.ignored)
    metrics.accepted.inc(count)
    faults = [asdict(fault) for fault in sorted(parsed.faults, key=lambda fault: fault.index)]
    said: dict[str, Any] = {"success": True, "accepted": count, "rejected": faults}
    if parsed.ignored:
        metrics.ignored.inc(len(parsed.ignored))
        said["ignored"] = [asdict(fault) for fault in parsed.ignored]
    return Reply(status=200, body=encode(said))


def _may_measure(scope: Scope) -> bool:
    """Whether the metrics are for whoever asks: by the token, or on this machine where none is set."""
    headers = dict(scope["headers"])
    if settings.METRICS_TOKEN:
        wanted = f"Bearer {settings.METRICS_TOKEN}".encode()
        return hmac.compare_digest(headers.get(b"authorization", b""), wanted)
    # Behind a proxy on the same machine everybody seems to be this machine.
    return (scope.get("client") or ("",))[0] in _LOOPBACK and not headers.keys() & _FORWARDED


def _prepare(address: str) -> bool:
    """Make the partitions; where that does not succeed now, events go to the default one meanwhile."""
    try:
        with psycopg.connect(address) as connection:
            partitions.raise_txid_base(connection.cursor())
            connection.commit()
            partitions.prepare(connection.cursor(), now=clock.now(), age_days_max=settings.AGE_DAYS_MAX)
    except psycopg.Error as error:
        _log.warning("the partitions of events were not prepared: %s", type(error).__name__)
        return False
    return True
