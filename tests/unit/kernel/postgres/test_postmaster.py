"""Reading postmaster.pid, and telling a live server from a stale file."""

import os
from pathlib import Path

from huifang.kernel.postgres import postmaster

PID_FILE = "{pid}\n/data\n1790000000\n5432\n/run\n\n  1234 5\n{status}\n"


def write(data: Path, *, pid: int, status: str = "ready   ") -> None:
    (data / "postmaster.pid").write_text(PID_FILE.format(pid=pid, status=status))


def test_the_status_stands_in_the_eighth_line(tmp_path: Path) -> None:
    write(tmp_path, pid=4321)
    assert postmaster.read(tmp_path) == postmaster.Postmaster(4321, "ready")


def test_a_file_that_is_still_being_written_means_starting(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").write_text("4321\n/data\n")
    assert postmaster.read(tmp_path) == postmaster.Postmaster(4321, "starting")


def test_an_empty_file_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").write_text("")
    assert postmaster.read(tmp_path) is None


def test_a_number_that_now_belongs_to_another_program_holds_nothing(tmp_path: Path) -> None:
    write(tmp_path, pid=os.getpid())
    assert postmaster.holder(tmp_path) is None


def test_a_stale_file_is_cleared_away(tmp_path: Path) -> None:
    write(tmp_path, pid=os.getpid())
    postmaster.vacate(tmp_path)
    assert not (tmp_path / "postmaster.pid").exists()
