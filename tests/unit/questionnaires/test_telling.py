"""Answers in words, and texts that take up earlier ones."""

import datetime as dates
from decimal import Decimal

import pytest
from django.utils.translation import override

from huifang.questionnaires import asking, telling
from huifang.questionnaires.asking import Position
from huifang.questionnaires.records import (
    AnswerValue,
    Definition,
    HiddenField,
    Option,
    Question,
    QuestionKind,
)

WHY = Question(
    key="why",
    kind=QuestionKind.SINGLE,
    title={"zh-Hans": "为什么？", "en": "Why?"},
    options=(
        Option(key="slow", label={"zh-Hans": "太慢", "en": "Too slow"}),
        Option(key="other", label={"zh-Hans": "其他", "en": "Other"}, is_other=True),
    ),
)
MORE = Question(
    key="more",
    kind=QuestionKind.TEXT,
    title={
        "zh-Hans": "您说“[[why|有问题]]”，在[[shop|店里]]？",
        "en": "You said “[[why|a problem]]” in [[shop|the shop]]?",
    },
)
DEFINITION = Definition(questions=(WHY, MORE), hidden=(HiddenField(key="shop"),))


@pytest.mark.parametrize(
    ("answers", "context", "language", "said"),
    [
        ({}, {}, "en", "You said “a problem” in the shop?"),
        ({"why": AnswerValue(choices=("slow",))}, {}, "en", "You said “Too slow” in the shop?"),
        ({"why": AnswerValue(choices=("slow",))}, {"shop": "Pudong"}, "zh-Hans", "您说“太慢”，在Pudong？"),
        (
            {"why": AnswerValue(choices=("other",), text="<b>rude</b>\n[[why]]")},
            {"secret": "x"},
            "en",
            "You said “Other: <b>rude</b> [[why]]” in the shop?",
        ),
    ],
)
def test_a_text_takes_up_what_is_known(
    answers: dict[str, AnswerValue], context: dict[str, str], language: str, said: str
) -> None:
    position = Position(definition=DEFINITION, language=language, answers=answers, context=context)
    assert asking.ask(MORE, position).title == said


def test_only_hidden_fields_that_the_questionnaire_names_are_taken_up() -> None:
    open_text = Question(key="x", kind=QuestionKind.TEXT, title={"en": "[[phone]]!"})
    definition = Definition(questions=(open_text,))
    position = Position(definition=definition, language="en", context={"phone": "138"})
    assert asking.ask(open_text, position).title == "!"


def test_what_is_taken_up_is_kept_short() -> None:
    answers = {"why": AnswerValue(choices=("other",), text="x" * 500)}
    position = Position(definition=DEFINITION, language="en", answers=answers)
    assert len(asking.ask(MORE, position).title) < 200


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (AnswerValue(choices=("slow",)), "Too slow"),
        (AnswerValue(choices=("gone",)), "gone"),
        (AnswerValue(number=4), "4"),
        (AnswerValue(amount=Decimal("12.500000")), "12.5"),
        (AnswerValue(amount=Decimal("100")), "100"),
        (AnswerValue(day=dates.date(2026, 11, 2)), "2026-11-02"),
        (AnswerValue(text="plain"), "plain"),
    ],
)
def test_an_answer_in_words(value: AnswerValue, words: str) -> None:
    assert telling.in_words(WHY, value, "en") == words


def test_a_consent_is_told_as_the_customer_saw_it() -> None:
    question = Question(key="again", kind=QuestionKind.CONTACT, title={"en": "May we ask again?"})
    assert telling.label_of(question, "yes", "en") == "Yes, you may"
    with override("zh-hans"):
        assert telling.label_of(question, "no", "zh-Hans") == "不，请不要"
