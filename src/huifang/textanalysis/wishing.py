"""What is wished for: a clause that asks us for something, not advice to others or a hope."""

import re
from functools import cache
from typing import NamedTuple

from huifang.textanalysis import phrases, scripts
from huifang.textanalysis.phrases import Phrases

_LENGTH_MAX = 120
_CLAUSE = re.compile(r"[^，。！？；,.!?;\n]+[！？!?]?")
_HOPING_ZH = re.compile(r"希望|建议|期待|盼望")
# "If you could" is a wish only where something good comes of it.
_WERE_ZH = re.compile(r"(?:如果|要是)能")
_HAN, _LATIN = re.compile(r"[\u3400-\u9fff]"), re.compile(r"[a-z]{3,}", re.IGNORECASE)


class _Forms(NamedTuple):
    """The lists of `data/wishes.json`, made ready to look for."""

    advice_zh: re.Pattern[str]  # to others; or thanks of a shop, or something to be mended
    hoped_zh: re.Pattern[str]  # for oneself or for mankind
    not_of_us_zh: re.Pattern[str]  # of a shop by its guests, of the weather, of what is past
    asked_zh: re.Pattern[str]  # what we could do: without it, who hopes or advises asks nothing of us
    if_zh: re.Pattern[str]
    good_of_it_zh: re.Pattern[str]
    empty_zh: re.Pattern[str]  # what is left of a clause without these is what is wished for
    advice_en: re.Pattern[str]
    empty_en: re.Pattern[str]


@cache
def _forms() -> _Forms:
    listed = {name: "|".join(many) for name, many in phrases.data("wishes").items()}
    listed["asked_zh"] = rf"(?:{_HOPING_ZH.pattern})[^，。]{{0,12}}?(?:{listed['asked_zh']})"
    listed["empty_en"] = rf"\b(?:{listed['empty_en']})\b"
    return _Forms(**{name: re.compile(form, re.IGNORECASE) for name, form in listed.items()})


@cache
def _signs() -> Phrases:
    return Phrases(scripts.both(phrases.by_language(phrases.data("intents")["wish"])))


def find(text: str) -> str:
    """The words of the first wish in *text*, or ""."""
    if _signs().search(text) is None:
        return ""
    simple = scripts.simple(text)
    for found in _CLAUSE.finditer(simple):
        clause = text[slice(*found.span())]
        place = _signs().search(clause)
        if place is not None and _asks(found.group()) and _comes_to_good(simple, found):
            return shortened(clause if len(clause) <= _LENGTH_MAX else clause[place.start :])
    return ""


def _comes_to_good(text: str, clause: re.Match[str]) -> bool:
    """Whether an "if" says in its clause or in the next that it would be good."""
    if not _WERE_ZH.search(clause.group()):
        return True
    following = _CLAUSE.search(text, clause.end())
    said = clause.group() + (following.group() if following else "")
    return following is None or _forms().good_of_it_zh.search(said) is not None


def _asks(clause: str) -> bool:
    """Whether *clause* asks us for something that it names."""
    forms = _forms()
    if _HAN.search(clause):
        if any(form.search(clause) for form in (forms.advice_zh, forms.hoped_zh, forms.not_of_us_zh)):
            return False
        if "就好了" in clause and not forms.if_zh.search(clause):
            return False
        hoping = _HOPING_ZH.search(clause)
        if hoping and not forms.asked_zh.search(clause):
            return False
        # What stands before "I hope" is what happened, not what is asked for.
        asked = clause[hoping.start() :] if hoping else clause
        return len(_HAN.findall(forms.empty_zh.sub("", asked))) >= 2
    if forms.advice_en.search(clause):
        return False
    return _LATIN.search(forms.empty_en.sub(" ", clause)) is not None


def shortened(words: str) -> str:
    """*words*, cut at the end of a word where they are long, and said to be so."""
    words = words.strip()
    if len(words) <= _LENGTH_MAX:
        return words
    kept = words[:_LENGTH_MAX]
    if words[_LENGTH_MAX].isascii() and words[_LENGTH_MAX].isalnum() and " " in kept:
        kept = kept[: kept.rindex(" ")]
    return kept.rstrip(" ,，、") + "…"
