"""Learns classes from labelled texts, and when to say nothing; late fusion of two views where both are there.

One view is runs of characters and words (`vectors`), the other sentence embeddings. Each is a logistic
regression, made honest by a temperature; their probabilities are averaged, the better one counting more. Both
are found on texts that the regressions did not see.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from huifang.textanalysis import phrases, spreading, vectors
from huifang.textanalysis.calibrating import (
    Measured,
    heated,
    measure,
    mixed,
    share_of_meaning,
    temperature_of,
    threshold_of,
)
from huifang.textanalysis.embedding import Embedder
from huifang.textanalysis.errors import TooFewLabelsError
from huifang.textanalysis.records import Labelled
from huifang.textanalysis.regression import Linear, Shares, regressed
from huifang.textanalysis.vectors import Piece, Vectoriser, Weights

if TYPE_CHECKING:
    from scipy import sparse  # type: ignore[import-untyped]

_LARGE, _RARE_MIN = 3_000, 2
_FOLDS, _FOLDS_FIRST = 5, 2
_LABELS_MIN = 4
_SEED = 20_251_122
_REMEMBERED = 50_000
_LETTER = re.compile(r"[^\W_]")
# What was best on other draws of ten examples a class than those that are measured.
_UNLABELLED_MAX = 4_000
_EAGER, _GUESS_COUNTS = 0.5, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What was learnt. *meaning_share* (0 to 1) is how much embeddings count beside words.

    Below *threshold* it is not sure enough to name a class.
    """

    classes: tuple[str, ...]
    weights: Weights
    words: Linear
    meaning: Linear | None
    meaning_share: float
    threshold: float
    measured: Measured


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to see in some texts: their runs and, where they are there, their embeddings."""

    pieces: Sequence[Piece]
    embedded: NDArray[np.float32] | None

    def words(self) -> list[tuple[str, ...]]:
        """The words of each text."""
        return [words for piece in self.pieces for words in piece.words]


def look_at(texts: Sequence[str], embed: Embedder | None) -> Seen:
    """See *texts* once, for any number of classifiers."""
    return Seen(vectors.cut(texts), embed(texts) if embed else None)


class Classifier:
    """A model, ready to use."""

    def __init__(self, model: Model, embed: Embedder | None) -> None:
        self.model = model
        self._embed = embed if model.meaning else None
        self._vectoriser = Vectoriser(model.weights)
        self._weighed: dict[str, list[float]] = {}

    @property
    def is_fused(self) -> bool:
        """Whether embeddings take part."""
        return self._embed is not None

    def predict_proba(self, texts: Sequence[str], *, seen: "Seen | None" = None) -> Shares:
        """The probability of each class: shape (texts, classes). *seen* spares looking at them again."""
        seen = seen or look_at(texts, self._embed)
        found = self._vectoriser.weighed(seen.pieces)
        shares = self.model.words.shares(found)
        shares[found.are_strange()] = 1 / len(self.model.classes)
        if self.model.meaning is None or seen.embedded is None:
            return shares
        by_meaning = self.model.meaning.shares(seen.embedded)
        by_meaning[[not _LETTER.search(text) for text in texts]] = 1 / len(self.model.classes)
        return mixed(shares, by_meaning, self.model.meaning_share)

    def predict(self, texts: Sequence[str]) -> list[tuple[str, float]]:
        """The class of each text, or "" where it is not sure, and how probable the likeliest is."""
        shares = self.predict_proba(texts)
        return [
            (self.model.classes[at] if row[at] >= self.model.threshold else "", float(row[at]))
            for at, row in zip(shares.argmax(axis=1), shares, strict=True)
        ]

    def words_for(
        self, asked: Sequence[tuple[Sequence[str], str]], *, most: int = 3
    ) -> list[tuple[str, ...]]:
        """For each text (by its words) and class *asked*, the words of it that speak most for the class."""
        found = [_telling(words) for words, _ in asked]
        self._weigh(dict.fromkeys(chain.from_iterable(found)))
        columns = {name: at for at, name in enumerate(self.model.classes)}
        answers, weighed = [], self._weighed
        for many, (_, name) in zip(found, asked, strict=True):
            column = columns[name]
            best = sorted([(-weighed[word][column], at) for at, word in enumerate(many)])[:most]
            answers.append(tuple([many[at] for at in sorted([at for score, at in best if score < 0])]))
        return answers

    def borne_out(self, asked: Sequence[tuple[Sequence[str], str]]) -> list[float]:
        """For each text (by its words) and class *asked*, how much its most telling word speaks for it.

        Words that only bind others, such as "very", tell nothing by themselves.
        """
        binding = _binding()
        found = [[word for word in _telling(words) if word not in binding] for words, _ in asked]
        self._weigh(dict.fromkeys(chain.from_iterable(found)))
        columns, weighed = {name: at for at, name in enumerate(self.model.classes)}, self._weighed
        return [
            max((weighed[word][columns[name]] for word in many), default=0.0)
            for many, (_, name) in zip(found, asked, strict=True)
        ]

    def _weigh(self, words: Iterable[str]) -> None:
        """Remember how much each of *words* speaks for each class; most texts use the same few thousand."""
        new = [word for word in words if word not in self._weighed]
        if len(self._weighed) + len(new) > _REMEMBERED:
            self._weighed.clear()
            new = list(words)
        scores = self._vectoriser.weighed(vectors.cut(new)) @ self._leanings.T
        self._weighed.update(zip(new, scores.tolist(), strict=True))

    @cached_property
    def _leanings(self) -> NDArray[np.float32]:
        """How much more each run speaks for one class than for the others."""
        slopes = self.model.words.slopes
        leanings: NDArray[np.float32] = slopes - slopes.mean(axis=0)
        return leanings


def _telling(words: Sequence[str]) -> list[str]:
    """The different words of a text that may tell something, the first of a long one."""
    return [word for word in dict.fromkeys(words) if 1 < len(word) < 40 or not word.isascii()][:60]


@cache
def _binding() -> frozenset[str]:
    return frozenset(phrases.data("common_words")["binding"])


def fit(
    labelled: Sequence[Labelled], *, embed: Embedder | None = None, unlabelled: Sequence[str] = ()
) -> Model:
    """Learn from *labelled*; the same texts give the same model. Raises `TooFewLabelsError`.

    What is guessed of *unlabelled* texts teaches once more, the surer the more, if what comes of it is right
    more often on labelled texts that neither saw.
    """
    texts, labels = [each.text for each in labelled], np.array([each.label for each in labelled])
    sizes = Counter(labels.tolist())
    if len(texts) < _LABELS_MIN or len(sizes) < 2:
        raise TooFewLabelsError(found=len(texts), needed=_LABELS_MIN)
    known = _Texts(texts, embed(texts) if embed else None)
    found = _learnt(_seen(known, _NOBODY), labels)
    if unlabelled and len(texts) < _LARGE:
        more = list(unlabelled)[:_UNLABELLED_MAX]
        both = _seen(known, _Texts(more, embed(more) if embed else None))
        if _promises(both, labels, found):
            other = _learnt(both, labels)
            found = other if other.is_right_more_often_than(found) else found
    return found.model


@dataclass(frozen=True, slots=True)
class _Texts:
    """Some texts and, where there are any, their embeddings."""

    texts: Sequence[str]
    embedded: NDArray[np.float32] | None


_NOBODY = _Texts((), None)


@dataclass(frozen=True, slots=True)
class _Views:
    """Some texts in both views."""

    rows: "sparse.csr_matrix"
    embedded: NDArray[np.float32] | None

    def at(self, places: NDArray[np.int64]) -> "_Views":
        """Those at *places*."""
        return _Views(self.rows[places], None if self.embedded is None else self.embedded[places])

    def and_(self, other: "_Views") -> "_Views":
        """These, then those of *other*."""
        from scipy import sparse

        rows = sparse.vstack([self.rows, other.rows], format="csr")
        if self.embedded is None or other.embedded is None:
            return _Views(rows, None)
        return _Views(rows, np.vstack([self.embedded, other.embedded]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """Labelled texts and others, by what was learnt of the runs in both; *graph*: who is near to whom."""

    weights: Weights
    known: _Views
    others: _Views
    graph: "sparse.csr_matrix | None"


def _seen(labelled: _Texts, unlabelled: _Texts) -> _Seen:
    texts = [*labelled.texts, *unlabelled.texts]
    weights = vectors.learn(texts, seen_min=_RARE_MIN if len(texts) >= _LARGE else 1)
    rows = Vectoriser(weights).rows
    known, others = (_Views(rows(each.texts), each.embedded) for each in (labelled, unlabelled))
    both = known.and_(others) if unlabelled.texts else None
    graph = None if both is None else spreading.neighbours(both.rows, both.embedded)
    return _Seen(weights=weights, known=known, others=others, graph=graph)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Learnt:
    """A model, and which texts it got right before it had seen them."""

    model: Model
    right: NDArray[np.bool_]

    def is_right_more_often_than(self, other: "_Learnt") -> bool:
        """By more than one standard error of the difference, text by text."""
        gains = self.right.astype(int) - other.right
        return len(gains) > 0 and bool(gains.mean() > gains.std() / np.sqrt(len(gains)))


def _promises(seen: _Seen, labels: NDArray[np.str_], found: _Learnt) -> bool:
    """Whether the others help at all, on as many texts as tell it soon: most of the time is spent on them."""
    classes = found.model.classes
    tried, by_words, by_meaning = _tried(seen, labels, classes, folds=_FOLDS_FIRST)
    shares = by_words if by_meaning is None else mixed(by_words, by_meaning, 0.5)
    right = shares.argmax(axis=1) == np.searchsorted(classes, labels[tried])
    return len(tried) > 0 and int(right.sum()) > int(found.right[tried].sum())


def _learnt(seen: _Seen, labels: NDArray[np.str_]) -> _Learnt:
    classes = tuple(sorted(set(labels.tolist())))
    tried, by_words, by_meaning = _tried(seen, labels, classes)
    truth = np.searchsorted(classes, labels[tried])
    heat_words, heat_meaning = temperature_of(by_words, truth), temperature_of(by_meaning, truth)
    shares, meaning_share = heated(by_words, heat_words), 0.0
    if by_meaning is not None:
        by_meaning = heated(by_meaning, heat_meaning)
        meaning_share = share_of_meaning(shares, by_meaning, truth)
        shares = mixed(shares, by_meaning, meaning_share)
    threshold = threshold_of(shares, truth)
    words, meaning = _taught(seen, np.arange(len(labels)), labels, classes)
    model = Model(
        classes=classes,
        weights=seen.weights,
        words=replace(words, temperature=heat_words),
        meaning=replace(meaning, temperature=heat_meaning) if meaning else None,
        meaning_share=meaning_share,
        threshold=threshold,
        measured=measure(shares, truth, threshold),
    )
    right = np.zeros(len(labels), bool)
    right[tried] = shares.argmax(axis=1) == truth
    return _Learnt(model=model, right=right)


def _taught(
    seen: _Seen, inside: NDArray[np.int64], labels: NDArray[np.str_], classes: tuple[str, ...]
) -> tuple[Linear, Linear | None]:
    """A regression a view, by the labelled texts *inside*; with others, one that believes the guesses too."""
    known, others, labels = seen.known.at(inside), seen.others, labels[inside]
    words, meaning = _both(known, labels, classes)
    if seen.graph is None:
        return words, meaning
    shares = replace(words, temperature=_EAGER).shares(others.rows)
    if meaning is not None and others.embedded is not None:
        shares = (shares + replace(meaning, temperature=_EAGER).shares(others.embedded)) / 2
    said = np.zeros((seen.graph.shape[0], len(classes)))
    said[inside, np.searchsorted(classes, labels)] = 1
    said[-len(shares) :] = shares
    shares = (shares + spreading.spread(seen.graph, said)[-len(shares) :]) / 2
    guesses = np.array(classes)[shares.argmax(axis=1)]
    counts = np.concatenate([np.ones(len(labels)), _GUESS_COUNTS * shares.max(axis=1)])
    return _both(known.and_(others), np.concatenate([labels, guesses]), classes, counts)


def _both(
    known: _Views, labels: NDArray[np.str_], classes: tuple[str, ...], sure: NDArray[np.float64] | None = None
) -> tuple[Linear, Linear | None]:
    meaning = None if known.embedded is None else regressed(known.embedded, labels, classes, sure=sure)
    return regressed(known.rows, labels, classes, sure=sure), meaning


def _folds(labels: NDArray[np.str_]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Learn on these, try on those: each class in every part; one part of a large set is enough."""
    from sklearn.model_selection import (  # type: ignore[import-untyped]
        KFold,
        StratifiedKFold,
    )

    rarest = min(Counter(labels.tolist()).values())
    cut: Callable[..., KFold | StratifiedKFold] = StratifiedKFold if rarest >= 2 else KFold
    count = min(_FOLDS, rarest) if rarest >= 2 else min(_FOLDS, len(labels))
    splits = cut(count, shuffle=True, random_state=_SEED).split(np.zeros(len(labels)), labels)
    for number, (seen, unseen) in enumerate(splits):
        if number == 0 or len(labels) < _LARGE:
            yield seen, unseen


def _tried(
    seen: _Seen, labels: NDArray[np.str_], classes: tuple[str, ...], *, folds: int = _FOLDS
) -> tuple[NDArray[np.int64], Shares, Shares | None]:
    """What models say of texts that they have not seen: which texts, by words, by meaning."""
    known, places, by_words, by_meaning = seen.known, [], [], []
    for inside, outside in islice(_folds(labels), folds):
        if len(set(labels[inside])) < 2:
            continue
        words, meaning = _taught(seen, inside, labels, classes)
        places.append(outside)
        by_words.append(words.shares(known.rows[outside]))
        if meaning is not None and known.embedded is not None:
            by_meaning.append(meaning.shares(known.embedded[outside]))
    if not places:
        return np.zeros(0, np.int64), np.zeros((0, len(classes))), None
    together = np.concatenate(by_meaning) if by_meaning else None
    return np.concatenate(places), np.concatenate(by_words), together
