"""Finds other wallets in a text and how they come off beside ours. Pure."""

import re
from functools import cache, lru_cache

from huifang.textanalysis import phrases, scripts
from huifang.textanalysis.phrases import Phrases
from huifang.textanalysis.records import Competitor, Stance

_AROUND, _ABOUT = 40, 70


@cache
def _names() -> tuple[tuple[str, Phrases], ...]:
    return tuple(
        (name, Phrases(scripts.both(aliases))) for name, aliases in phrases.data("competitors").items()
    )


@cache
def _lists() -> frozenset[int]:
    return frozenset(aliases.number for _, aliases in _names())


@lru_cache(maxsize=512)
def _forms(name: str, called: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What makes the competitor better, and what worse. NAME stands in the data for how it is called."""
    names = f"(?:{re.escape(called)}|{re.escape(name)})"
    better, worse = (
        re.compile("|".join(forms).replace("NAME", names), re.IGNORECASE)
        for forms in phrases.data("stances").values()
    )
    return better, worse


def find(text: str, *, own: frozenset[str] = frozenset()) -> tuple[Competitor, ...]:
    """Each competitor once; *own* are our wallet's names, which are none."""
    lists, places = _lists(), phrases.look(text)
    if lists.isdisjoint(places):
        return ()
    found = []
    for name, aliases in _names():
        place = next(iter(places.get(aliases.number, ())), None)
        if place is None or {name.lower(), place.words.lower()} & own:
            continue
        around = text[max(0, place.start - _ABOUT) : place.end + _ABOUT]
        words = text[max(0, place.start - _AROUND) : place.end + _AROUND].strip()
        found.append(Competitor(name=name, stance=_stance(around, name, place.words), words=words))
    return tuple(found)


def _stance(around: str, name: str, called: str) -> Stance:
    """Whether what is said *around* a name makes it better or worse; both or neither: only mentioned."""
    simple = scripts.simple(around)
    forms = _forms(name, scripts.simple(called.lower()))
    is_better, is_worse = (form.search(simple) is not None for form in forms)
    if is_better == is_worse:
        return Stance.MENTIONED
    return Stance.BETTER if is_better else Stance.WORSE
