"""One definition as turns: what is said, what may be pressed, and what a reply is taken for."""

import pytest
from django.utils.translation import override

from huifang.questionnaires import checks, turns
from huifang.questionnaires.asking import Position
from huifang.questionnaires.records import AnswerValue
from huifang.questionnaires.turns import Turn

DEFINITION = checks.convert(
    {
        "questions": [
            {"key": "satisfied", "kind": "csat", "title": {"en": "How was it?", "zh-Hans": "满意吗？"}},
            {"key": "recommend", "kind": "nps", "title": {"en": "Recommend us?", "zh-Hans": "推荐吗？"}},
            {
                "key": "reason",
                "kind": "single",
                "title": {"en": "Why?", "zh-Hans": "为什么？"},
                "options": [
                    {"key": "slow", "label": {"en": "Too slow", "zh-Hans": "太慢"}},
                    {"key": "failed", "label": {"en": "It failed", "zh-Hans": "失败"}},
                    {"key": "other", "label": {"en": "Else", "zh-Hans": "其他"}, "is_other": True},
                ],
                "show_if": [{"question": "satisfied", "test": "at_most", "number": 3}],
            },
            {
                "key": "uses",
                "kind": "multiple",
                "title": {"en": "What for?", "zh-Hans": "用来做什么？"},
                "options": [
                    {"key": "shop", "label": {"en": "Shops", "zh-Hans": "购物"}},
                    {"key": "bus", "label": {"en": "Buses", "zh-Hans": "公交"}},
                ],
            },
            {"key": "words", "kind": "text", "title": {"en": "Anything else?", "zh-Hans": "还有吗？"}},
            {"key": "shot", "kind": "image", "title": {"en": "A picture?", "zh-Hans": "图片？"}},
            {"key": "may", "kind": "contact", "title": {"en": "May we call?", "zh-Hans": "可以来电吗？"}},
        ]
    }
)


def turn_of(key: str, language: str = "en") -> Turn:
    position = Position(
        definition=DEFINITION, language=language, answers={"satisfied": AnswerValue(number=2)}
    )
    question = next(each for each in DEFINITION.questions if each.key == key)
    with override(language.lower()):
        return turns.turn(question, position)


def given(key: str, reply: str) -> tuple[list[str], str] | None:
    found = turns.read(turn_of(key), reply, labels=(turn_of(key, "zh-Hans"),))
    return (list(found.given.values), found.rest) if found else None


def test_the_open_questions_come_in_order_and_a_branch_only_when_it_is_open() -> None:
    fresh = [each.question for each in turns.turns(Position(definition=DEFINITION, language="en"))]
    assert fresh == ["satisfied", "recommend", "uses", "words", "shot", "may"]
    low = Position(definition=DEFINITION, language="en", answers={"satisfied": AnswerValue(number=1)})
    assert [each.question for each in turns.turns(low)][:2] == ["recommend", "reason"]


@pytest.mark.parametrize(
    ("key", "presses", "ends_with_hash"),
    [
        ("satisfied", ["1", "2", "3", "4", "5"], False),
        ("recommend", [str(number) for number in range(11)], True),
        ("reason", ["1", "2", "3"], False),
        ("may", ["1", "2"], False),
        ("words", [], False),
    ],
)
def test_each_kind_has_its_keys(key: str, presses: list[str], ends_with_hash: bool) -> None:
    said = turn_of(key)
    assert [each.press for each in said.keys] == presses
    assert said.ends_with_hash is ends_with_hash


def test_what_neither_words_nor_keys_can_answer_needs_a_page() -> None:
    assert turn_of("shot").needs_page
    assert not turn_of("words").needs_page


def test_a_turn_reads_as_lines_of_a_message() -> None:
    assert turns.as_text(turn_of("reason")) == "Why?\n1 Too slow\n2 It failed\n3 Else"
    assert turns.as_text(turn_of("recommend")) == "Recommend us?\n0 Not at all likely\n10 Very likely"
    assert turns.as_text(turn_of("words")) == "Anything else?"


@pytest.mark.parametrize(
    ("key", "digits", "values"),
    [
        ("satisfied", "5", ["5"]),
        ("recommend", "10#", ["10"]),
        ("recommend", "1#", ["1"]),
        ("reason", "2", ["failed"]),
    ],
)
def test_a_keypad_answers_by_number(key: str, digits: str, values: list[str]) -> None:
    found = turns.by_keypad(turn_of(key), digits)
    assert found is not None
    assert list(found.values) == values


@pytest.mark.parametrize("digits", ["", "#", "6", "0", "55", "*"])
def test_other_digits_on_a_keypad_answer_nothing(digits: str) -> None:
    assert turns.by_keypad(turn_of("satisfied"), digits) is None


@pytest.mark.parametrize(
    "reply",
    [
        *"5５五",
        " 5 ",
        "5分",
        "５分",
        "五分",
        "5。",
        "打5分",
        "我打5分",
        "（5）",
        "5/5",
        "5 stars",
        "5星",
        "#5",
        "five",
        "Five.",
        "Very satisfied",
        "very satisfied!",
        "回复5",
        "score 5",
    ],
)
def test_forms_of_five(reply: str) -> None:
    assert given("satisfied", reply) == (["5"], "")


@pytest.mark.parametrize(
    ("reply", "rest"),
    [
        ("5 good", "good"),
        ("5，很好", "很好"),
        ("5分 很好", "很好"),
        ("5很好", "很好"),
        ("Very satisfied, thanks", "thanks"),
        ("五分，谢谢", "谢谢"),
    ],
)
def test_words_beside_five_are_kept_apart(reply: str, rest: str) -> None:
    assert given("satisfied", reply) == (["5"], rest)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "  ",
        "6",
        "0",
        "55",
        "-",
        "5.5",
        "5:30",
        "5元",
        "5 元没到账",
        "5天了",
        "5分钟",
        "5 or 6",
        "5-6",
        "4 5",
        "5/10",
        "十分满意",
        "十分不满意",
        "一下",
        "one of the best",
        "I paid 5",
        "不是5",
        "1st try",
        "50%",
        "满意但是慢",
        "谢谢",
        "🙂",
        "\u202e5x",
        "5" * 4000,
    ],
)
def test_what_is_no_answer_is_left_alone(reply: str) -> None:
    assert given("satisfied", reply) is None


@pytest.mark.parametrize(
    ("reply", "values"), [("10", ["10"]), ("十", ["10"]), ("0", ["0"]), ("9/10", ["9"]), ("１０分", ["10"])]
)
def test_forms_of_a_long_scale(reply: str, values: list[str]) -> None:
    assert given("recommend", reply) == (values, "")


@pytest.mark.parametrize("reply", ["2", "二", "It failed", "失败", "it failed."])
def test_a_list_is_answered_by_place_or_label_in_either_language(reply: str) -> None:
    assert given("reason", reply) == (["failed"], "")


def test_several_keys_answer_a_question_that_takes_many() -> None:
    assert given("uses", "1, 2") == (["shop", "bus"], "")
    assert given("uses", "2") == (["bus"], "")
    assert given("uses", "1 3") is None
