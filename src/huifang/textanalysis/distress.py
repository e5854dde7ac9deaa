"""Hears that somebody may harm themselves in words that no list has: by the meaning of a text. Pure.

A logistic regression over sentence embeddings, learnt from texts of our own, `data/self_harm_texts.json`. It
ships as its numbers, `data/self_harm.json`, written by `tools/self_harm.py`: nothing is learnt at start.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from huifang.textanalysis import phrases, seeds, wishing
from huifang.textanalysis.embedding import Embedder, Vectors
from huifang.textanalysis.records import Cue

KIND, MODEL = "self_harm", "self_harm"
_STRENGTH = 0.3
# Sentences are looked at where the whole is above the one; by itself, a sentence is heard above the other.
_NEAR, _PLAIN = -0.5, 0.3
_SENTENCE = re.compile(r"[^。！？!?；;\n.]+[。！？!?；;.]*")


class Ear(NamedTuple):
    """What was learnt: a text is heard whose embedding times *slopes*, plus *offset*, is above nought."""

    slopes: NDArray[np.float32]
    offset: float


@cache
def _ear() -> Ear:
    learnt = phrases.data(MODEL)
    return Ear(np.array(learnt["slopes"], np.float32), float(learnt["offset"]))


def scores(embedded: Vectors, ear: Ear | None = None) -> NDArray[np.float32]:
    """How plainly each of some texts is heard, from its embedding; above nought it is."""
    slopes, offset = ear or _ear()
    found: NDArray[np.float32] = embedded @ slopes + np.float32(offset)
    return found


def heard(texts: Sequence[str], embedded: Vectors, embed: Embedder) -> list[Cue | None]:
    """The cue of each of *texts* (masked) that is heard, with the sentence that says it most plainly.

    A text is heard as a whole or, where that comes near to it, by one sentence of it.
    """
    return [
        _cue(text, score, embed) if score > _NEAR else None
        for text, score in zip(texts, scores(embedded).tolist(), strict=True)
    ]


def _cue(text: str, score: float, embed: Embedder) -> Cue | None:
    said = [words for sentence in _SENTENCE.findall(text) if len(words := sentence.strip()) > 1] or [text]
    each = scores(embed(said)) if len(said) > 1 else np.array([score], np.float32)
    if score <= 0 and each.max() <= _PLAIN:
        return None
    words = wishing.shortened(said[int(each.argmax())])
    return Cue(kind=KIND, words=words, severity=phrases.data("cues")[KIND]["severity"])


def learn(embed: Embedder, *, least: float) -> Ear:
    """Learn from our texts; one is heard whose logit is above *least*. The same texts give the same ear."""
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    held = phrases.data("self_harm_texts")
    said = [(text, name == "yes") for name in ("yes", "no") for text in phrases.by_language(held[name])]
    said += [(each.text, False) for each in (*seeds.moods(), *seeds.topics(seeds.taxonomy()))]
    learner = LogisticRegression(C=_STRENGTH, max_iter=1_000, class_weight="balanced")
    learner.fit(embed([text for text, _ in said]), [is_so for _, is_so in said])
    return Ear(learner.coef_[0].astype(np.float32), float(learner.intercept_[0]) - least)
