"""Which workers are sending: each keeps a row alive, and whoever lets its row run out is taken for dead.

Reckoned by the database's clock, so that machines whose clocks differ agree; no lock of a session, so
that a pooler between worker and database changes nothing. Decides nothing about attempts.
"""

import secrets
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from django.db import DatabaseError, connection

from huifang.kernel import connections

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

    def take_in_hand(self, attempt_ids: Collection[int]) -> None:
        """Tell, and commit, that of this worker's attempts *attempt_ids* may have left from now on."""
        if self.is_lost:
            return
        self.renewed_at = time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute(_TAKE_IN_HAND, [SECONDS, connections.array(attempt_ids), self.number])
            self.is_lost = cursor.rowcount == 0


@dataclass(frozen=True, slots=True)
class Left:
    """What a dead worker left: the attempts that it had in hand; None where it did not tell."""

    in_hand: frozenset[int] | None

    def may_have_gone(self, attempt_id: int) -> bool:
        """Whether the attempt may have left the worker before it died."""
        return self.in_hand is None or attempt_id in self.in_hand


_BEGIN = """
INSERT INTO delivery_sender (number, alive_until, in_hand)
VALUES (%s, clock_timestamp() + make_interval(secs => %s), '{}')
"""
_RENEW = """
UPDATE delivery_sender SET alive_until = clock_timestamp() + make_interval(secs => %s)
WHERE number = %s AND alive_until > clock_timestamp()
"""
_TAKE_IN_HAND = """
UPDATE delivery_sender
SET alive_until = clock_timestamp() + make_interval(secs => %s), in_hand = %s
WHERE number = %s AND alive_until > clock_timestamp()
"""
_GIVE_UP = "UPDATE delivery_sender SET alive_until = clock_timestamp() WHERE number = %s"
_DELETE = "DELETE FROM delivery_sender WHERE number = %s"


@contextmanager
def held() -> Iterator[Lease]:
    """A lease for one batch; committed before anything is claimed by its number."""
    lease = Lease(secrets.randbelow(2**31 - 1))
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, [lease.number, SECONDS])
    try:
        yield lease
    except BaseException:
        _end(_GIVE_UP, lease)  # what it had in hand is still to be settled
        raise
    _end(_DELETE, lease)


def _end(sql: str, lease: Lease) -> None:
    with suppress(DatabaseError), connection.cursor() as cursor:  # else it runs out by itself
        cursor.execute(sql, [lease.number])


def take_over(number: int) -> Left | None:
    """What the worker left, None where it lives.

    Its row goes in the caller's transaction, so that it cannot come back.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM delivery_sender WHERE number = %s AND alive_until <= clock_timestamp()"
            " RETURNING in_hand",
            [number],
        )
        if row := cursor.fetchone():
            return Left(None if row[0] is None else frozenset(row[0]))
        cursor.execute("SELECT EXISTS (SELECT FROM delivery_sender WHERE number = %s)", [number])
        return None if cursor.fetchone()[0] else Left(None)


def clear() -> None:
    """Delete what dead workers left that held no attempts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM delivery_sender WHERE alive_until < clock_timestamp() - %s::interval", [_LATE]
        )
