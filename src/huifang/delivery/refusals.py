"""What a customer's "no" does here: what waits is withheld, and the attempt before it is known by it."""

from datetime import datetime, timedelta

from django.db import transaction

from huifang.decisions.policy import ContactClass
from huifang.decisions.reasons import Reason
from huifang.delivery import ledger, settling
from huifang.delivery.models import Attempt
from huifang.delivery.records import AttemptState
from huifang.kernel.ids import CustomerId

# A refusal within so long of a contact is taken for an answer to it.
FOLLOWS_WITHIN = timedelta(days=7)
_EVERY = "*"
# What a "no" to follow-ups does not hold back; as an answer it counts against these contacts too.
_NOT_STOPPED = (ContactClass.CASE, ContactClass.SECURITY)
S = AttemptState


def heed(customer_id: CustomerId, *, channel: str, purpose: str, now: datetime) -> int:
    """Withhold what waits for the customer, and mark the attempt that the refusal follows."""
    with transaction.atomic():
        ledger.lock_customers([customer_id])
        found = Attempt.objects.filter(customer_id=customer_id)
        if channel != _EVERY:
            found = found.filter(channel=channel)
        if purpose != _EVERY:
            found = found.filter(purpose=purpose)
        waiting = found.filter(state=S.QUEUED, may_have_gone=False).exclude(contact_class__in=_NOT_STOPPED)
        rows = list(waiting.select_for_update())
        ids = [row.pk for row in rows]
        found.filter(pk__in=ids).update(state=S.WITHHELD, reason=Reason.CUSTOMER_REFUSED, settled_at=now)
        ledger.release(ids)
        settling.announce((row, S.WITHHELD, Reason.CUSTOMER_REFUSED, now) for row in rows)
        before = found.filter(handed_over_at__gt=now - FOLLOWS_WITHIN, handed_over_at__lte=now)
        last = before.order_by("-handed_over_at").first()
        if last is not None and last.refused_at is None:
            Attempt.objects.filter(pk=last.pk).update(refused_at=now)
    return len(rows)
