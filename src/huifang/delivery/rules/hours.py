"""Allowed hours as people write them: "12:00–13:30, 18:00–20:30"; nothing for never. Pure."""

import re
from collections.abc import Sequence
from datetime import time

from huifang.decisions.policy import MIDNIGHT, Span

_SPAN = re.compile(r"^(\d{1,2})[:：](\d{2})\s*(?:[-–—~〜]|至|to)\s*(\d{1,2})[:：](\d{2})$")
_BETWEEN = re.compile(r"[,;，；、\n]+")


def read(text: str) -> tuple[Span, ...]:
    """The spans that *text* names, in order of time. Raises `ValueError` with the piece that is wrong."""
    spans = [_read_one(piece.strip()) for piece in _BETWEEN.split(text) if piece.strip()]
    return tuple(sorted(spans, key=lambda span: span.start))


def _read_one(piece: str) -> Span:
    found = _SPAN.match(piece)
    if found is None:
        raise ValueError(piece)
    first_hour, first_minute, last_hour, last_minute = (int(number) for number in found.groups())
    if (last_hour, last_minute) == (24, 0):
        last_hour = 0
    try:
        return Span(start=time(first_hour, first_minute), end=time(last_hour, last_minute))
    except ValueError:
        raise ValueError(piece) from None


def write(spans: Sequence[Span]) -> str:
    """*spans* as `read` reads them."""
    return ", ".join(f"{span.start:%H:%M}–{_end(span)}" for span in spans)


def _end(span: Span) -> str:
    return "24:00" if span.end == MIDNIGHT else f"{span.end:%H:%M}"
