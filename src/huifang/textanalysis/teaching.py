"""Which texts would teach a topic that few labels tell of. Pure.

By its name first, then by what was labelled so far; from words alone, in the time of a page.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped]

from huifang.textanalysis import phrases, vectors
from huifang.textanalysis.vectors import Vectoriser

_LENGTH_MAX = 200
_RARE_MIN = 2
# A text that is another one but for a word teaches nothing.
_SAME = 0.9
_AGAINST = 0.5
_NAME_COUNTS, _OTHER_WORDS = 0.35, 0.5
_ENDINGS = re.compile(r"(?:ings?|ies|es|s|ed)$")
_HAN = re.compile(r"[\u3400-\u9fff]")
_STEM_MIN = 4
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A topic to be taught: its names and phrases, and what people said is about it and what is not."""

    names: Sequence[str]
    about: Sequence[str]
    not_about: Sequence[str]


def name_words(names: Sequence[str]) -> list[str]:
    """The words by which a topic goes, as they may stand in a text; Latin ones without endings."""
    found = [
        word if _HAN.search(word) else _stem(word)
        for name in names
        for word in vectors.words(vectors.tidy(name))
        if word not in _common()
    ]
    return [word for word in dict.fromkeys(found) if len(word) > (1 if _HAN.search(word) else 2)]


def _stem(word: str) -> str:
    stem = _ENDINGS.sub("", word)
    return stem if len(stem) >= _STEM_MIN else word


@cache
def _common() -> frozenset[str]:
    return frozenset(phrases.data("nameless_words")) | {
        "about",
        "and",
        "or",
        "of",
        "the",
        "和",
        "与",
        "或",
        "的",
    }


def likely(texts: Sequence[str], lesson: Lesson) -> list[tuple[int, bool]]:
    """Places of *texts* by how likely they are about the topic, and whether they have words of its name.

    What is much like a text that was labelled comes later: it teaches less.
    """
    if not texts:
        return []
    known = [each[:_LENGTH_MAX] for each in (*lesson.names, *lesson.about, *lesson.not_about)]
    listed = [each[:_LENGTH_MAX] for each in texts]
    rows = _rows([*known, *listed])
    learnt, rows = rows[: len(known)], rows[len(known) :]
    named = has_name(listed, lesson.names)
    nearest = _nearest(rows, learnt[len(lesson.names) :])
    scores = _scores(learnt, rows, lesson) + _NAME_COUNTS * named - _OTHER_WORDS * nearest
    best = np.argsort(-scores, kind="stable").tolist()
    return [(at, bool(named[at])) for at in best if nearest[at] < _SAME]


def has_name(texts: Sequence[str], names: Sequence[str]) -> NDArray[np.bool_]:
    """Which of *texts* have a word of *names*."""
    words = name_words(names)
    if not words:
        return np.zeros(len(texts), bool)
    starts = (re.escape(word) if _HAN.search(word) else rf"\b{re.escape(word)}" for word in words)
    pattern = re.compile("|".join(starts))
    return np.array([pattern.search(text.lower()) is not None for text in texts], bool)


def _rows(texts: Sequence[str]) -> sparse.csr_matrix:
    """Rows of length 1, weighed by how rare a run is among *texts* themselves."""
    rows = Vectoriser(vectors.learn(texts, seen_min=_RARE_MIN)).rows(texts)
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(lengths, 1e-9)) @ rows)


def _scores(learnt: sparse.csr_matrix, rows: sparse.csr_matrix, lesson: Lesson) -> Numbers:
    """How near each of *rows* is to the topic rather than to what is none of it, and to everything."""
    named = len(lesson.names)
    about, against = learnt[: named + len(lesson.about)], learnt[named + len(lesson.about) :]
    if not about.shape[0]:
        return np.zeros(rows.shape[0])
    # All names together speak as one example does.
    shares = np.r_[np.full(named, 1 / max(named, 1)), np.ones(len(lesson.about))]
    direction = np.asarray(shares @ about).ravel() / shares.sum() - _AGAINST * _mean(rows)
    if against.shape[0]:
        direction -= _AGAINST * _mean(against)
    scores: Numbers = np.asarray(rows @ direction).ravel()
    return scores


def _mean(rows: sparse.csr_matrix) -> Numbers:
    mean: Numbers = np.asarray(rows.mean(axis=0)).ravel()
    return mean


def _nearest(rows: sparse.csr_matrix, known: sparse.csr_matrix) -> Numbers:
    """How alike each of *rows* is to the one of *known* that is most like it."""
    if not known.shape[0]:
        return np.zeros(rows.shape[0])
    nearest: Numbers = np.asarray((rows @ known.T).max(axis=1).todense()).ravel()
    return nearest
