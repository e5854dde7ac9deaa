"""The first question's answers as buttons in a message."""

import pytest

from huifang.plans import one_tap
from huifang.plans.records import Step
from huifang.questionnaires.records import Definition, Option, Question, QuestionKind

PATH = "/s/AAAA"


def definition(kind: QuestionKind, **more: object) -> Definition:
    first = Question(key="q1", kind=kind, title={"en": "How was it?"}, **more)  # type: ignore[arg-type]
    return Definition(questions=(first,))


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [("csat", "1", "5"), ("nps", "0", "10"), ("ces", "1", "7"), ("stars", "1", "5")],
)
def test_each_number_of_a_scale_is_a_button(kind: str, first: str, last: str) -> None:
    choices = one_tap.choices_of(definition(QuestionKind(kind)), PATH, "en")
    assert (choices[0].value, choices[-1].value) == (first, last)
    assert choices[0].path == f"/s/AAAA?a=q1:{first}"


def test_the_ends_and_named_numbers_say_what_they_mean() -> None:
    made = definition(
        QuestionKind.CSAT,
        labels={"3": {"en": "so-so"}},
        low_label={"en": "bad"},
        high_label={"en": "good"},
    )
    assert [each.label for each in one_tap.choices_of(made, PATH, "en")] == [
        "1 bad",
        "2",
        "3 so-so",
        "4",
        "5 good",
    ]


def test_options_are_buttons_unless_they_ask_for_words() -> None:
    options = (
        Option(key="yes", label={"en": "Yes"}),
        Option(key="other", label={"en": "Other"}, is_other=True),
    )
    choices = one_tap.choices_of(definition(QuestionKind.SINGLE, options=options), PATH, "en")
    assert [(each.value, each.label) for each in choices] == [("yes", "Yes")]


def test_what_no_tap_answers_has_no_buttons() -> None:
    assert one_tap.choices_of(definition(QuestionKind.TEXT), PATH, "en") == ()


@pytest.mark.parametrize(("body", "wanted"), [("{scale}", True), ("{link}", False)])
def test_buttons_are_made_only_where_the_message_shows_them(body: str, wanted: bool) -> None:
    step = Step(channel="email", body={"en": body})
    assert one_tap.is_wanted(step) is wanted
