"""Phrases stand where a plain, slow search finds them, whatever is around."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huifang.textanalysis import phrases
from huifang.textanalysis.phrases import Phrases

PIECES = (
    *("a", "b", "ab", "7", " ", "  ", "-", "\n", "'", "’", "费", "手", "a b"),
    *("a'b", "手费", "İ", ".", "A"),
)
KNOWN = {
    "a b": r"(?<![a-z0-9])a[\s\-]+b(?![a-z0-9])",
    "a'b": r"(?<![a-z0-9])a['’]*b(?![a-z0-9])",
    "ab": r"(?<![a-z0-9])ab(?![a-z0-9])",
    "b.": r"(?<![a-z0-9])b\.",
    "手费": "手费",
    "a费": "a费",
}
LISTS = {phrase: Phrases([phrase]) for phrase in KNOWN}


@pytest.mark.parametrize("phrase", KNOWN)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_a_phrase_is_found_where_it_stands(phrase: str, text: str) -> None:
    slow = [match.span() for match in re.finditer(KNOWN[phrase], phrases.lower(text))]
    found = LISTS[phrase].places(text)

    assert [(place.start, place.end) for place in found] == slow
    assert [place.words for place in found] == [text[start:end] for start, end in slow]
