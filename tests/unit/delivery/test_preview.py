"""What the shipped policy means for one customer in one week."""

from datetime import date
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from huifang.decisions.calendars import calendar_for
from huifang.decisions.policy import DEFAULT_POLICY, DayKind
from huifang.delivery.rules.preview import week

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHANNELS = ("sms", "email", "phone")
WEDNESDAY = date(2025, 3, 12)


def test_the_shipped_policy_lets_one_follow_up_through_a_week() -> None:
    days = week(DEFAULT_POLICY, calendar_for("CN", [2025]), CHANNELS, SHANGHAI, start=WEDNESDAY)
    assert [len(day.contacts) for day in days] == [1, 0, 0, 0, 0, 0, 0]
    assert days[0].contacts[0].channel == "email"
    assert days[0].contacts[0].at.isoformat() == "2025-03-12T08:00:00+08:00"


def test_without_caps_the_gap_alone_spaces_contacts() -> None:
    policy = replace(DEFAULT_POLICY, caps=())
    days = week(policy, calendar_for("CN", [2025]), ("email",), SHANGHAI, start=WEDNESDAY)
    assert [f"{contact.at:%H:%M}" for contact in days[0].contacts] == ["08:00", "12:00", "16:00", "20:00"]


def test_each_day_says_what_it_is_and_when_it_is_open() -> None:
    days = week(DEFAULT_POLICY, calendar_for("CN", [2025]), CHANNELS, SHANGHAI, start=date(2025, 10, 1))
    assert days[0].kind is DayKind.HOLIDAY
    assert list(days[0].open["phone"]) == []
    assert f"{days[0].open['sms'][0].start:%H:%M}" == "09:00"
