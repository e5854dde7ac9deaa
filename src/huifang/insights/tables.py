"""Tables of Insights as files: every row with its interval and base, and with the filters it was made by."""

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from math import isfinite

import xlsxwriter  # type: ignore[import-untyped]
from django.http import HttpResponse
from django.http.response import HttpResponseBase

from huifang.console import lists
from huifang.insights.dashboard import COLUMNS, GroupRow, Line
from huifang.insights.metrics.activity import Feature
from huifang.insights.metrics.cuts import Slice
from huifang.insights.metrics.reaching import Hour, Pressure, Step
from huifang.insights.metrics.readings import Reading

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_READING = ("estimate", "low", "high", "base", "caution")
Cells = Sequence[object]


def cells(reading: Reading) -> list[object]:
    """Estimate, bounds, base, and "few" or "wide" where it should not be leaned on."""
    if reading.value is None:
        return ["", "", "", 0, ""]
    found = reading.value
    low, high = (end if isfinite(end) else "" for end in (found.low, found.high))
    return [found.estimate, low, high, found.base, reading.doubt or ""]


def measures(lines: Iterable[Line]) -> tuple[Cells, list[Cells]]:
    """The measures of a period beside those of another."""
    columns = (
        "measure",
        "unit",
        *_READING,
        "other_estimate",
        "other_base",
        "difference",
        "difference_low",
        "difference_high",
        "direction",
    )
    rows: list[Cells] = []
    for line in lines:
        other, found = line.change.other.value, line.change.difference
        is_bounded = found is not None and isfinite(found.low) and isfinite(found.high)
        rows.append(
            [
                line.metric.name,
                line.metric.unit.value,
                *cells(line.reading),
                other.estimate if other else "",
                other.base if other else 0,
                found.estimate if found else "",
                found.low if found and is_bounded else "",
                found.high if found and is_bounded else "",
                line.change.direction,
            ]
        )
    return columns, rows


def groups(rows: Iterable[GroupRow], *, by: str) -> tuple[Cells, list[Cells]]:
    """The measures of each group."""
    columns = (by, "name", *(f"{metric}_{part}" for metric in COLUMNS for part in _READING))
    return columns, [
        [row.value, row.name, *(cell for each in row.readings for cell in cells(each))] for row in rows
    ]


def funnel(steps: Iterable[Step]) -> tuple[Cells, list[Cells]]:
    """The steps from eligible to finished."""
    rows: list[Cells] = []
    for step in steps:
        found = (step.share.estimate, step.share.low, step.share.high) if step.share else ()
        rows.append([step.name, step.count, *found])
    return ("step", "count", "share_of_step_before", "low", "high"), rows


def hours(found: Iterable[Hour]) -> tuple[Cells, list[Cells]]:
    """Response rate by weekday (1 Monday) and hour, small cells too."""
    rows: list[Cells] = [[each.weekday, each.hour, each.reading.part, *cells(each.reading)] for each in found]
    return ("weekday", "hour", "answered", *_READING), rows


def pressure(found: Pressure) -> tuple[Cells, list[Cells]]:
    """Customers by class and number of contacts in thirty days."""
    rows: list[Cells] = [[each.contact_class or "all", each.contacts, each.customers] for each in found.loads]
    return ("class", "contacts", "customers"), rows


def features(found: Iterable[Feature]) -> tuple[Cells, list[Cells]]:
    """Usage of each feature."""
    rows: list[Cells] = [[each.name, each.usage.part, each.times, *cells(each.usage)] for each in found]
    return ("feature", "customers", "times", *_READING), rows


def reply(
    name: str, table: tuple[Cells, list[Cells]], *, only: Slice, as_of: datetime | None, kind: str
) -> HttpResponseBase:
    """*table* as a CSV file, or as a workbook where *kind* is "xlsx"; each row ends with its filters."""
    columns, rows = table
    made_by = {
        "from": only.start.isoformat(timespec="seconds"),
        "until_before": only.end.isoformat(timespec="seconds"),
        **{f"filter_{cut}": value for cut, value in only.chosen.items()},
        "as_of": as_of.isoformat(timespec="seconds") if as_of else "",
    }
    wide = [[*row, *[""] * (len(columns) - len(row)), *made_by.values()] for row in rows]
    heads = [str(each) for each in (*columns, *made_by)]
    if kind == "xlsx":
        return _workbook(name, heads, wide, made_by)
    return lists.csv_reply(name=f"insights-{name}", columns=heads, rows=wide)


def _workbook(
    name: str, heads: Sequence[str], rows: Sequence[Cells], made_by: Mapping[str, str]
) -> HttpResponse:
    stream = io.BytesIO()
    # Texts are written as texts, so that no cell is taken for a formula or a link.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        sheet, bold = book.add_worksheet(name[:31]), book.add_format({"bold": True})
        sheet.write_row(0, 0, heads, bold)
        sheet.freeze_panes(1, 1)
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, row)
        about = book.add_worksheet("filters")
        for number, (key, value) in enumerate(made_by.items()):
            about.write_row(number, 0, (key, value))
    reply = HttpResponse(stream.getvalue(), content_type=_XLSX)
    reply["Content-Disposition"] = f'attachment; filename="insights-{name}.xlsx"'
    return reply
