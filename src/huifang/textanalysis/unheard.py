"""Finds what people speak of in words that no topic knows: a loan where nobody thought of loans. Pure.

An engine gives a text the topic that fits least badly, so a new subject hides under old topics. Its words
give it away: they recur, in texts that are not content, and stand in no phrase of any topic.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from huifang.textanalysis import discovery, phrases, seeds, threads, vectors
from huifang.textanalysis.discovery import Cluster
from huifang.textanalysis.embedding import Embedder
from huifang.textanalysis.records import Finding, Taxonomy

_SIZE_MIN, _VERBATIMS, _BESIDE, _ALIKE_MAX = 8, 3, 3, 400
# So much closer than any two texts are the texts of one subject, by meaning.
_CLOSER = 0.1


def subjects(
    findings: Sequence[Finding],
    known: Taxonomy,
    *,
    besides: Iterable[str] = (),
    embed: Embedder | None = None,
    size_min: int = _SIZE_MIN,
) -> list[Cluster]:
    """Subjects with a word that *known* lacks, in at least *size_min* different texts, the largest first.

    *besides*: words that are no news either, such as our wallet's name.
    """
    folds = discovery.folded([finding.masked for finding in findings])
    texts = [findings[fold.members[0]].masked for fold in folds]
    words = [vectors.words(vectors.tidy(text)) for text in texts]
    heard = _heard(known) | _words(besides)
    holding: dict[str, list[int]] = defaultdict(list)
    for at, many in enumerate(words):
        for word in dict.fromkeys(many):
            if word not in heard and len(word) > 1 and discovery.can_name(word):
                holding[word].append(at)
    nearness = _Nearness(texts, embed)
    looked = _Looked(findings=findings, folds=folds, words=words, nearness=nearness)
    taken, found = set[int](), []
    for word in sorted(holding, key=lambda word: (-len(holding[word]), word)):
        places = [at for at in holding[word] if at not in taken]
        # Where most of its texts are about something larger, it is a part of that.
        if len(places) < max(size_min, len(holding[word]) / 2) or not nearness.is_close(places):
            continue
        taken.update(places)
        found.append(looked.cluster(word, places))
    return sorted(found, key=lambda cluster: (-cluster.size, cluster.members))


def _heard(known: Taxonomy) -> frozenset[str]:
    """Words of every topic's name and phrases, of moods, and of other wallets' names."""
    own = (text for topic in known.topics for text in topic.name.values())
    listed = (phrase for topic in known.topics for many in topic.seeds.values() for phrase in many)
    moods = (phrase for entry in phrases.data("sentiment").values() for phrase in phrases.by_language(entry))
    felt = (each.text for each in seeds.moods())
    rivals = (alias for aliases in phrases.data("competitors").values() for alias in aliases)
    return _words([*own, *listed, *moods, *felt, *rivals])


def _words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word for text in texts for word in vectors.words(vectors.tidy(text)))


class _Nearness:
    """How alike texts are by meaning; without an embedding everything is close."""

    def __init__(self, texts: Sequence[str], embed: Embedder | None) -> None:
        self._rows = None
        if embed is not None and texts:
            with threads.one():
                self._rows = embed(texts).astype(np.float64)
                sample = self._rows[:: max(1, len(texts) // _ALIKE_MAX)]
                self._usual = _mean(sample)

    def is_close(self, places: Sequence[int]) -> bool:
        """Whether the texts at *places* are closer to each other than any texts are."""
        if self._rows is None:
            return True
        with threads.one():
            return _mean(self._rows[places[:_ALIKE_MAX]]) >= self._usual + _CLOSER

    def central(self, places: Sequence[int]) -> list[int]:
        """*places*, those that are most like the others first."""
        if self._rows is None:
            return list(places)
        with threads.one():
            rows = self._rows[list(places)]
            return [places[at] for at in np.argsort(-(rows @ rows.mean(axis=0)), kind="stable")]


def _mean(rows: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> float:
    """The mean likeness of two different *rows* (texts, dimensions)."""
    if len(rows) < 2:
        return 0.0
    alike = rows @ rows.T
    return float((alike.sum() - np.trace(alike)) / (len(rows) * (len(rows) - 1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """What is looked through: every text with its copies, its words, and how near others are."""

    findings: Sequence[Finding]
    folds: Sequence[discovery.Fold]
    words: Sequence[Sequence[str]]
    nearness: _Nearness

    def cluster(self, word: str, places: Sequence[int]) -> Cluster:
        """The texts at *places*, named by *word* and what else tells them from the others."""
        members = tuple(sorted(place for at in places for place in self.folds[at].members))
        named = discovery.named([self.words[at] for at in places], self.words)
        moods = Counter(self.findings[place].sentiment.value for place in members)
        intents = Counter(self.findings[place].intent.value for place in members)
        central = self.nearness.central(places)[:_VERBATIMS]
        return Cluster(
            name=(word, *[each for each in named if each != word][:_BESIDE]),
            sentiment=moods.most_common(1)[0][0],
            intent=intents.most_common(1)[0][0],
            members=members,
            verbatims=tuple(self.folds[at].members[0] for at in central),
            size=len(members),
        )
