"""What was under way when a backup was made may have happened since: it never happens again."""

from datetime import timedelta

import pytest
from tests.integration.plans.makers import START, customer, enrolment, happen, live, step, work

from huifang.customers import services as customers
from huifang.delivery import services as delivery
from huifang.delivery.queries import attempts_of, contacts
from huifang.plans import queries, services
from huifang.plans.campaigns import advance

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_message_that_was_queued_counts_as_a_contact_and_is_not_sent():
    live()
    lin = customer("lin")
    happen("lin", at=START + HOUR)
    work(START + HOUR)
    assert delivery.note_restored(now=START + DAY) == 1
    (attempt,) = attempts_of(customer_id=lin, limit=9)
    assert (attempt.state, attempt.reason) == ("unknown", "restored")
    assert len(contacts(customer_ids=[lin], since=START)[lin]) == 1
    assert delivery.note_restored(now=START + DAY) == 0


def test_every_plan_is_paused_and_what_was_due_ends_though_the_plan_goes_on():
    plan_id = live(delay="PT2H")
    lin = customer("lin")
    happen("lin", at=START + HOUR)
    assert services.note_restored(by="command-line", now=START + DAY) == (1, 1)
    assert [line.state for line in queries.plans()] == ["paused"]
    assert (enrolment(lin).state, enrolment(lin).end_reason) == ("ended", "restored")
    services.resume(plan_id=plan_id, by="person:1", now=START + DAY)
    work(START + DAY)
    assert attempts_of(customer_id=lin, limit=9) == []


def test_a_follow_up_that_is_due_later_goes_on_when_the_plan_does():
    plan_id = live(delay="P2D", steps=[step()])
    lin = customer("lin")
    happen("lin", at=START + HOUR)
    assert services.note_restored(by="command-line", now=START + DAY) == (1, 0)
    services.resume(plan_id=plan_id, by="person:1", now=START + DAY)
    work(START + 2 * DAY + 2 * HOUR)
    assert len(attempts_of(customer_id=lin, limit=9)) == 1


@pytest.mark.parametrize(("trigger", "over_again"), [({}, 0), ({"spread_hours": 10}, 6)])
def test_a_campaign_goes_on_behind_whom_it_may_have_reached(trigger: dict[str, object], over_again: int):
    for number in range(10):
        customer(f"north-{number}", area="north")
    where = {"kind": "trait", "name": "area", "value": "north"}
    segment = customers.create_segment(
        name="In the north", definition={"where": where}, by="person:1", now=START
    )
    plan_id = live(trigger={"kind": "segment", "segment_id": segment.id, **trigger})
    # The backup was made now, before anybody was taken; three hours later it is restored.
    services.note_restored(by="command-line", now=START + 3 * HOUR)
    services.resume(plan_id=plan_id, by="person:1", now=START + DAY)
    taken = 0
    for hours in range(24, 60):
        taken += advance(now=START + hours * HOUR, clock_trusted=True)
    assert taken == over_again


def test_a_list_goes_on_behind_whom_it_may_have_reached():
    customer("lin")
    plan_id = live(trigger={"kind": "list"})
    services.add_to_list(plan_id=plan_id, external_ids=["lin"], by="person:1", now=START)
    services.note_restored(by="command-line", now=START + HOUR)
    services.resume(plan_id=plan_id, by="person:1", now=START + DAY)
    assert advance(now=START + DAY, clock_trusted=True) == 0
