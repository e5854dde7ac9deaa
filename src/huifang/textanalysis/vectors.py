"""Turns texts into sparse rows of weighted character and word runs, thousands a second, without a vocabulary.

A run is known by its hash, so a model holds numbers only and never a customer's words. Latin words give runs
of 2 to 5 characters within a word, Chinese gives 1 to 3; words and pairs of words come on top.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import rjieba
from numpy.typing import NDArray

from huifang.textanalysis import phrases

if TYPE_CHECKING:
    from scipy import sparse  # type: ignore[import-untyped]

_BITS = 21
_BASE = np.uint64(0x9E3779B97F4A7C15)
_SPREAD = np.uint64(0xD6E8FEB86659FD93)
_WORDS_SALT = np.uint64(0x632BE59BD9B4E019)
_LENGTH_MAX = 2_000
_BATCH = 256
_SPACE = 0x20
_HAN = re.compile(r"[\u3400-\u9fff]")
_MARKS = " \t\n.,!?;:()[]{}\"'-…*~。，！？；：、（）“”‘’《》"
Codes = NDArray[np.uint64]
# How much a run counts that stands there so often.
_LOGS = np.concatenate([[0.0], 1 + np.log(np.arange(1, _LENGTH_MAX + 1))])


@dataclass(frozen=True, slots=True)
class Runs:
    """The different runs of each of some texts: the text, the bucket, and how often it stands there."""

    rows: NDArray[np.int64]
    buckets: NDArray[np.int64]
    counts: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Batch:
    """Texts one after another, a space between: their letters, prefix hashes and prefix counts."""

    row_of: NDArray[np.int64]
    begins: NDArray[np.int64]
    hashes: Codes
    spaces: NDArray[np.int64]
    han: NDArray[np.int64]


def _powers(size: int) -> Codes:
    """The first *size* powers of the base."""
    return _series(int(_BASE), _rounded(size))[:size]


def _inverse(size: int) -> Codes:
    """What undoes `_powers`: an odd number has an inverse modulo 2**64."""
    return _series(pow(int(_BASE), -1, 2**64), _rounded(size))[:size]


@cache
def _series(base: int, size: int) -> Codes:
    with np.errstate(over="ignore"):
        series: Codes = np.cumprod(np.full(size, base, dtype=np.uint64), dtype=np.uint64)
    return series


def _rounded(size: int) -> int:
    """A power of two, so that few series are kept."""
    return int(1 << max(10, (size - 1).bit_length()))


def tidy(text: str) -> str:
    """*text* as it is compared: lower case, single spaces, no half characters, not endless."""
    text = text[:_LENGTH_MAX]
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")
    return " ".join(text.lower().split())


@lru_cache(maxsize=2_048)
def words(text: str) -> tuple[str, ...]:
    """The words of *text*; Chinese ones by dictionary, with those of the wallet kept whole."""
    if not _HAN.search(text):
        return tuple([trimmed for word in text.split() if (trimmed := word.strip(_MARKS))])
    return tuple([word for word in _with_own(rjieba.cut(text)) if word.strip(_MARKS)])


def _with_own(found: Sequence[str]) -> Sequence[str]:
    """Neighbours that together are one of the wallet's words are one."""
    own, joined, last = _own_set(), list[str](), ""
    for word in found:
        both = last + word
        if both in own and last:
            joined[-1] = last = both
        else:
            joined.append(word)
            last = word
    return joined


@cache
def _own_set() -> frozenset[str]:
    return frozenset(phrases.data("wallet_words"))


def _batch(texts: Sequence[str]) -> _Batch:
    """Lay *texts* one after another, each between spaces."""
    whole = f" {' '.join(texts)} "
    lengths = np.fromiter(map(len, texts), np.int64, len(texts)) + 1
    codes = np.frombuffer(whole.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    begins = np.concatenate([[0], np.cumsum(lengths)])
    row_of = np.repeat(np.arange(len(texts)), lengths)
    hashes = np.zeros(len(codes) + 1, dtype=np.uint64)
    with np.errstate(over="ignore"):
        np.cumsum((codes + np.uint64(1)) * _powers(len(codes)), out=hashes[1:], dtype=np.uint64)
    is_han = (codes >= 0x3400) & (codes <= 0x9FFF)
    counts = [np.concatenate([[0], np.cumsum(each)]) for each in (codes == _SPACE, is_han)]
    return _Batch(row_of, begins, hashes, counts[0], counts[1])


def _hash(batch: _Batch, starts: NDArray[np.int64], ends: NDArray[np.int64], salt: np.uint64) -> Codes:
    """A hash of each run that does not depend on where it stands."""
    size = len(batch.hashes) - 1
    with np.errstate(over="ignore"):
        # Brought to the end of the batch, so that runs at different places compare.
        found = (batch.hashes[ends] - batch.hashes[starts]) * _inverse(size)[starts]
        found = (found + salt) * _SPREAD
        found ^= found >> np.uint64(29)
        found *= _BASE
    mixed: Codes = found >> np.uint64(64 - _BITS)
    return mixed


def character_runs(texts: Sequence[str]) -> Runs:
    """The runs of characters of *texts* (tidied)."""
    batch = _batch(texts)
    size = len(batch.row_of)
    pieces = [_of_length(batch, length, size) for length in range(1, 6)]
    starts = np.concatenate([each for each, _ in pieces])
    ends = starts + np.concatenate([np.full(len(each), length) for each, length in pieces])
    return _counted(batch.row_of[starts], _hash(batch, starts, ends, np.uint64(0)))


def _counted(rows: NDArray[np.int64], buckets: Codes) -> Runs:
    """Each run once in its text, by text and bucket, with how often it was there."""
    flat, counts = np.unique((rows << _BITS) | buckets.astype(np.int64), return_counts=True)
    return Runs(flat >> _BITS, flat & ((1 << _BITS) - 1), counts)


def _of_length(batch: _Batch, length: int, size: int) -> tuple[NDArray[np.int64], int]:
    """Where the runs of *length* start: no space inside, long ones without Chinese, single ones only it."""
    spaces, han = batch.spaces, batch.han
    count = max(0, min(size, size - length + 2, len(batch.hashes) - length))
    there = han[length : length + count] - han[:count]
    if length == 1:
        return np.flatnonzero(there), length
    fits = spaces[length - 1 : length - 1 + count] == spaces[1 : 1 + count]
    if length > 3:
        fits &= there == 0
    elif length == 2:
        fits &= (spaces[2 : 2 + count] - spaces[:count]) < 2
    return np.flatnonzero(fits), length


def word_runs(texts: Sequence[str]) -> Runs:
    """The words and pairs of words of *texts* (tidied)."""
    return _runs_of_words([words(text) for text in texts])


def _runs_of_words(many: Sequence[tuple[str, ...]]) -> Runs:
    found = list(chain.from_iterable(many))
    if not found:
        none = np.zeros(0, np.int64)
        return Runs(none, none, none)
    batch = _batch(found)
    rows = np.repeat(np.arange(len(many)), np.fromiter(map(len, many), np.int64, len(many)))
    # A pair is two words that stand one after the other in the batch and are of the same text.
    starts, ends = batch.begins[:-1], batch.begins[1:]
    paired = np.flatnonzero(rows[:-1] == rows[1:])
    buckets = _hash(
        batch,
        np.concatenate([starts, starts[paired]]),
        np.concatenate([ends, ends[paired + 1]]),
        _WORDS_SALT,
    )
    return _counted(np.concatenate([rows, rows[paired]]), buckets)


@dataclass(frozen=True, slots=True)
class Weights:
    """Which buckets of runs are known and how rare each is; the characters' first, then the words'."""

    buckets: NDArray[np.int64]
    rarity: NDArray[np.float32]
    characters: int

    @property
    def width(self) -> int:
        """How many columns a row has."""
        return len(self.buckets)


def learn(texts: Sequence[str], *, seen_min: int, with_words: bool = True) -> Weights:
    """Learn from *texts* which runs there are in at least *seen_min* of them."""
    tidied = [tidy(text) for text in texts]
    kept, rarity = [], []
    for runs_of in (character_runs, word_runs) if with_words else (character_runs,):
        counts: NDArray[np.int64] = np.zeros(1 << _BITS, np.int64)
        for start in range(0, len(tidied), _BATCH):
            runs = runs_of(tidied[start : start + _BATCH])
            counts += np.bincount(runs.buckets, minlength=1 << _BITS)
        buckets = np.flatnonzero(counts >= seen_min)
        kept.append(buckets)
        rarity.append(np.log((1 + len(tidied)) / (1 + counts[buckets])) + 1)
    return Weights(np.concatenate(kept), np.concatenate(rarity).astype(np.float32), len(kept[0]))


@dataclass(frozen=True, slots=True)
class Piece:
    """Some texts by their words, and their runs: of characters, and of words if these are asked for."""

    words: Sequence[tuple[str, ...]]
    runs: tuple[Runs, ...]


def cut(texts: Sequence[str], *, with_words: bool = True) -> list[Piece]:
    """The runs of *texts*, some hundred texts at a time."""
    pieces = []
    for start in range(0, len(texts), _BATCH):
        tidied = [tidy(text) for text in texts[start : start + _BATCH]]
        many = [words(text) if with_words else () for text in tidied]
        runs = (character_runs(tidied), _runs_of_words(many)) if with_words else (character_runs(tidied),)
        pieces.append(Piece(many, runs))
    return pieces


@dataclass(frozen=True, slots=True)
class _Known:
    """Runs of some texts that a model knows, by text: the text, its column, and its share of the row."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int32]
    shares: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weighed:
    """One row for each of some texts. Multiplies as a matrix does, but needs no library of matrices.

    To load one takes a third of the time in which a worker is to have its first finding.
    """

    sizes: tuple[int, ...]
    pieces: tuple[tuple[_Known, ...], ...]

    def __matmul__(self, dense: NDArray[np.float32]) -> NDArray[np.float32]:
        """The product with a matrix of shape (width, columns): shape (texts, columns)."""
        across = dense.T
        found = np.zeros((len(across), sum(self.sizes)), np.float32)
        first = 0
        for size, views in zip(self.sizes, self.pieces, strict=True):
            for view in views:
                begins = np.flatnonzero(np.diff(view.rows, prepend=-1))
                if len(begins):
                    sums = np.add.reduceat(across.take(view.columns, axis=1) * view.shares, begins, axis=1)
                    found[:, first + view.rows[begins]] += sums
            first += size
        return found.T

    def are_strange(self) -> NDArray[np.bool_]:
        """Which texts have no known run at all."""
        counts = [
            sum((np.bincount(view.rows, minlength=size) for view in views), np.zeros(size, np.int64))
            for size, views in zip(self.sizes, self.pieces, strict=True)
        ]
        are_strange: NDArray[np.bool_] = np.concatenate([np.zeros(0, np.int64), *counts]) == 0
        return are_strange

    def matrix(self, width: int) -> "sparse.csr_matrix":
        """The same as a sparse matrix of *width* columns."""
        from scipy import sparse

        first = np.cumsum([0, *self.sizes])
        views = [(first[number], view) for number, many in enumerate(self.pieces) for view in many]
        rows = np.concatenate([np.zeros(0, np.int64), *(begin + view.rows for begin, view in views)])
        columns = np.concatenate([np.zeros(0, np.int32), *(view.columns for _, view in views)])
        shares = np.concatenate([np.zeros(0, np.float32), *(view.shares for _, view in views)])
        return sparse.csr_matrix((shares, (rows, columns)), shape=(first[-1], width))


class Vectoriser:
    """Makes rows out of texts by what was learnt."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self._strange = float(weights.rarity.max(initial=1.0)) ** 2
        self._tables = []
        first = 0
        for part in (weights.buckets[: weights.characters], weights.buckets[weights.characters :]):
            table = np.full(1 << _BITS, -1, np.int32)
            table[part] = np.arange(first, first + len(part), dtype=np.int32)
            self._tables.append(table)
            first += len(part)

    def rows(self, texts: Sequence[str]) -> "sparse.csr_matrix":
        """One row for each of *texts*: shape (texts, width)."""
        has_words = len(self.weights.buckets) > self.weights.characters
        return self.weighed(cut(texts, with_words=has_words)).matrix(self.weights.width)

    def weighed(self, pieces: Sequence[Piece]) -> Weighed:
        """One row for each text of *pieces*, which need not be cut again for another model."""
        return Weighed(
            tuple(len(piece.words) for piece in pieces),
            tuple(
                tuple(
                    self._known(runs, table, len(piece.words))
                    for runs, table in zip(piece.runs, self._tables, strict=False)
                )
                for piece in pieces
            ),
        )

    def _known(self, runs: Runs, table: NDArray[np.int32], size: int) -> _Known:
        """Those of *runs* that were learnt, weighed to rows of length 1."""
        columns = table[runs.buckets]
        known, unknown = np.flatnonzero(columns >= 0), np.flatnonzero(columns < 0)
        rows, columns = runs.rows[known], columns[known]
        values = _LOGS[np.minimum(runs.counts[known], _LENGTH_MAX)] * self.weights.rarity[columns]
        # What was never seen makes a row longer too, so that a strange text says less.
        strange = np.bincount(runs.rows[unknown], runs.counts[unknown], minlength=size) * self._strange
        lengths = np.sqrt(np.bincount(rows, values**2, minlength=size) + strange)
        return _Known(rows, columns, (values / lengths[rows]).astype(np.float32))
