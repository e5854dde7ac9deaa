"""The contact budget: whether one more contact stays within every cap, and when it would.

Counts follow-ups only: case and security contacts neither spend the budget nor are bound by it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from huifang.decisions.policy import CONTACT, ROUND, Cap, ContactClass


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """One contact that was made or is on its way.

    *round_key* is not empty, and shared by the steps of one follow-up of one customer.
    """

    at: datetime
    channel: str
    contact_class: str
    round_key: str


class CapResult(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the caps allow one more contact.

    Where they do not: *cap* is the one that frees last, *used* how much of it
    is spent, *free_at* the earliest instant at which all caps allow the contact
    (None: never, the limit is 0).
    """

    ok: bool
    cap: Cap | None = None
    used: int = 0
    free_at: datetime | None = None


class CapUsage(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a budget display: *used* of ``cap.limit``; full until *free_at*."""

    cap: Cap
    used: int
    free_at: datetime | None


_FREE = CapResult(ok=True)
_FOLLOW_UP = ContactClass.FOLLOW_UP.value


def check_caps(
    contacts: Sequence[Contact],
    caps: Iterable[Cap],
    *,
    channel: str,
    round_key: str,
    now: datetime,
) -> CapResult:
    """Whether one more follow-up on *channel* at *now* stays within *caps*.

    *contacts* reach back at least as far as the longest window. A contact
    exactly one window ago no longer counts; one in the future does. A contact
    opens a round when *contacts* hold none of the same *round_key* ("": it
    always does), so a later step opens it where the first one never went out.
    """
    if not contacts:
        return _check_untouched(caps, channel=channel)
    rounds, pools = _tally(contacts)
    opens_round = not round_key or round_key not in rounds
    worst = _FREE
    for cap in caps:
        scope = cap.scope
        if scope != CONTACT and scope != channel and (scope != ROUND or not opens_round):
            continue
        pool = pools.get(scope, ())
        if len(pool) < cap.limit:
            continue
        spent = _spent(pool, cap, now=now)
        if len(spent) < cap.limit:
            continue
        free_at = _free_at(spent, cap)
        if free_at is None:
            return CapResult(ok=False, cap=cap, used=len(spent))
        if worst.free_at is None or free_at > worst.free_at:
            worst = CapResult(ok=False, cap=cap, used=len(spent), free_at=free_at)
    return worst


def check_gap(
    contacts: Iterable[Contact], gap: timedelta, *, round_key: str, now: datetime
) -> datetime | None:
    """When *gap* since the last follow-up of another round is over; None where it is already."""
    if not gap or not contacts:
        return None
    since = now - gap
    latest = None
    for contact in contacts:
        at = contact.at
        if at <= since or (latest and at <= latest):
            continue
        if contact.contact_class == _FOLLOW_UP and contact.round_key != round_key:
            latest = at
    return latest + gap if latest else None


def cap_usage(contacts: Iterable[Contact], caps: Iterable[Cap], *, now: datetime) -> tuple[CapUsage, ...]:
    """How much of each cap one customer has used at *now*, in the order of *caps*."""
    _, pools = _tally(contacts)
    usage = []
    for cap in caps:
        spent = _spent(pools.get(cap.scope, ()), cap, now=now)
        free_at = _free_at(spent, cap) if len(spent) >= cap.limit else None
        usage.append(CapUsage(cap=cap, used=len(spent), free_at=free_at))
    return tuple(usage)


def _check_untouched(caps: Iterable[Cap], *, channel: str) -> CapResult:
    for cap in caps:
        if cap.limit == 0 and cap.scope in (CONTACT, ROUND, channel):
            return CapResult(ok=False, cap=cap)
    return _FREE


def _tally(contacts: Iterable[Contact]) -> tuple[dict[str, datetime], dict[str, list[datetime]]]:
    """Follow-ups: the first instant of each round, and the instants that each scope may count."""
    rounds: dict[str, datetime] = {}
    every: list[datetime] = []
    pools = {CONTACT: every}
    for contact in contacts:
        if contact.contact_class != _FOLLOW_UP:
            continue
        at, key, channel = contact.at, contact.round_key, contact.channel
        every.append(at)
        if channel in pools:
            pools[channel].append(at)
        else:
            pools[channel] = [at]
        if key not in rounds or at < rounds[key]:
            rounds[key] = at
    pools[ROUND] = list(rounds.values())
    return rounds, pools


def _spent(pool: Iterable[datetime], cap: Cap, *, now: datetime) -> list[datetime]:
    """What *cap* counts at *now*, oldest first."""
    since = now - cap.window
    spent = [at for at in pool if at > since]
    spent.sort()
    return spent


def _free_at(spent: Sequence[datetime], cap: Cap) -> datetime | None:
    """When so many of *spent*, oldest first, are a window old that one more fits."""
    if cap.limit == 0:
        return None
    return spent[len(spent) - cap.limit] + cap.window
