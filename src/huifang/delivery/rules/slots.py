"""Which numbered slot of the contact ledger an attempt takes. Pure.

With windows of one length that begin in order of time, taking the lowest free slot is exact: one is
free if and only if the cap has room.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from huifang.decisions.budget import Contact, check_caps, check_gap
from huifang.decisions.policy import CONTACT, ROUND, Cap

GAP_SCOPE = "gap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A slot that is taken. *until* None: as long as its attempt is under way."""

    scope: str
    slot: int
    round_key: str
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A slot to take: it lasts *window* from the instant of hand-over."""

    scope: str
    slot: int
    window: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Full:
    """No room: the cap that is full, and when it frees where that is known."""

    scope: str
    free_at: datetime | None


def scope_of(cap: Cap) -> str:
    """The name under which the ledger keeps *cap*: two caps on one channel have windows of their own."""
    return f"{cap.scope}/{int(cap.window.total_seconds())}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The contact that asks for room."""

    channel: str
    round_key: str


def take(
    wanted: Wanted,
    caps: Sequence[Cap],
    gap: timedelta,
    past: tuple[Sequence[Contact], Sequence[Held]],
    *,
    now: datetime,
) -> tuple[Taken, ...] | Full:
    """The slots for *wanted*, or what is full.

    *past* are the customer's contacts and the slots that they hold. Contacts
    decide, so that a cap made today counts yesterday's; slots give the number,
    and say no as well where they are all taken.
    """
    contacts, held = past
    allowed = check_caps(contacts, caps, channel=wanted.channel, round_key=wanted.round_key, now=now)
    if allowed.cap is not None:
        return Full(scope=scope_of(allowed.cap), free_at=allowed.free_at)
    free_at = check_gap(contacts, gap, round_key=wanted.round_key, now=now)
    if free_at is not None:
        return Full(scope=GAP_SCOPE, free_at=free_at)
    opens_round = all(contact.round_key != wanted.round_key for contact in contacts)
    taken = []
    for cap in _distinct(caps):
        if cap.scope not in (CONTACT, wanted.channel) and not (cap.scope == ROUND and opens_round):
            continue
        number = _lowest_free(cap, held, now=now)
        if number is None:
            return Full(scope=scope_of(cap), free_at=None)
        taken.append(Taken(scope=scope_of(cap), slot=number, window=cap.window))
    if gap:
        taken.append(Taken(scope=GAP_SCOPE, slot=0, window=gap))
    return tuple(taken)


def _distinct(caps: Iterable[Cap]) -> Iterable[Cap]:
    """Of caps that share scope and window, the tightest: they would share their slots too."""
    tightest: dict[str, Cap] = {}
    for cap in caps:
        known = tightest.get(scope_of(cap))
        if known is None or cap.limit < known.limit:
            tightest[scope_of(cap)] = cap
    return tightest.values()


def _lowest_free(cap: Cap, held: Iterable[Held], *, now: datetime) -> int | None:
    scope = scope_of(cap)
    used = {each.slot for each in held if each.scope == scope and (each.until is None or each.until > now)}
    return next((number for number in range(cap.limit) if number not in used), None)
