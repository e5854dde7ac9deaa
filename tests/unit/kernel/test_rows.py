"""Reading what other systems export: every row once, the broken ones told apart, in bounded memory."""

import gzip
import json
import tracemalloc
from collections import deque
from pathlib import Path

import pytest

from huifang.kernel import rows, textfiles
from huifang.kernel.rows import BrokenRow


def written(folder: Path, content: str | bytes, name: str = "export.csv") -> Path:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def codes(file: Path, **options: str) -> list[str]:
    return [row.code if isinstance(row, BrokenRow) else "" for row in rows.read(file, **options)]


def test_a_row_has_a_value_for_each_column_of_the_header(tmp_path):
    file = written(tmp_path, 'id, said ,\r\n1,"two\nlines",x\r\n\r\n2,"a ""b""",\r\n')
    assert list(rows.read(file)) == [{"id": "1", "said": "two\nlines"}, {"id": "2", "said": 'a "b"'}]


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_the_header_tells_what_parts_columns(tmp_path, sign):
    file = written(tmp_path, f'id{sign}amount\n1{sign}"2,50"\n')
    assert list(rows.read(file)) == [{"id": "1", "amount": "2,50"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030"])
def test_unicode_and_chinese_are_told_apart(tmp_path, encoding):
    file = written(tmp_path, "编号,说\n1,转账很慢，希望改进\n".encode(encoding))
    assert list(rows.read(file)) == [{"编号": "1", "说": "转账很慢，希望改进"}]


@pytest.mark.parametrize(
    "content",
    [
        "id,said\n1,Müller était très déçu\n".encode("latin-1"),
        "id,said\n1,It’s slow “again”\n".encode("cp1252"),
        "id,說\n1,轉帳功能沒有問題\n".encode("big5"),
        "id,said\n1,slow\n".encode("utf-16-le"),
        b"PK\x03\x04\x00\x00",
    ],
)
def test_another_encoding_is_refused_with_what_to_do(tmp_path, content):
    with pytest.raises(textfiles.UnknownEncodingError, match="Save it as UTF-8"):
        list(rows.read(written(tmp_path, content)))


def test_an_encoding_that_is_named_is_used(tmp_path):
    file = written(tmp_path, "id,said\n1,déçu\n".encode("latin-1"))
    assert list(rows.read(file, encoding="latin-1")) == [{"id": "1", "said": "déçu"}]
    for name in ("klingon", "base64"):
        with pytest.raises(textfiles.EncodingNameError):
            rows.read(file, encoding=name)


def test_a_byte_that_makes_no_sense_costs_one_row(tmp_path):
    good = "1,很好\n".encode()
    file = written(tmp_path, b"id,said\n" + good * 20_000 + b"2,d\xe9\xe7u\n" + good)
    found = codes(file)
    assert (found.count(""), found[20_000:]) == (20_001, ["wrong_encoding", ""])


def test_half_a_file_keeps_its_whole_rows(tmp_path):
    whole = "id,said\n1,good\n2,fine\n3,slow\n"
    assert codes(written(tmp_path, whole[:-6])) == ["", "", "wrong_column_count"]
    assert codes(written(tmp_path, 'id,said\n1,good\n2,"and then')) == ["", "cut_off"]
    assert codes(written(tmp_path, '{"id": 1}\n{"id": 2, "sa', "half.jsonl")) == ["", "not_json"]
    many = "".join(f"{n},{n * 7919 % 104729}\n" for n in range(5_000))
    packed = gzip.compress(f"id,said\n{many}".encode())
    found = codes(written(tmp_path, packed[: len(packed) // 2], "half.csv.gz"))
    assert found[-1] == "cut_off"
    assert found.count("") > 1_000


def test_a_quote_out_of_place_costs_one_row(tmp_path):
    file = written(tmp_path, 'id,said\n1,good\n2,"a"b\n3,fine\n4,x,y\n5,slow\n')
    assert codes(file) == ["", "broken_csv", "", "wrong_column_count", ""]


def test_a_line_that_never_ends_is_not_read_into_memory(tmp_path):
    long = json.dumps({"text": "x" * 3_000_000})
    file = written(tmp_path, f'{{"id": 1}}\n{long}\n{{"id": 2}}\n', "long.jsonl")
    assert codes(file) == ["", "line_too_long", ""]


def test_json_lines_keep_types_and_lose_what_no_database_stores(tmp_path):
    file = written(tmp_path, '{"n": 1.5, "ok": true, "bad": NaN, "half": "a\\ud83d"}\n\n[1]\n', "a.ndjson")
    assert list(rows.read(file)) == [
        {"n": 1.5, "ok": True, "bad": None, "half": "a\ufffd"},
        BrokenRow(code="not_an_object", text="[1]"),
    ]


def test_a_packed_file_is_read_as_what_it_holds(tmp_path):
    assert list(rows.read(written(tmp_path, gzip.compress(b"id\n1\n"), "a.csv.gz"))) == [{"id": "1"}]
    assert not rows.has_columns(tmp_path / "a.jsonl.gz")


def test_a_refusal_says_which_columns_there_are(tmp_path):
    file = written(tmp_path, "id,said\n1,x\n")
    with pytest.raises(rows.NoSuchColumnError, match=r"no column score\. Columns are: id, said\."):
        list(rows.read(file, columns=["id", "score"]))
    with pytest.raises(rows.RepeatedColumnError):
        list(rows.read(written(tmp_path, "id,id\n1,2\n")))


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("export.parquet", rows.EmptyFileError),
        ("export.parquet.gz", rows.UnknownFormatError),
        ("export.xlsx", rows.UnknownFormatError),
        ("export", rows.UnknownFormatError),
        ("empty.csv", rows.EmptyFileError),
        ("empty.jsonl", rows.EmptyFileError),
    ],
)
def test_a_file_of_another_kind_or_an_empty_one_is_refused(tmp_path, name, refusal):
    with pytest.raises(refusal):
        list(rows.read(written(tmp_path, b"", name)))


@pytest.mark.parametrize("name", ["many.csv", "many.jsonl"])
def test_a_large_file_streams_in_bounded_memory(tmp_path, name):
    file = tmp_path / name
    with file.open("w", encoding="utf-8") as stream:
        if name.endswith(".csv"):
            stream.write("id,amount,said\n")
            stream.writelines(f'W-{n},{n}.50,"一切顺利, {n}"\n' for n in range(200_000))
        else:
            stream.writelines(f'{{"id": "W-{n}", "amount": {n}.5, "said": "好"}}\n' for n in range(200_000))
    told: list[int] = []
    tracemalloc.start()
    try:
        last = deque(enumerate(rows.read(file, on_bytes=told.append), start=1), maxlen=1)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (last[0][0], sum(told)) == (200_000, file.stat().st_size)
    assert peak < 2_000_000


def test_equal_rows_are_numbered_in_the_order_of_the_file():
    with rows.Repeats() as repeats:
        assert [repeats.number(key) for key in (b"a", b"b", b"a", b"a", b"b")] == [0, 0, 1, 2, 1]


def test_a_column_is_found_by_its_name_or_by_what_it_was_mapped_to():
    known = {"userId": ("customerid",), "event": (), "timestamp": ("at",)}
    columns = ["Customer ID", "at", "时间", "event", "amount"]
    found = rows.fields(columns, mapping={"时间": "timestamp", "event": "kind"}, known=known)
    assert found == {"userId": "Customer ID", "timestamp": "时间"}


def doubled(text: str) -> bytes:
    return text.encode().decode("cp1252").encode()


def test_text_that_was_read_wrongly_and_saved_again_is_refused_or_mended(tmp_path):
    lines = "id,said\n1,très déçu\n2,à bientôt\n3,Müller\n"
    file = written(tmp_path, doubled(lines))
    with pytest.raises(textfiles.GarbledTextError, match=r"“MÃ¼ller” for “Müller”.*--encoding utf-8-twice"):
        list(rows.read(file))
    said = [row["said"] for row in rows.read(file, encoding="utf-8-twice")]
    assert said == ["très déçu", "à bientôt", "Müller"]
    kept = [row["said"] for row in rows.read(file, encoding="utf-8")]
    assert kept[2] == "MÃ¼ller"


def test_a_few_garbled_cells_are_taken_as_they_are_and_counted(tmp_path):
    lines = b"id,said\n" + b"1,fine\n" * 30 + "2,très bien\n3,转账“很慢”——\n".encode() + doubled("4,don’t\n")
    heard = []
    found = list(rows.read(written(tmp_path, lines), on_garbled=lambda: heard.append(1)))
    assert (len(found), len(heard)) == (33, 1)
    assert found[-1]["said"] == "donâ€™t"
    mended = list(rows.read(tmp_path / "export.csv", encoding="utf-8-twice"))
    assert [row["said"] for row in mended[-3:]] == ["très bien", "转账“很慢”——", "don’t"]


def test_an_id_that_a_spreadsheet_wrote_as_a_fraction_is_the_whole_number_it_was():
    given = ["17850.0", "17850", "0.0", "007.0", "1.50", "W-1.0", "1234567890123456.0", 17850, None]
    assert [rows.identifier(each) for each in given] == ["17850", "17850", "0", *given[3:]]
