"""A version that reads worse is not put in use by itself."""

import pytest

from huifang.textanalysis import verdicts
from huifang.textanalysis.verdicts import Verdict


def _pair(both: int, lost: int, gained: int, neither: int = 0) -> Verdict:
    before = [True] * both + [True] * lost + [False] * gained + [False] * neither
    after = [True] * both + [False] * lost + [True] * gained + [False] * neither
    return verdicts.between(before, after)


@pytest.mark.parametrize(
    ("counts", "verdict", "is_for_use"),
    [
        ((0, 0, 0), Verdict.UNMEASURED, True),
        ((4, 2, 0), Verdict.FEW_AND_WORSE, False),
        ((4, 1, 1), Verdict.NO_WORSE, True),
        ((6, 0, 0), Verdict.NO_WORSE, True),
        ((36, 4, 0), Verdict.WITHIN_CHANCE, True),
        ((35, 5, 0), Verdict.WORSE, False),
        ((20, 10, 6), Verdict.WITHIN_CHANCE, True),
        ((20, 6, 10), Verdict.NO_WORSE, True),
        ((14, 15, 0), Verdict.FEW_AND_WORSE, False),
        ((15, 15, 0), Verdict.WORSE, False),
    ],
)
def test_verdicts(counts: tuple[int, int, int], verdict: Verdict, is_for_use: bool) -> None:
    found = _pair(*counts)
    assert (found, found.is_for_use) == (verdict, is_for_use)


def test_chance_is_that_of_a_fair_coin() -> None:
    assert verdicts.chance_of(0, 5) == 1
    assert verdicts.chance_of(5, 5) == pytest.approx(1 / 32)
    assert verdicts.chance_of(1, 1) == 0.5
