"""How much personal data masking finds, and how often it is right, on sentences that no rule was made for."""

import re

import pytest
from tests.unit.textanalysis.masking_set import AGAIN_EN, AGAIN_ZH, EN, ZH

from huifang.textanalysis import masking

MARK = re.compile(r"\{([a-z_]+)\|([^}]+)\}")


def parted(marked: str) -> tuple[str, set[tuple[int, int]]]:
    """The sentence as it was written, and where its personal data stands."""
    text, spans, at = "", set(), 0
    for mark in MARK.finditer(marked):
        text += marked[at : mark.start()]
        spans.add((len(text), len(text) + len(mark[2])))
        text, at = text + mark[2], mark.end()
    return text + marked[at:], spans


def counted(sentences: list[str]) -> tuple[int, int, int, list[str]]:
    """Personal data found whole, all there is, all that was masked; and what went wrong."""
    found = there = masked = 0
    wrong = []
    for sentence in sentences:
        text, truth = parted(sentence)
        said = {(span.start, span.end) for span in masking.find(text)}
        # To mask a little more than the words themselves is no miss.
        hit = {each for each in truth if any(start <= each[0] and each[1] <= end for start, end in said)}
        right = {each for each in said if any(each[0] < end and start < each[1] for start, end in truth)}
        found, there, masked = found + len(hit), there + len(truth), masked + len(said)
        wrong += [f"missed: {text[start:end]}" for start, end in truth - hit]
        wrong += [f"too much: {text[start:end]}" for start, end in said - right]
    return found, there, masked, wrong


@pytest.mark.parametrize(("name", "sentences"), [("zh", ZH), ("en", EN)])
def test_nine_in_ten_are_found_and_nine_in_ten_of_the_masked_are_personal(
    name: str, sentences: list[str]
) -> None:
    found, there, masked, wrong = counted(sentences)
    too_much = sum(each.startswith("too much") for each in wrong)
    assert found / there >= 0.9, (name, found, there, wrong)
    assert (masked - too_much) / masked >= 0.9, (name, masked, wrong)


@pytest.mark.parametrize("sentences", [AGAIN_ZH, AGAIN_EN])
def test_a_name_that_recurs_is_found_wherever_a_cue_gives_it_away_once(sentences: list[str]) -> None:
    found, there, masked, wrong = counted(sentences)
    assert wrong == [f"missed: {name}" for name in ("唐丽", "唐丽", "Lucy", "Lucy") if name in sentences[-1]]
    assert (found, masked) == (there - 2, there - 2)
