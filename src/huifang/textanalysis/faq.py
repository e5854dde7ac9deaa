"""Finds the FAQ entry that answers a question, and questions that recur and that no entry answers. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huifang.textanalysis import discovery, threads, vectors
from huifang.textanalysis.discovery import Cluster
from huifang.textanalysis.embedding import Embedder
from huifang.textanalysis.records import Finding, Intent
from huifang.textanalysis.vectors import Vectoriser

_TOP = 3
# Runs of characters count most: questions of a bank differ by one term more often than by their drift.
_MEANING = 0.15
# Below it the best entry is most often wrong.
MATCHED_MIN = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry: several ways to ask, and the answer."""

    key: str
    questions: tuple[str, ...]
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An entry that may answer, and how alike it and the question are (0 to 1)."""

    key: str
    score: float


class Search:
    """Searches *entries*. Without *embed* by words alone.

    An entry is what stands in it as a whole, by runs of characters; its questions and all of it by meaning.
    """

    def __init__(self, entries: Sequence[Entry], *, embed: Embedder | None = None) -> None:
        self._keys = [entry.key for entry in entries]
        self._wholes = [_whole(entry) for entry in entries]
        self._questions = [each for entry in entries for each in entry.questions]
        self._of = np.array([at for at, entry in enumerate(entries) for _ in entry.questions], np.int64)
        self._vectoriser = Vectoriser(vectors.learn(self._wholes, seen_min=1, with_words=False))
        self._rows = self._vectoriser.rows(self._wholes)
        self._embed = embed
        self._meant = embed([*self._questions, *self._wholes]) if embed and entries else None

    def alike(self, questions: Sequence[str]) -> NDArray[np.float64]:
        """How alike each question and each entry are: shape (questions, entries)."""
        rows = self._vectoriser.rows(questions)
        alike = np.asarray((rows @ self._rows.T).todense(), dtype=np.float64)
        if self._meant is not None and self._embed is not None:
            with threads.one():
                meant = np.clip(self._embed(questions) @ self._meant.T, 0, 1)
            count = len(self._questions)
            nearest = np.zeros_like(alike)
            for at in range(count):
                entry = self._of[at]
                np.maximum(nearest[:, entry], meant[:, at], out=nearest[:, entry])
            alike = alike + _MEANING * (nearest + meant[:, count:])
            alike /= 1 + 2 * _MEANING
        scores: NDArray[np.float64] = np.clip(alike, 0, 1)
        return scores

    def alike_to(self, question: str, entry: Entry) -> float:
        """How alike *question* and an *entry* are that need not be one of those searched."""
        whole = _whole(entry)
        first, second = (self._vectoriser.rows([text]) for text in (question, whole))
        alike = float((first @ second.T)[0, 0])
        if self._embed is None:
            return min(alike, 1.0)
        meant = self._embed([question, whole, *entry.questions])
        near = np.clip(meant[1:] @ meant[0], 0, 1)
        nearest = float(near[1:].max(initial=0.0))
        return min((alike + _MEANING * (nearest + float(near[0]))) / (1 + 2 * _MEANING), 1.0)

    def find(self, question: str, *, most: int = _TOP) -> list[Match]:
        """The best entries for *question*, each once; none for a question without a known word."""
        return self.find_all([question], most=most)[0]

    def find_all(self, questions: Sequence[str], *, most: int = _TOP) -> list[list[Match]]:
        """The same for several questions."""
        if not self._keys:
            return [[] for _ in questions]
        return [self._best(scores, most) for scores in self.alike(questions)]

    def _best(self, scores: NDArray[np.float64], most: int) -> list[Match]:
        best = [at for at in np.argsort(-scores, kind="stable")[:most] if scores[at] > 0]
        return [Match(key=self._keys[at], score=round(float(scores[at]), 4)) for at in best]


def _whole(entry: Entry) -> str:
    return " ".join([*entry.questions, entry.answer])


def candidates(
    findings: Sequence[Finding], search: Search, *, embed: Embedder | None = None, size_min: int = 3
) -> list[Cluster]:
    """Questions among *findings* that recur and that *search* does not answer; members are places in it."""
    places = [at for at, finding in enumerate(findings) if finding.intent is Intent.QUESTION]
    matches = search.find_all([findings[at].masked for at in places], most=1)
    open_places = [
        at for at, found in zip(places, matches, strict=True) if not found or found[0].score < MATCHED_MIN
    ]
    asked = [findings[at] for at in open_places]
    return [
        Cluster(
            name=cluster.name,
            sentiment=cluster.sentiment,
            intent=cluster.intent,
            members=tuple(open_places[at] for at in cluster.members),
            verbatims=tuple(open_places[at] for at in cluster.verbatims),
            size=cluster.size,
        )
        for cluster in discovery.clusters(asked, embed=embed, size_min=size_min)
    ]
