"""What can be asked of the events: batches in order of commit, one customer's events, a span of time.

Hot paths are SQL, with the plan noted; every one reads an index of each monthly partition.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import connection

from huifang.events.records import Cursor, EventName, StoredEvent
from huifang.kernel import vault

TRAITS_CONTEXT = "event-traits"
_COLUMNS = (
    "seq, message_id, kind, name, external_id, anonymous_id, occurred_at, received_at,"
    " properties::text, sealed, context::text"
)
_WINDOW = timedelta(days=1)

# Plan: merge append of index scans on (shard, txid, seq), one a partition. A transaction number below the
# snapshot's xmin belongs to no transaction that is still open, so no row can appear behind the cursor.
_BATCH = f"""
SELECT {_COLUMNS}, txid FROM events_event
WHERE shard = %s AND (txid, seq) > (%s, %s)
  AND txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint + events_txid_base()
ORDER BY txid, seq LIMIT %s
"""  # noqa: S608 - made of our own column list

# Plan: merge append of backward index scans on (external_id, occurred_at) and (anonymous_id, occurred_at).
_OF = f"""
(SELECT {_COLUMNS} FROM events_event
 WHERE external_id <> '' AND external_id = %(external_id)s AND occurred_at < %(before)s
 ORDER BY occurred_at DESC LIMIT %(limit)s)
UNION ALL
(SELECT {_COLUMNS} FROM events_event
 WHERE external_id = '' AND anonymous_id = ANY(%(anonymous_ids)s) AND occurred_at < %(before)s
 ORDER BY occurred_at DESC LIMIT %(limit)s)
ORDER BY occurred_at DESC, seq DESC LIMIT %(limit)s
"""  # noqa: S608 - made of our own column list

# Plan: bitmap scan of the block ranges of occurred_at, then a sort of one day.
_BETWEEN = f"""
SELECT {_COLUMNS} FROM events_event
WHERE occurred_at >= %s AND occurred_at < %s AND name = ANY(%s) ORDER BY occurred_at, seq
"""  # noqa: S608 - made of our own column list

_NAMES = """
SELECT kind, name, sum(count)::bigint, min(first_at), max(last_at)
FROM (SELECT kind, name, count, first_at, last_at FROM events_catalogueentry
      UNION ALL SELECT kind, name, count, first_at, last_at FROM events_tally) AS seen
WHERE kind = %s GROUP BY kind, name ORDER BY 3 DESC, name
"""


def _read(row: Sequence[Any]) -> StoredEvent:
    return StoredEvent(
        seq=row[0],
        message_id=row[1],
        kind=row[2],
        name=row[3],
        external_id=row[4],
        anonymous_id=row[5],
        occurred_at=row[6],
        received_at=row[7],
        properties=msgspec.json.decode(row[8]),
        sealed=None if row[9] is None else bytes(row[9]),
        context=msgspec.json.decode(row[10]),
    )


def batch_after(*, cursor: Cursor, shard: int, limit: int) -> tuple[list[StoredEvent], Cursor]:
    """The next events of *shard* in order of commit, and the cursor behind them.

    A row whose transaction commits late is never skipped: nothing newer is shown until it is there.
    """
    with connection.cursor() as db:
        db.execute(_BATCH, [shard, cursor.txid, cursor.seq, limit])
        rows = db.fetchall()
    if not rows:
        return [], cursor
    return [_read(row) for row in rows], Cursor(txid=rows[-1][-1], seq=rows[-1][0])


def last_cursor(*, shard: int) -> Cursor:
    """The cursor behind everything that `batch_after` would show now: where a reader of news begins."""
    with connection.cursor() as db:
        db.execute(
            "SELECT txid, seq FROM events_event WHERE shard = %s"
            " AND txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint + events_txid_base()"
            " ORDER BY txid DESC, seq DESC LIMIT 1",
            [shard],
        )
        row = db.fetchone()
    return Cursor(txid=row[0], seq=row[1]) if row else Cursor()


def events_of(
    *, external_id: str, anonymous_ids: Sequence[str] = (), limit: int, before: datetime | None = None
) -> list[StoredEvent]:
    """Events of one customer, newest first: under their own id, or anonymous under *anonymous_ids*."""
    values = {
        "external_id": external_id,
        "anonymous_ids": list(anonymous_ids),
        "before": before or "infinity",
        "limit": limit,
    }
    with connection.cursor() as db:
        db.execute(_OF, values)
        return [_read(row) for row in db.fetchall()]


def events_between(
    *, start: datetime, end: datetime, names: Sequence[str], chunk: int = 2000
) -> Iterator[list[StoredEvent]]:
    """Events called *names* that occurred in [*start*, *end*), oldest first, at most *chunk* at a time."""
    while start < end:
        until = min(start + _WINDOW, end)
        with connection.chunked_cursor() as db:
            db.execute(_BETWEEN, [start, until, list(names)])
            while rows := db.fetchmany(chunk):
                yield [_read(row) for row in rows]
        start = until


def unseal_traits(event: StoredEvent) -> dict[str, Any]:
    """The personal traits and properties that were sealed at ingest, by their original keys."""
    if event.sealed is None:
        return {}
    opened: dict[str, Any] = msgspec.json.decode(vault.unseal(event.sealed, context=TRAITS_CONTEXT))
    return opened


def event_names(*, kind: str = "track") -> list[EventName]:
    """Every name that was seen, the most frequent first."""
    with connection.cursor() as db:
        db.execute(_NAMES, [kind])
        return [
            EventName(kind=row[0], name=row[1], count=row[2], first_at=row[3], last_at=row[4])
            for row in db.fetchall()
        ]
