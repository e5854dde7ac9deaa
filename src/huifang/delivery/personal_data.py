"""Exports and erases what delivery keeps of one customer. Called by the privacy room alone."""

from datetime import datetime

from django.db import connection, transaction

from huifang.delivery import refusals
from huifang.delivery.models import Attempt, ProviderNotice, Slot
from huifang.kernel.ids import CustomerId


def export(*, customer_id: CustomerId) -> dict[str, object]:
    """Every attempt on the customer, oldest first, as JSON values."""
    rows = Attempt.objects.filter(customer_id=customer_id).select_related("wording").order_by("pk")
    attempts = [
        {
            "channel": row.channel,
            "purpose": row.purpose,
            "label": row.label,
            "language": row.language,
            "templates": row.wording.body,
            "variables": row.variables,
            "state": row.state,
            "reason": row.reason,
            "asked_at": row.queued_at.isoformat(),
            "handed_over_at": row.handed_over_at.isoformat() if row.handed_over_at else None,
            "seen_at": row.seen_at.isoformat() if row.seen_at else None,
        }
        for row in rows
    ]
    return {"attempts": attempts}


def erase(*, customer_id: CustomerId, now: datetime) -> None:
    """Take out what could lead back to the customer: words, links, addresses, providers' notices, slots.

    The bare attempts stay: how many were made, when, on which channel. What waits is withheld.
    """
    with transaction.atomic():
        refusals.heed(customer_id, channel="*", purpose="*", now=now)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL huifang.may_erase = 'yes'")
        Slot.objects.filter(customer_id=customer_id).delete()
        ProviderNotice.objects.filter(customer_id=customer_id).delete()
        Attempt.objects.filter(customer_id=customer_id).update(
            variables={}, address_index=None, provider_message_id=""
        )
