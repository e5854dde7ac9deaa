"""Recognises phones and cards, and knows in how many ways a digit is written. Pure.

Patterns run over a text whose digits are plain (see `plain`), character for character as long as the
original, so that positions hold. No word boundaries: beside a Chinese character there is none.
"""

import re
from collections.abc import Callable

from huifang.textanalysis import scripts
from huifang.textanalysis.check_digits import iban, luhn
from huifang.textanalysis.clues import Rule, alone, always, compiled, cued, either, word

# What people put between the digits of one number; keycaps and zero-width characters too.
GAP = r"[ \t\u00a0\u2009\u200b-\u200d\u2060\ufeff\ufe0f\u20e3.\-_·~*/()]{0,3}"
_NO_DIGITS = re.compile("[^0-9]+")
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
_HAN_FIRST, _HAN_LAST = 0x4E00, 0x9FFF
# Cues and names are written in simplified characters.
_SIMPLE = dict(
    enumerate(map(ord, scripts.simple("".join(map(chr, range(_HAN_FIRST, _HAN_LAST + 1))))), start=_HAN_FIRST)
)
_CHANGED = _FULL_WIDTH | _CIRCLED | _SIMPLE
# A list: a mapping would have to say of every other letter that it lacks it.
_PLAIN = [_CHANGED.get(code, code) for code in range(0x10000)]


def plain(text: str) -> str:
    """*text* with full-width and circled characters as ASCII and simple Chinese ones; as long as before."""
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


def _numbers(*counts: str) -> str:
    """A run of digits with gaps allowed before each but the first."""
    return "".join(rf"(?:{GAP}{each})" for each in counts)


# What begins a name for an order.
ORDER_WORDS = (
    *("订单", "单号", "流水", "交易号", "编号", "票号", "运单", "快递", "工单", "参考号"),
    *("order", "txn", "transaction", "utr", "ref", "ticket", "invoice", "awb", "case", "complaint", "rrn"),
)
_ORDER_CUE = f"(?:{'|'.join(ORDER_WORDS)})(?:erence)?"
# A number that its owner calls an order is no phone and no card, whatever it looks like.
ORDER = compiled(
    _ORDER_CUE + r"[^\S\n]{0,2}(?:号码?|编号|no\.?|num(?:ber)?|id|#)?[^\S\n]{0,2}(?:是|为|is|was)?"
    r"[^\S\n]{0,2}[:#=]?[^\S\n]{0,2}(?P<it>[A-Z0-9][A-Z0-9\-]{4,40})"
)

_CARD_CUE = r"(?:卡号|账号|银行卡|card(?: no\.?| number)?|account(?: no\.?| number)?|a/c(?: no\.?)?)"
_ACCOUNT_CUE = r"(?:银行账[号户]|a/c|(?:account|acct?)(?: no\.?| num(?:ber)?| ?#))"
_PHONE_CUE = (
    r"(?:电话|手机|号码|号[是为:]|联系方式|致电|拨打|打我|回电|回拨|whats ?app|viber|zalo|call(?: me)?(?: on"
    r"| at)?"
    r"|phone|mobile|mob|cell|tel|contact|ring|text|dial|reach me|(?:my|mera) (?:[a-z]{2,10} )?(?:no|num"
    r"|number)\b)"
)
_NUMBER_AFTER = (
    r"(?= ?(?:是我的?(?:手机|电话|号)|这个(?:手机|电话|号)|(?:is )?(?:my|the|ye|yeh)? ?(?:[a-z]{2,10} )?"
    r"(?:mobile|phone|cell|whats ?app|contact)? ?(?:number|mobile|phone|no\.?)\b))"
)
_MOBILE = rf"1{GAP}[3-9]" + _numbers(*["[0-9]"] * 9)
_CARD = "[3-6]" + _numbers(*["[0-9]"] * 12) + rf"(?:{GAP}[0-9]){{0,6}}"
# Numbers that begin so, and 400 and 800 numbers, and short ones, are a company's.
_COMPANYS = r"(?!0(?:800|808|84[345]|87[012]|300|303|33[03]|34[45])[ \-]?[0-9]{3}[ \-]?[0-9]{3,4}(?![0-9]))"
_EXTENSION = r"(?:[ ,]{0,2}(?:转|分机|ext(?:ension|n)?\.?|x)[ :]?[0-9]{2,6}(?![0-9]))?"
_LANDLINE = (
    rf"{_COMPANYS}\(?0(?:10|2[0-9]|[3-9][0-9]{{2}})\)?[ \-]?[2-9][0-9]{{2,3}}[ \-]?[0-9]{{4}}{_EXTENSION}"
)
# Elsewhere in the world: a leading 0, then groups of digits; or ten or eleven digits in one.
_TRUNK = rf"{_COMPANYS}\(?0[1-9][0-9]{{0,3}}\)?[ .\-]{{1,2}}[0-9]{{3,4}}[ .\-]?[0-9]{{3,5}}"
_AMERICAN = r"(?:1[ .\-])?(?:\([2-9][0-9]{2}\) ?|(?![48]00)[2-9][0-9]{2}[ .\-])[2-9][0-9]{2}[ .\-][0-9]{4}"
_ANY = rf"(?![48]00[ \-]?[0-9]{{3}}[ \-]?[0-9]{{4}}(?![0-9])){_COMPANYS}[0-9](?:[ \-]?[0-9]){{6,11}}"
_SPELT = "zero|oh|one|two|three|four|five|six|seven|eight|nine"
_THEN = r"[,. ]{0,2}(?:中间|然后|接着|后面|最后|尾号|后[0-9一二三四五六七八]位)的?是?[: ]{0,2}"


def _has(least: int, most: int) -> Callable[[str], bool]:
    return lambda found: least <= len(digits(found)) <= most


def _is_mobile(found: str) -> bool:
    return re.fullmatch("1[3-9][0-9]{9}", digits(found)) is not None


RULES: tuple[Rule, ...] = (
    Rule("bank_card", word(
        "[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?"
    ), iban, digits=2, sign="[0-9](?<=[A-Za-z]{2}.)[0-9]"),
    Rule("bank_card", alone(_CARD), luhn, digits=13),
    Rule("bank_card", cued(_CARD_CUE, r"[0-9](?:[ \-]?[0-9]){11,18}"), always, digits=12),
    Rule("bank_card", cued(
        _ACCOUNT_CUE, r"[0-9](?:[ \-]?[0-9]){5,17}", after=_NOT_MONEY_AFTER
    ), always, digits=6),
    Rule("phone", compiled(
        rf"(?<![0-9A-Z])(?P<it>(?:\+|00){GAP}[1-9](?:{GAP}[0-9]){{6,14}})(?![0-9])"
    ), always, digits=7),
    Rule("phone", alone(
        rf"(?:(?:\+|00)?{GAP}86{GAP})?{_MOBILE}", after=_NOT_MONEY_AFTER
    ), always, digits=11),
    Rule("phone", alone(_LANDLINE, after=_NOT_MONEY_AFTER), always, digits=10),
    Rule("phone", alone("0[127][0-9]{2,4}[ ]?[0-9]{3}[ ]?[0-9]{3,4}"), always, digits=10),
    Rule("phone", alone(rf"{_TRUNK}{_EXTENSION}", after=_NOT_MONEY_AFTER), _has(9, 18), digits=9),
    Rule("phone", alone("0[1-9][0-9]{8,9}", after=_NOT_MONEY_AFTER), always, digits=10),
    Rule("phone", alone(_AMERICAN), always, digits=10),
    Rule("phone", alone(r"[6-9][0-9]{4}[ \-][0-9]{5}"), always, digits=10),
    Rule("phone", cued(_PHONE_CUE, _ANY + _EXTENSION, after=_NOT_MONEY_AFTER), always, digits=7),
    Rule("phone", alone(
        _ANY, after=_NUMBER_AFTER
    ), always, digits=7, words=either("手机|电话|号|number|mobile|phone|no")),
    Rule("phone", alone(
        rf"1[3-9][0-9]{{1,6}}(?:{_THEN}[0-9](?:[ \-]?[0-9]){{1,7}}){{1,3}}"
    ), _is_mobile, digits=11, words=either("中间|然后|接着|后|尾号")),
    Rule("phone", compiled(
        rf"(?<![A-Z])(?P<it>(?:(?:{_SPELT}|double|triple)[ ,\-]{{1,3}}){{6,14}}(?:{_SPELT}))(?![A-Z])"
    ), always, words=either("zero|double|seven|eight|nine")),
)  # fmt: skip

# As people spell a number out: 一三八零零一三八零零零 is one, 三千八百 is none.
SPOKEN = Rule("phone", alone(_MOBILE.replace(" ", " 、，,")), always, digits=11)
# How such a one begins: quick to look for.
SPOKEN_BEGIN = re.compile(rf"[1一幺壹]{GAP.replace(' ', ' 、，,')}[3-9三四五六七八九叁肆伍陆柒捌玖]")
