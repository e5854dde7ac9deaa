"""How many people an answer needs, and how long until they have come."""

from datetime import timedelta
from math import ceil, sqrt

from huifang.stats.quantiles import normal_one_sided, normal_two_sided

CONFIDENCE = 0.95
POWER = 0.8


def people_for_margin(margin: float, *, share: float = 0.5, confidence: float = CONFIDENCE) -> int:
    """Answers needed for a share to be known within plus or minus *margin* (0.05: five points).

    *share* is the expected one; a half needs the most.
    """
    if not 0 < margin < 1 or not 0 <= share <= 1:
        raise ValueError("A margin and a share are fractions, and a margin is not 0.")
    z = normal_two_sided(confidence)
    return max(1, ceil(z * z * share * (1 - share) / (margin * margin)))


def people_for_uplift(
    baseline: float,
    difference: float,
    *,
    holdout_share: float = 0.5,
    confidence: float = CONFIDENCE,
    power: float = POWER,
) -> tuple[int, int]:
    """Customers needed, ``(treated, holdout)``, to notice *difference* over the rate *baseline*.

    The holdout is *holdout_share* of all. The test is two-sided, by the normal
    approximation without continuity correction: J. L. Fleiss, A. Tytun and
    H. K. Ury, Biometrics 36 (1980) 343-346, before their correction.
    """
    if not 0 < holdout_share < 1:
        raise ValueError("A holdout is a share of all, neither none nor all of them.")
    if difference == 0 or not 0 <= baseline <= 1 or not 0 <= baseline + difference <= 1:
        raise ValueError("A rate and that rate with the difference are two fractions.")
    improved = baseline + difference
    treated_share = 1 - holdout_share
    pooled = treated_share * improved + holdout_share * baseline
    by_chance = sqrt(pooled * (1 - pooled) / (treated_share * holdout_share))
    in_truth = sqrt(improved * (1 - improved) / treated_share + baseline * (1 - baseline) / holdout_share)
    reach = normal_two_sided(confidence) * by_chance + normal_one_sided(power) * in_truth
    people = (reach / difference) ** 2
    return ceil(people * treated_share), ceil(people * holdout_share)


def time_until(people: int, *, have: int, per_day: float) -> timedelta | None:
    """How long until *people* have come, at *per_day*, counted in whole days; None at no pace at all."""
    if have >= people:
        return timedelta(0)
    if per_day <= 0:
        return None
    return timedelta(days=ceil((people - have) / per_day))
