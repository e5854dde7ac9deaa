"""Exports and erases one customer in this room. Called for a data subject request only."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from huifang.events import queries
from huifang.events.catalogue import DECLARED, EVERYWHERE
from huifang.events.models import RejectedEvent
from huifang.kernel import audit

_EXPORT_MAX = 1_000_000

# What is left can be counted, and names nobody. The message id goes too: wallets write ids into it.
_ERASE = """
UPDATE events_event SET
    external_id = '', anonymous_id = '', sealed = NULL, context = '{}',
    message_id = 'erased-' || gen_random_uuid(),
    properties = (
        SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(properties)
        WHERE kind = 'track' AND key = ANY(%(kept)s)
    )
WHERE (external_id <> '' AND external_id = %(external_id)s)
   OR (external_id = '' AND anonymous_id = ANY(%(anonymous_ids)s))
"""


def export(*, external_id: str, anonymous_ids: Sequence[str] = ()) -> dict[str, object]:
    """Every event of the customer, newest first, in clear, as JSON values and datetimes."""
    events = queries.events_of(external_id=external_id, anonymous_ids=anonymous_ids, limit=_EXPORT_MAX)
    return {
        "events": [
            {
                "kind": event.kind,
                "name": event.name,
                "occurred_at": event.occurred_at,
                "received_at": event.received_at,
                "properties": dict(event.properties),
                "personal": queries.unseal_traits(event),
                "context": dict(event.context),
            }
            for event in events
        ]
    }


def erase(*, external_id: str, anonymous_ids: Sequence[str] = (), now: datetime) -> None:
    """Take everything out of the customer's events that could lead back to them; statistics stay right.

    Sums and counts by name and day remain, of declared properties only. Rejected messages are deleted.
    """
    declared = {each.key for event in DECLARED for each in event.properties} | {
        each.key for each in EVERYWHERE
    }
    values: dict[str, str | list[str]] = {
        "external_id": external_id,
        "anonymous_ids": [each for each in anonymous_ids if each],
        "kept": sorted(declared - {"referred_id", "wording"}),
    }
    with transaction.atomic():
        with connection.cursor() as db:
            db.execute(_ERASE, values)
            count = db.rowcount
        if external_id:
            RejectedEvent.objects.filter(external_id=external_id).delete()
        audit.record(actor="system", action="events.erased", subject="events", facts={"count": count}, at=now)
