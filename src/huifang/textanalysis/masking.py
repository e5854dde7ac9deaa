"""Replaces personal data in a text by what it was: before storage, any model and any call outside. Pure.

Leans towards masking too much: a masked product code costs a topic nothing, a phone number in the clear
costs trust.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from huifang.textanalysis import numbers, persons
from huifang.textanalysis.numbers import Rule
from huifang.textanalysis.records import Masked, Span

_TOKENS = {
    "phone": ("[电话]", "[phone]"),
    "id_card": ("[证件号]", "[id number]"),
    "bank_card": ("[卡号]", "[card number]"),
    "email": ("[邮箱]", "[email]"),
    "passport": ("[护照]", "[passport]"),
    "plate": ("[车牌]", "[plate]"),
    "name": ("[姓名]", "[name]"),
    "address": ("[地址]", "[address]"),
    "account": ("[账号]", "[account]"),
    "secret": ("[密码]", "[secret]"),
}
_HAN = re.compile(r"[\u4e00-\u9fff]")
_MASK = re.compile("|".join(re.escape(word) for words in _TOKENS.values() for word in words))
_BLANK, _PASSES_MAX = "\n", 8
_DIGITS_MOST = 19  # no rule asks for more
_ORDER_DIGITS = 4  # fewer and nothing that a rule takes for a number can be inside

_RULES = (*numbers.RULES, *persons.RULES)
_WORDS = sorted({*numbers.ORDER_WORDS, *(word for rule in _RULES for word in rule.words)})
_SEARCH = AhoCorasick(_WORDS)
_Signed = tuple[tuple[Rule, re.Pattern[str] | None], ...]


@dataclass(frozen=True, slots=True)
class _Rules:
    """The rules for which a text has digits enough, in the order in which they win, each with its sign.

    Where none of *words* is in the text and it matches none of *signs*, those hold only that have neither.
    """

    numbers: _Signed
    persons: _Signed
    has_bare: bool
    words: frozenset[str]
    signs: tuple[re.Pattern[str], ...]


def _for_digits(count: int) -> _Rules:
    signed = [
        tuple((rule, re.compile(rule.sign) if rule.sign else None) for rule in rules if rule.digits <= count)
        for rules in (numbers.RULES, persons.RULES)
    ]
    every = [rule for many in signed for rule, _ in many]
    return _Rules(
        numbers=signed[0],
        persons=signed[1],
        has_bare=any(not (rule.words or rule.sign) for rule in every),
        words=frozenset(word for rule in every for word in rule.words),
        # One after the other: together they are several times slower.
        signs=tuple(sign for many in signed for rule, sign in many if sign and not rule.words),
    )


_BY_DIGITS = tuple(_for_digits(count) for count in range(_DIGITS_MOST + 1))


def mask(text: str, language: str = "") -> Masked:
    """*text* with its personal data masked, in Chinese words where *language* or the text is Chinese."""
    spans = find(text)
    if not spans:
        return Masked(text=text, spans=())
    is_chinese = language.startswith("zh") or (not language and _HAN.search(text) is not None)
    pieces, at = [], 0
    for span in spans:
        pieces += [text[at : span.start], _TOKENS[span.kind][0 if is_chinese else 1]]
        at = span.end
    return Masked(text="".join([*pieces, text[at:]]), spans=spans)


def find(text: str) -> tuple[Span, ...]:
    """The personal data of *text*, in order and never overlapping. An earlier rule wins over a later one."""
    # A mask that already stands there is no cue ("[phone]") and no part of anything: nothing crosses a line.
    plain = _MASK.sub(_blanked, numbers.plain(text)) if "[" in text else numbers.plain(text)
    spans = found = _pass(plain)
    for _ in range(_PASSES_MAX):
        if not found:
            break
        for span in found:
            plain = f"{plain[: span.start]}{_BLANK * (span.end - span.start)}{plain[span.end :]}"
        found = _pass(plain)
        spans += found
    return tuple(sorted(spans, key=lambda span: span.start))


def _blanked(match: re.Match[str]) -> str:
    return _BLANK * len(match.group())


def _pass(plain: str) -> list[Span]:
    count, lowered = numbers.count(plain), plain.lower()
    rules = _BY_DIGITS[min(count, _DIGITS_MOST)]
    may_be_spoken = numbers.SPOKEN_BEGIN.search(plain) is not None
    words = _words_in(lowered)
    may_hold = rules.has_bare or may_be_spoken or not rules.words.isdisjoint(words)
    if not (may_hold or any(sign.search(lowered) for sign in rules.signs)):
        return []
    taken = bytearray(len(plain))
    if count >= _ORDER_DIGITS and not words.isdisjoint(numbers.ORDER_WORDS):
        _spare_orders(plain, taken)
    spans = list(_search(plain, lowered, words, rules.numbers, taken))
    said = numbers.spoken(plain) if may_be_spoken else plain
    if numbers.count(said) >= numbers.SPOKEN.digits and said != plain:
        spans += _search(said, lowered, words, ((numbers.SPOKEN, None),), taken)
    spans += _search(plain, lowered, words, rules.persons, taken)
    names = [plain[each.start : each.end] for each in spans if each.kind == "name"]
    return [*spans, *_again(plain, names, taken)] if names else spans


def _words_in(lowered: str) -> set[str]:
    """The words of rules that are in *lowered*."""
    try:
        return {_WORDS[word] for word, _, _ in _SEARCH.find_matches_as_indexes(lowered, overlapping=True)}
    except UnicodeEncodeError:  # half characters
        return _words_in(lowered.encode("utf-8", "replace").decode("utf-8"))


def _again(plain: str, names: Sequence[str], taken: bytearray) -> Iterator[Span]:
    """Where *names* stand without a cue, once a cue has told that they are names."""
    pattern = persons.again(names)
    for match in pattern.finditer(plain) if pattern else ():
        yield from _taken(match.span(), "name", taken)


def _spare_orders(plain: str, taken: bytearray) -> None:
    """What is called an order keeps its digits, unless they are an identity card or a mobile phone."""
    for match in numbers.ORDER.finditer(plain):
        found = match.group("it")
        if not (numbers.identity_card(found) or _is_mobile(found)):
            taken[match.start("it") : match.end("it")] = b"\1" * (match.end("it") - match.start("it"))


def _is_mobile(text: str) -> bool:
    return re.fullmatch(r"1[3-9][0-9]{9}", text) is not None


def _search(text: str, lowered: str, words: set[str], rules: _Signed, taken: bytearray) -> Iterator[Span]:
    for rule, sign in rules:
        if rule.words and words.isdisjoint(rule.words):
            continue
        if sign is not None and sign.search(lowered) is None:
            continue
        for match in rule.pattern.finditer(text):
            if rule.holds(match.group("it")):
                yield from _taken(match.span("it"), rule.kind, taken)


def _taken(span: tuple[int, int], kind: str, taken: bytearray) -> Iterator[Span]:
    """Take what stands there, unless any of it is taken."""
    start, end = span
    if not any(taken[start:end]):
        taken[start:end] = b"\1" * (end - start)
        yield Span(kind=kind, start=start, end=end)
