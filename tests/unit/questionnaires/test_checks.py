"""What forbids publishing, and what is only advised against."""

import pytest

from huifang.kernel.refusals import Refusal
from huifang.questionnaires import advice, checks, definition_errors
from huifang.questionnaires.records import Definition

TITLE = {"zh-Hans": "问", "en": "Ask"}


def define(*questions: dict[str, object], **more: object) -> Definition:
    return checks.convert({"questions": [{"title": TITLE, **each} for each in questions], **more})


SCORE = {"key": "score", "kind": "csat"}


def condition(question: str = "score", test: str = "at_most", **more: object) -> dict[str, object]:
    return {"question": question, "test": test, **more}


@pytest.mark.parametrize(
    ("definition", "refusal"),
    [
        (define(), definition_errors.NoQuestionsError),
        (define(SCORE, SCORE), definition_errors.QuestionKeyError),
        (define({"key": "1st", "kind": "csat"}), definition_errors.QuestionKeyError),
        (define({**SCORE, "title": {"en": "Only English"}}), definition_errors.TextMissingError),
        (define({"key": "pick", "kind": "single"}), definition_errors.OptionsError),
        (
            define({"key": "pick", "kind": "single", "options": [{"key": "a", "label": TITLE}] * 2}),
            definition_errors.OptionsError,
        ),
        (
            define(
                {
                    "key": "pick",
                    "kind": "single",
                    "options": [{"key": "a", "label": TITLE}, {"key": "b", "label": {}}],
                }
            ),
            definition_errors.LabelMissingError,
        ),
        (define({**SCORE, "title": {"zh-Hans": "问" * 301}}), definition_errors.TextTooLongError),
        (
            define({"key": "a", "kind": "text", "show_if": [condition()]}, SCORE),
            definition_errors.BranchError,
        ),
        (
            define({"key": "a", "kind": "text", "show_if": [condition("a", "answered")]}),
            definition_errors.BranchLoopError,
        ),
        (define({"key": "a", "kind": "text", "show_if": [condition("gone")]}), definition_errors.BranchError),
        (
            define(SCORE, {"key": "a", "kind": "text", "show_if": [condition(number=0)]}),
            definition_errors.BranchTestError,
        ),
        (
            define(SCORE, {"key": "a", "kind": "text", "show_if": [condition(number=5)]}),
            definition_errors.BranchTestError,
        ),
        (
            define(SCORE, {"key": "a", "kind": "text", "show_if": [condition(test="any_of", options=["x"])]}),
            definition_errors.BranchTestError,
        ),
    ],
)
def test_what_could_not_be_answered_is_not_published(definition: Definition, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        checks.check(definition)


def test_a_circle_of_branches_is_refused_even_in_a_draft() -> None:
    circle = define(
        {"key": "a", "kind": "csat", "show_if": [condition("b", number=2)]},
        {"key": "b", "kind": "csat", "show_if": [condition("a", number=2)]},
    )
    with pytest.raises(definition_errors.BranchLoopError) as refused:
        checks.check_draft(circle)
    assert refused.value.facts == {"questions": "1 → 2 → 1"}


def test_a_draft_may_lack_texts_that_publishing_asks_for() -> None:
    checks.check_draft(define({**SCORE, "title": {}}))


def test_the_most_questions_are_published_and_one_more_is_not() -> None:
    many = [{"key": f"q{number}", "kind": "csat"} for number in range(41)]
    checks.check(define(*many[:40]))
    with pytest.raises(definition_errors.TooManyQuestionsError):
        checks.check(define(*many))


@pytest.mark.parametrize(
    "data",
    ['{"questions": [{"key": "a"}]}', '{"questions": [{"kind": "stars"}]}', "[]", '{"colour": "red"}', "{"],
)
def test_what_has_another_shape_is_refused_with_the_place(data: str) -> None:
    with pytest.raises(definition_errors.DefinitionUnreadableError) as refused:
        checks.parse(data)
    assert refused.value.facts["detail"]


def codes(definition: Definition) -> list[str]:
    return [warning.code for warning in advice.warnings(definition)]


def test_a_careful_questionnaire_gets_no_warning() -> None:
    assert codes(define(SCORE, intro={"en": "Why"})) == []


def test_length_beginning_language_and_wording_are_warned_of() -> None:
    careless = define(
        {"key": "a", "kind": "text", "is_long": True, "is_required": True},
        {"key": "b", "kind": "text", "is_long": True},
        {"key": "c", "kind": "text", "is_long": True},
        {"key": "d", "kind": "text", "is_long": True},
        {"key": "e", "kind": "csat", "title": {"zh-Hans": "您对我们优质的服务满意吗？"}},
    )
    assert codes(careless) == [
        "too_long",
        "no_intro",
        "text_first",
        "text_required",
        "language_incomplete",
        "praise",
    ]
