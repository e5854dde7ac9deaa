"""What happens to customers who are alike at about the same time, played once for all of them. Pure.

Without quotas no customer is in another's way. A decision about somebody who was never contacted rests on
their standing, on chance, and on whether it is open where they live; everything else in a course is so long
after the event. So the course of one of them, played by the code that decides live, is that of each who
follows in the same hour, moved by the time between their events: as long as at every instant about which
was asked the wall clock stays in its hour and nothing opens or closes. Who waited for an opening shares its
instant with the others. Wherever that is not sure, each customer is played by themselves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from huifang.customers.records import Standing
from huifang.decisions.buckets import BUCKETS
from huifang.decisions.budget import Contact
from huifang.decisions.eligibility import Ask, Rule, Stage, chance_stop
from huifang.decisions.windows import steady_for
from huifang.decisions.zones import find_zone
from huifang.plans.course import deadline_of, link_expires_at
from huifang.plans.playing import Ask as Asked
from huifang.plans.playing import Hour, Person, Planned, Playing, Sent, hour_of
from huifang.plans.records import PlanDefinition, StepKind
from huifang.plans.situations import LivePlan, Moment, Subject, Verdict, is_follow_up

_UNSURE_FOR = timedelta(minutes=10)
_NO_TIME = timedelta(0)


class Fate(msgspec.Struct, kw_only=True):
    """What happens to whom an event in [*start*, *end*) befalls. Where it is not *is_sure*: play them.

    The follow-up is over *over_after* the event or at *over_at*. *times* counts whom it befell.
    """

    start: datetime
    end: datetime
    is_sure: bool
    hour: Hour
    reason: str = ""
    enters: bool = False
    is_control: bool = False
    planned: tuple[Planned, ...] = ()
    over_after: timedelta | None = None
    over_at: datetime | None = None
    sent: tuple[Sent, ...] = ()
    times: int = 0


class Kind(msgspec.Struct, kw_only=True):
    """Customers who are alike, and the fate that was last found for them."""

    fate: Fate | None = None


@dataclass(slots=True)
class Kinds:
    """Sorts customers into kinds: those for whom every rule says the same at the same instant."""

    plan: LivePlan
    moment_at: Callable[[datetime], Moment]
    _known: dict[tuple[object, ...], Kind] = field(default_factory=dict)
    _ask: Ask | None = None

    def kind_of(self, standing: Standing, *, is_met: bool, at: datetime) -> Kind:
        """The kind of a customer without contacts. *is_met*: the plan's conditions are."""
        key: tuple[object, ...] = (standing.time_zone,)
        if is_met:
            key = (
                standing.time_zone,
                standing.language,
                standing.consented_channels,
                standing.suppressed_channels,
                standing.reachable_channels,
                self._chance(standing.external_id, at),
            )
        kind = self._known.get(key)
        if kind is None:
            kind = self._known[key] = Kind()
        return kind

    def _chance(self, customer_key: str, at: datetime) -> str:
        """What chance says to the customer: it is the same at every moment."""
        definition, policy = self.plan.definition, self.moment_at(at).policy
        if not is_follow_up(definition):
            return ""
        is_certain = definition.sampling_basis_points >= BUCKETS and not definition.holdout_basis_points
        if is_certain and not policy.global_holdout_basis_points:
            return ""
        if self._ask is None:
            self._ask = _ask_of(self.plan, at)
        stop = chance_stop(customer_key, self._ask, policy)
        return stop.reason or "" if stop else ""


def can_share(definition: PlanDefinition) -> bool:
    """Whether the fate of one customer says anything of another's.

    Not with quotas, which they share, and not where a step has conditions or is announced: then more
    instants are asked about than are told.
    """
    is_plain = all(step.kind is not StepKind.NOTICE and not step.conditions for step in definition.steps)
    return is_plain and not definition.quotas


def foresee(
    plan: LivePlan, moment_at: Callable[[datetime], Moment], subject: Subject, occurred_at: datetime
) -> Fate:
    """Play one customer, who has no contacts, alone: the fate of all of that kind from *occurred_at* on."""
    asked: list[Asked] = []
    playing = Playing(plan, moment_at, asked.append)
    zone = subject.standing.time_zone
    hour = hour_of(occurred_at, zone)
    person = Person(external_id="", first_at=occurred_at, hour=hour)
    entry = playing.see(person, subject, occurred_at)
    playing.finish()
    found = _Found(occurred_at)
    left = _steady_time(plan, moment_at, zone, found.instants) if found.read(asked) else _NO_TIME
    if not left:
        return Fate(start=occurred_at, end=occurred_at + _UNSURE_FOR, is_sure=False, hour=hour)
    fate = Fate(
        start=occurred_at,
        end=occurred_at + left,
        is_sure=True,
        hour=hour,
        reason=person.reason,
        enters=entry.enters,
        is_control=entry.is_control,
        planned=tuple(map(found.placed, person.contacts)),
        sent=tuple(playing.sent.elements()),
    )
    if person.open_until is not None:
        # Past the last step a follow-up is open as long as its link is, which goes by the event.
        expires = link_expires_at(deadline_of(plan.definition, occurred_at))
        is_shared = person.open_until != expires and found.is_shared(person.open_until)
        fate.over_at = person.open_until if is_shared else None
        fate.over_after = None if is_shared else person.open_until - occurred_at
    return fate


@dataclass(slots=True)
class _Found:
    """What was asked on the way, and from which instant on all of a kind are at the same place."""

    occurred_at: datetime
    instants: list[datetime] = field(default_factory=list)
    shared_from: datetime | None = None

    def read(self, asked: Sequence[Asked]) -> bool:
        """Take in what was asked; whether it would be answered alike a little later."""
        for instants, verdicts in asked:
            if self.shared_from is None:
                self.instants += instants
            if not all(map(self._holds, verdicts)):
                return False
        return True

    def is_shared(self, at: datetime) -> bool:
        """Whether *at* is the same instant for all, not so long after the event of each."""
        return self.shared_from is not None and at >= self.shared_from

    def placed(self, made: Contact) -> Planned:
        """Where *made* lies for everybody."""
        is_shared = self.is_shared(made.at)
        return Planned(
            channel=made.channel,
            contact_class=made.contact_class,
            after=None if is_shared else made.at - self.occurred_at,
            at=made.at if is_shared else None,
        )

    def _holds(self, verdict: Verdict) -> bool:
        until, free_at = verdict.until, verdict.seen.get("free_at")
        if verdict.rule == Rule.DEADLINE:  # a deadline goes by the event, so it passes between instants
            return self.shared_from is None
        if verdict.rule == Rule.CAPS and isinstance(free_at, datetime):
            if self.shared_from is None:
                self.instants.append(free_at)
            if until == free_at:
                return True
        elif verdict.rule != Rule.HOURS:
            return until is None
        if until is None:  # that nothing opens before the deadline may be otherwise for a later one
            return False
        self.shared_from = self.shared_from or until
        return True


def _steady_time(
    plan: LivePlan, moment_at: Callable[[datetime], Moment], zone_name: str, instants: Sequence[datetime]
) -> timedelta:
    zone = find_zone(zone_name) or ZoneInfo("UTC")
    policy = moment_at(instants[0]).policy
    hours = [
        policy.hours[channel]
        for channel in {step.channel for step in plan.definition.steps}
        if channel in policy.hours
    ]
    return min(steady_for(at, zone, hours, moment_at(at).calendar) for at in instants)


def _ask_of(plan: LivePlan, at: datetime) -> Ask:
    definition = plan.definition
    return Ask(
        plan_key=plan.key,
        contact_class=definition.contact_class,
        channel="",
        round_key="",
        deadline=at,
        stage=Stage.ENROL,
        sampling_basis_points=definition.sampling_basis_points,
        holdout_basis_points=definition.holdout_basis_points,
    )
