"""Turns wallet events into enrolments and stored reasons, each event once. Never contacts anybody.

One transaction a batch and shard: profiles, decisions, enrolments and the cursor move together, so a
crash repeats nothing and loses nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from huifang.customers.records import AppliedEvent
from huifang.customers.services import apply_events
from huifang.events.queries import batch_after
from huifang.events.records import SHARDS, Cursor, StoredEvent
from huifang.kernel import outbox
from huifang.plans import entering, poison, population
from huifang.plans.course import amount_of, is_triggered
from huifang.plans.entering import Cause
from huifang.plans.models import RunnerCursor
from huifang.plans.records import EventStuck, TriggerKind
from huifang.plans.situations import LivePlan, Moment

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
        _take(events, shard=shard, before=cursor, now=now)
        row.position = {"txid": after.txid, "seq": after.seq}
        row.ran_at = now
        row.save(update_fields=["position", "ran_at"])
        return len(events)


def _take(events: Sequence[StoredEvent], *, shard: int, before: Cursor, now: datetime) -> None:
    """Apply and enrol. One event that fails by itself is parked, and the others go on."""
    moment = population.moment_at(now, clock_trusted=True)

    def work(items: Sequence[tuple[int, StoredEvent]]) -> None:
        enrol(apply_events(events=[event for _, event in items], now=now), moment=moment)

    def park(item: tuple[int, StoredEvent], error: Exception) -> None:
        place, event = item
        at = batch_after(cursor=before, shard=shard, limit=place)[1] if place else before
        stuck = EventStuck(shard=shard, txid=at.txid, seq=at.seq, message_id=event.message_id)
        outbox.park(stuck, error=type(error).__name__)

    poison.each_alone(list(enumerate(events)), work, park)


def retry(stuck: EventStuck, *, now: datetime) -> None:
    """Take once more the event that stuck; it may fail again. No longer there: nothing happens."""
    events, _ = batch_after(cursor=Cursor(txid=stuck.txid, seq=stuck.seq), shard=stuck.shard, limit=1)
    if events and events[0].message_id == stuck.message_id:
        with transaction.atomic():
            applied = apply_events(events=events, now=now)
            enrol(applied, moment=population.moment_at(now, clock_trusted=True))


def enrol(applied: Sequence[AppliedEvent], *, moment: Moment) -> None:
    """Decide about every event that starts a live plan; store the enrolment or the reason."""
    entering.take(_causes(applied, population.live_plans()), moment=moment)


def _causes(applied: Sequence[AppliedEvent], plans: Sequence[LivePlan]) -> list[Cause]:
    by_event: dict[str, list[LivePlan]] = {}
    for plan in plans:
        if plan.definition.trigger.kind is TriggerKind.EVENT:
            by_event.setdefault(plan.definition.trigger.event, []).append(plan)
    return [
        Cause(
            plan=plan,
            customer_id=each.customer_id,
            key=each.event.message_id,
            name=each.event.name,
            occurred_at=each.event.occurred_at,
            properties=each.event.properties,
        )
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
