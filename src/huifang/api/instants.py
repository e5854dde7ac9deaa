"""Instants as programs may send them: with their zone, and in years that every zone and table can show."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator

_YEARS = range(1900, 2200)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("an instant needs its zone, as in 2026-03-01T08:30:00+08:00")
    try:
        found = value.astimezone(UTC)
    except OverflowError:
        raise ValueError("no calendar has this instant") from None
    if found.year not in _YEARS:
        raise ValueError("an instant lies in the years 1900 to 2199")
    return found


# A field of a body or a query; in UTC once it is read.
Instant = Annotated[datetime, AfterValidator(_in_utc)]
