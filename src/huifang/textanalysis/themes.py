"""Several labels a text, each a yes or no of its own."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from huifang.textanalysis import vectors
from huifang.textanalysis.embedding import Embedder
from huifang.textanalysis.regression import Rows, Shares, regressed
from huifang.textanalysis.vectors import Vectoriser

_RARE_MIN = 2


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
    views: Sequence[tuple[Rows, Rows]],
    yes: NDArray[np.str_],
) -> Shares:
    answers = ("False", "True")
    shares: Shares = np.mean(
        [regressed(learn, yes, answers).shares(tried)[:, 1] for learn, tried in views], axis=0
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
