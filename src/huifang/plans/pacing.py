"""How many customers of a campaign may be taken now: evenly over its time, at most so many a day. Pure."""

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta

BACKLOG_MAX = timedelta(hours=1)  # what a standstill of the worker may catch up with at once
_EVERYBODY = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """*total* customers over *spread* (nothing: at once), at most *per_day_max* a day (0: no limit)."""

    total: int
    spread: timedelta
    per_day_max: int

    @property
    def step(self) -> timedelta:
        """From one customer to the next."""
        return self.spread / self.total if self.total else timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """*allowed* may be taken now; the spread counts on from *since*."""

    allowed: int
    since: datetime
    step: timedelta
    day: date
    day_taken: int


def turn(pace: Pace, *, paced_at: datetime, day: date, day_taken: int, now: datetime) -> Turn:
    """How many may be taken at *now*: the spread is used up to *paced_at*, *day_taken* were today."""
    since = max(paced_at, now - max(BACKLOG_MAX, pace.step))
    if not pace.step:
        allowed = _EVERYBODY
    elif since > now:
        allowed = 0
    else:
        allowed = math.floor((now - since) / pace.step) + 1
    if pace.per_day_max:
        allowed = min(allowed, max(0, pace.per_day_max - day_taken))
    return Turn(allowed=allowed, since=since, step=pace.step, day=day, day_taken=day_taken)


def most(pace: Pace, *, paced_at: datetime, now: datetime) -> int:
    """How many may have been taken since *paced_at* where nobody knows, at most."""
    gone = now - paced_at
    number = math.floor(gone / pace.step) + 1 if pace.step else _EVERYBODY
    if pace.per_day_max:
        number = min(number, pace.per_day_max * (gone.days + 2))  # so many dates it may touch
    return max(0, number)


def used_up_to(made: Turn, taken: int) -> datetime:
    """Up to when the spread is used up once *taken* have been taken."""
    return made.since + made.step * taken


def ends_at(pace: Pace, *, starts_at: datetime, total: int) -> datetime:
    """When the last customer is taken, if nothing pauses it."""
    days = math.ceil(total / pace.per_day_max) - 1 if pace.per_day_max and total else 0
    return starts_at + max(pace.spread, timedelta(days=days))
