"""Facts that one room announces and others hear, at least once. Never a way to call upwards in place.

A fact is recorded in the announcing room's transaction, one row a listener, and handed over by the
worker. Listeners are named in `config.wiring` only. A listener that keeps failing is tried again with
growing pauses, then parked, and seen and retried by hand; its neighbours go on.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec
from django.db import connection, transaction

from huifang.kernel import clock, tracing
from huifang.kernel.models import OutboxEntry

ATTEMPTS_MAX = 12
BATCH = 200
# Parts of a statement that keeps facts together with their cause: one statement is one transaction.
INSERT = """
INSERT INTO kernel_outboxentry
    (fact_type, listener, payload, recorded_at, due_at, attempts, is_parked, last_error)
SELECT told->>0, told->>1, told->2, %(outbox_at)s, %(outbox_at)s, 0, false, ''
"""
FROM_ENTRIES = "FROM jsonb_array_elements(%(outbox)s::jsonb) AS told"
_log = logging.getLogger(__name__)
_Fact = TypeVar("_Fact")
_Handler = Callable[[Any], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """One function that hears facts of one type."""

    name: str
    fact_type: type
    handle: _Handler


_listeners: dict[str, list[Listener]] = {}
_by_name: dict[str, Listener] = {}


def on(fact_type: type[_Fact]) -> Callable[[Callable[[_Fact], None]], Callable[[_Fact], None]]:
    """Decorate a function of `config.wiring` that hears facts of *fact_type*."""

    def listen(handle: Callable[[_Fact], None]) -> Callable[[_Fact], None]:
        listener = Listener(name=handle.__name__, fact_type=fact_type, handle=handle)
        assert listener.name not in _by_name, f"two listeners are called {listener.name}"
        _listeners.setdefault(fact_type.__name__, []).append(listener)
        _by_name[listener.name] = listener
        return handle

    return listen


def listeners() -> Iterable[Listener]:
    """Every listener, for the documentation."""
    return _by_name.values()


def record(*facts: object) -> None:
    """Store *facts* (dataclass records) for their listeners, in the caller's transaction."""
    assert transaction.get_connection().in_atomic_block, "facts are recorded inside a transaction"
    rows = entries(*facts)
    if rows:
        now = clock.now()
        with connection.cursor() as cursor:
            cursor.execute(f"{INSERT} {FROM_ENTRIES}", {"outbox": rows, "outbox_at": now})


def entries(*facts: object) -> str:
    """*facts* as `FROM_ENTRIES` reads them, one row a listener; "" where nobody listens."""
    rows = [
        (type(fact).__name__, listener.name, fact)
        for fact in facts
        for listener in _listeners.get(type(fact).__name__, ())
    ]
    return msgspec.json.encode(rows).decode() if rows else ""


def park(fact: object, *, error: str) -> None:
    """Put *fact* straight among the parked ones, in the caller's transaction: a person sees and retries it.

    For work that failed by itself and must not hold up its neighbours; its listener does the work again.
    """
    assert transaction.get_connection().in_atomic_block, "facts are recorded inside a transaction"
    now = clock.now()
    OutboxEntry.objects.bulk_create(
        OutboxEntry(
            fact_type=type(fact).__name__,
            listener=listener.name,
            payload=msgspec.to_builtins(fact),
            recorded_at=now,
            due_at=now,
            attempts=ATTEMPTS_MAX,
            is_parked=True,
            last_error=error,
        )
        for listener in _listeners[type(fact).__name__]
    )


def relay(*, now: datetime) -> int:
    """Hand over what is due, oldest first; returns how many rows were tried."""
    tried = 0
    while tried < BATCH:
        with transaction.atomic():
            due = OutboxEntry.objects.filter(is_parked=False, due_at__lte=now).order_by("due_at", "id")
            entry = due.select_for_update(skip_locked=True).first()
            if entry is None:
                return tried
            _hand_over(entry, now=now)
        tried += 1
    return tried


def _hand_over(entry: OutboxEntry, *, now: datetime) -> None:
    """Call one listener in a savepoint; delete the row on success, else put it off."""
    try:
        with tracing.span(f"fact {entry.fact_type}"), transaction.atomic():
            listener = _by_name[entry.listener]
            listener.handle(msgspec.convert(entry.payload, listener.fact_type))
    except Exception as error:  # the worker's outer loop for facts: one failing listener harms no other
        entry.attempts += 1
        entry.is_parked = entry.attempts >= ATTEMPTS_MAX
        entry.due_at = now + timedelta(seconds=min(3600, 2**entry.attempts))
        entry.last_error = type(error).__name__
        entry.save(update_fields=["attempts", "is_parked", "due_at", "last_error"])
        _log.exception(
            "listener %s failed on %s",
            entry.listener,
            entry.fact_type,
            extra={"fact_type": entry.fact_type},
        )
    else:
        entry.delete()


def parked_count() -> int:
    """How many facts wait for a person."""
    return OutboxEntry.objects.filter(is_parked=True).count()


def retry_parked(*, now: datetime) -> int:
    """Try every parked fact anew; returns how many."""
    return OutboxEntry.objects.filter(is_parked=True).update(is_parked=False, attempts=0, due_at=now)
