"""What a restored backup means for messages: those that were queued may have gone since."""

from datetime import datetime

from django.db import transaction

from huifang.decisions.reasons import Reason
from huifang.delivery import ledger, settling
from huifang.delivery.models import Attempt
from huifang.delivery.records import AttemptState

BATCH = 1_000
_UNDER_WAY = (AttemptState.QUEUED, AttemptState.SENDING)


def note_restored(*, now: datetime) -> int:
    """Settle all that is under way as unknown: it counts as a contact and is never sent. How many."""
    total = 0
    while done := _settle_some(now):
        total += done
    return total


def _settle_some(now: datetime) -> int:
    with transaction.atomic():
        rows = list(Attempt.objects.filter(state__in=_UNDER_WAY).order_by("pk")[:BATCH])
        ids = [row.pk for row in rows]
        ledger.lock_customers(sorted({row.customer_id for row in rows}))
        Attempt.objects.filter(pk__in=ids).update(
            state=AttemptState.UNKNOWN, reason=Reason.RESTORED, settled_at=now, handed_over_at=now
        )
        ledger.close(dict.fromkeys(ids, now))
        settling.announce((row, AttemptState.UNKNOWN, Reason.RESTORED, now) for row in rows)
    return len(rows)
