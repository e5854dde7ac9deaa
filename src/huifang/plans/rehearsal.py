"""Plays events through a plan with the decision code that runs live, against a ledger of its own. Pure.

Time is that of the events; nobody answers, every attempt arrives. So it shows the most that can happen.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from huifang.decisions.budget import Contact
from huifang.decisions.zones import find_zone
from huifang.plans.allotments import cells_of
from huifang.plans.course import advance, after_contact, enter, is_triggered
from huifang.plans.records import RehearsalRow, TriggerKind
from huifang.plans.situations import Act, Entry, History, LivePlan, Moment, Progress, Subject

SAMPLES_MAX = 20
CONTACTED = "contacted"
_LOOK_AGAIN = timedelta(hours=1)


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """One event of one customer. *subject* knows the contacts before the rehearsal and of other plans."""

    customer_id: int
    event: str
    occurred_at: datetime
    nth: int
    amount: float | None
    subject: Subject


class _Run(msgspec.Struct, kw_only=True):
    """One follow-up under way."""

    progress: Progress
    customer_id: int
    subject: Subject


class _Person(msgspec.Struct, kw_only=True):
    """What became of one customer. *at* is local time of the event that counts."""

    external_id: str
    at: datetime
    reason: str = ""
    last_entered_at: datetime | None = None
    open_until: datetime | None = None
    contacts: list[Contact] = msgspec.field(default_factory=list)
    is_contacted: bool = False


@dataclass(slots=True)
class Simulation:
    """Feed happenings in order of time to `see`, then call `finish`."""

    plan: LivePlan
    moment_at: Callable[[datetime], Moment]
    events: int = 0
    people: dict[int, _Person] = field(default_factory=dict)
    local_contacts: list[tuple[datetime, str, str]] = field(default_factory=list)
    _due: list[tuple[datetime, int]] = field(default_factory=list)
    _runs: dict[int, _Run] = field(default_factory=dict)
    _started: int = 0
    _used: Counter[tuple[int, str]] = field(default_factory=Counter)

    def see(self, happening: Happening) -> None:
        """Take one event, after everything that was due before it."""
        self._run_until(happening.occurred_at)
        definition = self.plan.definition
        by_event = definition.trigger.kind is TriggerKind.EVENT
        if by_event and not is_triggered(
            definition, event=happening.event, nth=happening.nth, amount=happening.amount
        ):
            return
        self.events += 1
        person = self._person(happening)
        entry = enter(
            self.plan,
            self._subject(happening.subject, person, happening.occurred_at),
            self._history(person, happening.occurred_at),
            occurred_at=happening.occurred_at,
            moment=self._moment(happening.occurred_at),
        )
        reason = entry.verdict.reason
        if entry.enters or entry.is_control:
            person.last_entered_at = happening.occurred_at
        if entry.enters:
            self._start(happening, entry)
        elif reason and not person.reason:
            person.reason = reason.value

    def finish(self) -> None:
        """Let everything under way come to its end."""
        self._run_until(None)

    def _person(self, happening: Happening) -> _Person:
        person = self.people.get(happening.customer_id)
        if person is None:
            standing = happening.subject.standing
            zone = find_zone(standing.time_zone) or ZoneInfo("UTC")
            local = happening.occurred_at.astimezone(zone)
            person = _Person(external_id=standing.external_id, at=local)
            self.people[happening.customer_id] = person
        return person

    def _history(self, person: _Person, now: datetime) -> History:
        is_open = person.open_until is not None and person.open_until > now
        return History(last_enrolled_at=person.last_entered_at, has_open=is_open)

    def _start(self, happening: Happening, entry: Entry) -> None:
        self._started += 1
        number = self._started
        progress = Progress(
            id=-number,  # never the id of a real enrolment, whose contacts are in the ledger too
            plan=self.plan,
            next_step=entry.step,
            planned_at=entry.planned_at,
            deadline=entry.deadline,
            priority=self.plan.definition.priority,
            reached=False,
        )
        self._runs[number] = _Run(
            progress=progress, customer_id=happening.customer_id, subject=happening.subject
        )
        self.people[happening.customer_id].open_until = datetime.max.replace(tzinfo=entry.deadline.tzinfo)
        heappush(self._due, (entry.due_at, number))

    def _run_until(self, until: datetime | None) -> None:
        while self._due and (until is None or self._due[0][0] < until):
            now, number = heappop(self._due)
            run = self._runs[number]
            next_at = self._look(run, now)
            if next_at is None:
                del self._runs[number]
            else:
                heappush(self._due, (next_at, number))

    def _look(self, run: _Run, now: datetime) -> datetime | None:
        """Decide about one follow-up at *now*; when to look again."""
        person, progress = self.people[run.customer_id], run.progress
        if progress.next_step >= len(self.plan.definition.steps):
            person.open_until = now
            return None
        move = advance(progress, self._subject(run.subject, person, now), moment=self._moment(now))
        step, planned = move.step, move.planned_at
        next_at = move.due_at or now + _LOOK_AGAIN
        if move.act is Act.CONTACT:
            self._contact(run, move.step, now)
            step, next_at = after_contact(
                progress, move.step, at=now, follows_at=move.verdicts[-1].follows_at
            )
            planned = next_at
        elif move.act is Act.END:
            last = move.verdicts[-1].reason
            person.reason = person.reason or (last.value if last else "")
            person.open_until = now
            return None
        is_reached = progress.reached or move.act is Act.CONTACT
        if (step, planned, is_reached) != (progress.next_step, progress.planned_at, progress.reached):
            run.progress = replace(progress, next_step=step, planned_at=planned, reached=is_reached)
        return next_at

    def _moment(self, at: datetime) -> Moment:
        """The moment with the places that the rehearsal itself has taken in quotas of people."""
        moment = self.moment_at(at)
        return replace(moment, used=replace(moment.used, counts=self._used)) if self._used else moment

    def _claim(self, run: _Run, channel: str, now: datetime) -> None:
        zone = self.moment_at(now).used.zone
        for cell in cells_of(self.plan.definition, run.subject.standing, channel, now=now, zone=zone):
            if cell.is_hard and not run.progress.reached:
                self._used[self.plan.plan_id, cell.key] += 1

    def _contact(self, run: _Run, step: int, now: datetime) -> None:
        definition, person = self.plan.definition, self.people[run.customer_id]
        channel = definition.steps[step].channel
        self._claim(run, channel, now)
        person.is_contacted = True
        person.contacts.append(
            Contact(
                at=now,
                channel=channel,
                contact_class=definition.contact_class,
                round_key=run.progress.round_key,
            )
        )
        standing = run.subject.standing
        zone = find_zone(standing.time_zone) or ZoneInfo("UTC")
        self.local_contacts.append((now.astimezone(zone), channel, standing.language))

    def _subject(self, subject: Subject, person: _Person, now: datetime) -> Subject:
        """The customer with the contacts that lie behind *now*: real ones, and those of the rehearsal."""
        contacts = (*(contact for contact in subject.contacts if contact.at <= now), *person.contacts)
        return Subject(standing=subject.standing, facts=subject.facts, contacts=contacts)


def reasons_of(people: Mapping[int, _Person]) -> Counter[str]:
    """How many people were not contacted, by reason, the most frequent first."""
    return Counter(person.reason for person in people.values() if not person.is_contacted and person.reason)


def samples_of(people: Mapping[int, _Person]) -> dict[str, list[str]]:
    """Some external ids by reason; `CONTACTED` for those who were."""
    found: dict[str, list[str]] = {}
    for person in people.values():
        shown = found.setdefault(CONTACTED if person.is_contacted else person.reason, [])
        if len(shown) < SAMPLES_MAX:
            shown.append(person.external_id)
    return found


def rows_of(people: Mapping[int, _Person], label: Callable[[datetime], str]) -> list[RehearsalRow]:
    """People by the *label* of their event's local time, in the order of labels."""
    contacted: Counter[str] = Counter()
    reasons: dict[str, Counter[str]] = {}
    for person in people.values():
        name = label(person.at)
        held = reasons.setdefault(name, Counter())
        if person.is_contacted:
            contacted[name] += 1
        elif person.reason:
            held[person.reason] += 1
    return [
        RehearsalRow(label=name, contacted=contacted[name], reasons=dict(reasons[name]))
        for name in sorted(reasons)
    ]


def repeats_of(people: Mapping[int, _Person]) -> tuple[int, int]:
    """How many people have contacts of two follow-ups, and how many have more than one contact."""
    twice = sum(len({contact.round_key for contact in person.contacts}) > 1 for person in people.values())
    reminded = sum(len(person.contacts) > 1 for person in people.values())
    return twice, reminded
