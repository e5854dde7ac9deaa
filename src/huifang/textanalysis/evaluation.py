"""Measures classifiers on labelled texts as they would be used: learnt on some, tried on others. Pure.

Intervals: Wilson's for accuracy, the bootstrap's (percentiles of 400 draws) for F1 and for AUROC.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huifang.stats import intervals
from huifang.textanalysis import calibrating, training
from huifang.textanalysis.embedding import Embedder
from huifang.textanalysis.records import Figure, Labelled

_DRAWS, _SEED = 400, 7
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What models said of texts that they had not seen. *truth* and columns of *shares* are classes."""

    classes: tuple[str, ...]
    truth: NDArray[np.int64]
    shares: Numbers
    learnt: int


def held_out(
    texts: Sequence[Labelled], *, share: float = 0.2, embed: Embedder | None, seed: int = _SEED
) -> Tried:
    """Learn on most of *texts* and try on a *share* of each class."""
    chance, tried = np.random.default_rng(seed), set[int]()
    for places in _places_by_label(texts).values():
        count = max(1, round(share * len(places))) if len(places) > 1 else 0
        tried.update(chance.permutation(places)[:count].tolist())
    learn = [each for at, each in enumerate(texts) if at not in tried]
    return against(learn, [texts[at] for at in sorted(tried)], embed=embed)


def few_shot(
    texts: Sequence[Labelled], *, each: int, most: int, embed: Embedder | None, seed: int = _SEED
) -> Tried:
    """Learn on *each* texts of every class and their names; try on at most so many of the others.

    The rest is there without labels, as the texts are that nobody has labelled yet.
    """
    chance = np.random.default_rng(seed)
    chosen = {
        int(at) for places in _places_by_label(texts).values() for at in chance.permutation(places)[:each]
    }
    others = chance.permutation([at for at in range(len(texts)) if at not in chosen]).tolist()
    names = [Labelled(text=name.replace("_", " "), label=name) for name in _places_by_label(texts)]
    return against(
        [*(texts[at] for at in sorted(chosen)), *names],
        [texts[at] for at in others[:most]],
        embed=embed,
        unlabelled=[texts[at].text for at in others[most:]],
    )


def against(
    learn: Sequence[Labelled],
    others: Sequence[Labelled],
    *,
    embed: Embedder | None,
    unlabelled: Sequence[str] = (),
) -> Tried:
    """Learn on *learn*, try on *others*; a label that was not there to learn can only be wrong."""
    model = training.fit(learn, embed=embed, unlabelled=unlabelled)
    shares = training.Classifier(model, embed).predict_proba([each.text for each in others])
    number = {name: at for at, name in enumerate(model.classes)}
    truth = np.array([number.get(each.label, -1) for each in others], np.int64)
    return Tried(classes=model.classes, truth=truth, shares=shares, learnt=len(learn))


def _places_by_label(texts: Sequence[Labelled]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for at, each in enumerate(texts):
        places.setdefault(each.label, []).append(at)
    return dict(sorted(places.items()))


def accuracy(tried: Tried) -> Figure:
    """The share that was right where it had to answer."""
    right = int((tried.shares.argmax(axis=1) == tried.truth).sum())
    return share("accuracy", right, len(tried.truth), learnt=tried.learnt)


def share(name: str, right: int, of: int, *, learnt: int) -> Figure:
    """*right* *of* so many, with Wilson's interval."""
    found = intervals.wilson(right, of)
    return Figure(name=name, value=right / of, low=found.low, high=found.high, learnt=learnt, tried=of)


def macro_f1(tried: Tried) -> Figure:
    """The mean of the classes' F1."""
    guesses = tried.shares.argmax(axis=1)
    return _bootstrapped(
        "macro-F1", len(guesses), lambda at: calibrating.macro_f1(guesses[at], tried.truth[at]), tried.learnt
    )


def auroc(name: str, scores: Numbers, is_positive: NDArray[np.bool_], *, learnt: int) -> Figure:
    """How often a positive scores above a negative; half where they tie."""

    def value(at: NDArray[np.int64]) -> float:
        return _area(scores[at], is_positive[at])

    return _bootstrapped(name, len(scores), value, learnt)


def _area(scores: Numbers, is_positive: NDArray[np.bool_]) -> float:
    positives = int(is_positive.sum())
    negatives = len(scores) - positives
    if not positives or not negatives:
        return 0.5
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return float((ranks[is_positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def themes(truth: NDArray[np.bool_], said: NDArray[np.bool_], *, learnt: int) -> tuple[Figure, Figure]:
    """Micro- and macro-F1 where a text may have several labels: both shape (texts, labels)."""

    def micro(at: NDArray[np.int64]) -> float:
        both, either = (truth[at] & said[at]).sum(), truth[at].sum() + said[at].sum()
        return float(2 * both / either) if either else 0.0

    def macro(at: NDArray[np.int64]) -> float:
        both = (truth[at] & said[at]).sum(axis=0)
        either = truth[at].sum(axis=0) + said[at].sum(axis=0)
        return float((2 * both / np.maximum(either, 1))[either > 0].mean())

    size = len(truth)
    return _bootstrapped("micro-F1", size, micro, learnt), _bootstrapped("macro-F1", size, macro, learnt)


def _bootstrapped(name: str, size: int, value: Callable[[NDArray[np.int64]], float], learnt: int) -> Figure:
    chance = np.random.default_rng(_SEED)
    drawn = [value(chance.integers(0, size, size)) for _ in range(_DRAWS)]
    low, high = (float(each) for each in np.quantile(drawn, [0.025, 0.975]))
    return Figure(name=name, value=value(np.arange(size)), low=low, high=high, learnt=learnt, tried=size)
