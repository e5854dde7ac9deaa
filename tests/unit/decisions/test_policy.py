from datetime import UTC, time, timedelta

import msgspec
import pytest
from msgspec.structs import replace

from huifang.decisions.policy import DEFAULT_POLICY, Cap, Hours, Policy, Span


def test_the_policy_survives_json() -> None:
    stored = msgspec.json.encode(DEFAULT_POLICY)

    assert msgspec.json.decode(stored, type=Policy) == DEFAULT_POLICY


def test_a_stored_policy_is_checked_when_it_is_read() -> None:
    stored = msgspec.json.encode(DEFAULT_POLICY).replace(b'"limit":2', b'"limit":-2')

    with pytest.raises(msgspec.ValidationError, match="limit is not negative"):
        msgspec.json.decode(stored, type=Policy)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (time(20), time(2)),
        (time(9), time(9)),
        (time(9, tzinfo=UTC), time(10, tzinfo=UTC)),
    ],
    ids=["across midnight", "empty", "with a zone"],
)
def test_a_span_that_means_nothing_is_refused(start: time, end: time) -> None:
    with pytest.raises(ValueError, match="span"):
        Span(start=start, end=end)


def test_a_span_holds_its_start_but_not_its_end() -> None:
    span = Span(start=time(9), end=time(21))

    assert span.holds(time(9))
    assert span.holds(time(20, 59, 59, 999_999))
    assert not span.holds(time(21))
    assert not span.holds(time(8, 59, 59, 999_999))


def test_a_span_that_ends_at_midnight_holds_the_last_instant_of_the_day() -> None:
    assert Span(start=time(0), end=time(0)).holds(time.max)
    assert not Span(start=time(18), end=time(0)).holds(time(0))


@pytest.mark.parametrize(
    ("scope", "limit", "days"), [("telegram", 1, 1), ("", 1, 1), ("sms", -1, 1), ("sms", 1, 0)]
)
def test_a_cap_that_would_never_bind_is_refused(scope: str, limit: int, days: int) -> None:
    with pytest.raises(ValueError, match="cap"):
        Cap(scope=scope, limit=limit, window=timedelta(days=days))


@pytest.mark.parametrize(
    "change",
    [
        {"global_holdout_basis_points": 10_001},
        {"global_holdout_basis_points": -1},
        {"minimum_gap": timedelta(seconds=-1)},
        {"hours": {"fax": Hours(weekday=(), weekend=(), holiday=())}},
    ],
)
def test_a_policy_out_of_bounds_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"holdout|gap|channel"):
        replace(DEFAULT_POLICY, **change)
