"""The breaker pauses a plan that fails or annoys, never for a few, and counts anew once it is resumed."""

from datetime import timedelta

import pytest
from tests.integration.plans.makers import START, customer, enrolment, happen, live, told, work

from huifang.delivery.models import Attempt
from huifang.delivery.records import PlanHealth
from huifang.kernel import audit
from huifang.kernel.ids import PlanId
from huifang.plans import queries, services
from huifang.plans.breaker import tripped_by, watch
from huifang.plans.records import Breaker

HOUR = timedelta(hours=1)
AT = START + HOUR


def _health(handed_over: int, *, failed: int = 0, refused: int = 0) -> PlanHealth:
    return PlanHealth(plan_id=PlanId(1), handed_over=handed_over, failed=failed, refused=refused)


@pytest.mark.parametrize(
    ("health", "because"),
    [
        (_health(2, failed=1), ""),
        (_health(19, failed=19), ""),
        (_health(20, failed=19), "failed"),
        (_health(100, failed=20), ""),  # a fifth, but it might be less
        (_health(100, failed=29), "failed"),
        (_health(100, refused=11), "refused"),
        (_health(100, refused=8), ""),
        (_health(0), ""),
    ],
)
def test_it_trips_where_even_the_lower_end_is_past_the_threshold(health: PlanHealth, because: str):
    assert tripped_by(Breaker(), health) == because


def test_one_that_is_off_never_trips():
    assert tripped_by(Breaker(is_on=False), _health(1000, failed=1000)) == ""


def _contacted(people: int, *, failed: int) -> None:
    for number in range(people):
        customer(f"W-{number}")
        happen(f"W-{number}", at=AT)
    work(AT)
    ids = list(Attempt.objects.order_by("pk").values_list("pk", flat=True))
    Attempt.objects.filter(pk__in=ids).update(handed_over_at=AT, state="accepted")
    Attempt.objects.filter(pk__in=ids[:failed]).update(state="failed")


@pytest.mark.django_db
def test_it_pauses_the_plan_and_says_so_and_whoever_waits_is_told_why():
    plan_id = live(breaker={"base_min": 5})
    _contacted(6, failed=5)
    assert watch(now=AT + HOUR, clock_trusted=True) == 1
    assert watch(now=AT + HOUR, clock_trusted=True) == 0
    line = queries.plan(plan_id=plan_id)
    assert (line.state, line.paused_by, line.paused_because) == ("paused", "breaker", "failed")
    assert line.paused_at == AT + HOUR
    last = audit.entries(subject=f"plan:{plan_id}")[0]
    assert (last.action, last.actor, last.facts["why"]) == ("plan.paused", "breaker", "failed")
    late = customer("late")
    happen("late", at=AT + 2 * HOUR)
    assert told(late) == [("enrol", "no", "breaker_open")]


@pytest.mark.django_db
def test_resuming_by_hand_begins_a_new_window():
    plan_id = live(breaker={"base_min": 5})
    _contacted(6, failed=5)
    watch(now=AT + HOUR, clock_trusted=True)
    services.resume(plan_id=plan_id, by="person:1", now=AT + 2 * HOUR)
    assert watch(now=AT + 3 * HOUR, clock_trusted=True) == 0
    line = queries.plan(plan_id=plan_id)
    assert (line.state, line.paused_by, line.paused_at) == ("active", "", None)
    new = customer("new")
    happen("new", at=AT + 3 * HOUR)
    assert enrolment(new).state == "waiting"


@pytest.mark.django_db
def test_a_sound_plan_goes_on_and_an_unsure_clock_pauses_nobody():
    live(breaker={"base_min": 5})
    _contacted(6, failed=0)
    assert watch(now=AT + HOUR, clock_trusted=True) == 0
    Attempt.objects.update(state="failed")
    assert watch(now=AT + HOUR, clock_trusted=False) == 0
    assert watch(now=AT + timedelta(days=2), clock_trusted=True) == 0  # outside the window of a day
    assert watch(now=AT + HOUR, clock_trusted=True) == 1
