"""What customers allowed and refused, and the page on which they choose."""

from django.db.models import Q

from huifang.customers.identities import all_keys, now_called, to_profile
from huifang.customers.models import ConsentEntry, ConsentState, ContactPoint, Customer, Suppression
from huifang.customers.records import ConsentEntry as ConsentEntryRecord
from huifang.customers.records import ConsentStanding, Profile, SuppressionRecord
from huifang.kernel import vault
from huifang.kernel.ids import CustomerId

PREFERENCE = "preference"


def consents(*, customer_id: CustomerId) -> list[ConsentStanding]:
    """What holds now, by purpose and channel."""
    found = ConsentState.objects.filter(customer_id=now_called(customer_id)).order_by("purpose", "channel")
    return [
        ConsentStanding(purpose=state.purpose, channel=state.channel, given=state.given, at=state.at)
        for state in found
    ]


def consent_entries(*, customer_id: CustomerId) -> list[ConsentEntryRecord]:
    """The customer's lines of the ledger, newest first; those of whoever was merged into them too."""
    found = ConsentEntry.objects.filter(customer_id__in=all_keys(customer_id)).order_by(
        "-recorded_at", "-position"
    )
    return [
        ConsentEntryRecord(
            id=entry.pk,
            customer_id=CustomerId(entry.customer_id),
            purpose=entry.purpose,
            channel=entry.channel,
            act=entry.act,
            wording=entry.wording,
            source=entry.source,
            evidence=entry.evidence,
            at=entry.at,
            recorded_at=entry.recorded_at,
        )
        for entry in found
    ]


def suppressions(*, customer_id: CustomerId, include_lifted: bool = True) -> list[SuppressionRecord]:
    """Every refusal that holds or held, also those that came with an address of theirs, newest first.

    One that was written by an address is kept twice, for the address and for its holder: told once.
    """
    customer_id = now_called(customer_id)
    points = ContactPoint.objects.filter(customer_id=customer_id, state="active")
    hashes = list(points.values_list("blind_index", flat=True))
    by_address = Q(contact_hash__in=hashes) & ~Q(customer_id=customer_id)
    found = Suppression.objects.filter(Q(customer_id=customer_id, contact_hash=b"") | by_address)
    if not include_lifted:
        found = found.filter(lifted_at=None)
    rows = list(found.order_by("-at", "-pk"))
    own = {(row.channel, row.source, row.at) for row in rows if row.customer_id == customer_id}
    return [
        SuppressionRecord(
            channel=row.channel,
            reason=row.reason,
            note=row.note,
            source=row.source,
            at=row.at,
            lifted_at=row.lifted_at,
            by_address=row.customer_id != customer_id,
        )
        for row in rows
        if row.customer_id == customer_id or (row.channel, row.source, row.at) not in own
    ]


def preference_path(*, customer_id: CustomerId) -> str:
    """The address of the customer's own preference page."""
    return f"/p/{vault.token(PREFERENCE, customer_id)}"


def read_preference_token(*, token: str) -> Profile | None:
    """Whose preference page *token* opens; None where it is not ours."""
    number = vault.read_token(PREFERENCE, token)
    if number is None:
        return None
    customer = Customer.objects.select_related("kept").filter(pk=number).first()
    customer = customer.kept or customer if customer else None
    return to_profile(customer) if customer and customer.erased_at is None else None
