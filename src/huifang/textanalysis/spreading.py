"""Guesses that spread among texts that are alike: a label says a little of its text's neighbours, too.

After D. Zhou and others, Learning with Local and Global Consistency, NIPS 2003, 321-328.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from huifang.textanalysis import threads
from huifang.textanalysis.regression import Shares

if TYPE_CHECKING:
    from scipy import sparse  # type: ignore[import-untyped]

_NEIGHBOURS, _NEARNESS = 5, 12.0
_WORDS_SHARE = 1 / 3
_HEARD, _ROUNDS = 0.8, 25
_AT_ONCE = 512


def neighbours(rows: "sparse.csr_matrix", embedded: NDArray[np.float32] | None) -> "sparse.csr_matrix":
    """Who is how near to whom, of texts in both views or one: square and symmetric, ready for `spread`."""
    from scipy import sparse

    size = rows.shape[0]
    most = min(_NEIGHBOURS, size - 1)
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    rows = sparse.csr_matrix(sparse.diags(1 / np.maximum(lengths, 1e-9)) @ rows)
    places, likeness = [np.zeros((0, most), np.int64)], [np.zeros((0, most), np.float32)]
    for start in range(0, size, _AT_ONCE):
        alike = _alike(rows, embedded, start)
        alike[np.arange(len(alike)), np.arange(start, start + len(alike))] = -np.inf
        nearest = np.argpartition(-alike, most - 1, axis=1)[:, :most] if most else places[0]
        places.append(nearest)
        likeness.append(np.take_along_axis(alike, nearest, axis=1) if most else likeness[0])
    near = np.exp((np.concatenate(likeness).ravel() - 1) * _NEARNESS)
    begins = np.repeat(np.arange(size), most)
    graph = sparse.csr_matrix((near, (begins, np.concatenate(places).ravel())), shape=(size, size))
    graph = graph.maximum(graph.T)
    level = sparse.diags(1 / np.sqrt(np.maximum(np.asarray(graph.sum(axis=1)).ravel(), 1e-12)))
    return sparse.csr_matrix(level @ graph @ level)


def _alike(
    rows: "sparse.csr_matrix", embedded: NDArray[np.float32] | None, start: int
) -> NDArray[np.float32]:
    by_words: NDArray[np.float32] = (rows[start : start + _AT_ONCE] @ rows.T).toarray().astype(np.float32)
    if embedded is None:
        return by_words
    with threads.one():
        by_meaning = embedded[start : start + _AT_ONCE] @ embedded.T
    alike: NDArray[np.float32] = _WORDS_SHARE * by_words + (1 - _WORDS_SHARE) * by_meaning
    return alike


def spread(graph: "sparse.csr_matrix", said: Shares) -> Shares:
    """What is *said* of each text of the *graph* after its neighbours were heard: shape (texts, classes)."""
    heard = said
    for _ in range(_ROUNDS):
        heard = _HEARD * (graph @ heard) + (1 - _HEARD) * said
    spread_out: Shares = heard / np.maximum(heard.sum(axis=1, keepdims=True), 1e-12)
    return spread_out
