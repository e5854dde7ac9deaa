"""Whether a version that was just learnt is put in use: not where it reads worse than the last. Pure."""

from collections.abc import Sequence
from enum import StrEnum
from math import comb

BASE_MIN = 30
_CHANCE_MAX = 0.05


class Verdict(StrEnum):
    """Why a version was put in use, or was not. Stored: never rename a value."""

    FIRST = "first"
    UNMEASURED = "unmeasured"
    NO_WORSE = "no_worse"
    WITHIN_CHANCE = "within_chance"
    WORSE = "worse"
    FEW_AND_WORSE = "few_and_worse"

    @property
    def is_for_use(self) -> bool:
        """Whether the version is to be put in use by itself; people may still do so, or take it back."""
        return self not in (Verdict.WORSE, Verdict.FEW_AND_WORSE)


def between(before: Sequence[bool], after: Sequence[bool]) -> Verdict:
    """What to do with a version that got *after* right, where the one in use got *before*, of the same texts.

    On `BASE_MIN` texts or more it is kept out where it is worse beyond chance: where so many losses among
    the texts on which the two differ come of a fair coin in fewer than one case of twenty (the sign test).
    On fewer nothing can be told from chance, and what is in use stays unless the other does no worse.
    """
    gained = sum(new and not old for old, new in zip(before, after, strict=True))
    lost = sum(old and not new for old, new in zip(before, after, strict=True))
    if not before:
        return Verdict.UNMEASURED
    if lost <= gained:
        return Verdict.NO_WORSE
    if len(before) < BASE_MIN:
        return Verdict.FEW_AND_WORSE
    return Verdict.WORSE if chance_of(lost, gained + lost) < _CHANCE_MAX else Verdict.WITHIN_CHANCE


def chance_of(count: int, of: int) -> float:
    """How likely a fair coin falls one way at least *count* times *of* so many."""
    return float(sum(comb(of, each) for each in range(count, of + 1)) / 2**of)
