"""Reads files of customers: CSV (UTF-8 or GB 18030, with a header) and JSON Lines, a row at a time."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from huifang.customers.errors import UnknownFormatError, UnreadableFileError
from huifang.customers.records import BrokenRow

_SAMPLE_BYTES = 65_536
_LINE_LENGTH_MAX = 1_000_000


def read(
    file: Path, *, on_bytes: Callable[[int], None] = lambda _: None
) -> Iterator[Mapping[str, object] | BrokenRow]:
    """The rows of *file*; *on_bytes* hears how far reading has come. Raises `UnknownFormatError`."""
    reader = _READERS.get(file.suffix.lower())
    if reader is None:
        raise UnknownFormatError(file=file.name, endings=", ".join(_READERS))
    return reader(file, on_bytes)


def _encoding(file: Path) -> str:
    with file.open("rb") as stream:
        sample = stream.read(_SAMPLE_BYTES)
    try:
        sample.rsplit(b"\n", 1)[0].decode("utf-8-sig")
    except UnicodeDecodeError:
        return "gb18030"  # what spreadsheets in China write
    return "utf-8-sig"


def _lines(stream: io.BufferedReader, encoding: str, on_bytes: Callable[[int], None]) -> Iterator[str]:
    for line in stream:
        on_bytes(len(line))
        yield line.decode(encoding, "replace").removeprefix("\ufeff")


def _csv(file: Path, on_bytes: Callable[[int], None]) -> Iterator[Mapping[str, object] | BrokenRow]:
    with file.open("rb") as stream:
        rows = csv.DictReader(_lines(stream, _encoding(file), on_bytes), restkey="", strict=True)
        try:
            for row in rows:
                if "" in row or None in row.values():
                    yield BrokenRow(code="wrong_column_count", text=",".join(map(str, row.values()))[:500])
                else:
                    yield {str(name).strip(): value for name, value in row.items()}
        except csv.Error as problem:
            raise UnreadableFileError(file=file.name, format="CSV", problem=str(problem)) from None


def _json_lines(file: Path, on_bytes: Callable[[int], None]) -> Iterator[Mapping[str, object] | BrokenRow]:
    with file.open("rb") as stream:
        for line in _lines(stream, "utf-8", on_bytes):
            if line.strip():
                yield _json_row(line)


def _json_row(line: str) -> Mapping[str, object] | BrokenRow:
    if len(line) > _LINE_LENGTH_MAX:
        return BrokenRow(code="line_too_long", text=line[:500])
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return BrokenRow(code="not_json", text=line.strip()[:500])
    if not isinstance(row, dict):
        return BrokenRow(code="not_an_object", text=line.strip()[:500])
    return row


_READERS = {".csv": _csv, ".jsonl": _json_lines, ".ndjson": _json_lines}
