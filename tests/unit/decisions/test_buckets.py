from collections import Counter

import pytest

from huifang.decisions.buckets import bucket


@pytest.mark.parametrize(
    ("salt", "key", "expected"),
    [("huifang", "1", 1347), ("holdout:first-payment", "42", 8825), ("", "客户", 7298)],
)
def test_buckets_never_change(salt: str, key: str, expected: int) -> None:
    """A holdout that is running would lose its meaning with another hash."""
    assert bucket(salt, key) == expected


def test_the_border_between_salt_and_key_counts() -> None:
    assert bucket("ab", "c") != bucket("a", "bc")
    assert bucket("a:b", "c") != bucket("a", "b:c")


def test_buckets_fill_evenly() -> None:
    tenths = Counter(bucket("evenly", str(key)) // 1000 for key in range(20_000))

    assert sorted(tenths) == list(range(10))
    # Five standard deviations about 2,000.
    assert all(1_788 <= number <= 2_212 for number in tenths.values())


def test_two_salts_choose_independently() -> None:
    chosen = [key for key in range(20_000) if bucket("one", str(key)) < 1_000]
    twice = [key for key in chosen if bucket("two", str(key)) < 1_000]

    assert 0.07 < len(twice) / len(chosen) < 0.13
