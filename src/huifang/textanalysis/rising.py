"""Says which topics rise against their own past, with a false-alarm rate that is stated and kept. Pure.

Each topic's day is compared with its own days before, as a share of all texts. Days vary more than Poisson's
law says, so the tail is the negative binomial's, with the spread of the topic's own past. Bonferroni's bound
covers all topics of a day: where nothing rises, at most `ALARM_RATE` of days have any alarm.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats  # type: ignore[import-untyped]

ALARM_RATE = 0.05
DAYS_MIN, _COUNT_MIN, _TIMES_MIN = 14, 5, 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """A topic that rises: how many texts there were, how many its past lets expect, how unlikely that is."""

    topic: str
    count: int
    expected: float
    chance: float


def rising(
    counts: Mapping[str, Sequence[int]], totals: Sequence[int], *, alarm_rate: float = ALARM_RATE
) -> list[Rise]:
    """The topics whose last day is more than chance, the least likely first.

    *counts*: texts by day of each topic, oldest day first; *totals*: all texts of these days. Fewer than
    `DAYS_MIN` days before say nothing.
    """
    asked = {
        topic: np.asarray(days, float)
        for topic, days in counts.items()
        if len(days) == len(totals) > DAYS_MIN
    }
    found = []
    for topic, days in asked.items():
        expected, chance = _judged(days, np.asarray(totals, float))
        is_large = days[-1] >= _COUNT_MIN and days[-1] >= _TIMES_MIN * expected
        if is_large and chance * len(asked) <= alarm_rate:
            found.append(Rise(topic=topic, count=int(days[-1]), expected=expected, chance=chance))
    return sorted(found, key=lambda rise: (rise.chance, rise.topic))


def _judged(days: NDArray[np.float64], totals: NDArray[np.float64]) -> tuple[float, float]:
    """How many texts the last day should have, and the chance of as many as it has."""
    past, shown = days[:-1], np.maximum(totals[:-1], 1)
    # Half a text more than there were: a topic that never came is not impossible.
    level = (past.sum() + 0.5) / shown.sum()
    expected = float(level * max(totals[-1], 1))
    means = level * shown
    # Level and spread are only estimated: that widens the tail as well.
    spread = float(np.sum((past - means) ** 2 - past) / np.sum(means**2))
    spread = max(spread, 0.0) * (1 + 2 * float(np.sqrt(2 / len(past)))) + 1 / (past.sum() + 0.5)
    size = 1 / spread
    chance = float(stats.nbinom.sf(days[-1] - 1, size, size / (size + expected)))
    return expected, chance


def drawn(count: int, *, of: int, whole: int, total: int) -> float:
    """The chance that at least *count* of *whole* texts fall among *of* out of *total* texts."""
    return float(stats.hypergeom.sf(count - 1, max(total, of), whole, of))
