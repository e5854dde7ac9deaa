"""Rows of weights: what multiplies by itself is what a sparse matrix holds."""

import numpy as np
import pytest

from huifang.textanalysis import vectors
from huifang.textanalysis.vectors import Vectoriser

TEXTS = ["提现手续费太高了", "", "the app keeps crashing", "？？？", "手续费 fee 手续费", "zzzz qqqq", "a"]


@pytest.mark.parametrize("times", [1, 60], ids=["one piece", "more than one piece"])
def test_rows_multiply_as_the_matrix_of_them_does(times: int) -> None:
    made = Vectoriser(vectors.learn(TEXTS[:5], seen_min=1))
    texts = TEXTS * times
    weighed, matrix = made.weighed(vectors.cut(texts)), made.rows(texts)
    dense = np.random.default_rng(1).normal(size=(made.weights.width, 3)).astype(np.float32)

    assert matrix.shape == (len(texts), made.weights.width)
    assert np.allclose(weighed @ dense, matrix @ dense, atol=1e-5)
    assert np.abs(matrix @ dense).max() > 0.1
    assert weighed.are_strange().tolist() == [text in ("", "zzzz qqqq") for text in texts]


def test_no_text_makes_no_row() -> None:
    made = Vectoriser(vectors.learn(TEXTS, seen_min=1))
    dense = np.ones((made.weights.width, 2), np.float32)

    assert (made.weighed([]) @ dense).shape == (0, 2)
    assert made.rows([]).shape == (0, made.weights.width)
    assert made.weighed([]).are_strange().tolist() == []


def test_a_row_is_as_long_as_one_for_each_view_where_all_of_it_is_known() -> None:
    made = Vectoriser(vectors.learn(TEXTS, seen_min=1))
    lengths = np.asarray(made.rows(TEXTS[:1]).power(2).sum(axis=1)).ravel()

    assert lengths == pytest.approx([2.0], abs=1e-5)


def test_the_wallets_own_words_stay_whole() -> None:
    assert "手续费" in vectors.words("提现手续费太高了")
    assert vectors.words("well, done!  (really)") == ("well", "done", "really")
