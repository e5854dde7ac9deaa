"""How many answer is counted among people who have had time to, whether their follow-up is over or not."""

from datetime import datetime, timedelta

import pytest
from tests.integration.plans.makers import START, live

from huifang.kernel.ids import PlanId
from huifang.plans.models import Enrolment, PlanVersion
from huifang.plans.queries import answer_rate

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NOW = START + 20 * DAY


def asked(plan_id: PlanId, count: int, *, state: str, at: datetime) -> None:
    """*count* customers who were reached by the plan, for something they did at *at*."""
    version = PlanVersion.objects.get(plan_id=plan_id)
    first = Enrolment.objects.count()
    Enrolment.objects.bulk_create(
        Enrolment(
            plan_id=plan_id,
            version=version,
            customer_id=first + number,
            message_id=f"m-{first + number}",
            occurred_at=at,
            created_at=at,
            state=state,
            priority=50,
            contact_class="follow_up",
            planned_at=at,
            due_at=at,
            deadline=at + 14 * DAY,
            reached=True,
        )
        for number in range(count)
    )


def test_those_who_are_still_waited_for_count_as_silent():
    """Of 50 asked long ago 10 answered, at once; the silent ones are open until the end."""
    plan_id = live(delay="P3D")
    asked(plan_id, 10, state="answered", at=NOW - 8 * DAY)
    asked(plan_id, 40, state="open", at=NOW - 8 * DAY)
    found = answer_rate(plan_id, now=NOW)
    assert (found.rate, found.base) == (0.2, 50)
    assert found.low < 0.2 < found.high


def test_whoever_has_not_had_time_does_not_count():
    """What is three days old is due now only, by the plan's delay."""
    plan_id = live(delay="P3D")
    asked(plan_id, 30, state="open", at=NOW - 7 * DAY)
    asked(plan_id, 25, state="answered", at=NOW - 5 * DAY)
    assert (answer_rate(plan_id, now=NOW).rate, answer_rate(plan_id, now=NOW).base) == (0.0, 30)


def test_a_young_plan_goes_by_all_and_a_young_wallet_by_an_assumption():
    plan_id, other = live(), live()
    assert answer_rate(plan_id, now=NOW).base == 0
    asked(other, 29, state="answered", at=NOW - 8 * DAY)
    assert answer_rate(plan_id, now=NOW).base == 0
    asked(plan_id, 1, state="ended", at=NOW - 8 * DAY)
    assert answer_rate(plan_id, now=NOW).base == 30
