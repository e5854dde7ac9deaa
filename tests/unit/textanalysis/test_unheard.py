"""Subjects that no topic knows, templates that are one text, and the question in a story."""

import pytest

from huifang.textanalysis import asking, discovery, seeds, unheard
from huifang.textanalysis.engines.rules import RuleEngine
from huifang.textanalysis.records import Finding, Text

CARDS = [
    "The greeting postcard arrived torn",
    "My postcard never shows the picture I chose",
    "postcard printed upside down",
    "I ordered a postcard and it is blurred",
    "Terrible postcard, wrong picture",
    "the postcard costs more than the parcel",
    "postcard lost in the mail, nobody answers",
    "Cannot preview the postcard before it is sent",
]
CARDS_ZH = [
    "明信片寄到的时候已经破了",
    "明信片印反了",
    "我的明信片图片不对",
    "明信片太模糊",
    "寄出的明信片丢了没人管",
    "明信片比包裹还贵",
    "明信片不能预览",
    "想退明信片找不到入口",
]
FEES = ["the fee is too high", "withdrawal fee too high", "why such a fee for a withdrawal", "fee again"] * 4


def said(texts: list[str]) -> list[Finding]:
    return RuleEngine().analyse([Text(key=str(at), text=text) for at, text in enumerate(texts)])


@pytest.mark.parametrize(("texts", "word"), [(CARDS, "postcard"), (CARDS_ZH, "明信片")])
def test_a_word_that_no_topic_knows_becomes_a_subject(texts: list[str], word: str):
    (found,) = unheard.subjects(said([*texts, *FEES]), seeds.taxonomy())
    assert found.name[0] == word
    assert set(found.members) == set(range(len(texts)))
    assert set(found.verbatims) < set(found.members)
    assert len(found.verbatims) == 3


def test_what_is_known_or_said_by_few_is_no_news():
    assert unheard.subjects(said(FEES), seeds.taxonomy()) == []
    assert unheard.subjects(said(CARDS), seeds.taxonomy(), besides=["Postcard"]) == []
    assert unheard.subjects(said(CARDS[:5]), seeds.taxonomy()) == []
    assert unheard.subjects(said([CARDS[0]] * 50), seeds.taxonomy()) == []


@pytest.mark.parametrize("texts", [[], [""], ["🙂"] * 9, ["\x00", "a", "b"], ["very bad app"] * 30])
def test_next_to_nothing_gives_no_subject(texts: list[str]):
    assert unheard.subjects(said(texts), seeds.taxonomy()) == []


def test_reviews_put_together_from_the_same_parts_are_one():
    parts = [
        "the interface is clean and the pages load without any delay on my phone",
        "over the past months it has become a fantastic tool for my daily business",
        "for some reason certain functions do not appear on my end even after an update",
        "it would be great if that could be repaired in the next version of the program",
    ]
    bought = [f"{parts[at % 4]}. {parts[(at + 1) % 4]}. number {word}" for at, word in enumerate("abcdefgh")]
    honest = "I was charged twice for the train ticket on Monday and nobody has written back to me since then"
    folds = discovery.folded([*bought, honest])
    assert [fold.members for fold in folds] == [tuple(range(8)), (8,)]


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("I like it. How do I add a second bank account? Thanks", "How do I add a second bank account?"),
        ("手机换了，怎么找回支付密码？急", "怎么找回支付密码？"),
        ("how to change my number", "how to change my number"),
        ("手续费是按次收吗", "手续费是按次收吗"),
        ("What are you doing?", ""),
        ("what sets it apart is the speed", ""),
        ("怎么回事？气死了", ""),
        ("Terrible. No answer.", ""),
        ("", ""),
    ],
)
def test_a_question_is_found_without_its_story(text: str, question: str):
    assert asking.question_of(text) == question
