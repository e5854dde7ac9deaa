"""Whatever is asked and answered: no required question is passed over, it ends, and progress only grows."""

from hypothesis import given
from hypothesis import strategies as st

from huifang.questionnaires import checks, rules
from huifang.questionnaires.kinds.base import Given
from huifang.questionnaires.kinds.registry import KINDS
from huifang.questionnaires.records import (
    AnswerValue,
    Comparison,
    Condition,
    Definition,
    Option,
    Question,
    QuestionKind,
)

OPTIONS = tuple(Option(key=key, label={"zh-Hans": key}) for key in ("a", "b", "c"))


def one_of(*values: str) -> list[Given]:
    return [Given(values=[value]) for value in values]


ANSWERS = {
    QuestionKind.CSAT: one_of(*map(str, range(1, 6))),
    QuestionKind.STARS: one_of(*map(str, range(1, 6))),
    QuestionKind.NPS: one_of(*map(str, range(11))),
    QuestionKind.CES: one_of(*map(str, range(1, 8))),
    QuestionKind.NUMBER: one_of("0", "3", "1,000"),
    QuestionKind.DATE: one_of("2026-11-22", "2026/2/28"),
    QuestionKind.SINGLE: one_of("a", "b", "c"),
    QuestionKind.MULTIPLE: [*one_of("a", "b", "c"), Given(values=["a", "c"])],
    QuestionKind.MATRIX: [Given(cells={"a": column, "b": "c"}) for column in "abc"],
    QuestionKind.TEXT: [Given(text="words")],
    QuestionKind.IMAGE: [Given(text="words")],
    QuestionKind.VOICE: [Given(text="words")],
    QuestionKind.CONTACT: one_of("yes", "no"),
}
PICKED = {
    QuestionKind.SINGLE: "ab",
    QuestionKind.MULTIPLE: "ab",
    QuestionKind.MATRIX: ("a:a", "b:c"),
    QuestionKind.CONTACT: ("yes",),
}
COUNTED = {
    QuestionKind.CSAT,
    QuestionKind.STARS,
    QuestionKind.NPS,
    QuestionKind.CES,
    QuestionKind.NUMBER,
}


@st.composite
def conditions(draw: st.DrawFn, earlier: Question) -> Condition:
    tests = [Comparison.ANSWERED]
    tests += [Comparison.AT_MOST, Comparison.AT_LEAST] if earlier.kind in COUNTED else []
    tests += [Comparison.ANY_OF, Comparison.NONE_OF] if earlier.kind in PICKED else []
    test = draw(st.sampled_from(tests))
    number = draw(st.integers(2, 4)) if test in {Comparison.AT_MOST, Comparison.AT_LEAST} else None
    picked = (
        draw(st.sets(st.sampled_from(PICKED[earlier.kind]), min_size=1))
        if test in {Comparison.ANY_OF, Comparison.NONE_OF}
        else ()
    )
    return Condition(question=earlier.key, test=test, number=number, options=tuple(sorted(picked)))


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    made: list[Question] = []
    for number in range(draw(st.integers(1, 8))):
        kind = draw(st.sampled_from(list(QuestionKind)))
        asked = draw(st.lists(st.sampled_from(made), max_size=2)) if made else []
        made.append(
            Question(
                key=f"q{number}",
                kind=kind,
                title={"zh-Hans": "问"},
                is_required=draw(st.booleans()),
                options=OPTIONS if KINDS[kind].has_options else (),
                rows=OPTIONS[:2] if kind is QuestionKind.MATRIX else (),
                show_if=tuple(draw(conditions(each)) for each in asked),
            )
        )
    return Definition(questions=tuple(made))


def walk(definition: Definition, draw: st.DrawFn) -> tuple[dict[str, AnswerValue], set[str], list[int]]:
    """Answer or skip until all is done; the answers, the skips and the places passed."""
    answers: dict[str, AnswerValue] = {}
    skipped: set[str] = set()
    places: list[int] = []
    while (question := rules.next_question(definition, answers, frozenset(skipped))) is not None:
        assert len(places) <= len(definition.questions), "it does not end"
        places.append(rules.progress(definition, answers, frozenset(skipped), question, "en").place)
        if not question.is_required and draw(st.booleans()):
            skipped.add(question.key)
            continue
        value = rules.parse_answer(question, draw(st.sampled_from(ANSWERS[question.kind])))
        assert value is not None
        answers[question.key] = value
    return answers, skipped, places


@given(st.data())
def test_every_walk_ends_moves_forward_and_answers_what_is_required(data: st.DataObject) -> None:
    definition = data.draw(definitions())
    answers, skipped, places = walk(definition, data.draw)

    assert places == sorted(set(places))
    shown = rules.path(definition, answers)
    assert all(question.key in answers for question in shown if question.is_required)
    assert all(question.key in answers or question.key in skipped for question in shown)


@given(st.data())
def test_after_a_change_of_mind_the_walk_still_ends_with_all_that_is_required(data: st.DataObject) -> None:
    """Going back and answering anew may open or close branches; what is required is asked then too."""
    definition = data.draw(definitions())
    answers, skipped, _ = walk(definition, data.draw)
    for question in data.draw(st.lists(st.sampled_from(definition.questions), max_size=3)):
        value = rules.parse_answer(question, data.draw(st.sampled_from(ANSWERS[question.kind])))
        if value is not None and rules.question_on_path(definition, answers, question.key):
            answers[question.key] = value
    for _ in range(len(definition.questions) + 1):
        following = rules.next_question(definition, answers, frozenset(skipped))
        if following is None:
            break
        value = rules.parse_answer(following, ANSWERS[following.kind][0])
        assert value is not None
        answers[following.key] = value
    shown = rules.path(definition, answers)
    assert rules.next_question(definition, answers, frozenset(skipped)) is None
    assert all(question.key in answers for question in shown if question.is_required)


@given(definitions())
def test_what_is_built_looking_back_only_is_never_refused(definition: Definition) -> None:
    assert checks.faults(definition) == []


@given(definitions(), st.data())
def test_what_looks_forward_is_always_refused(definition: Definition, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(definition.questions) - 1))
    later = data.draw(st.sampled_from(definition.questions[place:])).key
    looking = Question(
        key=definition.questions[place].key,
        kind=QuestionKind.CSAT,
        title={"zh-Hans": "问"},
        show_if=(Condition(question=later, test=Comparison.ANSWERED),),
    )
    questions = (*definition.questions[:place], looking, *definition.questions[place + 1 :])
    assert "branch_forward" in [fault.code for fault in checks.faults(Definition(questions=questions))]
