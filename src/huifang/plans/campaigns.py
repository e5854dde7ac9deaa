"""Goes once through the customers of a segment, or of a list that a person made, evenly over its time.

One row a plan and start says how far it is, and moves in the transaction of its work. While the plan is
paused nothing moves, and what the pause took is not made up for.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from huifang.customers.queries import segment_count, segment_members
from huifang.kernel.ids import CustomerId
from huifang.kernel.refusals import Refusal
from huifang.plans import entering, pacing, population
from huifang.plans.definition import Trigger, TriggerKind
from huifang.plans.entering import Cause
from huifang.plans.models import Campaign, ListEntry
from huifang.plans.records import CampaignProgress, VersionState
from huifang.plans.situations import LivePlan, Moment

BATCH = 500
KINDS = (TriggerKind.SEGMENT, TriggerKind.LIST)
_LIST = "list"
_SKIPPED_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    """One customer to take; *entry_id* is the place on the list."""

    customer_id: CustomerId
    entry_id: int = 0


def advance(*, now: datetime, clock_trusted: bool, batch: int = BATCH) -> int:
    """Take one batch of each running campaign that nobody else holds; how many customers were taken.

    One that fails (its segment is too slow to find) is told only after the others had their turn.
    """
    if not clock_trusted:
        return 0
    done, failure = 0, None
    for plan in population.live_plans():
        if plan.definition.trigger.kind in KINDS and plan.state is VersionState.ACTIVE:
            try:
                done += _advance(plan, now=now, batch=batch)
            except Exception as error:
                failure = failure or error
    if failure is not None:
        raise failure
    return done


def pass_over(*, now: datetime) -> int:
    """After a restore: those of running campaigns who may have been taken since the backup never will be.

    How many. One whose segment cannot be found now is over. In the caller's transaction.
    """
    plans = [each for each in population.live_plans() if each.definition.trigger.kind in KINDS]
    return sum(_pass_over(plan, now=now) for plan in plans if plan.state is VersionState.ACTIVE)


def _pass_over(plan: LivePlan, *, now: datetime) -> int:
    starts_at, key = _starts_at(plan), _key(plan.definition.trigger)
    if now < starts_at:
        return 0
    begun = {"starts_at": starts_at, "paced_at": starts_at}
    row, _ = Campaign.objects.select_for_update().get_or_create(plan_id=plan.plan_id, key=key, defaults=begun)
    if row.done_at is not None:
        return 0
    left = 0
    try:
        row.total = max(_total(plan, row), row.taken)
        paced_at = max(row.paced_at, plan.live_since)
        left = pacing.most(_pace(plan.definition.trigger, row.total), paced_at=paced_at, now=now)
        passed = _skip(plan, row, left, now=now)
    except Refusal:
        passed, row.done_at = 0, now
    row.taken, row.paced_at = row.taken + passed, now
    if passed < left and not _is_list(plan):
        row.done_at = now
    row.save()
    return passed


def _skip(plan: LivePlan, row: Campaign, number: int, *, now: datetime) -> int:
    """Move on past *number* members; how many there were."""
    passed = 0
    while passed < number and (members := _members(plan, row, limit=min(_SKIPPED_AT_ONCE, number - passed))):
        _note_taken(plan, row, members, now=now)
        passed += len(members)
    return passed


def _note_taken(plan: LivePlan, row: Campaign, members: list[_Member], *, now: datetime) -> None:
    if _is_list(plan):
        ids = [member.entry_id for member in members]
        ListEntry.objects.filter(pk__in=ids).update(taken_at=now)
    else:
        row.after_id = members[-1].customer_id


def progress(plan: LivePlan, *, now: datetime) -> CampaignProgress | None:
    """How far *plan* is through its segment or list; None where it has neither."""
    trigger = plan.definition.trigger
    if trigger.kind not in KINDS:
        return None
    row = Campaign.objects.filter(plan_id=plan.plan_id, key=_key(trigger)).first()
    starts_at = _starts_at(plan)
    taken = row.taken if row else 0
    try:
        total = _total(plan, row)
        state = _state(plan, row, taken=taken, total=total, now=now)
    except Refusal:
        total, state = taken, "stuck"
    return CampaignProgress(
        state=state,
        total=max(total, taken),
        taken=taken,
        entered=row.entered if row else 0,
        starts_at=starts_at,
        ends_at=pacing.ends_at(_pace(trigger, total), starts_at=starts_at, total=total),
    )


def _state(plan: LivePlan, row: Campaign | None, *, taken: int, total: int, now: datetime) -> str:
    if plan.state is not VersionState.ACTIVE:
        return plan.state.value
    if now < _starts_at(plan):
        return "waiting"
    is_done = row is not None and (row.done_at is not None or (_is_list(plan) and taken >= total))
    return "done" if is_done else "running"


def _advance(plan: LivePlan, *, now: datetime, batch: int) -> int:
    starts_at = _starts_at(plan)
    if now < starts_at:
        return 0
    key = _key(plan.definition.trigger)
    if not Campaign.objects.filter(plan_id=plan.plan_id, key=key).exists():
        Campaign.objects.bulk_create(
            [Campaign(plan_id=plan.plan_id, key=key, starts_at=starts_at, paced_at=starts_at)],
            ignore_conflicts=True,
        )
    with transaction.atomic():
        rows = Campaign.objects.select_for_update(skip_locked=True)
        row = rows.filter(plan_id=plan.plan_id, key=key, done_at=None).first()
        if row is None:
            return 0
        row.total = max(_total(plan, row), row.taken)
        turn = _turn(plan, row, now=now)
        limit = min(turn.allowed, batch)
        members = _members(plan, row, limit=limit) if limit else []
        if not members and (_is_list(plan) or limit == 0):
            return 0
        moment = population.moment_at(now, clock_trusted=True)
        row.entered += _take(plan, row, members, moment)
        row.taken += len(members)
        row.paced_at = pacing.used_up_to(turn, len(members))
        row.day, row.day_taken = turn.day, turn.day_taken + len(members)
        row.done_at = now if len(members) < limit and not _is_list(plan) else None
        row.save()
        return len(members)


def _members(plan: LivePlan, row: Campaign, *, limit: int) -> list[_Member]:
    trigger = plan.definition.trigger
    if trigger.kind is TriggerKind.LIST:
        waiting = ListEntry.objects.filter(plan_id=plan.plan_id, taken_at=None).order_by("pk")
        found = waiting.values_list("customer_id", "pk")[:limit]
        return [_Member(customer_id=CustomerId(customer_id), entry_id=pk) for customer_id, pk in found]
    assert trigger.segment_id is not None, "a plan over no segment never goes live"
    ids = segment_members(segment_id=trigger.segment_id, after=CustomerId(row.after_id), limit=limit)
    return [_Member(customer_id=each) for each in ids]


def _take(plan: LivePlan, row: Campaign, members: list[_Member], moment: Moment) -> int:
    if not members:
        return 0
    causes = [
        Cause(
            plan=plan,
            customer_id=member.customer_id,
            key=row.key,
            name=plan.definition.trigger.kind.value,
            occurred_at=moment.now,
        )
        for member in members
    ]
    entered = entering.take_each(causes, moment=moment)
    _note_taken(plan, row, members, now=moment.now)
    return entered


def _turn(plan: LivePlan, row: Campaign, *, now: datetime) -> pacing.Turn:
    """How many may be taken now. A pause moves the plan's *live_since* and so is not caught up with."""
    day = now.astimezone(ZoneInfo(settings.STAFF_TIME_ZONE)).date()
    return pacing.turn(
        _pace(plan.definition.trigger, row.total),
        paced_at=max(row.paced_at, plan.live_since),
        day=day,
        day_taken=row.day_taken if row.day == day else 0,
        now=now,
    )


def _pace(trigger: Trigger, total: int) -> pacing.Pace:
    return pacing.Pace(
        total=total, spread=timedelta(hours=trigger.spread_hours), per_day_max=trigger.per_day_max
    )


def _total(plan: LivePlan, row: Campaign | None) -> int:
    """Of a segment as it was at the start, of a list as it is now."""
    if _is_list(plan):
        return ListEntry.objects.filter(plan_id=plan.plan_id).count()
    if row is not None and row.total:
        return row.total
    segment_id = plan.definition.trigger.segment_id
    return 0 if segment_id is None else segment_count(segment_id=segment_id).number


def _is_list(plan: LivePlan) -> bool:
    return plan.definition.trigger.kind is TriggerKind.LIST


def _starts_at(plan: LivePlan) -> datetime:
    """A plan that goes live late starts late."""
    return plan.definition.trigger.starts_at or plan.live_since


def _key(trigger: Trigger) -> str:
    """Another segment or another start is another campaign; a corrected text is not."""
    if trigger.kind is TriggerKind.LIST:
        return _LIST
    starts_at = trigger.starts_at.isoformat() if trigger.starts_at else ""
    return f"segment:{trigger.segment_id}:{starts_at}"
