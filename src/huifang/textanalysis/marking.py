"""Shows in a text the words that a finding rests on. Whatever the text holds comes out inert."""

import re
from collections.abc import Iterable

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

_WORDS_MAX = 40
_LATIN = re.compile(r"[a-z0-9]")
# Words that show nothing to a reader, however much they weigh for an engine.
_SAYING_NOTHING = """
the and was were are has had have been for from with that this these those they them their there then than
you your our its his her she who what when where which while will would can could did does not but all any
out into onto over very too just now new told way put before after once
"""
_FILLERS = frozenset(_SAYING_NOTHING.split())


def marked(text: str, words: Iterable[str]) -> SafeString:
    """*text* escaped, with each of *words* in ``<mark>`` wherever it stands, whatever its case."""
    pieces, last = [], 0
    for start, end in _places(text, words):
        pieces += [escape(text[last:start]), format_html("<mark>{}</mark>", text[start:end])]
        last = end
    pieces.append(escape(text[last:]))
    # Each piece was escaped above.
    return mark_safe("".join(pieces))  # noqa: S308


def _places(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Where *words* stand, in order, with those that touch or overlap made one."""
    wanted = sorted({each for each in words if _tells(each.strip())}, key=len, reverse=True)[:_WORDS_MAX]
    if not wanted:
        return []
    pattern = "|".join(_pattern(each) for each in wanted)
    found: list[tuple[int, int]] = []
    # A look ahead finds words that overlap as well.
    for match in re.finditer(f"(?=({pattern}))", text, re.IGNORECASE):
        start, end = match.span(1)
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _tells(word: str) -> bool:
    """Whether *word* alone tells a reader anything: not one character, not a word like "was"."""
    if word.isascii():
        return len(word) > 2 and word.lower() not in _FILLERS
    return len(word) > 1


def _pattern(word: str) -> str:
    """Latin words are found as whole words, Chinese ones anywhere."""
    quoted = re.escape(word)
    before = r"(?<![A-Za-z0-9])" if _LATIN.match(word[0].lower()) else ""
    after = r"(?![A-Za-z0-9])" if _LATIN.match(word[-1].lower()) else ""
    return f"{before}{quoted}{after}"
