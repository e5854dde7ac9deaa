"""How many of those reached answer, counted among people who have had time to."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from huifang.kernel.ids import PlanId
from huifang.plans.models import Enrolment, PlanVersion
from huifang.plans.records import AnswerRate
from huifang.plans.rules import read_definition
from huifang.stats.intervals import wilson

ANSWERED_WITHIN = timedelta(days=3)  # by then nearly all who will answer a message have
_LATELY = timedelta(days=180)
_BASE_MIN = 30
# Where a wallet has too few answers of its own: cautious for messages that a customer expects.
_ASSUMED = AnswerRate(rate=0.25, low=0.10, high=0.40, base=0)


def answer_rate(plan_id: PlanId, *, now: datetime) -> AnswerRate:
    """Share of those reached who answered: of this plan lately, else of all, else assumed (*base* 0).

    Whoever answers is done at once, and whoever is silent is waited for until the end. So people count by
    when they were to be reached, and not by whether their follow-up is over: else a young plan would seem to
    be answered by nearly everybody.
    """
    for versions in (PlanVersion.objects.filter(plan_id=plan_id), PlanVersion.objects.all()):
        answered, reached = _counts(list(versions.values_list("plan_id", "pk", "definition")), now)
        if reached >= _BASE_MIN:
            interval = wilson(answered, reached)
            return AnswerRate(rate=interval.estimate, low=interval.low, high=interval.high, base=reached)
    return _ASSUMED


def _counts(versions: Sequence[tuple[int, int, object]], now: datetime) -> tuple[int, int]:
    """How many answered, and how many were reached, of those reached long enough ago."""
    answered = reached = 0
    for plan_id, version_id, definition in versions:
        asked = Enrolment.objects.filter(
            plan_id=plan_id,
            version_id=version_id,
            reached=True,
            created_at__gte=now - _LATELY,
            occurred_at__lt=now - read_definition(definition).delay - ANSWERED_WITHIN,
        )
        reached += asked.count()
        answered += asked.filter(state="answered").count()
    return answered, reached
