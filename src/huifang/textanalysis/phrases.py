"""Finds phrases in a text: Chinese anywhere, Latin ones as whole words. Pure; the phrases are data files.

All phrases of all lists are looked for in one go over a text (Aho and Corasick, 1975); what is found is
remembered for the lists that are asked after it.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain
from operator import itemgetter
from threading import Lock
from typing import Any, NamedTuple

from ahocorasick_rs import AhoCorasick

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


# A Chinese character beside a Latin word parts it from others; no word boundary of `re` does.
_WORD_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_APOSTROPHES = ("'", "’")
# What parts words otherwise than by one space, and what may be left out.
_UNUSUAL = (*_APOSTROPHES, "-", "  ", "\t", "\n", "\r", "\u00a0", "\u3000")
_JOINT, _APOSTROPHE = re.compile(r"['’]|[\s\-]+"), re.compile("['’]")


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

    def places(self, text: str) -> Sequence[Place]:
        """All of them in *text*, in order and never overlapping."""
        return look(text).get(self.number, ())


Found = Mapping[int, Sequence[Place]]


def look(text: str) -> Found:
    """Where the phrases of every list that there is by now stand in *text*, by the number of their list."""
    return _places(text, len(_lists))


def undenied(text: str, places: Iterable[Place]) -> Iterator[Place]:
    """Those of *places* in *text* that are not denied just before."""
    for place in places:
        if not _NOT_BEFORE.search(text[max(0, place.start - _WINDOW) : place.start]):
            yield place


class _Entry(NamedTuple):
    """One phrase of the list *number*, *plain* as `_Plain` has it."""

    number: int
    order: int
    plain: str
    begins_word: bool
    ends_word: bool
    has_apostrophe: bool


# All phrases of all lists are looked for at once. Each new list makes a new search, so that none changes
# while somebody looks.
_lists: list[tuple[_Entry, ...]] = []
_entering = Lock()


def _enter(listed: Sequence[str]) -> int:
    """Enter the phrases of one list; the number of the list."""
    with _entering:
        number = len(_lists)
        _lists.append(tuple(_entry(number, order, phrase) for order, phrase in enumerate(listed) if phrase))
    return number


def _entry(number: int, order: int, phrase: str) -> _Entry:
    # A Latin phrase is whole words, a Chinese one may stand anywhere.
    is_latin = _HAN.search(phrase) is None
    return _Entry(
        number=number,
        order=order,
        plain=_plain(phrase).text,
        begins_word=is_latin and phrase[0] in _WORD_LETTERS,
        ends_word=is_latin and phrase[-1] in _WORD_LETTERS,
        has_apostrophe="'" in phrase,
    )


@lru_cache(maxsize=2)
def _search(lists: int) -> tuple[AhoCorasick, Sequence[tuple[_Entry, ...]]]:
    """The phrases of the first *lists* as they are looked for, and those that are written so."""
    entries: dict[str, tuple[_Entry, ...]] = {}
    for entry in chain.from_iterable(_lists[:lists]):
        entries[entry.plain] = (*entries.get(entry.plain, ()), entry)
    return AhoCorasick(list(entries)), list(entries.values())


class _Plain(NamedTuple):
    """A text with one space wherever words part, by spaces or hyphens, and without apostrophes.

    *shifts*: from which character on so many more stood before it; () where nothing changed.
    """

    text: str
    shifts: Sequence[tuple[int, int]]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters from *start* to *end* stood before."""
        return start + self._shift(start), end + self._shift(end - 1)

    def _shift(self, at: int) -> int:
        behind = bisect_right(self.shifts, at, key=itemgetter(0))
        return self.shifts[behind - 1][1] if behind else 0


def _plain(lowered: str) -> _Plain:
    if not any(map(lowered.__contains__, _UNUSUAL)):
        return _Plain(lowered, ())
    pieces, shifts, done, length = list[str](), list[tuple[int, int]](), 0, 0
    for match in _JOINT.finditer(lowered):
        joint = "" if match.group() in _APOSTROPHES else " "
        pieces += [lowered[done : match.start()], joint]
        length += match.start() - done + len(joint)
        done = match.end()
        if done != length + (shifts[-1][1] if shifts else 0):
            shifts.append((length, done - length))
    return _Plain("".join([*pieces, lowered[done:]]), shifts)


@lru_cache(maxsize=_WITH_SENTENCES)
def _places(text: str, lists: int) -> Found:
    """Where the phrases of the first *lists* stand in *text*, by the number of their list."""
    search, entries = _search(lists)
    lowered = lower(text)
    plain = _plain(lowered)
    found: dict[int, list[tuple[int, int, int]]] = {}
    for phrase, begin, past in _found(search, plain.text):
        start, end = plain.place(begin, past) if plain.shifts else (begin, past)
        goes_on_before = start > 0 and lowered[start - 1] in _WORD_LETTERS
        goes_on_after = end < len(lowered) and lowered[end] in _WORD_LETTERS
        for number, order, _, begins_word, ends_word, has_apostrophe in entries[phrase]:
            if (begins_word and goes_on_before) or (ends_word and goes_on_after):
                continue
            if plain.shifts and not has_apostrophe and _APOSTROPHE.search(text, start, end):
                continue  # "i'd" is no "id"
            found.setdefault(number, []).append((start, order, end))
    return {number: _apart(many, text) for number, many in found.items()}


def _found(search: AhoCorasick, plain: str) -> list[tuple[int, int, int]]:
    try:
        return search.find_matches_as_indexes(plain, overlapping=True)
    except UnicodeEncodeError:  # half characters: as many others in their place
        whole = plain.encode("utf-8", "replace").decode("utf-8")
        return search.find_matches_as_indexes(whole, overlapping=True)


def _apart(places: list[tuple[int, int, int]], text: str) -> Sequence[Place]:
    """*places* (start, order, end) in order and apart. Of two that begin together, the first of its list."""
    if len(places) > 1:
        places.sort()
    past, found = 0, []
    for start, _, end in places:
        if start >= past:
            past = end
            found.append(Place(start, end, text[start:end]))
    return found


@lru_cache(maxsize=_WITH_SENTENCES)
def lower(text: str) -> str:
    """*text* in lower case, as long as before: a letter whose small form is longer stays."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)


def by_language(entry: Mapping[str, Any]) -> list[str]:
    """The phrases of *entry* in every language."""
    return [phrase for language in ("zh", "en") for phrase in entry.get(language, ())]
