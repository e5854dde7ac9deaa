"""How a campaign is spread: evenly, within a day's limit, never catching up with a long standstill."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from huifang.plans.pacing import BACKLOG_MAX, Pace, Turn, ends_at, turn, used_up_to

START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
DAY = date(2026, 11, 22)


def _turn(pace: Pace, *, paced_at: datetime = START, day_taken: int = 0, now: datetime = START) -> Turn:
    return turn(pace, paced_at=paced_at, day=DAY, day_taken=day_taken, now=now)


def test_without_a_spread_everybody_may_go_at_once():
    assert _turn(Pace(total=1000, spread=timedelta(0), per_day_max=0)).allowed > 1000


def test_one_goes_at_the_start_and_the_next_a_step_later():
    pace = Pace(total=10, spread=timedelta(minutes=100), per_day_max=0)
    first = _turn(pace)
    assert first.allowed == 1
    after = used_up_to(first, 1)
    assert after == START + timedelta(minutes=10)
    assert _turn(pace, paced_at=after, now=after - timedelta(seconds=1)).allowed == 0
    assert _turn(pace, paced_at=after, now=after).allowed == 1


def test_the_limit_of_a_day_holds_to_the_last_place():
    pace = Pace(total=1000, spread=timedelta(0), per_day_max=100)
    assert _turn(pace, day_taken=99).allowed == 1
    assert _turn(pace, day_taken=100).allowed == 0


def test_a_long_standstill_is_caught_up_with_for_an_hour_only():
    pace = Pace(total=1000, spread=timedelta(hours=100), per_day_max=0)
    late = _turn(pace, now=START + timedelta(hours=50))
    assert late.allowed == 11  # ten an hour, and the one that is due right now
    assert late.since == START + timedelta(hours=50) - BACKLOG_MAX


def test_the_end_counts_the_days_that_the_limit_takes():
    pace = Pace(total=1000, spread=timedelta(hours=10), per_day_max=100)
    assert ends_at(pace, starts_at=START, total=1000) == START + timedelta(days=9)
    assert ends_at(pace, starts_at=START, total=0) == START + timedelta(hours=10)


@given(
    total=st.integers(1, 500),
    hours=st.integers(1, 72),
    per_day=st.integers(0, 50),
    ticks=st.lists(st.integers(1, 600), max_size=120),
)
def test_no_hour_ever_takes_more_than_its_share(total: int, hours: int, per_day: int, ticks: list[int]):
    """Whatever the rhythm of the worker: in any hour at most two hours' share, the backlog included."""
    pace = Pace(total=total, spread=timedelta(hours=hours), per_day_max=per_day)
    now, paced_at, day_taken = START, START, 0
    taken: list[tuple[datetime, int]] = []
    for minutes in ticks:
        now += timedelta(minutes=minutes)
        made = turn(pace, paced_at=paced_at, day=DAY, day_taken=day_taken, now=now)
        paced_at, day_taken = used_up_to(made, made.allowed), day_taken + made.allowed
        taken.append((now, made.allowed))
    assert not per_day or day_taken <= per_day
    for at, _ in taken:
        within = sum(number for other, number in taken if at - timedelta(hours=1) < other <= at)
        assert within <= 2 * total / hours + 2


@given(total=st.integers(1, 300), hours=st.integers(1, 48))
def test_everybody_is_taken_within_the_time(total: int, hours: int):
    pace = Pace(total=total, spread=timedelta(hours=hours), per_day_max=0)
    paced_at, taken = START, 0
    for minute in range(hours * 60 + 1):
        made = turn(pace, paced_at=paced_at, day=DAY, day_taken=taken, now=START + timedelta(minutes=minute))
        paced_at, taken = used_up_to(made, made.allowed), taken + made.allowed
    assert taken >= total
