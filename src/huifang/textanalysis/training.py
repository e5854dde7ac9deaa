"""Learns classes from labelled texts, and when to say nothing; late fusion of two views where both are there.

One view is runs of characters and words (`vectors`), the other sentence embeddings. Each is a logistic
regression, made honest by a temperature; their probabilities are averaged, the better one counting more. Both
are found on texts that the regressions did not see.
"""

import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped]

from huifang.textanalysis import threads, vectors
from huifang.textanalysis.embedding import Embedder
from huifang.textanalysis.errors import TooFewLabelsError
from huifang.textanalysis.records import Labelled
from huifang.textanalysis.vectors import Piece, Vectoriser, Weights

Shares = NDArray[np.float64]
_STRENGTH = 20.0
# The first step of a solver is the smaller the more classes there are: one content with 1e-3 never leaves the
# start of 150. Embeddings are dense and cheap, so for them it may look closer in any case.
_TOLERANCE, _TOLERANCE_DENSE, _TOLERANCE_BY_CLASSES = 1e-3, 1e-4, 0.02
_LARGE, _RARE_MIN = 3_000, 2
_FOLDS = 5
_LABELS_MIN = 4
_PRECISION = 0.8
_TEMPERATURES = np.geomspace(0.25, 3.0, 16)
_SHARES = np.arange(0, 11) / 10
_FEW_CLASSES, _MANY_LABELS = 5, 500
_SEED = 20_251_122
_REMEMBERED = 50_000
_LETTER = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """One logistic regression: *slopes* shape (classes, width), and the temperature that makes it honest."""

    slopes: NDArray[np.float32]
    offsets: NDArray[np.float32]
    temperature: float = 1.0

    def shares(self, rows: "sparse.csr_matrix | NDArray[np.float32]") -> Shares:
        """The probability of each class: shape (rows, classes)."""
        scores = np.asarray(rows @ self.slopes.T, dtype=np.float64) + self.offsets
        scores /= self.temperature
        scores -= scores.max(axis=1, keepdims=True)
        np.exp(scores, out=scores)
        total: Shares = scores / scores.sum(axis=1, keepdims=True)
        return total


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """How it did on labelled texts that it did not learn from."""

    texts: int
    right: int
    macro_f1: float
    answered: int
    answered_right: int

    @property
    def accuracy(self) -> float:
        """The share of texts that it got right, where it had to answer."""
        return self.right / self.texts if self.texts else 0.0


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
        found = self._vectoriser.rows_of(seen.pieces)
        shares = self.model.words.shares(found)
        shares[np.diff(found.indptr) == 0] = 1 / len(self.model.classes)
        if self.model.meaning is None or seen.embedded is None:
            return shares
        by_meaning = self.model.meaning.shares(seen.embedded)
        by_meaning[[not _LETTER.search(text) for text in texts]] = 1 / len(self.model.classes)
        return _mixed(shares, by_meaning, self.model.meaning_share)

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

    def _weigh(self, words: Iterable[str]) -> None:
        """Remember how much each of *words* speaks for each class; most texts use the same few thousand."""
        new = [word for word in words if word not in self._weighed]
        if len(self._weighed) + len(new) > _REMEMBERED:
            self._weighed.clear()
            new = list(words)
        scores = np.asarray(self._vectoriser.rows(new) @ self._leanings.T)
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


def fit(labelled: Sequence[Labelled], *, embed: Embedder | None = None) -> Model:
    """Learn from *labelled*; the same texts give the same model. Raises `TooFewLabelsError`."""
    texts, labels = [each.text for each in labelled], np.array([each.label for each in labelled])
    sizes = Counter(labels.tolist())
    if len(texts) < _LABELS_MIN or len(sizes) < 2:
        raise TooFewLabelsError(found=len(texts), needed=_LABELS_MIN)
    seen_min = _RARE_MIN if len(texts) >= _LARGE else 1
    classes = tuple(sorted(sizes))
    embedded = embed(texts) if embed else None
    weights = vectors.learn(texts, seen_min=seen_min)
    rows = Vectoriser(weights).rows(texts)
    tried, by_words, by_meaning = _tried(rows, embedded, labels, classes)
    truth = np.searchsorted(classes, labels[tried])
    heat_words, heat_meaning = _temperature(by_words, truth), _temperature(by_meaning, truth)
    shares, meaning_share = _heated(by_words, heat_words), 0.0
    if by_meaning is not None:
        by_meaning = _heated(by_meaning, heat_meaning)
        meaning_share = share_of_meaning(shares, by_meaning, truth)
        shares = _mixed(shares, by_meaning, meaning_share)
    threshold = _threshold(shares, truth)
    return Model(
        classes=classes,
        weights=weights,
        words=_regressed(rows, labels, classes, heat_words),
        meaning=None if embedded is None else _regressed(embedded, labels, classes, heat_meaning),
        meaning_share=meaning_share,
        threshold=threshold,
        measured=measure(shares, truth, threshold),
    )


def _mixed(by_words: Shares, by_meaning: Shares, share: float) -> Shares:
    mixed: Shares = (1 - share) * by_words + share * by_meaning
    return mixed


def share_of_meaning(by_words: Shares, by_meaning: Shares, truth: NDArray[np.int64]) -> float:
    """How much meaning should count: half, unless another share is right more often than chance explains.

    Chance is one standard error of the difference, text by text.
    """
    if not len(truth):
        return 0.5
    rights = [_mixed(by_words, by_meaning, share).argmax(axis=1) == truth for share in _SHARES]
    half = rights[int(np.flatnonzero(_SHARES == 0.5)[0])].astype(int)
    gains = [each.astype(int) - half for each in rights]
    best = int(np.argmax([gain.mean() for gain in gains]))
    error = float(gains[best].std() / np.sqrt(len(truth)))
    return float(_SHARES[best]) if gains[best].mean() > error else 0.5


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
    rows: sparse.csr_matrix,
    embedded: NDArray[np.float32] | None,
    labels: NDArray[np.str_],
    classes: tuple[str, ...],
) -> tuple[NDArray[np.int64], Shares, Shares | None]:
    """What models say of texts that they have not seen: which texts, by words, by meaning."""
    places, by_words, by_meaning = [], [], []
    for seen, unseen in _folds(labels):
        if len(set(labels[seen])) < 2:
            continue
        places.append(unseen)
        by_words.append(_regressed(rows[seen], labels[seen], classes).shares(rows[unseen]))
        if embedded is not None:
            learnt = _regressed(embedded[seen], labels[seen], classes)
            by_meaning.append(learnt.shares(embedded[unseen]))
    if not places:
        return np.zeros(0, np.int64), np.zeros((0, len(classes))), None
    meaning = np.concatenate(by_meaning) if by_meaning else None
    return np.concatenate(places), np.concatenate(by_words), meaning


def _regressed(
    rows: "sparse.csr_matrix | NDArray[np.float32]",
    labels: NDArray[np.str_],
    classes: tuple[str, ...],
    temperature: float = 1.0,
) -> Linear:
    """A logistic regression; classes without an example are never likely.

    With few classes and many examples, as for sentiment, half of it is one on rows in which a run counts by
    how differently the classes use it (after S. Wang and C. Manning, ACL 2012, 90-94).
    """
    numbers = np.searchsorted(classes, labels)
    slopes, offsets = _solved(rows, numbers)
    found = np.unique(numbers)
    if sparse.issparse(rows) and len(found) <= _FEW_CLASSES and len(labels) >= _MANY_LABELS:
        contrast = _contrast(rows, numbers)
        other, level = _solved(rows @ sparse.diags(contrast), numbers)
        slopes, offsets = (slopes + other * contrast) / 2, (offsets + level) / 2
    whole = np.zeros((len(classes), slopes.shape[1]), np.float32)
    levels = np.full(len(classes), -1e4, np.float32)
    whole[found], levels[found] = slopes, offsets
    return Linear(slopes=whole, offsets=levels, temperature=temperature)


def _solved(
    rows: "sparse.csr_matrix | NDArray[np.float32]", numbers: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Slopes and offsets of the classes that occur, in order; rare ones count somewhat more."""
    from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-untyped]
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    _, where, sizes = np.unique(numbers, return_inverse=True, return_counts=True)
    closely = min(_TOLERANCE, _TOLERANCE_BY_CLASSES / len(sizes))
    tolerance = closely if sparse.issparse(rows) else _TOLERANCE_DENSE
    learner = LogisticRegression(C=_STRENGTH, tol=tolerance, max_iter=80)
    with warnings.catch_warnings(), threads.one():
        warnings.simplefilter("ignore", ConvergenceWarning)
        learner.fit(rows, numbers, sample_weight=np.sqrt(len(numbers) / len(sizes) / sizes)[where])
    slopes, offsets = learner.coef_, learner.intercept_
    if len(sizes) == 2:
        slopes, offsets = np.vstack([-slopes, slopes]) / 2, np.concatenate([-offsets, offsets]) / 2
    return slopes, offsets


def _contrast(rows: sparse.csr_matrix, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
    """How differently the classes use each run: the largest log ratio of shares; the mean run has 1."""
    there = rows.copy()
    there.data[:] = 1
    everywhere = np.asarray(there.sum(axis=0)).ravel()
    most: NDArray[np.float64] = np.full(rows.shape[1], 1e-3)
    for number in np.unique(numbers):
        is_in = numbers == number
        inside = np.asarray(there[is_in].sum(axis=0)).ravel()
        share = (inside + 1) / (is_in.sum() + 2)
        others = (everywhere - inside + 1) / ((~is_in).sum() + 2)
        most = np.maximum(most, np.abs(np.log(share / others)))
    contrast: NDArray[np.float32] = (most / most.mean()).astype(np.float32)
    return contrast


def themes(
    learn: Sequence[str],
    truth: NDArray[np.bool_],
    texts: Sequence[str],
    *,
    embed: Embedder | None = None,
) -> NDArray[np.bool_]:
    """Which of several labels each of *texts* has, after *learn* with *truth*: shape (texts, labels).

    Each label is a yes or no of its own; how sure a yes must be is what was best on texts not learnt from.
    """
    vectoriser = Vectoriser(vectors.learn(learn, seen_min=_RARE_MIN))
    views = [(vectoriser.rows(learn), vectoriser.rows(texts))]
    if embed:
        views.append((embed(learn), embed(texts)))
    held = np.arange(len(learn)) % 5 == 0
    said = np.zeros((len(texts), truth.shape[1]), bool)
    for column in range(truth.shape[1]):
        yes = truth[:, column].astype(str)
        if min(Counter(yes.tolist()).values(), default=0) < 5 or len(set(yes[~held].tolist())) < 2:
            continue
        tried = _mean_yes([(rows[~held], rows[held]) for rows, _ in views], yes[~held])
        least = _best_threshold(tried, truth[held, column])
        said[:, column] = _mean_yes(views, yes) >= least
    return said


def _mean_yes(
    views: Sequence[
        tuple["sparse.csr_matrix | NDArray[np.float32]", "sparse.csr_matrix | NDArray[np.float32]"]
    ],
    yes: NDArray[np.str_],
) -> Shares:
    answers = ("False", "True")
    shares: Shares = np.mean(
        [_regressed(learn, yes, answers).shares(tried)[:, 1] for learn, tried in views], axis=0
    )
    return shares


def _best_threshold(shares: Shares, truth: NDArray[np.bool_]) -> float:
    """The probability that parts yes from no with the best F1."""
    levels = np.linspace(0.1, 0.9, 33)
    found = [
        2 * (truth & (shares >= level)).sum() / (truth.sum() + (shares >= level).sum() + 1e-9)
        for level in levels
    ]
    return float(levels[int(np.argmax(found))])


def _heated(shares: Shares, temperature: float) -> Shares:
    heated = np.power(np.maximum(shares, 1e-12), 1 / temperature)
    total: Shares = heated / heated.sum(axis=1, keepdims=True)
    return total


def _temperature(shares: Shares | None, truth: NDArray[np.int64]) -> float:
    """The temperature at which unseen texts surprise least."""
    if shares is None or not len(truth):
        return 1.0
    places = np.arange(len(truth))
    losses = [-np.log(_heated(shares, heat)[places, truth]).mean() for heat in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def _threshold(shares: Shares, truth: NDArray[np.int64]) -> float:
    """The least probability above which four answers in five are right, and no lower than chance twice."""
    floor = min(0.5, 2 / max(shares.shape[1], 1))
    if not len(truth):
        return 0.5
    order = np.argsort(-shares.max(axis=1), kind="stable")
    rights = (shares.argmax(axis=1) == truth)[order]
    precision = np.cumsum(rights) / np.arange(1, len(rights) + 1)
    good = np.flatnonzero(precision >= _PRECISION)
    lowest = float(shares.max(axis=1)[order][good[-1]]) if len(good) else 0.9
    return float(min(0.9, max(floor, lowest)))


def measure(shares: Shares, truth: NDArray[np.int64], threshold: float) -> Measured:
    """How *shares* (texts, classes) fit *truth*."""
    guesses = shares.argmax(axis=1) if len(truth) else np.zeros(0, np.int64)
    is_sure = shares.max(axis=1) >= threshold if len(truth) else np.zeros(0, bool)
    right = guesses == truth
    return Measured(
        texts=len(truth),
        right=int(right.sum()),
        macro_f1=macro_f1(guesses, truth),
        answered=int(is_sure.sum()),
        answered_right=int((right & is_sure).sum()),
    )


def macro_f1(guesses: NDArray[np.int64], truth: NDArray[np.int64]) -> float:
    """The mean over the classes that occur of the harmonic mean of precision and recall."""
    names = np.union1d(guesses, truth)
    if not len(names):
        return 0.0
    both = np.array([((guesses == name) & (truth == name)).sum() for name in names])
    either = np.array([(guesses == name).sum() + (truth == name).sum() for name in names])
    return float((2 * both / either).mean())
