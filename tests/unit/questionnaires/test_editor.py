"""The editor's form read back, its acts, and the codes of its conditions."""

import pytest
from django.http import QueryDict

from huifang.questionnaires import checks, editor
from huifang.questionnaires.definition_errors import DefinitionUnreadableError
from huifang.questionnaires.records import Comparison, Condition, Definition

DEFINITION = checks.convert(
    {
        "questions": [
            {"key": "score", "kind": "nps", "title": {"en": "Score"}},
            {
                "key": "pick",
                "kind": "single",
                "title": {"en": "Pick"},
                "options": [{"key": "a", "label": {"en": "A"}}, {"key": "b", "label": {"en": "B"}}],
                "show_if": [{"question": "score", "test": "at_most", "number": 6}],
            },
            {
                "key": "words",
                "kind": "text",
                "title": {"en": "Words"},
                "show_if": [{"question": "pick", "test": "any_of", "options": ["a", "b"]}],
            },
        ]
    }
)


def keys(definition: Definition) -> list[str]:
    return [question.key for question in definition.questions]


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        ("up:words", ["score", "words", "pick"]),
        ("up:score", ["score", "pick", "words"]),
        ("down:words", ["score", "pick", "words"]),
        ("remove:pick", ["score", "words"]),
        ("add:nps", ["score", "pick", "words", "nps"]),
        ("add:nonsense", ["score", "pick", "words"]),
        ("remove:gone", ["score", "pick", "words"]),
        ("", ["score", "pick", "words"]),
    ],
)
def test_an_act_moves_adds_or_removes(act: str, expected: list[str]) -> None:
    assert keys(editor.change(DEFINITION, act)) == expected


def test_a_new_question_gets_a_key_that_is_free() -> None:
    twice = editor.change(editor.change(DEFINITION, "add:ces"), "add:ces")
    assert keys(twice)[-2:] == ["ces", "ces_2"]


def test_options_are_added_under_a_free_key_and_removed() -> None:
    more = editor.change(editor.change(DEFINITION, "add-option:pick"), "add-option:pick")
    assert [option.key for option in more.questions[1].options] == ["a", "b", "option", "option_2"]
    fewer = editor.change(more, "remove-option:pick:a")
    assert [option.key for option in fewer.questions[1].options] == ["b", "option", "option_2"]


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        (Condition(question="q", test=Comparison.AT_MOST, number=0), "q:at_most:0"),
        (Condition(question="q", test=Comparison.AT_LEAST, number=10), "q:at_least:10"),
        (Condition(question="q", test=Comparison.ANY_OF, options=("a", "b")), "q:any_of:a+b"),
        (Condition(question="q", test=Comparison.ANSWERED), "q:answered:"),
    ],
)
def test_a_condition_keeps_its_meaning_through_the_form(condition: Condition, code: str) -> None:
    assert editor.code_of([condition]) == code
    form = QueryDict(mutable=True)
    form.update({"order": "x", "k.x.kind": "text", "k.x.show_if": code})
    assert editor.read(form).questions[0].show_if == (condition,)


def test_two_conditions_of_one_question_survive_the_form() -> None:
    form = QueryDict(mutable=True)
    form.update({"order": "x", "k.x.kind": "text", "k.x.show_if": "a:at_most:3&b:answered:"})
    assert [each.question for each in editor.read(form).questions[0].show_if] == ["a", "b"]


@pytest.mark.parametrize("code", ["q", "q:sometimes:1"])
def test_a_tampered_condition_is_refused(code: str) -> None:
    form = QueryDict(mutable=True)
    form.update({"order": "x", "k.x.kind": "text", "k.x.show_if": code})
    with pytest.raises(DefinitionUnreadableError):
        editor.read(form)


def test_branches_are_indented_by_what_they_hang_on() -> None:
    rows = editor.rows(DEFINITION, "en")
    assert [row.depth for row in rows] == [0, 1, 2]
    assert rows[0].branches == []
    assert [group for group, _ in rows[1].branches] == ["Score"]
    assert ("score:at_most:6", "if question 1 is at most 6") in rows[1].branches[0][1]


def test_a_condition_that_the_editor_does_not_offer_stays_chosen() -> None:
    last = editor.rows(DEFINITION, "en")[2]
    assert last.show_if == "pick:any_of:a+b"
    assert last.branches[-1][1] == [("pick:any_of:a+b", "if question 2 is “A, B”")]


@pytest.mark.parametrize(("field", "value"), [("display", "sideways"), ("k.x.kind", "smileys")])
def test_a_form_with_words_that_are_none_of_ours_is_refused(field: str, value: str) -> None:
    form = QueryDict(mutable=True)
    form.update({"order": "x", "k.x.kind": "text"})
    form[field] = value
    with pytest.raises(DefinitionUnreadableError):
        editor.read(form)
