"""Attempts row by row, for the facts of Insights: when, on which channel, what became of them; no words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Max, OuterRef

from huifang.delivery.models import Attempt, LinkFollow
from huifang.delivery.records import AttemptState

_CHUNK = 5000
_OPEN = {AttemptState.QUEUED, AttemptState.SENDING, AttemptState.ACCEPTED, AttemptState.UNKNOWN}
_FIELDS = (
    "id",
    "queued_at",
    "handed_over_at",
    "settled_at",
    "customer_id",
    "plan_id",
    "enrolment_id",
    "channel",
    "contact_class",
    "language",
    "provider",
    "state",
    "reason",
    "parts",
    "cost",
    "seen_at",
    "followed",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptExtract:
    """One attempt. *is_seen*: known to have come to the customer's eyes; *is_open*: its state may change."""

    id: int
    at: datetime
    handed_over_at: datetime | None
    settled_at: datetime | None
    customer_id: int
    plan_id: int | None
    enrolment_id: int | None
    channel: str
    contact_class: str
    language: str
    provider: str
    state: str
    reason: str
    parts: int
    cost: float | None
    is_seen: bool
    is_followed: bool
    is_open: bool


def last_attempt_id() -> int:
    """The highest id, 0 where there is none."""
    return Attempt.objects.aggregate(last=Max("pk"))["last"] or 0


def attempts(*, after: int, until: int, limit: int | None = None) -> Iterator[AttemptExtract]:
    """Attempts with ids above *after* up to *until*, by id."""
    followed = Exists(LinkFollow.objects.filter(attempt=OuterRef("pk"), first_at__isnull=False))
    found = Attempt.objects.filter(pk__gt=after, pk__lte=until).annotate(followed=followed).order_by("pk")
    for row in found.values_list(*_FIELDS)[:limit].iterator(chunk_size=_CHUNK):
        yield AttemptExtract(
            id=row[0],
            at=row[1],
            handed_over_at=row[2],
            settled_at=row[3],
            customer_id=row[4],
            plan_id=row[5],
            enrolment_id=row[6],
            channel=row[7],
            contact_class=row[8],
            language=row[9],
            provider=row[10],
            state=row[11],
            reason=row[12],
            parts=row[13],
            cost=None if row[14] is None else float(row[14]),
            is_seen=row[15] is not None,
            is_followed=row[16],
            is_open=row[11] in _OPEN,
        )
