"""Goes through the customers for each local day of plans that start on a date or with a pulse.

One row a plan and day says how far it is, and moves in the transaction of its work: a crash repeats
nothing, two workers never hold the same day. A date is looked for again until its day is over everywhere,
because a customer may be told of, or change a date, meanwhile.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from huifang.customers.queries import dated, everybody_after, standings
from huifang.decisions.zones import find_zone
from huifang.kernel.ids import CustomerId
from huifang.plans import entering, occasions, population
from huifang.plans.definition import Repeat, Trigger, TriggerKind
from huifang.plans.entering import Cause
from huifang.plans.models import Sweep
from huifang.plans.records import VersionState
from huifang.plans.situations import LivePlan

BATCH = 1000
CATCH_UP = timedelta(days=31)  # after so long a standstill, what was missed is let go
_AGAIN = timedelta(hours=6)
_KINDS = (TriggerKind.DATE, TriggerKind.PULSE)
_UTC = ZoneInfo("UTC")


def sweep(*, now: datetime, clock_trusted: bool, batch: int = BATCH) -> int:
    """Take one batch of each day that nobody else holds; 0 where nothing is left to look at."""
    if not clock_trusted:
        return 0
    done = 0
    for plan in population.live_plans():
        if plan.definition.trigger.kind in _KINDS and plan.state is VersionState.ACTIVE:
            for day in _open_days(plan, now):
                done += _sweep_day(plan, day, now=now, batch=batch)
    return done


def candidates(plan: LivePlan, day: date, *, after: int, limit: int) -> tuple[list[CustomerId], int | None]:
    """Whose occasion is on *day*, above *after*; and after whom to go on, None where that was all."""
    trigger = plan.definition.trigger
    above = CustomerId(after)
    if trigger.kind is TriggerKind.DATE:
        found = dated(
            trait=trigger.trait,
            day=day - timedelta(days=trigger.offset_days),
            yearly=trigger.repeat is Repeat.YEARLY,
            after=above,
            limit=limit,
        )
        return found, found[-1] if len(found) == limit else None
    everybody = everybody_after(after=above, limit=limit)
    chosen = [
        customer_id
        for customer_id, name in everybody
        if occasions.pulse_day(trigger, plan_key=plan.key, customer_key=name, day=day) == day
    ]
    return chosen, everybody[-1][0] if len(everybody) == limit else None


def causes_of(plan: LivePlan, day: date, customer_ids: Sequence[CustomerId]) -> Iterator[Cause]:
    """What brings *customer_ids* in on *day*, at the trigger's hour where each of them lives.

    Where that is unknown the hour is UTC's, and the rules will say no.
    """
    trigger = plan.definition.trigger
    key = _key(trigger, day)
    purpose = plan.definition.purpose
    for customer_id, standing in standings(customer_ids=customer_ids, purpose=purpose).items():
        zone = find_zone(standing.time_zone) or _UTC
        occurred_at = occasions.instant_of(day, trigger, zone)
        yield Cause(plan=plan, customer_id=customer_id, key=key, name=_name(trigger), occurred_at=occurred_at)


def _open_days(plan: LivePlan, now: datetime) -> list[date]:
    """The days that are not gone through yet; of a date also those to be looked through once more."""
    days = occasions.days_begun(now, since=max(plan.live_since, now - CATCH_UP))
    known = dict(Sweep.objects.filter(plan_id=plan.plan_id, day__in=days).values_list("day", "done_at"))
    return [day for day in days if _is_open(plan.definition.trigger, day, known.get(day), now)]


def _is_open(trigger: Trigger, day: date, done_at: datetime | None, now: datetime) -> bool:
    if done_at is None:
        return True
    return trigger.kind is TriggerKind.DATE and done_at <= now - _AGAIN and not occasions.is_over(day, now)


def _sweep_day(plan: LivePlan, day: date, *, now: datetime, batch: int) -> int:
    Sweep.objects.bulk_create([Sweep(plan_id=plan.plan_id, day=day)], ignore_conflicts=True)
    with transaction.atomic():
        row = Sweep.objects.select_for_update(skip_locked=True).filter(plan_id=plan.plan_id, day=day).first()
        if row is None or not _is_open(plan.definition.trigger, day, row.done_at, now):
            return 0
        after = 0 if row.done_at else row.after_id
        customer_ids, last = candidates(plan, day, after=after, limit=batch)
        causes = [each for each in causes_of(plan, day, customer_ids) if each.occurred_at >= plan.live_since]
        entering.take_each(causes, moment=population.moment_at(now, clock_trusted=True))
        row.after_id = last or 0
        row.done_at = now if last is None else None
        row.save(update_fields=["after_id", "done_at"])
        return len(customer_ids) or int(last is not None)


def _key(trigger: Trigger, day: date) -> str:
    if trigger.kind is TriggerKind.PULSE:
        return f"pulse:{occasions.period_of(trigger, day).name}"
    return f"date:{trigger.trait}:{day.isoformat()}"


def _name(trigger: Trigger) -> str:
    return "pulse" if trigger.kind is TriggerKind.PULSE else trigger.trait
