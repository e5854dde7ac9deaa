"""Counts answers and people against quotas. What may not be exceeded is claimed under a lock on its row.

A dispatcher holds the rows of the cells that it contacts into until it commits, so an answer that fills
a quota comes wholly before or wholly after a contact, and two dispatchers never share the last place.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from huifang.customers.records import Standing
from huifang.plans.allotments import Cell, Used, cells_of, period_names, value_in
from huifang.plans.definition import PlanDefinition, QuotaOf
from huifang.plans.models import QuotaCount
from huifang.plans.records import QuotaStanding

# Index scan on plans_quota_cell.
_USED = """
SELECT plan_id, cell, used FROM plans_quotacount
WHERE plan_id = ANY(%s) AND split_part(cell, '|', 5) = ANY(%s)
"""
_MAKE = """
INSERT INTO plans_quotacount (plan_id, cell, "limit", used, is_hard)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::int[], %s::boolean[])
ON CONFLICT (plan_id, cell) DO NOTHING
"""
_LOCK = """
SELECT plan_id, cell, used FROM plans_quotacount AS q
JOIN unnest(%s::bigint[], %s::text[]) AS k (plan_id, cell) USING (plan_id, cell)
ORDER BY plan_id, cell FOR UPDATE OF q
"""
_SET = """
UPDATE plans_quotacount AS q SET used = k.used, "limit" = greatest(k."limit", k.used)
FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::int[]) AS k (plan_id, cell, used, "limit")
WHERE q.plan_id = k.plan_id AND q.cell = k.cell
"""
_ANSWERED = """
INSERT INTO plans_quotacount AS q (plan_id, cell, "limit", used, is_hard) VALUES (%s, %s, %s, 1, false)
ON CONFLICT (plan_id, cell) DO UPDATE SET used = q.used + 1, "limit" = excluded."limit"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One contact of one plan and the cells into which it falls; *is_reached*: its person is counted."""

    plan_id: int
    cells: tuple[Cell, ...]
    is_reached: bool


def zone() -> ZoneInfo:
    """Where the periods of quotas begin and end."""
    return ZoneInfo(settings.STAFF_TIME_ZONE)


def used_of(plans: Collection[tuple[int, PlanDefinition]], *, now: datetime) -> Used:
    """How full the quotas of *plans* are at *now*; no query where none has any."""
    ids = [plan_id for plan_id, definition in plans if definition.quotas]
    if not ids:
        return Used(zone=zone())
    with connection.cursor() as cursor:
        cursor.execute(_USED, [ids, period_names(now, zone())])
        return Used(counts={(row[0], row[1]): row[2] for row in cursor.fetchall()}, zone=zone())


def claim(wanted: Sequence[Wanted]) -> list[Cell | None]:
    """Take a place in every cell of each contact, in order; for each the cell that was full, or None.

    The rows stay locked until the transaction ends.
    """
    cells = {(each.plan_id, cell.key): cell for each in wanted for cell in each.cells}
    if not cells:
        return [None] * len(wanted)
    used = _locked(cells)
    before = dict(used)
    results = [_take(each, used) for each in wanted]
    _write({key: number for key, number in used.items() if number != before[key]}, cells)
    return results


def give_back(wanted: Iterable[Wanted]) -> None:
    """Undo claims whose contact was not made after all; in the transaction of the claim."""
    gone: dict[tuple[int, str], int] = {}
    cells: dict[tuple[int, str], Cell] = {}
    for each in wanted:
        for cell in each.cells:
            if cell.is_hard and not each.is_reached:
                key = (each.plan_id, cell.key)
                gone[key] = gone.get(key, 0) + 1
                cells[key] = cell
    if gone:
        used = _locked(cells)
        _write({key: used[key] - number for key, number in gone.items()}, cells)


def count_answer(
    plan_id: int, definition: PlanDefinition, standing: Standing, channel: str, *, now: datetime
) -> None:
    """One more answer in every cell into which it falls, also beyond the limit: it was asked for."""
    cells = cells_of(definition, standing, channel, now=now, zone=zone())
    wanted = sorted((cell for cell in cells if not cell.is_hard), key=lambda cell: cell.key)
    with connection.cursor() as cursor:
        for cell in wanted:
            cursor.execute(_ANSWERED, [plan_id, cell.key, cell.quota.limit])


def standings_of(plan_id: int, definition: PlanDefinition, *, now: datetime) -> list[QuotaStanding]:
    """How full each cell is now, quota by quota (counted from 1), the fullest first."""
    rows = dict(QuotaCount.objects.filter(plan_id=plan_id).values_list("cell", "used"))
    found = []
    for number, quota in enumerate(definition.quotas, start=1):
        for cell, used in rows.items():
            value = value_in(quota, cell, now=now, zone=zone())
            if value is not None:
                found.append(QuotaStanding(number=number, value=value, used=used, limit=quota.limit))
    return sorted(found, key=lambda each: (each.number, -each.used, each.value))


def _locked(cells: dict[tuple[int, str], Cell]) -> dict[tuple[int, str], int]:
    """The counts of *cells*, their rows made where they are missing, and locked in order."""
    keys = sorted(cells)
    plan_ids, names = [key[0] for key in keys], [key[1] for key in keys]
    limits, hard = [cells[key].quota.limit for key in keys], [cells[key].is_hard for key in keys]
    with connection.cursor() as cursor:
        cursor.execute(_MAKE, [plan_ids, names, limits, [0] * len(keys), hard])
        cursor.execute(_LOCK, [plan_ids, names])
        return {(row[0], row[1]): row[2] for row in cursor.fetchall()}


def _take(each: Wanted, used: dict[tuple[int, str], int]) -> Cell | None:
    asked = [cell for cell in each.cells if not (cell.is_hard and each.is_reached)]
    for cell in asked:
        if used[each.plan_id, cell.key] >= cell.quota.limit:
            return cell
    for cell in asked:
        if cell.quota.of is QuotaOf.PEOPLE:
            used[each.plan_id, cell.key] += 1
    return None


def _write(changed: dict[tuple[int, str], int], cells: dict[tuple[int, str], Cell]) -> None:
    if not changed:
        return
    keys = sorted(changed)
    plan_ids, names = [key[0] for key in keys], [key[1] for key in keys]
    numbers, limits = [changed[key] for key in keys], [cells[key].quota.limit for key in keys]
    with connection.cursor() as cursor:
        cursor.execute(_SET, [plan_ids, names, numbers, limits])
