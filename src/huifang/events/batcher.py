"""Lets requests that arrive together share one commit, while each gets its own answer.

Nothing is acknowledged before its commit. A row that the database refuses costs its own message only.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import psycopg
from psycopg_pool import PoolTimeout

from huifang.events.ingest import Parsed
from huifang.events.rejections import Code, RejectedMessageError

_log = logging.getLogger(__name__)
ROWS_MAX = 2000
WAIT_SECONDS = 0.005
FLUSHERS = 2
_TRIES = 3

Write = Callable[[Sequence[Parsed]], Awaitable[None]]


class QueueFullError(Exception):
    """More waits for the database than this process holds."""


class DatabaseAwayError(Exception):
    """The database could not be reached, or did not take the rows; nothing is known to be stored."""


@dataclass(slots=True)
class _Waiting:
    parsed: Parsed
    done: asyncio.Future[None]


@dataclass(slots=True)
class Batcher:
    """Collects parsed requests and writes them together. *write* stores all of them in one transaction."""

    write: Write
    queue_max: int
    rows_waiting: int = 0
    _queue: deque[_Waiting] = field(default_factory=deque)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _flushers: list[asyncio.Task[None]] = field(default_factory=list)
    _is_closing: bool = False

    def start(self) -> None:
        """Start to write; call inside the event loop."""
        self._flushers = [asyncio.create_task(self._run()) for _ in range(FLUSHERS)]

    async def close(self) -> None:
        """Write what waits, then stop."""
        self._is_closing = True
        self._arrived.set()
        await asyncio.gather(*self._flushers)

    async def store(self, parsed: Parsed) -> None:
        """Wait until *parsed* is committed. Raises `QueueFullError`, `DatabaseAwayError`."""
        if not len(parsed):
            return
        if self._is_closing or self.rows_waiting + len(parsed) > self.queue_max:
            raise QueueFullError
        waiting = _Waiting(parsed, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self.rows_waiting += len(parsed)
        self._arrived.set()
        await waiting.done

    async def _run(self) -> None:
        while self._queue or not self._is_closing:
            if not self._queue:
                self._arrived.clear()
                await self._arrived.wait()
                continue
            if self.rows_waiting < ROWS_MAX and not self._is_closing:
                await asyncio.sleep(WAIT_SECONDS)
            if batch := self._take():
                try:
                    await self._flush(batch)
                except Exception:  # the gateway's outer loop: those who wait are told to send again
                    _log.exception("a flush failed and the next goes on")
                    _fail(batch)

    def _take(self) -> list[_Waiting]:
        """The oldest requests, as many as make one good statement."""
        batch: list[_Waiting] = []
        rows = 0
        while self._queue and (not batch or rows + len(self._queue[0].parsed) <= ROWS_MAX):
            batch.append(self._queue.popleft())
            rows += len(batch[-1].parsed)
        self.rows_waiting -= rows
        return batch

    async def _flush(self, batch: list[_Waiting]) -> None:
        """Write *batch* at once; where a row in it is refused, write each request by itself."""
        try:
            await self._write([waiting.parsed for waiting in batch])
        except psycopg.Error as error:
            if _is_about_rows(error):
                for waiting in batch:
                    await self._flush_one(waiting)
            else:
                _log.warning("the database does not take events: %s", type(error).__name__)
                self._fail_all(batch)
        else:
            _succeed(batch)

    def _fail_all(self, batch: list[_Waiting]) -> None:
        """Tell those of *batch* and all who wait behind them at once: waiting on would not help them."""
        _fail(batch)
        while self._queue:
            _fail(self._take())

    async def _flush_one(self, waiting: _Waiting) -> None:
        try:
            await self._salvage(waiting.parsed)
        except psycopg.Error:
            _fail([waiting])
        else:
            _succeed([waiting])

    async def _salvage(self, parsed: Parsed) -> None:
        """Write one request whole, else message by message; those refused become rejected ones."""
        try:
            await self._write([parsed])
            return
        except psycopg.Error as error:
            if not _is_about_rows(error):
                raise
        events, origins = parsed.events, parsed.origins
        parsed.events, parsed.origins = [], []
        for event, (index, raw) in zip(events, origins, strict=True):
            alone = Parsed(parsed.arrival, events=[event], origins=[(index, raw)])
            try:
                await self._write([alone])
            except psycopg.Error as error:
                if not _is_about_rows(error):
                    raise
                detail = f"The database refused it ({error.sqlstate})."
                parsed.reject(index, raw, RejectedMessageError(Code.NOT_STORABLE, detail))
        await self._write([parsed])

    async def _write(self, batch: Sequence[Parsed]) -> None:
        """Write, again where only the connection or a deadlock stood in the way.

        Trying again is safe even where the first commit did happen: the rows are there and are skipped.
        """
        for left in reversed(range(_TRIES)):
            try:
                await self.write(batch)
                return
            except PoolTimeout:
                raise
            except psycopg.OperationalError:
                if not left:
                    raise


def _is_about_rows(error: psycopg.Error) -> bool:
    """Whether the rows are at fault, rather than the database or the way to it."""
    return isinstance(error, psycopg.DataError | psycopg.IntegrityError)


def _succeed(batch: list[_Waiting]) -> None:
    for waiting in batch:
        if not waiting.done.done():
            waiting.done.set_result(None)


def _fail(batch: list[_Waiting]) -> None:
    for waiting in batch:
        if not waiting.done.done():
            waiting.done.set_exception(DatabaseAwayError())
