"""Pauses a plan whose contacts fail, or are answered by a "no", too often. Never resumes one.

It looks at what was handed over since the plan went live or was resumed, so that resuming by hand begins
anew. Small numbers do not trip it: the lower end of the interval has to be past the threshold.
"""

from datetime import datetime

from huifang.delivery.queries import plan_health
from huifang.delivery.records import PlanHealth
from huifang.kernel.ids import PlanId
from huifang.plans import lifecycle, population
from huifang.plans.errors import PlanNotLiveError
from huifang.plans.records import Breaker, VersionState
from huifang.plans.situations import LivePlan
from huifang.stats.intervals import wilson

ACTOR = "breaker"
FAILED, REFUSED = "failed", "refused"


def tripped_by(breaker: Breaker, health: PlanHealth) -> str:
    """Which threshold was passed: `FAILED`, `REFUSED`, or "" where none was."""
    if not breaker.is_on or health.handed_over < breaker.base_min:
        return ""
    for name, bad, limit in (
        (FAILED, health.failed, breaker.failed_basis_points),
        (REFUSED, health.refused, breaker.refused_basis_points),
    ):
        if wilson(min(bad, health.handed_over), health.handed_over).low * 10_000 > limit:
            return name
    return ""


def watch(*, now: datetime, clock_trusted: bool) -> int:
    """Pause every plan that has tripped; how many."""
    if not clock_trusted:
        return 0
    return sum(
        _watch(plan, now=now)
        for plan in population.live_plans()
        if plan.state is VersionState.ACTIVE and plan.definition.breaker.is_on
    )


def _watch(plan: LivePlan, *, now: datetime) -> bool:
    plan_id, breaker = PlanId(plan.plan_id), plan.definition.breaker
    since = max(now - breaker.window, plan.live_since)
    health = plan_health(plan_ids=[plan_id], since=since).get(plan_id)
    because = tripped_by(breaker, health) if health else ""
    if not because:
        return False
    try:
        lifecycle.pause(plan_id=plan_id, by=ACTOR, now=now, why=because)
    except PlanNotLiveError:  # somebody was quicker
        return False
    return True
