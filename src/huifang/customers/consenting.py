"""Consents given and withdrawn, refusals and their end, addresses that retire."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from huifang.customers import cleaning, intake, ledger, rules, sealing, store
from huifang.customers.errors import UnknownChannelError, UnknownCustomerError, UnknownPurposeError
from huifang.customers.models import ContactPoint, Customer, Suppression
from huifang.customers.records import CHANNELS, EVERY, KIND_OF_CHANNEL, PURPOSES, CustomerRefused
from huifang.customers.rules import ConsentAct
from huifang.customers.settings import DEFAULT_COUNTRY
from huifang.kernel import audit, outbox
from huifang.kernel.ids import CustomerId

_TEXT_LENGTH_MAX = 2000


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


def lock_one(customer_id: CustomerId) -> CustomerId:
    """Lock a customer to the end of the transaction; who they are by now. Raises `UnknownCustomerError`."""
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
        customer_id = lock_one(customer_id)
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
        customer_id = lock_one(customer_id)
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
        customer_id = lock_one(customer_id)
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
        customer_id = lock_one(customer_id)
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


def refuse_for_customer(*, customer_id: CustomerId, note: str, by: str, now: datetime) -> None:
    """A member of staff was asked to leave the customer alone."""
    with transaction.atomic():
        customer_id = lock_one(customer_id)
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
