"""Which period and which cut of the answers a screen shows, read from the URL. Bad values fall back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import QueryDict

from huifang.questionnaires.records import Cut

DAYS = (7, 14, 28, 84)
_DEFAULT = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The last *days* local days up to now, today included."""

    days: int
    start: datetime
    end: datetime


def read_period(query: QueryDict, *, now: datetime, zone: ZoneInfo) -> Period:
    """The period that ``days`` asks for, else four weeks."""
    asked = query.get("days", "")
    days = next((days for days in DAYS if asked == str(days)), _DEFAULT)
    local = now.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return Period(days=days, start=midnight - timedelta(days=days - 1), end=local)


def read_cut(query: QueryDict, period: Period, *, zone: ZoneInfo) -> Cut:
    """What the screen counts: the period, narrowed by ``plan``, ``channel``, ``wallet`` and ``language``."""
    plan = query.get("plan", "")
    return Cut(
        start=period.start,
        end=period.end,
        plan_id=int(plan) if plan.isdecimal() and len(plan) < 19 else None,
        channel=query.get("channel", ""),
        wallet_kind=query.get("wallet", ""),
        language=query.get("language", ""),
        zone=zone.key,
    )
