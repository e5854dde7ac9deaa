"""What rooms above the customers do when two ids turn out to be one: one follow-up a plan, one budget."""

from datetime import timedelta

import pytest
from tests.integration.delivery.makers import NOON, wanted
from tests.integration.plans.makers import START, customer, enrolment, happen, live, step, work

from huifang.config import wiring
from huifang.customers import services as customers
from huifang.customers.records import CustomersMerged
from huifang.delivery import merging as delivery_merging
from huifang.delivery import queries as delivery_queries
from huifang.delivery import services as delivery
from huifang.delivery.models import Attempt, Slot
from huifang.kernel import clock
from huifang.kernel.ids import CustomerId
from huifang.plans.models import Decision, Enrolment
from huifang.questionnaires.models import Invitation

pytestmark = pytest.mark.django_db
OPEN = ("waiting", "contacting")


@pytest.fixture(autouse=True)
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: START + timedelta(minutes=5))


def merged(kept: str, gone: str, ids: tuple[CustomerId, CustomerId], *, times: int = 2) -> None:
    """Merge, and tell the rooms above, twice as the outbox may."""
    now = START + timedelta(minutes=5)
    customers.merge_customers(kept=kept, gone=gone, by="person:1", now=now)
    for _ in range(times):
        wiring.move_everything_to_who_was_kept(CustomersMerged(kept_id=ids[0], gone_id=ids[1], at=now))


def test_two_follow_ups_of_one_plan_become_one():
    live()
    a, b = customer("A"), customer("B")
    for name in ("A", "B"):
        happen(name, at=START)
    work(START + timedelta(minutes=1))
    assert Attempt.objects.count() == 2
    merged("A", "B", (a, b))
    rows = Enrolment.objects.filter(customer_id=a)
    assert (rows.count(), rows.filter(state__in=OPEN).count()) == (2, 1)
    ended = rows.exclude(state__in=OPEN).get()
    assert (ended.state, ended.end_reason, ended.due_at) == ("ended", "already_enrolled", None)
    for model in (Enrolment, Decision, Attempt, Slot, Invitation):
        assert not model.objects.filter(customer_id=b).exists()


def test_what_is_queued_of_the_follow_up_that_ends_is_called_off():
    live(steps=[step("sms")])
    ids = (customer("A", phone="+8613800000421"), customer("B", phone="+8613900000422"))
    for name in ("A", "B"):
        happen(name, at=START)
    work(START + timedelta(minutes=1))
    assert set(Attempt.objects.values_list("state", flat=True)) == {"queued"}
    merged("A", "B", ids)
    states = Attempt.objects.filter(customer_id=ids[0]).order_by("pk").values_list("state", "reason")
    assert sorted(states) == [("queued", ""), ("withheld", "already_enrolled")]


def test_a_follow_up_of_another_plan_goes_on_with_who_was_kept():
    live()
    a, b = customer("A"), customer("B")
    happen("B", at=START)
    merged("A", "B", (a, b))
    assert enrolment(a).state in OPEN
    work(START + timedelta(minutes=6))
    assert [each.customer_id for each in Attempt.objects.all()] == [a]


def test_one_event_that_enrolled_both_leaves_no_key_twice():
    live()
    a, b = customer("A"), customer("B")
    for name in ("A", "B"):
        happen(name, at=START, message_id="day:2025-03-10")
    merged("A", "B", (a, b))
    keys = set(Enrolment.objects.filter(customer_id=a).values_list("message_id", flat=True))
    assert len(keys) == 2 and "day:2025-03-10" in keys


def handed_over(attempt_id: int) -> None:
    """As the sender leaves it: the contact is made and its slots are closed."""
    Attempt.objects.filter(pk=attempt_id).update(state="delivered", handed_over_at=NOON, settled_at=NOON)
    delivery_merging.ledger.close({attempt_id: NOON})


def test_the_budget_counts_both_histories_and_the_ledger_stays_sound():
    """The policy that ships allows one contact of a round a day: two that were made leave no room."""
    a, b = CustomerId(1), CustomerId(2)
    for key, (customer_id, number) in enumerate(((a, 1), (b, 2))):
        made = delivery.enqueue(attempt=wanted(number, customer_id=customer_id), now=NOON)
        handed_over(made)
        assert Slot.objects.filter(customer_id=customer_id).exists(), key
    before = Slot.objects.exclude(scope="gap").count()
    delivery.customers_merged(kept_id=a, gone_id=b, ended_rounds=(), now=NOON + timedelta(minutes=1))
    assert Slot.objects.exclude(scope="gap").filter(customer_id=a).count() == before
    contacts = delivery_queries.contacts(customer_ids=[a], since=NOON - timedelta(days=1))[a]
    assert [contact.round_key for contact in contacts] == ["enrolment:1", "enrolment:2"]
    with pytest.raises(delivery.BudgetSpentError):
        delivery.enqueue(attempt=wanted(3, customer_id=a), now=NOON + timedelta(minutes=2))


def test_what_waits_over_the_budget_of_both_is_withheld():
    a, b = CustomerId(1), CustomerId(2)
    for customer_id, number in ((a, 1), (b, 2)):
        delivery.enqueue(attempt=wanted(number, customer_id=customer_id), now=NOON)
    delivery.customers_merged(kept_id=a, gone_id=b, ended_rounds=(), now=NOON + timedelta(minutes=1))
    states = Attempt.objects.order_by("pk").values_list("customer_id", "state", "reason")
    assert list(states) == [(a, "queued", ""), (a, "withheld", "budget_spent")]


def test_security_and_cases_are_never_withheld_by_a_merge():
    a, b = CustomerId(1), CustomerId(2)
    for customer_id, number in ((a, 1), (b, 2)):
        plain = wanted(number, customer_id=customer_id, contact_class="security")
        delivery.enqueue(attempt=plain, now=NOON)
    delivery.customers_merged(kept_id=a, gone_id=b, ended_rounds=(), now=NOON)
    assert list(Attempt.objects.values_list("customer_id", "state")) == [(a, "queued")] * 2
