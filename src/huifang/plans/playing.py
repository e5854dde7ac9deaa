"""Plays the course of follow-ups through the decision code that runs live, against a ledger of its own. Pure.

Time is that of the events; nobody answers, every attempt arrives. So it shows the most that can happen.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from huifang.decisions.budget import Contact
from huifang.decisions.zones import find_zone
from huifang.plans.allotments import cells_of
from huifang.plans.course import advance, after_contact, enter, stop_of_history
from huifang.plans.situations import (
    Act,
    Entry,
    History,
    LivePlan,
    Moment,
    Progress,
    Subject,
    Verdict,
    round_key,
)

_LOOK_AGAIN = timedelta(hours=1)

Hour = tuple[str, str]
"""A local day (``2026-03-01``) and hour (``09``)."""
Sent = tuple[str, str, str, str]
"""Local day and hour of a contact, its channel, the customer's language."""
Ask = tuple[tuple[datetime, ...], Sequence[Verdict]]
"""The instants about which was asked, and what was answered."""


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """A contact of a customer who was not played: *after* their event, or *at* an instant that all share."""

    channel: str
    contact_class: str
    after: timedelta | None = None
    at: datetime | None = None


class Person(msgspec.Struct, kw_only=True):
    """What became of one customer. *hour* is where they live, of their first event, *first_at*.

    Of a follow-up that began at *last_entered_at* and was not played: *planned* are its contacts, not yet
    among *contacts*, and *last_reason* is why it ended, which nobody knows before *open_until*.
    """

    external_id: str
    first_at: datetime
    hour: Hour
    reason: str = ""
    last_entered_at: datetime | None = None
    open_until: datetime | None = None
    contacts: tuple[Contact, ...] = ()
    planned: tuple[Planned, ...] = ()
    last_reason: str = ""

    @property
    def is_contacted(self) -> bool:
        """Whether any of their events led to a contact."""
        return bool(self.contacts or self.planned)

    @property
    def first_reason(self) -> str:
        """The first thing that spoke against contact; "" where nothing did."""
        return self.reason or self.last_reason


class _Run(msgspec.Struct, kw_only=True):
    """One follow-up under way."""

    progress: Progress
    person: Person
    subject: Subject


@dataclass(slots=True)
class Playing:
    """Feed events in order of time to `see`, then call `finish`. Each question is told to *watch*."""

    plan: LivePlan
    moment_at: Callable[[datetime], Moment]
    watch: Callable[[Ask], None] | None = None
    sent: Counter[Sent] = field(default_factory=Counter)
    _due: list[tuple[datetime, int]] = field(default_factory=list)
    _runs: dict[int, _Run] = field(default_factory=dict)
    _started: int = 0
    _used: Counter[tuple[int, str]] = field(default_factory=Counter)

    def see(self, person: Person, subject: Subject, occurred_at: datetime) -> Entry:
        """Take an event of *person* that starts the plan, after everything that was due before it.

        *subject* knows the contacts before the rehearsal and of other plans.
        """
        self.run_until(occurred_at)
        _take_in_planned(person)
        entry = enter(
            self.plan,
            _with_contacts(subject, person, occurred_at),
            self.history(person, occurred_at),
            occurred_at=occurred_at,
            moment=self._moment(occurred_at),
        )
        if self.watch:
            self.watch(((occurred_at, entry.planned_at), entry.tried))
        if entry.enters or entry.is_control:
            person.last_entered_at = occurred_at
        if entry.enters:
            self._start(person, subject, entry)
        else:
            _hold_back(person, entry.verdict)
        return entry

    def stops(self, person: Person, occurred_at: datetime) -> bool:
        """Whether what *person* had of the plan before keeps them out now: then there is no more to ask."""
        self.run_until(occurred_at)
        stop = stop_of_history(self.plan, self.history(person, occurred_at))
        if stop:
            _hold_back(person, stop)
        return stop is not None

    def history(self, person: Person, occurred_at: datetime) -> History:
        """What *person* had of the plan by *occurred_at*, where everything is done that was due before."""
        if person.last_reason and not _is_open(person, occurred_at):
            person.reason, person.last_reason = person.first_reason, ""
        return History(last_enrolled_at=person.last_entered_at, has_open=_is_open(person, occurred_at))

    def finish(self) -> None:
        """Let everything under way come to its end."""
        self.run_until(None)

    def run_until(self, until: datetime | None) -> None:
        """Let everything happen that is due before *until*."""
        while self._due and (until is None or self._due[0][0] < until):
            now, number = heappop(self._due)
            run = self._runs[number]
            next_at = self._look(run, now)
            if next_at is None:
                del self._runs[number]
            else:
                heappush(self._due, (next_at, number))

    def _start(self, person: Person, subject: Subject, entry: Entry) -> None:
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
        self._runs[number] = _Run(progress=progress, person=person, subject=subject)
        person.open_until = datetime.max.replace(tzinfo=entry.deadline.tzinfo)
        heappush(self._due, (entry.due_at, number))

    def _look(self, run: _Run, now: datetime) -> datetime | None:
        """Decide about one follow-up at *now*; when to look again."""
        person, progress = run.person, run.progress
        if progress.next_step >= len(self.plan.definition.steps):
            person.open_until = now
            return None
        move = advance(progress, _with_contacts(run.subject, person, now), moment=self._moment(now))
        if self.watch:
            self.watch(((now,), move.verdicts))
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
        definition, person = self.plan.definition, run.person
        channel = definition.steps[step].channel
        self._claim(run, channel, now)
        made = Contact(
            at=now,
            channel=channel,
            contact_class=definition.contact_class,
            round_key=run.progress.round_key,
        )
        person.contacts = (*person.contacts, made)
        standing = run.subject.standing
        self.sent[*hour_of(now, standing.time_zone), channel, standing.language] += 1


def hour_of(at: datetime, zone: str) -> Hour:
    """Day and hour of *at* where the wall clock shows *zone*; UTC where it is unknown."""
    local = at.astimezone(find_zone(zone) or ZoneInfo("UTC"))
    return local.date().isoformat(), f"{local.hour:02}"


def _hold_back(person: Person, verdict: Verdict) -> None:
    if verdict.reason and not person.reason:
        person.reason = verdict.reason.value


def _is_open(person: Person, now: datetime) -> bool:
    """Whether a follow-up is under way; what is due at *now* itself is done after the event."""
    return person.open_until is not None and person.open_until >= now


def _take_in_planned(person: Person) -> None:
    entered = person.last_entered_at
    if not person.planned or entered is None:
        return
    made = [
        Contact(
            at=each.at or entered + (each.after or timedelta(0)),
            channel=each.channel,
            contact_class=each.contact_class,
            round_key=round_key(0),  # no enrolment has this number, and nobody more than one such follow-up
        )
        for each in person.planned
    ]
    person.contacts, person.planned = (*person.contacts, *made), ()


def _with_contacts(subject: Subject, person: Person, now: datetime) -> Subject:
    """The customer with the contacts that lie behind *now*: real ones, and those of the rehearsal."""
    if not subject.contacts and not person.contacts:
        return subject
    contacts = (*(contact for contact in subject.contacts if contact.at <= now), *person.contacts)
    return replace(subject, contacts=contacts)
