"""The lot: what is drawn is fixed beforehand, everybody can check it, and each prize gets its share."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huifang.plans.lots import commitment, draw, place_of

SEED = bytes(range(32))


def test_the_published_hash_is_that_of_the_seed():
    assert commitment(SEED) == "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"


def test_a_draw_never_changes():
    """Rewards that were drawn are checked by this very reckoning."""
    assert [draw(SEED, f"enrolment:{number}", [1, 9]) for number in (1, 2, 3)] == [(2, 1), (4, 1), (6, 1)]


@pytest.mark.parametrize(("number", "place"), [(0, 0), (1, 1), (9, 1), (10, 2)])
def test_the_edge_of_a_share_belongs_to_the_next_prize(number: int, place: int):
    assert place_of(number, [1, 9, 1]) == place


def test_a_number_beyond_the_shares_is_a_mistake():
    with pytest.raises(ValueError, match="beyond"):
        place_of(11, [1, 9, 1])


@given(
    weights=st.lists(st.integers(1, 50), min_size=1, max_size=6),
    key=st.integers(0, 10**12).map("enrolment:{}".format),
)
def test_every_draw_falls_to_a_prize(weights: list[int], key: str):
    number, place = draw(SEED, key, weights)
    assert 0 <= number < sum(weights)
    assert sum(weights[:place]) <= number < sum(weights[: place + 1])


def test_each_prize_gets_about_its_share():
    places = Counter(draw(SEED, f"enrolment:{number}", [1, 9])[1] for number in range(10_000))
    assert 900 < places[0] < 1100
