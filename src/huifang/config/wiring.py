"""The single table of who listens to which fact. Handlers call services; each is idempotent by key."""

from huifang.customers.records import CustomerRefused
from huifang.delivery import services as delivery
from huifang.delivery.records import AttemptSettled
from huifang.kernel.outbox import on
from huifang.plans import queries as plan_queries
from huifang.plans import services as plans
from huifang.questionnaires import plan_names
from huifang.questionnaires.records import ResponseCompleted, ResponseStarted


@on(ResponseStarted)
def stop_asking_who_answers(fact: ResponseStarted) -> None:
    """The first answer ends the reminders, also one that is queued already."""
    plans.note_response(invitation_key=fact.invitation_key, at=fact.at)
    delivery.note_answer(customer_id=fact.customer_id, round_key=fact.invitation_key, now=fact.at)


@on(ResponseCompleted)
def stop_asking_who_answered(fact: ResponseCompleted) -> None:
    """The same, where the start was not heard."""
    plans.note_response(invitation_key=fact.invitation_key, at=fact.at)


@on(AttemptSettled)
def try_the_next_step(fact: AttemptSettled) -> None:
    """What was not sent after all makes way for the next step."""
    plans.note_attempt(key=fact.key, outcome=fact.outcome, reason=fact.reason, now=fact.at)


@on(CustomerRefused)
def end_follow_ups_of_who_refused(fact: CustomerRefused) -> None:
    """A no ends every follow-up that it covers."""
    plans.note_refusal(customer_id=fact.customer_id, channel=fact.channel, purpose=fact.purpose, now=fact.at)


@on(CustomerRefused)
def withhold_what_waits_for_who_refused(fact: CustomerRefused) -> None:
    """A no stops messages that are on their way, and is counted against the one it follows."""
    delivery.note_refusal(
        customer_id=fact.customer_id, channel=fact.channel, purpose=fact.purpose, now=fact.at
    )


@plan_names.provide
def names_of_plans() -> dict[int, dict[str, str]]:
    """Feedback filters by plan and lies below the plans."""
    return {line.id: line.name for line in plan_queries.plans()}
