"""Turns wallet events into enrolments and stored reasons, each event once. Never contacts anybody.

One transaction a batch and shard: profiles, decisions, enrolments and the cursor move together, so a
crash repeats nothing and loses nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from huifang.customers.records import AppliedEvent
from huifang.customers.services import apply_events
from huifang.decisions.eligibility import Stage
from huifang.events.queries import batch_after
from huifang.events.records import SHARDS, Cursor
from huifang.plans import population, store
from huifang.plans.course import amount_of, enter, is_triggered
from huifang.plans.models import RunnerCursor
from huifang.plans.records import EnrolmentState
from huifang.plans.situations import Entry, History, LivePlan, Moment, event_facts

BATCH = 2000
_TRACK = "track"


def run(*, now: datetime, clock_trusted: bool, batch: int = BATCH) -> int:
    """Take one batch of each shard that nobody else holds; returns how many events were read.

    A shard that fails is told to the worker's loop only after the others had their turn.
    """
    if not clock_trusted:
        return 0
    if RunnerCursor.objects.count() < SHARDS:
        RunnerCursor.objects.bulk_create(
            [RunnerCursor(shard=shard) for shard in range(SHARDS)], ignore_conflicts=True
        )
    done, failure = 0, None
    for shard in range(SHARDS):
        try:
            done += _run_shard(shard, now=now, batch=batch)
        except Exception as error:
            failure = failure or error
    if failure is not None:
        raise failure
    return done


def _run_shard(shard: int, *, now: datetime, batch: int) -> int:
    with transaction.atomic():
        row = RunnerCursor.objects.select_for_update(skip_locked=True).filter(shard=shard).first()
        if row is None:
            return 0
        cursor = Cursor(**row.position) if row.position else Cursor()
        events, after = batch_after(cursor=cursor, shard=shard, limit=batch)
        if not events:
            return 0
        applied = apply_events(events=events, now=now)
        enrol(applied, moment=population.moment_at(now, clock_trusted=True))
        row.position = {"txid": after.txid, "seq": after.seq}
        row.ran_at = now
        row.save(update_fields=["position", "ran_at"])
        return len(events)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Match:
    plan: LivePlan
    applied: AppliedEvent


def enrol(applied: Sequence[AppliedEvent], *, moment: Moment) -> None:
    """Decide about every event that starts a live plan; store the enrolment or the reason."""
    matches = _matches(applied, population.live_plans())
    if not matches:
        return
    customer_ids = {match.applied.customer_id for match in matches}
    plans = {match.plan.plan_id: match.plan for match in matches}
    people = population.load(customer_ids, [plan.definition for plan in plans.values()], moment=moment)
    known = store.histories(customer_ids=list(customer_ids), plan_ids=list(plans))
    histories = {
        key: History(last_enrolled_at=at, has_open=has_open) for key, (at, has_open) in known.items()
    }
    _store(_decide(matches, people, histories, moment), moment)


def _matches(applied: Sequence[AppliedEvent], plans: Sequence[LivePlan]) -> list[_Match]:
    by_event: dict[str, list[LivePlan]] = {}
    for plan in plans:
        by_event.setdefault(plan.definition.trigger.event, []).append(plan)
    return [
        _Match(plan=plan, applied=each)
        for each in applied
        if each.event.kind == _TRACK
        for plan in by_event.get(each.event.name, ())
        if _starts(plan, each)
    ]


def _starts(plan: LivePlan, applied: AppliedEvent) -> bool:
    """An event from before the plan went live, or out of a file of the past, is none of its business."""
    event = applied.event
    if event.is_imported or event.occurred_at < plan.live_since:
        return False
    return is_triggered(
        plan.definition, event=event.name, nth=applied.nth, amount=amount_of(event.properties)
    )


def _decide(
    matches: Sequence[_Match],
    people: population.Population,
    histories: dict[tuple[int, int], History],
    moment: Moment,
) -> list[tuple[_Match, Entry, dict[str, object]]]:
    decided = []
    for match in matches:
        plan, applied = match.plan, match.applied
        facts = event_facts(plan.definition, applied.event.properties)
        subject = people.subject(applied.customer_id, plan.definition, facts)
        if subject is None:
            continue
        key = (plan.plan_id, int(applied.customer_id))
        history = histories.get(key, History())
        entry = enter(plan, subject, history, occurred_at=applied.event.occurred_at, moment=moment)
        if entry.enters or entry.is_control:
            histories[key] = History(last_enrolled_at=moment.now, has_open=entry.enters or history.has_open)
        decided.append((match, entry, facts))
    return decided


def _store(decided: Sequence[tuple[_Match, Entry, dict[str, object]]], moment: Moment) -> None:
    new = [
        _enrolment(match, entry, facts) for match, entry, facts in decided if entry.enters or entry.is_control
    ]
    ids = store.insert_enrolments(new, now=moment.now)
    store.insert_decisions(
        store.decision_row(
            entry.verdict,
            at=moment.now,
            plan_id=match.plan.plan_id,
            version_id=match.plan.version_id,
            customer_id=int(match.applied.customer_id),
            message_id=match.applied.event.message_id,
            stage=Stage.ENROL,
            enrolment_id=ids.get(
                (match.plan.plan_id, int(match.applied.customer_id), match.applied.event.message_id)
            ),
        )
        for match, entry, _ in decided
    )


def _enrolment(match: _Match, entry: Entry, facts: dict[str, object]) -> store.NewEnrolment:
    definition = match.plan.definition
    reason = entry.verdict.reason
    return store.NewEnrolment(
        plan_id=match.plan.plan_id,
        version_id=match.plan.version_id,
        customer_id=int(match.applied.customer_id),
        message_id=match.applied.event.message_id,
        occurred_at=match.applied.event.occurred_at,
        facts=facts,
        state=EnrolmentState.WAITING if entry.enters else EnrolmentState.HELD_OUT,
        priority=definition.priority,
        contact_class=definition.contact_class,
        next_step=entry.step,
        planned_at=entry.planned_at,
        due_at=entry.due_at if entry.enters else None,
        deadline=entry.deadline,
        end_reason="" if entry.enters or reason is None else reason.value,
    )
