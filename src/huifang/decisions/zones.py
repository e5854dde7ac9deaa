"""Finds a customer's time zone by its IANA name. What is not known stays unknown: no zone is ever guessed."""

from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones


@cache
def _names() -> frozenset[str]:
    # "Factory" stands for a machine that was never set up, "localtime" for this very machine.
    return frozenset(available_timezones() - {"Factory", "localtime"})


@lru_cache(maxsize=2048)
def find_zone(name: str) -> ZoneInfo | None:
    """The zone called *name*, or None where it is empty or not in the tz database."""
    return ZoneInfo(name) if name in _names() else None
