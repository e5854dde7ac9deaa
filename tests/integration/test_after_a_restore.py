"""What was under way when a backup was made may have happened since: it never happens again."""

from datetime import timedelta

import pytest
from tests.integration.plans.makers import START, customer, enrolment, happen, live, step, work

from huifang.delivery import services as delivery
from huifang.delivery.queries import attempts_of, contacts
from huifang.plans import queries, services

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
