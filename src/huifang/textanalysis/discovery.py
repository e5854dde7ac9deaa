"""Finds topics nobody has named yet, and topics that rise against their own baseline. Pure.

Texts that want different things never share a cluster, however alike their words: they are split by sentiment
and intent first. Copies and templates count once. Chance plays no part: the same texts, the same clusters.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from huifang.textanalysis import phrases, seeds, threads, vectors
from huifang.textanalysis.embedding import Embedder
from huifang.textanalysis.records import Finding
from huifang.textanalysis.vectors import Vectoriser

_CHANGING = re.compile(r"[0-9]+|\[[^\]]{1,12}\]|[^\w\s]|_")
_SIZE_MIN, _CLUSTERED_MAX = 4, 3_000
_NEAR, _EVERY, _NAME_WORDS, _VERBATIMS = 0.83, 3, 4, 3
_RUN, _SHARED_BY, _SHARED_PART, _LONG = 5, 4, 0.2, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Texts that say alike. *members* and *verbatims* are places in what was given, *size* counts copies."""

    name: tuple[str, ...]
    sentiment: str
    intent: str
    members: tuple[int, ...]
    verbatims: tuple[int, ...]
    size: int

    def at(self, places: Sequence[int]) -> "Cluster":
        """The same where what was given stands at *places* of something larger."""
        members, verbatims = ([places[each] for each in many] for many in (self.members, self.verbatims))
        return replace(self, members=tuple(members), verbatims=tuple(verbatims))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """One text and its copies: places in what was given, the first of them speaks for all."""

    members: tuple[int, ...]


def folded(texts: Sequence[str]) -> list[Fold]:
    """Copies folded: texts that differ only in case, spaces, marks, numbers and masks are one.

    So are texts that are put together out of the same long runs of words, as bought reviews are.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for at, text in enumerate(texts):
        places[" ".join(_CHANGING.sub(" ", vectors.tidy(text)).split())].append(at)
    places.pop("", None)
    family = _families(list(places))
    folds: dict[int, list[int]] = defaultdict(list)
    for number, many in enumerate(places.values()):
        folds[family[number]].extend(many)
    return [Fold(members=tuple(sorted(many))) for many in folds.values()]


def _families(shapes: Sequence[str]) -> list[int]:
    """For each shape the first one of its family: shapes largely made of runs that many of them share."""
    runs = [_runs(vectors.words(shape)) for shape in shapes]
    shared = Counter(run for each in runs for run in set(each))
    common = {run for run, count in shared.items() if count >= _SHARED_BY}
    first, family = dict[tuple[str, ...], int](), list(range(len(shapes)))
    for number, each in enumerate(runs):
        held = [run for run in each if run in common]
        if not each or len(held) < _SHARED_PART * len(each):
            continue
        family[number] = min((first[run] for run in held if run in first), default=number)
        for run in held:
            first.setdefault(run, family[number])
    return family


def _runs(words: Sequence[str]) -> list[tuple[str, ...]]:
    """The runs of `_RUN` words; none of a short text, whose words are soon those of others."""
    if len(words) < _LONG:
        return []
    return [tuple(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1)]


def clusters(
    findings: Sequence[Finding], *, embed: Embedder | None = None, size_min: int = _SIZE_MIN
) -> list[Cluster]:
    """Clusters of *findings* with at least *size_min* different texts, the largest first."""
    folds = [
        fold
        for fold in folded([finding.masked for finding in findings])
        if says_something(findings[fold.members[0]].masked)
    ]
    strata: dict[tuple[str, str], list[Fold]] = defaultdict(list)
    for fold in folds:
        first = findings[fold.members[0]]
        strata[first.sentiment.value, first.intent.value].append(fold)
    found = []
    for (sentiment, intent), many in sorted(strata.items()):
        # The first of a large stratum: clusters of it stand for the rest.
        texts = [findings[fold.members[0]].masked for fold in many[:_CLUSTERED_MAX]]
        for group in _grouped(texts, embed, size_min):
            words = [vectors.words(vectors.tidy(texts[at])) for at in group.members]
            others = [vectors.words(vectors.tidy(text)) for text in texts]
            members = tuple(sorted(place for at in group.members for place in many[at].members))
            found.append(
                Cluster(
                    name=named(words, others),
                    sentiment=sentiment,
                    intent=intent,
                    members=members,
                    verbatims=tuple(many[at].members[0] for at in group.medoids),
                    size=len(members),
                )
            )
    return sorted(found, key=lambda cluster: (-cluster.size, cluster.members))


@dataclass(frozen=True, slots=True)
class _Group:
    members: tuple[int, ...]
    medoids: tuple[int, ...]


def _grouped(texts: Sequence[str], embed: Embedder | None, size_min: int) -> list[_Group]:
    """Groups by mean distance, as tight as `_NEAR` of how far *texts* are from unlike ones.

    A stratum may be all one topic, so phrases about everything are the measure, not the stratum itself.
    """
    if len(texts) < size_min:
        return []
    from sklearn.cluster import AgglomerativeClustering  # type: ignore[import-untyped]

    anything = [each.text for each in seeds.topics(seeds.taxonomy())][::_EVERY]
    whole = _distances([*texts, *anything], embed)
    apart, usual = whole[: len(texts), : len(texts)], float(np.median(whole[: len(texts), len(texts) :]))
    learner = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=max(usual * _NEAR, 1e-6)
    )
    labels = learner.fit_predict(apart)
    groups = []
    for label in range(int(labels.max()) + 1):
        places = np.flatnonzero(labels == label)
        if len(places) >= size_min:
            inner = apart[np.ix_(places, places)].mean(axis=1)
            medoids = places[np.argsort(inner, kind="stable")[:_VERBATIMS]]
            groups.append(_Group(tuple(places.tolist()), tuple(medoids.tolist())))
    return groups


def _distances(texts: Sequence[str], embed: Embedder | None) -> NDArray[np.float64]:
    """One less the cosine, by words and, where it is there, by meaning; shape (texts, texts)."""
    rows = Vectoriser(vectors.learn(texts, seen_min=1)).rows(texts)
    alike = np.asarray((rows @ rows.T).todense(), dtype=np.float64) / 2
    if embed is not None:
        with threads.one():
            meant = embed(texts).astype(np.float64)
            alike = (alike + meant @ meant.T) / 2
    apart: NDArray[np.float64] = np.clip(1 - alike, 0, None)
    np.fill_diagonal(apart, 0)
    return apart


def named(own: Sequence[Sequence[str]], others: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The words that tell *own* from *others* (which hold *own* too), by class TF-IDF; the best first."""
    counts = Counter(word for words in own for word in set(words) if can_name(word))
    everywhere = Counter(word for words in others for word in set(words))
    mean = sum(everywhere.values()) / max(len(others), 1)
    # A word of one text names nothing.
    scores = {
        word: count / len(own) * float(np.log(1 + mean / (everywhere[word] / max(len(others), 1)) / 10))
        for word, count in counts.items()
        if count > 1
    }
    return tuple(sorted(scores, key=lambda word: (-scores[word], word))[:_NAME_WORDS])


@cache
def _common() -> frozenset[str]:
    """Words that name nothing, in English and in Chinese."""
    return frozenset(phrases.data("nameless_words"))


def says_something(text: str) -> bool:
    """Whether any word of *text* could name what it is about: "very bad app" says nothing."""
    return any(map(can_name, vectors.words(vectors.tidy(text))))


def can_name(word: str) -> bool:
    """Whether *word* could name a topic."""
    return word not in _common() and any(letter.isalpha() for letter in word) and "[" not in word
