"""Rehearses a plan over stored events: reads events and customers, writes its own row and nothing else."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec
from django.conf import settings
from procrastinate.contrib.django import app as jobs

from huifang.customers.queries import activity, ids_of
from huifang.customers.records import Activity
from huifang.decisions.calendars import Calendar, calendar_around
from huifang.delivery.queries import policy, sms_length
from huifang.events.queries import events_between
from huifang.events.records import StoredEvent
from huifang.kernel import clock
from huifang.kernel.ids import CustomerId, PlanId
from huifang.kernel.texts import pick, product_language
from huifang.kernel.wallet import wallet_name
from huifang.plans import population, queries, rehearsal
from huifang.plans.allotments import Used
from huifang.plans.course import amount_of
from huifang.plans.errors import EmptyPeriodError, FaultyDefinitionError, UnknownPlanError
from huifang.plans.models import PlanVersion, Rehearsal
from huifang.plans.quotas import zone
from huifang.plans.records import (
    PlanDefinition,
    RehearsalRecord,
    RehearsalResult,
    TriggerKind,
    VersionState,
)
from huifang.plans.rehearsal_causes import forecasts, without_own
from huifang.plans.rules import faults_of, read_definition
from huifang.plans.situations import LivePlan, Moment, event_facts

DAYS_MAX = 92
JOB = "plans.run_rehearsal"
QUEUE = "rehearsals"
_TOLD_EVERY_SECONDS = 0.5
_REMEMBERED_MAX = 200_000  # customers kept in memory, about a kilobyte each
# What a plan cannot do without even to be tried; the rest may still be missing.
_NEEDED = frozenset(
    {
        "event_missing",
        "trait_missing",
        "pulse_out_of_range",
        "segment_missing",
        "steps_missing",
        "channel_unknown",
        "notice_announces_nothing",
    }
)


def request(*, plan_id: PlanId, start: datetime, end: datetime, by: str, now: datetime) -> int:
    """Queue a rehearsal of the draft, or of the live version; its number. Raises what `rehearse` raises."""
    row = _add(plan_id=plan_id, start=start, end=end, by=by, now=now)
    jobs.configure_task(JOB, queue=QUEUE).defer(rehearsal_id=row.pk)
    return int(row.pk)


def rehearse(*, plan_id: PlanId, start: datetime, end: datetime, by: str, now: datetime) -> RehearsalRecord:
    """Rehearse here and now.

    Raises `UnknownPlanError`, `EmptyPeriodError`, and `FaultyDefinitionError` where there is nothing to try.
    """
    row = _add(plan_id=plan_id, start=start, end=end, by=by, now=now)
    run(rehearsal_id=row.pk, now=now)
    return queries.rehearsal(plan_id=plan_id, rehearsal_id=row.pk, now=now)


def run(*, rehearsal_id: int, now: datetime) -> None:
    """Do a queued rehearsal. Done already, or by another worker: nothing happens."""
    taken = Rehearsal.objects.filter(pk=rehearsal_id, state="queued").update(state="running", touched_at=now)
    if not taken:
        return
    row = Rehearsal.objects.get(pk=rehearsal_id)

    def tell(done: int) -> None:
        Rehearsal.objects.filter(pk=rehearsal_id).update(done=done, touched_at=clock.now())

    try:
        result = _play(row.plan_id, row.version_number, read_definition(row.definition), row, tell)
    except Exception:
        Rehearsal.objects.filter(pk=rehearsal_id).update(state="failed", problem="failed", finished_at=now)
        raise
    Rehearsal.objects.filter(pk=rehearsal_id).update(
        state="done", result=msgspec.to_builtins(result), done=result.events, finished_at=now
    )


def _add(*, plan_id: PlanId, start: datetime, end: datetime, by: str, now: datetime) -> Rehearsal:
    end = min(end, now)
    if not timedelta(0) < end - start <= timedelta(days=DAYS_MAX):
        raise EmptyPeriodError(days_max=DAYS_MAX)
    version = PlanVersion.objects.filter(plan_id=plan_id).order_by("-number").first()
    if version is None:
        raise UnknownPlanError(plan_id=plan_id)
    needed = [fault.code for fault in faults_of(read_definition(version.definition)) if fault.code in _NEEDED]
    if needed:
        raise FaultyDefinitionError(count=len(needed), faults=", ".join(needed))
    return Rehearsal.objects.create(
        plan_id=plan_id,
        version_number=version.number,
        definition=version.definition,
        start=start,
        end=end,
        state="queued",
        requested_by=by,
        created_at=now,
        touched_at=now,
    )


def _play(
    plan_id: int, version: int, definition: PlanDefinition, row: Rehearsal, tell: Callable[[int], None]
) -> RehearsalResult:
    began = time.monotonic()
    plan = LivePlan(
        plan_id=plan_id,
        version_id=0,
        version=version,
        state=VersionState.ACTIVE,
        live_since=row.start,
        definition=definition,
    )
    simulation = rehearsal.Simulation(plan, _moments())
    told = began
    by_event = definition.trigger.kind is TriggerKind.EVENT
    found = _happenings(plan, row.start, row.end) if by_event else forecasts(plan, row.start, row.end)
    for happenings in found:
        for happening in happenings:
            simulation.see(happening)
        if time.monotonic() - told > _TOLD_EVERY_SECONDS:
            told = time.monotonic()
            tell(simulation.events)
    simulation.finish()
    return _result(simulation, row, seconds=time.monotonic() - began)


def _moments() -> Callable[[datetime], Moment]:
    """The moment at any instant, with the policy that holds now."""
    holds, used = policy(), Used(zone=zone())
    calendars: dict[int, Calendar] = {}

    def at(now: datetime) -> Moment:
        known = calendars.get(now.year)
        if known is None:
            known = calendars[now.year] = calendar_around(holds.calendar, now)
        return Moment(now=now, policy=holds, calendar=known, clock_trusted=True, used=used)

    return at


def _happenings(plan: LivePlan, start: datetime, end: datetime) -> Iterator[list[rehearsal.Happening]]:
    """What starts the plan, in order of time, with the customers as they stand now."""
    crowd = _Crowd(plan, start)
    names = [plan.definition.trigger.event]
    for events in events_between(start=start, end=end, names=names):
        yield crowd.happenings([event for event in events if event.kind == "track"])


class _Crowd:
    """The customers of a rehearsal as they stand now, each looked up when first met."""

    def __init__(self, plan: LivePlan, start: datetime) -> None:
        self._plan, self._moment = plan, _moments()(start)
        self._seen: set[CustomerId] = set()
        self._forget()

    def happenings(self, events: Sequence[StoredEvent]) -> list[rehearsal.Happening]:
        """What *events*, in order of time, mean to the plan; those of strangers are left out."""
        self._meet({event.external_id for event in events if event.external_id})
        definition = self._plan.definition
        found = []
        for event in events:
            customer_id = self._ids.get(event.external_id)
            if customer_id is None:
                continue
            facts = event_facts(definition, event.properties)
            subject = self._people.subject(customer_id, definition, facts)
            first = self._firsts.get((customer_id, event.name))
            is_first = customer_id not in self._seen and (
                first is None or event.occurred_at <= first.first_at
            )
            self._seen.add(customer_id)
            if subject:
                found.append(
                    rehearsal.Happening(
                        customer_id=customer_id,
                        event=event.name,
                        occurred_at=event.occurred_at,
                        nth=1 if is_first else 2,
                        amount=amount_of(event.properties),
                        subject=subject,
                    )
                )
        return found

    def _forget(self) -> None:
        self._ids: dict[str, CustomerId | None] = {}
        self._people = population.Population(standings={}, contacts={}, activity={})
        self._firsts: dict[tuple[CustomerId, str], Activity] = {}

    def _meet(self, external_ids: set[str]) -> None:
        if len(self._ids) > _REMEMBERED_MAX:
            self._forget()
        external_ids = external_ids - self._ids.keys()
        if not external_ids:
            return
        known = ids_of(external_ids=external_ids)
        ids, definition = sorted(set(known.values())), self._plan.definition
        people = population.load(ids, [definition], moment=self._moment)
        foreign = without_own(self._plan, people.contacts)
        self._people.take_in(msgspec.structs.replace(people, contacts=foreign))
        self._firsts.update(activity(customer_ids=ids, names=[definition.trigger.event]))
        self._ids.update({external_id: known.get(external_id) for external_id in external_ids})


def _result(simulation: rehearsal.Simulation, row: Rehearsal, *, seconds: float) -> RehearsalResult:
    people = simulation.people
    reasons = dict(rehearsal.reasons_of(people).most_common())
    twice, reminded = rehearsal.repeats_of(people)
    local = simulation.local_contacts
    rate = queries.answer_rate(plan_id=PlanId(row.plan_id))
    return RehearsalResult(
        start=row.start,
        end=row.end,
        events=simulation.events,
        people=len(people),
        contacted=sum(person.is_contacted for person in people.values()),
        held_out=reasons.get("holdout", 0) + reasons.get("global_holdout", 0),
        reasons=reasons,
        days=rehearsal.rows_of(people, lambda at: at.date().isoformat()),
        hours=rehearsal.rows_of(people, lambda at: f"{at.hour:02}"),
        contacts=dict(Counter(channel for _, channel, _ in local)),
        contacts_by_day=dict(sorted(Counter(at.date().isoformat() for at, _, _ in local).items())),
        contacts_by_hour=dict(sorted(Counter(f"{at.hour:02}" for at, _, _ in local).items())),
        twice=twice,
        reminded=reminded,
        answer_rate=rate.rate,
        answer_low=rate.low,
        answer_high=rate.high,
        answer_base=rate.base,
        sms_parts=_sms_parts(simulation),
        samples=rehearsal.samples_of(people),
        seconds=round(seconds, 3),
    )


def _sms_parts(simulation: rehearsal.Simulation) -> int:
    """How many SMS parts are paid for, were each placeholder filled with what is usual."""
    definition = simulation.plan.definition
    bodies = [step.body for step in definition.steps if step.channel == "sms"]
    languages = Counter(
        product_language(language) or definition.fallback_language
        for _, channel, language in simulation.local_contacts
        if channel == "sms"
    )
    if not bodies:
        return 0
    return sum(
        count * sms_length(text=_filled(pick(bodies[0], language, definition.fallback_language))).parts
        for language, count in languages.items()
    )


def _filled(text: str) -> str:
    """*text* as long as it usually is once its placeholders are filled."""
    usual = {
        "link": f"{settings.PUBLIC_URL}/s/{'x' * 32}",
        "wallet_name": wallet_name(""),
        "seconds": "30",
    }
    for name, value in usual.items():
        text = text.replace(f"{{{name}}}", value)
    return text
