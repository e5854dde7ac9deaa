"""Replaces personal data in a text by what it was: before storage, any model and any call outside. Pure.

Leans towards masking too much: a masked product code costs a topic nothing, a phone number in the clear
costs trust.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from ahocorasick_rs import AhoCorasick

from huifang.textanalysis import accounts, documents, names, numbers, places
from huifang.textanalysis.check_digits import identity_card
from huifang.textanalysis.clues import Rule
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

# In the order in which they win. Numbers are looked for before words are.
_NUMBERS = (*accounts.HANDLES, *documents.RULES, *numbers.RULES)
_RULES = (*_NUMBERS, *names.RULES, *places.RULES, *accounts.RULES)
_SIGNS = tuple(re.compile(rule.sign) if rule.sign else None for rule in _RULES)
_DIGITS = tuple(rule.digits for rule in _RULES)
_WORDS = sorted({*numbers.ORDER_WORDS, *(word for rule in _RULES for word in rule.words)})
_SEARCH = AhoCorasick(_WORDS)
_ORDERS = frozenset(map(_WORDS.index, numbers.ORDER_WORDS))


def _rules_of_words() -> tuple[tuple[int, ...], ...]:
    """For each of the words, the rules (their places) that may hold where it is."""
    rules: dict[str, list[int]] = {word: [] for word in _WORDS}
    for place, rule in enumerate(_RULES):
        for word in rule.words:
            rules[word].append(place)
    return tuple(tuple(rules[word]) for word in _WORDS)


_OF_WORDS = _rules_of_words()
# By how many digits a text has: the rules that need no word.
_WORDLESS = tuple(
    tuple(place for place, rule in enumerate(_RULES) if not rule.words and rule.digits <= count)
    for count in range(_DIGITS_MOST + 1)
)


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
    count = numbers.count(plain)
    may_be_spoken = numbers.SPOKEN_BEGIN.search(plain) is not None
    words = _words_in(f"{plain.lower()} ")  # a word ends where the text does
    likely = _likely(plain, words, count)
    if not (likely or may_be_spoken):
        return []
    taken = bytearray(len(plain))
    if count >= _ORDER_DIGITS and not _ORDERS.isdisjoint(words):
        _spare_orders(plain, taken)
    spans = _search(plain, [_RULES[place] for place in likely if place < len(_NUMBERS)], taken)
    said = numbers.spoken(plain) if may_be_spoken else plain
    if numbers.count(said) >= numbers.SPOKEN.digits and said != plain:
        spans += _search(said, [numbers.SPOKEN], taken)
    spans += _search(plain, [_RULES[place] for place in likely if place >= len(_NUMBERS)], taken)
    called = [plain[each.start : each.end] for each in spans if each.kind == "name"]
    return [*spans, *_again(plain, called, taken)] if called else spans


def _words_in(lowered: str) -> set[int]:
    """The words of rules (their places) that are in *lowered*."""
    try:
        return {word for word, _, _ in _SEARCH.find_matches_as_indexes(lowered, overlapping=True)}
    except UnicodeEncodeError:  # half characters
        return _words_in(lowered.encode("utf-8", "replace").decode("utf-8"))


def _likely(plain: str, words: set[int], count: int) -> list[int]:
    """The rules (their places) that may hold in *plain*, which has these *words* and *count* digits."""
    places: Iterable[int] = _WORDLESS[min(count, _DIGITS_MOST)]
    told = {place for word in words for place in _OF_WORDS[word] if _DIGITS[place] <= count}
    if told:
        places = sorted(told.union(places))
    return [place for place in places if (sign := _SIGNS[place]) is None or sign.search(plain)]


def _again(plain: str, called: Sequence[str], taken: bytearray) -> Iterator[Span]:
    """Where those *called* so stand without a cue, once a cue has told that they are names."""
    pattern = names.again(called)
    for match in pattern.finditer(plain) if pattern else ():
        yield from _taken(match.span(), "name", taken)


def _spare_orders(plain: str, taken: bytearray) -> None:
    """What is called an order keeps its digits, unless they are an identity card or a mobile phone."""
    for match in numbers.ORDER.finditer(plain):
        found = match.group("it")
        if not (identity_card(found) or _is_mobile(found)):
            taken[match.start("it") : match.end("it")] = b"\1" * (match.end("it") - match.start("it"))


def _is_mobile(text: str) -> bool:
    return re.fullmatch(r"1[3-9][0-9]{9}", text) is not None


def _search(text: str, rules: Sequence[Rule], taken: bytearray) -> list[Span]:
    spans: list[Span] = []
    for rule in rules:
        for match in rule.pattern.finditer(text):
            found, start = match.group("it"), match.start("it")
            if rule.holds(found) and (length := rule.part(found)):
                spans += _taken((start, start + length), rule.kind, taken)
    return spans


def _taken(span: tuple[int, int], kind: str, taken: bytearray) -> Iterator[Span]:
    """Take what stands there, unless any of it is taken."""
    start, end = span
    if not any(taken[start:end]):
        taken[start:end] = b"\1" * (end - start)
        yield Span(kind=kind, start=start, end=end)
