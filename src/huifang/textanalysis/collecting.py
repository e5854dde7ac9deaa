"""Collects texts from rooms that lie out of reach: each gives a reader, and is read behind a cursor.

A row may appear late below a higher id, because its transaction took longer. So each range of ids is read at
once, and again when every transaction that was open then has ended.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from huifang.textanalysis.intake import drop_texts, take_texts
from huifang.textanalysis.models import TextCursor
from huifang.textanalysis.records import NewText

LIMIT = 1_000
# A rewritten text is looked for when whoever rewrote it has surely committed.
_LAG = timedelta(seconds=15)
_LOCK = 0x5458_4354


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """Texts that were written or rewritten up to *until*, and keys of those that were taken back."""

    texts: Sequence[NewText]
    gone: Sequence[str]
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where texts come from. *name* is that of its texts too.

    *read* gives the texts of some of the rows with ids above the first number up to the second, and the id up
    to which these are all. *touched* gives what changed after the first instant up to the second, or to an
    earlier one.
    """

    name: str
    last_id: Callable[[], int]
    read: Callable[[int, int, int], tuple[Sequence[NewText], int]]
    touched: Callable[[datetime, datetime, int], Touched] | None = None


_sources: dict[str, Source] = {}


def provide(name: str, source: Source) -> None:
    """Have texts collected from *source* under the cursor *name*."""
    _sources[name] = source


def collect(*, now: datetime) -> int:
    """Take what came since; how many texts are new or changed."""
    return sum(_collect(name, source, now) for name, source in _sources.items())


def _collect(name: str, source: Source, now: datetime) -> int:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, name])
            if not cursor.fetchone()[0]:
                return 0
        at = TextCursor.objects.filter(source=name).first() or TextCursor(source=name, touched_at=now)
        before = (at.read_id, at.settled_id, at.pending_id, at.touched_at)
        count = _settle(at, source, now) + _read(at, source, now) + _reread(at, source, now)
        if at.pk is None or before != (at.read_id, at.settled_id, at.pending_id, at.touched_at):
            at.save()
        return count


def _read(at: TextCursor, source: Source, now: datetime) -> int:
    last = source.last_id()
    if last <= at.read_id:
        return 0
    texts, at.read_id = source.read(at.read_id, last, LIMIT)
    return take_texts(texts=texts, now=now)


def _settle(at: TextCursor, source: Source, now: datetime) -> int:
    """Read a range again once nobody who was at work when it was read first is still at work."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint"
            " FROM pg_current_snapshot() AS s"
        )
        oldest, newest = cursor.fetchone()
    if at.pending_id <= at.settled_id:
        at.pending_id, at.pending_txid = at.read_id, newest
        return 0
    if newest < at.pending_txid:
        # Another server, as after a restore: its transactions are counted anew.
        at.pending_txid = newest
    if oldest < at.pending_txid:
        return 0
    texts, at.settled_id = source.read(at.settled_id, at.pending_id, LIMIT)
    return take_texts(texts=texts, now=now)


def _reread(at: TextCursor, source: Source, now: datetime) -> int:
    """Take what was rewritten, and drop what was taken back."""
    until = now - _LAG
    if source.touched is None or at.touched_at is None or at.touched_at >= until:
        return 0
    found = source.touched(at.touched_at, until, LIMIT)
    at.touched_at = found.until
    if found.gone:
        drop_texts(source=source.name, keys=found.gone)
    return take_texts(texts=found.texts, now=now)
