"""Tells the time, for every room. Never guesses: a clock that jumped says so.

``HUIFANG_CLOCK`` compresses time for the demo wallet and for tests. It reads
``REAL_START|START|RUSH_SPEED|RUSH_SECONDS|SPEED``: from the real instant *REAL_START* the clock shows
*START* and runs *RUSH_SPEED* times as fast for *RUSH_SECONDS* real seconds, then *SPEED* times as fast,
and never goes past the real time.
"""

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

ENVIRONMENT_NAME = "HUIFANG_CLOCK"
JUMP_MAX = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompressedTime:
    """How demo time follows real time. Speeds are demo seconds a real second."""

    real_start: datetime
    start: datetime
    rush_speed: float
    rush_seconds: float
    speed: float

    def at(self, real: datetime) -> datetime:
        """Demo time at the *real* instant, never later than it."""
        elapsed = max(0.0, (real - self.real_start).total_seconds())
        rushed = min(elapsed, self.rush_seconds)
        shown = self.start + timedelta(seconds=rushed * self.rush_speed + (elapsed - rushed) * self.speed)
        return min(shown, real)

    def speed_at(self, real: datetime) -> float:
        """How fast demo time runs at the *real* instant; 1.0 once it has caught up."""
        if self.at(real) >= real:
            return 1.0
        rushing = (real - self.real_start).total_seconds() < self.rush_seconds
        return self.rush_speed if rushing else self.speed

    def encode(self) -> str:
        """The value of ``HUIFANG_CLOCK`` that reads back as this."""
        return "|".join(
            (
                self.real_start.isoformat(),
                self.start.isoformat(),
                repr(self.rush_speed),
                repr(self.rush_seconds),
                repr(self.speed),
            )
        )


def read_compressed(text: str) -> CompressedTime:
    """Parse the value of ``HUIFANG_CLOCK``. Raises `ValueError` where it is malformed."""
    real_start, start, rush_speed, rush_seconds, speed = text.split("|")
    return CompressedTime(
        real_start=datetime.fromisoformat(real_start),
        start=datetime.fromisoformat(start),
        rush_speed=float(rush_speed),
        rush_seconds=float(rush_seconds),
        speed=float(speed),
    )


@cache
def compressed() -> CompressedTime | None:
    """The compressed time of this process, or None where time is real."""
    text = os.environ.get(ENVIRONMENT_NAME, "")
    return read_compressed(text) if text else None


def now() -> datetime:
    """The present instant, aware, in UTC."""
    real = datetime.now(UTC)
    squeezed = compressed()
    return squeezed.at(real) if squeezed else real


def speed() -> float:
    """How many seconds pass on this clock in a real second."""
    squeezed = compressed()
    return squeezed.speed_at(datetime.now(UTC)) if squeezed else 1.0


@dataclass(slots=True)
class JumpWatch:
    """Holds the wall clock against the monotonic one, which no administrator can set."""

    wall_start: float
    monotonic_start: float

    def drift(self, *, wall: float, monotonic: float) -> timedelta:
        """How far the wall clock has moved apart from the monotonic clock since the start."""
        return timedelta(seconds=(wall - self.wall_start) - (monotonic - self.monotonic_start))


_watch = JumpWatch(wall_start=time.time(), monotonic_start=time.monotonic())


def is_trusted() -> bool:
    """Whether the wall clock has kept pace since this process started.

    After a jump nothing is decided until the process is started anew: a worker restarts itself.
    """
    return abs(_watch.drift(wall=time.time(), monotonic=time.monotonic())) < JUMP_MAX
