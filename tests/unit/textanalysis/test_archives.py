"""An archive is analysed once, whole and in order, also by a run that is killed and started again."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from huifang.kernel.rows import BrokenRow, RefusedRow, Row
from huifang.textanalysis import archives
from huifang.textanalysis.archives import Target
from huifang.textanalysis.engines.rules import RuleEngine
from huifang.textanalysis.records import ArchiveReport, Finding, Layout, Text

LAYOUT = Layout(mapping={"评论": "text", "编号": "key"})
COUNT = 1_750


class Killed(Exception):
    """As far as the archive is concerned, the process ends here."""


class DyingEngine(RuleEngine):
    """Dies in the batch that would be number *lives*; counts what it analysed."""

    def __init__(self, lives: int) -> None:
        super().__init__()
        self.lives, self.analysed = lives, 0

    def analyse(self, texts: Sequence[Text]) -> list[Finding]:
        if self.lives == 0:
            raise Killed
        self.lives -= 1
        self.analysed += len(texts)
        return super().analyse(texts)


def some_rows() -> Iterator[Row]:
    for number in range(COUNT):
        yield {"编号": f"c{number}", "评论": f"第{number}条，很好用" if number % 7 else " "}


def run(target: Target, engine: RuleEngine, rows: Iterator[Row] | None = None) -> ArchiveReport:
    return archives.analyse(rows or some_rows(), engine, target, layout=LAYOUT)


@pytest.mark.parametrize("form", ["jsonl", "csv"])
@pytest.mark.parametrize("lives", [0, 1, 3])
def test_a_killed_run_goes_on_and_nothing_is_there_twice(tmp_path: Path, form: str, lives: int) -> None:
    whole = Target(file=tmp_path / "whole", form=form, source="a")
    run(whole, RuleEngine())
    broken = Target(file=tmp_path / "broken", form=form, source="a")
    with pytest.raises(Killed):
        run(broken, DyingEngine(lives))
    with broken.file.open("ab") as stream:
        stream.write(b'{"key": "half a li')  # what was on its way when the power went
    again = DyingEngine(99)
    report = run(broken, again)
    assert broken.file.read_bytes() == whole.file.read_bytes()
    assert report.resumed == lives * 500
    assert again.analysed < COUNT - lives * 400
    assert not broken.progress.exists()


@pytest.mark.parametrize("other", ["another file", "another engine", "no state", "broken state", "file gone"])
def test_a_run_of_something_else_begins_anew(tmp_path: Path, other: str) -> None:
    target = Target(file=tmp_path / "out", form="jsonl", source="a")
    with pytest.raises(Killed):
        run(target, DyingEngine(2))
    engine = RuleEngine()
    if other == "another file":
        target = Target(file=target.file, form="jsonl", source="b")
    if other == "another engine":
        engine.version = "2"  # type: ignore[misc]
    if other == "no state":
        target.progress.unlink()
    if other == "broken state":
        target.progress.write_text('{"rows": 9', encoding="utf-8")
    if other == "file gone":
        target.file.unlink()
    assert run(target, engine).resumed == 0
    assert len(target.file.read_bytes().splitlines()) == COUNT - COUNT // 7


def refused_of(rows: list[Row], tmp_path: Path) -> tuple[list[RefusedRow], list[Mapping[str, object]]]:
    refused: list[RefusedRow] = []
    target = Target(file=tmp_path / "out.jsonl", form="jsonl", source="a")
    archives.analyse(iter(rows), RuleEngine(), target, layout=LAYOUT, on_refused=refused.append)
    return refused, [json.loads(line) for line in target.file.read_text(encoding="utf-8").splitlines()]


def test_rows_that_cannot_be_used_are_refused_and_cost_no_other(tmp_path: Path) -> None:
    rows: list[Row] = [
        {"评论": "很好用", "rating": "5"},
        {"评论": None},
        {"other": "x"},
        BrokenRow(code="broken_csv", text="..."),
        {"评论": "坏", "rating": "six"},
        {"评论": "坏", "rating": "nan"},
        {"评论": "坏", "rating": 9},
        {"评论": "难用", "编号": "b", "rating": ""},
    ]
    refused, found = refused_of(rows, tmp_path)
    assert [(each.number, each.code) for each in refused] == [
        (2, "no_text"),
        (3, "no_text"),
        (4, "broken_csv"),
        (5, "bad_rating"),
        (6, "bad_rating"),
        (7, "bad_rating"),
    ]
    assert [each["key"] for each in found] == ["1", "b"]
    assert found[0]["sentiment"] == "positive"


def test_nothing_personal_and_no_formula_reaches_the_file(tmp_path: Path) -> None:
    target = Target(file=tmp_path / "out.csv", form="csv", source="a")
    rows = iter([{"评论": "=HYPERLINK(1)", "编号": "=1+1"}, {"评论": "打13800138000，\ud800", "编号": "b"}])
    run(target, RuleEngine(), rows)
    with target.file.open(encoding="utf-8", newline="") as stream:
        cells = list(csv.reader(stream))
    assert [row[0] for row in cells] == ["key", "'=1+1", "b"]
    assert cells[1][2] == "'=HYPERLINK(1)"
    assert "13800138000" not in target.file.read_text(encoding="utf-8")
