"""Makes one customer of two. What either refused holds; counts add up; the ledger only ever grows.

The gone customer keeps a row that leads to the kept one, so that an old id, an old link and a late event
still arrive. It cannot be undone.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from huifang.customers import contacts, ledger, proposals, store
from huifang.customers.models import (
    Activity,
    Alias,
    ContactPoint,
    Customer,
    Merge,
    Suppression,
)
from huifang.customers.records import EVERY, KIND_OF_CHANNEL, CustomerRefused, CustomersMerged
from huifang.customers.rules import LANGUAGE_CHOSEN
from huifang.kernel import audit, outbox
from huifang.kernel.ids import CustomerId

SOURCE = "merge"
_FIELDS = ("wallet_kind", "language", "time_zone", "region", "country")

# Plan: index scan on (customer_id, name) for the gone customer, one probe a name for the kept.
_ADD_UP = """
INSERT INTO customers_activity AS a (customer_id, name, count, first_at, last_at, amount_sum)
SELECT %s, name, count, first_at, last_at, amount_sum FROM customers_activity WHERE customer_id = %s
ON CONFLICT (customer_id, name) DO UPDATE
SET count = a.count + excluded.count, first_at = least(a.first_at, excluded.first_at),
    last_at = greatest(a.last_at, excluded.last_at),
    amount_sum = least(greatest(a.amount_sum + excluded.amount_sum, -1e19), 1e19)
"""


def lock(customer_ids: Sequence[int]) -> dict[int, Customer]:
    """Hold these customers, whoever they are now, and every merge until the transaction ends."""
    store.hold_merges(alone=True)
    now_called = store.kept(customer_ids)
    keys = {now_called.get(pk, pk) for pk in customer_ids}
    rows = Customer.objects.select_for_update(no_key=True).filter(pk__in=keys, erased_at=None).order_by("pk")
    found = {row.pk: row for row in rows}
    return {pk: found[now_called.get(pk, pk)] for pk in customer_ids if now_called.get(pk, pk) in found}


def merge(kept: Customer, gone: Customer, *, by: str, now: datetime) -> None:
    """Move everything from *gone* to *kept*; both are locked, and two."""
    refused = _suppressions(kept.pk, gone.pk, now=now)
    _contact_points(kept, gone)
    _portrait(kept, gone)
    _count(kept.pk, gone.pk)
    Alias.objects.filter(customer_id=gone.pk).update(customer_id=kept.pk)
    withdrawn = ledger.merge(kept_id=kept.pk, gone_id=gone.pk, source=SOURCE, at=now)
    store.spread_suppressions([kept.pk], KIND_OF_CHANNEL)
    Customer.objects.filter(kept_id=gone.pk).update(kept_id=kept.pk)
    Merge.objects.filter(kept_id=gone.pk).update(kept_id=kept.pk)
    proposals.note_merge(customer_ids=(kept.pk, gone.pk), by=by, now=now)
    Merge.objects.create(kept=kept, gone=gone, merged_at=now, merged_by=by)
    audit.record(
        actor=by,
        action="customer.merged",
        subject=f"customer:{kept.pk}",
        facts={"gone": gone.pk, "refused": sorted(refused)},
        at=now,
    )
    kept_id = CustomerId(kept.pk)
    outbox.record(
        *(CustomerRefused(customer_id=kept_id, channel=each, source=SOURCE, at=now) for each in refused),
        *(
            CustomerRefused(
                customer_id=kept_id, channel=act.channel, source=SOURCE, at=now, purpose=act.purpose
            )
            for act in withdrawn
        ),
        CustomersMerged(kept_id=kept_id, gone_id=CustomerId(gone.pk), at=now),
    )


def _suppressions(kept_id: int, gone_id: int, *, now: datetime) -> list[str]:
    """Move what the gone customer refused; returns the channels that the kept one had not."""
    held = Suppression.objects.filter(customer_id=kept_id, lifted_at=None)
    known = {(bytes(row.contact_hash), row.channel) for row in held}
    fresh: list[str] = []
    for row in Suppression.objects.filter(customer_id=gone_id).order_by("pk"):
        if row.lifted_at is None and (bytes(row.contact_hash), row.channel) in known:
            # The kept customer's own says the same: this one would only stand twice.
            row.lifted_at, row.lifted_source = now, SOURCE
        elif row.lifted_at is None and not row.contact_hash:
            fresh.append(row.channel)
        row.customer_id = kept_id
        row.save(update_fields=["customer", "lifted_at", "lifted_source"])
    return [EVERY] if EVERY in fresh else fresh


def _contact_points(kept: Customer, gone: Customer) -> None:
    """One of a kind stays active, the one stated last; a dead one stays dead whoever had it."""
    mine = {(row.kind, bytes(row.blind_index)): row for row in _points(kept.pk)}
    moved: list[ContactPoint] = []
    for row in _points(gone.pk):
        same = mine.get((row.kind, bytes(row.blind_index)))
        if same is None:
            row.merged_from = row.merged_from or gone.pk
            moved.append(row)
            continue
        if _is_dead(row) and not _is_dead(same):
            same.state, same.reason = row.state, row.reason
        elif row.state == "active" and not _is_dead(same):
            same.state, same.reason = "active", ""
        same.seen_at = min(same.seen_at, row.seen_at)
        row.delete()
    rows = [*mine.values(), *moved]
    for kind in {row.kind for row in rows}:
        active = [row for row in rows if row.kind == kind and row.state == "active"]
        newest = max(active, key=lambda row: _stated(row, kept, gone), default=None)
        for row in active:
            if row is not newest:
                row.state, row.reason = "retired", contacts.REPLACED
    _write_points(rows, kept_id=kept.pk)


def _points(customer_id: int) -> list[ContactPoint]:
    return list(ContactPoint.objects.filter(customer_id=customer_id).order_by("pk"))


def _is_dead(row: ContactPoint) -> bool:
    return row.state != "active" and row.reason != contacts.REPLACED


def _stated(row: ContactPoint, kept: Customer, gone: Customer) -> tuple[float, int]:
    """When its owner stated it last; of two at once, that of the customer who stays."""
    owner = gone if row.customer_id == gone.pk else kept
    stamp = owner.stamps.get(f"contact.{row.kind}", row.seen_at.timestamp())
    return float(stamp), 1 if owner is kept else 0


def _write_points(rows: Sequence[ContactPoint], *, kept_id: int) -> None:
    """Those that rest first: the database lets no two be active at any moment."""
    for row in sorted(rows, key=lambda row: row.state == "active"):
        row.customer_id = kept_id
        row.save(update_fields=["customer", "state", "reason", "merged_from", "seen_at"])


def _portrait(kept: Customer, gone: Customer) -> None:
    """Of two values the one stated later, of two first times the earlier; a chosen language stays chosen."""
    chosen = [each for each in (gone, kept) if LANGUAGE_CHOSEN in each.stamps]
    chosen_last = max(chosen, key=lambda each: float(each.stamps[LANGUAGE_CHOSEN]), default=None)
    language = chosen_last.language if chosen_last else ""
    for name, stamp in gone.stamps.items():
        if stamp > kept.stamps.get(name, float("-inf")):
            _take(kept, gone, name)
            kept.stamps[name] = stamp
    kept.language = language or kept.language
    if not kept.time_zone:
        kept.time_zone, kept.time_zone_source = gone.time_zone, gone.time_zone_source
    registered = [at for at in (kept.registered_at, gone.registered_at) if at]
    kept.registered_at = min(registered, default=None)
    kept.first_seen_at = min(kept.first_seen_at, gone.first_seen_at)
    kept.last_seen_at = max(kept.last_seen_at, gone.last_seen_at)
    _empty(gone)
    gone.kept = kept
    gone.save()
    kept.save()


def _take(kept: Customer, gone: Customer, name: str) -> None:
    if name in _FIELDS:
        setattr(kept, name, getattr(gone, name))
        if name == "time_zone":
            kept.time_zone_source = gone.time_zone_source
    elif name == "name":
        kept.sealed_name = gone.sealed_name
    elif name == "birthday":
        kept.birthday_index = gone.birthday_index
    elif name.startswith("traits."):
        trait = name.removeprefix("traits.")
        if trait in gone.traits:
            kept.traits[trait] = gone.traits[trait]
        else:
            kept.traits.pop(trait, None)


def _empty(gone: Customer) -> None:
    for column in (*_FIELDS, "time_zone_source"):
        setattr(gone, column, "")
    gone.traits, gone.stamps = {}, {}
    gone.sealed_name, gone.birthday_index, gone.registered_at = None, None, None


def _count(kept_id: int, gone_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_ADD_UP, [kept_id, gone_id])
    Activity.objects.filter(customer_id=gone_id).delete()
