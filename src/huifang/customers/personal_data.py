"""Exports and erases one customer in this room. Called for a data subject request only."""

import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from huifang.customers import queries, sealing, store
from huifang.customers.models import (
    Activity,
    Alias,
    ConsentState,
    ContactPoint,
    Customer,
    MergeProposal,
    Suppression,
)
from huifang.kernel import audit
from huifang.kernel.ids import CustomerId


def export(*, customer_id: CustomerId) -> dict[str, object]:
    """Everything that is held of the customer, in clear, as JSON values and datetimes."""
    profile = queries.profile_of(customer_id=customer_id)
    customer_id = profile.id
    customer = Customer.objects.get(pk=customer_id)
    return {
        "external_id": profile.external_id,
        "former_ids": queries.former_ids(customer_id=customer_id),
        "name": sealing.open_name(customer.sealed_name),
        "wallet_kind": profile.wallet_kind,
        "language": profile.language,
        "time_zone": profile.time_zone,
        "region": profile.region,
        "traits": dict(profile.traits),
        "registered_at": profile.registered_at,
        "first_seen_at": profile.first_seen_at,
        "last_seen_at": profile.last_seen_at,
        "anonymous_ids": queries.anonymous_ids(customer_id=customer_id),
        "contact_points": _contact_points(customer_id),
        "activity": _activity(customer_id),
        "consents": _consents(customer_id),
        "refusals": _refusals(customer_id),
    }


def _contact_points(customer_id: CustomerId) -> list[dict[str, object]]:
    return [
        {
            "kind": point.kind,
            "value": sealing.open_contact(point.sealed),
            "state": point.state,
            "reason": point.reason,
            "seen_at": point.seen_at,
        }
        for point in ContactPoint.objects.filter(customer_id=customer_id).order_by("seen_at", "pk")
    ]


def _activity(customer_id: CustomerId) -> list[dict[str, object]]:
    return [
        {
            "name": name,
            "count": seen.count,
            "first_at": seen.first_at,
            "last_at": seen.last_at,
            "amount_sum": str(seen.amount_sum),
        }
        for name, seen in queries.activity_of(customer_id=customer_id).items()
    ]


def _consents(customer_id: CustomerId) -> list[dict[str, object]]:
    return [
        {
            "act": entry.act,
            "purpose": entry.purpose,
            "channel": entry.channel,
            "wording": entry.wording,
            "source": entry.source,
            "evidence": entry.evidence,
            "at": entry.at,
        }
        for entry in queries.consent_entries(customer_id=customer_id)
    ]


def _refusals(customer_id: CustomerId) -> list[dict[str, object]]:
    return [
        {
            "channel": row.channel,
            "reason": row.reason,
            "note": row.note,
            "source": row.source,
            "at": row.at,
            "lifted_at": row.lifted_at,
        }
        for row in queries.suppressions(customer_id=customer_id)
        if not row.by_address
    ]


def erase(*, customer_id: CustomerId, now: datetime) -> None:
    """Erase the customer for good.

    What is left names nobody: an empty row with its key, so that the ledger of consent stays whole, and
    the keyed hashes of refused addresses, so that these stay refused. The wallet's id is free again: should
    it come back, it is a new customer who has consented to nothing.
    """
    with transaction.atomic():
        store.hold_merges(alone=True)
        keys = queries.all_keys(customer_id)
        for pk in keys:
            _erase_row(pk, now=now)
        audit.record(actor="system", action="customer.erased", subject=f"customer:{keys[0]}", at=now)


def _erase_row(customer_id: CustomerId, *, now: datetime) -> None:
    customer = Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
    ContactPoint.objects.filter(customer_id=customer_id).delete()
    Alias.objects.filter(customer_id=customer_id).delete()
    Activity.objects.filter(customer_id=customer_id).delete()
    ConsentState.objects.filter(customer_id=customer_id).delete()
    Suppression.objects.filter(customer_id=customer_id).update(note="")
    MergeProposal.objects.filter(Q(kept=customer_id) | Q(gone=customer_id)).delete()
    customer.external_id = f"erased:{customer_id}:{secrets.token_hex(4)}"  # never an id of the wallet
    for column in ("wallet_kind", "language", "time_zone", "time_zone_source", "region", "country"):
        setattr(customer, column, "")
    customer.traits, customer.stamps = {}, {}
    customer.sealed_name, customer.registered_at, customer.erased_at = None, None, now
    customer.birthday_index = None
    customer.first_seen_at = customer.last_seen_at = now
    customer.save()
