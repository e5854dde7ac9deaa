"""Puts questions and options into the order of one response: the same seed, the same order. Pure."""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import TypeVar

import msgspec

from huifang.questionnaires.records import Definition, Option, Question

_Item = TypeVar("_Item", bound=Question | Option)


def is_shuffled(definition: Definition) -> bool:
    """Whether responses differ in their order at all."""
    return bool(definition.shuffled) or any(each.is_shuffled for each in definition.questions)


def arrange(definition: Definition, seed: str) -> Definition:
    """*definition* as the response of *seed* sees it; itself where nothing is shuffled.

    Shuffled questions change places among themselves only; "other" and "none of these" stay at the end.
    """
    if not seed or not is_shuffled(definition):
        return definition
    questions = [_with_options(question, seed) for question in definition.questions]
    places = [at for at, question in enumerate(questions) if question.key in definition.shuffled]
    moved = _shuffled([questions[at] for at in places], f"{seed}:questions")
    for at, question in zip(places, moved, strict=True):
        questions[at] = question
    return msgspec.structs.replace(definition, questions=tuple(questions))


def _with_options(question: Question, seed: str) -> Question:
    if not question.is_shuffled:
        return question
    salt = f"{seed}:{question.key}"
    if question.rows:
        return msgspec.structs.replace(question, rows=tuple(_shuffled(question.rows, salt)))
    free = [option for option in question.options if not (option.is_other or option.is_exclusive)]
    last = [option for option in question.options if option.is_other or option.is_exclusive]
    return msgspec.structs.replace(question, options=(*_shuffled(free, salt), *last))


def _shuffled(items: Sequence[_Item], salt: str) -> list[_Item]:
    return sorted(items, key=_rank(salt))


def _rank(salt: str) -> Callable[[_Item], bytes]:
    return lambda item: blake2b(f"{len(salt)}:{salt}:{item.key}".encode(), digest_size=8).digest()


def option_order(question: Question) -> list[str]:
    """What is kept with the answer to a shuffled question: its options, or rows, as they were shown."""
    return [each.key for each in (question.rows or question.options)] if question.is_shuffled else []
