"""``huifang import customers``: what the terminal says, and the file of refused rows."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("HUIFANG_", "DATABASE_", "DJANGO_"))
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that the database's account reaches, even where the suite runs as root."""
    made = tmp_path_factory.mktemp("imports")
    for step in (made, *made.parents[:2]):
        step.chmod(0o755)
    return made / "data"


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
