"""How honest a model is about how sure it is, and how well it does: temperature, threshold, figures."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huifang.textanalysis.regression import Shares

_PRECISION = 0.8
_TEMPERATURES = np.geomspace(0.25, 3.0, 16)
_SHARES = np.arange(0, 11) / 10


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


def mixed(by_words: Shares, by_meaning: Shares, share: float) -> Shares:
    """Both views as one; *share* is how much meaning counts."""
    mixed: Shares = (1 - share) * by_words + share * by_meaning
    return mixed


def share_of_meaning(by_words: Shares, by_meaning: Shares, truth: NDArray[np.int64]) -> float:
    """How much meaning should count: half, unless another share is right more often than chance explains.

    Chance is one standard error of the difference, text by text.
    """
    if not len(truth):
        return 0.5
    rights = [mixed(by_words, by_meaning, share).argmax(axis=1) == truth for share in _SHARES]
    half = rights[int(np.flatnonzero(_SHARES == 0.5)[0])].astype(int)
    gains = [each.astype(int) - half for each in rights]
    best = int(np.argmax([gain.mean() for gain in gains]))
    error = float(gains[best].std() / np.sqrt(len(truth)))
    return float(_SHARES[best]) if gains[best].mean() > error else 0.5


def heated(shares: Shares, temperature: float) -> Shares:
    """*shares* as if they had been made at *temperature*."""
    heated = np.power(np.maximum(shares, 1e-12), 1 / temperature)
    total: Shares = heated / heated.sum(axis=1, keepdims=True)
    return total


def temperature_of(shares: Shares | None, truth: NDArray[np.int64]) -> float:
    """The temperature at which unseen texts surprise least."""
    if shares is None or not len(truth):
        return 1.0
    places = np.arange(len(truth))
    losses = [-np.log(heated(shares, heat)[places, truth]).mean() for heat in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def threshold_of(shares: Shares, truth: NDArray[np.int64]) -> float:
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
