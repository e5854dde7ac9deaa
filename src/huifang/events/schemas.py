"""What can be asked of the catalogue: what events are declared to be, look like, and how they drift."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import islice

from django.db import connection

from huifang.events import queries
from huifang.events.models import Drift, LearnedEvent
from huifang.events.records import DriftSeen, EventShape, StoredEvent
from huifang.events.shapes import Learned
from huifang.events.timestamps import NO_DAY

HISTORY_MAX = 200


def shape(*, name: str) -> EventShape | None:
    """What events of *name* look like; None where none was looked at yet."""
    row = LearnedEvent.objects.filter(name=name).first()
    return Learned(row.count, row.properties, row.samples).shape(name) if row else None


def samples(*, name: str) -> list[StoredEvent]:
    """A few of the last events of *name*, those that are still kept."""
    row = LearnedEvent.objects.filter(name=name).first()
    return _stored(row.samples) if row else []


def drift_samples(*, drift_id: int) -> list[StoredEvent]:
    """A few events in which the drift was seen, those that are still kept."""
    row = Drift.objects.filter(pk=drift_id).first()
    return _stored(row.samples) if row else []


def _stored(places: Iterable[Sequence[str]]) -> list[StoredEvent]:
    """Events by day and message id. The day on the message may differ by one from that of the estimate."""
    days, ids = {NO_DAY}, []
    for day, message_id in islice(places, 10):
        at = date.fromisoformat(day)
        days |= {at - timedelta(days=1), at, at + timedelta(days=1)}
        ids.append(message_id)
    with connection.cursor() as db:
        db.execute(
            f"SELECT {queries.COLUMNS} FROM events_event"  # noqa: S608 - our own column list
            " WHERE day = ANY(%s) AND message_id = ANY(%s) ORDER BY occurred_at DESC",
            [sorted(days), ids],
        )
        return [queries.read(row) for row in db.fetchall()]


def drifts(*, name: str = "", include_settled: bool = False, limit: int = HISTORY_MAX) -> list[DriftSeen]:
    """How events drift, the open ones first, then the latest."""
    found = Drift.objects.all()
    if name:
        found = found.filter(name=name)
    if not include_settled:
        found = found.filter(settled_at=None)
    return [_seen(row) for row in found.order_by("-settled_at", "-last_at", "-id")[:limit]]


def open_drifts() -> dict[str, int]:
    """How many drifts are open, by name of event."""
    counts: dict[str, int] = {}
    for name in Drift.objects.filter(settled_at=None).values_list("name", flat=True)[:10_000]:
        counts[name] = counts.get(name, 0) + 1
    return counts


def _seen(row: Drift) -> DriftSeen:
    return DriftSeen(
        id=row.pk,
        name=row.name,
        code=row.code,
        key=row.key,
        detail=row.detail,
        times=row.times,
        first_at=row.first_at,
        last_at=row.last_at,
        settled_at=row.settled_at,
        settled_by=row.settled_by,
    )
