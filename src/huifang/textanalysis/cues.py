"""Finds what calls for attention whatever a model says: fraud, legal threats, self-harm, urgency. Pure."""

from functools import cache

from huifang.textanalysis import phrases
from huifang.textanalysis.phrases import Phrases
from huifang.textanalysis.records import Cue

_CUES_MAX = 12
# A denial is no way out here: better one look too many.
_NEVER_DENIED = frozenset({"self_harm"})


@cache
def _patterns() -> tuple[tuple[str, int, Phrases], ...]:
    return tuple(
        (kind, entry["severity"], Phrases(phrases.by_language(entry)))
        for kind, entry in phrases.data("cues").items()
    )


@cache
def _lists() -> frozenset[int]:
    return frozenset(listed.number for _, _, listed in _patterns())


def find(text: str) -> tuple[Cue, ...]:
    """The cues of *text*, the gravest first; each phrase once."""
    if not phrases.any_in(text, _lists()):
        return ()
    cues = {
        (kind, place.words.lower()): Cue(kind=kind, words=place.words, severity=severity)
        for kind, severity, listed in _patterns()
        for place in (listed.places(text) if kind in _NEVER_DENIED else listed.undenied(text))
    }
    return tuple(sorted(cues.values(), key=lambda cue: (-cue.severity, cue.kind, cue.words)))[:_CUES_MAX]


def urgency(cues: tuple[Cue, ...]) -> int:
    """0 to 3: the gravest cue; two different lesser ones add up."""
    if not cues:
        return 0
    gravest = cues[0].severity
    kinds = {cue.kind for cue in cues}
    return min(3, gravest + 1) if gravest < 3 and len(kinds) > 1 and gravest > 1 else gravest
