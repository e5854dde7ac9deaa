"""Groups wishes that say alike, by their words alone: quick enough for a page."""

from collections.abc import Sequence
from functools import lru_cache

from huifang.textanalysis.records import Finding, Intent, Sentiment


def grouped(words: Sequence[str]) -> list[list[int]]:
    """Places of *words* that say alike; one that is like no other stands alone."""
    return [list(many) for many in _grouped(tuple(words))]


@lru_cache(maxsize=16)
def _grouped(words: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    # Learning libraries are heavy: only who asks for wishes loads them.
    from huifang.textanalysis import discovery

    found = discovery.clusters([_bare(each) for each in words], size_min=2)
    taken = {at for cluster in found for at in cluster.members}
    many = [(*cluster.verbatims, *sorted({*cluster.members} - {*cluster.verbatims})) for cluster in found]
    copies = [fold.members for fold in discovery.folded(words) if not taken & {*fold.members}]
    return (*many, *copies)


def _bare(words: str) -> Finding:
    """*words* as a finding that differs from others in nothing else."""
    return Finding(
        key="",
        language="",
        masked=words,
        sentiment=Sentiment.NEUTRAL,
        sentiment_confidence=0.0,
        topics=(),
        intent=Intent.WISH,
        urgency=0,
        cues=(),
        competitors=(),
        wish=words,
        evidence=(),
        engine="",
        engine_version="",
    )
