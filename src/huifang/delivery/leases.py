"""Which workers are sending: each keeps a row alive, and whoever lets its row run out is taken for dead.

Reckoned by the database's clock, so that machines whose clocks differ agree; no lock of a session, so
that a pooler between worker and database changes nothing. Decides nothing about attempts.
"""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from django.db import DatabaseError, connection

SECONDS = 30.0
_LATE = "1 day"  # rows that nobody took over, because they held nothing


@dataclass(slots=True)
class Lease:
    """A worker's number, which stands for it as long as the lease is renewed."""

    number: int
    is_lost: bool = False
    renewed_at: float = field(default_factory=time.monotonic)

    def renew(self) -> None:
        """Stay alive; asks the database only when a third of the time is over."""
        if self.is_lost or time.monotonic() - self.renewed_at < SECONDS / 3:
            return
        self.renewed_at = time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute(_RENEW, [SECONDS, self.number])
            self.is_lost = cursor.rowcount == 0


_BEGIN = """
INSERT INTO delivery_sender (number, alive_until)
VALUES (%s, clock_timestamp() + make_interval(secs => %s))
"""
_RENEW = """
UPDATE delivery_sender SET alive_until = clock_timestamp() + make_interval(secs => %s)
WHERE number = %s AND alive_until > clock_timestamp()
"""


@contextmanager
def held() -> Iterator[Lease]:
    """A lease for one batch; committed before anything is claimed by its number."""
    lease = Lease(secrets.randbelow(2**31 - 1))
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, [lease.number, SECONDS])
    try:
        yield lease
    finally:
        with suppress(DatabaseError), connection.cursor() as cursor:  # else it runs out by itself
            cursor.execute("DELETE FROM delivery_sender WHERE number = %s", [lease.number])


def take_over(number: int) -> bool:
    """Whether the worker is dead; its row goes in the caller's transaction, so that it cannot come back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM delivery_sender WHERE number = %s AND alive_until <= clock_timestamp()", [number]
        )
        cursor.execute("SELECT NOT EXISTS (SELECT FROM delivery_sender WHERE number = %s)", [number])
        return bool(cursor.fetchone()[0])


def clear() -> None:
    """Delete what dead workers left that held no attempts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM delivery_sender WHERE alive_until < clock_timestamp() - %s::interval", [_LATE]
        )
