"""The course of one follow-up: whether a customer enters, which step is next, now or when, and why not.

Pure. The runner, the dispatcher and the rehearsal all ask here, so that they cannot differ.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from huifang.decisions.budget import Contact
from huifang.decisions.conditions import Condition, unmet
from huifang.decisions.eligibility import Ask, Candidate, Outcome, Seen, Stage, decide
from huifang.decisions.reasons import Reason
from huifang.plans.allotments import Cell, cells_of, full_cell
from huifang.plans.records import (
    Occurrence,
    PlanDefinition,
    QuotaCell,
    StepKind,
    TriggerKind,
    VersionState,
)
from huifang.plans.situations import (
    Act,
    Entry,
    History,
    LivePlan,
    Moment,
    Move,
    PlanRule,
    Progress,
    Subject,
    Verdict,
)

ANSWER_TIME = timedelta(days=7)  # a link stays open so long after the last moment of contact
AMOUNT_MAX = 10**15  # beyond it is a mistake or an attack, and a float could not hold all of it
_AMOUNT_NAMES = ("amount", "total", "revenue", "value")
_CHANNEL_REASONS = frozenset(
    {Reason.NO_CONTACT_POINT, Reason.NO_CONSENT, Reason.SUPPRESSED, Reason.NO_WINDOW}
)
_NO_HISTORY = History()
_HOLDOUTS = frozenset({Reason.HOLDOUT, Reason.GLOBAL_HOLDOUT})


def is_triggered(definition: PlanDefinition, *, event: str, nth: int, amount: float | None) -> bool:
    """Whether this event, the customer's *nth* of its name, starts the plan. No amount is no match."""
    trigger = definition.trigger
    if trigger.kind is not TriggerKind.EVENT or trigger.event != event:
        return False
    if trigger.occurrence is Occurrence.FIRST and nth != 1:
        return False
    if trigger.amount_at_least is None:
        return True
    return amount is not None and amount >= trigger.amount_at_least


def amount_of(properties: Mapping[str, object]) -> float | None:
    """The amount that an event carries; None where it has none that is a number."""
    for name in _AMOUNT_NAMES:
        value = properties.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < AMOUNT_MAX:
            return float(value)
    return None


def deadline_of(definition: PlanDefinition, occurred_at: datetime) -> datetime:
    """The instant from which no contact is made any more."""
    first = definition.steps[0].after if definition.steps else timedelta(0)
    return occurred_at + definition.delay + first + definition.valid_for


def link_expires_at(deadline: datetime) -> datetime:
    """When the questionnaire's link closes."""
    return deadline + ANSWER_TIME


def enter(
    plan: LivePlan, subject: Subject, history: History, *, occurred_at: datetime, moment: Moment
) -> Entry:
    """Decide at enrolment. The verdict is the one to store, whatever was decided."""
    definition = plan.definition
    deadline = deadline_of(definition, occurred_at)
    planned = occurred_at + definition.delay + definition.steps[0].after
    stop = stop_of_history(plan, history) or _stop_of_conditions(definition, subject)
    if stop:
        return _no_entry(stop, planned=planned, deadline=deadline)
    progress = Progress(
        id=0,
        plan=plan,
        next_step=0,
        planned_at=planned,
        deadline=deadline,
        priority=definition.priority,
        reached=False,
    )
    case = _Case(progress=progress, subject=subject, moment=moment, stage=Stage.ENROL, history=history)
    move = _walk(case)
    verdict = move.verdicts[-1] if move.act is not Act.END else move.verdicts[0]
    if move.act is not Act.END:
        due = max(moment.now, move.due_at or move.planned_at)
        until = due if due > moment.now else None
        return Entry(
            verdict=verdict if verdict.until == until else replace(verdict, until=until),
            enters=True,
            is_control=False,
            step=move.step,
            planned_at=move.planned_at,
            due_at=due,
            deadline=deadline,
            tried=move.verdicts,
        )
    entry = replace(_no_entry(verdict, planned=planned, deadline=deadline), tried=move.verdicts)
    if verdict.reason in _HOLDOUTS:
        # The control group is only those who would have entered: else it differs from the treated.
        other = _walk(replace(case, holdouts=False))
        tried = (*move.verdicts, *other.verdicts)
        return replace(entry, is_control=other.act is not Act.END, tried=tried)
    return entry


def stop_of_history(plan: LivePlan, history: History) -> Verdict | None:
    """What forbids to enter whoever it is: the plan's state, or what this customer had of the plan before."""
    definition = plan.definition
    if plan.state is not VersionState.ACTIVE:
        reason = Reason.BREAKER_OPEN if plan.is_tripped else Reason.PLAN_NOT_ACTIVE
        return _no(definition, 0, PlanRule.PLAN, reason, {"state": plan.state})
    trigger = definition.trigger
    is_first = trigger.kind is TriggerKind.EVENT and trigger.occurrence is Occurrence.FIRST
    if history.has_open or (is_first and history.last_enrolled_at):
        return _no(definition, 0, PlanRule.ONCE, Reason.ALREADY_ENROLLED)
    return None


def advance(progress: Progress, subject: Subject, *, moment: Moment) -> Move:
    """Decide at dispatch for one enrolment alone."""
    return _walk(_Case(progress=progress, subject=subject, moment=moment, stage=Stage.DISPATCH))


def after_contact(
    progress: Progress, step: int, *, at: datetime, follows_at: datetime | None = None
) -> tuple[int, datetime]:
    """The step that follows *step*, made at *at*, and when it is due: past the last, when the link closes.

    A notice has said when the next step *follows_at*, so it is not made before.
    """
    steps = progress.plan.definition.steps
    following = next_step_after(progress.plan.definition, step)
    if following >= len(steps):
        return following, link_expires_at(progress.deadline)
    return following, follows_at or at + steps[following].after


def next_step_after(definition: PlanDefinition, step: int) -> int:
    """The next step that does not exist only for the case that *step* cannot be made."""
    steps = definition.steps
    return next(
        (n for n in range(step + 1, len(steps)) if steps[n].kind is not StepKind.FALLBACK), len(steps)
    )


class _Case(msgspec.Struct, frozen=True, kw_only=True):
    """One enrolment of one customer at one moment."""

    progress: Progress
    subject: Subject
    moment: Moment
    stage: Stage
    history: History = _NO_HISTORY
    holdouts: bool = True
    not_before: datetime | None = None


def _stop_of_conditions(definition: PlanDefinition, subject: Subject) -> Verdict | None:
    failing = unmet(definition.conditions, subject.facts)
    if not failing:
        return None
    return _no(definition, 0, PlanRule.CONDITIONS, Reason.CONDITION_NOT_MET, _condition_detail(failing[0]))


def _walk(case: _Case) -> Move:
    """From the next step on, the first that is not passed over; END where every one is."""
    progress, now = case.progress, case.moment.now
    definition, step, planned = progress.plan.definition, progress.next_step, progress.planned_at
    verdicts: list[Verdict] = []
    while step < len(definition.steps):
        verdict = _announcing(case, step, planned)
        # A notice and the step that it announces are passed over together.
        is_notice = definition.steps[step].kind is StepKind.NOTICE
        if not verdicts or verdicts[-1].reason != verdict.reason or verdict.outcome is not Outcome.NO:
            verdicts.append(verdict)
        if verdict.outcome is not Outcome.NO:
            act = Act.CONTACT if verdict.outcome is Outcome.CONTACT else Act.WAIT
            return _move(act, step, planned, verdict.until, verdicts)
        if verdict.rule == PlanRule.STEP_CONDITIONS:
            step = next_step_after(definition, step + is_notice)
            planned += definition.steps[step].after if step < len(definition.steps) else timedelta(0)
            if step < len(definition.steps) and planned > now and case.stage is Stage.DISPATCH:
                return _move(Act.WAIT, step, planned, planned, verdicts)
        elif verdict.reason in _CHANNEL_REASONS or verdict.seen.get("scope") == verdict.channel:
            step, planned = step + 1 + is_notice, max(planned, min(now, progress.deadline))
        else:
            break
    return _move(Act.END, step, planned, None, verdicts)


def _move(
    act: Act, step: int, planned: datetime, due_at: datetime | None, verdicts: Sequence[Verdict]
) -> Move:
    return Move(act=act, step=step, planned_at=planned, due_at=due_at, verdicts=tuple(verdicts))


def _announcing(case: _Case, number: int, planned: datetime) -> Verdict:
    """The verdict about a step; of a notice also that of the step that it announces.

    A notice is sent only where the step itself may follow: as things stand now, at its own time, with the
    notice counted. When that is goes with the verdict, for the message to say.
    """
    verdict = _verdict(case, number, planned)
    steps = case.progress.plan.definition.steps
    if steps[number].kind is not StepKind.NOTICE or verdict.outcome is Outcome.NO:
        return verdict
    sent_at = verdict.until or max(case.moment.now, planned)
    subject = case.subject
    if case.stage is Stage.DISPATCH:  # as customers enter, the follow-up has no key to count it under yet
        made = Contact(
            at=sent_at,
            channel=steps[number].channel,
            contact_class=case.progress.plan.definition.contact_class,
            round_key=case.progress.round_key,
        )
        subject = replace(subject, contacts=(*subject.contacts, made))
    at = sent_at + steps[number + 1].after
    announced = _verdict(replace(case, subject=subject, not_before=at), number + 1, at)
    if announced.outcome is Outcome.NO:
        return announced
    return replace(verdict, follows_at=announced.until or at)


def _verdict(case: _Case, number: int, planned: datetime) -> Verdict:
    definition, subject, moment = case.progress.plan.definition, case.subject, case.moment
    step = definition.steps[number]
    failing = unmet(step.conditions, subject.facts)
    if failing:
        detail = _condition_detail(failing[0])
        return _no(definition, number, PlanRule.STEP_CONDITIONS, Reason.CONDITION_NOT_MET, detail)
    policy = moment.policy
    if not case.holdouts and policy.global_holdout_basis_points:
        policy = replace(policy, global_holdout_basis_points=0)
    decision = decide(
        _candidate(case),
        _ask(case, number, planned),
        policy,
        moment.calendar,
        now=moment.now,
    )
    verdict = Verdict(
        step=number,
        channel=step.channel,
        outcome=decision.outcome,
        reason=decision.reason,
        until=decision.until,
        rule=decision.rule or "",
        seen=decision.seen,
        exempt=frozenset(decision.exempt),
    )
    return verdict if verdict.outcome is Outcome.NO else _within_quota(case, verdict)


def _within_quota(case: _Case, verdict: Verdict) -> Verdict:
    """*verdict*, unless a quota leaves no room.

    A quota of a period is waited for; as customers enter, only one that never empties is asked.
    """
    progress, moment = case.progress, case.moment
    definition = progress.plan.definition
    if not definition.quotas:
        return verdict
    standing, zone = case.subject.standing, moment.used.zone
    cells = cells_of(definition, standing, verdict.channel, now=moment.now, zone=zone)
    full = full_cell(cells, progress.plan.plan_id, used=moment.used, is_reached=progress.reached)
    if full is None or (full.until and (case.stage is Stage.ENROL or verdict.outcome is Outcome.WAIT)):
        return verdict
    return quota_reached(verdict, full, deadline=progress.deadline)


def quota_reached(verdict: Verdict, full: Cell, *, deadline: datetime) -> Verdict:
    """*verdict* kept back because *full* has no room: until its period ends, or for good."""
    until = full.until if full.until and full.until < deadline else None
    seen: dict[str, Seen] = {
        "scope": verdict.channel if full.quota.cell is QuotaCell.CHANNEL else str(full.quota.cell),
        "value": full.value,
        "limit": full.quota.limit,
        "of": str(full.quota.of),
    }
    return replace(
        verdict,
        outcome=Outcome.WAIT if until else Outcome.NO,
        reason=Reason.QUOTA_REACHED,
        rule=PlanRule.QUOTA,
        until=until,
        seen=seen,
    )


def _candidate(case: _Case) -> Candidate:
    standing = case.subject.standing
    return Candidate(
        customer_key=standing.external_id,
        time_zone=standing.time_zone,
        consented_channels=standing.consented_channels,
        suppressed_channels=standing.suppressed_channels,
        reachable_channels=standing.reachable_channels,
        contacts=case.subject.contacts,
        clock_trusted=case.moment.clock_trusted,
        last_enrolled_at=case.history.last_enrolled_at,
    )


def _ask(case: _Case, number: int, planned: datetime) -> Ask:
    progress = case.progress
    definition = progress.plan.definition
    entering = case.stage is Stage.ENROL
    return Ask(
        plan_key=progress.plan.key,
        contact_class=definition.contact_class,
        channel=definition.steps[number].channel,
        round_key="" if entering else progress.round_key,
        deadline=progress.deadline,
        stage=case.stage,
        not_before=case.not_before or (planned if entering else None),
        cooldown=definition.cooldown,
        sampling_basis_points=definition.sampling_basis_points,
        holdout_basis_points=definition.holdout_basis_points if case.holdouts else 0,
    )


def _no(
    definition: PlanDefinition, step: int, rule: str, reason: Reason, detail: Mapping[str, str] | None = None
) -> Verdict:
    return Verdict(
        step=step,
        channel=definition.steps[step].channel,
        outcome=Outcome.NO,
        reason=reason,
        rule=rule,
        seen=detail or {},
    )


def _no_entry(verdict: Verdict, *, planned: datetime, deadline: datetime) -> Entry:
    return Entry(
        verdict=verdict,
        enters=False,
        is_control=False,
        step=verdict.step,
        planned_at=planned,
        due_at=planned,
        deadline=deadline,
    )


def _condition_detail(condition: Condition) -> dict[str, str]:
    value = condition.value
    shown = " ".join(map(str, value)) if isinstance(value, tuple) else "" if value is None else str(value)
    return {"field": condition.field, "op": str(condition.op), "value": shown}
