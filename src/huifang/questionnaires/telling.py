"""Says an answer in words: for Feedback, exports, and texts that take up an earlier answer. Pure."""

import re
from collections.abc import Iterator, Mapping

from django.utils.translation import gettext

from huifang.kernel.texts import pick
from huifang.questionnaires.kinds.contact import LABELS
from huifang.questionnaires.records import AnswerValue, Definition, Question, QuestionKind

# [[key]] or [[key|what stands there where nothing is known]]
_PIPE = re.compile(r"\[\[([a-z][a-z0-9_]{0,39})(?:\|([^\[\]]{0,100}))?\]\]")
PIPED_CHARACTERS_MAX = 120


def label_of(question: Question, key: str, language: str, fallback: str = "") -> str:
    """The label of one chosen *key*; of a matrix "row: column". The key itself where the label is gone."""
    if question.kind is QuestionKind.MATRIX:
        row, _, column = key.partition(":")
        rows = {each.key: each.label for each in question.rows}
        columns = {each.key: each.label for each in question.options}
        named = [
            pick(rows.get(row, {}), language, fallback),
            pick(columns.get(column, {}), language, fallback),
        ]
        return ": ".join(named) if all(named) else key
    if question.kind is QuestionKind.CONTACT:
        return gettext(LABELS[key]) if key in LABELS else key
    labels = {option.key: option.label for option in question.options}
    return pick(labels.get(key, {}), language, fallback) or key


def in_words(question: Question, value: AnswerValue, language: str, fallback: str = "") -> str:
    """*value* in one line: labels, a number with its unit, a day, the words; "" for a file alone."""
    if value.choices:
        named = [label_of(question, key, language, fallback) for key in value.choices]
        joined = ("、" if language == "zh-Hans" else ", ").join(named)
        return f"{joined}: {value.text}" if value.text else joined
    if value.number is not None:
        said = pick(question.labels.get(str(value.number), {}), language, fallback)
        return said or str(value.number)
    if value.amount is not None:
        return f"{plain_amount(value)} {pick(question.unit, language, fallback)}".strip()
    return value.day.isoformat() if value.day else value.text


def plain_amount(value: AnswerValue) -> str:
    """The amount without zeros that nobody wrote."""
    if value.amount is None:
        return ""
    text = f"{value.amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def pipes(text: str) -> Iterator[tuple[str, str]]:
    """Each (key, fallback) that *text* takes up."""
    for found in _PIPE.finditer(text):
        yield found[1], found[2] or ""


def fill(text: str, known: Mapping[str, str]) -> str:
    """*text* with what is *known* in place of its keys; plain text, which the template escapes."""
    if "[[" not in text:
        return text
    return _PIPE.sub(lambda found: (known.get(found[1]) or found[2] or "")[:PIPED_CHARACTERS_MAX], text)


def known(
    definition: Definition, answers: Mapping[str, AnswerValue], context: Mapping[str, str], language: str
) -> dict[str, str]:
    """What texts may take up: hidden fields, and answers in words, which go before a field of their name."""
    fields = {field.key: context.get(field.key, "") for field in definition.hidden}
    said = {
        question.key: in_words(question, answers[question.key], language, definition.fallback_language)
        for question in definition.questions
        if question.key in answers
    }
    return fields | {key: " ".join(words.split()) for key, words in said.items()}
