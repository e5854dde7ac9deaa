"""Replaces personal data in a text by what it was: before storage, any model and any call outside. Pure.

Leans towards masking too much: a masked product code costs a topic nothing, a phone number in the clear
costs trust.
"""

import re
from collections.abc import Iterator

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

_ByDigits = tuple[tuple[Rule, ...], ...]


def _by_digits(rules: tuple[Rule, ...]) -> _ByDigits:
    """For each count of digits, those of *rules* that such a text is long enough for."""
    return tuple(tuple(rule for rule in rules if rule.digits <= count) for count in range(_DIGITS_MOST + 1))


_NUMBERS, _PERSONS = _by_digits(numbers.RULES), _by_digits(persons.RULES)
_SPOKEN = _by_digits((numbers.SPOKEN,))


def mask(text: str, language: str = "") -> Masked:
    """*text* with its personal data masked, in Chinese words where *language* or the text is Chinese."""
    spans = find(text)
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
    taken = bytearray(len(plain))
    count = numbers.count(plain)
    if count >= _ORDER_DIGITS and _may_order(plain.lower()):
        _spare_orders(plain, taken)
    spans = list(_search(plain, _NUMBERS, taken, count))
    said = numbers.spoken(plain)
    if said != plain:
        spans += _search(said, _SPOKEN, taken, numbers.count(said))
    spans += _search(plain, _PERSONS, taken, count)
    return spans


def _spare_orders(plain: str, taken: bytearray) -> None:
    """What is called an order keeps its digits, unless they are an identity card or a mobile phone."""
    for match in numbers.ORDER.finditer(plain):
        found = match.group("it")
        if not (numbers.identity_card(found) or _is_mobile(found)):
            taken[match.start("it") : match.end("it")] = b"\1" * (match.end("it") - match.start("it"))


def _may_order(lowered: str) -> bool:
    return any(sign in lowered for sign in numbers.ORDER_SIGNS)


def _is_mobile(text: str) -> bool:
    return re.fullmatch(r"1[3-9][0-9]{9}", text) is not None


def _search(text: str, rules: _ByDigits, taken: bytearray, count: int) -> Iterator[Span]:
    lowered = text.lower()
    letters = frozenset(lowered)
    for rule in rules[min(count, _DIGITS_MOST)]:
        if not rule.can_be_in(lowered, letters):
            continue
        for match in rule.pattern.finditer(text):
            start, end = match.span("it")
            if not any(taken[start:end]) and rule.holds(match.group("it")):
                taken[start:end] = b"\1" * (end - start)
                yield Span(kind=rule.kind, start=start, end=end)
