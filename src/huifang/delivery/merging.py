"""Moves attempts, inbox, replies and the contact ledger of one customer to another, where two are one.

The budget counts both histories. What is still queued and would now be too much is withheld; the ledger's
constraints hold at every moment, so slots that clash get other numbers, and gaps that overlap are cut.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from huifang.decisions.budget import Contact, check_caps, check_gap
from huifang.decisions.policy import ContactClass
from huifang.decisions.reasons import Reason
from huifang.delivery import holds, ledger, policies
from huifang.delivery.models import GAP_SCOPE, Attempt, LinkFollow, ProviderNotice, Reply, Slot
from huifang.delivery.records import AttemptState
from huifang.kernel import clock
from huifang.kernel.ids import CustomerId

_MOVED = (Attempt, LinkFollow, ProviderNotice, Reply)


def move(*, kept_id: CustomerId, gone_id: CustomerId) -> int:
    """Give the kept customer what the gone one has; returns how many attempts that were."""
    count = Attempt.objects.filter(customer_id=gone_id).count()
    customers_merged(kept_id=kept_id, gone_id=gone_id, ended_rounds=(), now=clock.now())
    return count


def customers_merged(
    *, kept_id: CustomerId, gone_id: CustomerId, ended_rounds: Sequence[str], now: datetime
) -> None:
    """Give the kept customer what the gone one has; call off *ended_rounds*. Told again: no change."""
    with transaction.atomic():
        ledger.lock_customers([kept_id, gone_id])
        queued = Attempt.objects.filter(customer_id=gone_id, state=AttemptState.QUEUED)
        late = list(
            queued.exclude(contact_class__in=[ContactClass.CASE, ContactClass.SECURITY])
            .order_by("pk")
            .values_list("round_key", "channel")
        )
        _slots(kept_id, gone_id)
        for model in _MOVED:
            model._default_manager.filter(customer_id=gone_id).update(customer_id=kept_id)
        for round_key in ended_rounds:
            holds.call_off(kept_id, round_key, reason=Reason.ALREADY_ENROLLED, now=now)
        for round_key, channel in late:
            if round_key not in ended_rounds and not _has_room(kept_id, round_key, channel, now=now):
                holds.call_off(kept_id, round_key, reason=Reason.BUDGET_SPENT, now=now)


def _has_room(customer_id: CustomerId, round_key: str, channel: str, *, now: datetime) -> bool:
    """Whether the budget of both histories has room for a queued attempt beside everything else."""
    policy = policies.current()
    longest = max([policy.minimum_gap, *(cap.window for cap in policy.caps)])
    found = ledger.contacts_since([customer_id], since=now - longest, under_way_at=now)
    others = _without(found.get(customer_id, []), round_key, channel)
    caps = check_caps(others, policy.caps, channel=channel, round_key=round_key, now=now)
    return caps.cap is None and check_gap(others, policy.minimum_gap, round_key=round_key, now=now) is None


def _without(contacts: Iterable[Contact], round_key: str, channel: str) -> list[Contact]:
    """All but the last of this round on this channel: the queued attempt itself stands last."""
    rest = list(contacts)
    for number in range(len(rest) - 1, -1, -1):
        if (rest[number].round_key, rest[number].channel) == (round_key, channel):
            del rest[number]
            break
    return rest


def _slots(kept_id: int, gone_id: int) -> None:
    """Write the gone customer's slots anew: a slot never changes its customer."""
    held = list(Slot.objects.filter(customer_id=kept_id))
    mine = list(Slot.objects.filter(customer_id=gone_id).order_by("pk"))
    if not mine:
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL huifang.may_erase = 'yes'")
        cursor.execute("DELETE FROM delivery_slot WHERE customer_id = %s", [gone_id])
        cursor.execute("SET LOCAL huifang.may_erase = ''")
    for row in mine:
        placed = _cut(row, held) if row.scope == GAP_SCOPE else _numbered(row, held)
        if placed is not None:
            placed.pk, placed.customer_id = None, kept_id
            placed.save(force_insert=True)
            held.append(placed)


def _numbered(row: Slot, held: Sequence[Slot]) -> Slot:
    """The lowest number that is free for as long; past the cap's own where both together were over it."""
    taken = {each.slot for each in held if each.scope == row.scope and _overlap(each.during, row.during)}
    row.slot = next(number for number in range(len(taken) + 1) if number not in taken)
    return row


def _cut(row: Slot, held: Sequence[Slot]) -> Slot | None:
    """What is left of a gap beside the kept customer's: the end of it, since that is what still matters."""
    start, end = row.during.lower, row.during.upper
    for each in sorted(
        (each for each in held if each.scope == GAP_SCOPE and each.round_key != row.round_key),
        key=lambda each: each.during.lower,
    ):
        if not _overlap(each.during, DateTimeTZRange(start, end)):
            continue
        if each.during.upper is not None and (end is None or each.during.upper < end):
            start = max(start, each.during.upper)
        else:
            end = each.during.lower
        if end is not None and start >= end:
            return None
    row.during = DateTimeTZRange(start, end)
    return row


def _overlap(one: DateTimeTZRange, two: DateTimeTZRange) -> bool:
    """Whether two spans from their start (in) to their end (out; None: without end) share an instant."""
    begins = one.upper is None or two.lower < one.upper
    return begins and (two.upper is None or one.lower < two.upper)
