"""What branches allow: circles, and questions that no customer can ever reach. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from huifang.questionnaires.kinds.registry import kind_of
from huifang.questionnaires.kinds.scale import Scale
from huifang.questionnaires.records import (
    AnswerValue,
    Comparison,
    Condition,
    Definition,
    Question,
    QuestionKind,
)
from huifang.questionnaires.rules import meets

_ONE_CHOICE = {QuestionKind.SINGLE, QuestionKind.CONTACT}


def circle(definition: Definition) -> list[int]:
    """The numbers of questions whose conditions turn in a circle, the first again at the end; else none."""
    place = {question.key: number for number, question in enumerate(definition.questions, start=1)}
    hangs_on = {
        question.key: [each.question for each in question.show_if if each.question in place]
        for question in definition.questions
    }
    done: set[str] = set()
    for key in hangs_on:
        if found := _turn(key, hangs_on, [], done):
            return [place[each] for each in found]
    return []


def _turn(key: str, hangs_on: Mapping[str, Sequence[str]], trail: list[str], done: set[str]) -> list[str]:
    if key in trail:
        return [*trail[trail.index(key) :], key]
    if key in done:
        return []
    for other in hangs_on[key]:
        if found := _turn(other, hangs_on, [*trail, key], done):
            return found
    done.add(key)
    return []


def unreachable(definition: Definition) -> list[Question]:
    """Questions that no answers lead to, because what must hold before them cannot hold at once."""
    asked = {question.key: question for question in definition.questions}
    needs: dict[str, set[Condition]] = {}
    lost = []
    for question in definition.questions:
        # All that must hold: its own conditions, and those of every question that it hangs on.
        needed = set(question.show_if)
        for condition in question.show_if:
            needed |= needs.get(condition.question, set())
        needs[question.key] = needed
        by_key: dict[str, list[Condition]] = {}
        for condition in needed:
            by_key.setdefault(condition.question, []).append(condition)
        if any(key in asked and not _can_all_hold(asked[key], each) for key, each in by_key.items()):
            lost.append(question)
    return lost


def _can_all_hold(question: Question, conditions: Iterable[Condition]) -> bool:
    wanted = list(conditions)
    kind = kind_of(question)
    if isinstance(kind, Scale):
        return any(_holds(wanted, AnswerValue(number=number)) for number in kind.numbers())
    if question.kind in _ONE_CHOICE:
        keys = [option.key for option in question.options] or ["yes", "no"]
        return any(_holds(wanted, AnswerValue(choices=(key,))) for key in keys)
    if question.kind is QuestionKind.NUMBER:
        least = _numbers(wanted, Comparison.AT_LEAST)
        most = _numbers(wanted, Comparison.AT_MOST)
        return not least or not most or max(least) <= min(most)
    shut = {key for each in wanted if each.test is Comparison.NONE_OF for key in each.options}
    return all(set(each.options) - shut for each in wanted if each.test is Comparison.ANY_OF)


def _numbers(conditions: Iterable[Condition], test: Comparison) -> list[int]:
    return [each.number for each in conditions if each.test is test and each.number is not None]


def _holds(conditions: Iterable[Condition], value: AnswerValue) -> bool:
    return all(meets(each, {each.question: value}) for each in conditions)
