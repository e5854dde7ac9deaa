"""Allowed hours against a walk over every quarter of an hour, on days when clocks change; and conditions."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from huifang.decisions.calendars import Calendar
from huifang.decisions.conditions import Condition, Op, matches, unmet
from huifang.decisions.policy import Hours, Span
from huifang.decisions.windows import is_open, next_open

QUARTER = timedelta(minutes=15)
# Days around a change of clocks in each zone; Lord Howe moves by half an hour.
CHANGES = st.sampled_from(
    [
        (ZoneInfo("America/New_York"), date(2025, 3, 9)),
        (ZoneInfo("America/New_York"), date(2025, 11, 2)),
        (ZoneInfo("Australia/Lord_Howe"), date(2025, 4, 6)),
        (ZoneInfo("Australia/Lord_Howe"), date(2025, 10, 5)),
        (ZoneInfo("America/Sao_Paulo"), date(2018, 11, 4)),
        (ZoneInfo("America/St_Johns"), date(2006, 10, 29)),  # a minute past midnight
        (ZoneInfo("Africa/Casablanca"), date(2025, 2, 23)),
        (ZoneInfo("Pacific/Apia"), date(2011, 12, 30)),
        (ZoneInfo("Asia/Shanghai"), date(2025, 10, 1)),
    ]
)
quarters = st.integers(0, 95).map(lambda number: time(number // 4, number % 4 * 15))
spans = st.lists(
    st.tuples(quarters, quarters)
    .filter(lambda pair: pair[0] < pair[1] or pair[1] == time(0))
    .map(lambda pair: Span(start=pair[0], end=pair[1])),
    max_size=2,
).map(tuple)
hours = st.builds(Hours, weekday=spans, weekend=spans, holiday=spans)
steps = st.integers(-150, 150)


@given(CHANGES, hours, steps, st.integers(0, 300), st.booleans())
def test_the_next_opening_is_the_first_that_a_walk_finds(
    change: tuple[ZoneInfo, date], hours: Hours, step: int, length: int, is_holiday: bool
) -> None:
    zone, day = change
    calendar = Calendar(holidays=frozenset({day} if is_holiday else ()))
    at = datetime.combine(day, time(12), UTC) + step * QUARTER
    until = at + length * QUARTER

    walked = (at + number * QUARTER for number in range(length))
    first = next((instant for instant in walked if is_open(instant, zone, hours, calendar)), None)

    assert next_open(at, zone, hours, calendar, until=until) == first


@given(CHANGES, hours, steps, st.integers(0, 899_999_999))
def test_an_opening_between_two_quarters_is_open_and_the_instant_before_it_is_not(
    change: tuple[ZoneInfo, date], hours: Hours, step: int, microseconds: int
) -> None:
    zone, day = change
    calendar = Calendar()
    at = datetime.combine(day, time(12), UTC) + step * QUARTER + timedelta(microseconds=microseconds)

    found = next_open(at, zone, hours, calendar, until=at + timedelta(days=9))

    assert found is None or is_open(found, zone, hours, calendar)
    assert found is None or at <= found < at + timedelta(days=9)
    assert found in (None, at) or not is_open(found - timedelta(microseconds=1), zone, hours, calendar)


@given(CHANGES, hours, steps)
def test_an_instant_is_open_exactly_when_the_wall_clock_is_in_a_span_of_its_day(
    change: tuple[ZoneInfo, date], hours: Hours, step: int
) -> None:
    zone, day = change
    at = datetime.combine(day, time(12), UTC) + step * QUARTER
    local = at.astimezone(zone)
    spans = hours.weekend if local.weekday() >= 5 else hours.weekday

    assert is_open(at, zone, hours, Calendar()) == any(span.holds(local.time()) for span in spans)


facts = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.decimals(), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=2), inner, max_size=2)
    ),
    max_leaves=3,
)
values = st.one_of(st.integers(), st.floats(allow_nan=False), st.text(min_size=1, max_size=3))


@given(st.sampled_from(["is", "is_not", "at_least", "at_most", "contains", "in"]), values, facts)
def test_no_fact_makes_a_condition_raise(op: str, value: int | float | str, fact: object) -> None:
    number = value if isinstance(value, int | float) else 0.5
    fitting = {"in": (value,), "at_least": number, "at_most": number}.get(op, value)
    condition = Condition(field="x", op=Op(op), value=fitting)

    assert matches((condition,), {"x": fact}) == (unmet((condition,), {"x": fact}) == ())


@given(values, facts)
def test_a_fact_is_never_equal_and_unequal_at_once(value: int | float | str, fact: object) -> None:
    equal = Condition(field="x", op=Op.IS, value=value)
    unequal = Condition(field="x", op=Op.IS_NOT, value=value)

    assert not matches((equal, unequal), {"x": fact})
