"""Recognises numbers that belong to a person: phones, cards, identity cards, passports, plates. Pure.

Patterns run over a text whose digits are plain (see `plain`), character for character as long as the
original, so that positions hold. No word boundaries: beside a Chinese character there is none.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

# What people put between the digits of one number; keycaps and zero-width characters too.
_GAP = r"[ \t\u00a0\u2009\u200b-\u200d\u2060\ufeff\ufe0f\u20e3.\-_·~*/()]{0,3}"
_NO_DIGITS = re.compile("[^0-9]+")
_NO_DIGIT_BEFORE, _NO_DIGIT_AFTER = r"(?<![0-9])", r"(?![0-9])"
_NOT_MONEY_AFTER = r"(?!\.[0-9])(?! ?(?:元|块|rmb|inr|rs\b|dollars?))"
_NUMERALS = str.maketrans(
    "零〇一幺二两三四五六七八九壹贰叁肆伍陆柒捌玖", "00112234567891234567 89".replace(" ", "")
)
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: 0x20,
    0x2013: 0x2D,
    0x2014: 0x2D,
}
_CIRCLED = {0x2460 + number: ord("1") + number for number in range(9)} | {0x24EA: ord("0")}
# A list: a mapping would have to say of every other letter that it lacks it.
_PLAIN = [(_FULL_WIDTH | _CIRCLED).get(code, code) for code in range(0x10000)]


def plain(text: str) -> str:
    """*text* with full-width and circled characters as ASCII; as long as before."""
    return text if text.isascii() else text.translate(_PLAIN)


def spoken(text: str) -> str:
    """*text* with Chinese numerals as digits; as long as before."""
    return text if text.isascii() else text.translate(_NUMERALS)


def count(text: str) -> int:
    """How many ASCII digits *text* has."""
    return len(_NO_DIGITS.sub("", text))


def digits(text: str) -> str:
    """The ASCII digits of *text*."""
    return "".join(letter for letter in text if "0" <= letter <= "9")


@dataclass(frozen=True, slots=True)
class Rule:
    """Where *pattern* matches and *holds* agrees, the group ``it`` is personal data of *kind*.

    Cheap to ask first: a text has at least so many *digits* and, in lower case, one of *words*, if there are
    any, and what *sign* matches, if any. A rule that asks for few digits has words or a sign.
    """

    kind: str
    pattern: re.Pattern[str]
    holds: Callable[[str], bool]
    digits: int = 0
    sign: str = ""
    words: tuple[str, ...] = ()


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.ASCII)


def _numbers(*counts: str) -> str:
    """A run of digits with gaps allowed before each but the first."""
    return "".join(rf"(?:{_GAP}{each})" for each in counts)


def _always(_: str) -> bool:
    return True


def luhn(text: str) -> bool:
    """Whether the digits of *text* end in the check digit of ISO/IEC 7812-1."""
    found = [int(each) for each in digits(text)]
    doubled = [sum(divmod(2 * each, 10)) for each in found[-2::-2]]
    return 13 <= len(found) <= 19 and (sum(found[::-2]) + sum(doubled)) % 10 == 0 and len(set(found)) > 1


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_PROVINCES = frozenset(
    str(number)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
    for number in range(first, last + 1)
)


def identity_card(text: str) -> bool:
    """Whether *text* is a Chinese identity number: 18 characters by GB 11643, or 15 of before 1999."""
    found = "".join(each for each in text.upper() if each in "0123456789X")
    if len(found) == 15:
        return found[:2] in _PROVINCES and _is_date("19" + found[6:12])
    if len(found) != 18 or found[:2] not in _PROVINCES or not _is_date(found[6:14]):
        return False
    total = sum(int(each) * weight for each, weight in zip(found[:17], _WEIGHTS, strict=True))
    return found[17] == _CHECKS[total % 11]


def _is_date(text: str) -> bool:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])).year >= 1880
    except ValueError:
        return False


_VERHOEFF_PRODUCTS = (
    "0123456789",
    "1234067895",
    "2340178956",
    "3401289567",
    "4012395678",
    "5987604321",
    "6598710432",
    "7659821043",
    "8765932104",
    "9876543210",
)
_VERHOEFF_TURNS = (
    "0123456789",
    "1576283094",
    "5803796142",
    "8916043527",
    "9453126870",
    "4286573901",
    "2793806415",
    "7046913258",
)


def aadhaar(text: str) -> bool:
    """Whether *text* is an Indian Aadhaar number, by its Verhoeff check digit."""
    check = 0
    for place, each in enumerate(reversed(digits(text))):
        check = int(_VERHOEFF_PRODUCTS[check][int(_VERHOEFF_TURNS[place % 8][int(each)])])
    return check == 0


def iban(text: str) -> bool:
    """Whether *text* is an account number by ISO 13616."""
    found = "".join(each for each in text.upper() if each.isascii() and each.isalnum())
    if not 15 <= len(found) <= 34:
        return False
    return int("".join(str(int(each, 36)) for each in found[4:] + found[:4])) % 97 == 1


# What begins a name for an order.
ORDER_WORDS = (
    *("订单", "单号", "流水", "交易号", "编号", "票号", "运单", "快递", "工单", "参考号"),
    *("order", "txn", "transaction", "utr", "ref", "ticket", "invoice", "awb", "case", "complaint", "rrn"),
)
_ORDER_CUE = f"(?:{'|'.join(ORDER_WORDS)})(?:erence)?"
# A number that its owner calls an order is no phone and no card, whatever it looks like.
ORDER = _compiled(
    _ORDER_CUE + r"[^\S\n]{0,2}(?:号码?|编号|no\.?|num(?:ber)?|id|#)?[^\S\n]{0,2}(?:是|为|is|was)?"
    r"[^\S\n]{0,2}[:#=]?[^\S\n]{0,2}(?P<it>[A-Z0-9][A-Z0-9\-]{4,40})"
)


def _alone(inner: str, *, after: str = "") -> re.Pattern[str]:
    """*inner* with no digit before or after it."""
    return _compiled(rf"{_NO_DIGIT_BEFORE}(?P<it>{inner}){_NO_DIGIT_AFTER}{after}")


def _word(inner: str) -> re.Pattern[str]:
    """*inner* with no Latin letter or digit before or after it."""
    return _compiled(rf"(?<![A-Z0-9])(?P<it>{inner})(?![A-Z0-9])")


def _after(cue: str, inner: str, *, after: str = "") -> re.Pattern[str]:
    """*inner* a few words after *cue*."""
    return _compiled(rf"{cue}[^0-9\n]{{0,12}}?(?P<it>{inner}){_NO_DIGIT_AFTER}{after}")


_CARD_CUE = r"(?:卡号|账号|帐号|银行卡|card(?: no\.?| number)?|account(?: no\.?| number)?|a/c(?: no\.?)?)"
_PHONE_CUE = (
    r"(?:电话|手机|号码|联系方式|致电|拨打|打我|whats ?app|call(?: me)?(?: on| at)?|phone|mobile|cell|tel"
    r"|contact|ring me|text me|reach me)"
)
_PROVINCE_SIGNS = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE = rf"[{_PROVINCE_SIGNS}][A-Z][·. ]?"
_EMAIL = r"[A-Z0-9][A-Z0-9._%+\-]{0,63} ?(?:@|\(at\)|\[at\]) ?[A-Z0-9\-]{1,63}(?:\.[A-Z0-9\-]{1,63}){0,4}"
_MOBILE = rf"1{_GAP}[3-9]" + _numbers(*["[0-9]"] * 9)
_CARD = "[3-6]" + _numbers(*["[0-9]"] * 12) + rf"(?:{_GAP}[0-9]){{0,6}}"
_IDENTITY = "[1-9]" + _numbers(*["[0-9]"] * 16) + rf"{_GAP}[0-9X]"
# 400 and 800 numbers, and short ones, are a company's.
_LANDLINE = r"\(?0(?:10|2[0-9]|[3-9][0-9]{2})\)?[ \-]?[2-9][0-9]{2,3}[ \-]?[0-9]{4}"
_AMERICAN = r"(?:1[ .\-])?(?:\([2-9][0-9]{2}\) ?|(?![48]00)[2-9][0-9]{2}[ .\-])[2-9][0-9]{2}[ .\-][0-9]{4}"
_ANY = rf"(?![48]00[ \-]?[0-9]{{3}}[ \-]?[0-9]{{4}}{_NO_DIGIT_AFTER})[0-9](?:[ \-]?[0-9]){{6,11}}"

RULES: tuple[Rule, ...] = (
    Rule("email", _compiled(rf"(?P<it>{_EMAIL}\.[A-Z]{{2,24}})"), _always, words=("@", "(at)", "[at]")),
    Rule("id_card", _compiled(
        rf"{_NO_DIGIT_BEFORE}(?P<it>{_IDENTITY})(?![0-9A-Z])"
    ), identity_card, digits=17),
    Rule("id_card", _after("(?:身份证|证件)", "[1-9][0-9]{13,16}[0-9X]"), _always, digits=14),
    Rule("id_card", _alone("[1-9][0-9]{14}"), identity_card, digits=15),
    Rule("id_card", _alone(r"[2-9][0-9]{3}[ \-][0-9]{4}[ \-][0-9]{4}"), aadhaar, digits=12),
    Rule("id_card", _word(
        "[A-Z]{3}[ABCFGHLJPT][A-Z][0-9]{4}[A-Z]"
    ), str.isupper, digits=4, sign="[a-z][0-9]{4}[a-z]"),
    Rule("bank_card", _word(
        "[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?"
    ), iban, digits=2, sign="[a-z]{2}[0-9]{2}"),
    Rule("bank_card", _alone(_CARD), luhn, digits=13),
    Rule("bank_card", _after(_CARD_CUE, r"[0-9](?:[ \-]?[0-9]){11,18}"), _always, digits=12),
    Rule("phone", _compiled(
        rf"(?<![0-9A-Z])(?P<it>(?:\+|00){_GAP}[1-9](?:{_GAP}[0-9]){{6,14}}){_NO_DIGIT_AFTER}"
    ), _always, digits=7),
    Rule("phone", _alone(
        rf"(?:(?:\+|00)?{_GAP}86{_GAP})?{_MOBILE}", after=_NOT_MONEY_AFTER
    ), _always, digits=11),
    Rule("phone", _alone(_LANDLINE, after=_NOT_MONEY_AFTER), _always, digits=10),
    Rule("phone", _alone("0[127][0-9]{2,4}[ ]?[0-9]{3}[ ]?[0-9]{3,4}"), _always, digits=10),
    Rule("phone", _alone(_AMERICAN), _always, digits=10),
    Rule("phone", _alone(r"[6-9][0-9]{4}[ \-][0-9]{5}"), _always, digits=10),
    Rule("phone", _after(_PHONE_CUE, _ANY, after=_NOT_MONEY_AFTER), _always, digits=7),
    Rule("passport", _word("(?:[EGDSPH][0-9]{8}|E[A-HJ-NP-Z][0-9]{7})"), str.isupper, digits=7),
    Rule("passport", _compiled(
        r"(?:护照|passport)(?:号码?| no\.?| number)?[^A-Z0-9\n]{0,6}(?:is )?(?P<it>[A-Z]{1,2}[0-9]{6,8})"
        r"(?![A-Z0-9])"
    ), _always, digits=6, words=("护照", "passport")),
    Rule("plate", _compiled(
        rf"(?P<it>{_PLATE}(?=[A-Z0-9]*[0-9])[A-HJ-NP-Z0-9]{{5,6}})(?![A-Z0-9])"
    ), _always, digits=1, sign=f"[{_PROVINCE_SIGNS}][a-z]"),
)  # fmt: skip

# As people spell a number out: 一三八零零一三八零零零 is one, 三千八百 is none.
SPOKEN = Rule("phone", _alone(_MOBILE.replace(" ", " 、，,")), _always, digits=11)
# How such a one begins: quick to look for.
SPOKEN_BEGIN = re.compile(rf"[1一幺壹]{_GAP.replace(' ', ' 、，,')}[3-9三四五六七八九叁肆伍陆柒捌玖]")
