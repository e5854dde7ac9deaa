"""Recognises postal addresses. Pure."""

import re
from collections.abc import Callable

from huifang.textanalysis.clues import Rule, always, either

# What a Chinese place is called by, and what stands before one without belonging to it.
_PLACE = (
    "省|自治区|特别行政区|市|州|盟|区|县|旗|镇|乡|街道|街|路|道|巷|弄|胡同|村|里|小区|花园|大厦|公寓|广场"
    "|新城|园"
)
_PART = "[^\\W\\d_a-zA-Z我你他她在是的到住寄请把给从了说有和与，。]"
_COUNTED = (
    r"\s?[0-9A-Za-z]{1,5}(?:-[0-9A-Za-z]{1,5}){0,3}\s?"
    r"(?:号院|号楼|号|弄|巷|栋|幢|座|单元|层|楼|室|户|f\b|F\b)"
)
_CHINESE = (
    rf"(?>(?:(?>{_PART}{{1,8}}?(?:{_PLACE}))){{1,7}})(?:[一二三四五六七八九]段)?"
    rf"(?:{_COUNTED})(?:(?:{_PART}{{0,8}})?(?:{_COUNTED}|\s?[0-9A-Za-z]{{1,4}}-[0-9]{{2,5}}(?![0-9])"
    rf"|[0-9]{{3,4}}(?![0-9]))){{0,5}}"
)
_CUE = (
    r"(?:住址|家住|我家?住在?|地址|寄到|寄往|寄给?|邮寄|送到|收货|家在|搬到|配送)(?:是|为|到|往"
    r"|改[成为])?[: ]{0,2}"
)
_ROADS = (
    "Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Way|Nagar|Marg|Close|Square"
    "|Crescent|Terrace"
    "|Place|Gardens|Grove|Layout|Colony|Enclave|Phase|Main|Cross|Jalan|Jln|Lorong|Highway|Parkway"
)
# Where letters go: the codes of Britain, America, India and Singapore.
_CODE = (
    r"(?:[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}|[A-Z]{2} [0-9]{5}(?:-[0-9]{4})?"
    r"|[1-9][0-9]{2} ?[0-9]{3})(?![0-9A-Za-z])"
)
_FLAT = (
    r"(?:(?:Flat|Apt|Apartment|Unit|House|Plot|Block|Blk|H\.? ?No\.?"
    r"|Door No\.?)[ #.:]{0,3}[0-9A-Za-z/\-]{1,8},? )?"
)
_ROAD = (
    rf"{_FLAT}[0-9]{{1,5}}[A-Za-z]? (?>(?:[A-Z][a-z]+ ){{1,3}}?(?:{_ROADS})\b)\.?"
    r"(?:,? (?:Apt|Apartment|Flat|Unit|Suite|Floor|#)[ .#]{0,2}[0-9A-Za-z\-]{1,6})?"
)
_TOWN = rf"(?:,? [A-Z][A-Za-z.]+){{1,5}}?,?[ \-]{{1,3}}{_CODE}"
_EN_CUE = (
    r"(?i:\b(?:address(?: is)?|live at|living at|lives at|reside at|residing at|stay at|staying at|moved to"
    r"|deliver(?:ed)?"
    r"(?: it| this)?(?: to| at)|ship(?:ped)?(?: it| this)? to|h\.? ?no\.?|house no\.?|door no\.?|flat no\.?"
    r"|plot no\.?))[ :]{1,3}"
)


_EN_WORDS = (
    "address|live at|living at|lives at|resid|stay|moved to|deliver|ship|h no|h.no|h. no|house no|door no"
    "|flat no|plot no"
)


def _is_address(found: str) -> bool:
    """Whether *found* has a number and at least one more part."""
    return any(each.isdigit() for each in found) and ("," in found or " " in found.strip())


def _rule(
    pattern: str, words: str = "", *, sign: str = "", digits: int = 1, holds: Callable[[str], bool] = always
) -> Rule:
    """A rule that holds where one of *words* (with bars between) is in the text."""
    told = either(words) if words else ()
    return Rule("address", re.compile(pattern), holds, digits, sign, told)


RULES: tuple[Rule, ...] = (
    _rule(rf"(?P<it>{_CHINESE})", "号|弄|栋|幢|座|单元|室"),
    _rule(rf"{_CUE}(?P<it>{_CHINESE})", "住|地址|寄|送到|收货|家在|搬到"),
    _rule(
        r"(?:住在|地址(?:是|为)?:?|家住|寄到)\s?(?P<it>[\u4e00-\u9fff0-9A-Za-z\-]{4,40}?(?:[0-9]\s?(?:室|号"
        r"|栋|幢|单元|楼)|小区|村|公寓))",
        "住在|地址|家住|寄到",
        sign="[0-9]|小区|村|公寓",
        digits=0,
    ),
    _rule(rf"\b(?P<it>{_ROAD}(?:{_TOWN})?)", sign="[0-9][A-Za-z]? [A-Z]"),
    _rule(
        rf"{_EN_CUE}(?P<it>(?:[A-Z#]|[0-9]{{1,5}}[A-Za-z]?(?=[ ,/\-]))[^\n.!?;]{{4,100}}?{_CODE})",
        _EN_WORDS,
    ),
    _rule(
        rf"{_EN_CUE}(?P<it>#?[0-9A-Z][0-9A-Za-z/\-]{{0,8}},?"
        r"(?: [A-Z0-9#][0-9A-Za-z#/\-]{0,16},?){1,10})(?![A-Za-z])",
        _EN_WORDS,
        holds=_is_address,
    ),
)
