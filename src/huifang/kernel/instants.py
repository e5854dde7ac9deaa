"""Reads instants as people and programs write them into files. Pure.

Days before months, or months before days, cannot be told apart: such a text is read only by a pattern.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

_MILLISECONDS_FROM = 1e11  # as seconds, the year 5138
_YEAR_FIRST = re.compile(r"(\d{4})[/.年](\d{1,2})[/.月](\d{1,2})日?(?:[ T]*(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_NUMBER = re.compile(r"\d{9,13}(?:\.\d{1,6})?")
_YEARS = range(1900, 2200)  # others stand for never, and cannot be shown in every zone
_START = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstantReader:
    """Reads text, or Unix time in seconds or milliseconds; *zone* is that of text which names none.

    *pattern* is one of `datetime.strptime`; without it, ISO 8601 and 2026/3/1 8:30 are understood.
    """

    zone: tzinfo = UTC
    pattern: str = ""

    def read(self, value: object) -> datetime | None:
        """The instant in UTC, None where *value* is none."""
        try:
            if isinstance(value, str):
                found = self._parse(value.strip())
                found = (found if found.tzinfo else found.replace(tzinfo=self.zone)).astimezone(UTC)
            elif isinstance(value, int | float) and not isinstance(value, bool):
                found = _unix(value)
            else:
                return None
        except (ValueError, OverflowError):
            return None
        return found if found.year in _YEARS else None

    def _parse(self, text: str) -> datetime:
        if self.pattern:
            return datetime.strptime(text, self.pattern)  # noqa: DTZ007 - the zone is added by the caller
        if _NUMBER.fullmatch(text):
            return _unix(float(text))
        if found := _YEAR_FIRST.fullmatch(text):
            return datetime(*(int(part or 0) for part in found.groups()))  # type: ignore[arg-type] # noqa: DTZ001 - as above
        return datetime.fromisoformat(text)


def _unix(value: float) -> datetime:
    return _START + timedelta(seconds=value / 1000 if abs(value) >= _MILLISECONDS_FROM else value)
