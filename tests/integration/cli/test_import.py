"""``huifang import``: what the terminal says, and the file of refused rows."""

import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.places import reachable_folder

pytestmark = pytest.mark.slow
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("HUIFANG_", "DATABASE_", "DJANGO_"))
}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A data folder that the database's account reaches, even where the suite runs as root."""
    with reachable_folder() as made:
        yield made / "data"


def huifang(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "huifang.cli.main", *arguments, "--data-dir", str(folder)]
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=180, check=False)


def test_a_file_is_imported_once_and_refused_rows_stand_beside_it(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("编号,tier,phone\nW-1,gold,12\n,base,\nW-2,base,\n", encoding="utf-8")
    first = huifang(folder, "import", "customers", str(file), "--map", "编号=id")
    assert first.returncode == 1, first.stderr
    assert first.stdout.splitlines() == [
        "3 rows read: 2 customers are new, 0 changed, 0 were as they are, 1 rows refused.",
        "1 values of phone made no sense and were left out",
        "  1 × missing_id: no id of a customer",
        f"Refused rows, with reasons: {tmp_path / 'customers.refused.csv'}",
    ]
    with (tmp_path / "customers.refused.csv").open(encoding="utf-8-sig") as stream:
        assert [row["reason"] for row in csv.DictReader(stream)] == ["missing_id"]
    again = huifang(folder, "import", "customers", str(file), "--map", "编号=id")
    assert "0 customers are new, 0 changed, 2 were as they are" in again.stdout


def test_what_cannot_be_read_is_one_line_and_exit_code_2(folder: Path, tmp_path: Path) -> None:
    missing = huifang(folder, "import", "customers", str(tmp_path / "none.csv"))
    assert (missing.returncode, missing.stderr.count("\n")) == (2, 1)
    other = tmp_path / "customers.xlsx"
    other.write_bytes(b"PK")
    unknown = huifang(folder, "import", "customers", str(other))
    assert (unknown.returncode, "format is not known" in unknown.stderr) == (2, True)
    assert huifang(folder, "import", "customers", str(other), "--map", "phone").returncode == 2


def test_events_and_feedback_are_imported_once(folder: Path, tmp_path: Path) -> None:
    sales = tmp_path / "sales.csv"
    sales.write_text(
        "uid;when;price\nW-1;2026/3/1 8:30;2.5\nW-1;2001-03-02;3\n;2026-03-03;4\n", encoding="utf-8"
    )
    options = ("--map", "uid=userId", "--map", "when=timestamp", "--map", "price=amount")
    command = (
        "import",
        "events",
        str(sales),
        *options,
        "--event",
        "Payment Completed",
        "--zone",
        "Asia/Shanghai",
    )
    first = huifang(folder, *command)
    assert first.returncode == 1, first.stderr
    assert first.stdout.splitlines() == [
        "3 rows read: 2 events are new, 0 were there, 1 rows refused.",
        "1 are older than events are kept (EVENTS_KEPT_DAYS): customers' counts and profiles keep what they"
        " say, the events themselves are dropped within a day.",
        "  1 × missing_user: no userId",
        f"Refused rows, with reasons: {tmp_path / 'sales.refused.csv'}",
    ]
    assert "0 events are new, 2 were there" in huifang(folder, *command).stdout
    survey = tmp_path / "survey.csv"
    survey.write_text("score,text,at\n10,很好,01/03/2026\n3,,02/03/2026\n", encoding="utf-16")
    command = ("import", "feedback", str(survey), "--metric", "nps", "--time-format", "%d/%m/%Y")
    assert huifang(folder, *command).stdout.splitlines() == [
        "2 rows read: 2 answers are new, 0 were there, 0 rows refused.",
        "2 of the new answers name no customer that is known.",
        "They stand under Feedback, questionnaire “Imported: survey”.",
    ]
    again = huifang(folder, *command)
    assert (again.returncode, "0 answers are new, 2 were there" in again.stdout) == (0, True)


def test_a_wrong_column_is_one_line_that_says_which_there_are(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "survey.csv"
    file.write_text("punkte,text\n10,x\n", encoding="utf-8")
    for option, said in (
        ("mark=score", "There is no column mark. Columns are: punkte, text."),
        (
            "punkte=score",
            "No column holds at. Columns are: punkte, text."
            " Say which one does (at the terminal: --map COLUMN=at).",
        ),
    ):
        refused = huifang(folder, "import", "feedback", str(file), "--metric", "nps", "--map", option)
        assert (refused.returncode, refused.stderr) == (2, f"huifang: {said}\n")
