"""Recognises names, addresses, accounts and secrets by the words around them. Pure."""

import re
from collections.abc import Sequence

from huifang.textanalysis.numbers import Rule

# The surnames of nine people in ten, and those of two characters.
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田"
    "任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚"
)
_DOUBLE = "欧阳|上官|司马|诸葛|司徒|皇甫|尉迟|公孙|慕容|令狐|端木|东方"
_NAME = rf"(?:(?:{_DOUBLE})[\u4e00-\u9fff]{{1,2}}|[{_SURNAMES}][\u4e00-\u9fff]{{1,2}})"
_CHINESE = re.compile("[\u4e00-\u9fff]")
# A given name does not end in these: they begin the next word.
_NEXT = "(?<![你我他她它是的在说要想请和与了啊吗呢吧用来去到有没不就都也还电手号，。])"
_NOT_NAME = (
    r"(?!何时|何地|何必|高兴|方便|方法|万一|万分|常常|任何|易|金额|石油|白天|马上|江湖|龙虎|程序"
    r"|许多|于是|段时间)"
)
_ZH_CUE = (
    r"(?:我叫|我的?名字(?:是|叫)|本人(?:姓名)?(?:是|叫|名)?|姓名|户名|收款人|持卡人|联系人|机主|真名(?:是|叫)?"
    r"|客户名|开户名)(?:是|叫|为)?[：:\s]{0,3}"
)
_TITLE = "(?=先生|女士|小姐|太太)"
_ENGLISH = r"(?:[A-Z]['’])?[A-Z][a-z'’\-]{1,20}"
_NOT_ENGLISH = (
    r"(?!(?:The|This|That|Not|Very|Just|Still|Also|From|Your|Our|And|But|With|Using|Happy|Sorry|Sir|Madam)\b)"
)
_EN_CUE = (
    r"(?:[Mm]y (?:full )?name(?: is|'s|:)|[Nn]ame ?[:=]|[Aa]ccount holder(?: is|:)?|[Bb]eneficiary(?: is|:)?"
    r"|I am called)\s{1,2}"
)
_FLAT = r"(?:(?:Flat|Apt|Apartment|Unit|House|Plot|H\.?No\.?)[ #.:]{0,3}[\w/-]{1,8},? )?"
_ROADS = "Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Way|Nagar|Marg|Close|Square"
_ACCOUNT = r"微信号?|wechat(?: id)?|weixin|vx|QQ号?|支付宝账号|telegram|line id|upi(?: id)?"
_CODE_CUE = r"验证码|校验码|动态码|支付密码|登录密码|密码|otp|pin(?: code)?|password|passcode|cvv2?"


def again(names: Sequence[str]) -> re.Pattern[str] | None:
    """Where any of *names*, known by a cue, stands again: whole and, of a Latin name, each of its words.

    A lone Chinese surname is no name. A Latin word is one as it was written, or with a capital or capitals.
    """
    chinese = {name for name in names if _CHINESE.match(name) and len(name) > 1}
    words = {word for name in names if not _CHINESE.match(name) for word in name.split()}
    # Whoever is called Al is not every al.
    latin = {form for word in words if len(word) > 2 for form in (word, word.title(), word.upper())}
    forms = [re.escape(each) for each in sorted(chinese, key=len, reverse=True)]
    if latin:
        forms.append(rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, sorted(latin)))})(?![A-Za-z0-9])")
    return re.compile("|".join(forms)) if forms else None


def _any(_: str) -> bool:
    return True


def _is_account(found: str) -> bool:
    return any(each.isdigit() or each == "@" for each in found)


def _rule(kind: str, pattern: str, words: str = "", *, digits: int = 0, sign: str = "") -> Rule:
    """A rule that holds where one of *words* (with bars between) is in the text; see `Rule`."""
    holds = _is_account if kind == "account" else _any
    told = tuple(words.split("|")) if words else ()
    return Rule(kind, re.compile(pattern), holds, digits, sign, told)


_ZH_WORDS = "叫|名|本人|收款人|持卡人|联系人|机主"
_TITLE_WORDS = "先生|女士|小姐|太太"

RULES: tuple[Rule, ...] = (
    _rule("name", rf"{_ZH_CUE}{_NOT_NAME}(?P<it>{_NAME}{_NEXT})", _ZH_WORDS),
    _rule("name", rf"{_ZH_CUE}{_NOT_NAME}(?P<it>[{_SURNAMES}][\u4e00-\u9fff])", _ZH_WORDS),
    _rule("name", rf"(?<![\u4e00-\u9fff])(?P<it>(?:{_DOUBLE}|[{_SURNAMES}])){_TITLE}", _TITLE_WORDS),
    _rule(
        "name",
        rf"(?<=[我叫是姓找让给，。、；！\s])(?P<it>(?:{_DOUBLE}|[{_SURNAMES}])){_TITLE}",
        _TITLE_WORDS,
    ),
    _rule(
        "name",
        rf"{_EN_CUE}{_NOT_ENGLISH}(?P<it>{_ENGLISH}(?: {_NOT_ENGLISH}{_ENGLISH}){{0,2}})",
        "name|holder|beneficiary|called",
    ),
    _rule(
        "name",
        r"\b(?:[Mm]y name is|[Nn]ame ?:)\s(?P<it>[a-z]{3,15} [a-z]{3,15})(?=\s*(?:[.,;!\n]|and\b|$))",
        "name",
    ),
    _rule(
        "name",
        rf"\b(?:Mr|Mrs|Ms|Miss|Dr|Shri|Smt)\.? (?P<it>{_ENGLISH}(?: {_ENGLISH}){{0,2}})",
        "mr|ms|miss|dr|shri|smt",
        sign=r"\b(?:mr|mrs|ms|miss|dr|shri|smt)\b",
    ),
    _rule(
        "name",
        rf"\b[Tt]his is {_NOT_ENGLISH}(?P<it>{_ENGLISH}(?: {_ENGLISH}){{1,2}})"
        r"(?=,? (?:here|speaking|from)\b)",
        "this is",
    ),
    _rule(
        "address",
        r"(?:我?家?住在?|地址是?[：:]?|在)?(?P<it>(?:[\u4e00-\u9fff]{2,8}(?:省|自治区))?(?:[\u4e00-\u9fff]{2,8}[市州盟])?"
        r"(?:[\u4e00-\u9fff]{1,8}[区县旗镇乡])?[\u4e00-\u9fff]{1,10}(?:路|街|道|巷|弄|胡同|大道)"
        r"\s?[0-9]{1,5}\s?[号弄](?:院|楼)?"
        r"(?:[\u4e00-\u9fff]{0,8}\s?[0-9]{1,4}\s?(?:栋|幢|座|号楼|楼|单元|层|室|户|号)){0,4})",
        "号|弄",
        digits=1,
    ),
    _rule(
        "address",
        r"(?:住在|地址(?:是|为)?[：:]?|家住|寄到)\s?"
        r"(?P<it>[\u4e00-\u9fff0-9A-Za-z\-]{4,40}?(?:[0-9]\s?(?:室|号|栋|单元|楼)|小区|村|公寓))",
        "住|地址|寄到",
    ),
    _rule(
        "address",
        rf"\b(?P<it>{_FLAT}[0-9]{{1,5}}[A-Za-z]? (?:[A-Z][a-z]+ ){{1,3}}(?:{_ROADS})\b\.?)",
        sign="[0-9][a-z]? [a-z]",
        digits=1,
    ),
    _rule(
        "account",
        rf"(?ia)(?:{_ACCOUNT})[是为:： ]{{0,3}}(?P<it>[A-Za-z0-9][\w.@\-]{{4,40}})",
        "微信|wechat|weixin|vx|qq|支付宝账号|telegram|line|upi",
    ),
    _rule(
        "account",
        r"(?<![\w.])(?P<it>[A-Za-z0-9.\-_]{2,40}@(?:ok(?:axis|sbi|hdfcbank|icici)|paytm|ybl|upi|ibl|axl))"
        r"(?![\w.])",
        "@",
    ),
    _rule(
        "secret",
        rf"(?i)(?:{_CODE_CUE})(?:是|为|了| is| was)?[:： ]{{0,3}}"
        r"(?P<it>(?=[A-Za-z!@#$%]{0,20}[0-9])[A-Za-z0-9!@#$%]{3,24})",
        "码|otp|pin|pass|cvv",
        digits=1,
    ),
)
