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
_DIGITS_OF_KIND = re.compile(r"[0-9]")


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
    plain = numbers.plain(text)
    taken = bytearray(len(text))
    for match in numbers.ORDER.finditer(plain):
        # What is called an order keeps its digits, unless they are an identity card or a mobile phone.
        found = match.group("it")
        if not (numbers.identity_card(found) or _is_mobile(found)):
            taken[match.start("it") : match.end("it")] = b"\1" * (match.end("it") - match.start("it"))
    spans = list(_search(plain, numbers.RULES, taken))
    said = numbers.spoken(plain)
    if said != plain:
        spans += [
            span for span in _search(said, (numbers.SPOKEN,), taken) if said[span.start : span.end] != plain
        ]
    spans += _search(plain, persons.RULES, taken)
    return tuple(sorted(spans, key=lambda span: span.start))


def _is_mobile(text: str) -> bool:
    return re.fullmatch(r"1[3-9][0-9]{9}", text) is not None


def _search(text: str, rules: tuple[Rule, ...], taken: bytearray) -> Iterator[Span]:
    for rule in rules:
        for match in rule.pattern.finditer(text):
            start, end = match.span("it")
            if not any(taken[start:end]) and rule.holds(match.group("it")):
                taken[start:end] = b"\1" * (end - start)
                yield Span(kind=rule.kind, start=start, end=end)
