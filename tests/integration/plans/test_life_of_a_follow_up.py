"""From event to enrolment to attempt, and everything that stops it on the way."""

from datetime import timedelta

import pytest
from tests.integration.plans.makers import (
    START,
    customer,
    enrolment,
    happen,
    live,
    told,
    work,
)

from huifang.delivery.queries import attempts_of

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_first_payment_leads_to_one_contact():
    live()
    lin = customer("lin")
    happen("lin", at=START + HOUR)
    work(START + HOUR)
    (attempt,) = attempts_of(customer_id=lin, limit=9)
    assert (attempt.channel, attempt.state, attempt.label) == ("in_app", "queued", "首次支付")
    assert told(lin) == [("enrol", "contact", ""), ("dispatch", "contact", "")]
    assert enrolment(lin).state == "contacting"
