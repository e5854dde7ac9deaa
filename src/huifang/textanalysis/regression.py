"""One logistic regression, made from rows and their classes."""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from huifang.textanalysis import threads
from huifang.textanalysis.vectors import Weighed

if TYPE_CHECKING:
    from scipy import sparse  # type: ignore[import-untyped]

Shares = NDArray[np.float64]
Rows: TypeAlias = "sparse.csr_matrix | NDArray[np.float32]"
_STRENGTH = 20.0
# The first step of a solver is the smaller the more classes there are: one content with 1e-3 never leaves the
# start of 150. Embeddings are dense and cheap, so for them it may look closer in any case.
_TOLERANCE, _TOLERANCE_DENSE, _TOLERANCE_BY_CLASSES = 1e-3, 1e-4, 0.02
_FEW_CLASSES, _MANY_LABELS = 5, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """One logistic regression: *slopes* shape (classes, width), and the temperature that makes it honest."""

    slopes: NDArray[np.float32]
    offsets: NDArray[np.float32]
    temperature: float = 1.0

    def shares(self, rows: "Rows | Weighed") -> Shares:
        """The probability of each class: shape (rows, classes)."""
        scores = np.asarray(rows @ self.slopes.T, dtype=np.float64) + self.offsets
        scores /= self.temperature
        scores -= scores.max(axis=1, keepdims=True)
        np.exp(scores, out=scores)
        total: Shares = scores / scores.sum(axis=1, keepdims=True)
        return total


def regressed(
    rows: Rows,
    labels: NDArray[np.str_],
    classes: tuple[str, ...],
    *,
    sure: NDArray[np.float64] | None = None,
) -> Linear:
    """A logistic regression; classes without an example are never likely. *sure*: how much each row counts.

    With few classes and many examples, as for sentiment, half of it is one on rows in which a run counts by
    how differently the classes use it (after S. Wang and C. Manning, ACL 2012, 90-94).
    """
    from scipy import sparse

    numbers = np.searchsorted(classes, labels)
    slopes, offsets = _solved(rows, numbers, sure)
    found = np.unique(numbers)
    if sparse.issparse(rows) and len(found) <= _FEW_CLASSES and len(labels) >= _MANY_LABELS:
        contrast = _contrast(rows, numbers)
        other, level = _solved(rows @ sparse.diags(contrast), numbers, sure)
        slopes, offsets = (slopes + other * contrast) / 2, (offsets + level) / 2
    whole = np.zeros((len(classes), slopes.shape[1]), np.float32)
    levels = np.full(len(classes), -1e4, np.float32)
    whole[found], levels[found] = slopes, offsets
    return Linear(slopes=whole, offsets=levels)


def _solved(
    rows: Rows, numbers: NDArray[np.int64], sure: NDArray[np.float64] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Slopes and offsets of the classes that occur, in order; rare ones count somewhat more."""
    from scipy import sparse
    from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-untyped]
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    _, where, sizes = np.unique(numbers, return_inverse=True, return_counts=True)
    closely = min(_TOLERANCE, _TOLERANCE_BY_CLASSES / len(sizes))
    tolerance = closely if sparse.issparse(rows) else _TOLERANCE_DENSE
    learner = LogisticRegression(C=_STRENGTH, tol=tolerance, max_iter=80)
    counts = np.sqrt(len(numbers) / len(sizes) / sizes)[where]
    with warnings.catch_warnings(), threads.one():
        warnings.simplefilter("ignore", ConvergenceWarning)
        learner.fit(rows, numbers, sample_weight=counts if sure is None else counts * sure)
    slopes, offsets = learner.coef_, learner.intercept_
    if len(sizes) == 2:
        slopes, offsets = np.vstack([-slopes, slopes]) / 2, np.concatenate([-offsets, offsets]) / 2
    return slopes, offsets


def _contrast(rows: "sparse.csr_matrix", numbers: NDArray[np.int64]) -> NDArray[np.float32]:
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
