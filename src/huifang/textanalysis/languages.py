"""Tells Chinese from English and both from anything else, by script and common words. Pure."""

import re
from functools import cache

from huifang.textanalysis import phrases

_KANA_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
_LATIN_WORD = re.compile(r"[a-z][a-z'’]*")
_NO_HAN = re.compile(r"[^\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
# Neither Latin nor Chinese; kana and hangul are among them.
_STRANGE_LETTER = re.compile(r"[^\W\d_a-z\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


@cache
def _known(name: str) -> frozenset[str]:
    return frozenset(phrases.data("common_words")[name])


def detect(text: str) -> str:
    """``zh``, ``en``, ``mixed``, ``other``, or "" where there are no letters."""
    lowered = text.lower()
    words = _LATIN_WORD.findall(lowered)
    han = 0
    if not text.isascii():
        han, others = len(_NO_HAN.sub("", text)), _STRANGE_LETTER.findall(lowered)
        if others and (_KANA_HANGUL.search(text) or len(others) > han + sum(map(len, words))):
            return "other"
    if han:
        return "mixed" if len(words) >= han and len(words) >= 3 else "zh"
    if not words:
        return ""
    english, hindi = (not known.isdisjoint(words) for known in (_known("english"), _known("roman_hindi")))
    if hindi:
        return "mixed" if english else "other"
    return "en" if english or len(words) <= 3 else "other"
