"""Events counted by customer, day and name, for the facts of Insights; in order of commit, none twice."""

from dataclasses import dataclass
from datetime import date

from django.db import connection

from huifang.events.records import Cursor

# Plan: merge append of index scans on (shard, txid, seq), one a partition, then a hash aggregate.
_COUNTED = """
SELECT (occurred_at AT TIME ZONE 'UTC')::date, kind, name, external_id, version, count(*),
       max(ARRAY[txid, seq])
FROM (
    SELECT txid, seq, occurred_at, kind, name, external_id,
           coalesce(properties ->> 'app_version', context -> 'app' ->> 'version', '') AS version
    FROM events_event
    WHERE shard = %s AND (txid, seq) > (%s, %s) AND (txid, seq) <= (%s, %s)
    ORDER BY txid, seq LIMIT %s
) AS batch
GROUP BY 1, 2, 3, 4, 5
"""
_ACTS = {"track", "screen", "page"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityExtract:
    """How often one customer did one thing on one UTC day with one version of the app."""

    day: date
    kind: str
    name: str
    external_id: str
    app_version: str
    count: int


def activity(*, shard: int, after: Cursor, until: Cursor, limit: int) -> tuple[list[ActivityExtract], Cursor]:
    """The next *limit* events of *shard* behind *after* up to *until*, counted, and the cursor behind them.

    What nobody did by name (identify, anonymous events) is passed over.
    """
    with connection.cursor() as db:
        db.execute(_COUNTED, [shard, after.txid, after.seq, until.txid, until.seq, limit])
        rows = db.fetchall()
    if not rows:
        return [], until
    txid, seq = max(row[6] for row in rows)
    counted = [
        ActivityExtract(
            day=row[0], kind=row[1], name=row[2], external_id=row[3], app_version=row[4], count=row[5]
        )
        for row in rows
        if row[1] in _ACTS and row[3]
    ]
    return counted, Cursor(txid=txid, seq=seq)
