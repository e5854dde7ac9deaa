"""Shows in a text the words that a finding rests on. Whatever the text holds comes out inert."""

import re
from collections.abc import Iterable

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

_WORDS_MAX = 40
_LATIN = re.compile(r"[a-z0-9]")


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
    wanted = sorted({each for each in words if each.strip()}, key=len, reverse=True)[:_WORDS_MAX]
    if not wanted:
        return []
    pattern = "|".join(_pattern(each) for each in wanted)
    found: list[tuple[int, int]] = []
    for match in re.finditer(pattern, text, re.IGNORECASE):
        if found and match.start() <= found[-1][1]:
            found[-1] = (found[-1][0], match.end())
        else:
            found.append(match.span())
    return found


def _pattern(word: str) -> str:
    """Latin words are found as whole words, Chinese ones anywhere."""
    quoted = re.escape(word)
    before = r"(?<![A-Za-z0-9])" if _LATIN.match(word[0].lower()) else ""
    after = r"(?![A-Za-z0-9])" if _LATIN.match(word[-1].lower()) else ""
    return f"{before}{quoted}{after}"
