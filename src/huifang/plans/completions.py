"""What a whole answer brings about, once: it counts for the quotas, and earns its reward. Idempotent."""

from datetime import datetime

from huifang.customers.queries import standings
from huifang.kernel.ids import CustomerId
from huifang.plans import population, quotas, rewards
from huifang.plans.models import Decision, Enrolment


def note(*, enrolment_id: int, at: datetime) -> None:
    """The answer to this follow-up is whole. Told again: no change. In the caller's transaction."""
    is_first = Enrolment.objects.filter(pk=enrolment_id, completed_at=None).update(completed_at=at)
    if not is_first:
        return
    row = Enrolment.objects.get(pk=enrolment_id)
    definition = population.plans_of_versions({row.version_id})[row.version_id].definition
    if definition.quotas:
        customer_id = CustomerId(row.customer_id)
        standing = standings(customer_ids=[customer_id], purpose=definition.purpose).get(customer_id)
        if standing is not None:
            quotas.count_answer(row.plan_id, definition, standing, _channel(row), now=at)
    if definition.incentive is not None:
        rewards.issue(row, definition.incentive, now=at)


def _channel(row: Enrolment) -> str:
    """The channel of the last contact that was made."""
    made = Decision.objects.filter(
        customer_id=row.customer_id, enrolment_id=row.pk, stage="dispatch", outcome="contact"
    )
    return made.order_by("-at", "-pk").values_list("channel", flat=True).first() or ""
