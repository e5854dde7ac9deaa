"""Writes a table as an Excel workbook in which no cell is a formula or a link, whatever customers wrote."""

import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import xlsxwriter  # type: ignore[import-untyped]
from django.http import FileResponse
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CELL_CHARACTERS_MAX = 32_767


def reply(*, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> FileResponse:
    """The workbook as a file to save; written row by row, so that a large one needs little memory."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the reply closes it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(name[:31])
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for column, title in enumerate(columns):
            sheet.write_string(0, column, title)
        for place, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                _write(sheet, place, column, cell, (day, instant))
        sheet.freeze_panes(1, 0)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=_MEDIA_TYPE)


def _write(sheet: Worksheet, row: int, column: int, value: object, formats: tuple[Format, Format]) -> None:
    day, instant = formats
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, value.astimezone(UTC).replace(tzinfo=None), instant)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, day)
    elif isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        sheet.write_string(row, column, str(value)[:_CELL_CHARACTERS_MAX])
    else:
        sheet.write_number(row, column, float(value))
