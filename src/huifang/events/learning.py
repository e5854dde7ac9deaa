"""Looks at a sample of what is stored, keeps what each event looks like, and notes where it drifts.

Costs the same however many events come: of a shard that is far ahead only the next few are looked at.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction

from huifang.events import declarations, queries
from huifang.events.models import Drift, LearnedEvent, LearningCursor
from huifang.events.records import SHARDS, Cursor, Declaration, EventName, StoredEvent
from huifang.events.shapes import SAMPLES_MAX, Difference, DriftCode, Learned, differences

AT_ONCE = 200
NAMES_MAX = 2_000
_DETAIL_LENGTH_MAX = 200
_DRIFTS_OF_NAME_MAX = 100
_LOCK = 0x4855_4C52
_OFTEN = 20
_SILENT_MIN = timedelta(days=1)
_SILENT_MAX = timedelta(days=60)
_GAPS = 10


@dataclass(slots=True)
class _Noted:
    times: int = 0
    detail: str = ""
    samples: list[list[str]] = field(default_factory=list)


def learn(*, now: datetime) -> int:
    """Look at the next events of every shard; returns how many. One worker at a time does."""
    done = 0
    with transaction.atomic():
        with connection.cursor() as db:
            db.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
            if not db.fetchone()[0]:
                return 0
        known = {row.shard: Cursor(txid=row.txid, seq=row.seq) for row in LearningCursor.objects.all()}
        by_name: dict[str, list[StoredEvent]] = defaultdict(list)
        for shard in range(SHARDS):
            events, cursor = queries.batch_after(
                cursor=known.get(shard, Cursor()), shard=shard, limit=AT_ONCE
            )
            if not events:
                continue
            done += len(events)
            if len(events) == AT_ONCE:
                cursor = queries.last_cursor(shard=shard)
            _move(shard, cursor)
            for event in events:
                if event.kind == "track":
                    by_name[event.name].append(event)
        declared = declarations.every() if by_name else {}
        for name in sorted(by_name):
            _learn_name(name, by_name[name], declared.get(name), now=now)
    return done


def _move(shard: int, cursor: Cursor) -> None:
    LearningCursor.objects.update_or_create(shard=shard, defaults={"txid": cursor.txid, "seq": cursor.seq})


def _learn_name(
    name: str, events: Iterable[StoredEvent], declared: Declaration | None, *, now: datetime
) -> None:
    row = LearnedEvent.objects.select_for_update().filter(name=name).first()
    if row is None and LearnedEvent.objects.count() >= NAMES_MAX:
        return
    learned = Learned(row.count, row.properties, row.samples) if row else Learned(0, {}, [])
    noted: dict[tuple[str, str], _Noted] = defaultdict(_Noted)
    for event in events:
        place = [str(event.occurred_at.date()), event.message_id]
        found = learned.add(event, day=place[0])
        if declared is None:
            found.append(Difference(code=DriftCode.UNDECLARED))
        else:
            found += differences(declared, event.properties, None)
        for each in found:
            _note(noted[each.code, each.key], each, place)
    LearnedEvent.objects.update_or_create(
        name=name,
        defaults={
            "count": learned.count,
            "properties": learned.properties,
            "samples": learned.samples,
            "first_at": row.first_at if row else now,
            "last_at": now,
        },
    )
    _keep(name, noted, now=now)


def _note(noted: _Noted, difference: Difference, place: list[str]) -> None:
    noted.times += 1
    noted.detail = difference.detail or noted.detail
    noted.samples = [place, *noted.samples][:SAMPLES_MAX]


def _keep(name: str, noted: dict[tuple[str, str], _Noted], *, now: datetime) -> None:
    """Add to the drifts that are open, and open new ones, as far as there is room."""
    if not noted:
        return
    open_now = {
        (row.code, row.key): row
        for row in Drift.objects.select_for_update().filter(name=name, settled_at=None)
    }
    room = _DRIFTS_OF_NAME_MAX - len(open_now)
    for (code, key), each in sorted(noted.items()):
        row = open_now.get((code, key))
        if row is None:
            room -= 1
            if room < 0:
                continue
            row = Drift(name=name, code=code, key=key, times=0, first_at=now)
        row.times += each.times
        row.detail = each.detail[:_DETAIL_LENGTH_MAX] or row.detail
        row.samples = [*each.samples, *row.samples][:SAMPLES_MAX]
        row.last_at = now
        row.save()


def watch_silence(*, now: datetime) -> int:
    """Note events that came often and no longer come, and settle those that are back; how many are silent."""
    silent = {each.name: each for each in queries.event_names() if _is_silent(each, now)}
    with transaction.atomic():
        back = Drift.objects.filter(code=DriftCode.STOPPED, settled_at=None).exclude(name__in=silent)
        back.update(settled_at=now, settled_by="system")
        known = set(
            Drift.objects.filter(code=DriftCode.STOPPED, settled_at=None).values_list("name", flat=True)
        )
        Drift.objects.bulk_create(
            Drift(
                name=name,
                code=DriftCode.STOPPED,
                detail=f"last at {each.last_at.isoformat(timespec='minutes')}",
                first_at=now,
                last_at=now,
            )
            for name, each in silent.items()
            if name not in known
        )
    return len(silent)


def _is_silent(each: EventName, now: datetime) -> bool:
    if each.count < _OFTEN:
        return False
    gap = (each.last_at - each.first_at) / (each.count - 1)
    return max(_SILENT_MIN, gap * _GAPS) < now - each.last_at < _SILENT_MAX
