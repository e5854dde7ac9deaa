"""Finds phrases in a text: Chinese anywhere, Latin ones as whole words. Pure; the phrases are data files.

All phrases of all lists are looked for in one go over a text (Aho and Corasick, 1975); what is found is
remembered for the lists that are asked after it.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain, count
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

    def places(self, text: str) -> Sequence[Place]:
        """All of them in *text*, in order and never overlapping."""
        return _places(text, len(_lists)).get(self.number, ())

    def undenied(self, text: str) -> Iterator[Place]:
        """Those that are not denied just before."""
        for place in self.places(text):
            if not _NOT_BEFORE.search(text[max(0, place.start - _WINDOW) : place.start]):
                yield place


def any_in(text: str, lists: frozenset[int]) -> bool:
    """Whether any phrase of these *lists* (numbers) is in *text*."""
    return not lists.isdisjoint(lists_in(text))


def lists_in(text: str) -> Collection[int]:
    """The numbers of the lists that have a phrase in *text*."""
    return _places(text, len(_lists)).keys()


class _Entry(NamedTuple):
    """One phrase of the list *number*. A text that holds it holds one of *pieces*, and *words*.

    *form*: how it is written, where that is not settled by the piece: Latin words.
    """

    identity: int
    number: int
    order: int
    pieces: frozenset[str]
    words: tuple[str, ...]
    form: re.Pattern[str] | None


# All phrases of all lists are looked for at once. Each new list makes a new search, so that none changes
# while somebody looks.
_lists: list[tuple[_Entry, ...]] = []
_entering, _identities = Lock(), count()


def _enter(listed: Sequence[str]) -> int:
    """Enter the phrases of one list; the number of the list."""
    with _entering:
        number = len(_lists)
        _lists.append(tuple(_entry(number, order, phrase) for order, phrase in enumerate(listed)))
    return number


def _entry(number: int, order: int, phrase: str) -> _Entry:
    identity = next(_identities)
    # A Chinese phrase is there as it is, or not at all; of Latin words the pattern knows the spacing.
    if _HAN.search(phrase):
        return _Entry(identity, number, order, frozenset({phrase}), (), None)
    words = sorted(_latin_words(phrase), key=len)
    pieces = {words[-1]} if words else _pieces_with_apostrophe(phrase)
    return _Entry(identity, number, order, frozenset(pieces), tuple(words[:-1]), _latin_pattern(phrase))


@lru_cache(maxsize=2)
def _search(lists: int) -> tuple[AhoCorasick, Sequence[tuple[_Entry, ...]]]:
    """The pieces of the phrases of the first *lists*, and the phrases of each."""
    entries: dict[str, tuple[_Entry, ...]] = {}
    for entry in chain.from_iterable(_lists[:lists]):
        for piece in sorted(entry.pieces):
            entries[piece] = (*entries.get(piece, ()), entry)
    return AhoCorasick(list(entries)), list(entries.values())


@lru_cache(maxsize=_WITH_SENTENCES)
def _places(text: str, lists: int) -> Mapping[int, Sequence[Place]]:
    """Where the phrases of the first *lists* stand in *text*, by the number of their list."""
    pieces, entries = _search(lists)
    lowered = lower(text)
    found: dict[int, list[tuple[int, int, int]]] = {}
    tried: set[int] = set()
    for piece, start, end in _found(pieces, lowered):
        for identity, number, order, _, words, form in entries[piece]:
            if form is None:
                found.setdefault(number, []).append((start, order, end))
            elif identity not in tried and all(map(lowered.__contains__, words)):
                tried.add(identity)
                for match in form.finditer(lowered):
                    found.setdefault(number, []).append((match.start(), order, match.end()))
    return {number: _apart(many, text) for number, many in found.items()}


def _found(pieces: AhoCorasick, lowered: str) -> list[tuple[int, int, int]]:
    try:
        return pieces.find_matches_as_indexes(lowered, overlapping=True)
    except UnicodeEncodeError:  # half characters: as many others in their place
        whole = lowered.encode("utf-8", "replace").decode("utf-8")
        return pieces.find_matches_as_indexes(whole, overlapping=True)


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


def _pieces_with_apostrophe(phrase: str) -> set[str]:
    """What a text must hold one of where it holds *phrase*, all of whose words have an apostrophe.

    It may be left out there.
    """
    joined = re.match(r"[a-z0-9']+", phrase)
    if joined is None:
        return {phrase[0]}
    return {joined.group().split("'")[0], joined.group().replace("'", "")}


def _latin_words(phrase: str) -> frozenset[str]:
    """The words of *phrase* that stand in a text as they are; one with an apostrophe may lack it there."""
    return frozenset(word for part in phrase.split() if "'" not in part for word in _WORD.findall(part))


def _latin_pattern(phrase: str) -> re.Pattern[str]:
    inner = re.escape(phrase).replace(r"\ ", r"[\s\-]{1,3}").replace("'", "['’]?")
    # No word boundary: a Chinese character beside a Latin word is a letter to it.
    before = "(?<![a-z0-9])" if _WORD.match(phrase[0]) else ""
    after = "(?![a-z0-9])" if _WORD.match(phrase[-1]) else ""
    return re.compile(f"{before}{inner}{after}")


def by_language(entry: Mapping[str, Any]) -> list[str]:
    """The phrases of *entry* in every language."""
    return [phrase for language in ("zh", "en") for phrase in entry.get(language, ())]
