"""Finds what calls for attention whatever a model says: fraud, legal threats, self-harm, urgency. Pure.

`data/cues.json` says for each kind: phrases that are a cue by themselves; `weak` ones that are a cue `beside`
others only (an authority by its name is none, a complaint to it is); `forms`, looked for where one of the
words of their `sign` stands; and what is meant otherwise, `unless`: a cue inside of that is none.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from huifang.textanalysis import phrases, scripts
from huifang.textanalysis.phrases import Found, Phrases, Place
from huifang.textanalysis.records import Cue

_CUES_MAX = 12
# A denial is no way out here: better one look too many.
_NEVER_DENIED = frozenset({"self_harm"})
_BESIDE = 60
_NEVER = r"(?!)"


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of cue, made ready to look for."""

    name: str
    severity: int
    plain: Phrases
    weak: Phrases
    beside: re.Pattern[str]
    forms: tuple[tuple[Phrases, re.Pattern[str]], ...]
    unless: re.Pattern[str]

    def places(self, text: str, simple: str, found: Found) -> Iterator[Place]:
        """Where *text*, in simplified characters *simple*, speaks of it; *found*: the phrases in it."""
        likely = list(self._likely(text, simple, found))
        meant = [match.span() for match in self.unless.finditer(simple)] if likely else []
        for place in likely:
            if not any(start < place.end and place.start < end for start, end in meant):
                yield place

    def _likely(self, text: str, simple: str, found: Found) -> Iterator[Place]:
        plain = found.get(self.plain.number, ())
        yield from plain if self.name in _NEVER_DENIED else phrases.undenied(text, plain)
        for place in phrases.undenied(text, found.get(self.weak.number, ())):
            around = simple[max(0, place.start - _BESIDE) : place.start], simple[place.end :][:_BESIDE]
            if any(map(self.beside.search, around)):
                yield place
        for sign, form in self.forms:
            if sign.number in found:
                yield from (
                    Place(*match.span(), text[slice(*match.span())]) for match in form.finditer(simple)
                )


def _kind(name: str, entry: Mapping[str, Any]) -> _Kind:
    plain, weak = _listed(entry), _listed(entry.get("weak", {}))
    forms = tuple((Phrases(scripts.both(form["sign"])), _any_of([form["form"]])) for form in entry["forms"])
    return _Kind(
        name=name,
        severity=entry["severity"],
        plain=plain,
        weak=weak,
        beside=_words(phrases.by_language(entry.get("beside", {}))),
        forms=forms,
        unless=_any_of(entry["unless"]),
    )


def _listed(entry: Mapping[str, Any]) -> Phrases:
    return Phrases(scripts.both(phrases.by_language(entry)))


def _words(listed: Sequence[str]) -> re.Pattern[str]:
    """Any of the phrases *listed*: Latin ones as whole words, Chinese ones anywhere."""
    return _any_of([rf"\b{re.escape(each)}\b" if each.isascii() else re.escape(each) for each in listed])


def _any_of(forms: Sequence[str]) -> re.Pattern[str]:
    # As ASCII, so that a Latin word begins and ends beside a Chinese character too.
    return re.compile("|".join(forms) or _NEVER, re.IGNORECASE | re.ASCII)


@cache
def _kinds() -> tuple[_Kind, ...]:
    return tuple(_kind(name, entry) for name, entry in phrases.data("cues").items())


@cache
def _kind_of() -> Mapping[int, _Kind]:
    """The kind that each list of phrases speaks for."""
    return {
        listed.number: kind
        for kind in _kinds()
        for listed in (kind.plain, kind.weak, *(sign for sign, _ in kind.forms))
    }


def find(text: str) -> tuple[Cue, ...]:
    """The cues of *text*, the gravest first; each phrase once."""
    kind_of, found = _kind_of(), phrases.look(text)
    kinds = [kind_of[number] for number in found if number in kind_of]
    if not kinds:
        return ()
    simple = scripts.simple(text)
    cues = {
        (kind.name, place.words.lower()): Cue(kind=kind.name, words=place.words, severity=kind.severity)
        for kind in {kind.name: kind for kind in kinds}.values()
        for place in kind.places(text, simple, found)
    }
    return ordered(cues.values())


def ordered(cues: Iterable[Cue]) -> tuple[Cue, ...]:
    """*cues*, the gravest first, as many as are kept."""
    return tuple(sorted(cues, key=lambda cue: (-cue.severity, cue.kind, cue.words)))[:_CUES_MAX]


def urgency(cues: tuple[Cue, ...]) -> int:
    """0 to 3: the gravest cue; two different lesser ones add up."""
    if not cues:
        return 0
    gravest = cues[0].severity
    kinds = {cue.kind for cue in cues}
    return min(3, gravest + 1) if gravest < 3 and len(kinds) > 1 and gravest > 1 else gravest
