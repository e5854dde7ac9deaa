"""Who did one thing and when, over a span of time: the little that is needed of a million events."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import connection

from huifang.events.records import SHARDS
from huifang.kernel import connections

Doing = tuple[str, datetime, Mapping[str, Any] | None]
"""The customer's external id, when, and the event's properties where these were asked for."""

_WINDOW = timedelta(days=1)
_CHUNK = 5000
_ALL_SHARDS = tuple(range(SHARDS))

# Plan: bitmap scan of the block ranges of occurred_at, then a sort of one day.
_DOINGS = """
SELECT external_id, occurred_at, CASE WHEN %s THEN properties::text END FROM events_event
WHERE occurred_at >= %s AND occurred_at < %s AND name = %s AND kind = 'track' AND external_id <> ''
  AND (shard = ANY(%s) OR external_id = ANY(%s))
ORDER BY occurred_at, seq
"""

# Plan: as above without the sort, and no further than the number that is asked for.
_COUNTED = """
SELECT count(*) FROM (
    SELECT 1 FROM events_event WHERE occurred_at >= %s AND occurred_at < %s AND name = %s AND kind = 'track'
    LIMIT %s
) AS found
"""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which events: those called *name* in *shards*, and of the external ids in *also*, wherever they lie."""

    name: str
    with_properties: bool
    shards: Collection[int] = _ALL_SHARDS
    also: Collection[str] = ()


def doings_between(wanted: Wanted, *, start: datetime, end: datetime) -> Iterator[list[Doing]]:
    """What customers did of *wanted* in [*start*, *end*), oldest first, some thousands at a time."""
    while start < end:
        until = min(start + _WINDOW, end)
        with connection.chunked_cursor() as db:
            connections.read_quickly(db)
            who = [connections.array(wanted.shards), connections.array(wanted.also)]
            db.execute(_DOINGS, [wanted.with_properties, start, until, wanted.name, *who])
            while rows := db.fetchmany(_CHUNK):
                yield [(*row[:2], _read(row[2])) for row in rows] if wanted.with_properties else rows
        start = until


def is_frequent(wanted: Wanted, *, start: datetime, end: datetime, times: int) -> bool:
    """Whether customers did what is *wanted* at least so many *times* in [*start*, *end*)."""
    with connection.cursor() as db:
        db.execute(_COUNTED, [start, end, wanted.name, times])
        return bool(db.fetchone()[0] >= times)


def _read(properties: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = msgspec.json.decode(properties)
    return found
