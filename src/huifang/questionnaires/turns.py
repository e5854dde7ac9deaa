"""Renders a questionnaire as turns: one prompt a question, and what may be said or pressed in return. Pure.

An SMS, a chat and a keypad show the same turns: a person writes "5分" or 五, a keypad sends digits, ended by
``#`` where ten and one begin alike. Texts come from `asking.ask`, in the language that the caller chose.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from huifang.questionnaires import asking
from huifang.questionnaires.asking import Asked, Position
from huifang.questionnaires.kinds.base import Given
from huifang.questionnaires.kinds.contact import NO, YES
from huifang.questionnaires.records import Question, QuestionKind

K = QuestionKind
_NUMBERED = frozenset({K.CSAT, K.NPS, K.CES, K.STARS})
_LISTED = frozenset({K.SINGLE, K.MULTIPLE, K.CONTACT})
_TYPED = frozenset({K.NUMBER, K.DATE, K.TEXT})

_NUMERALS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7}
_NUMERALS |= {"八": 8, "九": 9, "十": 10}
_ENGLISH = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
# A number at the start with what people put around it: "5分", "打5", "(5)", "5/5", "No. 5", "5 stars". What
# counts money, time or things is no score.
_COUNTED = "分钟|元|块|个|次|天|年|月|日|点|小时|毛|万|千|百|折|笔|%|yuan|rmb|days?|times?|minutes?|hours?"
_UNITS = rf"(?!\s*(?:{_COUNTED}))"
_BEFORE = r"(?:我?[打给选评]|no\.?|number|option|score|回复)?\s*[(\[【「\"'#]?\s*"
_AFTER = r"\s*(?:分|星|颗星|号|points?|stars?|/\s*(?P<out_of>\d{1,2}))?\s*[)\]】」\"']?"
_OVER = r"(?=\s*(?:$|[.,;:!?~、。]))"
_DIGITS = re.compile(
    rf"{_BEFORE}(?P<number>\d{{1,2}})(?!\d|:|[.,]\d|\s*\d|(?:st|nd|rd|th|k|am|pm)\b){_UNITS}{_AFTER}"
)
# Spelt out, a number alone: "十分不满意" is no ten, "one of the best" no one.
_NUMERAL = re.compile(rf"{_BEFORE}(?P<number>[零〇一二两三四五六七八九十])\s*(?:分|星|颗星|号)?(?!\w)")
_WORD = re.compile(rf"(?P<number>{'|'.join(_ENGLISH)})\b(?:\s+(?:stars?|points?)\b)?{_OVER}")
_ENDS = " \t\r\n.,;:!?~-、，。；：！？…—"
_STOPS = tuple(".,;:!?~、，。；：！？…\n")
_LABEL_CHARACTERS_MIN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One thing to answer with: *press* is the number of it, *label* its words, *value* what is kept."""

    press: str
    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One question said in a line, and what answers it.

    Without *keys* any words do, unless the turn *needs_page*. *ends_with_hash*: a keypad cannot tell where a
    number ends. *takes_many*: several keys, apart by spaces or commas.
    """

    question: str
    prompt: str
    keys: tuple[Key, ...] = ()
    low: str = ""
    high: str = ""
    is_required: bool = False
    ends_with_hash: bool = False
    takes_many: bool = False
    needs_page: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A reply that answers a turn: what was *given*, and the *rest* of the words beside it."""

    given: Given
    rest: str = ""


def turns(position: Position) -> Iterator[Turn]:
    """The open questions in order, each as a turn; those behind a branch come when an answer opens it."""
    for question in position.open_questions():
        yield turn(question, position)


def turn(question: Question, position: Position) -> Turn:
    """*question* as a turn, in the language of *position*."""
    asked = asking.ask(question, position)
    keys = tuple(_keys(question, asked, position))
    return Turn(
        question=question.key,
        prompt=" ".join(text for text in (asked.title, asked.hint) if text),
        keys=keys,
        low=asked.low_label,
        high=asked.high_label,
        is_required=question.is_required,
        ends_with_hash=any(len(key.press) > 1 for key in keys) or question.kind is K.NUMBER,
        takes_many=question.kind is K.MULTIPLE,
        needs_page=question.kind not in _NUMBERED | _LISTED | _TYPED,
    )


def _keys(question: Question, asked: Asked, position: Position) -> Iterator[Key]:
    """Scales are answered by their own numbers, lowest first; lists by their place, from one."""
    if question.kind in _NUMBERED:
        for choice in sorted(asked.choices, key=lambda each: int(each.value)):
            yield Key(press=choice.value, label=choice.label, value=choice.value)
    elif question.kind in _LISTED:
        labels = {choice.value: choice.label for choice in (*asked.choices, *filter(None, [asked.other]))}
        order = [option.key for option in question.options] or [YES, NO]
        for place, value in enumerate(order, start=1):
            yield Key(press=str(place), label=labels.get(value, value), value=value)


def as_text(said: Turn, *, separator: str = "\n") -> str:
    """The turn as a person reads it in a chat: the prompt, then each key with its label, or the ends."""
    if any(key.label for key in said.keys):
        lines = [f"{key.press} {key.label}".strip() for key in said.keys]
    elif said.keys:
        first, last = said.keys[0], said.keys[-1]
        lines = [f"{first.press} {said.low}".strip(), f"{last.press} {said.high}".strip()]
    else:
        lines = []
    return separator.join([said.prompt, *lines])


def by_keypad(said: Turn, digits: str) -> Given | None:
    """The answer that *digits* on a keypad are, without their ``#``; None where they are none."""
    pressed = digits.removesuffix("#")
    found = next((key for key in said.keys if key.press == pressed), None)
    return Given(values=[found.value]) if found else None


def read(said: Turn, reply: str, *, labels: tuple[Turn, ...] = ()) -> Read | None:
    """The answer in *reply* to a turn with keys; None where it holds none, or more than one.

    *labels* are the same turn in other languages: people answer in their own. A whole label goes before
    a number, and a number must stand first: "5 good" is five with words, "I paid 5" is words alone.
    """
    text = unicodedata.normalize("NFKC", reply).strip(_ENDS)
    if not said.keys or not text:
        return None
    if said.takes_many and (many := _many(said, text)):
        return many
    return _by_label((said, *labels), text) or _by_number(said, text)


def _by_label(every: tuple[Turn, ...], text: str) -> Read | None:
    plain = text.casefold()
    found: list[tuple[int, str]] = []
    for each in every:
        for key in each.keys:
            label = unicodedata.normalize("NFKC", key.label).strip(_ENDS).casefold()
            if label and plain == label:
                return Read(given=Given(values=[key.value]))
            is_first = len(label) >= _LABEL_CHARACTERS_MIN and plain.startswith(label)
            if is_first:
                found.append((len(label), key.value))
    if not found:
        return None
    length, value = max(found)
    if not plain[length:].lstrip(" ").startswith(_STOPS):
        return None
    return Read(given=Given(values=[value]), rest=text[length:].strip(_ENDS))


def _by_number(said: Turn, text: str) -> Read | None:
    plain = text.casefold()
    for pattern in (_DIGITS, _NUMERAL, _WORD):
        if found := pattern.match(plain):
            return _with_number(said, _value(found["number"]), found, text)
    return None


def _with_number(said: Turn, number: int, found: "re.Match[str]", text: str) -> Read | None:
    key = next((key for key in said.keys if key.press == str(number)), None)
    out_of = found.groupdict().get("out_of")
    if key is None or (out_of and out_of != said.keys[-1].press):
        return None
    rest = text[found.end() :].strip(_ENDS)
    # "5 or 6", "5-6": two numbers are no answer.
    if re.match(r"(?:or|to|and|或|到|和|至)?\s*\d", rest.casefold()):
        return None
    return Read(given=Given(values=[key.value]), rest=rest)


def _value(word: str) -> int:
    if word in _NUMERALS:
        return _NUMERALS[word]
    return _ENGLISH.index(word) if word in _ENGLISH else int(word)


def _many(said: Turn, text: str) -> Read | None:
    pressed = [each for each in re.split(r"[\s,;、和&+]+", text) if each]
    values = [key.value for each in pressed for key in said.keys if key.press == each]
    return Read(given=Given(values=values)) if values and len(values) == len(pressed) else None
