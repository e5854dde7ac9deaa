"""What becomes of enrolments when other rooms speak: an answer, a failed attempt, a refusal. Idempotent."""

from datetime import datetime

from django.db import transaction

from huifang.decisions.eligibility import Outcome, Rule, Stage
from huifang.decisions.policy import ContactClass
from huifang.decisions.reasons import Reason
from huifang.kernel.ids import CustomerId
from huifang.plans import completions, population, store
from huifang.plans.course import next_step_after
from huifang.plans.models import Enrolment
from huifang.plans.records import EnrolmentState, PlanDefinition, StepKind
from huifang.plans.situations import Verdict

OPEN = (EnrolmentState.WAITING, EnrolmentState.CONTACTING)
_ANSWERABLE = (*OPEN, EnrolmentState.PARKED, EnrolmentState.ENDED)
_NOT_MADE = frozenset({"failed", "withheld", "expired"})
_EVERY = "*"
_KEY = "enrolment"


def note_response(*, invitation_key: str, at: datetime, is_complete: bool = False) -> None:
    """The customer answers: no further step. Told again, or of another room's invitation: no change.

    An answer that *is_complete* counts for the quotas and earns what the plan promised, once.
    """
    kind, _, number = invitation_key.partition(":")
    if kind != _KEY or not number.isdecimal():
        return
    with transaction.atomic():
        Enrolment.objects.filter(pk=int(number), state__in=_ANSWERABLE).update(
            state=EnrolmentState.ANSWERED, due_at=None, ended_at=at, wait_reason="", wait_until=None
        )
        if is_complete:
            completions.note(enrolment_id=int(number), at=at)


def note_attempt(*, key: str, outcome: str, reason: str, now: datetime) -> None:
    """An attempt was not made after all: the next step, fallbacks too, is looked at now.

    Where the enrolment has moved on since, nothing happens.
    """
    numbers = _numbers(key)
    if numbers is None or outcome not in _NOT_MADE:
        return
    enrolment_id, made = numbers
    with transaction.atomic():
        row = Enrolment.objects.select_for_update().filter(pk=enrolment_id, state__in=OPEN).first()
        if row is None:
            return
        plan = population.plans_of_versions({row.version_id})[row.version_id]
        if row.next_step != next_step_after(plan.definition, made):
            return
        steps = plan.definition.steps
        following = made + 1 + (steps[made].kind is StepKind.NOTICE)  # nothing comes unannounced
        if following < len(steps):
            row.next_step, row.planned_at, row.due_at = following, now, now
            row.save(update_fields=["next_step", "planned_at", "due_at"])
        else:
            row.state, row.due_at, row.ended_at, row.end_reason = (
                EnrolmentState.ENDED,
                None,
                now,
                reason or outcome,
            )
            row.save(update_fields=["state", "due_at", "ended_at", "end_reason"])


def note_refusal(*, customer_id: CustomerId, channel: str, purpose: str, now: datetime) -> None:
    """The customer said no to all channels: every follow-up for that purpose ends, with the reason stored.

    A "no" to one channel is met at dispatch, where another channel may still be allowed.
    """
    if channel != _EVERY:
        return
    with transaction.atomic():
        found = Enrolment.objects.select_for_update().filter(
            customer_id=customer_id, state__in=OPEN, contact_class=ContactClass.FOLLOW_UP
        )
        rows = list(found.order_by("pk"))
        plans = population.plans_of_versions({row.version_id for row in rows})
        rows = [row for row in rows if purpose in (_EVERY, plans[row.version_id].definition.purpose)]
        store.insert_decisions(
            store.decision_row(
                _refused(row, plans[row.version_id].definition),
                at=now,
                plan_id=row.plan_id,
                version_id=row.version_id,
                customer_id=row.customer_id,
                message_id=row.message_id,
                stage=Stage.DISPATCH,
                enrolment_id=row.pk,
            )
            for row in rows
        )
        Enrolment.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=EnrolmentState.REFUSED,
            due_at=None,
            ended_at=now,
            end_reason=Reason.CUSTOMER_REFUSED,
            wait_reason="",
            wait_until=None,
        )


def _refused(row: Enrolment, definition: PlanDefinition) -> Verdict:
    step = min(row.next_step, len(definition.steps) - 1)
    return Verdict(
        step=step,
        channel=definition.steps[step].channel,
        outcome=Outcome.NO,
        reason=Reason.CUSTOMER_REFUSED,
        rule=Rule.SUPPRESSION,
    )


def _numbers(key: str) -> tuple[int, int] | None:
    """Enrolment and step (from 0) of an attempt's key; None where it is not ours."""
    parts = key.split(":")
    if len(parts) != 4 or parts[0] != _KEY or not (parts[1].isdecimal() and parts[3].isdecimal()):
        return None
    return int(parts[1]), int(parts[3]) - 1
