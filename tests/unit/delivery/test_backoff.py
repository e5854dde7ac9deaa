"""Pauses double, spread, and never fall under what the provider asked for."""

from datetime import timedelta

from huifang.delivery.rules.backoff import pause


def test_pauses_double_within_their_spread_and_end_at_half_an_hour() -> None:
    for tries, plain in [(1, 10), (2, 20), (5, 160), (8, 1280), (9, 1800), (60, 1800)]:
        spread = [pause(f"key-{number}", tries).total_seconds() for number in range(200)]
        assert plain * 0.75 <= min(spread) < plain * 0.8
        assert plain * 1.2 < max(spread) <= plain * 1.25


def test_the_same_try_of_the_same_attempt_always_waits_as_long() -> None:
    assert pause("a", 3) == pause("a", 3) != pause("b", 3)


def test_the_providers_word_is_the_least() -> None:
    assert pause("a", 1, retry_after_seconds=600) == timedelta(seconds=600)
