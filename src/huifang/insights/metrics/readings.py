"""A measure as it is read: an estimate with its interval and its base, and whether that base is too small."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite

from huifang.stats import differences, intervals
from huifang.stats.errors import EmptySampleError
from huifang.stats.intervals import Interval

LOW_BASE = 30


class Unit(StrEnum):
    """What the numbers of a measure are."""

    SHARE = "share"  # a fraction of 1
    NPS = "nps"  # -100 to 100
    MEAN = "mean"  # 1 to 7
    SECONDS = "seconds"


# An interval wider than this says little, whatever the base.
_WIDE = {Unit.SHARE: 0.2, Unit.NPS: 40.0, Unit.MEAN: 1.0}


class Doubt(StrEnum):
    """Why a number should not be leaned on."""

    FEW = "few"  # fewer than `LOW_BASE`
    WIDE = "wide"  # enough, but the interval is wide


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One measure of one *group*; *value* None where nobody is in the base.

    *part* is how many of the base count, where it is a share; *counts* are answers by score, where it is
    one of a score.
    """

    group: str
    unit: Unit
    value: Interval | None
    part: int | None = None
    counts: Mapping[int, int] = field(default_factory=dict)

    @property
    def base(self) -> int:
        """How many people or answers it rests on."""
        return self.value.base if self.value else 0

    @property
    def doubt(self) -> Doubt | None:
        """Why it should not be leaned on, if so."""
        if self.value is None:
            return None
        if self.value.base < LOW_BASE:
            return Doubt.FEW
        width = self.value.high - self.value.low
        return Doubt.WIDE if width > _WIDE.get(self.unit, float("inf")) else None

    @property
    def is_bounded(self) -> bool:
        """Whether the interval has both ends."""
        return self.value is not None and isfinite(self.value.low) and isfinite(self.value.high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """*one* less *other*; None where either has no base. *direction* 0: no clear difference."""

    one: Reading
    other: Reading
    difference: Interval | None

    @property
    def direction(self) -> int:
        """1 clearly more, -1 clearly less, 0 no clear difference."""
        return differences.direction(self.difference) if self.difference else 0


def share(group: str, part: int, whole: int) -> Reading:
    """*part* of *whole* with Wilson's interval."""
    value = intervals.wilson(min(part, whole), whole) if whole else None
    return Reading(group=group, unit=Unit.SHARE, value=value, part=part)


_SCORES = {
    "nps": (Unit.NPS, intervals.nps_of),
    "csat": (Unit.SHARE, intervals.csat),
    "ces": (Unit.MEAN, intervals.ces),
}


def score(metric: str, group: str, counts: Mapping[int, int]) -> Reading:
    """The score *metric* of answers counted by score."""
    unit, reckon = _SCORES[metric]
    try:
        value = reckon(counts)
    except EmptySampleError:
        value = None
    return Reading(group=group, unit=unit, value=value, counts=counts)


def change(one: Reading, other: Reading) -> Change:
    """*one* beside *other*, with the interval of their difference."""
    found: Interval | None = None
    if one.value and other.value:
        is_nps = one.unit == Unit.NPS
        found = (
            differences.nps_difference(one.counts, other.counts)
            if is_nps
            else differences.difference(one.value, other.value)
        )
    return Change(one=one, other=other, difference=found)
