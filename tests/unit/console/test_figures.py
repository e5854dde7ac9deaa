"""Numbers as they are shown, and lengths for SVG."""

import pytest

from huifang.console.figures import grouped, in_percent, position_on


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [
        (4812, 0, "4,812"),
        (-4812, 0, "−4,812"),
        (0, 0, "0"),
        (-0.2, 0, "0"),
        (2.5, 1, "2.5"),
        (1e6, 0, "1,000,000"),
    ],
)
def test_a_number_sets_its_thousands_apart(value: float, places: int, shown: str) -> None:
    assert grouped(value, places) == shown


def test_a_fraction_is_told_in_hundredths() -> None:
    assert in_percent(0.4034) == "40.3"


@pytest.mark.parametrize(
    ("value", "low", "high", "length"),
    [
        (30, 0, 40, "75%"),
        (1, 0, 3, "33.33%"),
        (50, 0, 40, "100%"),
        (-5, 0, 40, "0%"),
        (0, -100, 100, "50%"),
        (5, 0, 0, "0%"),
    ],
)
def test_a_position_stays_on_its_axis(value: float, low: float, high: float, length: str) -> None:
    assert position_on(value, low, high) == length
