"""The operator's contact policy as a value: allowed hours, caps, global holdout, calendar.

Plain JSON through msgspec, checked whole when it is made; it decides nothing by itself.
"""

from collections.abc import Mapping
from datetime import time, timedelta
from enum import StrEnum

import msgspec

from huifang.decisions.buckets import BUCKETS

MIDNIGHT = time(0, 0)
CHANNELS = frozenset({"in_app", "sms", "email", "push", "im", "phone", "webhook"})
ROUND = "round"
CONTACT = "contact"


class ContactClass(StrEnum):
    """What a contact is for. Caps, cooldown, sampling and holdouts bind follow-ups alone."""

    FOLLOW_UP = "follow_up"
    CASE = "case"
    SECURITY = "security"


class DayKind(StrEnum):
    """What a local date is to the people who live through it."""

    WEEKDAY = "weekday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Wall-clock time from *start* up to, not including, *end*, within one day.

    An *end* of 00:00 is the midnight that ends the day, so 00:00 to 00:00 is
    the whole day. A span never crosses midnight: write two.
    """

    start: time
    end: time

    def __post_init__(self) -> None:
        if self.start.tzinfo or self.end.tzinfo:
            raise ValueError("A span is wall-clock time and has no zone.")
        if self.end != MIDNIGHT and self.start >= self.end:
            raise ValueError("A span ends after it starts and does not cross midnight.")

    def holds(self, at: time) -> bool:
        return self.start <= at and (at < self.end or self.end == MIDNIGHT)


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """When contact is allowed, by the kind of the customer's local day. No span: not on such a day."""

    weekday: tuple[Span, ...]
    weekend: tuple[Span, ...]
    holiday: tuple[Span, ...]


class Cap(msgspec.Struct, frozen=True, kw_only=True):
    """At most *limit* in any *window*, for one customer over all plans.

    *scope* says what is counted: ``round`` (one follow-up of one customer,
    whatever its steps, counted at its first contact), ``contact`` (each contact
    on any channel), or one channel's name.
    """

    scope: str
    limit: int
    window: timedelta

    def __post_init__(self) -> None:
        # A misspelt scope would count nothing and so allow everything.
        if self.scope not in CHANNELS and self.scope not in (ROUND, CONTACT):
            raise ValueError(f"A cap counts rounds, contacts or one channel: {self.scope}")
        if self.limit < 0:
            raise ValueError("A cap's limit is not negative.")
        if self.window <= timedelta(0):
            raise ValueError("A cap's window is longer than nothing.")


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """How customers may be contacted, whatever the plan.

    *hours* by channel: a channel that is not in it is never open.
    *calendar* names the holidays ("CN", "DE-BY"); "" is a calendar without any.
    *minimum_gap* is the least time between contacts of two different rounds; a
    notice and the call that it announces are one round, so it is not between them.
    """

    version: int
    hours: Mapping[str, Hours]
    caps: tuple[Cap, ...]
    global_holdout_basis_points: int
    holdout_salt: str
    calendar: str
    minimum_gap: timedelta

    def __post_init__(self) -> None:
        unknown = self.hours.keys() - CHANNELS
        if unknown:
            raise ValueError(f"There is no such channel: {sorted(unknown)[0]}")
        if not 0 <= self.global_holdout_basis_points <= BUCKETS:
            raise ValueError("A holdout is between 0 and 10,000 basis points.")
        if self.minimum_gap < timedelta(0):
            raise ValueError("The minimum gap is not negative.")


def _daily(start: time, end: time) -> Hours:
    spans = (Span(start=start, end=end),)
    return Hours(weekday=spans, weekend=spans, holiday=spans)


_ALWAYS = _daily(MIDNIGHT, MIDNIGHT)
_MESSAGES = _daily(time(9), time(21))
_CALLS = Hours(
    weekday=(Span(start=time(12), end=time(13, 30)), Span(start=time(18), end=time(20, 30))),
    weekend=(Span(start=time(10), end=time(12)), Span(start=time(14), end=time(20))),
    holiday=(),
)

# In-app messages wait inside the app and webhooks reach machines: neither disturbs anybody.
DEFAULT_POLICY = Policy(
    version=1,
    hours={
        "phone": _CALLS,
        "sms": _MESSAGES,
        "push": _MESSAGES,
        "im": _MESSAGES,
        "email": _daily(time(8), time(22)),
        "in_app": _ALWAYS,
        "webhook": _ALWAYS,
    },
    caps=(
        Cap(scope=ROUND, limit=1, window=timedelta(days=7)),
        Cap(scope=ROUND, limit=2, window=timedelta(days=30)),
        Cap(scope=CONTACT, limit=2, window=timedelta(days=1)),
        Cap(scope="phone", limit=1, window=timedelta(days=1)),
        Cap(scope="sms", limit=1, window=timedelta(days=1)),
    ),
    global_holdout_basis_points=0,
    holdout_salt="huifang",
    calendar="CN",
    minimum_gap=timedelta(hours=4),
)
