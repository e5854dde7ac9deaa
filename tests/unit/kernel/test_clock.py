"""Compressed time: never past the real time, never backwards; a clock that jumped is not trusted."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huifang.kernel import clock
from huifang.kernel.clock import CompressedTime, JumpWatch

REAL = datetime(2026, 5, 1, tzinfo=UTC)
SQUEEZED = CompressedTime(
    real_start=REAL, start=REAL - timedelta(days=10), rush_speed=86400.0, rush_seconds=5.0, speed=3600.0
)


def test_it_starts_in_the_past_and_rushes():
    assert SQUEEZED.at(REAL) == REAL - timedelta(days=10)
    assert SQUEEZED.at(REAL + timedelta(seconds=2)) == REAL - timedelta(days=8)


def test_after_the_rush_it_slows_down():
    assert SQUEEZED.at(REAL + timedelta(seconds=6)) == REAL - timedelta(days=5) + timedelta(hours=1)


@given(st.floats(-1e5, 1e7), st.floats(0, 1e5))
def test_it_never_runs_backwards_and_never_past_the_real_time(after, more):
    one, other = REAL + timedelta(seconds=after), REAL + timedelta(seconds=after + more)
    assert SQUEEZED.at(one) <= SQUEEZED.at(other)
    assert SQUEEZED.at(one) <= max(one, SQUEEZED.start)


def test_before_its_start_it_stands_still():
    assert SQUEEZED.at(REAL - timedelta(hours=1)) == SQUEEZED.start


def test_it_reads_back_what_it_wrote():
    assert clock.read_compressed(SQUEEZED.encode()) == SQUEEZED


@pytest.mark.parametrize("text", ["", "tomorrow", "a|b|c|d|e", "2026-01-01T00:00:00+00:00|2026-01-01"])
def test_a_malformed_value_is_an_error(text):
    with pytest.raises(ValueError, match=r".*"):
        clock.read_compressed(text)


def test_a_jump_of_the_wall_clock_shows_either_way():
    watch = JumpWatch(wall_start=1000.0, monotonic_start=50.0)
    assert watch.drift(wall=1060.0, monotonic=110.0) == timedelta(0)
    assert watch.drift(wall=8260.0, monotonic=110.0) == timedelta(hours=2)
    assert watch.drift(wall=1000.0 - 3540, monotonic=110.0) == timedelta(seconds=-3600)


def test_a_clock_that_jumped_is_not_trusted(monkeypatch):
    assert clock.is_trusted()
    real = clock.time.time
    monkeypatch.setattr(clock.time, "time", lambda: real() + 301)
    assert not clock.is_trusted()
    monkeypatch.setattr(clock.time, "time", lambda: real() - 301)
    assert not clock.is_trusted()
