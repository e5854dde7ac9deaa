"""Plays events through a plan: each customer by themselves, or, where they are alike, one for all. Pure."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from huifang.customers.records import Standing
from huifang.decisions.budget import Contact
from huifang.decisions.conditions import unmet
from huifang.plans import fates
from huifang.plans.playing import Person, Playing, Sent, hour_of
from huifang.plans.situations import EVENT, LivePlan, Moment, Subject, fields_of, subject_facts

_NOTHING: Mapping[str, object] = {}


class Member(msgspec.Struct, kw_only=True):
    """One customer as they stand now, *contacts* before the rehearsal and of other plans with them.

    *kind* is found once, where the conditions look at no event.
    """

    customer_id: int
    standing: Standing
    contacts: tuple[Contact, ...]
    activity: Mapping[str, tuple[int, float]]
    kind: fates.Kind | None = None


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """One event of one customer that starts the plan. *facts*: what its conditions look at of the event."""

    member: Member
    occurred_at: datetime
    facts: Mapping[str, object] = _NOTHING


@dataclass(slots=True)
class Simulation:
    """Feed happenings in order of time to `see`, then call `finish`."""

    plan: LivePlan
    moment_at: Callable[[datetime], Moment]
    shares_fates: bool = True
    events: int = 0
    people: dict[int, Person] = field(default_factory=dict)
    _playing: Playing = field(init=False)
    _kinds: fates.Kinds = field(init=False)
    _fates: list[fates.Fate] = field(default_factory=list)
    _asks_of_event: bool = field(init=False)

    def __post_init__(self) -> None:
        definition = self.plan.definition
        self._playing = Playing(self.plan, self.moment_at)
        self._kinds = fates.Kinds(self.plan, self.moment_at)
        self.shares_fates = self.shares_fates and fates.can_share(definition)
        self._asks_of_event = any(field.startswith(EVENT) for field in fields_of(definition))

    def see(self, happening: Happening) -> None:
        """Take one event, after everything that was due before it."""
        self.events += 1
        member, at = happening.member, happening.occurred_at
        person = self.people.get(member.customer_id)
        is_new = person is None or person.last_entered_at is None
        if self.shares_fates and is_new and not member.contacts:
            fate = self._fate(happening)
            if fate.is_sure:
                self._befall(person, fate, happening)
                return
        if person is None:
            person = self._meet(happening, hour_of(at, member.standing.time_zone))
        elif self._playing.stops(person, at):
            return
        self._playing.see(person, self._subject(happening), at)

    def finish(self) -> None:
        """Let everything under way come to its end."""
        self._playing.finish()

    @property
    def sent(self) -> Counter[Sent]:
        """How many contacts were made, by where and when they were."""
        found = Counter(self._playing.sent)
        for fate in self._fates:
            for each in fate.sent:
                found[each] += fate.times
        return found

    def _meet(self, happening: Happening, hour: tuple[str, str]) -> Person:
        member = happening.member
        name = member.standing.external_id
        person = Person(external_id=name, first_at=happening.occurred_at, hour=hour)
        self.people[member.customer_id] = person
        return person

    def _fate(self, happening: Happening) -> fates.Fate:
        member, at = happening.member, happening.occurred_at
        kind = member.kind
        if kind is None:
            is_met = self._is_met(happening)
            kind = self._kinds.kind_of(member.standing, is_met=is_met, at=at)
            if not self._asks_of_event:
                member.kind = kind
        fate = kind.fate
        if fate is None or not fate.start <= at < fate.end:
            fate = kind.fate = fates.foresee(self.plan, self.moment_at, self._subject(happening), at)
            if fate.sent:
                self._fates.append(fate)
        return fate

    def _befall(self, person: Person | None, fate: fates.Fate, happening: Happening) -> None:
        at = happening.occurred_at
        if person is None:
            person = self._meet(happening, fate.hour)
        if fate.enters:
            fate.times += 1
            person.planned = fate.planned
            person.open_until = fate.over_at or (at + fate.over_after if fate.over_after else at)
            person.last_reason = fate.reason
        elif not person.reason:
            person.reason = fate.reason
        if fate.enters or fate.is_control:
            person.last_entered_at = at

    def _is_met(self, happening: Happening) -> bool:
        conditions = self.plan.definition.conditions
        return not conditions or not unmet(conditions, self._facts(happening))

    def _facts(self, happening: Happening) -> dict[str, object]:
        member = happening.member
        return subject_facts(
            self.plan.definition, member.standing, event_facts=happening.facts, activity=member.activity
        )

    def _subject(self, happening: Happening) -> Subject:
        member = happening.member
        return Subject(standing=member.standing, facts=self._facts(happening), contacts=member.contacts)
