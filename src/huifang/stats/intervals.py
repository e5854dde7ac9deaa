"""Measures with the interval that belongs to them: no rate and no score leaves here without its base.

Fractions are fractions (0.25), NPS is -100 to 100, CES is 1 to 7.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, inf, sqrt

from huifang.stats.errors import EmptySampleError
from huifang.stats.quantiles import normal_two_sided, student_two_sided

CONFIDENCE = 0.95
CSAT_SCORES = range(1, 6)
CSAT_SATISFIED = 4
CES_SCORES = range(1, 8)
NPS_SCORES = range(11)
NPS_PROMOTER = 9
NPS_PASSIVE = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate, the interval around it, and the number of people or answers that it rests on."""

    estimate: float
    low: float
    high: float
    base: int


def wilson(successes: int, total: int, *, confidence: float = CONFIDENCE) -> Interval:
    """Share *successes* of *total* with Wilson's score interval, without continuity correction.

    E. B. Wilson, Journal of the American Statistical Association 22 (1927) 209-212.
    Raises `EmptySampleError` where *total* is 0.
    """
    _check_share(successes, total)
    z = normal_two_sided(confidence)
    share = successes / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    # At the ends the bound is the end itself; rounding must not carry it past the estimate.
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == total else centre + half
    return Interval(estimate=share, low=low, high=high, base=total)


def uplift(treated: tuple[int, int], holdout: tuple[int, int], *, confidence: float = CONFIDENCE) -> Interval:
    """Difference in success rate between *treated* and *holdout*.

    Each group is ``(successes, customers)``. The result is a fraction: 0.02 is
    two percentage points; its base is the customers of both groups. The
    interval is Newcombe's hybrid score interval without continuity correction,
    method 10 of R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890.

    Raises `EmptySampleError` where a group has no customers.
    """
    one = wilson(*treated, confidence=confidence)
    other = wilson(*holdout, confidence=confidence)
    difference = one.estimate - other.estimate
    return Interval(
        estimate=difference,
        low=difference - sqrt((one.estimate - one.low) ** 2 + (other.high - other.estimate) ** 2),
        high=difference + sqrt((one.high - one.estimate) ** 2 + (other.estimate - other.low) ** 2),
        base=one.base + other.base,
    )


def nps(promoters: int, passives: int, detractors: int, *, confidence: float = CONFIDENCE) -> Interval:
    """Net promoter score, -100 to 100, with the interval of its multinomial variance.

    Where all answers are of one class that variance is 0 and would claim
    certainty: there the answers not seen are bounded by Wilson's interval and
    taken at their worst. Raises `EmptySampleError` where there are no answers.
    """
    scores = {100: promoters, 0: passives, -100: detractors}
    return _mean_of_counts(scores, normal_two_sided(confidence), confidence=confidence, sample=False)


def nps_of(counts: Mapping[int, int], *, confidence: float = CONFIDENCE) -> Interval:
    """`nps` of answers counted by score 0 to 10. Raises `EmptySampleError`."""
    _check_scores(counts, NPS_SCORES)
    promoters = sum(number for score, number in counts.items() if score >= NPS_PROMOTER)
    passives = sum(number for score, number in counts.items() if NPS_PASSIVE <= score < NPS_PROMOTER)
    return nps(promoters, passives, sum(counts.values()) - promoters - passives, confidence=confidence)


def csat(counts: Mapping[int, int], *, confidence: float = CONFIDENCE) -> Interval:
    """Share of 4 and 5 among answers counted by score 1 to 5. Raises `EmptySampleError`."""
    _check_scores(counts, CSAT_SCORES)
    satisfied = sum(number for score, number in counts.items() if score >= CSAT_SATISFIED)
    return wilson(satisfied, sum(counts.values()), confidence=confidence)


def ces(counts: Mapping[int, int], *, confidence: float = CONFIDENCE) -> Interval:
    """Mean of answers counted by score 1 to 7, with Student's interval kept to that scale.

    Where all answers are equal the interval is taken as for `nps`.
    Raises `EmptySampleError`.
    """
    _check_scores(counts, CES_SCORES)
    scores = {score: counts.get(score, 0) for score in CES_SCORES}
    total = sum(scores.values())
    quantile = student_two_sided(confidence, total - 1) if total > 1 else inf
    return _mean_of_counts(scores, quantile, confidence=confidence, sample=True)


def mean_interval(values: Sequence[float], *, confidence: float = CONFIDENCE) -> Interval:
    """Mean of *values* with Student's interval. Raises `EmptySampleError`.

    A single value says nothing of the spread: its interval is without bounds.
    """
    if not values:
        raise EmptySampleError
    number = len(values)
    mean = fsum(values) / number
    squares = fsum((value - mean) ** 2 for value in values)
    deviation = sqrt(squares / (number - 1)) if number > 1 else 0.0
    return mean_interval_of(number, mean, deviation, confidence=confidence)


def mean_interval_of(
    number: int, mean: float, deviation: float, *, confidence: float = CONFIDENCE
) -> Interval:
    """As `mean_interval`, from a database's ``count``, ``avg`` and ``stddev_samp``."""
    if number < 0 or deviation < 0:
        raise ValueError("A count and a standard deviation are not negative.")
    if number == 0:
        raise EmptySampleError
    if number == 1:
        return Interval(estimate=mean, low=-inf, high=inf, base=1)
    half = student_two_sided(confidence, number - 1) * deviation / sqrt(number)
    return Interval(estimate=mean, low=mean - half, high=mean + half, base=number)


def _mean_of_counts(
    counts: Mapping[int, int], quantile: float, *, confidence: float, sample: bool
) -> Interval:
    """Mean over *counts*, which name every score of the scale, kept within that scale."""
    _check_scores(counts, counts)
    total = sum(counts.values())
    if total == 0:
        raise EmptySampleError
    lowest, highest = float(min(counts)), float(max(counts))
    mean = sum(score * number for score, number in counts.items()) / total
    if max(counts.values()) == total:
        unseen = wilson(0, total, confidence=confidence).high
        low, high = mean - unseen * (mean - lowest), mean + unseen * (highest - mean)
        return Interval(estimate=mean, low=low, high=high, base=total)
    squares = sum(number * (score - mean) ** 2 for score, number in counts.items())
    half = quantile * sqrt(squares / (total - 1 if sample else total) / total)
    return Interval(estimate=mean, low=max(lowest, mean - half), high=min(highest, mean + half), base=total)


def _check_share(successes: int, total: int) -> None:
    if not 0 <= successes <= total:
        raise ValueError("Successes lie between 0 and the number of tries.")
    if total == 0:
        raise EmptySampleError


def _check_scores(counts: Mapping[int, int], scale: Container[int]) -> None:
    if any(score not in scale or number < 0 for score, number in counts.items()):
        raise ValueError("A score lies on its scale and is counted from 0 up.")
