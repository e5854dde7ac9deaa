"""Which cells of a plan's quotas a contact falls into, and whether one of them is full. Pure.

A period is one of the calendar where the installation's staff live. A cell's key says what is counted, over
whom, and in which period, but not how many: a new version may move the limit and goes on counting.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from huifang.customers.records import Standing
from huifang.plans.definition import PlanDefinition, Quota, QuotaCell, QuotaOf, QuotaPer

_UTC = ZoneInfo("UTC")
_MONTHS = {QuotaPer.MONTH: 1, QuotaPer.QUARTER: 3}
_JOIN = "|"
_JOINS = 4


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One cell of one quota. *until* is when its period ends, None where it never does."""

    key: str
    quota: Quota
    value: str
    until: datetime | None

    @property
    def is_hard(self) -> bool:
        """Whether it counts people, which can be kept exactly; answers come when customers like."""
        return self.quota.of is QuotaOf.PEOPLE


class Used(msgspec.Struct, frozen=True, kw_only=True):
    """How full the cells of some plans are, by plan and key; what is not there is empty."""

    counts: Mapping[tuple[int, str], int] = msgspec.field(default_factory=dict)
    zone: ZoneInfo = _UTC


def cells_of(
    definition: PlanDefinition,
    standing: Standing,
    channel: str,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> Iterator[Cell]:
    """The cells into which a contact with *standing* on *channel* falls at *now*, in the quotas' order."""
    values = {
        QuotaCell.ALL: "",
        QuotaCell.WALLET_KIND: standing.wallet_kind,
        QuotaCell.LANGUAGE: standing.language,
        QuotaCell.REGION: standing.region,
        QuotaCell.CHANNEL: channel,
    }
    for quota in definition.quotas:
        value = values[quota.cell]
        if quota.only and value != quota.only:
            continue
        name, until = period_of(quota.per, now, zone)
        yield Cell(key=_key(quota, value, name), quota=quota, value=value, until=until)


def full_cell(cells: Iterable[Cell], plan_id: int, *, used: Used, is_reached: bool) -> Cell | None:
    """The first of *cells* that leaves no room, one that never empties before all; None: there is room.

    Who is *is_reached* counts among the people already.
    """
    full = [
        cell
        for cell in cells
        if not (cell.is_hard and is_reached) and used.counts.get((plan_id, cell.key), 0) >= cell.quota.limit
    ]
    return min(full, key=lambda cell: cell.until is not None, default=None)


def period_of(per: QuotaPer, now: datetime, zone: ZoneInfo) -> tuple[str, datetime | None]:
    """The name of the period in which *now* lies, and when it ends."""
    day = now.astimezone(zone).date()
    if per is QuotaPer.EVER:
        return "ever", None
    if per is QuotaPer.DAY:
        return day.isoformat(), _midnight(day + timedelta(days=1), zone)
    if per is QuotaPer.WEEK:
        monday = day - timedelta(days=day.weekday())
        return f"week {monday.isoformat()}", _midnight(monday + timedelta(days=7), zone)
    length = _MONTHS[per]
    first = (day.month - 1) // length * length + 1
    after = first + length
    end = date(day.year + (after > 12), (after - 1) % 12 + 1, 1)
    return f"{per} {day.year}-{first:02}", _midnight(end, zone)


def period_names(now: datetime, zone: ZoneInfo) -> list[str]:
    """The names of all periods in which *now* lies."""
    return [period_of(per, now, zone)[0] for per in QuotaPer]


def value_in(quota: Quota, key: str, *, now: datetime, zone: ZoneInfo) -> str | None:
    """The value of the cell called *key*; None where it is of another quota or of another period than now."""
    value = key.split(_JOIN)[3] if key.count(_JOIN) == _JOINS else ""
    return value if key == _key(quota, value, period_of(quota.per, now, zone)[0]) else None


def _key(quota: Quota, value: str, period: str) -> str:
    only = "only" if quota.only else ""
    return _JOIN.join((quota.of, quota.cell, only, value.replace(_JOIN, " "), period))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone)
