"""Rehearses a plan over stored events: reads events and customers, writes its own row and nothing else."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
from django.conf import settings
from procrastinate.contrib.django import app as jobs

from huifang.delivery.queries import sms_length
from huifang.kernel import clock
from huifang.kernel.ids import PlanId
from huifang.kernel.texts import pick, product_language
from huifang.kernel.wallet import wallet_name
from huifang.plans import queries, rehearsal
from huifang.plans.crowds import Part, happenings, moments
from huifang.plans.errors import EmptyPeriodError, FaultyDefinitionError, UnknownPlanError
from huifang.plans.models import PlanVersion, Rehearsal
from huifang.plans.parts import parts_for, play_in_processes
from huifang.plans.records import (
    PlanDefinition,
    RehearsalRecord,
    RehearsalResult,
    TriggerKind,
    VersionState,
)
from huifang.plans.rehearsal_causes import forecasts
from huifang.plans.rules import faults_of, read_definition
from huifang.plans.situations import LivePlan
from huifang.plans.tallies import CONTACTED, SentBy, Tally, tally_of

DAYS_MAX = 92
JOB = "plans.run_rehearsal"
QUEUE = "rehearsals"
_TOLD_EVERY_SECONDS = 0.5
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
        began = time.monotonic()
        count = parts_for(read_definition(row.definition), row)
        tally = play_in_processes(row, count, tell) if count > 1 else play(row, Part(), tell)
        result = _result(tally, row, seconds=time.monotonic() - began)
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


def play(row: Rehearsal, part: Part, tell: Callable[[int], None]) -> Tally:
    """What becomes of the customers of *part*. Is told how many events were read, now and then."""
    definition = read_definition(row.definition)
    plan = LivePlan(
        plan_id=row.plan_id,
        version_id=0,
        version=row.version_number,
        state=VersionState.ACTIVE,
        live_since=row.start,
        definition=definition,
    )
    simulation = rehearsal.Simulation(plan, moments())
    told = time.monotonic()
    by_event = definition.trigger.kind is TriggerKind.EVENT
    found = (
        happenings(plan, row.start, row.end, part=part) if by_event else forecasts(plan, row.start, row.end)
    )
    for each in found:
        for happening in each:
            simulation.see(happening)
        if time.monotonic() - told > _TOLD_EVERY_SECONDS:
            told = time.monotonic()
            tell(simulation.events)
    simulation.finish()
    return tally_of(simulation)


def _result(tally: Tally, row: Rehearsal, *, seconds: float) -> RehearsalResult:
    outcomes = tally.outcomes
    reasons = {outcome: count for outcome, count in outcomes.items() if outcome not in ("", CONTACTED)}
    rate = queries.answer_rate(PlanId(row.plan_id), now=clock.now())
    by_day, by_hour, by_channel = (
        tally.sent_by(place) for place in (SentBy.DAY, SentBy.HOUR, SentBy.CHANNEL)
    )
    return RehearsalResult(
        start=row.start,
        end=row.end,
        events=tally.events,
        people=outcomes.total(),
        contacted=outcomes[CONTACTED],
        held_out=reasons.get("holdout", 0) + reasons.get("global_holdout", 0),
        reasons=reasons,
        days=tally.days,
        hours=tally.hours,
        contacts=by_channel,
        contacts_by_day=by_day,
        contacts_by_hour=by_hour,
        twice=tally.twice,
        reminded=tally.reminded,
        answer_rate=rate.rate,
        answer_low=rate.low,
        answer_high=rate.high,
        answer_base=rate.base,
        sms_parts=_sms_parts(tally, read_definition(row.definition)),
        samples=tally.shown,
        seconds=round(seconds, 3),
    )


def _sms_parts(tally: Tally, definition: PlanDefinition) -> int:
    """How many SMS parts are paid for, were each placeholder filled with what is usual."""
    bodies = [step.body for step in definition.steps if step.channel == "sms"]
    if not bodies:
        return 0
    languages: Counter[str] = Counter()
    for (_, _, channel, language), count in tally.sent.items():
        if channel == "sms":
            languages[product_language(language) or definition.fallback_language] += count
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
