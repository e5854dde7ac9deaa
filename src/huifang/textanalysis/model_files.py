"""Writes a model as bytes and reads it back: numbers (npz) and a JSON head with their sum; never pickle."""

import hashlib
import io
import json
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huifang.textanalysis.calibrating import Measured
from huifang.textanalysis.errors import BrokenModelError
from huifang.textanalysis.regression import Linear
from huifang.textanalysis.training import Model
from huifang.textanalysis.vectors import Weights

_FORMAT = 1
_MAGIC = b"huifang-model\n"
Arrays = dict[str, NDArray[Any]]


def version_of(model: Model) -> str:
    """Twelve letters that change with anything in *model*."""
    return hashlib.sha256(_head(model, _arrays(model))).hexdigest()[:12]


def write(model: Model) -> bytes:
    """*model* as bytes."""
    arrays = _arrays(model)
    body = io.BytesIO()
    np.savez_compressed(body, allow_pickle=False, **arrays)
    return _MAGIC + _head(model, arrays) + b"\n" + body.getvalue()


def read(content: bytes, *, name: str = "") -> Model:
    """The model of *content*. Raises `BrokenModelError`."""
    try:
        return _read(content)
    except (ValueError, KeyError, TypeError, IndexError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise BrokenModelError(name=name, problem=str(error) or type(error).__name__) from None


def _arrays(model: Model) -> Arrays:
    arrays: Arrays = {
        "buckets": model.weights.buckets.astype("<i8"),
        "rarity": model.weights.rarity.astype("<f4"),
        "words_slopes": model.words.slopes.astype("<f4"),
        "words_offsets": model.words.offsets.astype("<f4"),
    }
    if model.meaning:
        arrays["meaning_slopes"] = model.meaning.slopes.astype("<f4")
        arrays["meaning_offsets"] = model.meaning.offsets.astype("<f4")
    return arrays


def _head(model: Model, arrays: Arrays) -> bytes:
    measured = model.measured
    head = {
        "format": _FORMAT,
        "classes": model.classes,
        "characters": model.weights.characters,
        "threshold": model.threshold,
        "meaning_share": model.meaning_share,
        "heat": [model.words.temperature, model.meaning.temperature if model.meaning else None],
        "measured": [getattr(measured, field) for field in Measured.__slots__],
        "sums": {name: _sum(array) for name, array in sorted(arrays.items())},
    }
    return json.dumps(head, ensure_ascii=False, sort_keys=True).encode()


def _sum(array: NDArray[Any]) -> str:
    return hashlib.sha256(f"{array.dtype.str}{array.shape}".encode() + array.tobytes()).hexdigest()


def _read(content: bytes) -> Model:
    if not content.startswith(_MAGIC):
        raise ValueError("it is no model")
    line, _, body = content[len(_MAGIC) :].partition(b"\n")
    head = json.loads(line)
    if head["format"] != _FORMAT:
        raise ValueError("it was made by another version")
    with np.load(io.BytesIO(body), allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    if {name: _sum(array) for name, array in arrays.items()} != head["sums"]:
        raise ValueError("its numbers do not fit their sum")
    return _checked(_made(head, arrays))


def _made(head: dict[str, Any], arrays: Arrays) -> Model:
    heat_words, heat_meaning = head["heat"]
    meaning = None
    if heat_meaning is not None:
        meaning = Linear(
            slopes=arrays["meaning_slopes"], offsets=arrays["meaning_offsets"], temperature=heat_meaning
        )
    return Model(
        classes=tuple(head["classes"]),
        weights=Weights(arrays["buckets"], arrays["rarity"], head["characters"]),
        words=Linear(slopes=arrays["words_slopes"], offsets=arrays["words_offsets"], temperature=heat_words),
        meaning=meaning,
        meaning_share=head["meaning_share"],
        threshold=head["threshold"],
        measured=Measured(**dict(zip(Measured.__slots__, head["measured"], strict=True))),
    )


def _checked(model: Model) -> Model:
    """Sums say that numbers are whole, not that they fit each other."""
    for part in (model.words, *([model.meaning] if model.meaning else [])):
        fits = part.slopes.shape[0] == len(part.offsets) == len(model.classes) and part.temperature > 0
        if not fits or not np.isfinite(part.slopes).all():
            raise ValueError("its parts do not fit each other")
    if model.words.slopes.shape[1] != model.weights.width or len(model.weights.rarity) != model.weights.width:
        raise ValueError("its parts do not fit each other")
    return model
