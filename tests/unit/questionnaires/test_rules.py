"""What is asked next, progress, low scores and seconds."""

import pytest

from huifang.questionnaires import checks, rules
from huifang.questionnaires.answer_errors import AnswerInvalidError, AnswerMissingError, AnswerTooLongError
from huifang.questionnaires.kinds.base import Given
from huifang.questionnaires.records import AnswerValue, Definition, Question, QuestionKind


def questions(*kinds: dict[str, object]) -> Definition:
    plain = {"title": {"zh-Hans": "问", "en": "Ask"}}
    return checks.convert({"questions": [{**plain, **each} for each in kinds]})


BRANCHED = questions(
    {"key": "score", "kind": "csat", "is_required": True},
    {"key": "why", "kind": "text", "show_if": [{"question": "score", "test": "at_most", "number": 3}]},
    {"key": "end", "kind": "text", "is_long": True},
)


def score(number: int) -> AnswerValue:
    return AnswerValue(number=number)


@pytest.mark.parametrize(("number", "following"), [(3, "why"), (4, "end")])
def test_a_branch_opens_at_its_edge_and_not_beyond(number: int, following: str) -> None:
    found = rules.next_question(BRANCHED, {"score": score(number)})
    assert found is not None
    assert found.key == following


def test_what_depends_on_a_skipped_question_stays_hidden() -> None:
    assert [question.key for question in rules.path(BRANCHED, {})] == ["score", "end"]


def test_a_skipped_required_question_is_still_asked() -> None:
    found = rules.next_question(BRANCHED, {}, frozenset({"score"}))
    assert found is not None
    assert found.key == "score"


def test_an_answer_off_the_path_opens_no_further_branch() -> None:
    chain = questions(
        {"key": "one", "kind": "csat"},
        {"key": "two", "kind": "csat", "show_if": [{"question": "one", "test": "at_most", "number": 2}]},
        {"key": "three", "kind": "text", "show_if": [{"question": "two", "test": "answered"}]},
    )
    answers = {"one": score(5), "two": score(1)}
    assert [question.key for question in rules.path(chain, answers)] == ["one"]


def test_back_leads_to_the_shown_question_before() -> None:
    found = rules.previous_question(BRANCHED, {"score": score(5)}, "end")
    assert found is not None
    assert found.key == "score"
    assert rules.previous_question(BRANCHED, {}, "score") is None


@pytest.mark.parametrize(
    ("kind", "number", "is_low"),
    [
        ("csat", 2, True),
        ("csat", 3, False),
        ("nps", 6, True),
        ("nps", 7, False),
        ("ces", 3, True),
        ("ces", 4, False),
    ],
)
def test_a_low_score_is_low_up_to_its_edge(kind: str, number: int, is_low: bool) -> None:
    definition = questions({"key": "score", "kind": kind})
    assert rules.is_low(definition, {"score": score(number)}) is is_low


def test_progress_counts_hidden_questions_so_that_it_never_turns_back() -> None:
    before = rules.progress(BRANCHED, {}, frozenset(), BRANCHED.questions[0], "en")
    after = rules.progress(BRANCHED, {"score": score(5)}, frozenset(), BRANCHED.questions[2], "en")
    assert (before.place, before.total) == (1, 3)
    assert (after.place, after.total) == (3, 3)


def test_the_time_left_shrinks_with_each_answer() -> None:
    three = questions(*({"key": key, "kind": "text", "is_long": True} for key in "abc"))
    first, _, last = three.questions
    said = {"a": AnswerValue(text="x"), "b": AnswerValue(text="y")}
    assert rules.progress(three, {}, frozenset(), first, "en").seconds_left == 55
    assert rules.progress(three, said, frozenset(), last, "en").seconds_left == 20


def test_the_estimate_counts_a_branch_half_and_rounds_to_fives() -> None:
    long = questions({"key": "a", "kind": "text", "is_long": True})
    half = checks.convert(
        {
            "questions": [
                {"key": "s", "kind": "csat", "title": {"en": "Ask"}},
                {
                    "key": "a",
                    "kind": "text",
                    "is_long": True,
                    "title": {"en": "Ask"},
                    "show_if": [{"question": "s", "test": "answered"}],
                },
            ]
        }
    )
    assert rules.seconds(long, "en") == 20
    assert rules.seconds(half, "en") == 10


def test_chinese_reads_by_characters_and_english_by_words() -> None:
    assert rules.reading_seconds("满" * 14) == pytest.approx(2.0)
    assert rules.reading_seconds("one two three four") == pytest.approx(1.0)


def parse(kind: str, *values: str, text: str = "", **more: object) -> AnswerValue | None:
    options = [
        {"key": "a", "label": {"en": "A"}},
        {"key": "b", "label": {"en": "B"}},
        {"key": "other", "label": {"en": "Other"}, "is_other": True},
    ]
    asked = {"options": options} if kind in {"single", "multiple"} else {}
    question = questions({"key": "q", "kind": kind, **asked, **more}).questions[0]
    return rules.parse_answer(question, Given(values=values, text=text))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("nps", "11"),
        ("nps", "-1"),
        ("csat", "0"),
        ("ces", "8"),
        ("nps", "5.5"),
        ("nps", "٥"),
        ("single", "z"),
    ],
)
def test_what_is_not_on_the_scale_or_among_the_options_is_refused(kind: str, value: str) -> None:
    with pytest.raises(AnswerInvalidError):
        parse(kind, value)


def test_two_values_for_one_choice_are_refused() -> None:
    with pytest.raises(AnswerInvalidError):
        parse("single", "a", "b")
    with pytest.raises(AnswerInvalidError):
        parse("nps", "1", "2")


def test_multiple_choices_come_once_and_in_the_order_of_the_options() -> None:
    assert parse("multiple", "b", "a", "b") == AnswerValue(choices=("a", "b"))


def test_words_are_trimmed_and_lose_control_characters() -> None:
    assert parse("text", " a\x00b\r\nc\x1b ") == AnswerValue(text="ab\nc")


def test_a_text_of_the_greatest_length_is_taken_and_one_more_is_not() -> None:
    assert parse("text", "字" * 200) == AnswerValue(text="字" * 200)
    with pytest.raises(AnswerTooLongError):
        parse("text", "字" * 201)
    assert parse("text", "字" * 2000, is_long=True) is not None


def test_nothing_is_a_skip_unless_the_question_is_required() -> None:
    assert parse("text", "  ") is None
    with pytest.raises(AnswerMissingError):
        parse("text", "  ", is_required=True)


def test_the_language_asked_for_counts_only_where_the_questionnaire_is_whole() -> None:
    half = Definition(
        questions=(
            Question(key="a", kind=QuestionKind.CSAT, title={"zh-Hans": "问", "en": "Ask"}),
            Question(key="b", kind=QuestionKind.CSAT, title={"zh-Hans": "问"}),
        )
    )
    assert rules.languages(half) == ["zh-Hans"]
    assert rules.language_for(half, "en", "zh-Hans") == "zh-Hans"
    assert rules.language_for(BRANCHED, "", "en") == "en"
    assert rules.language_for(BRANCHED, "fr") == "zh-Hans"
