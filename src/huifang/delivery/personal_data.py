"""Exports and erases what delivery keeps of one customer. Called by the privacy room alone."""

from datetime import datetime

from django.db import connection, transaction

from huifang.delivery import refusals, replies
from huifang.delivery.models import Attempt, LinkFollow, ProviderNotice, Reply, Slot
from huifang.kernel.ids import CustomerId


def export(*, customer_id: CustomerId) -> dict[str, object]:
    """Every attempt on the customer and every reply, oldest first, as JSON values."""
    rows = Attempt.objects.filter(customer_id=customer_id).select_related("wording").order_by("pk")
    visits = dict(LinkFollow.objects.filter(customer_id=customer_id).values_list("attempt_id", "first_at"))
    replies_found = Reply.objects.filter(customer_id=customer_id).order_by("pk")
    return {
        "attempts": [_attempt(row, visits.get(row.pk)) for row in rows],
        "replies": [
            {
                "channel": row.channel,
                "received_at": row.received_at.isoformat(),
                "text": replies.text_of(row),
            }
            for row in replies_found
        ],
    }


def _attempt(row: Attempt, opened_at: datetime | None) -> dict[str, object]:
    return {
        "channel": row.channel,
        "purpose": row.purpose,
        "label": row.label,
        "language": row.language,
        "templates": row.wording.body,
        "variables": row.variables,
        "choices": row.choices or [],
        "state": row.state,
        "reason": row.reason,
        "asked_at": row.queued_at.isoformat(),
        "handed_over_at": row.handed_over_at.isoformat() if row.handed_over_at else None,
        "seen_at": row.seen_at.isoformat() if row.seen_at else None,
        "link_opened_at": opened_at.isoformat() if opened_at else None,
    }


def erase(*, customer_id: CustomerId, now: datetime) -> None:
    """Take out what could lead back to the customer: words, links, replies, addresses, notices, slots.

    The bare attempts stay: how many were made, when, on which channel. What waits is withheld.
    """
    with transaction.atomic():
        refusals.heed(customer_id, channel="*", purpose="*", now=now)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL huifang.may_erase = 'yes'")
        Slot.objects.filter(customer_id=customer_id).delete()
        Reply.objects.filter(customer_id=customer_id).delete()
        LinkFollow.objects.filter(customer_id=customer_id).delete()
        ProviderNotice.objects.filter(customer_id=customer_id).delete()
        Attempt.objects.filter(customer_id=customer_id).update(
            variables={}, choices=None, address_index=None, provider_message_id="", cleared_at=now
        )
