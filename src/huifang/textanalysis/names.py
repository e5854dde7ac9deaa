"""Recognises people's names by the words around them, in Chinese characters and in Latin letters. Pure.

A strong cue ("my name is", 户名) is enough for whatever is written like a name. After a weak one ("sent to",
找) it must also be made of what names are made of: a given name that is known or two words that are no
others, a surname and characters of given names.
"""

import re
from collections.abc import Callable, Iterable, Sequence

from huifang.textanalysis import phrases
from huifang.textanalysis.clues import Rule, always, either

_DATA = {key: tuple(" ".join(lines).split()) for key, lines in phrases.data("names").items()}
_GIVEN, _NEVER, _COMPANIES = (frozenset(_DATA[key]) for key in ("given", "never", "companies"))
_SURNAMES, _DOUBLE = "".join(_DATA["surnames"]), "|".join(_DATA["double_surnames"])
_CHARACTERS = "".join(_DATA["given_characters"])
_NOT_CHINESE = f"(?!{'|'.join(_DATA['not_after_cue'])})"
_OTHER_WORDS = frozenset(_DATA["not_after_weak_cue"])
_HAN = "[\u4e00-\u9fff]"
_CHINESE = re.compile(_HAN)
_ALL_SURNAMES = (*_SURNAMES, *_DATA["double_surnames"])
_SURNAME = f"(?:{_DOUBLE}|[{_SURNAMES}])"
_NAME = rf"(?:(?:{_DOUBLE}){_HAN}{{1,2}}|[{_SURNAMES}]{_HAN}{{1,2}})"
# A given name does not end in these: they begin the next word.
_NEXT = "(?<![你我他她它是的在说要想请和与了啊吗呢吧用来去到有没不就都也还电手号，。])"
_FOLLOWING = f"(?=[的说是在了让把给跟和与也就都他她先同您你]|(?!{_HAN}))"
_WHO = "收货|取件|收款|付款|持卡|联系|开户|投诉|申请|经办|收件|寄件|受益|转账|汇款|登记|担保|退款|签名|署名"
_ZH_CUE = (
    r"(?:我叫|我的?名字(?:是|叫)|本人(?:姓名)?(?:是|叫|名)?|姓名|户名|机主|户主|法人(?:代表)?|真名|客户名"
    r"|开户名"
    rf"|实名(?:信息|认证)?的?(?:是|叫|人)|(?:{_WHO})[人方](?:姓名|名字|名称)?)(?:是|叫|为)?[:：\s]{{0,3}}"
)
_ZH_WORDS = (
    *("我叫", "名字", "本人", "姓名", "户名", "机主", "户主", "法人", "真名", "客户名", "实名"),
    *(f"{who}{kind}" for who in _WHO.split("|") for kind in "人方"),
)
# The last two characters of a weak cue, or its only one.
_SERVICE = "客服|专员|坐席|店员|员工|柜员|业务员"
_WEAK = (
    "我是|这是|就是|给了|到了|联系|联络|老公|老婆|丈夫|妻子|爸爸|妈妈|父亲|母亲|儿子|女儿|朋友|同事|老板|对方"
    "|弟弟|哥哥|姐姐|妹妹|房东|亲戚|客户|客服|专员|坐席|店员|此致|自称|名叫|经理|主任|老师"
)
_WEAK_ONE = "是叫给找问和跟与向被替帮由欠爸妈哥姐弟妹叔姑舅姨伯嫂婶侄甥"
# What people do, behind a name of two characters.
_DOING = "推打告拿介发收借用转付买来要问答办接寄填签"
# Surnames that are as often another word.
_ALSO_WORDS = "于常何冷方夏高白康景成温史曾易严段万安时盛项曲卓蓝庄"
_WEAK_LAST = sorted({*_WEAK_ONE, *(cue[-1] for cue in _WEAK.split("|"))})
_BEFORE_TITLE = "我叫是姓找让给跟和与向问由们的服位替帮，。、；！"
_TITLES = "先生|女士|小姐|太太|经理|老师|主任|师傅|医生|阿姨|叔叔|大哥|大姐|总"
_TITLE = (
    "(?=先生|女士|小姐|太太|经理(?!权限|级)|老师|主任|师傅(?<!康师傅)|医生|阿姨|叔叔|大哥|大姐"
    "|总(?![是共额计数部算之有在裁价]))"
)
_PET = "[小老阿]"
_PET_MORE = "[序度客菜屏库路层龙]"

_PARTICLE = "bin|binti|binte|de|dela|del|dos|van|von|al|el|s/o|d/o"
_WORD = r"(?:[A-Z]['’])?[A-Z][A-Za-z'’\-]{1,20}"
_LATIN = rf"(?:[A-Z]\.? ?){{0,3}}{_WORD}(?: (?:{_PARTICLE}|[A-Z]\.|[A-Z](?= )|{_WORD})){{0,3}}"
_KIN = (
    "husband|wife|son|daughter|brother|sister|mother|father|mom|mum|dad|fiance|fiancee|partner|nephew|niece"
)
_EN_CUE = (
    rf"\b(?i:(?:my|his|her) (?:full |real |legal |own )?name(?: is|'s|:)|name ?[:=]|beneficiary|payee"
    rf"|recipient"
    r"|name on (?:the |my )?(?:card|account|id)|(?:account|card) ?holder(?:'s)?|in the name of"
    r"|under the name(?: of)?|am called"
    rf"|mera na+m|naam|myself|my (?:elder |younger |late )?(?:{_KIN}))(?i: name)?(?: is\b)?[ ,:]{{1,3}}"
)
_EN_WORDS = (
    *either("name|beneficiary|payee|recipient|holder|am called|naam|naaam|myself"),
    *(f"{whose} {kin}" for kin in _KIN.split("|") for whose in ("my", "elder", "younger", "late")),
)
# Known given names as they stand in a text. Short ones begin other words.
_KNOWN = frozenset(
    f" {given}{end}"
    for given in _GIVEN
    for end in (("",) if len(given) > 4 else (" ", ",", ".", "'", "’", "\n"))
)
_TWO_CAPITALS = r"[A-Z][a-z]+ (?:[A-Z]\. ?)?[A-Z][a-z.]"
# A word with a capital that does not begin the text.
_CAPITAL = "[A-Z](?<=[ ,:.\\n!?(-].)[A-Za-z'’. ]"
_MONEY = (
    r"[Tt]ransfer(?:red|ring)?|[Ss]en[td]|[Ss]ending|[Pp]aid|[Pp]ay|[Gg]ave|[Ll]ent|[Gg]iven|[Mm]oney"
    r"|[Aa]mount|[Pp]ayment|[Dd]eposited|[Cc]redit(?:ed)?"
)
_EN_WEAK = (
    rf"\b(?:[Ii] am|[Ii]['’]?m|[Tt]his is|(?:{_MONEY})(?: [\w.,£$₹€]{{1,12}}){{0,5}}? to|[Ss]p(?:oke"
    rf"|eaking) (?:to|with)"
    r"|[Tt]alked (?:to|with)|[Cc]hat(?:ted)? with|friend|colleague|boss|land(?:lord|lady)|tenant|cousin"
    r"|[Uu]ncle|[Aa]unt(?:ie)?"
    r"|neighbou?r)[,:]? (?:my (?:\w{2,10} ){1,2})?"
)
# Behind these, a company is called as often as a person.
_EN_KNOWN = (
    r"\b(?:[Dd]ear|[Aa]gent|[Ee]xecutive|[Rr]ep(?:resentative)?|[Mm]anager|[Aa]dvis[eo]r|[Oo]fficer"
    r"|[Cc]ashier|named|[Cc]all(?:ed)?"
    r"|[Cc]ontact(?:ed)?|[Aa]sk for|[Cc]lerk|[Tt]eller)[,:]? "
)
_EN_WEAK_WORDS = (
    "i am|i'm |i’m |im |this is|transfer|sent|send|paid|pay|gave|lent|given|money|amount|payment|deposited"
    "|credit"
    "|spoke|speaking|talked"
    "|chat|friend|colleague|boss|landl|tenant|cousin|uncle|aunt|neigh"
)
_EN_SMALL = r"\b(?:my name is|name ?:|myself|this is|i am|i['’]?m|regards|mera na+m|naam)[ ,.\n]{1,3}"
_TITLES_EN = "mr|mrs|ms|miss|dr|shri|smt|mdm|encik|puan"
_CLOSING = (
    r"\b(?i:thanks|thank you|thanx|thx|regards|rgds|sincerely|faithfully|truly|cheers|best wishes|yours)"
    r"[ ,.!:\-]{1,4}\s{0,3}"
)


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


def _words(found: str) -> list[str]:
    """The words of *found* until one that no name has."""
    words = []
    for word in found.split(" "):
        if len(bare := word.strip(".").casefold()) > 1 and (bare in _NEVER or not bare.strip("x")):
            break
        words.append(word)
    while words and len(words[-1].strip(".")) < 2:
        words.pop()
    return words


def _length(words: Sequence[str]) -> int:
    return len(re.sub(r"['’]s\Z", "", " ".join(words)))


def _is_company(found: str) -> bool:
    return not _COMPANIES.isdisjoint(found.casefold().replace(".", "").split())


def _after_strong(found: str) -> int:
    """How much of *found* is a name after a strong cue."""
    return 0 if _is_company(found) else _length(_words(found))


def _after_weak(found: str) -> int:
    """How much of *found* is a name after a weak cue: a known given name, or two words that are no others."""
    if _is_company(found):
        return 0
    words = _words(found)
    long = [re.sub(r"['’]s\Z", "", word) for word in words if len(word.strip(".")) > 1]
    is_known = any(word.casefold() in _GIVEN for word in long)
    is_full = len(long) > 1 and not all(word.isupper() for word in long)
    return _length(words) if is_known or is_full else 0


def _known(found: str) -> int:
    """How much of *found* is a name, where companies are called so too: one with a known given name."""
    words = found.casefold().split()
    return _after_weak(found) if words and words[0] in _GIVEN else 0


def _whole(found: str) -> int:
    """How much of *found* is a name by itself: a known given name and one more word that is no other."""
    length = _known(found)
    return length if " " in found[:length] else 0


def _small(found: str) -> int:
    """How much of *found*, in small letters, is a name: a known given name, and one more."""
    words = found.split(" ")
    if words[0] not in _GIVEN:
        return 0
    return len(found) if len(words) > 1 and words[1] in _GIVEN else len(words[0])


def _chinese(found: str) -> int:
    """How much of *found* is a name: nothing where it is another word."""
    return 0 if found in _OTHER_WORDS else len(found)


def _rule(pattern: str, words: Iterable[str], *, sign: str = "", part: Callable[[str], int] = len) -> Rule:
    """A rule that holds where one of *words* (or of a string's, with bars between) is in the text."""
    told = either(words) if isinstance(words, str) else tuple(words)
    return Rule("name", re.compile(pattern), always, sign=sign, words=told, part=part)


RULES: tuple[Rule, ...] = (
    _rule(rf"{_ZH_CUE}{_NOT_CHINESE}(?P<it>{_NAME}{_NEXT})", _ZH_WORDS),
    _rule(rf"{_ZH_CUE}{_NOT_CHINESE}(?P<it>[{_SURNAMES}]{_HAN})", _ZH_WORDS),
    _rule(rf"(?:{_ZH_CUE}|我是|叫)(?P<it>{_HAN}{{1,8}}(?:[·•・]{_HAN}{{1,8}}){{1,4}})", "·|•|・"),
    _rule(rf"{_ZH_CUE}(?P<it>{_WORD}(?:[ /]{_WORD}){{1,3}})", _ZH_WORDS, sign="[A-Z]{2}", part=_after_strong),
    _rule(
        rf"(?P<it>[{_SURNAMES}](?:(?<=(?:{_WEAK}).)|(?<=[{_WEAK_ONE}].))[{_CHARACTERS}]{{1,2}}){_FOLLOWING}",
        {last + surname for last in _WEAK_LAST for surname in _SURNAMES},
        part=_chinese,
    ),
    _rule(
        rf"(?P<it>[{_SURNAMES}](?:(?<=(?:{_WEAK}).)|(?<=[{_WEAK_ONE}].))[{_CHARACTERS}]{{2}})",
        {last + surname for last in _WEAK_LAST for surname in _SURNAMES if surname not in _ALSO_WORDS},
        part=_chinese,
    ),
    _rule(
        rf"(?P<it>[{_SURNAMES}](?<=(?:{_WEAK}).)[{_CHARACTERS}])(?=[{_DOING}])",
        {last + surname for last in _WEAK_LAST for surname in _SURNAMES if surname not in _ALSO_WORDS},
        part=_chinese,
    ),
    # A whole name says itself that it is one.
    _rule(
        rf"(?P<it>[{_SURNAMES}](?<![{_ALSO_WORDS}])[{_CHARACTERS}]{{2}}){_FOLLOWING}",
        (),
        sign=rf"[{_SURNAMES}][{_CHARACTERS}]{{2}}",
        part=_chinese,
    ),
    _rule(
        rf"(?P<it>[{_SURNAMES}](?<!{_HAN}.)[{_CHARACTERS}]{{1,2}})(?=[,: ]{{0,3}}(?:1[3-9][0-9]|电话|手机"
        rf"|身份证))",
        "电话|手机|身份证|13|14|15|16|17|18|19",
        part=_chinese,
    ),
    _rule(
        rf"(?:(?<!{_HAN})|(?<=[{_BEFORE_TITLE}]))(?P<it>[{_SURNAMES}][{_CHARACTERS}]{{1,2}})(?=先生|女士"
        rf"|小姐|太太)",
        "先生|女士|小姐|太太",
        part=_chinese,
    ),
    _rule(
        rf"(?P<it>(?:{_DOUBLE})(?:(?<=(?:{_WEAK})..)|(?<=[{_WEAK_ONE}]..)){_HAN}{{1,2}}){_FOLLOWING}",
        _DOUBLE,
        part=_chinese,
    ),
    _rule(rf"(?<=[我人她他贵]姓)(?P<it>{_SURNAME})(?!名)", "我姓|人姓|她姓|他姓|贵姓"),
    _rule(
        rf"(?:(?<!{_HAN})|(?<=[{_BEFORE_TITLE}]))(?P<it>{_SURNAME}){_TITLE}",
        {surname + title for surname in _ALL_SURNAMES for title in _TITLES.split("|")},
    ),
    _rule(
        rf"(?:{_SERVICE}|[叫找])(?P<it>{_PET}[{_SURNAMES}])(?!{_PET_MORE})",
        _SERVICE + "|叫小|叫老|找小|找老",
        sign=_PET,
    ),
    _rule(rf"{_EN_CUE}(?P<it>{_LATIN})", _EN_WORDS, part=_after_strong),
    _rule(
        r"\b(?:[Mm]y name is|[Nn]ame ?:)\s(?P<it>[a-z]{3,15} [a-z]{3,15})(?=\s*(?:[.,;!\n]|and\b|$))",
        "name",
        part=_after_strong,
    ),
    _rule(rf"{_EN_SMALL}(?P<it>[a-z]{{2,15}}(?: [a-z]{{2,15}})?)\b", _KNOWN, part=_small),
    _rule(
        rf"\b(?i:{_TITLES_EN})\.? (?P<it>{_LATIN})",
        _TITLES_EN,
        sign=rf"(?i)\b(?:{_TITLES_EN})\b",
        part=_after_strong,
    ),
    _rule(
        rf"\b(?i:this is|i am|i['’]?m|it['’]?s) (?P<it>{_LATIN})(?=,? (?:here|speaking|from|calling)\b)",
        " here| speaking| from| calling",
        sign=_CAPITAL,
        part=_after_strong,
    ),
    _rule(
        rf"(?:^|[\n.,!?:] ?|\b(?i:hi|hello|hey),? )(?P<it>{_LATIN}) here\b",
        " here",
        sign="[A-Za-z] here\\b",
        part=_after_weak,
    ),
    _rule(rf"(?:^|[\n.!?] ?)(?P<it>{_LATIN}) (?:from|speaking)\b", " from| speaking", part=_known),
    _rule(
        rf"\b(?:man|woman|guy|lady|person|someone|somebody|boy|girl) (?:named|called) (?P<it>{_LATIN})",
        "named|called",
        part=_after_strong,
    ),
    # A whole name says itself that it is one.
    _rule(rf"(?<![A-Za-z0-9'’])(?P<it>{_LATIN})", _KNOWN, sign=_TWO_CAPITALS, part=_whole),
    _rule(rf"{_EN_KNOWN}(?P<it>{_LATIN})", _KNOWN, sign=_CAPITAL, part=_known),
    _rule(rf"{_EN_WEAK}(?P<it>{_LATIN})", _KNOWN, sign=_CAPITAL, part=_after_weak),
    _rule(rf"{_EN_WEAK}(?P<it>{_LATIN})", _EN_WEAK_WORDS, sign=_TWO_CAPITALS, part=_after_weak),
    _rule(
        rf"{_CLOSING}(?P<it>{_LATIN})(?=\s{{0,3}}[.!]?\s{{0,3}}(?:[\n,(+0-9]|\Z))",
        "thank|thanx|thx|regards|rgds|sincerely|faithfully|truly|cheers|wishes|yours",
        sign=_CAPITAL,
        part=_after_strong,
    ),
)
