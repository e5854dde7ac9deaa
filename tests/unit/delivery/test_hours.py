"""Hours as people write them."""

from datetime import time

import pytest

from huifang.decisions.policy import Span
from huifang.delivery.rules import hours


def test_spans_are_read_and_written_back() -> None:
    text = "18:00 - 20:30；9:00–12:00, 22:00~24:00"
    assert hours.read(text) == (
        Span(start=time(9), end=time(12)),
        Span(start=time(18), end=time(20, 30)),
        Span(start=time(22), end=time(0)),
    )
    assert hours.write(hours.read(text)) == "09:00–12:00, 18:00–20:30, 22:00–24:00"


def test_nothing_is_never_and_all_day_is_all_day() -> None:
    assert hours.read(" ") == ()
    assert hours.read("00:00–24:00") == (Span(start=time(0), end=time(0)),)


@pytest.mark.parametrize(
    "text", ["9-21", "21:00–09:00", "25:00–26:00", "09:00", "09:00–09:00", "09:60–10:00"]
)
def test_what_is_no_span_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        hours.read(f"08:00–08:30, {text}")
