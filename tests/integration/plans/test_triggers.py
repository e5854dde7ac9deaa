"""What brings customers in besides events: dates, pulses, and what other rooms announce. Each cause once."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from tests.integration.plans.makers import START, customer, enrolment, happen, live, step, told, work

from huifang.customers import queries as customers
from huifang.delivery.queries import attempts_of
from huifang.plans import occasions, services
from huifang.plans.models import Decision, Enrolment, Sweep
from huifang.plans.records import Trigger
from huifang.plans.sweeps import sweep

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
BIRTHDAY = {"kind": "date", "trait": "joined_on", "at": "10:00:00", "repeat": "yearly"}
PULSE = {"kind": "pulse", "period": "quarter", "at": "10:00:00"}


def _sweep(now: datetime) -> None:
    while sweep(now=now, clock_trusted=True, batch=2):
        pass


def _days(first: datetime, number: int) -> list[datetime]:
    return [first + timedelta(days=each) for each in range(number)]


def test_a_date_brings_in_at_the_hour_where_the_customer_lives():
    live(trigger=BIRTHDAY)
    here = customer("here", joined_on="2020-03-12")
    there = customer("there", joined_on="2019-03-12", zone="America/New_York")
    customer("other", joined_on="2020-03-13")
    _sweep(datetime(2025, 3, 11, 12, 0, tzinfo=UTC))
    assert enrolment(here).occurred_at == datetime(2025, 3, 12, 2, 0, tzinfo=UTC)
    assert enrolment(there).occurred_at == datetime(2025, 3, 12, 14, 0, tzinfo=UTC)
    assert Enrolment.objects.count() == 2
    work(datetime(2025, 3, 12, 1, 59, tzinfo=UTC))
    assert attempts_of(customer_id=here, limit=9) == []
    work(datetime(2025, 3, 12, 2, 0, tzinfo=UTC))
    assert len(attempts_of(customer_id=here, limit=9)) == 1
    assert attempts_of(customer_id=there, limit=9) == []


def test_a_date_counts_once_however_often_it_is_looked_for():
    live(trigger=BIRTHDAY)
    here = customer("here", joined_on="2020-03-12")
    for hour in range(0, 60, 5):
        _sweep(datetime(2025, 3, 11, 11, 0, tzinfo=UTC) + timedelta(hours=hour))
    assert Enrolment.objects.count() == 1
    assert told(here) == [("enrol", "contact", "")]


def test_a_date_that_is_told_during_its_day_still_counts():
    live(trigger=BIRTHDAY)
    here = customer("here")
    _sweep(datetime(2025, 3, 12, 0, 0, tzinfo=UTC))
    happen(
        "here",
        kind="identify",
        at=datetime(2025, 3, 12, 1, 0, tzinfo=UTC),
        properties={"joined_on": "2020-03-12"},
    )
    _sweep(datetime(2025, 3, 12, 7, 0, tzinfo=UTC))
    assert enrolment(here).occurred_at == datetime(2025, 3, 12, 2, 0, tzinfo=UTC)


def test_the_29th_of_february_is_kept_on_the_28th_in_other_years_and_on_its_day_in_its_own():
    early = datetime(2025, 2, 20, tzinfo=UTC)
    live(trigger=BIRTHDAY, at=early)
    leap = customer("leap", joined_on="2020-02-29", at=early)
    for now in _days(datetime(2025, 2, 26, 12, 0, tzinfo=UTC), 5):
        _sweep(now)
    assert enrolment(leap).occurred_at == datetime(2025, 2, 28, 2, 0, tzinfo=UTC)


def test_a_day_before_a_date_and_once_only():
    live(trigger={**BIRTHDAY, "trait": "card_ends_on", "offset_days": -7, "repeat": "once"})
    ends = customer("ends", card_ends_on="2025-03-20")
    customer("ended", card_ends_on="2024-03-20")
    for now in _days(START, 12):
        _sweep(now)
    assert enrolment(ends).occurred_at == datetime(2025, 3, 13, 2, 0, tzinfo=UTC)
    assert Enrolment.objects.count() == 1


def test_where_the_zone_is_unknown_nobody_is_contacted_and_it_is_said_why():
    live(trigger=BIRTHDAY)
    lost = customer("lost", joined_on="2020-03-12", zone="Middle/Earth")
    _sweep(datetime(2025, 3, 12, 0, 0, tzinfo=UTC))
    assert told(lost) == [("enrol", "no", "unknown_zone")]
    work(datetime(2025, 3, 13, tzinfo=UTC))
    assert attempts_of(customer_id=lost, limit=9) == []


def test_a_day_missed_by_a_standstill_is_made_up_for_while_it_is_still_of_use():
    live(trigger=BIRTHDAY, valid_for="P3D")
    soon = customer("soon", joined_on="2020-03-14")
    late = customer("late", joined_on="2020-03-11")
    _sweep(datetime(2025, 3, 16, tzinfo=UTC))
    assert enrolment(soon).state == "waiting"
    assert told(late) == [("enrol", "no", "expired")]


def test_a_date_from_before_the_plan_went_live_is_none_of_its_business():
    live(trigger=BIRTHDAY, at=datetime(2025, 3, 12, 3, 0, tzinfo=UTC))
    here = customer("here", joined_on="2020-03-12")
    _sweep(datetime(2025, 3, 12, 4, 0, tzinfo=UTC))
    assert told(here) == []


def test_nothing_is_swept_while_the_clock_cannot_be_trusted_or_the_plan_is_paused():
    plan_id = live(trigger=BIRTHDAY)
    customer("here", joined_on="2020-03-12")
    assert sweep(now=datetime(2025, 3, 12, tzinfo=UTC), clock_trusted=False) == 0
    services.pause(plan_id=plan_id, by="person:1", now=START)
    _sweep(datetime(2025, 3, 12, tzinfo=UTC))
    assert Sweep.objects.count() == 0


def test_a_pulse_asks_each_customer_once_a_quarter_on_a_day_of_their_own():
    plan_id = live(trigger=PULSE, at=datetime(2025, 1, 1, tzinfo=SHANGHAI))
    ids = [customer(f"W-{number}", at=datetime(2024, 12, 1, tzinfo=UTC)) for number in range(12)]
    for now in _days(datetime(2024, 12, 31, 16, tzinfo=UTC), 90):
        _sweep(now)
        _sweep(now + timedelta(hours=12))
        assert not Sweep.objects.filter(done_at=None).exists()  # nobody's day ends nothing
    assert Enrolment.objects.filter(message_id="pulse:2025-Q1").count() == 12
    assert Enrolment.objects.count() == 12
    days = {row.occurred_at.astimezone(SHANGHAI).date() for row in Enrolment.objects.all()}
    assert len(days) > 6
    own = occasions.pulse_day(
        Trigger(kind="pulse"), plan_key=f"plan:{plan_id}", customer_key="W-3", day=date(2025, 2, 1)
    )
    assert enrolment(ids[3]).occurred_at.astimezone(SHANGHAI).date() == own


def test_a_pulse_of_days_comes_again():
    live(
        trigger={"kind": "pulse", "period": "days", "every_days": 5, "at": "10:00:00"},
        cooldown="PT0S",
        valid_for="P1D",
    )
    here = customer("here")
    for now in _days(START, 15):
        _sweep(now)
        Enrolment.objects.filter(state="waiting").update(state="ended", due_at=None)
    found = sorted(row.occurred_at for row in Enrolment.objects.filter(customer_id=here))
    assert [(after - before).days for before, after in pairwise(found)] == [5, 5]


def test_a_fact_of_another_room_counts_once_for_each_key():
    live(trigger={"kind": "fact", "fact": "case_closed"}, steps=[step()], cooldown="PT0S")
    here = customer("here")
    at = START + timedelta(hours=1)
    assert services.enrol(customer_id=here, trigger="case_closed", key="7", at=at) == 1
    assert services.enrol(customer_id=here, trigger="case_closed", key="7", at=at) == 0
    assert services.enrol(customer_id=here, trigger="call_ended", key="7", at=at) == 0
    assert enrolment(here).message_id == "fact:case_closed:7"
    assert enrolment(here).context == {"event": "case_closed"}
    again = START + timedelta(hours=2)
    assert services.enrol(customer_id=here, trigger="case_closed", key="8", at=again) == 0
    assert told(here)[-1] == ("enrol", "no", "already_enrolled")


def test_a_fact_from_before_the_plan_went_live_is_let_go():
    live(trigger={"kind": "fact", "fact": "case_closed"})
    here = customer("here")
    before = START - timedelta(seconds=1)
    assert services.enrol(customer_id=here, trigger="case_closed", key="7", at=before) == 0
    assert Decision.objects.count() == 0


def test_an_event_of_the_name_of_a_date_starts_nothing():
    live(trigger={**BIRTHDAY, "event": "Payment Completed"})
    here = customer("here")
    happen("here", at=START + timedelta(hours=1))
    assert told(here) == []


def test_the_app_version_of_the_event_goes_with_the_follow_up():
    live()
    here = customer("here", app_version="1.0")
    happen("here", at=START + timedelta(hours=1), properties={"app_version": "2.3.1"})
    assert enrolment(here).context == {"event": "Payment Completed", "app_version": "2.3.1"}
    assert customers.profile(external_id="here").traits["app_version"] == "1.0"
