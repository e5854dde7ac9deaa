"""Phrases in texts: as people space, hyphen, capitalise and shorten them, where they stand, and no others."""

from itertools import pairwise

import pytest

from huifang.textanalysis import phrases
from huifang.textanalysis.phrases import Phrases

LISTED = Phrases(
    [
        "dark mode",
        "don't work",
        "id",
        "手续费",
        "手续",
        "u.p.i",
        "3d secure",
        "well",
        "phonepe",
        "没到账",
        "a",
    ]
)


def found(text: str) -> list[str]:
    places = LISTED.places(text)
    assert all(text[place.start : place.end] == place.words for place in places)
    assert all(first.end <= second.start for first, second in pairwise(places))
    return [place.words for place in places]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dark Mode, please", ["Dark Mode"]),
        ("the dark-mode and dark  mode", ["dark-mode", "dark  mode"]),
        ("dark\nmode", ["dark\nmode"]),
        ("darkmode", []),
        ("it DON'T WORK", ["DON'T WORK"]),
        ("they don’t work", ["don’t work"]),
        ("they dont work", ["dont work"]),
        ("it don't  - work", ["don't  - work"]),
        ("my id?", ["id"]),
        ("I'd say", []),
        ("video idea", []),
        ("我的id在这", ["id"]),
        ("PhonePe's cards", ["PhonePe"]),
        ("we'll see", []),
        ("well... 's well", ["well", "well"]),
        ("提现手续费和手续", ["手续费", "手续"]),
        ("it's 手续费 now, isn't it? 没到账", ["手续费", "没到账"]),
        ("U.P.I and upi", ["U.P.I"]),
        ("3D-Secure", ["3D-Secure"]),
        ("\ud800 dark mode \udfff手续费", ["dark mode", "手续费"]),
        ("İİ'İ dark-mode", ["dark-mode"]),
        ("a-a 'a' b", ["a", "a", "a"]),
        ("", []),
        ("' - ’", []),
    ],
)
def test_phrases_are_found_as_people_write_them(text: str, expected: list[str]) -> None:
    assert found(text) == expected


def test_lists_do_not_see_each_others_phrases() -> None:
    one, other = Phrases(["dark mode"]), Phrases(["mode", ""])
    assert [place.words for place in one.places("dark mode")] == ["dark mode"]
    assert [place.words for place in other.places("dark mode")] == ["mode"]
    assert Phrases([]).places("dark mode") == ()


def test_a_denial_just_before_is_none_of_them() -> None:
    listed = Phrases(["scam", "被骗"])
    for text, expected in (("not a scam, a scam", [14]), ("没有被骗。后来被骗", [7])):
        assert [place.start for place in phrases.undenied(text, listed.places(text))] == expected
