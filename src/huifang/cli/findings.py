"""What `huifang doctor` finds: one finding a check, with what to do about it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from huifang.cli.installation import Installation


class Level(StrEnum):
    """How bad a finding is."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


MARKS = {Level.GOOD: "✓", Level.NOTE: "!", Level.BAD: "✗"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the doctor's report. *advice* says what to do; a good finding has none."""

    check: str
    level: Level
    text: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What is examined. *url* is the address of a database that runs, or ""."""

    installation: Installation
    url: str
    host: str
    ports: dict[str, int]


Check = Callable[[Patient], Finding]


def good(check: str, text: str) -> Finding:
    """A check that passed."""
    return Finding(check=check, level=Level.GOOD, text=text)


def note(check: str, text: str, advice: str) -> Finding:
    """Something to know that stops nothing."""
    return Finding(check=check, level=Level.NOTE, text=text, advice=advice)


def bad(check: str, text: str, advice: str) -> Finding:
    """Something that must be put right."""
    return Finding(check=check, level=Level.BAD, text=text, advice=advice)
