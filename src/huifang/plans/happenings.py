"""The door for rooms that announce a named happening, which starts the plans that wait for it."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from huifang.kernel.ids import CustomerId
from huifang.plans import entering, population
from huifang.plans.entering import Cause
from huifang.plans.records import TriggerKind


def enrol(
    *,
    customer_id: CustomerId,
    trigger: str,
    key: str,
    at: datetime,
    facts: Mapping[str, object] | None = None,
) -> int:
    """Bring a customer into the plans that start on *trigger*; how many they entered.

    Told again with the same *key*, nothing happens. What happened before a plan went live is let go.
    """
    plans = [
        plan
        for plan in population.live_plans()
        if plan.definition.trigger.kind is TriggerKind.FACT
        and plan.definition.trigger.fact == trigger
        and at >= plan.live_since
    ]
    causes = [
        Cause(
            plan=plan,
            customer_id=customer_id,
            key=f"fact:{trigger}:{key}",
            name=trigger,
            occurred_at=at,
            properties=facts or {},
        )
        for plan in plans
    ]
    with transaction.atomic():
        moment = population.moment_at(at, clock_trusted=True)
        return entering.take_each(causes, moment=moment)
