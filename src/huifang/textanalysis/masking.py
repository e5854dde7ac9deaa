"""Replaces personal data in a text by what it was: before storage, any model and any call outside. Pure.

Leans towards masking too much: a masked product code costs a topic nothing, a phone number in the clear
costs trust.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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

_Signed = tuple[tuple[Rule, re.Pattern[str] | None], ...]


@dataclass(frozen=True, slots=True)
class _Rules:
    """The rules for which a text has digits enough, in the order in which they win, each with its sign.

    Where *any_sign* is not in the text, only those without a sign can hold.
    """

    numbers: _Signed
    persons: _Signed
    has_bare: bool
    any_sign: re.Pattern[str]


def _for_digits(count: int) -> _Rules:
    signed = [
        tuple((rule, re.compile(rule.sign) if rule.sign else None) for rule in rules if rule.digits <= count)
        for rules in (numbers.RULES, persons.RULES)
    ]
    every = [pair for many in signed for pair in many]
    # A word boundary in front would make the search for all signs several times slower.
    signs = "|".join(rule.sign.removeprefix(r"\b") for rule, sign in every if sign)
    has_bare = any(sign is None for _, sign in every)
    return _Rules(signed[0], signed[1], has_bare, re.compile(signs))


_BY_DIGITS = tuple(_for_digits(count) for count in range(_DIGITS_MOST + 1))


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
    count, lowered = numbers.count(plain), plain.lower()
    rules = _BY_DIGITS[min(count, _DIGITS_MOST)]
    may_be_spoken = numbers.SPOKEN_BEGIN.search(plain) is not None
    if not (rules.has_bare or may_be_spoken or rules.any_sign.search(lowered)):
        return []
    taken = bytearray(len(plain))
    if count >= _ORDER_DIGITS and numbers.ORDER_SIGN.search(plain):
        _spare_orders(plain, taken)
    spans = list(_search(plain, lowered, rules.numbers, taken))
    said = numbers.spoken(plain) if may_be_spoken else plain
    if numbers.count(said) >= numbers.SPOKEN.digits and said != plain:
        spans += _search(said, lowered, ((numbers.SPOKEN, None),), taken)
    spans += _search(plain, lowered, rules.persons, taken)
    names = [plain[each.start : each.end] for each in spans if each.kind == "name"]
    return [*spans, *_again(plain, names, taken)] if names else spans


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


def _search(text: str, lowered: str, rules: _Signed, taken: bytearray) -> Iterator[Span]:
    for rule, sign in rules:
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
