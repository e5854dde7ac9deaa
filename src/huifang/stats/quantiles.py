"""Quantiles of the normal and of Student's t distribution, in plain Python."""

from functools import lru_cache
from math import cos, pi, sin, sqrt, tan
from statistics import NormalDist

_NORMAL = NormalDist()
# From here on the expansion below is exact to ten digits; under it the finite series is cheap.
_SERIES_DEGREES_MAX = 200


def normal_two_sided(confidence: float) -> float:
    """Distance from 0, in standard deviations, that holds *confidence* of a normal distribution.

    Raises `ValueError` unless ``0 < confidence < 1``.
    """
    _check_confidence(confidence)
    return _NORMAL.inv_cdf((1 + confidence) / 2)


def normal_one_sided(share: float) -> float:
    """Point below which *share* of a standard normal distribution lies."""
    _check_confidence(share)
    return _NORMAL.inv_cdf(share)


@lru_cache(maxsize=1024)
def student_two_sided(confidence: float, degrees: int) -> float:
    """Distance from 0 that holds *confidence* of Student's t with *degrees* of freedom.

    Raises `ValueError` unless ``0 < confidence < 1`` and ``degrees >= 1``.
    """
    _check_confidence(confidence)
    if degrees < 1:
        raise ValueError("Student's t has at least one degree of freedom.")
    if degrees > _SERIES_DEGREES_MAX:
        return _expanded(normal_two_sided(confidence), degrees)
    return _searched(confidence, degrees)


def _check_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise ValueError("A confidence lies between 0 and 1, both excluded.")


def _expanded(z: float, degrees: int) -> float:
    """Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.7.5."""
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / float(degrees) ** power for power, term in enumerate(terms, start=1))


def _searched(confidence: float, degrees: int) -> float:
    # The angle is bounded where t itself is not, so halving it always ends.
    low, high = 0.0, pi / 2
    for _ in range(80):
        middle = (low + high) / 2
        if _share_within(middle, degrees) < confidence:
            low = middle
        else:
            high = middle
    return tan((low + high) / 2) * sqrt(degrees)


def _share_within(angle: float, degrees: int) -> float:
    """Share of t within ``tan(angle) * sqrt(degrees)`` of 0: Abramowitz and Stegun 26.7.3 and 26.7.4."""
    sine, cosine = sin(angle), cos(angle)
    odd = degrees % 2
    if degrees == 1:
        return 2 * angle / pi
    term = total = cosine if odd else 1.0
    for step in range(2 + odd, degrees - 1, 2):
        term *= cosine * cosine * (step - 1) / step
        total += term
    return 2 / pi * (angle + sine * total) if odd else sine * total
