"""Tells what was decided about one customer, as records: decisions with their chains, follow-ups, budget."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from huifang.customers.queries import standings
from huifang.decisions.budget import CapUsage, cap_usage
from huifang.decisions.eligibility import Ask, Candidate, Stage, decide
from huifang.decisions.policy import ContactClass
from huifang.delivery.queries import attempts_of, contacts
from huifang.delivery.records import AttemptRecord, AttemptState
from huifang.kernel import clock
from huifang.kernel.ids import CustomerId, EnrolmentId, PlanId
from huifang.plans import population
from huifang.plans.models import Decision, Enrolment, PlanVersion
from huifang.plans.records import (
    DecisionRecord,
    EnrolmentRecord,
    EnrolmentState,
    Outlook,
    RuleResult,
    Texts,
    Why,
)
from huifang.plans.situations import CHAIN

_OUTLOOK_FOR = timedelta(days=30)
_PURPOSE = "service_follow_up"
_ATTEMPTS_MAX = 200
NOT_MADE = (AttemptState.FAILED, AttemptState.WITHHELD, AttemptState.EXPIRED)


def decisions_of(
    *, customer_id: CustomerId, limit: int, plan_id: PlanId | None = None, before: datetime | None = None
) -> list[DecisionRecord]:
    """Stored decisions about one customer, newest first, each with its chain of rules."""
    found = Decision.objects.filter(customer_id=customer_id)
    if plan_id is not None:
        found = found.filter(plan_id=plan_id)
    if before is not None:
        found = found.filter(at__lt=before)
    rows = list(found.order_by("-at", "-pk")[:limit])
    names = _names({row.version_id for row in rows})
    return [_decision(row, names) for row in rows]


def _names(version_ids: Iterable[int]) -> dict[int, tuple[Texts, int]]:
    """Name and number by version."""
    rows = PlanVersion.objects.filter(pk__in=version_ids).values_list("pk", "definition__name", "number")
    return {pk: (name or {}, number) for pk, name, number in rows}


def _decision(row: Decision, names: dict[int, tuple[Texts, int]]) -> DecisionRecord:
    name, number = names.get(row.version_id, ({}, 0))
    return DecisionRecord(
        at=row.at,
        plan_id=PlanId(row.plan_id),
        plan_name=name,
        version=number,
        enrolment_id=EnrolmentId(row.enrolment_id) if row.enrolment_id else None,
        stage=row.stage,
        step=row.step,
        channel=row.channel,
        outcome=row.outcome,
        reason=row.reason,
        until=row.until,
        rules=chain_of(rule=row.rule, outcome=row.outcome, detail=row.detail, exempt=row.exempt),
    )


def chain_of(*, rule: str, outcome: str, detail: dict[str, str], exempt: Iterable[str]) -> list[RuleResult]:
    """The rules in order: those that said yes, the one that stopped, those that were not asked."""
    place = CHAIN.index(rule) if rule in CHAIN else len(CHAIN)
    spared = set(exempt)
    chain = []
    for at, name in enumerate(CHAIN):
        if at > place or (name in spared and at != place):
            said = "not_asked"
        elif at == place:
            said = "wait" if outcome == "wait" else "no"
        else:
            said = "yes"
        chain.append(RuleResult(rule=str(name), outcome=said, detail=detail if at == place else {}))
    return chain


def enrolments_of(*, customer_id: CustomerId, limit: int = 50) -> list[EnrolmentRecord]:
    """Follow-ups of one customer, newest first."""
    rows = list(Enrolment.objects.filter(customer_id=customer_id).order_by("-created_at", "-pk")[:limit])
    names = _names({row.version_id for row in rows})
    return [_enrolment(row, *names.get(row.version_id, ({}, 0))) for row in rows]


def _enrolment(row: Enrolment, name: Texts, number: int) -> EnrolmentRecord:
    return EnrolmentRecord(
        id=EnrolmentId(row.pk),
        plan_id=PlanId(row.plan_id),
        plan_name=name,
        version=number,
        customer_id=CustomerId(row.customer_id),
        state=EnrolmentState(row.state),
        occurred_at=row.occurred_at,
        next_step=row.next_step,
        due_at=row.due_at,
        deadline=row.deadline,
        end_reason=row.end_reason,
    )


def why(*, customer_id: CustomerId, plan_id: PlanId) -> Why:
    """Why one customer was, or was not, contacted because of one plan: what a sentence needs.

    *code* is not_triggered, sending, contacted, answered, waiting, held_back, failed or ended.
    """
    last = next(iter(decisions_of(customer_id=customer_id, limit=1, plan_id=plan_id)), None)
    row = Enrolment.objects.filter(customer_id=customer_id, plan_id=plan_id).order_by("-created_at").first()
    if last is None:
        return Why(code="not_triggered", reason="", at=None, until=None, channel="", facts={})
    facts = next((dict(rule.detail) for rule in last.rules if rule.outcome in ("no", "wait")), {})
    if last.reason == "cap_reached":
        facts |= _spent_by(customer_id, last, facts)
    code = _code(last, row)
    if row and code in ("contacted", "ended") and (newest := _newest_attempt(customer_id, row.pk)):
        return _as_it_went(newest, code)
    return Why(
        code=code,
        reason=last.reason or (row.end_reason if row else ""),
        at=last.at,
        until=last.until or (row.due_at if row and row.state == EnrolmentState.WAITING else None),
        channel=last.channel,
        facts=facts,
    )


def _newest_attempt(customer_id: CustomerId, enrolment_id: int) -> AttemptRecord | None:
    """The newest attempt of a follow-up that went out; where none did, the newest at all."""
    made = [
        attempt
        for attempt in attempts_of(customer_id=customer_id, limit=_ATTEMPTS_MAX)
        if attempt.enrolment_id == enrolment_id
    ]
    return next((attempt for attempt in made if attempt.state not in NOT_MADE), next(iter(made), None))


def _as_it_went(newest: AttemptRecord, code: str) -> Why:
    """A follow-up that the plan made, by what became of its messages: asked for is not yet arrived."""
    if newest.state in NOT_MADE:
        code = "failed"
    elif newest.state in (AttemptState.QUEUED, AttemptState.SENDING):
        code = "sending"
    return Why(
        code=code,
        reason=newest.reason,
        at=newest.handed_over_at or newest.settled_at or newest.queued_at,
        until=None,
        channel=newest.channel,
        facts={},
    )


def _code(last: DecisionRecord, row: Enrolment | None) -> str:
    if row and row.state == EnrolmentState.ANSWERED:
        return "answered"
    if last.outcome == "contact" and last.stage == Stage.DISPATCH:
        return "contacted"
    if row and row.state == EnrolmentState.WAITING:
        return "waiting"
    return "ended" if row and row.reached else "held_back"


def _spent_by(customer_id: CustomerId, last: DecisionRecord, facts: dict[str, str]) -> dict[str, str]:
    """The contact that used up the cap: the last one before the decision."""
    window = timedelta(seconds=int(facts.get("window_seconds", 0) or 0))
    made = contacts(customer_ids=[customer_id], since=last.at - window).get(customer_id, [])
    before = [contact for contact in made if contact.at <= last.at]
    if not before:
        return {}
    return {"spent_channel": before[-1].channel, "spent_at": before[-1].at.isoformat()}


def can_contact_now(*, customer_id: CustomerId, now: datetime) -> list[Outlook]:
    """Whether the customer could be contacted at *now*, by channel and class, by the rules that run live.

    Sampling and holdout of a plan are not asked: they are the plan's.
    """
    standing = standings(customer_ids=[customer_id], purpose=_PURPOSE).get(customer_id)
    if standing is None:
        return []
    moment = population.moment_at(now, clock_trusted=clock.is_trusted())
    memory = population.memory_of(moment.policy)
    made = contacts(customer_ids=[customer_id], since=now - memory).get(customer_id, [])
    candidate = Candidate(
        customer_key=standing.external_id,
        time_zone=standing.time_zone,
        consented_channels=standing.consented_channels,
        suppressed_channels=standing.suppressed_channels,
        reachable_channels=standing.reachable_channels,
        contacts=tuple(made),
        clock_trusted=moment.clock_trusted,
    )
    found = []
    for channel in moment.policy.hours:
        for contact_class in ContactClass:
            ask = Ask(
                plan_key="",
                contact_class=contact_class,
                channel=channel,
                round_key="",
                deadline=now + _OUTLOOK_FOR,
                stage=Stage.DISPATCH,
            )
            decision = decide(candidate, ask, moment.policy, moment.calendar, now=now)
            found.append(
                Outlook(
                    channel=channel,
                    contact_class=contact_class.value,
                    outcome=decision.outcome.value,
                    reason=decision.reason.value if decision.reason else "",
                    until=decision.until,
                )
            )
    return found


def budget_of(*, customer_id: CustomerId, now: datetime) -> list[CapUsage]:
    """How much of each cap the customer has used at *now*."""
    policy = population.moment_at(now, clock_trusted=True).policy
    made = contacts(customer_ids=[customer_id], since=now - population.memory_of(policy))
    return list(cap_usage(made.get(customer_id, []), policy.caps, now=now))
