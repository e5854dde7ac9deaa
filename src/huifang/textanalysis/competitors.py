"""Finds other wallets in a text and how they come off beside ours. Pure."""

import re
from functools import cache

from huifang.textanalysis import phrases
from huifang.textanalysis.phrases import Phrases
from huifang.textanalysis.records import Competitor, Stance

_AROUND = 40
# NAME stands for the competitor's name. 比A好 is better than A, 不如A is not as good as A.
_BETTER = (
    r"不如\s*NAME",
    r"(?<!比)NAME[^，。,.!?！？]{0,8}(?:更|还是|要|就)?[^，。,.!?！？]{0,2}(?:好用|更好|方便多|快多|强多|靠谱|稳定多|比你们|没有这种|从来没|不会)",
    r"还是\s*(?:用|选|回到?)?\s*NAME",
    r"(?:都|全|已经?|早就?|干脆|直接|果断)\s*(?:换|转|改|用)(?:成|为|到|用)?了?\s*NAME",
    r"没有?\s*NAME[^，。]{0,3}(?:方便|好|快|便宜|稳|省|划算|强|靠谱)",
    r"(?:不及|比不上|不比|远不如)\s*NAME",
    r"NAME\s*(?:就|都|早|早就)\s*(?:可以|能|有|支持|免费|秒到|不收)(?![^，。]{0,12}[吗么？?])",
    r"(?:换|转|改用|改成|去用|回去用)[^，。]{0,4}NAME",
    r"向\s*NAME\s*学",
    r"(?:学学|参考|看看)(?:人家)?\s*NAME",
    r"NAME (?:is|was|are|works|worked) (?:\w+ ){0,2}(?:better|best|faster|easier|cheaper|good|great)",
    r"worse than NAME",
    r"not as \w+ as NAME",
    r"(?:switch(?:ed|ing)?|moved?|moving|go(?:ing)? back|changed?) to NAME",
    r"(?:prefer|use|using|try) NAME (?:instead|rather)",
    r"like NAME does",
    r"(?:unlike|compared to|than) NAME[^.!?]{0,20}(?:bad|poor|slow|worst|pathetic)",
)
_WORSE = (
    r"(?:换|转|改|改用)(?:成|为|到|用)?(?:你们|你家|贵)",
    r"比\s*NAME[^，。,.!?！？]{0,8}(?:好|快|方便|强|划算|便宜|稳|省)",
    r"NAME[^，。,.!?！？]{0,6}(?:不如|没有你们|太烂|很烂|难用|垃圾)",
    r"(?:better|faster|easier|cheaper|safer) than NAME",
    r"NAME (?:is|was|are) (?:\w+ ){0,2}(?:worse|worst|slow|bad|useless|pathetic|fraud)",
    r"(?:left|quit|stopped using|switched from|moved from) NAME",
)


@cache
def _names() -> tuple[tuple[str, Phrases], ...]:
    return tuple((name, Phrases(aliases)) for name, aliases in phrases.data("competitors").items())


@cache
def _lists() -> frozenset[int]:
    return frozenset(aliases.number for _, aliases in _names())


def find(text: str, *, own: frozenset[str] = frozenset()) -> tuple[Competitor, ...]:
    """Each competitor once; *own* are our wallet's names, which are none."""
    if not phrases.any_in(text, _lists()):
        return ()
    found = []
    for name, aliases in _names():
        place = aliases.search(text)
        if place is None or {name.lower(), place.words.lower()} & own:
            continue
        words = text[max(0, place.start - _AROUND) : place.end + _AROUND].strip()
        found.append(Competitor(name=name, stance=_stance(words, place.words), words=words))
    return tuple(found)


def _stance(words: str, name: str) -> Stance:
    """*words* around the name say whether the other is better or worse; both or none: only mentioned."""
    is_better, is_worse = (any(_matches(each, words, name) for each in many) for many in (_BETTER, _WORSE))
    if is_better == is_worse:
        return Stance.MENTIONED
    return Stance.BETTER if is_better else Stance.WORSE


def _matches(form: str, words: str, name: str) -> bool:
    return re.search(form.replace("NAME", re.escape(name)), words, re.IGNORECASE) is not None
