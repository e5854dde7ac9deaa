"""Takes out what has been kept long enough, in small batches. Never what a contact budget still needs.

Bare attempts stay: the budget and the counts are reckoned from them. A slot goes once its window is over.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction

from huifang.delivery import leases
from huifang.delivery.models import Attempt, ProviderNotice, Reply, WebhookDelivery
from huifang.delivery.records import AttemptState
from huifang.kernel import env

MESSAGE_DAYS = env.integer(
    "HUIFANG_MESSAGE_DAYS",
    default=400,
    help="Days after which words, links and addresses of messages, and replies, are taken out; 0: never.",
)
WEBHOOK_DAYS = env.integer(
    "HUIFANG_WEBHOOK_DAYS",
    default=30,
    help="Days for which webhook deliveries that are over are kept; 0: all.",
)
BATCH = 1000
# A window that was over yesterday binds nobody today, whatever the clocks of two machines say.
_OVER = timedelta(days=1)
_UNDER_WAY = (AttemptState.QUEUED, AttemptState.SENDING)
# Where the last round of this process came to, so that it does not look at the same rows again.
_cleared_up_to: dict[str, datetime] = {}


def prune(*, now: datetime) -> int:
    """One small round over everything; returns how many rows it took out."""
    leases.clear()
    done = _slots(now - _OVER)
    if MESSAGE_DAYS > 0:
        before = now - timedelta(days=MESSAGE_DAYS)
        done += _words(before, now=now) + _notices(before) + _replies(before)
    if WEBHOOK_DAYS > 0:
        done += _webhooks(now - timedelta(days=WEBHOOK_DAYS))
    return done


def _slots(before: datetime) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL huifang.may_erase = 'yes'")
        cursor.execute(_SLOTS, [before, BATCH])
        return int(cursor.rowcount)


# One that is under way is open-ended, so that its upper bound is null and it stays.
_SLOTS = """
DELETE FROM delivery_slot WHERE id IN (
    SELECT id FROM delivery_slot WHERE upper(during) < %s LIMIT %s FOR UPDATE SKIP LOCKED)
"""


def _words(before: datetime, *, now: datetime) -> int:
    old = Attempt.objects.filter(queued_at__lt=before, not_after__lt=before).exclude(state__in=_UNDER_WAY)
    if "words" in _cleared_up_to:
        old = old.filter(queued_at__gte=_cleared_up_to["words"])
    rows = list(old.filter(cleared_at=None).order_by("queued_at").values_list("pk", "queued_at")[:BATCH])
    if rows:
        Attempt.objects.filter(pk__in=[pk for pk, _ in rows]).update(
            variables={}, choices=None, address_index=None, cleared_at=now
        )
        _cleared_up_to["words"] = rows[-1][1]
    return len(rows)


def _notices(before: datetime) -> int:
    old = ProviderNotice.objects.filter(handled_at__lt=before).order_by("pk").values("pk")[:BATCH]
    return ProviderNotice.objects.filter(pk__in=old).delete()[0]


def _replies(before: datetime) -> int:
    old = Reply.objects.filter(received_at__lt=before).exclude(sealed_text=b"").values("pk")[:BATCH]
    return Reply.objects.filter(pk__in=old).update(sealed_text=b"")


def _webhooks(before: datetime) -> int:
    old = WebhookDelivery.objects.filter(settled_at__lt=before).values("pk")[:BATCH]
    return WebhookDelivery.objects.filter(pk__in=old).delete()[0]
