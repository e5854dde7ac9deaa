"""Whom a plan that no event starts would have brought in: the customers as they stand now, day by day.

Dates and pulses are looked for with the code that sweeps the days; a segment or a list goes in evenly from
the first day on. What other rooms announce is not kept, so nothing of it can be rehearsed.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from huifang.customers.queries import segment_members, standings
from huifang.kernel.ids import CustomerId, PlanId
from huifang.plans import lists, occasions, population, sweeps
from huifang.plans.crowds import members_of
from huifang.plans.records import TriggerKind
from huifang.plans.rehearsal import Happening
from huifang.plans.situations import LivePlan

BATCH = 2000
_DAY = timedelta(days=1)


def forecasts(plan: LivePlan, start: datetime, end: datetime) -> Iterator[list[Happening]]:
    """What would have started the plan from *start* up to *end*, in order of time."""
    kind = plan.definition.trigger.kind
    if kind in (TriggerKind.DATE, TriggerKind.PULSE):
        yield from _of_days(plan, start, end)
    elif kind in (TriggerKind.SEGMENT, TriggerKind.LIST):
        yield from _of_crowd(plan, start, end)


def _of_days(plan: LivePlan, start: datetime, end: datetime) -> Iterator[list[Happening]]:
    waiting: list[Happening] = []
    for day in occasions.days_begun(end, since=start):
        after: int | None = 0
        while after is not None:
            ids, after = sweeps.candidates(plan, day, after=after, limit=BATCH)
            times = {cause.customer_id: cause.occurred_at for cause in sweeps.causes_of(plan, day, ids)}
            wanted = [(each, at) for each, at in times.items() if start <= at < end]
            waiting += _happenings(plan, wanted, at=start)
        # The next day begins at most so long before this one is over everywhere.
        until = datetime.combine(day, datetime.min.time(), UTC) + _DAY - occasions.EARLIEST
        yield sorted((one for one in waiting if one.occurred_at < until), key=_instant)
        waiting = [one for one in waiting if one.occurred_at >= until]
    yield sorted(waiting, key=_instant)


def _of_crowd(plan: LivePlan, start: datetime, end: datetime) -> Iterator[list[Happening]]:
    """Everybody, one after the other over the plan's time; those who would come after *end* are left out."""
    trigger = plan.definition.trigger
    ids = _everybody(plan)
    step = timedelta(hours=trigger.spread_hours) / len(ids) if ids else timedelta(0)
    if trigger.per_day_max:
        step = max(step, _DAY / trigger.per_day_max)
    times = [(each, start + step * place) for place, each in enumerate(ids)]
    for first in range(0, len(times), BATCH):
        batch = [(each, at) for each, at in times[first : first + BATCH] if at < end]
        yield sorted(_happenings(plan, batch, at=start), key=_instant)


def _everybody(plan: LivePlan) -> list[CustomerId]:
    trigger = plan.definition.trigger
    if trigger.kind is TriggerKind.LIST:
        return lists.everybody(plan_id=PlanId(plan.plan_id))
    assert trigger.segment_id is not None, "a rehearsal needs a segment"
    found: list[CustomerId] = []
    while True:
        after = found[-1] if found else None
        page = segment_members(segment_id=trigger.segment_id, after=after, limit=BATCH)
        found += page
        if len(page) < BATCH:
            return found


def _happenings(
    plan: LivePlan, wanted: Sequence[tuple[CustomerId, datetime]], *, at: datetime
) -> list[Happening]:
    """One for each customer and instant, with the customers' contacts since long enough before *at*."""
    moment = population.moment_at(at, clock_trusted=True)
    known = standings(customer_ids={each for each, _ in wanted}, purpose=plan.definition.purpose)
    members = members_of(plan, known, moment=moment)
    return [
        Happening(member=members[customer_id], occurred_at=occurred_at)
        for customer_id, occurred_at in wanted
        if customer_id in members
    ]


def _instant(one: Happening) -> datetime:
    return one.occurred_at
