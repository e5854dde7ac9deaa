"""What can be asked of the events: batches in order of commit, one customer's events, a span of time.

Hot paths are SQL, with the plan noted; every one reads an index of each monthly partition.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any

import msgspec
from django.db import connection
from django.db.models import Count, QuerySet
from django.utils.translation import gettext

from huifang.events import extracts as extracts
from huifang.events import personal
from huifang.events.doings import Wanted as Wanted
from huifang.events.doings import doings_between as doings_between
from huifang.events.doings import is_frequent as is_frequent
from huifang.events.errors import UnknownRejectedEventError
from huifang.events.ingest import REJECTED_CONTEXT
from huifang.events.message import TRAITS_CONTEXT
from huifang.events.models import RejectedEvent
from huifang.events.models import Source as SourceRow
from huifang.events.records import (
    IMPORTED,
    Cursor,
    EventName,
    Rejected,
    RejectedFilter,
    RejectedPage,
    Source,
    StoredEvent,
)
from huifang.events.rejections import MEANINGS
from huifang.kernel import connections, vault

COLUMNS = (
    "seq, message_id, kind, name, external_id, anonymous_id, occurred_at, received_at,"
    " properties::text, sealed, context::text, source_id"
)
_WINDOW = timedelta(days=1)

# Plan: merge append of index scans on (shard, txid, seq), one a partition. A transaction number below the
# snapshot's xmin belongs to no transaction that is still open, so no row can appear behind the cursor.
_BATCH = f"""
SELECT {COLUMNS}, txid FROM events_event
WHERE shard = %s AND (txid, seq) > (%s, %s)
  AND txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint + events_txid_base()
ORDER BY txid, seq LIMIT %s
"""  # noqa: S608 - made of our own column list

# Plan: merge append of backward index scans on (external_id, occurred_at) and (anonymous_id, occurred_at).
_OF = f"""
(SELECT {COLUMNS} FROM events_event
 WHERE external_id <> '' AND external_id = %(external_id)s AND occurred_at < %(before)s
 ORDER BY occurred_at DESC LIMIT %(limit)s)
UNION ALL
(SELECT {COLUMNS} FROM events_event
 WHERE external_id = '' AND anonymous_id = ANY(%(anonymous_ids)s) AND occurred_at < %(before)s
 ORDER BY occurred_at DESC LIMIT %(limit)s)
ORDER BY occurred_at DESC, seq DESC LIMIT %(limit)s
"""  # noqa: S608 - made of our own column list

# Plan: bitmap scan of the block ranges of occurred_at, then a sort of one day.
_BETWEEN = f"""
SELECT {COLUMNS} FROM events_event
WHERE occurred_at >= %s AND occurred_at < %s AND name = ANY(%s) ORDER BY occurred_at, seq
"""  # noqa: S608 - made of our own column list

_NAMES = """
SELECT kind, name, sum(count)::bigint, min(first_at), max(last_at)
FROM (SELECT kind, name, count, first_at, last_at FROM events_catalogueentry
      UNION ALL SELECT kind, name, count, first_at, last_at FROM events_tally) AS seen
WHERE kind = %s GROUP BY kind, name ORDER BY 3 DESC, name
"""

_SOURCES = """
SELECT s.id, s.name, s.created_at,
       greatest(s.last_used_at, (SELECT max(t.received_at) FROM events_tally AS t WHERE t.source_id = s.id)),
       s.revoked_at,
       (SELECT coalesce(sum(d.count), 0) FROM events_sourceday AS d
        WHERE d.source_id = s.id AND d.day = %s)::bigint
       + (SELECT coalesce(sum(t.count), 0) FROM events_tally AS t
          WHERE t.source_id = s.id AND (t.received_at AT TIME ZONE 'UTC')::date = %s)::bigint,
       (SELECT count(*) FROM events_rejectedevent AS r WHERE r.source_id = s.id AND r.replayed_at IS NULL)
FROM events_source AS s ORDER BY s.revoked_at IS NOT NULL, s.created_at DESC, s.id DESC
"""


def read(row: Sequence[Any]) -> StoredEvent:
    """The record of a row of `COLUMNS`; for this room's own use."""
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
        is_imported=row[11] == IMPORTED,
    )


def batch_after(*, cursor: Cursor, shard: int, limit: int) -> tuple[list[StoredEvent], Cursor]:
    """The next events of *shard* in order of commit, and the cursor behind them.

    A row whose transaction commits late is never skipped: nothing newer is shown until it is there.
    """
    with connection.cursor() as db:
        connections.read_quickly(db)
        db.execute(_BATCH, [shard, cursor.txid, cursor.seq, limit])
        rows = db.fetchall()
    if not rows:
        return [], cursor
    return [read(row) for row in rows], Cursor(txid=rows[-1][-1], seq=rows[-1][0])


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
        return [read(row) for row in db.fetchall()]


def events_between(
    *, start: datetime, end: datetime, names: Sequence[str], chunk: int = 2000
) -> Iterator[list[StoredEvent]]:
    """Events called *names* that occurred in [*start*, *end*), oldest first, at most *chunk* at a time."""
    while start < end:
        until = min(start + _WINDOW, end)
        with connection.chunked_cursor() as db:
            connections.read_quickly(db)
            db.execute(_BETWEEN, [start, until, list(names)])
            while rows := db.fetchmany(chunk):
                yield [read(row) for row in rows]
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


def sources(*, now: datetime) -> list[Source]:
    """Every write key, those in use first, with what it had stored today (UTC) and what waits rejected."""
    with connection.cursor() as db:
        db.execute(_SOURCES, [now.date(), now.date()])
        return [
            Source(
                id=row[0],
                name=row[1],
                created_at=row[2],
                last_used_at=row[3],
                revoked_at=row[4],
                stored_today=row[5],
                rejected_open=row[6],
            )
            for row in db.fetchall()
        ]


def rejected_rows(wanted: RejectedFilter) -> QuerySet[RejectedEvent]:
    """The rows that *wanted* describes; for this room's own use."""
    found = RejectedEvent.objects.all()
    if wanted.code:
        found = found.filter(code=wanted.code)
    if wanted.source_id is not None:
        found = found.filter(source_id=wanted.source_id)
    if wanted.day is not None:
        first = datetime.combine(wanted.day, time.min, tzinfo=UTC)
        last = datetime.combine(wanted.day, time.max, tzinfo=UTC)
        found = found.filter(received_at__gte=first, received_at__lte=last)
    return found if wanted.include_replayed else found.filter(replayed_at=None)


def rejected(*, wanted: RejectedFilter, limit: int, before: int | None = None) -> RejectedPage:
    """Rejected events, newest first, those with numbers below *before*."""
    found = rejected_rows(wanted)
    page = found.order_by("-id") if before is None else found.filter(pk__lt=before).order_by("-id")
    rows = [*map(rejected_record(), page[: limit + 1])]
    more = len(rows) > limit
    return RejectedPage(
        rows=rows[:limit], next_before=rows[limit - 1].id if more else None, total=found.count()
    )


def rejected_event(*, rejected_id: int) -> tuple[Rejected, str]:
    """One rejected event, and its payload with the personal masked. Raises `UnknownRejectedEventError`."""
    row = RejectedEvent.objects.filter(pk=rejected_id).first()
    if row is None:
        raise UnknownRejectedEventError(number=rejected_id)
    payload = vault.unseal(bytes(row.payload), context=REJECTED_CONTEXT)
    try:
        shown = msgspec.json.format(msgspec.json.encode(personal.mask(msgspec.json.decode(payload)))).decode()
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        shown = personal.mask_text(payload.decode("utf-8", "replace"))
    return rejected_record()(row), shown


def rejected_codes() -> dict[str, int]:
    """How many rejected events wait, by code, the most frequent first."""
    waiting = RejectedEvent.objects.filter(replayed_at=None)
    counted = waiting.values_list("code").annotate(count=Count("id")).order_by("-count", "code")
    return dict(counted)


def rejection_text(*, code: str) -> str:
    """What *code* says about a rejected event, in the reader's language."""
    return gettext(MEANINGS[code]) if code in MEANINGS else code


def rejected_record() -> Callable[[RejectedEvent], Rejected]:
    """A function from rows to records, which knows the names of the write keys; for this room's own use."""
    return partial(_rejected, names=dict(SourceRow.objects.values_list("id", "name")))


def _rejected(row: RejectedEvent, names: dict[int, str]) -> Rejected:
    return Rejected(
        id=row.pk,
        code=row.code,
        detail=row.detail,
        source_id=row.source_id,
        source_name=names.get(row.source_id, ""),
        kind=row.kind,
        name=row.name,
        external_id=row.external_id,
        message_id=row.message_id,
        received_at=row.received_at,
        last_received_at=row.last_received_at,
        times=row.times,
        is_whole=row.is_whole,
        replayed_at=row.replayed_at,
    )
