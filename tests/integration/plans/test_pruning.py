"""Old decisions and follow-ups go in batches; what still decides about somebody, or has earned, stays."""

from datetime import timedelta

import pytest
from tests.integration.plans.makers import START, customer, happen, live, told, work

from huifang.plans import personal_data, services
from huifang.plans.models import Decision, Enrolment, ListEntry, Reward
from huifang.plans.pruning import DAYS_MIN, prune

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
KEPT = timedelta(days=DAYS_MIN)


def _ended(customer_id: int) -> None:
    Enrolment.objects.filter(customer_id=customer_id, ended_at=None).update(
        state="ended", due_at=None, ended_at=START + 2 * HOUR
    )


def test_what_is_old_goes_and_the_last_follow_up_of_each_customer_stays():
    live(trigger={"event": "Payment Completed", "occurrence": "every"}, cooldown="PT0S")
    here = customer("here")
    for hour in (1, 2, 3):
        happen("here", at=START + hour * HOUR)
        _ended(here)
    assert Enrolment.objects.count() == 3
    assert prune(now=START + KEPT + 2 * HOUR, keep_days=1) == 0  # the edge: not older yet
    prune(now=START + KEPT + 4 * HOUR, keep_days=1)
    assert Decision.objects.count() == 0
    assert [row.occurred_at for row in Enrolment.objects.all()] == [START + 3 * HOUR]


def test_once_ever_holds_after_pruning():
    live()
    here = customer("here")
    happen("here", at=START + HOUR, message_id="first")
    _ended(here)
    prune(now=START + KEPT + timedelta(days=9), keep_days=1)
    Decision.objects.all().delete()
    Enrolment.objects.update(message_id="older")
    happen("here", at=START + HOUR, message_id="second")
    assert ("enrol", "contact", "") not in told(here)


def test_nothing_under_way_goes_however_old():
    live(valid_for="P300D")
    here = customer("here")
    happen("here", at=START + HOUR)
    work(START + HOUR)
    prune(now=START + timedelta(days=5000), keep_days=1)
    assert Enrolment.objects.count() == 1
    assert Decision.objects.filter(customer_id=here).count() == 2


def test_what_earned_a_reward_stays_and_0_days_keeps_everything():
    name = {"en": "A coffee", "zh-Hans": "一杯咖啡"}
    coupon = {"kind": "coupon", "name": name, "cost": 1}
    live(
        trigger={"event": "Payment Completed", "occurrence": "every"},
        cooldown="PT0S",
        incentive={"prizes": [coupon], "budget": 9},
    )
    here = customer("here")
    happen("here", at=START + HOUR)
    first = Enrolment.objects.get()
    services.note_response(invitation_key=f"enrolment:{first.pk}", at=START + HOUR, is_complete=True)
    happen("here", at=START + 2 * HOUR)
    _ended(here)
    far = START + timedelta(days=5000)
    assert prune(now=far, keep_days=0) == 0
    prune(now=far, keep_days=1)
    assert Enrolment.objects.filter(pk=first.pk).exists()


def test_a_run_is_bounded():
    live()
    for number in range(6):
        here = customer(f"W-{number}")
        happen(f"W-{number}", at=START + HOUR)
        _ended(here)
    assert prune(now=START + timedelta(days=5000), keep_days=1, batch=2, batches=2) == 4
    assert Decision.objects.count() == 2


def test_rewards_and_lists_are_given_out_and_taken_away_with_the_person():
    name = {"en": "A coffee", "zh-Hans": "一杯咖啡"}
    plan_id = live(incentive={"prizes": [{"kind": "coupon", "name": name, "cost": 1}], "budget": 9})
    here = customer("here")
    happen("here", at=START + HOUR)
    number = Enrolment.objects.get().pk
    services.note_response(invitation_key=f"enrolment:{number}", at=START + HOUR, is_complete=True)
    services.add_to_list(plan_id=plan_id, external_ids=["here"], by="person:1", now=START)
    given = personal_data.export(customer_id=here)
    assert len(given["rewards"]) == len(given["on_lists"]) == 1  # type: ignore[arg-type]
    personal_data.erase(customer_id=here, now=START + HOUR)
    assert ListEntry.objects.count() == 0
    assert Reward.objects.get().customer_id is None
    assert Enrolment.objects.get().context == {}
