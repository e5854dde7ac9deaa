"""What can be asked of delivery: the policy, contacts, attempts, the inbox, counts."""

from collections.abc import Sequence
from datetime import datetime

from huifang.decisions.policy import Policy
from huifang.delivery import ledger, policies
from huifang.delivery.models import Attempt
from huifang.delivery.records import AttemptRecord, AttemptState, Contact, PolicyVersion
from huifang.kernel.ids import AttemptId, CustomerId, EnrolmentId, PlanId


def policy() -> Policy:
    """The contact policy that holds now."""
    return policies.current()


def policy_versions() -> list[PolicyVersion]:
    """Every version of the contact policy, newest first."""
    return policies.versions()


def contacts(*, customer_ids: Sequence[CustomerId], since: datetime) -> dict[CustomerId, list[Contact]]:
    """Contacts made after *since* and all that are under way, by customer, oldest first.

    Customers without any are left out.
    """
    return ledger.contacts_since(customer_ids, since=since)


def attempts_of(*, customer_id: CustomerId, limit: int) -> list[AttemptRecord]:
    """Attempts on one customer, newest first."""
    found = Attempt.objects.filter(customer_id=customer_id).order_by("-queued_at", "-id")
    return [record_of(row) for row in found[:limit]]


def attempt(*, attempt_id: AttemptId) -> AttemptRecord | None:
    """One attempt, or None."""
    row = Attempt.objects.filter(pk=attempt_id).first()
    return record_of(row) if row else None


def record_of(row: Attempt) -> AttemptRecord:
    """The record of a stored attempt."""
    return AttemptRecord(
        id=AttemptId(row.pk),
        key=row.key,
        customer_id=CustomerId(row.customer_id),
        channel=row.channel,
        contact_class=row.contact_class,
        purpose=row.purpose,
        language=row.language,
        state=AttemptState(row.state),
        reason=row.reason,
        label=row.label,
        plan_id=None if row.plan_id is None else PlanId(row.plan_id),
        enrolment_id=None if row.enrolment_id is None else EnrolmentId(row.enrolment_id),
        provider=row.provider,
        tries=row.tries,
        queued_at=row.queued_at,
        due_at=row.due_at,
        not_after=row.not_after,
        handed_over_at=row.handed_over_at,
        settled_at=row.settled_at,
    )
