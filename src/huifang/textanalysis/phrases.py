"""Finds phrases in a text: Chinese anywhere, Latin ones as whole words. Pure; the phrases are data files."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

_HAN = re.compile(r"[\u4e00-\u9fff]")
# What is said not to be so is no cue; a question whether it is so still is one.
_NOT_BEFORE = re.compile(
    r"(?:没有?|不是|并非|不会|从未|未曾|绝非"
    r"|\b(?:not|no|never|isn't|wasn't|without)(?: an?| any| been)?)\s*$",
    re.IGNORECASE,
)
_WINDOW = 12


@cache
def data(name: str) -> Any:
    """The data file *name* of this room."""
    return json.loads(
        files("huifang.textanalysis").joinpath("data", f"{name}.json").read_text(encoding="utf-8")
    )


def pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    """One pattern for all of *phrases*, the longest first."""
    ordered = sorted(set(phrases), key=lambda phrase: (-len(phrase), phrase))
    return re.compile("|".join(_one(phrase) for phrase in ordered) or r"(?!)", re.IGNORECASE)


def _one(phrase: str) -> str:
    escaped = re.escape(phrase).replace(r"\ ", r"[\s\-]{1,3}").replace("'", "['’]?")
    if _HAN.search(phrase):
        return escaped
    # No word boundary: a Chinese character beside a Latin word is a letter to it.
    return rf"(?<![A-Za-z0-9]){escaped}(?![A-Za-z0-9])"


def found(compiled: re.Pattern[str], text: str, *, unless_denied: bool = True) -> Iterator[re.Match[str]]:
    """Every place where one of the phrases stands and is not denied just before."""
    for match in compiled.finditer(text):
        before = text[max(0, match.start() - _WINDOW) : match.start()]
        if not (unless_denied and _NOT_BEFORE.search(before)):
            yield match


def by_language(entry: Mapping[str, Any]) -> list[str]:
    """The phrases of *entry* in every language."""
    return [phrase for language in ("zh", "en") for phrase in entry.get(language, ())]
