"""Durations as people write them, sentences for every fault, numbers of the forecast."""

from datetime import UTC, datetime, timedelta

import pytest

from huifang.decisions.reasons import Reason
from huifang.plans import phrases
from huifang.plans.durations import read_duration, say_duration
from huifang.plans.forecast import CLAUSES, forecast_of
from huifang.plans.records import Fault, RehearsalResult


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("2 days", 2880),
        ("2天", 2880),
        ("36 hours", 2160),
        ("1.5h", 90),
        ("1,5 h", 90),
        ("90 min", 90),
        ("90分钟", 90),
        ("1 day 2 hours", 1560),
        ("1 day and 2 hours", 1560),
        ("1天，2小时", 1560),
        ("1 week", 10_080),
        ("2 个小时", 120),
        ("0", 0),
        ("at once", 0),
    ],
)
def test_a_duration_is_read_as_people_write_it(text: str, minutes: int):
    assert read_duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "soon", "2", "two days", "2 moons", "2 days before", "-1 day", "day 2"])
def test_what_is_no_duration_is_not_guessed(text: str):
    assert read_duration(text) is None


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "no time"),
        (1440, "1 day"),
        (2880, "2 days"),
        (60, "1 hour"),
        (2160, "36 hours"),
        (90, "90 minutes"),
    ],
)
def test_a_duration_is_said_and_read_back(minutes: int, words: str):
    assert say_duration(timedelta(minutes=minutes)) == words
    assert read_duration(words) == timedelta(minutes=minutes)


def test_every_fault_has_a_sentence_that_takes_its_facts():
    facts = {
        "language": "en",
        "length_max": "80",
        "steps_max": "8",
        "channel": "pigeon",
        "placeholder": "{x}",
        "near": "{",
        "purpose": "p",
        "contact_class": "c",
    }
    for code in phrases.FAULTS:
        assert phrases.say_fault(Fault(code=code, step=2, facts=facts))


def test_every_reason_costs_exactly_one_clause():
    named = [reason for reasons in CLAUSES.values() for reason in reasons]
    assert sorted(named) == sorted(reason.value for reason in Reason)


def test_a_forecast_scales_and_its_interval_narrows_with_the_base():
    start = datetime(2026, 11, 1, tzinfo=UTC)
    result = RehearsalResult(
        start=start,
        end=start + timedelta(days=14),
        events=500,
        people=500,
        contacted=400,
        held_out=0,
        reasons={},
        days=[],
        hours=[],
        contacts={},
        contacts_by_day={},
        contacts_by_hour={},
        twice=10,
        reminded=100,
        answer_rate=0.25,
        answer_low=0.2,
        answer_high=0.3,
        answer_base=100,
        sms_parts=0,
        samples={},
        seconds=1.0,
    )
    week = forecast_of(result)
    # 400 in a fortnight: 200 a week, give or take 1.96 * sqrt(400) / 2.
    assert (week.contacted.value, week.contacted.low, week.contacted.high) == (200, 180, 220)
    assert (week.answers, week.reminded, week.twice) == (50, 50, 5)
