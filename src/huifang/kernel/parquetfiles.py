"""Reads Parquet files of other systems, a thousand rows of a row group at a time, as values that JSON knows.

Never holds a whole file: at worst one row group, of half a gigabyte. What a file declares about itself is
believed only within limits.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from huifang.kernel.refusals import Refusal, gettext_noop

ROWS_AT_ONCE = 1_000
COLUMNS_MAX = 2_000
GROUP_BYTES_MAX = 512 * 1024**2
VALUE_LENGTH_MAX = 1_000_000
_FOOTER_BYTES_MAX = 64 * 1024 * 1024
_DIGITS_EXACT = 15
_DEPTH_MAX = 32
_FAULTS = (pa.ArrowException, OSError, ValueError, OverflowError)


class UnreadableParquetError(Refusal):
    """It is no Parquet file, or only a part of one."""

    code = "unreadable_parquet"
    text = gettext_noop(
        "{file} cannot be read as Parquet: {problem}. A Parquet file can be read only if it is whole: copy or"
        " export it again."
    )
    status = 422


class ParquetTooLargeError(Refusal):
    """It says of itself that it would not fit into memory."""

    code = "parquet_too_large"
    text = gettext_noop(
        "{file} has {what}; at most {limit} can be read. Write it with smaller row groups, and only with the"
        " columns that are needed."
    )
    status = 422


class Table:
    """One Parquet file. Raises `UnreadableParquetError` and `ParquetTooLargeError` when it is opened."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            self._opened = pq.ParquetFile(
                file,
                memory_map=True,
                pre_buffer=False,
                thrift_string_size_limit=_FOOTER_BYTES_MAX,
                thrift_container_size_limit=_FOOTER_BYTES_MAX // 64,
            )
            self.columns = [name.strip() for name in self._opened.schema_arrow.names]
        except _FAULTS as problem:
            raise UnreadableParquetError(file=file.name, problem=_short(problem)) from None
        self._check()

    def _check(self) -> None:
        """Look at what the footer says before anything is unpacked."""
        if len(self.columns) > COLUMNS_MAX:
            raise ParquetTooLargeError(
                file=self._file.name, what=f"{len(self.columns)} columns", limit=COLUMNS_MAX
            )
        metadata = self._opened.metadata
        largest = max(
            (metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups)), default=0
        )
        if largest > GROUP_BYTES_MAX:
            raise ParquetTooLargeError(
                file=self._file.name,
                what=f"a row group of {largest // 1024**2} MB",
                limit=f"{GROUP_BYTES_MAX // 1024**2} MB",
            )

    @property
    def row_count(self) -> int:
        """How many rows the file says it has."""
        return int(self._opened.metadata.num_rows)

    def rows(self, *, on_bytes: Callable[[int], None]) -> Iterator[dict[str, object] | str]:
        """Each row by the names of its columns; a text in place of rows that cannot be read says which."""
        metadata, first = self._opened.metadata, 1
        for group in range(metadata.num_row_groups):
            part = metadata.row_group(group)
            last, done, size = first + part.num_rows - 1, 0, _packed_bytes(part)
            try:
                for batch in self._opened.iter_batches(ROWS_AT_ONCE, row_groups=[group]):
                    yield from _rows_of(batch, self.columns)
                    on_bytes(size * batch.num_rows // max(part.num_rows, 1))
                    done += batch.num_rows
            except _FAULTS as problem:
                yield f"rows {first + done} to {last}: {_short(problem)}"
            first = last + 1

    def close(self) -> None:
        """Let go of the file."""
        with suppress(*_FAULTS):
            self._opened.close()


def _packed_bytes(part: Any) -> int:
    return sum(part.column(index).total_compressed_size for index in range(part.num_columns))


def _rows_of(batch: Any, columns: list[str]) -> Iterator[dict[str, object]]:
    values = [_listed(batch.column(index)) for index in range(batch.num_columns)]
    for row in zip(*values, strict=True):
        yield dict(zip(columns, row, strict=True))


def _listed(column: Any) -> list[object]:
    """The values of *column*; nanoseconds are cut to microseconds, which is as fine as Python's time is."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        column = column.cast(pa.timestamp("us", tz=kind.tz), safe=False)
    elif pa.types.is_duration(kind) and kind.unit == "ns":
        column = column.cast(pa.duration("us"), safe=False)
    elif pa.types.is_time64(kind) and kind.unit == "ns":
        column = column.cast(pa.time64("us"), safe=False)
    try:
        values: list[object] = column.to_pylist()
    except (ValueError, OverflowError):
        values = [_value_of(scalar) for scalar in column]
    is_plain = pa.types.is_integer(kind) or pa.types.is_boolean(kind)
    return values if is_plain else [plain(value) for value in values]


def _value_of(scalar: Any) -> object:
    """One value; one that Python cannot hold, such as the year 10000, is none."""
    try:
        return scalar.as_py()
    except (ValueError, OverflowError):
        return None


def plain(value: object, depth: int = 0) -> object:
    """*value* as JSON has it. A whole number that came as a float is a whole number; NaN is none."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return value[:VALUE_LENGTH_MAX]
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _number(value.total_seconds())
    if isinstance(value, bytes):
        return _text(value)
    return str(value) if isinstance(value, UUID) else _nested(value, depth)


def _nested(value: object, depth: int) -> object:
    if depth >= _DEPTH_MAX:
        return None
    if isinstance(value, dict):
        return {str(key): plain(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        if value and all(isinstance(each, tuple) and len(each) == 2 for each in value):  # a map
            return {str(key): plain(inner, depth + 1) for key, inner in value}
        return [plain(each, depth + 1) for each in value]
    return str(value)[:VALUE_LENGTH_MAX]


def _number(value: float) -> int | float | None:
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _decimal(value: Decimal) -> int | float | str | None:
    """A number where a float holds it exactly enough, else its digits as text."""
    if not value.is_finite():
        return None
    if value == value.to_integral_value():
        return int(value)
    return float(value) if len(value.as_tuple().digits) <= _DIGITS_EXACT else format(value, "f")


def _text(value: bytes) -> str | None:
    """Text that its writer did not mark as such; other bytes are none."""
    try:
        return value.decode()[:VALUE_LENGTH_MAX]
    except UnicodeDecodeError:
        return None


def _short(problem: BaseException) -> str:
    return (str(problem).strip().splitlines() or [type(problem).__name__])[0][:200].rstrip(".")
