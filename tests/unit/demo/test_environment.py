"""A demo's time begins when it starts, stands still while it is stopped, and never runs backwards."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from huifang.demo import environment
from huifang.kernel.clock import ENVIRONMENT_NAME, CompressedTime, read_compressed

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
FIRST = CompressedTime(
    real_start=BEGIN, start=BEGIN - timedelta(days=40), rush_speed=20160.0, rush_seconds=60.0, speed=360.0
)


@pytest.mark.parametrize("ran_seconds", [1, 59, 60, 61, 4000, 100_000])
def test_a_resumed_demo_shows_what_it_would_have_shown(ran_seconds: int) -> None:
    stopped = BEGIN + timedelta(seconds=ran_seconds)
    again = stopped + timedelta(hours=9)
    resumed = environment.resumed(FIRST, stopped=stopped, now=again)
    assert resumed.at(again) == FIRST.at(stopped)
    for more in (5, 90):
        span = timedelta(seconds=more)
        if FIRST.at(stopped + span) < stopped + span:
            assert resumed.at(again + span) == FIRST.at(stopped + span)
        assert resumed.at(again + span) <= again + span


def test_a_demo_that_is_stopped_while_its_clock_still_stood_begins_anew() -> None:
    stopped = BEGIN - timedelta(seconds=4)
    resumed = environment.resumed(FIRST, stopped=stopped, now=BEGIN + timedelta(hours=1))
    assert resumed.rush_seconds == FIRST.rush_seconds
    assert resumed.at(BEGIN + timedelta(hours=1)) == FIRST.start


def test_a_folder_keeps_its_wallet_secret_and_first_day(tmp_path: Path) -> None:
    first = environment.prepare(tmp_path / "demo")
    again = environment.prepare(tmp_path / "demo")
    kept = (environment.START_NAME, "HUIFANG_SMS_SECRET", "HUIFANG_WALLET_NAME")
    assert [first[name] for name in kept] == [again[name] for name in kept]
    assert (tmp_path / "demo" / "environment.json").stat().st_mode & 0o077 == 0


def test_time_that_passed_while_the_demo_was_stopped_is_not_shown(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    before = read_compressed(environment.prepare(folder)[ENVIRONMENT_NAME])
    alive = folder / "alive"
    alive.touch()
    yesterday = datetime.now(UTC).timestamp() - 86_400
    os.utime(alive, (yesterday, yesterday))
    after = read_compressed(environment.prepare(folder)[ENVIRONMENT_NAME])
    assert after.at(datetime.now(UTC)) - before.start < timedelta(hours=1)
    assert after.real_start > before.real_start - timedelta(minutes=1)


def test_the_first_days_wait_for_the_programs_to_start(tmp_path: Path) -> None:
    squeezed = read_compressed(environment.prepare(tmp_path / "demo")[ENVIRONMENT_NAME])
    assert squeezed.at(datetime.now(UTC) + timedelta(seconds=5)) == squeezed.start
