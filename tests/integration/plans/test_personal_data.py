"""What plans hold of one customer can be given out and taken away."""

from datetime import timedelta

import pytest
from tests.integration.plans.makers import (
    PAID,
    START,
    channels,
    customer,
    enrolment,
    happen,
    insert_event,
    live,
    work,
)

from huifang.plans import personal_data, queries, services
from huifang.plans.models import Decision, Enrolment

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def _paid(name: str):
    found = customer(name)
    insert_event(name, at=START + HOUR)
    happen(name, at=START + HOUR, properties={"amount": 560})
    return found


@pytest.fixture
def plan_id():
    return live(
        delay="P1D",
        conditions=[{"field": "event:amount", "op": "at_least", "value": 500}],
        trigger={"event": PAID, "occurrence": "first"},
    )


def test_the_export_holds_every_follow_up_and_decision(plan_id):
    lin = _paid("lin")
    held = personal_data.export(customer_id=lin)
    assert [each["facts"] for each in held["follow_ups"]] == [{"event:amount": 560}]
    assert [each["outcome"] for each in held["decisions"]] == ["contact"]


def test_an_erased_customer_leaves_bare_counts_and_is_not_contacted(plan_id):
    lin, wang = _paid("lin"), _paid("wang")
    services.rehearse(plan_id=plan_id, start=START, end=START + 2 * HOUR, by="person:1", now=START + 3 * HOUR)
    personal_data.erase(customer_id=lin, now=START + 3 * HOUR)
    personal_data.erase(customer_id=lin, now=START + 3 * HOUR)
    work(START + timedelta(days=2))
    assert (enrolment(lin).state, enrolment(lin).facts) == ("ended", {})
    assert channels(lin) == []
    assert channels(wang) == ["in_app"]
    assert not Decision.objects.filter(customer_id=lin, message_id__startswith="message").exists()
    record = queries.last_result(plan_id=plan_id, now=START)
    assert record is not None and record.result is not None
    assert record.result.samples == {"condition_not_met": ["wang"]}
    assert Enrolment.objects.count() == 2
