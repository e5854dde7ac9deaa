"""Local days, and each customer's own day of a pulse."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from huifang.plans import occasions
from huifang.plans.records import PulsePeriod, Trigger, TriggerKind

PULSE = Trigger(kind=TriggerKind.PULSE)
EVERY_TEN = Trigger(kind=TriggerKind.PULSE, period=PulsePeriod.DAYS, every_days=10)


@pytest.mark.parametrize(
    ("day", "name", "start", "days"),
    [
        (date(2026, 1, 1), "2026-Q1", date(2026, 1, 1), 90),
        (date(2028, 3, 31), "2028-Q1", date(2028, 1, 1), 91),
        (date(2026, 11, 22), "2026-Q4", date(2026, 10, 1), 92),
        (date(2026, 12, 31), "2026-Q4", date(2026, 10, 1), 92),
    ],
)
def test_a_quarter_is_that_of_the_calendar(day: date, name: str, start: date, days: int):
    assert occasions.period_of(PULSE, day) == occasions.Period(name=name, start=start, days=days)


def test_periods_of_days_follow_each_other_without_a_gap():
    day = date(2026, 11, 22)
    here = occasions.period_of(EVERY_TEN, day)
    after = occasions.period_of(EVERY_TEN, here.start + timedelta(days=10))
    assert here.start <= day < here.start + timedelta(days=10)
    assert after.start == here.start + timedelta(days=10)
    assert after.name != here.name


def test_each_customer_has_one_day_in_each_period_and_all_days_are_used_evenly():
    days = Counter(
        occasions.pulse_day(PULSE, plan_key="plan:1", customer_key=f"W-{number}", day=date(2026, 11, 22))
        for number in range(9_200)
    )
    assert sorted(days) == [date(2026, 10, 1) + timedelta(days=each) for each in range(92)]
    assert max(days.values()) < 150
    assert min(days.values()) > 60


def test_a_pulse_of_days_comes_again_after_just_so_many():
    first = occasions.pulse_day(EVERY_TEN, plan_key="plan:1", customer_key="W-1", day=date(2026, 11, 22))
    again = occasions.pulse_day(
        EVERY_TEN, plan_key="plan:1", customer_key="W-1", day=date(2026, 11, 22) + timedelta(days=10)
    )
    assert again - first == timedelta(days=10)


def test_two_plans_do_not_ask_one_customer_on_the_same_day_by_design():
    days = {
        occasions.pulse_day(PULSE, plan_key=f"plan:{plan}", customer_key="W-1", day=date(2026, 11, 22))
        for plan in range(20)
    }
    assert len(days) > 10


def test_the_place_in_a_pulse_never_changes():
    """Customers are spread by it for good: a change would ask some twice within one period."""
    found = [
        occasions.pulse_day(PULSE, plan_key="plan:1", customer_key=name, day=date(2026, 10, 1))
        for name in ("W-1", "W-2", "W-3")
    ]
    assert found == [date(2026, 11, 15), date(2026, 10, 15), date(2026, 11, 20)]


def test_a_day_begins_with_the_first_of_mankind_and_ends_with_the_last():
    begun = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
    assert occasions.days_begun(begun, since=begun)[-1] == date(2026, 11, 22)
    just_before = begun - timedelta(seconds=1)
    assert occasions.days_begun(just_before, since=just_before)[-1] == date(2026, 11, 21)
    over = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    assert occasions.is_over(date(2026, 11, 22), over)
    assert not occasions.is_over(date(2026, 11, 22), over - timedelta(seconds=1))


def test_the_hour_is_that_of_the_customers_clock():
    trigger = Trigger(kind=TriggerKind.DATE, trait="birthday", at=time(10))
    shanghai = occasions.instant_of(date(2026, 11, 22), trigger, ZoneInfo("Asia/Shanghai"))
    assert shanghai == datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def test_an_hour_that_the_clocks_skip_is_the_one_after_it():
    trigger = Trigger(kind=TriggerKind.DATE, trait="birthday", at=time(2, 30))
    at = occasions.instant_of(date(2026, 3, 8), trigger, ZoneInfo("America/New_York"))
    assert at == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
