"""What part of the facts is meant, and by what it is cut: filters and groups as SQL in DuckDB's dialect.

Names of columns come from the tables here and values go in as parameters, so nothing of a request is SQL.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from huifang.insights.facts.shapes import QUARTER_SECONDS

# A cut as it stands in a URL, and the column that it is.
COLUMNS: Mapping[str, str] = {
    "plan": "plan_id",
    "channel": "channel",
    "wallet": "wallet_kind",
    "version": "app_version",
    "region": "region",
    "language": "language",
    "event": "event",
    "questionnaire": "questionnaire_id",
}
CUTS = tuple(COLUMNS)
TIMES = ("day", "week", "month")
_NUMBERS = {"plan", "questionnaire"}
EVERYTHING = "''"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Facts from *start* until before *end*, narrowed by what is not empty. Days begin in *zone*."""

    start: datetime
    end: datetime
    zone: str = "UTC"
    plan: str = ""
    channel: str = ""
    wallet: str = ""
    version: str = ""
    region: str = ""
    language: str = ""
    event: str = ""
    questionnaire: str = ""

    @property
    def chosen(self) -> dict[str, str]:
        """The cuts that narrow it."""
        return {name: value for name in CUTS if (value := getattr(self, name))}

    def before(self) -> "Slice":
        """The time of the same length just before."""
        return replace(self, start=self.start - (self.end - self.start), end=self.start)

    def narrowed(self, cut: str, value: str) -> "Slice":
        """The same with *value* of *cut*."""
        change: dict[str, Any] = {cut: value}
        return replace(self, **change)


def can_be(cut: str, value: str) -> bool:
    """Whether *value* is one that *cut* can have: ids are whole numbers."""
    return cut not in _NUMBERS or (value.isascii() and value.isdecimal() and len(value) < 19)


def where(only: Slice, *, at: str = "happened_at", cuts: Sequence[str] = CUTS, table: str = "") -> str:
    """The condition of *only* on the columns of *cuts*, for ``WHERE``."""
    prefix = f"{table}." if table else ""
    parts = [f"{prefix}{at} >= $start", f"{prefix}{at} < $end"]
    parts += [f"{prefix}{COLUMNS[name]} = ${name}" for name in only.chosen if name in cuts]
    return " AND ".join(parts)


def parameters(only: Slice, sql: str) -> dict[str, object]:
    """Those values of *only* that *sql* names."""
    values: dict[str, object] = {each.name: getattr(only, each.name) for each in fields(only)}
    values |= {name: int(only.chosen[name]) for name in _NUMBERS if name in only.chosen}
    return {name: value for name, value in values.items() if f"${name}" in sql}


def group(by: str, *, table: str = "") -> str:
    """The expression of the group *by*: a cut, a span of time (its first local day), or "" for everything."""
    prefix = f"{table}." if table else ""
    if by in TIMES:
        return _first_day(by, f"{prefix}quarter")
    return f"COALESCE(CAST({prefix}{COLUMNS[by]} AS VARCHAR), '')" if by else EVERYTHING


def part(by: str) -> str:
    """The column to count by first; `group_of_part` makes its values groups, of which there are fewer."""
    return "quarter" if by in TIMES else COLUMNS[by] if by else EVERYTHING


def group_of_part(by: str) -> str:
    """The group *by* of a row that was counted by `part`."""
    return _first_day(by, "part") if by in TIMES else "COALESCE(CAST(part AS VARCHAR), '')"


def _first_day(span: str, quarter: str) -> str:
    local = f"TO_TIMESTAMP(CAST({quarter} AS BIGINT) * {QUARTER_SECONDS}) AT TIME ZONE $zone"
    return f"CAST(CAST(DATE_TRUNC('{span}', {local}) AS DATE) AS VARCHAR)"
