"""Parquet becomes rows of plain values; what is damaged or lies about itself is refused in words."""

import io
import tracemalloc
from collections import deque
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from huifang.kernel import parquetfiles, rows
from huifang.kernel.rows import BrokenRow


def written(folder: Path, table: pa.Table, name: str = "export.parquet", **options: object) -> Path:
    pq.write_table(table, folder / name, **options)
    return folder / name


def test_every_type_of_column_becomes_a_value_that_json_knows(tmp_path):
    at = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
    table = pa.table(
        {
            "id": pa.array([17850.0, None]),
            "price": pa.array([Decimal("2.50"), Decimal("7.00")], pa.decimal128(10, 2)),
            "exact": pa.array([Decimal("12345678901234567.89"), None], pa.decimal128(22, 2)),
            "at": pa.array([at, None], pa.timestamp("ns", tz="UTC")),
            "local": pa.array([at.replace(tzinfo=None), None], pa.timestamp("ms")),
            "day": pa.array([date(2026, 3, 1), None]),
            "hour": pa.array([time(8, 30), None], pa.time64("ns")),
            "took": pa.array([timedelta(seconds=90), None], pa.duration("ns")),
            "kind": pa.array(["软钱包", "软钱包"]).dictionary_encode(),
            "raw": pa.array(["很好".encode(), b"\xff\xfe"]),
            "share": pa.array([0.5, float("nan")]),
            "is_new": pa.array([True, None]),
            "device": pa.array([{"model": "X1", "sizes": [1, 2]}, None]),
            "tags": pa.array([[("a", 1)], []], pa.map_(pa.string(), pa.int64())),
        }
    )
    first, second = rows.read(written(tmp_path, table))
    assert first == {
        "id": 17850,
        "price": 2.5,
        "exact": "12345678901234567.89",
        "at": "2026-03-01T08:30:00+00:00",
        "local": "2026-03-01T08:30:00",
        "day": "2026-03-01",
        "hour": "08:30:00",
        "took": 90,
        "kind": "软钱包",
        "raw": "很好",
        "share": 0.5,
        "is_new": True,
        "device": {"model": "X1", "sizes": [1, 2]},
        "tags": {"a": 1},
    }
    assert second == dict.fromkeys(first) | {"price": 7, "kind": "软钱包", "tags": []}


def test_an_instant_that_python_cannot_hold_is_none_and_harms_no_other(tmp_path):
    table = pa.table({"at": pa.array([2**62, 0], pa.int64()).cast(pa.timestamp("us"))})
    assert list(rows.read(written(tmp_path, table))) == [{"at": None}, {"at": "1970-01-01T00:00:00"}]


def test_columns_are_checked_as_those_of_a_csv_file_are(tmp_path):
    file = written(tmp_path, pa.table({"id": [1], "said": ["x"]}))
    with pytest.raises(rows.NoSuchColumnError, match="Columns are: id, said"):
        list(rows.read(file, columns=["score"]))
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["id", "id"])
    with pytest.raises(rows.RepeatedColumnError):
        list(rows.read(written(tmp_path, twice)))
    assert list(rows.read(written(tmp_path, pa.table({"id": pa.array([], pa.int64())})))) == []


def packed(table: pa.Table, **options: object) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


@pytest.mark.parametrize("cut", [4, 100, -1, -9])
def test_a_part_of_a_file_is_refused_with_what_to_do(tmp_path, cut):
    file = tmp_path / "half.parquet"
    file.write_bytes(packed(pa.table({"id": range(5000)}))[:cut])
    with pytest.raises(parquetfiles.UnreadableParquetError, match="copy or export it again"):
        list(rows.read(file))


def test_something_else_that_is_called_parquet_is_refused(tmp_path):
    for content in (b"id,said\n1,x\n", b"PAR1" + b"\xff" * 200 + b"PAR1", b"PAR1\xff\xff\xff\x7fPAR1"):
        file = tmp_path / "other.parquet"
        file.write_bytes(content)
        with pytest.raises(parquetfiles.UnreadableParquetError):
            list(rows.read(file))


def test_damage_within_costs_its_row_group_and_no_other(tmp_path):
    table = pa.table({"id": range(9000)})
    content = bytearray(packed(table, row_group_size=3000, compression="gzip", use_dictionary=False))
    start = pq.ParquetFile(io.BytesIO(content)).metadata.row_group(1).column(0).data_page_offset
    content[start : start + 400] = b"\xff" * 400
    file = tmp_path / "damaged.parquet"
    file.write_bytes(content)
    found = list(rows.read(file))
    broken = [row for row in found if isinstance(row, BrokenRow)]
    assert [(row.code, row.text.partition(":")[0]) for row in broken] == [
        ("broken_parquet", "rows 3001 to 6000")
    ]
    kept = [row["id"] for row in found if not isinstance(row, BrokenRow)]
    assert kept == [*range(3000), *range(6000, 9000)]


def test_a_file_that_says_it_would_not_fit_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(parquetfiles, "GROUP_BYTES_MAX", 1000)
    file = written(tmp_path, pa.table({"said": ["x" * 100_000] * 10}), use_dictionary=False)
    with pytest.raises(parquetfiles.ParquetTooLargeError, match="smaller row groups"):
        list(rows.read(file))
    monkeypatch.setattr(parquetfiles, "COLUMNS_MAX", 3)
    wide = written(tmp_path, pa.table({f"c{number}": [1] for number in range(4)}))
    with pytest.raises(parquetfiles.ParquetTooLargeError, match="4 columns"):
        list(rows.read(wide))


def test_a_long_file_is_read_in_bounded_memory_and_tells_how_far(tmp_path):
    count, told = 60_000, []
    table = pa.table({"id": range(count), "said": [f"row {number}" for number in range(count)]})
    file = written(tmp_path, table, row_group_size=20_000)
    del table
    tracemalloc.start()
    last = deque(rows.read(file, on_bytes=told.append), maxlen=1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert list(last) == [{"id": count - 1, "said": f"row {count - 1}"}]
    assert peak < 5_000_000
    assert 0.8 * file.stat().st_size < sum(told) <= file.stat().st_size
