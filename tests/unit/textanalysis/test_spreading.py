"""Guesses spread among texts that are alike, in one view and in two."""

import numpy as np
import pytest
from scipy import sparse

from huifang.textanalysis import spreading

# Two crowds that share no word; the last is alone.
ROWS = sparse.csr_matrix(
    np.array(
        [[1, 1, 0, 0, 0], [1, 2, 0, 0, 0], [2, 1, 0, 0, 0], [0, 0, 1, 1, 0], [0, 0, 1, 2, 0], [0, 0, 0, 0, 1]]
    ),
    dtype=np.float32,
)
SAID = np.array([[1, 0], [0.5, 0.5], [0.5, 0.5], [0, 1], [0.5, 0.5], [0.5, 0.5]])


def meant(*angles: float) -> np.ndarray:
    return np.array([[np.cos(each), np.sin(each)] for each in angles], np.float32)


@pytest.mark.parametrize(
    "embedded", [None, meant(0, 0.1, 0.2, 1.5, 1.4, 0.8)], ids=["words alone", "words and meaning"]
)
def test_a_label_speaks_for_its_neighbours(embedded: np.ndarray | None) -> None:
    found = spreading.spread(spreading.neighbours(ROWS, embedded), SAID)

    assert found.sum(axis=1) == pytest.approx(np.ones(6))
    assert (found[1:3, 0] > 0.6).all()
    assert found[4, 1] > 0.6
    assert found[5, 0] == pytest.approx(0.5, abs=0.1)


def test_who_is_near_to_whom_is_mutual_and_many_texts_are_looked_at_in_parts() -> None:
    many = sparse.vstack([ROWS] * 200, format="csr")
    graph = spreading.neighbours(many, None)

    assert graph.shape == (1_200, 1_200)
    assert abs(graph - graph.T).max() < 1e-6
    assert graph.diagonal().max() == 0
    assert np.diff(graph.indptr).min() >= 5


@pytest.mark.parametrize("size", [1, 2])
def test_few_texts_have_few_neighbours(size: int) -> None:
    graph = spreading.neighbours(ROWS[:size], None)
    assert spreading.spread(graph, SAID[:size]).shape == (size, 2)
    assert np.isfinite(spreading.spread(graph, SAID[:size])).all()
