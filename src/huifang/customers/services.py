"""What can be done in the customers room. Each is one transaction; a repeated call changes nothing more."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from huifang.customers import (
    cleaning,
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
from huifang.customers.errors import (
    SameCustomerError,
    UnknownChannelError,
    UnknownCustomerError,
    UnknownPurposeError,
)
from huifang.customers.models import ContactPoint, Customer, Merge, Suppression
from huifang.customers.records import (
    CHANNELS,
    EVERY,
    KIND_OF_CHANNEL,
    PURPOSES,
    AppliedEvent,
    ChainReport,
    CustomerRefused,
    CustomersMerged,
    ImportReport,
    SegmentChoice,
)
from huifang.customers.rules import ConsentAct
from huifang.customers.segments import keeping
from huifang.customers.segments.definition import read as read_segment
from huifang.customers.segments.keeping import Draft
from huifang.customers.settings import DEFAULT_COUNTRY, MERGE_BY_ALIAS
from huifang.events.records import StoredEvent
from huifang.kernel import audit, outbox
from huifang.kernel.ids import CustomerId
from huifang.kernel.rows import RefusedRow, Row

_TEXT_LENGTH_MAX = 2000
_ALIAS = "system:alias"


def apply_events(*, events: Sequence[StoredEvent], now: datetime) -> list[AppliedEvent]:
    """Make and update customers from *events*, in order; call once in the transaction that moves the cursor.

    Events whose customer is not known (anonymous, or with an id that cannot be used) are left out.
    """
    with transaction.atomic():
        return intake.take(events, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    """Why all contact on *channel* stops."""

    channel: str
    reason: str
    source: str
    at: datetime
    note: str = ""


def _lock(*customer_ids: int) -> list[CustomerId]:
    """Lock customers in the order of their keys, before anything else; returns who they are now, in order.

    Raises `UnknownCustomerError`.
    """
    store.hold_merges()
    now_called = store.kept(customer_ids)
    keys = {now_called.get(pk, pk) for pk in customer_ids}
    rows = Customer.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    missing = keys - set(rows.values_list("pk", flat=True))
    if missing:
        raise UnknownCustomerError(customer=missing.pop())
    return [CustomerId(pk) for pk in sorted(keys)]


def _lock_one(customer_id: CustomerId) -> CustomerId:
    return _lock(customer_id)[0]


def _check_channel(channel: str) -> None:
    if channel not in {*CHANNELS, EVERY}:
        raise UnknownChannelError(channel=channel, channels=", ".join(CHANNELS))


def record_consent(  # noqa: PLR0913 - one keyword a column of the ledger
    *,
    customer_id: CustomerId,
    purpose: str,
    channel: str = EVERY,
    given: bool,
    wording: str = "",
    source: str,
    at: datetime,
    evidence: str = "",
) -> None:
    """Write a yes or no to the ledger. *wording*: what was shown. *evidence*: where it can be looked up.

    Raises `UnknownPurposeError`, `UnknownChannelError`, `UnknownCustomerError`.
    """
    if purpose not in PURPOSES:
        raise UnknownPurposeError(purpose=purpose, purposes=", ".join(PURPOSES))
    _check_channel(channel)
    with transaction.atomic():
        customer_id = _lock_one(customer_id)
        act = ConsentAct(
            customer_id=customer_id,
            purpose=purpose,
            channel=channel,
            act=rules.GIVEN if given else rules.WITHDRAWN,
            wording=cleaning.clean_text(wording, _TEXT_LENGTH_MAX),
            source=cleaning.clean_text(source),
            evidence=cleaning.clean_text(evidence),
            at=at,
        )
        intake.refuse(ledger.record([act], now=at))


def suppress(
    *, customer_id: CustomerId, channel: str = EVERY, reason: str, source: str, at: datetime
) -> None:
    """Stop all contact on *channel* ("*": on every one), whatever was consented to.

    Raises `UnknownChannelError`, `UnknownCustomerError`.
    """
    _check_channel(channel)
    with transaction.atomic():
        customer_id = _lock_one(customer_id)
        _suppress([customer_id], _Refusal(channel=channel, reason=reason, source=source, at=at))


def _suppress(customer_ids: Sequence[CustomerId], refusal: _Refusal) -> None:
    """Write the refusal of customers who are locked; those who have refused already are left as they are."""
    columns = {
        "reason": cleaning.clean_text(refusal.reason),
        "note": cleaning.clean_text(refusal.note),
        "source": cleaning.clean_text(refusal.source),
        "at": refusal.at,
    }
    fresh = [pk for pk in customer_ids if _insert_suppression(pk, b"", refusal.channel, columns)]
    if not fresh:
        return
    store.spread_suppressions(fresh, KIND_OF_CHANNEL)
    _write_refusals(fresh, refusal.channel, rules.REFUSED, source=refusal.source, at=refusal.at)
    outbox.record(
        *(
            CustomerRefused(customer_id=pk, channel=refusal.channel, source=refusal.source, at=refusal.at)
            for pk in fresh
        )
    )


def _insert_suppression(
    customer_id: Any, contact_hash: bytes, channel: str, columns: Mapping[str, Any]
) -> bool:
    """Write a refusal of a customer (None: of whoever has the address); whether there was none yet."""
    _, is_new = Suppression.objects.get_or_create(
        customer_id=customer_id,
        contact_hash=contact_hash,
        channel=channel,
        lifted_at=None,
        defaults=columns,
    )
    return is_new


def _write_refusals(
    customer_ids: Sequence[int], channel: str, act: str, *, source: str, at: datetime
) -> None:
    acts = [
        ConsentAct(
            customer_id=customer_id,
            purpose=EVERY,
            channel=channel,
            act=act,
            source=cleaning.clean_text(source),
            at=at,
        )
        for customer_id in customer_ids
    ]
    ledger.record(acts, now=at)


def lift_suppression(*, customer_id: CustomerId, channel: str = EVERY, source: str, at: datetime) -> bool:
    """End the customer's own refusal of *channel*; consent is what it was. Says whether there was one.

    A refusal that came with their address from nobody in particular ends too; those of other customers stay.
    """
    _check_channel(channel)
    with transaction.atomic():
        customer_id = _lock_one(customer_id)
        hashes = list(
            ContactPoint.objects.filter(customer_id=customer_id, state="active").values_list(
                "blind_index", flat=True
            )
        )
        own = Suppression.objects.filter(customer_id=customer_id, channel=channel, lifted_at=None)
        nobodys = Suppression.objects.filter(
            customer=None, contact_hash__in=hashes, channel=channel, lifted_at=None
        )
        ended = {"lifted_at": at, "lifted_source": cleaning.clean_text(source)}
        count = own.update(**ended) + nobodys.update(**ended)
        if count:
            _write_refusals([customer_id], channel, rules.LIFTED, source=source, at=at)
        return count > 0


def refuse_by_address(*, kind: str, address: str, source: str, at: datetime) -> CustomerId | None:
    """Stop all contact with whoever has *address* (a reply STOP or 退订), known or not.

    Where several customers share it, nobody can tell who wrote, so all of them are left alone. Returns
    the one seen last.
    """
    value = cleaning.clean_contact(kind, address, DEFAULT_COUNTRY)
    if not value:
        return None
    blind_index = sealing.contact_hash(kind, value)
    columns = {"reason": "reply", "source": cleaning.clean_text(source), "at": at}
    with transaction.atomic():
        holders = Customer.objects.filter(contact_points__blind_index=blind_index).distinct()
        found = [CustomerId(pk) for pk in holders.order_by("-last_seen_at").values_list("pk", flat=True)]
        _lock(*found)  # contact points lie with those who were kept
        _insert_suppression(None, blind_index, EVERY, columns)
        _suppress(sorted(found), _Refusal(channel=EVERY, reason="reply", source=source, at=at))
        return found[0] if found else None


def retire_contact_point(*, customer_id: CustomerId, channel: str, reason: str, at: datetime) -> None:
    """Stop using the address behind *channel*, for good: stating it again does not bring it back."""
    with transaction.atomic():
        customer_id = _lock_one(customer_id)
        points = ContactPoint.objects.filter(customer_id=customer_id, kind=KIND_OF_CHANNEL.get(channel))
        retired = points.filter(state="active").update(
            state="retired", reason=cleaning.clean_text(reason) or "unreachable"
        )
        if retired:
            audit.record(
                actor="system",
                action="contact_point.retired",
                subject=f"customer:{customer_id}",
                facts={"channel": channel, "reason": cleaning.clean_text(reason)},
                at=at,
            )


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
        customer_id = queries.now_called(customer_id)
        if kind == "name":
            customer = Customer.objects.filter(pk=customer_id).first()
            return sealing.open_name(customer.sealed_name) if customer else None
        point = ContactPoint.objects.filter(customer_id=customer_id, kind=kind, state="active").first()
        return sealing.open_contact(point.sealed) if point else None


def refuse_for_customer(*, customer_id: CustomerId, note: str, by: str, now: datetime) -> None:
    """A member of staff was asked to leave the customer alone."""
    with transaction.atomic():
        customer_id = _lock_one(customer_id)
        _suppress([customer_id], _Refusal(channel=EVERY, reason="asked", source=by, at=now, note=note))
        audit.record(actor=by, action="customer.refused", subject=f"customer:{customer_id}", at=now)


def lift_for_customer(*, customer_id: CustomerId, channel: str, by: str, now: datetime) -> None:
    """A member of staff was asked to be in touch again."""
    with transaction.atomic():
        if lift_suppression(customer_id=customer_id, channel=channel, source=by, at=now):
            audit.record(
                actor=by,
                action="customer.refusal_lifted",
                subject=f"customer:{customer_id}",
                facts={"channel": channel},
                at=now,
            )


def choose_language(*, customer_id: CustomerId, language: str, now: datetime) -> None:
    """The customer chose the language of what is sent to them; the wallet's word no longer changes it."""
    with transaction.atomic():
        customer = Customer.objects.get(pk=_lock_one(customer_id))
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
