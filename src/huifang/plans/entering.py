"""Decides about customers whom something brings into a plan, and stores the enrolment or the reason.

Whatever the trigger, this is the one way in. Each cause counts once: its key is unique for a plan and a
customer. Never contacts anybody.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec
from django.db import transaction

from huifang.decisions.eligibility import Stage
from huifang.kernel import outbox
from huifang.kernel.ids import CustomerId, PlanId
from huifang.plans import poison, population, store
from huifang.plans.course import enter
from huifang.plans.records import CauseStuck, EnrolmentState
from huifang.plans.situations import Entry, History, LivePlan, Moment, event_facts

_VERSION_NAMES = ("app_version", "appVersion")
_CONTEXT_LENGTH_MAX = 60


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """What brings one customer into one plan. *key* is unique for both; *name* says what happened."""

    plan: LivePlan
    customer_id: CustomerId
    key: str
    name: str
    occurred_at: datetime
    properties: Mapping[str, object] = msgspec.field(default_factory=dict)


class _Decided(msgspec.Struct, frozen=True, kw_only=True):
    cause: Cause
    entry: Entry
    facts: dict[str, object]
    context: dict[str, str]


def take(causes: Sequence[Cause], *, moment: Moment) -> int:
    """Decide about every cause; how many customers were enrolled."""
    if not causes:
        return 0
    customer_ids = {cause.customer_id for cause in causes}
    plans = {cause.plan.plan_id: cause.plan for cause in causes}
    moment = population.with_quotas(moment, plans.values())
    people = population.load(customer_ids, [plan.definition for plan in plans.values()], moment=moment)
    known = store.histories(customer_ids=list(customer_ids), plan_ids=list(plans))
    histories = {
        key: History(last_enrolled_at=at, has_open=has_open) for key, (at, has_open) in known.items()
    }
    decided = _decide(causes, people, histories, moment)
    _store(decided, moment)
    return sum(each.entry.enters for each in decided)


def take_each(causes: Sequence[Cause], *, moment: Moment) -> int:
    """Decide about those causes that were not decided about; how many customers were enrolled.

    One that fails by itself is parked, and the others go on. In the caller's transaction.
    """
    entered = 0

    def work(items: Sequence[Cause]) -> None:
        nonlocal entered
        entered += take(items, moment=moment)

    def park(cause: Cause, error: Exception) -> None:
        stuck = CauseStuck(
            plan_id=PlanId(cause.plan.plan_id),
            customer_id=cause.customer_id,
            key=cause.key,
            name=cause.name,
            occurred_at=cause.occurred_at,
        )
        outbox.park(stuck, error=type(error).__name__)

    poison.each_alone(untaken(causes), work, park)
    return entered


def retry(stuck: CauseStuck, *, now: datetime) -> None:
    """Take once more the cause that stuck; it may fail again. The plan is over: nothing happens."""
    plan = next((each for each in population.live_plans() if each.plan_id == stuck.plan_id), None)
    if plan is None:
        return
    cause = Cause(
        plan=plan,
        customer_id=stuck.customer_id,
        key=stuck.key,
        name=stuck.name,
        occurred_at=stuck.occurred_at,
    )
    with transaction.atomic():
        take(untaken([cause]), moment=population.moment_at(now, clock_trusted=True))


def untaken(causes: Sequence[Cause]) -> list[Cause]:
    """Those of *causes* about which nothing was decided yet."""
    keys = {(cause.plan.plan_id, int(cause.customer_id), cause.key) for cause in causes}
    known = store.decided(keys)
    return [cause for cause in causes if (cause.plan.plan_id, int(cause.customer_id), cause.key) not in known]


def _decide(
    causes: Sequence[Cause],
    people: population.Population,
    histories: dict[tuple[int, int], History],
    moment: Moment,
) -> list[_Decided]:
    decided = []
    for cause in causes:
        plan = cause.plan
        facts = event_facts(plan.definition, cause.properties)
        subject = people.subject(cause.customer_id, plan.definition, facts)
        if subject is None:
            continue
        key = (plan.plan_id, int(cause.customer_id))
        history = histories.get(key, History())
        entry = enter(plan, subject, history, occurred_at=cause.occurred_at, moment=moment)
        if entry.enters or entry.is_control:
            histories[key] = History(last_enrolled_at=moment.now, has_open=entry.enters or history.has_open)
        context = _context(cause, subject.standing.traits)
        decided.append(_Decided(cause=cause, entry=entry, facts=facts, context=context))
    return decided


def _context(cause: Cause, traits: Mapping[str, object]) -> dict[str, str]:
    """What the invitation will carry of the cause: its name, and the version of the app where it is told."""
    told = [source.get(name) for source in (cause.properties, traits) for name in _VERSION_NAMES]
    version = next((each for each in told if isinstance(each, str) and each.strip()), "")
    named = {"event": cause.name, "app_version": version.strip()}
    return {name: value[:_CONTEXT_LENGTH_MAX] for name, value in named.items() if value}


def _store(decided: Collection[_Decided], moment: Moment) -> None:
    new = [_enrolment(each) for each in decided if each.entry.enters or each.entry.is_control]
    ids = store.insert_enrolments(new, now=moment.now)
    store.insert_decisions(
        store.decision_row(
            each.entry.verdict,
            at=moment.now,
            plan_id=each.cause.plan.plan_id,
            version_id=each.cause.plan.version_id,
            customer_id=int(each.cause.customer_id),
            message_id=each.cause.key,
            stage=Stage.ENROL,
            enrolment_id=ids.get((each.cause.plan.plan_id, int(each.cause.customer_id), each.cause.key)),
        )
        for each in decided
    )


def _enrolment(each: _Decided) -> store.NewEnrolment:
    cause, entry = each.cause, each.entry
    definition, reason = cause.plan.definition, entry.verdict.reason
    return store.NewEnrolment(
        plan_id=cause.plan.plan_id,
        version_id=cause.plan.version_id,
        customer_id=int(cause.customer_id),
        message_id=cause.key,
        occurred_at=cause.occurred_at,
        facts=each.facts,
        context=each.context,
        state=EnrolmentState.WAITING if entry.enters else EnrolmentState.HELD_OUT,
        priority=definition.priority,
        contact_class=definition.contact_class,
        next_step=entry.step,
        planned_at=entry.planned_at,
        due_at=entry.due_at if entry.enters else None,
        deadline=entry.deadline,
        end_reason="" if entry.enters or reason is None else reason.value,
    )
