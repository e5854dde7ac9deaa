"""Finds phrases in a text: Chinese anywhere, Latin ones as whole words. Pure; the phrases are data files.

Most texts hold none of most lists, so an index of all phrases is asked first and a pattern only after it.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from operator import concat
from threading import Lock
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
        self._number = _enter(listed)
        latin = [_latin(phrase) for phrase in listed if not _HAN.search(phrase)]
        # No word boundary: a Chinese character beside a Latin word is a letter to it.
        forms = [rf"(?<![a-z0-9])(?:{'|'.join(latin)})(?![a-z0-9])"] if latin else []
        forms += [re.escape(phrase) for phrase in listed if _HAN.search(phrase)]
        self._pattern = re.compile("|".join(forms) or r"(?!)")

    def search(self, text: str) -> Place | None:
        """The first of them in *text*."""
        return next(self.places(text), None) if self._number in _lists_in(text, len(_indexes)) else None

    def can_be_in(self, text: str) -> bool:
        """False where none of them can be, much sooner than by looking."""
        return self._number in _lists_in(text, len(_indexes))

    def places(self, text: str) -> Iterator[Place]:
        """All of them in *text*, in order and never overlapping."""
        if self._number not in _lists_in(text, len(_indexes)):
            return
        for match in self._pattern.finditer(lower(text)):
            start, end = match.span()
            yield Place(start, end, text[start:end])

    def undenied(self, text: str) -> Iterator[Place]:
        """Those that are not denied just before."""
        for place in self.places(text):
            if not _NOT_BEFORE.search(text[max(0, place.start - _WINDOW) : place.start]):
                yield place


# Every phrase of every list by a piece that a text must hold where it holds the phrase: all lists are looked
# up at once, by the few pieces that a text has. Each new list makes a new index, so that none changes while
# somebody looks.
_Index = Mapping[str, tuple[tuple[str, frozenset[str], int], ...]]
_indexes: list[_Index] = [{}]
_entering = Lock()


def _enter(listed: Sequence[str]) -> int:
    """Enter the phrases of one list into the index; the number of the list."""
    with _entering:
        number, index = len(_indexes), {**_indexes[-1]}
        for phrase in listed:
            # A Chinese phrase is there as it is, or not at all; of Latin words the pattern knows the spacing.
            is_chinese = _HAN.search(phrase) is not None
            whole, words = (phrase, frozenset[str]()) if is_chinese else ("", _latin_words(phrase))
            for begin in _beginnings(phrase):
                index[begin] = (*index.get(begin, ()), (whole, words, number))
        _indexes.append(index)
    return number


@lru_cache(maxsize=4)
def _lists_in(text: str, lists: int) -> frozenset[int]:
    """The numbers of those of the first *lists* of which a phrase may be in *text*."""
    index, lowered = _indexes[lists - 1], lower(text)
    pieces = _pieces(lowered)
    return frozenset(
        number
        for piece in index.keys() & pieces
        for whole, words, number in index[piece]
        if words <= pieces and whole in lowered
    )


def _pieces(lowered: str) -> set[str]:
    """The characters of a text, its words and, where there is Chinese, its pairs of characters."""
    pieces = {*lowered, *_WORD.findall(lowered)}
    if not lowered.isascii():
        pieces.update(map(concat, lowered, lowered[1:]))
    return pieces


@lru_cache(maxsize=4)
def lower(text: str) -> str:
    """*text* in lower case, as long as before: a letter whose small form is longer stays."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)


def _beginnings(phrase: str) -> list[str]:
    """What a text must hold where it holds *phrase*."""
    if _HAN.match(phrase):
        return [phrase[:2]]
    first = _WORD.match(phrase)
    if first is None or _HAN.search(phrase):
        return [phrase[0]]
    joined = re.match(r"[a-z0-9']+", phrase)
    return [first.group(), joined.group().replace("'", "") if joined else first.group()]


def _latin_words(phrase: str) -> frozenset[str]:
    """The words of *phrase* that stand in a text as they are; one with an apostrophe may lack it there."""
    return frozenset(word for part in phrase.split() if "'" not in part for word in _WORD.findall(part))


def _latin(phrase: str) -> str:
    return re.escape(phrase).replace(r"\ ", r"[\s\-]{1,3}").replace("'", "['’]?")


def by_language(entry: Mapping[str, Any]) -> list[str]:
    """The phrases of *entry* in every language."""
    return [phrase for language in ("zh", "en") for phrase in entry.get(language, ())]
