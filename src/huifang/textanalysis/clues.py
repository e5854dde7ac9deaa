"""What a rule that recognises personal data is made of. Pure.

No word boundaries: beside a Chinese character there is none.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

_NO_DIGIT_BEFORE, _NO_DIGIT_AFTER = r"(?<![0-9])", r"(?![0-9])"


@dataclass(frozen=True, slots=True)
class Rule:
    """Where *pattern* matches and *holds* agrees, *part* of the group ``it`` is personal data of *kind*.

    Cheap to ask first: a text has at least so many *digits* and, in lower case, one of *words*, if there are
    any, and what *sign* matches, if any. A rule that asks for few digits has words or a sign. A pattern that
    begins with a rare character is found soonest; what stands before that is looked back at.
    """

    kind: str
    pattern: re.Pattern[str]
    holds: Callable[[str], bool]
    digits: int = 0
    sign: str = ""
    words: tuple[str, ...] = ()
    part: Callable[[str], int] = len


def compiled(pattern: str) -> re.Pattern[str]:
    """*pattern* in capital and small letters, of which only ASCII ones are letters."""
    return re.compile(pattern, re.IGNORECASE | re.ASCII)


def either(words: str) -> tuple[str, ...]:
    """The words of *words*, which has bars between them."""
    return tuple(words.split("|"))


def always(_: str) -> bool:
    """That the pattern matches is enough."""
    return True


def alone(inner: str, *, after: str = "") -> re.Pattern[str]:
    """*inner* with no digit before or after it."""
    return compiled(rf"{_NO_DIGIT_BEFORE}(?P<it>{inner}){_NO_DIGIT_AFTER}{after}")


def word(inner: str) -> re.Pattern[str]:
    """*inner* with no Latin letter or digit before or after it."""
    return compiled(rf"(?<![A-Z0-9])(?P<it>{inner})(?![A-Z0-9])")


def cued(cue: str, inner: str, *, after: str = "") -> re.Pattern[str]:
    """*inner* a few words behind *cue*."""
    return compiled(rf"{cue}[^0-9\n]{{0,12}}?(?P<it>{inner}){_NO_DIGIT_AFTER}{after}")
