"""Reads what other systems export, a row at a time: CSV with a header, JSON Lines, and Parquet.

A row that cannot be read is handed on as broken and costs no other. Knows nothing of what rows mean.
"""

import csv
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from huifang.kernel.refusals import Refusal, gettext_noop
from huifang.kernel.textfiles import Lines

CUT_OFF = "cut_off"
_BEGINNING = 500
_DELIMITERS = ",;\t|"
_FLOAT_ID = re.compile(r"(?:0|[1-9]\d{0,14})\.0")
_HALF_PAIR = re.compile("[\ud800-\udfff]")


class UnreadableFileError(Refusal):
    """The file to import is not what its name says."""

    code = "unreadable_file"
    text = gettext_noop("{file} cannot be read as {format}: {problem}.")
    status = 422


class UnknownFormatError(Refusal):
    """Only some kinds of file can be imported."""

    code = "unknown_format"
    text = gettext_noop("{file} ends in none of {endings}, so its format is not known.")
    status = 422


class EmptyFileError(Refusal):
    """There is nothing in the file."""

    code = "empty_file"
    text = gettext_noop("{file} is empty.")
    status = 422


class NoSuchColumnError(Refusal):
    """A column was named that the file does not have."""

    code = "no_such_column"
    text = gettext_noop("There is no column {column}. Columns are: {columns}.")
    status = 422


class RepeatedColumnError(Refusal):
    """Two columns of one name cannot be told apart."""

    code = "repeated_column"
    text = gettext_noop("Two columns are called {column}. Give one of them another name.")
    status = 422


class MissingColumnError(Refusal):
    """The file lacks what every row must say."""

    code = "missing_column"
    text = gettext_noop(
        "No column holds {field}. Columns are: {columns}."
        " Say which one does (at the terminal: --map COLUMN={field})."
    )
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRow:
    """A row of a file that could not even be read. *text* is how it begins, or where it is."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """A row that was not imported, and why. *number* counts rows of data from 1."""

    number: int
    code: str
    row: Mapping[str, object]


Row = Mapping[str, object] | BrokenRow


def read(
    file: Path,
    *,
    encoding: str = "",
    columns: Collection[str] = (),
    on_bytes: Callable[[int], None] = lambda _: None,
    on_garbled: Callable[[], None] = lambda: None,
) -> Iterator[Row]:
    """The rows of *file*; *on_bytes* hears how far reading has come, in bytes of the file.

    *columns* must be in the header of a CSV or Parquet file; *on_garbled* hears of each line that looks as if
    its UTF-8 had been read as Windows-1252. Raises `UnknownFormatError` and `EncodingNameError` at once, what
    else is wrong with the file as a whole at the first row.
    """
    ending = _ending(file)
    if ending in _PARQUET:
        return _parquet(file, columns, on_bytes)
    if ending not in _READERS:
        raise UnknownFormatError(file=file.name, endings=", ".join((*_READERS, *_PARQUET)))
    lines = Lines(file, encoding=encoding, on_bytes=on_bytes, on_garbled=on_garbled)
    return _READERS[ending](file, lines, columns)


class Repeats:
    """Numbers equal rows of one file, from 0, so that each keeps a name of its own in every run.

    Counts lie in a database of SQLite without a name, which spills to disk: a file of millions fits.
    """

    def __init__(self) -> None:
        self._seen = sqlite3.connect("", isolation_level=None)
        self._seen.execute("PRAGMA journal_mode = OFF")
        self._seen.execute("CREATE TABLE seen (key BLOB PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID")
        self._seen.execute("BEGIN")

    def __enter__(self) -> "Repeats":
        return self

    def number(self, key: bytes) -> int:
        """How many rows with *key* came before this one."""
        if self._seen.execute("INSERT OR IGNORE INTO seen VALUES (?, 0)", (key,)).rowcount:
            return 0
        self._seen.execute("UPDATE seen SET count = count + 1 WHERE key = ?", (key,))
        found = self._seen.execute("SELECT count FROM seen WHERE key = ?", (key,)).fetchone()
        return int(found[0])

    def __exit__(self, *_: object) -> None:
        self._seen.close()


def is_typed(file: Path) -> bool:
    """Whether the values of *file* have types of their own, as its name says: JSON Lines and Parquet."""
    return _ending(file) in _PARQUET or not has_columns(file)


def has_columns(file: Path) -> bool:
    """Whether all rows of *file* have the same columns, as its name says: CSV and Parquet."""
    return _READERS.get(_ending(file)) is not _json_lines


def plain(name: str) -> str:
    """The name of a column without what makes no difference: capitals, spaces, ``_`` and ``-``."""
    return re.sub(r"[\s_-]", "", name).lower()


def identifier(value: object) -> object:
    """*value* as an id: without the ``.0`` that spreadsheets and data frames put behind whole numbers."""
    return value[:-2] if isinstance(value, str) and _FLOAT_ID.fullmatch(value) else value


def fields(
    columns: Sequence[str], *, mapping: Mapping[str, str], known: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """Which of *columns* holds which field of *known*, by field; other columns are in none.

    *known* gives each field the plain names under which it goes without being named by *mapping*.
    """
    mapped = {plain(field): column for column, field in mapping.items() if column in columns}
    free = {plain(column): column for column in columns if column not in mapping}
    found = {}
    for field, names in known.items():
        named = [plain(field), *names]
        places = [where[name] for where in (mapped, free) for name in named if name in where]
        if places:
            found[field] = places[0]
    return found


def _ending(file: Path) -> str:
    name = file.name.lower()
    return Path(
        name if name.endswith(tuple(f"{each}.gz" for each in _PARQUET)) else name.removesuffix(".gz")
    ).suffix


def _csv(file: Path, lines: Lines, columns: Collection[str]) -> Iterator[Row]:
    text = iter(lines)
    first = next(text, "")
    if not first.strip():
        raise EmptyFileError(file=file.name)
    delimiter = max(_DELIMITERS, key=first.count)
    rows = csv.reader(chain([first], text), delimiter=delimiter, strict=True)
    header = _header(file, rows, columns)
    lines.take_fault()
    while True:
        begun = lines.number + 1
        try:
            values = next(rows)
        except StopIteration:
            break
        except csv.Error as problem:
            fault = lines.take_fault() or (CUT_OFF if "unexpected end" in str(problem) else "broken_csv")
            yield BrokenRow(code=fault, text=f"lines {begun} to {lines.number}: {problem}")
            continue
        if values:
            yield _csv_row(header, values, lines.take_fault())
    if fault := lines.take_fault():
        yield BrokenRow(code=fault, text=f"after line {lines.number}")


def _header(file: Path, rows: Iterator[list[str]], columns: Collection[str]) -> list[str]:
    try:
        header = [name.strip() for name in next(rows)]
    except csv.Error as problem:
        raise UnreadableFileError(file=file.name, format="CSV", problem=str(problem)) from None
    _check_names(header, columns)
    return header


def _check_names(header: Sequence[str], columns: Collection[str]) -> None:
    named = Counter(name for name in header if name)
    for name, count in named.items():
        if count > 1:
            raise RepeatedColumnError(column=name)
    for column in columns:
        if column not in named:
            raise NoSuchColumnError(column=column, columns=", ".join(named))


def _csv_row(header: Sequence[str], values: Sequence[str], fault: str) -> Row:
    fault = fault or ("" if len(values) == len(header) else "wrong_column_count")
    if fault:
        return BrokenRow(code=fault, text=",".join(values)[:_BEGINNING])
    return {name: value for name, value in zip(header, values, strict=True) if name}


def _json_lines(file: Path, lines: Lines, columns: Collection[str]) -> Iterator[Row]:
    """Any column may be missing from any line, so that *columns* cannot be checked."""
    line = ""
    for line in lines:
        if line.strip():
            yield _json_row(line, lines.take_fault())
    if not lines.number:
        raise EmptyFileError(file=file.name)
    if fault := lines.take_fault():
        yield BrokenRow(code=fault, text=f"after line {lines.number}")


def _json_row(line: str, fault: str) -> Row:
    row: object = None
    if not fault:
        try:
            row = json.loads(line, parse_constant=_nothing)
        except (ValueError, RecursionError):
            fault = "not_json"
    if not fault and not isinstance(row, dict):
        fault = "not_an_object"
    if fault:
        return BrokenRow(code=fault, text=line.strip()[:_BEGINNING])
    assert isinstance(row, dict)
    return _whole(row) if "\\u" in line else row


def _nothing(_: str) -> None:
    """Stands for NaN and Infinity, which are no JSON but are sent."""


def _whole(row: dict[str, object]) -> dict[str, object]:
    """*row* without halves of surrogate pairs, which no database stores."""
    text = json.dumps(row, ensure_ascii=False)
    found: dict[str, object] = json.loads(_HALF_PAIR.sub("\ufffd", text)) if _HALF_PAIR.search(text) else row
    return found


def _parquet(file: Path, columns: Collection[str], on_bytes: Callable[[int], None]) -> Iterator[Row]:
    """Raises `UnreadableParquetError` and `ParquetTooLargeError`, which come with the first row."""
    from huifang.kernel.parquetfiles import Table  # a hundred megabytes that other imports do without

    if not file.stat().st_size:
        raise EmptyFileError(file=file.name)
    table = Table(file)
    try:
        _check_names(table.columns, columns)
        for row in table.rows(on_bytes=on_bytes):
            yield BrokenRow(code="broken_parquet", text=row) if isinstance(row, str) else _named(row)
    finally:
        table.close()


def _named(row: dict[str, object]) -> dict[str, object]:
    """*row* without columns that have no name."""
    return row if "" not in row else {name: value for name, value in row.items() if name}


_READERS: dict[str, Callable[[Path, Lines, Collection[str]], Iterator[Row]]] = {
    ".csv": _csv,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
}
_PARQUET = (".parquet", ".pq")
