"""Looks at due enrolments again at the moment of contact, and contacts, waits or ends. Sends nothing itself.

One transaction a batch: invitation, attempt, decision and the next step's due time move together. A
customer is held by one dispatcher at a time, with everything that is due for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from django.db import transaction

from huifang.decisions.eligibility import Outcome, Rule, Stage
from huifang.decisions.reasons import Reason
from huifang.delivery.records import BudgetSpent, NewAttempt
from huifang.delivery.services import BATCH_MAX, enqueue_many
from huifang.kernel import outbox
from huifang.kernel.ids import CustomerId, EnrolmentId
from huifang.plans import poison, population, quotas, store
from huifang.plans.allotments import cells_of
from huifang.plans.course import after_contact
from huifang.plans.invitations import Inviter
from huifang.plans.models import Enrolment
from huifang.plans.priorities import Due, advance_all
from huifang.plans.records import EnrolmentState, EnrolmentStuck, VersionState
from huifang.plans.situations import Act, LivePlan, Moment, Move, PlanRule, Progress, Verdict

CUSTOMERS = 200
NO_ANSWER = "no_answer"
_OPEN = (EnrolmentState.WAITING, EnrolmentState.CONTACTING)
_REFUSALS = frozenset({Reason.SUPPRESSED, Reason.CUSTOMER_REFUSED})
_LOOK_AGAIN = timedelta(hours=1)  # where nothing says when a wait is over


def dispatch(*, now: datetime, clock_trusted: bool, customers: int = CUSTOMERS) -> int:
    """Look at what is due for so many customers; returns how many enrolments were looked at."""
    if not clock_trusted:
        return 0
    with transaction.atomic():
        customer_ids = store.claim_customers(now=now, limit=customers)
        if not customer_ids:
            return 0
        moment = population.moment_at(now, clock_trusted=clock_trusted)
        found = Enrolment.objects.select_for_update().filter(
            customer_id__in=customer_ids, state__in=_OPEN, planned_at__lte=now
        )
        # Where a customer's rows have to be taken one by one, the higher priority still goes first.
        rows = list(found.order_by("pk"))
        rows.sort(key=lambda row: (row.customer_id, -row.priority, row.pk))
        poison.each_alone(rows, lambda some: _work(some, moment), _park)
        return len(rows)


def retry(stuck: EnrolmentStuck, *, now: datetime) -> None:
    """Look once more at the follow-up that stuck; it may fail again. No longer parked: nothing happens."""
    with transaction.atomic():
        rows = Enrolment.objects.select_for_update().filter(
            pk=stuck.enrolment_id, state=EnrolmentState.PARKED
        )
        row = rows.first()
        if row is not None:
            row.state = EnrolmentState.CONTACTING if row.reached else EnrolmentState.WAITING
            row.due_at = now
            row.save(update_fields=["state", "due_at"])
            _work([row], population.moment_at(now, clock_trusted=True))


def _work(rows: Sequence[Enrolment], moment: Moment) -> None:
    _Batch(rows=list(rows), moment=moment).run()


def _park(row: Enrolment, error: Exception) -> None:
    Enrolment.objects.filter(pk=row.pk).update(state=EnrolmentState.PARKED)
    outbox.park(EnrolmentStuck(enrolment_id=EnrolmentId(row.pk)), error=type(error).__name__)


class _Ready(msgspec.Struct, frozen=True, kw_only=True):
    """One contact that is about to be made."""

    row: Enrolment
    due: Due
    move: Move
    attempt: NewAttempt


@dataclass(slots=True, kw_only=True)
class _Batch:
    """The due enrolments of the customers that this dispatcher holds."""

    rows: list[Enrolment]
    moment: Moment
    plans: dict[int, LivePlan] = field(default_factory=dict)
    changes: list[store.Change] = field(default_factory=list)
    decisions: list[store.NewDecision] = field(default_factory=list)
    contacts: list[tuple[Enrolment, Due, Move]] = field(default_factory=list)

    def run(self) -> None:
        """Decide about every row, then write it all at once."""
        self.plans = population.plans_of_versions({row.version_id for row in self.rows})
        self.moment = population.with_quotas(self.moment, self.plans.values())
        running = [row for row in self.rows if not self._is_settled(row)]
        definitions = [self.plans[row.version_id].definition for row in running]
        people = population.load({row.customer_id for row in running}, definitions, moment=self.moment)
        by_customer: dict[int, list[tuple[Enrolment, Due]]] = {}
        for row in running:
            due = self._due(row, people)
            if due:
                by_customer.setdefault(row.customer_id, []).append((row, due))
        for each in by_customer.values():
            rows = {due.progress.id: row for row, due in each}
            for due, move in advance_all([due for _, due in each], moment=self.moment):
                self._take(rows[due.progress.id], due, move)
        self._contact_all()
        store.insert_decisions(self.decisions)
        store.move(self.changes)

    def _is_settled(self, row: Enrolment) -> bool:
        """Rows about which there is nothing to decide any more: no step is left, or the plan is not live."""
        plan = self.plans[row.version_id]
        if row.next_step >= len(plan.definition.steps):
            self._end(row, NO_ANSWER)
        elif plan.state is VersionState.ENDED:
            self._keep(row, _no_plan(plan, row, Outcome.NO))
            self._end(row, Reason.PLAN_NOT_ACTIVE)
        elif plan.state is VersionState.PAUSED:
            self._wait(row, _no_plan(plan, row, Outcome.WAIT), step=row.next_step, planned_at=row.planned_at)
        else:
            return False
        return True

    def _due(self, row: Enrolment, people: population.Population) -> Due | None:
        plan = self.plans[row.version_id]
        subject = people.subject(CustomerId(row.customer_id), plan.definition, row.facts)
        if subject is None:  # the customer was erased
            self._end(row, Reason.NO_CONSENT)
            return None
        progress = Progress(
            id=row.pk,
            plan=plan,
            next_step=row.next_step,
            planned_at=row.planned_at,
            deadline=row.deadline,
            priority=row.priority,
            reached=row.reached,
        )
        return Due(progress=progress, subject=subject, context=row.context)

    def _take(self, row: Enrolment, due: Due, move: Move) -> None:
        for verdict in move.verdicts[:-1]:
            self._keep(row, verdict)
        if move.act is Act.CONTACT:
            self.contacts.append((row, due, move))
            return
        last = move.verdicts[-1]
        if move.act is Act.WAIT and last.outcome is Outcome.WAIT:
            self._wait(row, last, step=move.step, planned_at=move.planned_at)
            return
        self._keep(row, last)
        if move.act is Act.WAIT:  # the step does not apply; the next one has its own time
            self._change(row, next_step=move.step, planned_at=move.planned_at, due_at=move.due_at)
        else:
            assert last.reason is not None
            self._end(row, last.reason)

    def _contact_all(self) -> None:
        """Invite and hand over to delivery; where the ledger has no room, the step waits."""
        contacts = self.contacts[:BATCH_MAX]  # the rest stays due
        inviter = Inviter(moment=self.moment)
        attempts = inviter.attempts([(due, move) for _, due, move in contacts])
        ready: list[_Ready] = []
        for (row, due, move), attempt in zip(contacts, attempts, strict=True):
            if row.pk in inviter.answered:  # the fact that says so is still on its way
                self._keep(row, _answered(move.verdicts[-1]))
                now = self.moment.now
                self._change(row, state=EnrolmentState.ANSWERED, due_at=None, ended_at=now)
            elif attempt is None:
                verdict = _unpublished(move.verdicts[-1])
                self._wait(row, verdict, step=move.step, planned_at=move.planned_at)
            else:
                ready.append(_Ready(row=row, due=due, move=move, attempt=attempt))
        ready = self._within_quotas(ready)
        results = enqueue_many(attempts=[each.attempt for each in ready], now=self.moment.now)
        unmade = []
        for each, result in zip(ready, results, strict=True):
            if isinstance(result, BudgetSpent):
                verdict = _budget_spent(each.move.verdicts[-1], result)
                self._wait(each.row, verdict, step=each.move.step, planned_at=each.move.planned_at)
                unmade.append(self._wanted(each))
            else:
                self._keep(each.row, each.move.verdicts[-1])
                self._contacted(each.row, each.due, each.move)
        quotas.give_back(unmade)

    def _within_quotas(self, ready: list[_Ready]) -> list[_Ready]:
        """Those who get a place in every quota. The others stay due and are told next time, when it shows."""
        claimed = quotas.claim([self._wanted(each) for each in ready])
        return [each for each, full in zip(ready, claimed, strict=True) if full is None]

    def _wanted(self, each: _Ready) -> quotas.Wanted:
        progress = each.due.progress
        cells = cells_of(
            progress.plan.definition,
            each.due.subject.standing,
            each.attempt.channel,
            now=self.moment.now,
            zone=self.moment.used.zone,
        )
        return quotas.Wanted(plan_id=progress.plan.plan_id, cells=tuple(cells), is_reached=progress.reached)

    def _contacted(self, row: Enrolment, due: Due, move: Move) -> None:
        follows_at = move.verdicts[-1].follows_at
        step, at = after_contact(due.progress, move.step, at=self.moment.now, follows_at=follows_at)
        self._change(
            row,
            state=EnrolmentState.CONTACTING,
            next_step=step,
            planned_at=at,
            due_at=at,
            reached=True,
        )

    def _wait(self, row: Enrolment, verdict: Verdict, *, step: int, planned_at: datetime) -> None:
        """Put off. The same wait for the same time is not told twice."""
        reason = verdict.reason.value if verdict.reason else ""
        if (row.wait_reason, row.wait_until, row.next_step) != (reason, verdict.until, step):
            self._keep(row, verdict)
        self._change(
            row,
            next_step=step,
            planned_at=planned_at,
            due_at=verdict.until or self.moment.now + _LOOK_AGAIN,
            wait_reason=reason,
            wait_until=verdict.until,
        )

    def _end(self, row: Enrolment, reason: str) -> None:
        state = EnrolmentState.REFUSED if reason in _REFUSALS else EnrolmentState.ENDED
        self._change(row, state=state, due_at=None, end_reason=str(reason), ended_at=self.moment.now)

    def _change(self, row: Enrolment, **values: object) -> None:
        stands: dict[str, object] = {
            "state": row.state,
            "next_step": row.next_step,
            "planned_at": row.planned_at,
            "due_at": row.due_at,
            "reached": row.reached,
        }
        self.changes.append(store.Change(id=row.pk, **{**stands, **values}))  # type: ignore[arg-type]

    def _keep(self, row: Enrolment, verdict: Verdict) -> None:
        plan = self.plans[row.version_id]
        self.decisions.append(
            store.decision_row(
                verdict,
                at=self.moment.now,
                plan_id=plan.plan_id,
                version_id=plan.version_id,
                customer_id=row.customer_id,
                message_id=row.message_id,
                stage=Stage.DISPATCH,
                enrolment_id=row.pk,
            )
        )


def _no_plan(plan: LivePlan, row: Enrolment, outcome: Outcome) -> Verdict:
    return Verdict(
        step=row.next_step,
        channel=plan.definition.steps[row.next_step].channel,
        outcome=outcome,
        reason=Reason.BREAKER_OPEN if plan.is_tripped else Reason.PLAN_NOT_ACTIVE,
        rule=PlanRule.PLAN,
        seen={"state": plan.state.value},
    )


def _unpublished(verdict: Verdict) -> Verdict:
    return Verdict(
        step=verdict.step,
        channel=verdict.channel,
        outcome=Outcome.WAIT,
        reason=Reason.PLAN_NOT_ACTIVE,
        rule=PlanRule.PLAN,
        seen={"state": "questionnaire_not_published"},
    )


def _answered(verdict: Verdict) -> Verdict:
    return Verdict(
        step=verdict.step,
        channel=verdict.channel,
        outcome=Outcome.NO,
        reason=Reason.ALREADY_ANSWERED,
        rule=Rule.ANSWER,
        exempt=verdict.exempt,
    )


def _budget_spent(verdict: Verdict, spent: BudgetSpent) -> Verdict:
    detail = {"scope": spent.scope}
    if spent.free_at:
        detail["free_at"] = spent.free_at.isoformat()
    return Verdict(
        step=verdict.step,
        channel=verdict.channel,
        outcome=Outcome.WAIT,
        reason=Reason.BUDGET_SPENT,
        until=spent.free_at,
        rule=PlanRule.LEDGER,
        seen=detail,
        exempt=verdict.exempt,
    )
