"""The contact budget: whether one more contact stays within every cap, and when it would.

Counts follow-ups only: case and security contacts neither spend the budget nor are bound by it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from huifang.decisions.policy import CONTACT, ROUND, Cap, ContactClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One contact that was made or is on its way.

    *round_key* is not empty, and shared by the steps of one follow-up of one customer.
    """

    at: datetime
    channel: str
    contact_class: str
    round_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CapResult:
    """Whether the caps allow one more contact.

    Where they do not: *cap* is the one that frees last, *used* how much of it
    is spent, *free_at* the earliest instant at which all caps allow the contact
    (None: never, the limit is 0).
    """

    ok: bool
    cap: Cap | None = None
    used: int = 0
    free_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CapUsage:
    """One line of a budget display: *used* of ``cap.limit``; full until *free_at*."""

    cap: Cap
    used: int
    free_at: datetime | None


_FREE = CapResult(ok=True)


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
    counted = [contact for contact in contacts if contact.contact_class == ContactClass.FOLLOW_UP]
    if not counted:
        return _check_empty(caps, channel=channel)
    opens_round = not round_key or all(contact.round_key != round_key for contact in counted)
    worst = _FREE
    for cap in caps:
        if cap.scope != CONTACT and cap.scope != channel and not (cap.scope == ROUND and opens_round):
            continue
        instants = _instants(counted, cap, now=now)
        if len(instants) < cap.limit:
            continue
        free_at = _free_at(instants, cap)
        if free_at is None:
            return CapResult(ok=False, cap=cap, used=len(instants))
        if worst.free_at is None or free_at > worst.free_at:
            worst = CapResult(ok=False, cap=cap, used=len(instants), free_at=free_at)
    return worst


def check_gap(
    contacts: Iterable[Contact], gap: timedelta, *, round_key: str, now: datetime
) -> datetime | None:
    """When *gap* since the last follow-up of another round is over; None where it is already."""
    if not gap:
        return None
    latest = max(
        (
            contact.at
            for contact in contacts
            if contact.contact_class == ContactClass.FOLLOW_UP and contact.round_key != round_key
        ),
        default=None,
    )
    if latest is None or latest + gap <= now:
        return None
    return latest + gap


def cap_usage(contacts: Iterable[Contact], caps: Iterable[Cap], *, now: datetime) -> tuple[CapUsage, ...]:
    """How much of each cap one customer has used at *now*, in the order of *caps*."""
    counted = [contact for contact in contacts if contact.contact_class == ContactClass.FOLLOW_UP]
    usage = []
    for cap in caps:
        instants = _instants(counted, cap, now=now)
        full = len(instants) >= cap.limit
        free_at = _free_at(instants, cap) if full else None
        usage.append(CapUsage(cap=cap, used=len(instants), free_at=free_at))
    return tuple(usage)


def _check_empty(caps: Iterable[Cap], *, channel: str) -> CapResult:
    for cap in caps:
        if cap.limit == 0 and cap.scope in (CONTACT, ROUND, channel):
            return CapResult(ok=False, cap=cap)
    return _FREE


def _instants(counted: Iterable[Contact], cap: Cap, *, now: datetime) -> list[datetime]:
    """Oldest first, what *cap* counts at *now*."""
    since = now - cap.window
    if cap.scope == CONTACT:
        found = [contact.at for contact in counted if contact.at > since]
    elif cap.scope == ROUND:
        found = [at for at in _round_starts(counted) if at > since]
    else:
        found = [contact.at for contact in counted if contact.at > since and contact.channel == cap.scope]
    found.sort()
    return found


def _round_starts(counted: Iterable[Contact]) -> Iterable[datetime]:
    starts: dict[str, datetime] = {}
    for contact in counted:
        key, at = contact.round_key, contact.at
        if key not in starts or at < starts[key]:
            starts[key] = at
    return starts.values()


def _free_at(instants: Sequence[datetime], cap: Cap) -> datetime | None:
    """When so many of *instants*, oldest first, are a window old that one more fits."""
    if cap.limit == 0:
        return None
    return instants[len(instants) - cap.limit] + cap.window
