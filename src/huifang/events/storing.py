"""Writes parsed messages in the caller's transaction: events, each once, and what was rejected."""

from typing import Any

from django.db import DataError, IntegrityError, connection, transaction

from huifang.events import store
from huifang.events.ingest import Parsed
from huifang.events.rejections import Code, RejectedMessageError


def _execute(statement: str, rows: str) -> Any:
    with connection.cursor() as db:
        db.execute(statement, [rows])
        return db.fetchone() if db.description else None


def store_events(parsed: Parsed) -> int:
    """Store all events of *parsed*; how many are new. One that the database refuses becomes rejected."""
    if not parsed.events:
        return 0
    try:
        with transaction.atomic():
            return int(_execute(store.STORE, store.event_rows(parsed.events))[0])
    except (DataError, IntegrityError):
        pass
    count = 0
    for event, (index, raw) in zip(parsed.events, parsed.origins, strict=True):
        try:
            with transaction.atomic():
                count += int(_execute(store.STORE, store.event_rows([event]))[0])
        except (DataError, IntegrityError):
            parsed.reject(index, raw, RejectedMessageError(Code.NOT_STORABLE, "The database refused it."))
    return count


def keep_rejected(parsed: Parsed) -> None:
    """Put what was rejected into the rejected list."""
    if parsed.rejected:
        _execute(store.REJECT, store.rejected_rows(parsed.rejected))
