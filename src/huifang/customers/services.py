"""What can be done in the customers room. Each is one transaction; a repeated call changes nothing more."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from huifang.customers import (
    identities,
    importing,
    intake,
    ledger,
    merging,
    proposals,
    queries,
    rules,
    sealing,
    store,
)
from huifang.customers.consenting import lift_for_customer as lift_for_customer
from huifang.customers.consenting import lift_suppression as lift_suppression
from huifang.customers.consenting import lock_one
from huifang.customers.consenting import record_consent as record_consent
from huifang.customers.consenting import refuse_by_address as refuse_by_address
from huifang.customers.consenting import refuse_for_customer as refuse_for_customer
from huifang.customers.consenting import retire_contact_point as retire_contact_point
from huifang.customers.consenting import suppress as suppress
from huifang.customers.errors import SameCustomerError, UnknownCustomerError
from huifang.customers.models import ContactPoint, Customer, Merge
from huifang.customers.records import AppliedEvent, ChainReport, CustomersMerged, ImportReport, SegmentChoice
from huifang.customers.segments import keeping
from huifang.customers.segments.definition import read as read_segment
from huifang.customers.segments.keeping import Draft
from huifang.customers.settings import MERGE_BY_ALIAS
from huifang.events.records import StoredEvent
from huifang.kernel import audit, outbox
from huifang.kernel.ids import CustomerId
from huifang.kernel.rows import RefusedRow, Row

_ALIAS = "system:alias"


def apply_events(*, events: Sequence[StoredEvent], now: datetime) -> list[AppliedEvent]:
    """Make and update customers from *events*, in order; call once in the transaction that moves the cursor.

    Events whose customer is not known (anonymous, or with an id that cannot be used) are left out.
    """
    with transaction.atomic():
        return intake.take(events, now=now)


def reveal(*, customer_id: CustomerId, kind: str, by: str, now: datetime) -> str | None:
    """The contact point of *kind* (or the name) in clear, for a person; leaves a trace in the audit log."""
    with transaction.atomic():
        audit.record(
            actor=by,
            action="customer.revealed",
            subject=f"customer:{customer_id}",
            facts={"kind": kind},
            at=now,
        )
        customer_id = identities.now_called(customer_id)
        if kind == "name":
            customer = Customer.objects.filter(pk=customer_id).first()
            return sealing.open_name(customer.sealed_name) if customer else None
        point = ContactPoint.objects.filter(customer_id=customer_id, kind=kind, state="active").first()
        return sealing.open_contact(point.sealed) if point else None


def choose_language(*, customer_id: CustomerId, language: str, now: datetime) -> None:
    """The customer chose the language of what is sent to them; the wallet's word no longer changes it."""
    with transaction.atomic():
        customer = Customer.objects.get(pk=lock_one(customer_id))
        customer.language = language
        customer.stamps |= dict.fromkeys(("language", rules.LANGUAGE_CHOSEN), now.timestamp())
        customer.save(update_fields=["language", "stamps"])
        audit.record(
            actor=f"customer:{customer.pk}",
            action="customer.language_chosen",
            subject=f"customer:{customer.pk}",
            facts={"language": language},
            at=now,
        )


def request_erasure(*, customer_id: CustomerId, source: str, now: datetime) -> None:
    """Note that the customer wants to be erased, and leave them alone from now on."""
    with transaction.atomic():
        suppress(customer_id=customer_id, reason="erasure", source=source, at=now)
        audit.record(
            actor=f"customer:{customer_id}",
            action="erasure.requested",
            subject=f"customer:{customer_id}",
            facts={"source": source},
            at=now,
        )


def merge_customers(*, kept: str, gone: str, by: str, now: datetime) -> CustomerId:
    """Make one customer of the two whom the wallet calls *kept* and *gone*; cannot be undone. Returns them.

    What either refused or took back holds from now on. Merged already: nothing changes.
    Raises `UnknownCustomerError`, and `SameCustomerError` where both are one id.
    """
    if kept == gone:
        raise SameCustomerError(one=kept, two=gone)
    with transaction.atomic():
        store.hold_merges(alone=True)
        keys = [queries.profile(external_id=name).id for name in (kept, gone)]
        held = merging.lock(keys)
        for name, key in zip((kept, gone), keys, strict=True):
            if key not in held:
                raise UnknownCustomerError(customer=name)
        one, two = (held[key] for key in keys)
        if one.pk != two.pk:
            merging.merge(one, two, by=by, now=now)
        return CustomerId(one.pk)


def take_alias(*, kept: str, gone: str, at: datetime, now: datetime) -> None:
    """An event says that two customers are one: leave it to a person, or merge where the operator says so."""
    if MERGE_BY_ALIAS == "ask":
        proposals.propose(kept=kept, gone=gone, at=at, by=_ALIAS)
        return
    try:
        merge_customers(kept=kept, gone=gone, by=_ALIAS, now=now)
    except (SameCustomerError, UnknownCustomerError):
        return  # merged by hand or erased meanwhile


def dismiss_merge(*, proposal_id: int, by: str, now: datetime) -> None:
    """Two customers of whom an event says that they are one are two. Raises `UnknownProposalError`."""
    proposals.dismiss(proposal_id=proposal_id, by=by, now=now)


def tell_merges_again(*, before: datetime, now: datetime) -> int:
    """Tell the rooms above once more of merges before *before*: work of theirs may have been under way."""
    with transaction.atomic():
        due = Merge.objects.select_for_update(skip_locked=True).filter(
            told_again_at=None, merged_at__lt=before
        )
        rows = list(due.order_by("pk")[:100])
        outbox.record(
            *(
                CustomersMerged(
                    kept_id=CustomerId(row.kept_id), gone_id=CustomerId(row.gone_id), at=row.merged_at
                )
                for row in rows
            )
        )
        Merge.objects.filter(pk__in=[row.pk for row in rows]).update(told_again_at=now)
    return len(rows)


def verify_chain() -> ChainReport:
    """Check the whole ledger of consent for edits, gaps and missing ends."""
    return ledger.verify()


def import_customers(
    *,
    rows: Iterable[Row],
    mapping: Mapping[str, str],
    now: datetime,
    as_of: datetime | None = None,
    on_refused: Callable[[RefusedRow], None] = lambda _: None,
) -> ImportReport:
    """Take customers from *rows*, a thousand a transaction; what is there already is not added again.

    *mapping* renames columns to traits. *as_of*: when what the rows say was true, unless a row has its
    own ``updated_at``; newer statements win over it. Rows that cannot be used go to *on_refused*.
    Raises `NoIdColumnError`.
    """
    return importing.take(rows, mapping=mapping, now=now, as_of=as_of, on_refused=on_refused)


def create_segment(*, name: str, definition: Mapping[str, object], by: str, now: datetime) -> SegmentChoice:
    """Keep conditions under a name. Raises `FaultySegmentError`, `SegmentNameError`."""
    draft = Draft(name=name, wanted=read_segment(definition))
    return queries.to_choice(keeping.create(draft=draft, by=by, now=now))


def save_segment(  # noqa: PLR0913 - one keyword a thing that is saved
    *,
    segment_id: int,
    name: str,
    definition: Mapping[str, object],
    version: int | None = None,
    by: str,
    now: datetime,
) -> SegmentChoice:
    """Change a segment. *version*: the one that was read; None saves over whatever there is.

    Raises `FaultySegmentError`, `SegmentNameError`, `StaleSegmentError`, `UnknownSegmentError`.
    """
    draft = Draft(name=name, wanted=read_segment(definition))
    saved = keeping.save(segment_id=segment_id, draft=draft, version=version, by=by, now=now)
    return queries.to_choice(saved)


def copy_segment(*, segment_id: int, by: str, now: datetime) -> SegmentChoice:
    """One more with the same conditions. Raises `UnknownSegmentError`."""
    name = queries.segment(segment_id=segment_id).name
    return queries.to_choice(keeping.copy(segment_id=segment_id, name=name, by=by, now=now))


def undo_segment(*, segment_id: int, by: str, now: datetime) -> SegmentChoice:
    """Go back to what was before the last save. Raises `UnknownSegmentError`, `SegmentNameError`."""
    return queries.to_choice(keeping.undo(segment_id=segment_id, by=by, now=now))


def archive_segment(*, segment_id: int, by: str, now: datetime) -> None:
    """Put a segment away; whoever uses it goes on finding its customers. Raises `UnknownSegmentError`."""
    keeping.archive(segment_id=segment_id, by=by, now=now)


def restore_segment(*, segment_id: int, by: str, now: datetime) -> None:
    """Bring a segment back. Raises `UnknownSegmentError`, `SegmentNameError`."""
    keeping.restore(segment_id=segment_id, by=by, now=now)


def note_segment_export(*, segment_id: int, by: str, now: datetime) -> None:
    """Somebody takes the customers of a segment away as a file."""
    audit.record(actor=by, action="segment.exported", subject=f"segment:{segment_id}", at=now)
