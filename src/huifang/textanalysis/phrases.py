"""Finds phrases in a text: Chinese anywhere, Latin ones as whole words. Pure; the phrases are data files.

Most texts hold none of most lists, so a set of beginnings is asked first and a pattern only after it.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, NamedTuple

_HAN = re.compile(r"[\u4e00-\u9fff]")
# What is said not to be so is no cue; a question whether it is so still is one.
_NOT_BEFORE = re.compile(
    r"(?:没有?|不是|并非|不会|从未|未曾|绝非"
    r"|\b(?:not|no|never|isn't|wasn't|without)(?: an?| any| been)?)\s*$",
    re.IGNORECASE,
)
_WINDOW = 12


@cache
def data(name: str) -> Any:
    """The data file *name* of this room."""
    return json.loads(
        files("huifang.textanalysis").joinpath("data", f"{name}.json").read_text(encoding="utf-8")
    )


_WORD = re.compile(r"[a-z0-9]+")


class Place(NamedTuple):
    """Where a phrase stands in a text, and its words as they are written there."""

    start: int
    end: int
    words: str


class Phrases:
    """A list of phrases to look for. Case, and how words are spaced or hyphened, do not matter."""

    def __init__(self, phrases: Iterable[str]) -> None:
        listed = sorted({phrase.lower() for phrase in phrases}, key=lambda phrase: (-len(phrase), phrase))
        self._beginnings = frozenset(begin for phrase in listed for begin in _beginnings(phrase))
        latin = [_latin(phrase) for phrase in listed if not _HAN.search(phrase)]
        # No word boundary: a Chinese character beside a Latin word is a letter to it.
        forms = [rf"(?<![a-z0-9])(?:{'|'.join(latin)})(?![a-z0-9])"] if latin else []
        forms += [re.escape(phrase) for phrase in listed if _HAN.search(phrase)]
        self._pattern = re.compile("|".join(forms) or r"(?!)")

    def search(self, text: str) -> Place | None:
        """The first of them in *text*."""
        return next(self.places(text), None) if self.can_be_in(text) else None

    def can_be_in(self, text: str) -> bool:
        """False where none of them can be, much sooner than by looking."""
        return not self._beginnings.isdisjoint(_pieces(text))

    def places(self, text: str) -> Iterator[Place]:
        """All of them in *text*, in order and never overlapping."""
        if not self.can_be_in(text):
            return
        for match in self._pattern.finditer(lower(text)):
            start, end = match.span()
            yield Place(start, end, text[start:end])

    def undenied(self, text: str) -> Iterator[Place]:
        """Those that are not denied just before."""
        for place in self.places(text):
            if not _NOT_BEFORE.search(text[max(0, place.start - _WINDOW) : place.start]):
                yield place


@lru_cache(maxsize=4)
def lower(text: str) -> str:
    """*text* in lower case, as long as before: a letter whose small form is longer stays."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)


@lru_cache(maxsize=4)
def _pieces(text: str) -> frozenset[str]:
    """The characters of a text, its words and, where there is Chinese, its pairs of characters."""
    lowered = lower(text)
    pieces = {*lowered, *_WORD.findall(lowered)}
    if not lowered.isascii():
        pieces.update(map("".join, pairwise(lowered)))
    return frozenset(pieces)


def _beginnings(phrase: str) -> list[str]:
    """What a text must hold where it holds *phrase*."""
    if _HAN.match(phrase):
        return [phrase[:2]]
    first = _WORD.match(phrase)
    if first is None or _HAN.search(phrase):
        return [phrase[0]]
    joined = re.match(r"[a-z0-9']+", phrase)
    return [first.group(), joined.group().replace("'", "") if joined else first.group()]


def _latin(phrase: str) -> str:
    return re.escape(phrase).replace(r"\ ", r"[\s\-]{1,3}").replace("'", "['’]?")


def by_language(entry: Mapping[str, Any]) -> list[str]:
    """The phrases of *entry* in every language."""
    return [phrase for language in ("zh", "en") for phrase in entry.get(language, ())]
