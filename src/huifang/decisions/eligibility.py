"""Decides whether one customer may be contacted now, and says why not.

Pure: no clock, no database, no randomness. Instants are aware datetimes.
The same function serves enrolment, dispatch and rehearsal.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from huifang.decisions.buckets import BUCKETS, bucket
from huifang.decisions.budget import Contact, check_caps, check_gap
from huifang.decisions.calendars import Calendar
from huifang.decisions.policy import ContactClass, Policy
from huifang.decisions.reasons import Reason
from huifang.decisions.windows import closed_reason, is_open, next_open
from huifang.decisions.zones import find_zone

EVERY_CHANNEL = "*"


class Stage(StrEnum):
    """When the question is asked: as the customer enters a plan, or as a step is about to be sent."""

    ENROL = "enrol"
    DISPATCH = "dispatch"


class Outcome(StrEnum):
    """What was decided. Stored: never rename a value."""

    CONTACT = "contact"
    WAIT = "wait"
    NO = "no"


class RuleOutcome(StrEnum):
    """What one rule said. Stored: never rename a value."""

    YES = "yes"
    NO = "no"
    WAIT = "wait"
    NOT_ASKED = "not_asked"


class Rule(StrEnum):
    """The rules in the order in which they are asked. Stored: never rename a value."""

    CLOCK = "clock"
    ANSWER = "answer"
    DEADLINE = "deadline"
    SUPPRESSION = "suppression"
    CONSENT = "consent"
    SAMPLING = "sampling"
    GLOBAL_HOLDOUT = "global_holdout"
    HOLDOUT = "holdout"
    CONTACT_POINT = "contact_point"
    ZONE = "zone"
    COOLDOWN = "cooldown"
    CAPS = "caps"
    HOURS = "hours"


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """One customer as the rules see them.

    *customer_key* never changes for a customer: buckets are made of it.
    A channel set may hold "*" for all channels, except *reachable_channels*.
    *last_enrolled_at*: the customer's last enrolment in the same plan.
    *answered*: this very follow-up has its answer already.
    """

    customer_key: str
    time_zone: str
    consented_channels: frozenset[str]
    suppressed_channels: frozenset[str]
    reachable_channels: frozenset[str]
    contacts: tuple[Contact, ...]
    clock_trusted: bool
    last_enrolled_at: datetime | None = None
    answered: bool = False


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted of one customer: one contact on one channel, before *deadline*.

    *round_key* is one follow-up of one customer; "" where it has no key yet.
    *not_before* is the planned instant where the plan has a delay: caps and
    hours are asked for that instant, everything else for now.
    *sampling_basis_points* of the customers take part; *holdout_basis_points*
    of these are the control group.
    """

    plan_key: str
    contact_class: str
    channel: str
    round_key: str
    deadline: datetime
    stage: Stage
    not_before: datetime | None = None
    cooldown: timedelta = timedelta(0)
    sampling_basis_points: int = BUCKETS
    holdout_basis_points: int = 0


class RuleResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one rule said; *detail* is facts for display, instants in ISO 8601."""

    rule: Rule
    outcome: RuleOutcome
    detail: Mapping[str, str]


Seen = str | int | datetime
_NOTHING: Mapping[str, str] = {}
_YES = tuple(RuleResult(rule=rule, outcome=RuleOutcome.YES, detail=_NOTHING) for rule in Rule)
_NOT_ASKED = tuple(RuleResult(rule=rule, outcome=RuleOutcome.NOT_ASKED, detail=_NOTHING) for rule in Rule)
_PLACE = {rule: place for place, rule in enumerate(Rule)}


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """Contact (not before the asked `Ask.not_before`), wait or no.

    A wait carries *until*, the first instant at which the same question finds
    contact allowed if nothing else changes. *rule* is the one that stopped it,
    *seen* what it saw; *exempt* rules are never asked of such a contact.
    """

    outcome: Outcome
    reason: Reason | None = None
    until: datetime | None = None
    rule: Rule | None = None
    seen: Mapping[str, Seen] = msgspec.field(default_factory=dict)
    exempt: frozenset[Rule] = frozenset()

    @property
    def detail(self) -> dict[str, str]:
        """What the rule that stopped it saw, as texts; instants in ISO 8601."""
        return _show(self.seen)

    @property
    def rules(self) -> tuple[RuleResult, ...]:
        """Every rule in order: those that said yes, the one that stopped, those not asked."""
        if self.rule is None:
            chain = _YES
        else:
            place = _PLACE[self.rule]
            said = RuleOutcome.WAIT if self.outcome is Outcome.WAIT else RuleOutcome.NO
            stop = RuleResult(rule=self.rule, outcome=said, detail=self.detail)
            chain = (*_YES[:place], stop, *_NOT_ASKED[place + 1 :])
        return tuple(_NOT_ASKED[_PLACE[r.rule]] if r.rule in self.exempt else r for r in chain)


def _show(seen: Mapping[str, Seen]) -> dict[str, str]:
    # Only here, since most decisions are counted and few are read.
    return {name: one.isoformat() if isinstance(one, datetime) else str(one) for name, one in seen.items()}


class _Full(NamedTuple):
    """A spent budget: when it allows the contact again (None: never), and what is spent."""

    free_at: datetime | None
    seen: Mapping[str, Seen]


# Looking a member up on its class costs as much as a whole comparison.
_CASE, _SECURITY, _ENROL = ContactClass.CASE, ContactClass.SECURITY, Stage.ENROL
_UNBOUND = (_CASE, _SECURITY)
_NO_RULE = frozenset[Rule]()
_FOR_FOLLOW_UPS = frozenset(
    {Rule.SUPPRESSION, Rule.SAMPLING, Rule.GLOBAL_HOLDOUT, Rule.HOLDOUT, Rule.COOLDOWN, Rule.CAPS}
)
_NOT_FOR_SECURITY = _FOR_FOLLOW_UPS | {Rule.CONSENT}
# The cooldown is between enrolments, so a dispatch is past it.
_NOT_FOR_DISPATCH = frozenset({Rule.COOLDOWN})
_CONTACT = {
    exempt: Decision(outcome=Outcome.CONTACT, exempt=exempt)
    for exempt in (_NO_RULE, _NOT_FOR_DISPATCH, _FOR_FOLLOW_UPS, _NOT_FOR_SECURITY)
}
_ENROL_NOW = _CONTACT[_NO_RULE]


def decide(candidate: Candidate, ask: Ask, policy: Policy, calendar: Calendar, *, now: datetime) -> Decision:
    """Apply the rules in order of permanence; the first that does not say yes ends the chain.

    Caps and hours wait where that can end before the deadline. Nothing else
    waits: an event inside the cooldown is let go, an unsure clock is asked again
    by the caller, who leaves the work where it lies.

    Case and security contacts are a class of their own. They answer the
    customer's own complaint or protect the customer's money, so sampling,
    holdouts, cooldown and caps are not asked, and a suppression, which is a "no"
    to follow-ups, does not silence them. A case contact needs consent to
    service; a security contact needs none. Both keep to hours and zone, and to
    a contact point that is alive. A class that is not known is bound as a
    follow-up is.
    """
    follow_up = _is_follow_up(ask)
    stop = (
        _ask_the_moment(candidate, ask, now)
        or _ask_permission(candidate, ask)
        or (chance_stop(candidate.customer_key, ask, policy) if follow_up else None)
    )
    if stop:
        return stop
    if ask.channel not in candidate.reachable_channels:
        return _stop(ask, Rule.CONTACT_POINT, Reason.NO_CONTACT_POINT, {"channel": ask.channel})
    zone = find_zone(candidate.time_zone)
    if zone is None:
        return _stop(ask, Rule.ZONE, Reason.UNKNOWN_ZONE, {"zone": candidate.time_zone})
    if follow_up and ask.stage == _ENROL and candidate.last_enrolled_at and ask.cooldown:
        over_at = candidate.last_enrolled_at + ask.cooldown
        if over_at > now:
            return _stop(ask, Rule.COOLDOWN, Reason.COOLDOWN, {"over_at": over_at})
    at = ask.not_before if ask.not_before and ask.not_before > now else now
    full = _ask_budget(candidate, ask, policy, at) if follow_up else None
    if full:
        until = _opening(ask, policy, calendar, zone, full.free_at) if full.free_at else None
        return _stop(ask, Rule.CAPS, Reason.CAP_REACHED, full.seen, until)
    hours = policy.hours.get(ask.channel)
    if hours and at < ask.deadline and is_open(at, zone, hours, calendar):
        return _ENROL_NOW if follow_up and ask.stage == _ENROL else _CONTACT[_exempt(ask)]
    until = _opening(ask, policy, calendar, zone, at)
    reason = closed_reason(at, zone, hours, calendar) if hours and until else Reason.NO_WINDOW
    return _stop(ask, Rule.HOURS, reason, {"local_time": at.astimezone(zone), "zone": zone.key}, until)


def _is_follow_up(ask: Ask) -> bool:
    return ask.contact_class not in _UNBOUND


def _exempt(ask: Ask) -> frozenset[Rule]:
    if ask.contact_class == _SECURITY:
        return _NOT_FOR_SECURITY
    if ask.contact_class == _CASE:
        return _FOR_FOLLOW_UPS
    return _NO_RULE if ask.stage == _ENROL else _NOT_FOR_DISPATCH


def _ask_the_moment(candidate: Candidate, ask: Ask, now: datetime) -> Decision | None:
    if not candidate.clock_trusted:
        return _stop(ask, Rule.CLOCK, Reason.CLOCK_UNSURE)
    if candidate.answered:
        return _stop(ask, Rule.ANSWER, Reason.ALREADY_ANSWERED)
    if now >= ask.deadline:
        return _stop(ask, Rule.DEADLINE, Reason.EXPIRED, {"deadline": ask.deadline})
    return None


def _ask_permission(candidate: Candidate, ask: Ask) -> Decision | None:
    suppressed, consented = candidate.suppressed_channels, candidate.consented_channels
    if suppressed and _is_follow_up(ask) and (EVERY_CHANNEL in suppressed or ask.channel in suppressed):
        return _stop(ask, Rule.SUPPRESSION, Reason.SUPPRESSED, {"channels": " ".join(sorted(suppressed))})
    if ask.contact_class == _SECURITY:
        return None
    if ask.channel not in consented and EVERY_CHANNEL not in consented:
        return _stop(ask, Rule.CONSENT, Reason.NO_CONSENT, {"channel": ask.channel})
    return None


def chance_stop(key: str, ask: Ask, policy: Policy) -> Decision | None:
    """What chance says against a follow-up to the customer with *key*, whenever it is asked."""
    if ask.sampling_basis_points < BUCKETS:
        place = bucket(f"sampling:{ask.plan_key}", key)
        if place >= ask.sampling_basis_points:
            return _stop(ask, Rule.SAMPLING, Reason.NOT_SAMPLED, _bucket(place, ask.sampling_basis_points))
    if policy.global_holdout_basis_points:
        place = bucket(policy.holdout_salt, key)
        if place < policy.global_holdout_basis_points:
            seen = _bucket(place, policy.global_holdout_basis_points)
            return _stop(ask, Rule.GLOBAL_HOLDOUT, Reason.GLOBAL_HOLDOUT, seen)
    if ask.holdout_basis_points:
        place = bucket(f"holdout:{ask.plan_key}", key)
        if place < ask.holdout_basis_points:
            return _stop(ask, Rule.HOLDOUT, Reason.HOLDOUT, _bucket(place, ask.holdout_basis_points))
    return None


def _bucket(place: int, basis_points: int) -> dict[str, Seen]:
    return {"bucket": place, "basis_points": basis_points}


def _ask_budget(candidate: Candidate, ask: Ask, policy: Policy, at: datetime) -> _Full | None:
    """What keeps the contact back at *at*; None where nothing does."""
    key = ask.round_key
    result = check_caps(candidate.contacts, policy.caps, channel=ask.channel, round_key=key, now=at)
    gap_until = check_gap(candidate.contacts, policy.minimum_gap, round_key=key, now=at)
    if gap_until and (result.ok or (result.free_at and result.free_at < gap_until)):
        return _Full(gap_until, {"scope": "minimum_gap", "free_at": gap_until})
    if result.cap is None:
        return None
    seen: dict[str, Seen] = {
        "scope": result.cap.scope,
        "used": result.used,
        "limit": result.cap.limit,
        "window_seconds": int(result.cap.window.total_seconds()),
    }
    if result.free_at:
        seen["free_at"] = result.free_at
    return _Full(result.free_at, seen)


def _opening(ask: Ask, policy: Policy, calendar: Calendar, zone: ZoneInfo, at: datetime) -> datetime | None:
    """First allowed instant from *at* on and before the deadline."""
    hours = policy.hours.get(ask.channel)
    return next_open(at, zone, hours, calendar, until=ask.deadline) if hours else None


def _stop(
    ask: Ask,
    rule: Rule,
    reason: Reason,
    seen: Mapping[str, Seen] = _NOTHING,
    until: datetime | None = None,
) -> Decision:
    """A wait where there is an instant to wait for, else a no."""
    outcome = Outcome.WAIT if until else Outcome.NO
    return Decision(outcome=outcome, reason=reason, until=until, rule=rule, seen=seen, exempt=_exempt(ask))
