"""Reads events from a stream: what was read is marked as read only after it is committed to the database.

At least once from the stream, once in the table. A message that cannot be stored goes to the rejected list
and holds up no other; a database that is away holds up everything, and loses nothing.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db import Error, InterfaceError, OperationalError, connection, transaction

from huifang.events import declarations, settings, storing, streamrecords
from huifang.events.errors import StreamEndedError
from huifang.events.message import Arrival
from huifang.events.models import Source
from huifang.events.streamrecords import StreamRecord

_log = logging.getLogger(__name__)
_PAUSE_SECONDS_MAX = 15.0
_AWAY = (OperationalError, InterfaceError)


class Stream(Protocol):
    """What is read from. Any number of processes may read one stream, each other parts of it."""

    def read(self) -> Sequence[StreamRecord]:
        """The next messages; none where nothing came for a second."""

    def mark(self, records: Sequence[StreamRecord]) -> None:
        """Note that *records* need not be read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Stores what *stream* holds as events of one source, until told to stop."""

    stream: Stream
    source_id: int
    stopping: threading.Event
    now: Callable[[], datetime]

    def run(self) -> None:
        """Read on and on. Raises `StreamEndedError` once the source is ended in the console."""
        while not self.stopping.is_set():
            records = self.stream.read()
            if records and self._store_in_the_end(records):
                self.stream.mark(records)

    def _store_in_the_end(self, records: Sequence[StreamRecord]) -> bool:
        """Store *records* however long the database is away; False where told to stop before that."""
        pause = 0.5
        while True:
            try:
                self.store(records)
                return True
            except _AWAY as error:
                _log.warning("the database does not take events: %s", type(error).__name__)
                connection.close()
            if self.stopping.wait(pause):
                return False
            pause = min(_PAUSE_SECONDS_MAX, pause * 2)

    def store(self, records: Sequence[StreamRecord]) -> None:
        """Store *records* in one transaction, or one by one where together they cannot be."""
        try:
            self._store_together(records)
        except (StreamEndedError, *_AWAY):
            raise
        except Exception as error:  # the stream's outer loop: one message must not hold up those behind it
            if len(records) == 1:
                self._give_up(records[0], error)
                return
            for record in records:
                self.store([record])

    def _store_together(self, records: Sequence[StreamRecord]) -> None:
        parsed = streamrecords.parse_all(records, arrival=self._arrival())
        with transaction.atomic():
            if not Source.objects.filter(pk=self.source_id, revoked_at=None).exists():
                raise StreamEndedError(name=settings.KAFKA_GROUP)
            storing.store_events(parsed)
            storing.keep_rejected(parsed)

    def _give_up(self, record: StreamRecord, error: Exception) -> None:
        """Keep what cannot be stored as a rejected message."""
        is_of_database = isinstance(error, Error)
        _log.error("%s cannot be stored", record.place, exc_info=None if is_of_database else error)
        why = f"It could not be stored: {type(error).__name__}."
        with transaction.atomic():
            storing.keep_rejected(streamrecords.give_up(record, why=why, arrival=self._arrival()))

    def _arrival(self) -> Arrival:
        now = self.now()
        return Arrival(
            source_id=self.source_id,
            received_at=now,
            now=now,
            age_days_max=settings.AGE_DAYS_MAX,
            is_delayed=True,
            strict=declarations.strict(),
        )
