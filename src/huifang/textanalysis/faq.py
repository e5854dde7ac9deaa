"""Finds the FAQ entry that answers a question, and questions that recur and that no entry answers. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped]

from huifang.textanalysis import discovery, threads, vectors
from huifang.textanalysis.discovery import Cluster
from huifang.textanalysis.embedding import Embedder
from huifang.textanalysis.records import Finding, Intent
from huifang.textanalysis.vectors import Vectoriser

_TOP = 3
# Shares that did best on one half of the entries of a bank's FAQ and no worse on the other half.
_WHOLE, _QUESTIONS, _ANSWER = 0.5, 0.25, 0.25
_MEANING = 0.2
# Below it no entry is held to answer: of questions whose entry is taken away, three in ten are above it.
_MATCHED_BY_WORDS, _MATCHED_BY_BOTH = 0.25, 0.35
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry: several ways to ask, and the answer, a line for each of its parts."""

    key: str
    questions: tuple[str, ...]
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An entry that may answer, and how alike it and the question are (0 to 1)."""

    key: str
    score: float


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Entries as rows: whole, by question and by part of an answer, and their questions by meaning.

    *asked* and *told* say how many questions and parts each entry has.
    """

    wholes: sparse.csr_matrix
    questions: sparse.csr_matrix
    parts: sparse.csr_matrix
    asked: NDArray[np.int64]
    told: NDArray[np.int64]
    meant: NDArray[np.float32] | None


class Search:
    """Searches *entries*. Without *embed* by words alone.

    By runs of characters a question is held against an entry as a whole, against its questions on average and
    against the part of its answer that is most like it; by meaning against the nearest of its questions.
    """

    def __init__(self, entries: Sequence[Entry], *, embed: Embedder | None = None) -> None:
        self._keys = [entry.key for entry in entries]
        self._embed = embed
        pieces = [text for entry in entries for text in (*entry.questions, *_parts(entry))]
        self._whole = Vectoriser(
            vectors.learn([_whole(entry) for entry in entries], seen_min=1, with_words=False)
        )
        self._piece = Vectoriser(vectors.learn(pieces, seen_min=1, with_words=False))
        self._shelf = self._shelved(entries)

    def _shelved(self, entries: Sequence[Entry]) -> _Shelf:
        asked = [each for entry in entries for each in entry.questions]
        told = [part for entry in entries for part in _parts(entry)]
        return _Shelf(
            wholes=self._whole.rows([_whole(entry) for entry in entries]),
            questions=self._piece.rows(asked),
            parts=self._piece.rows(told),
            asked=np.array([len(entry.questions) for entry in entries], np.int64),
            told=np.array([len(_parts(entry)) for entry in entries], np.int64),
            meant=self._embed(asked) if self._embed and asked else None,
        )

    @property
    def matched_min(self) -> float:
        """The least score of an entry that is held to answer."""
        return _MATCHED_BY_WORDS if self._embed is None else _MATCHED_BY_BOTH

    def alike(self, questions: Sequence[str]) -> Scores:
        """How alike each question and each entry are: shape (questions, entries)."""
        return self._against(questions, self._shelf)

    def alike_to(self, question: str, entry: Entry) -> float:
        """How alike *question* and an *entry* are that need not be one of those searched."""
        return float(self._against([question], self._shelved([entry]))[0, 0])

    def _against(self, questions: Sequence[str], shelf: _Shelf) -> Scores:
        by_whole, by_piece = self._whole.rows(questions), self._piece.rows(questions)
        scores = (
            _WHOLE * _product(by_whole, shelf.wholes)
            + _QUESTIONS * _mean(_product(by_piece, shelf.questions), shelf.asked)
            + _ANSWER * _most(_product(by_piece, shelf.parts), shelf.told)
        )
        if shelf.meant is not None and self._embed is not None:
            with threads.one():
                meant = np.clip(self._embed(questions) @ shelf.meant.T, 0, 1)
            scores = (1 - _MEANING) * scores + _MEANING * _most(meant, shelf.asked)
        return np.clip(scores, 0, 1)

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


def without(entry: Entry, number: int) -> Entry:
    """*entry* without one of its questions."""
    return replace(entry, questions=entry.questions[:number] + entry.questions[number + 1 :])


def _product(rows: sparse.csr_matrix, others: sparse.csr_matrix) -> Scores:
    return np.asarray((rows @ others.T).todense(), dtype=np.float64)


def _most(alike: "Scores | NDArray[np.float32]", sizes: NDArray[np.int64]) -> Scores:
    """The largest of each entry's columns; 0 for an entry without any."""
    most = np.zeros((len(alike), len(sizes)))
    has_some = np.flatnonzero(sizes)
    if len(has_some):
        most[:, has_some] = np.maximum.reduceat(alike, _starts(sizes)[has_some], axis=1)
    return most


def _mean(alike: Scores, sizes: NDArray[np.int64]) -> Scores:
    """The mean of each entry's columns; 0 for an entry without any."""
    mean = np.zeros((len(alike), len(sizes)))
    has_some = np.flatnonzero(sizes)
    if len(has_some):
        sums = np.add.reduceat(alike, _starts(sizes)[has_some], axis=1)
        mean[:, has_some] = sums / sizes[has_some]
    return mean


def _starts(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    starts: NDArray[np.int64] = np.cumsum(sizes) - sizes
    return starts


def _parts(entry: Entry) -> list[str]:
    return [part for part in entry.answer.splitlines() if part.strip()]


def _whole(entry: Entry) -> str:
    return " ".join([*entry.questions, entry.answer])


def candidates(
    findings: Sequence[Finding], search: Search, *, embed: Embedder | None = None, size_min: int = 3
) -> list[Cluster]:
    """Questions among *findings* that recur and that *search* does not answer; members are places in it."""
    places = [at for at, finding in enumerate(findings) if finding.intent is Intent.QUESTION]
    matches = search.find_all([findings[at].masked for at in places], most=1)
    open_places = [
        at
        for at, found in zip(places, matches, strict=True)
        if not found or found[0].score < search.matched_min
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
