"""Makes the months of the events table ahead of time, and drops what is past its storage period.

Works on any DB-API cursor of PostgreSQL, so that the gateway can call it without Django. No month is ever
missed by ingest: a day that has no partition goes to the default one, and is moved when its month is made.
"""

from datetime import date, datetime, timedelta
from typing import Any, Protocol

AHEAD = timedelta(days=92)
_LOCK = 0x4855_4556  # one process at a time changes partitions
_UNDATED = date(1970, 1, 1)


class Cursor(Protocol):
    """The part of a DB-API cursor that is used here."""

    def execute(self, sql: Any, params: Any = None, /) -> Any:
        """Run one statement."""

    def fetchone(self) -> Any:
        """The next row."""

    def fetchall(self) -> Any:
        """All rows."""


def months(first: date, last: date) -> list[date]:
    """First days of the months from that of *first* to that of *last*."""
    found, month = [], first.replace(day=1)
    while month <= last:
        found.append(month)
        month = (month + timedelta(days=31)).replace(day=1)
    return found


def partition_name(month: date) -> str:
    """The table of one month."""
    return f"events_event_{month:%Y_%m}"


def prepare(db: Cursor, *, now: datetime, age_days_max: int) -> None:
    """Make the missing months that events of today may fall in; run inside a transaction of its own."""
    db.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    db.execute("SET LOCAL lock_timeout = '1s'")  # whoever writes meanwhile waits behind us
    db.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'events_event'::regclass")
    known = {row[0] for row in db.fetchall()}
    for month in months((now - timedelta(days=age_days_max)).date(), (now + AHEAD).date()):
        if partition_name(month) not in known:
            _make_month(db, month)


def _make_month(db: Cursor, month: date) -> None:
    """Fill a new table from the default partition, then attach it.

    Attaching, unlike CREATE … PARTITION OF, lets others read and write the months that exist meanwhile.
    """
    name, until = partition_name(month), (month + timedelta(days=31)).replace(day=1)
    db.execute("LOCK TABLE events_event_default IN ACCESS EXCLUSIVE MODE")
    db.execute(f"CREATE TABLE {name} (LIKE events_event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    misplaced = "FROM events_event_default WHERE day >= %s AND day < %s"
    db.execute(f"INSERT INTO {name} SELECT * {misplaced}", [month, until])
    db.execute(f"DELETE {misplaced}", [month, until])
    db.execute(f"ALTER TABLE events_event ATTACH PARTITION {name} FOR VALUES FROM ('{month}') TO ('{until}')")


def raise_txid_base(db: Cursor) -> None:
    """See to it that transaction numbers go on growing in a cluster that was restored into.

    There they are small again, and what is stored next would lie behind every reader's cursor.
    """
    db.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    db.execute(
        "SELECT max(newest), pg_current_xact_id()::text::bigint + events_txid_base()"
        " FROM generate_series(0, 15) AS shard,"
        " LATERAL (SELECT max(txid) AS newest FROM events_event AS e WHERE e.shard = shard.shard) AS top"
    )
    newest, present = db.fetchone()
    if newest is not None and newest >= present:
        db.execute(
            "CREATE OR REPLACE FUNCTION events_txid_base() RETURNS bigint LANGUAGE sql IMMUTABLE"
            f" AS 'SELECT {int(newest) + 1}::bigint'"
        )


def drop_old(db: Cursor, *, before: date) -> list[str]:
    """Drop the months that ended by *before*, and delete older rows elsewhere; returns the tables dropped."""
    db.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    db.execute("SET LOCAL lock_timeout = '1s'")  # whoever writes meanwhile waits behind us
    db.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'events_event'::regclass"
        " AND inhrelid::regclass::text ~ '^events_event_[0-9]{4}_[0-9]{2}$'"
    )
    last = partition_name(before.replace(day=1))
    old = sorted(row[0] for row in db.fetchall() if row[0] < last)
    for name in old:
        db.execute(f"DROP TABLE {name}")
    db.execute("DELETE FROM events_event WHERE occurred_at < %s", [before])
    return old
