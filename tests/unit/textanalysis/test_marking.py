"""Marked texts: the words that tell something, whole, and nothing of the text ever alive."""

import pytest

from huifang.textanalysis.marking import marked


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("Fees are high", ["fees", "are"], "<mark>Fees</mark> are high"),
        ("coffees and fees", ["fees"], "coffees and <mark>fees</mark>"),
        ("提现手续费太高了", ["手续费", "费太高", "了"], "提现<mark>手续费太高</mark>了"),
        ("login fails", [], "login fails"),
        ("login fails", ["", "  "], "login fails"),
        ("a.b", ["."], "a.b"),
        ("fee (net)", ["fee (net)"], "<mark>fee (net)</mark>"),
        ("<b>fees</b>", ["fees", "<b>"], "<mark>&lt;b&gt;fees</mark>&lt;/b&gt;"),
        ("x & fees", ["fees", "&amp;"], "x &amp; <mark>fees</mark>"),
    ],
)
def test_words_are_marked(text, words, shown):
    assert marked(text, words) == shown


def test_many_words_in_a_long_text_take_no_time():
    text = "fees " * 20_000
    assert marked(text, [f"word{each}" for each in range(500)] + ["fees"]).count("<mark>") <= 20_000
