"""Writes facts: new rows appended once, changed days written anew, many small files made one.

Whatever is written becomes visible by the commit of its manifest row and not before; the cursor moves in
that same transaction. So a crash at any moment leaves at most a file that nobody reads, and nothing twice.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from django.db import connection, transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce

from huifang.events.queries import extracts as events
from huifang.events.records import SHARDS, Cursor
from huifang.insights.facts import files, shapes
from huifang.insights.facts.sources import BATCH, SOURCES, Source
from huifang.insights.models import Segment, TopicState
from huifang.kernel import clock
from huifang.plans.queries import extracts as plans

ACTIVITY = "activity"
_LOCK_CLASS = 0x66616374  # "fact"
_DAY = timedelta(days=1)
_FILES_MAX = 8  # of a day that still grows, before they are made one; any other span is one file
_OLD = timedelta(days=35)  # months that ended longer ago are one span, not a span a day
_LOOK_AGAIN_MIN = timedelta(minutes=10)
_LOOK_AGAIN_PART = 8  # a span is looked at again after an eighth of its age
_LOOK_AGAIN_AGE = timedelta(days=40)
_CHANGE_OVERLAP = timedelta(minutes=2)
_REST_FACTOR = 10.0  # writing anew takes at most a tenth of one core
_GRACE = timedelta(minutes=10)  # a reader may still hold the list with a retired file


def span_of(day: date, *, today: date) -> tuple[date, date]:
    """The days that are kept in one file with *day*: the day itself, or its month once that is long over."""
    first = day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    if today - following >= _OLD:
        return first, following - _DAY
    return day, day


def lock_of(topic: str) -> tuple[int, int]:
    """The advisory lock that a writer of *topic* holds."""
    return _LOCK_CLASS, crc32(topic.encode()) >> 1


def _lock(topic: str) -> bool:
    """Whether this transaction alone writes *topic* now."""
    with connection.cursor() as db:
        db.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", lock_of(topic))
        return bool(db.fetchone()[0])


def _state(topic: str) -> TopicState:
    return TopicState.objects.get_or_create(topic=topic)[0]


def _horizon() -> tuple[int, int]:
    """The oldest transaction still open, and the first that has not begun."""
    with connection.cursor() as db:
        db.execute(
            "SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint"
            " FROM pg_current_snapshot() AS s"
        )
        row = db.fetchone()
    return int(row[0]), int(row[1])


def append(source: Source, *, folder: Path, now: datetime, pace: float = 0.0) -> int:
    """Write the next new rows of *source*; how many. Those of open transactions wait for the next time.

    Rows gather for *pace* real seconds before they become a file.
    """
    with transaction.atomic():
        if not _lock(source.topic):
            return 0
        state = _state(source.topic)
        noted = state.noted
        if noted and (_gathers(noted, pace) or _horizon()[0] < noted["ends"]):
            return 0
        rows: Sequence[Any] = ()
        if noted and noted["id"] > state.cursor.get("id", 0):
            after = state.cursor.get("id", 0)
            rows, upto = source.read(after, noted["id"], BATCH, now)
            _write(source.topic, rows, ids=(after + 1, upto), folder=folder, now=now)
            state.cursor = {"id": upto}
        if not noted or state.cursor.get("id", 0) >= noted["id"]:
            state.as_of = datetime.fromisoformat(noted["at"]) if noted else state.as_of
            state.noted = {
                "id": source.last_id(),
                "ends": _horizon()[1],
                "at": now.isoformat(),
                "noted": time.time(),
            }
        state.save()
    return len(rows)


def _gathers(noted: Mapping[str, Any], pace: float) -> bool:
    """Whether new rows still gather, so that they become one file and not many."""
    return time.time() - float(noted.get("noted", 0)) < pace


def append_activity(*, folder: Path, now: datetime, pace: float = 0.0) -> int:
    """Write the events that the runner has read since, counted by customer and day; how many lines."""
    with transaction.atomic():
        if not _lock(ACTIVITY):
            return 0
        state = _state(ACTIVITY)
        if _gathers(state.noted, pace):
            return 0
        rows: list[Any] = []
        behind = 0
        for place in plans.runner_positions():
            known = state.cursor.get(str(place.shard), [0, 0])
            until = Cursor(txid=place.txid, seq=place.seq)
            more, reached = events.activity(
                shard=place.shard,
                after=Cursor(txid=known[0], seq=known[1]),
                until=until,
                limit=BATCH // SHARDS,
            )
            rows += more
            behind += reached != until
            state.cursor[str(place.shard)] = [reached.txid, reached.seq]
        _write(ACTIVITY, rows, ids=(0, 0), folder=folder, now=now)
        if not behind:
            state.as_of, state.noted = now, {"noted": time.time()}
        state.save()
    return len(rows) or behind


def _write(topic: str, rows: Sequence[Any], *, ids: tuple[int, int], folder: Path, now: datetime) -> None:
    """Write *rows*, which came from the rows *ids*, as one new file a span."""
    spans: dict[tuple[date, date], list[Any]] = {}
    for row in rows:
        spans.setdefault(span_of(_day(row), today=now.date()), []).append(row)
    for _, found in sorted(spans.items()):
        table = shapes.to_table(topic, found)
        open_rows = sum(getattr(row, "is_open", False) for row in found)
        _enter(Segment(topic=topic, open_rows=open_rows), table, ids=ids, folder=folder, now=now)


def _day(row: Any) -> date:
    return row.day if hasattr(row, "day") else row.at.astimezone(UTC).date()  # type: ignore[no-any-return]


def _enter(segment: Segment, table: pa.Table, *, ids: tuple[int, int], folder: Path, now: datetime) -> None:
    """Write *table* as the file of a new *segment*, and enter it in the manifest."""
    bounds = pc.min_max(table["happened_at"]).as_py()
    segment.first_day, segment.last_day = bounds["min"].date(), bounds["max"].date()
    segment.first_id, segment.last_id = ids
    segment.file = files.write(folder, segment.topic, table, first_day=segment.first_day)
    segment.rows, segment.bytes = table.num_rows, (folder / segment.file).stat().st_size
    segment.written_at = now
    segment.save()


def mark_changed(source: Source, *, now: datetime) -> None:
    """Mark the files of days with rows that changed since the last look."""
    if source.changed is None:
        return
    with transaction.atomic():
        if not _lock(source.topic):
            return
        state = _state(source.topic)
        if state.changes_since is not None:
            # Where the demo compresses time, a transaction takes long on its clock.
            overlap = _CHANGE_OVERLAP * max(1.0, clock.speed())
            for day in source.changed(state.changes_since - overlap):
                first, last = span_of(day, today=now.date())
                live(source.topic).filter(
                    first_day__gte=first, first_day__lte=last, written_at__lt=now
                ).update(is_stale=True, stale_at=Coalesce("stale_at", Value(state.changes_since)))
        state.changes_since = now
        state.save(update_fields=["changes_since"])


def live(topic: str) -> QuerySet[Segment]:
    """The segments of *topic* that are read."""
    return Segment.objects.filter(topic=topic, retired_at=None)


def _spans(topic: str, now: datetime) -> dict[tuple[date, date], list[Segment]]:
    spans: dict[tuple[date, date], list[Segment]] = {}
    for segment in live(topic).order_by("first_day", "pk"):
        spans.setdefault(span_of(segment.first_day, today=now.date()), []).append(segment)
    return spans


def _overdue(segments: Iterable[Segment], *, last_day: date, now: datetime) -> float:
    """How often over a span should have been read again by now; under 1 it is not due.

    Some of its rows have changed, or may have.
    """
    age = now - datetime.combine(last_day + _DAY, datetime.min.time(), UTC)
    wait = max(_LOOK_AGAIN_MIN, age / _LOOK_AGAIN_PART)
    waited = [(now - each.written_at) / wait for each in segments if each.open_rows and age < _LOOK_AGAIN_AGE]
    stale = [1 + (now - each.written_at) / _LOOK_AGAIN_MIN for each in segments if each.is_stale]
    return max([0.0, *waited, *stale])


def refresh(source: Source, *, folder: Path, now: datetime, at_once: bool = False) -> int:
    """Write the span anew that waits longest, and make one file of many. Paced, unless *at_once*."""
    began = time.monotonic()
    with transaction.atomic():
        if not _lock(source.topic):
            return 0
        state = _state(source.topic)
        if time.time() < state.rests_until and not at_once:
            return 0
        spans = _spans(source.topic, now)
        overdue = {span: _overdue(found, last_day=span[1], now=now) for span, found in spans.items()}
        span = max(overdue, key=lambda each: overdue[each], default=None)
        done = 0
        if span and overdue[span] >= 1:
            _rewrite(source, spans.pop(span), days=span, folder=folder, now=now)
            done = 1
        done += _merge_most_crowded(source.topic, spans, folder=folder, now=now)
        if done:
            state.rests_until = time.time() + _REST_FACTOR * (time.monotonic() - began)
            state.save(update_fields=["rests_until"])
    return done


def _merge_most_crowded(
    topic: str, spans: Mapping[tuple[date, date], Sequence[Segment]], *, folder: Path, now: datetime
) -> int:
    grows = now.date() - _DAY
    crowded = [each for (_, last), each in spans.items() if len(each) > (_FILES_MAX if last >= grows else 1)]
    if not crowded:
        return 0
    _merge(topic, max(crowded, key=len), folder=folder, now=now)
    return 1


def merge_activity(*, folder: Path, now: datetime) -> int:
    """Make one file of the many of one span; how many spans."""
    with transaction.atomic():
        if not _lock(ACTIVITY):
            return 0
        return _merge_most_crowded(ACTIVITY, _spans(ACTIVITY, now), folder=folder, now=now)


def _rewrite(
    source: Source, segments: Sequence[Segment], *, days: tuple[date, date], folder: Path, now: datetime
) -> None:
    """Read the rows of a span again and put one file in the place of *segments*."""
    ids = min(each.first_id for each in segments), max(each.last_id for each in segments)
    rows, _ = source.read(ids[0] - 1, ids[1], None, now)
    _retire(segments, now=now)
    _write(
        source.topic,
        [row for row in rows if days[0] <= _day(row) <= days[1]],
        ids=ids,
        folder=folder,
        now=now,
    )


def _merge(topic: str, segments: Sequence[Segment], *, folder: Path, now: datetime) -> None:
    ids = min(each.first_id for each in segments), max(each.last_id for each in segments)
    table = pa.concat_tables([_table(folder, each) for each in segments], promote_options="default")
    _retire(segments, now=now)
    open_rows = sum(each.open_rows for each in segments)
    one = Segment(topic=topic, open_rows=open_rows, **_staleness(segments))
    # What may have changed was read when the oldest of them was.
    _enter(one, table, ids=ids, folder=folder, now=min(each.written_at for each in segments))


def _staleness(segments: Iterable[Segment]) -> dict[str, Any]:
    """What one file in place of *segments* knows of changes not yet in it."""
    since = [each.stale_at for each in segments if each.stale_at]
    return {"is_stale": any(each.is_stale for each in segments), "stale_at": min(since, default=None)}


def _table(folder: Path, segment: Segment) -> pa.Table:
    return pq.ParquetFile(folder / segment.file).read()


def _retire(segments: Iterable[Segment], *, now: datetime) -> None:
    Segment.objects.filter(pk__in=[each.pk for each in segments]).update(retired_at=now)


def forget(customer_id: int, *, folder: Path, now: datetime) -> int:
    """Take the pseudonym of one customer out of every file; how many files. The facts themselves stay.

    Waits for those who write. The files that held it are removed within minutes, as all retired ones are.
    """
    wanted, changed = pa.scalar(shapes.pseudonym(customer_id), pa.int64()), 0
    for topic in shapes.SHAPES:
        with transaction.atomic(), connection.cursor() as db:
            db.execute("SELECT pg_advisory_xact_lock(%s, %s)", lock_of(topic))
            for segment in live(topic):
                table = _table(folder, segment)
                held = pc.fill_null(pc.equal(table["customer"], wanted), False)
                if not pc.any(held).as_py():
                    continue
                nobody = pa.scalar(None, pa.int64())
                place = table.schema.get_field_index("customer")
                freed = table.set_column(place, "customer", pc.if_else(held, nobody, table["customer"]))
                _retire([segment], now=now)
                ids = segment.first_id, segment.last_id
                kept = Segment(topic=topic, open_rows=segment.open_rows, **_staleness([segment]))
                _enter(kept, freed, ids=ids, folder=folder, now=now)
                changed += 1
    return changed


def sweep(*, folder: Path, now: datetime) -> int:
    """Remove retired files after their grace, and what a writer that died left behind; how many."""
    past = list(Segment.objects.filter(retired_at__lt=now - _GRACE)[:1000])
    for segment in past:
        files.remove(folder, segment.file)
    Segment.objects.filter(pk__in=[each.pk for each in past]).delete()
    left = list(files.strays(folder, set(Segment.objects.values_list("file", flat=True))))
    for path in left:
        path.unlink(missing_ok=True)
    return len(past) + len(left)


def one_round(*, folder: Path, now: datetime, pace: float = 0.0) -> int:
    """Everything that the writer does, once; how much there was to do. New rows gather for *pace* seconds."""
    done = 0
    for source in SOURCES:
        done += append(source, folder=folder, now=now, pace=pace)
        mark_changed(source, now=now)
        done += refresh(source, folder=folder, now=now)
    return done + append_activity(folder=folder, now=now, pace=pace) + merge_activity(folder=folder, now=now)


def rebuild(topic: str, *, now: datetime) -> None:
    """Begin *topic* anew: nothing of it is read until it has been written again from the rooms' tables."""
    with transaction.atomic():
        _retire(list(live(topic)), now=now)
        TopicState.objects.filter(topic=topic).delete()
