"""Finds phrases in a text: Chinese anywhere, Latin ones as whole words. Pure; the phrases are data files.

Most texts hold none of most lists, so an index of all phrases is asked first and a pattern only after it.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
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
# So many texts are looked at together. Some of their sentences are looked at by themselves meanwhile.
REMEMBERED = 64
_WITH_SENTENCES = 4 * REMEMBERED


def content(name: str) -> bytes:
    """The data file *name* of this room as it lies there."""
    return files("huifang.textanalysis").joinpath("data", f"{name}.json").read_bytes()


@cache
def data(name: str) -> Any:
    """The data file *name* of this room."""
    return json.loads(content(name))


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
        # Latin ones go before Chinese ones, longer ones before shorter ones.
        self.number = _enter(sorted(listed, key=lambda phrase: _HAN.search(phrase) is not None))

    def search(self, text: str) -> Place | None:
        """The first of them in *text*."""
        return next(iter(self.places(text)), None)

    def places(self, text: str) -> list[Place]:
        """All of them in *text*, in order and never overlapping."""
        likely = _nearly_in(text, len(_indexes)).get(self.number)
        if likely is None:
            return []
        lowered, past, found = lower(text), 0, list[Place]()
        # Where two begin at the same character, the one that goes before in the list is it.
        for start, _, end in sorted(place for entry in set(likely) for place in entry.places(lowered)):
            if start >= past:
                past = end
                found.append(Place(start, end, text[start:end]))
        return found

    def undenied(self, text: str) -> Iterator[Place]:
        """Those that are not denied just before."""
        for place in self.places(text):
            if not _NOT_BEFORE.search(text[max(0, place.start - _WINDOW) : place.start]):
                yield place


def any_in(text: str, lists: frozenset[int]) -> bool:
    """False where no phrase of these *lists* (numbers) can be in *text*, much sooner than by looking."""
    return not lists.isdisjoint(_nearly_in(text, len(_indexes)))


class _Entry(NamedTuple):
    """One phrase of the list *number*. A text that holds it holds *whole* and *words*."""

    number: int
    order: int
    phrase: str
    whole: str
    words: frozenset[str]

    def places(self, lowered: str) -> Iterator[tuple[int, int, int]]:
        """Where it stands in *lowered*: start, order, end."""
        if self.whole:
            start = lowered.find(self.whole)
            while start >= 0:
                yield start, self.order, start + len(self.whole)
                start = lowered.find(self.whole, start + 1)
            return
        for match in _latin_pattern(self.phrase).finditer(lowered):
            yield match.start(), self.order, match.end()


# Every phrase of every list by a piece that a text must hold where it holds the phrase (a word, or two
# characters): all lists are looked up at once, by the few pieces that a text has. Each new list makes a new
# index, so that none changes while somebody looks.
_Index = Mapping[str, tuple[_Entry, ...]]
_indexes: list[_Index] = [{}]
_entering = Lock()


def _enter(listed: Sequence[str]) -> int:
    """Enter the phrases of one list into the index; the number of the list."""
    with _entering:
        number, index = len(_indexes), {**_indexes[-1]}
        for order, phrase in enumerate(listed):
            # A Chinese phrase is there as it is, or not at all; of Latin words the pattern knows the spacing.
            is_chinese = _HAN.search(phrase) is not None
            whole, words = (phrase, frozenset[str]()) if is_chinese else ("", _latin_words(phrase))
            entry = _Entry(number, order, phrase, whole, words)
            for piece in _pieces_of(entry):
                index[piece] = (*index.get(piece, ()), entry)
        _indexes.append(index)
    return number


@lru_cache(maxsize=_WITH_SENTENCES)
def _nearly_in(text: str, lists: int) -> Mapping[int, list[_Entry]]:
    """The phrases of the first *lists* that may be in *text*, by the number of their list."""
    index, lowered = _indexes[lists - 1], lower(text)
    words = set(_WORD.findall(lowered))
    pieces = index.keys() & words
    for match in _pairs(lists).finditer(lowered):
        at = match.start()
        pieces.add(lowered[at])
        pieces.add(lowered[at : at + 2])
    found: dict[int, list[_Entry]] = {}
    for piece in pieces:
        for entry in index.get(piece, ()):
            if entry.words <= words and entry.whole in lowered:
                found.setdefault(entry.number, []).append(entry)
    return found


@cache
def _pairs(lists: int) -> re.Pattern[str]:
    """Where a piece of the first *lists* that is no word begins."""
    seconds: dict[str, str] = {}
    for piece in _indexes[lists - 1]:
        if not _WORD.fullmatch(piece):
            seconds[piece[0]] = seconds.get(piece[0], "") + piece[1:]
    singles = {piece for piece in _indexes[lists - 1] if len(piece) == 1}
    forms = [
        re.escape(first) + ("" if first in singles else f"(?=[{re.escape(many)}])")
        for first, many in seconds.items()
    ]
    return re.compile("|".join(forms) or r"(?!)")


@lru_cache(maxsize=_WITH_SENTENCES)
def lower(text: str) -> str:
    """*text* in lower case, as long as before: a letter whose small form is longer stays."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)


def _pieces_of(entry: _Entry) -> set[str]:
    """What a text must hold one of where it holds the phrase."""
    if entry.whole:
        han = _HAN.search(entry.whole)
        at = max(0, han.start() - 1) if han else 0
        return {entry.whole[at : at + 2]}
    if entry.words:
        return {max(sorted(entry.words), key=len)}
    # All its words have an apostrophe, which may be left out.
    joined = re.match(r"[a-z0-9']+", entry.phrase)
    if joined is None:
        return {entry.phrase[0]}
    return {joined.group().split("'")[0], joined.group().replace("'", "")}


def _latin_words(phrase: str) -> frozenset[str]:
    """The words of *phrase* that stand in a text as they are; one with an apostrophe may lack it there."""
    return frozenset(word for part in phrase.split() if "'" not in part for word in _WORD.findall(part))


@cache
def _latin_pattern(phrase: str) -> re.Pattern[str]:
    inner = re.escape(phrase).replace(r"\ ", r"[\s\-]{1,3}").replace("'", "['’]?")
    # No word boundary: a Chinese character beside a Latin word is a letter to it.
    before = "(?<![a-z0-9])" if _WORD.match(phrase[0]) else ""
    after = "(?![a-z0-9])" if _WORD.match(phrase[-1]) else ""
    return re.compile(f"{before}{inner}{after}")


def by_language(entry: Mapping[str, Any]) -> list[str]:
    """The phrases of *entry* in every language."""
    return [phrase for language in ("zh", "en") for phrase in entry.get(language, ())]
